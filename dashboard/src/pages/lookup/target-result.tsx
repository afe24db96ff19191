import { CircleAlert, CircleCheck, CircleHelp } from 'lucide-react'
import { Link } from 'react-aria-components/Link'
import type { LookupMode, PrivacyReport, TargetAnswer } from '#dash/api/lookup.ts'
import { Badge } from '#dash/ui/badge.tsx'
import { CopyButton } from '#dash/ui/copy.tsx'
import { type Fact, Facts } from '#dash/ui/facts.tsx'
import { countryName, formatDay, plural } from '#dash/ui/format.tsx'
import { Card } from '#dash/ui/page.tsx'
import { CertificateCard, DnsCard, MailCard, RegistrationCard } from './domain-cards.tsx'
import { lookupHref } from './lookup-href.ts'
import { RiskCard } from './risk-card.tsx'
import { SourcesCard } from './sources-card.tsx'

export interface TargetProps {
  readonly answer: TargetAnswer
  readonly mode: LookupMode
}

/** What is known of an address or a domain. */
export function TargetResult({ answer, mode }: TargetProps) {
  return (
    <div className="stack" data-gap="large">
      <TargetHead answer={answer} mode={mode} />
      <div className="columns lookup-cards">
        {answer.network ? <NetworkCard answer={answer} mode={mode} /> : null}
        {answer.privacy !== undefined && answer.bogon !== true && <PrivacyCard privacy={answer.privacy} />}
      </div>
      {answer.sources !== undefined && Object.keys(answer.sources).length > 0 && (
        <SourcesCard sources={answer.sources} />
      )}
      <div className="columns lookup-cards">
        {answer.risk !== undefined && <RiskCard risk={answer.risk} />}
        {answer.whois ? <RegistrationCard registration={answer.whois} /> : null}
        {answer.ssl ? <CertificateCard certificate={answer.ssl} /> : null}
        {answer.mail ? <MailCard mail={answer.mail} /> : null}
      </div>
      {answer.dns ? <DnsCard dns={answer.dns} /> : null}
      {answer.errors !== undefined && <ErrorsCard errors={answer.errors} />}
    </div>
  )
}

function TargetHead({ answer, mode }: TargetProps) {
  const { consensus, resolved_ips: resolved } = answer
  const title = answer.kind === 'domain' ? (answer.domain_unicode ?? answer.domain) : answer.ip
  const country = consensus?.country
  const facts: readonly Fact[] = [
    [
      'Country',
      country
        ? `${countryName(country)}${consensus.agreement === null ? '' : `, by ${Math.round(consensus.agreement * consensus.databases)} of ${plural(consensus.databases, 'database')}`}`
        : null,
    ],
    [
      'Name',
      answer.rdns ? (
        <>
          {answer.rdns} {answer.rdns_confirmed === true && <Badge tone="good">leads back</Badge>}
          {answer.rdns_confirmed === false && <Badge tone="warn">does not lead back</Badge>}
        </>
      ) : null,
    ],
    ['Registered as', answer.registrable_domain !== answer.domain ? answer.registrable_domain : null],
    ['IPv4', addressLinks(resolved?.a, mode)],
    ['IPv6', addressLinks(resolved?.aaaa, mode)],
    [
      'Special',
      answer.bogon_reason ? `${answer.bogon_reason.purpose} (${answer.bogon_reason.reference})` : null,
    ],
  ]
  return (
    <Card
      title={
        <span className="lookup-title">
          {title ?? answer.query}
          <CopyButton text={title ?? answer.query} what={answer.kind === 'ip' ? 'address' : 'domain'} />
        </span>
      }
    >
      <div className="stack">
        <Flags answer={answer} />
        <Facts facts={facts} />
      </div>
    </Card>
  )
}

function Flags({ answer }: { readonly answer: TargetAnswer }) {
  const { privacy, risk } = answer
  return (
    <div className="tag-list">
      <Badge tone="accent">{answer.kind === 'domain' ? 'Domain' : (answer.ip_version ?? 'Address')}</Badge>
      {answer.bogon === true && <Badge tone="warn">Not on the public Internet</Badge>}
      {privacy?.tor === true && <Badge tone="bad">Tor</Badge>}
      {privacy?.vpn === true && <Badge tone="warn">VPN</Badge>}
      {privacy?.proxy === true && <Badge tone="warn">Proxy</Badge>}
      {privacy?.hosting === true && <Badge>Hosting</Badge>}
      {privacy?.cloud_provider ? <Badge>{privacy.cloud_provider}</Badge> : null}
      {(risk?.ip_blacklisted === true || risk?.domain_blacklisted === true) && (
        <Badge tone="bad">On a blocklist</Badge>
      )}
    </div>
  )
}

