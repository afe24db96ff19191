import type {
  CertificateReport,
  DnsReport,
  MailHost,
  MailReport,
  RegistrationReport,
} from '#dash/api/lookup.ts'
import { Badge } from '#dash/ui/badge.tsx'
import { type Fact, Facts } from '#dash/ui/facts.tsx'
import { countryName, formatDay } from '#dash/ui/format.tsx'
import { Card } from '#dash/ui/page.tsx'

/** Who registered it, where and until when. */
export function RegistrationCard({ registration }: { readonly registration: RegistrationReport }) {
  const { registrar, created, updated, expires, status = [], name_servers: nameServers } = registration
  return (
    <Card title="Registration">
      <Facts
        facts={[
          ['Registrar', registrar],
          ['Organisation', registration.organization],
          ['Country', registration.country ? countryName(registration.country) : null],
          ['Network', registration.network],
          ['Network name', registration.network_name],
          ['Created', dayOf(created)],
          ['Updated', dayOf(updated)],
          ['Expires', dayOf(expires)],
          ['Status', lines(status)],
          ['Name servers', lines(nameServers)],
          ['Abuse contact', registration.abuse_contact],
          [
            'Answered by',
            [registration.source?.toUpperCase(), registration.server].filter(Boolean).join(', '),
          ],
        ]}
      />
    </Card>
  )
}

/** The certificate that its web server shows. */
export function CertificateCard({ certificate }: { readonly certificate: CertificateReport }) {
  const { days_remaining: days, problem, valid } = certificate
  return (
    <Card
      title="Certificate"
      actions={
        valid === false ? (
          <Badge tone="bad">{problem?.replaceAll('_', ' ') ?? 'Not valid'}</Badge>
        ) : (
          <Badge tone={days < 14 ? 'warn' : 'good'}>{days} days left</Badge>
        )
      }
    >
      <Facts
        facts={[
          ['Issued by', [certificate.issuer, certificate.issuer_name].filter(Boolean).join(', ')],
          ['For', certificate.subject],
          ['Valid from', dayOf(certificate.valid_from)],
          ['Valid until', dayOf(certificate.valid_to)],
          ['Names', lines(certificate.sans.slice(0, 8), certificate.sans.length - 8)],
          ['Protocol', certificate.protocol],
        ]}
      />
    </Card>
  )
}

/** Who takes its mail, and how it says which mail is its own. */
export function MailCard({ mail }: { readonly mail: MailReport }) {
  return (
    <Card
      title="Mail"
      actions={mail.disposable === true ? <Badge tone="warn">Disposable addresses</Badge> : undefined}
    >
      <Facts
        facts={[
          ['Provider', mail.provider],
          ['Gateway', mail.gateway],
          ['Takes mail', mail.null_mx === true ? 'No' : lines(mail.mx_records.map(mailHost))],
          ['SPF', policy(mail.spf)],
          ['DMARC', policy(mail.dmarc)],
          ['MTA-STS', policy(mail.mta_sts)],
        ]}
      />
    </Card>
  )
}

/** Its DNS records. */
export function DnsCard({ dns }: { readonly dns: DnsReport }) {
  const facts: readonly Fact[] = [
    ['A', lines(dns.a)],
    ['AAAA', lines(dns.aaaa)],
    ['MX', lines(dns.mx.map(mailHost))],
    ['NS', lines(dns.ns)],
    ['TXT', lines(dns.txt)],
    ['SOA', dns.soa ? `${dns.soa.mname} ${dns.soa.rname} ${dns.soa.serial}` : null],
    ['CAA', lines(dns.caa?.map(({ tag, value }) => `${tag} ${value}`))],
  ]
  return (
    <Card
      title="DNS"
      actions={
        dns.dnssec?.ds == null ? undefined : dns.dnssec.ds ? (
          <Badge tone="good">Signed</Badge>
        ) : (
          <Badge>Not signed</Badge>
        )
      }
    >
      {facts.some(([, value]) => value !== null) ? (
        <Facts facts={facts} />
      ) : (
        <p className="soft">No records are known.</p>
      )}
    </Card>
  )
}

/** Registries' dates are not always dates. */
function dayOf(text: string | null | undefined): string | null {
  if (!text) return null
  return Number.isNaN(Date.parse(text)) ? text : formatDay(text)
}

function lines(texts: readonly string[] = [], more = 0) {
  if (texts.length === 0) return null
  return (
    <ul className="mono-lines">
      {texts.map((text) => (
        <li key={text}>{text}</li>
      ))}
      {more > 0 && <li className="faint">and {more} more</li>}
    </ul>
  )
}

function mailHost({ priority, exchange }: MailHost): string {
  return `${priority} ${exchange}`
}

/** A record as it stands, or the parts it was read into. */
function policy(value: unknown) {
  if (value === null || value === undefined) return <span className="faint">none</span>
  if (typeof value === 'string') return <code>{value}</code>
  if (typeof value !== 'object') return null
  const { record, policy: word } = value as { readonly record?: unknown; readonly policy?: unknown }
  if (typeof record === 'string') return <code>{record}</code>
  return typeof word === 'string' ? word : <code>{JSON.stringify(value)}</code>
}