function addressLinks(addresses: readonly string[] | undefined, mode: LookupMode) {
  if (addresses === undefined || addresses.length === 0) return null
  return (
    <span className="wide-list">
      {addresses.map((address) => (
        <Link key={address} href={lookupHref(address, mode)} className="mono">
          {address}
        </Link>
      ))}
    </span>
  )
}

function NetworkCard({ answer: { network }, mode }: TargetProps) {
  if (!network) return null
  const { registry } = network
  return (
    <Card title="Network">
      <Facts
        facts={[
          [
            'System',
            network.asn === null ? null : (
              <Link href={lookupHref(`AS${network.asn}`, mode)}>AS{network.asn}</Link>
            ),
          ],
          ['Organisation', network.org],
          ['Name', network.name],
          ['Prefix', <code key="prefix">{network.network}</code>],
          ['Registered in', network.country ? countryName(network.country) : null],
          ['Registry', registry?.name],
          ['Given out', registry?.allocated ? formatDay(registry.allocated) : null],
          ['Status', registry?.status],
        ]}
      />
    </Card>
  )
}

const FLAGS = [
  { id: 'vpn', label: 'VPN' },
  { id: 'proxy', label: 'Proxy' },
  { id: 'tor', label: 'Tor' },
  { id: 'hosting', label: 'Hosting' },
] as const

const MATCHED_BY: Readonly<Record<string, string>> = {
  address: 'the address itself',
  prefix: 'a prefix',
  as: 'the whole network',
  blocklist: 'a blocklist',
}

function PrivacyCard({ privacy }: { readonly privacy: PrivacyReport }) {
  const { unknown = [], evidence = [] } = privacy
  return (
    <Card title="Privacy" text="Whether it hides who is behind it, and what says so.">
      <div className="stack">
        <ul className="flag-list">
          {FLAGS.map(({ id, label }) => (
            <li key={id}>
              <FlagMark state={unknown.includes(id) ? undefined : privacy[id]} label={label} />
            </li>
          ))}
          {privacy.cloud_provider !== null && (
            <li>
              <FlagMark
                state
                label={[privacy.cloud_provider, privacy.cloud_service].filter(Boolean).join(' ')}
              />
            </li>
          )}
        </ul>
        {evidence.length > 0 && (
          <ul className="plain-list small">
            {evidence.map(({ flag, by, matched, detail, source }) => (
              <li key={`${flag} ${matched} ${source}`}>
                <span>
                  <strong>{flag}</strong> by {MATCHED_BY[by] ?? by} <code>{matched}</code>
                  {detail ? `, ${detail}` : ''}
                </span>
                <span className="faint">{source}</span>
              </li>
            ))}
          </ul>
        )}
        {unknown.length > 0 && (
          <p className="small faint">No list that could tell is loaded for what is marked as not known.</p>
        )}
      </div>
    </Card>
  )
}

/** Undefined is not known. */
function FlagMark({ state, label }: { readonly state: boolean | undefined; readonly label: string }) {
  const [Icon, tone, word] =
    state === undefined
      ? [CircleHelp, 'faint', 'not known']
      : state
        ? [CircleAlert, 'tone-warn', 'yes']
        : [CircleCheck, 'tone-good', 'no']
  return (
    <>
      <Icon size={16} className={tone} aria-hidden="true" />
      {label}
      <span className="small faint">{word}</span>
    </>
  )
}

const PARTS: Readonly<Record<string, string>> = {
  resolved_ips: 'Addresses',
  rdns: 'Name of the address',
  dns: 'DNS',
  mail: 'Mail',
  whois: 'Registration',
  ssl: 'Certificate',
  ip_blacklists: 'Blocklists of the address',
  domain_blacklists: 'Blocklists of the domain',
  mx_blacklists: 'Blocklists of its mail servers',
}

function partName(part: string): string {
  const [kind, name = ''] = part.split(':')
  return PARTS[part] ?? (kind === 'dns' ? `${name.toUpperCase()} records` : name || part)
}

function ErrorsCard({ errors }: { readonly errors: Readonly<Record<string, string>> }) {
  const entries = Object.entries(errors)
  if (entries.length === 0) return null
  return (
    <Card title="Not known" text="These did not answer, or not in time. Everything else is above.">
      <Facts
        facts={[...Map.groupBy(entries, ([, reason]) => reason)].map(([reason, those]): Fact => [
          reason.charAt(0).toUpperCase() + reason.slice(1).replaceAll('_', ' '),
          those.map(([part]) => partName(part)).join(', '),
        ])}
      />
    </Card>
  )
}
