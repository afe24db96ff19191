import type { BlocklistReport } from '#core/intelligence/blocklists.ts'
import type { Certificate } from '#core/intelligence/certificate.ts'
import type { DnsRecords } from '#core/intelligence/dns-records.ts'
import type { DomainFindings, IpFindings, LookupReport } from '#core/intelligence/lookup-report.ts'
import type { Registration } from '#core/intelligence/registration.ts'
import type { Line, Section } from './render-lookup.ts'

/** The most texts, names and failures of a kind that are printed. */
const SHOWN = 10

/** What others say of an address or a domain, and who did not answer; nothing of a lookup that asked nobody. */
export function findingSections({ findings, failures }: LookupReport): readonly Section[] {
  if (findings === undefined) return failureSections(failures)
  const reports = [findings.blocklists, ...('records' in findings ? reportsOf(findings) : [])]
  return [
    { title: 'reverse DNS', lines: reverseLines(findings) },
    ...('records' in findings ? domainSections(findings) : []),
    { title: 'registration', lines: registrationLines(findings.registration) },
    { title: 'blocklists', lines: blocklistLines(findings) },
    ...failureSections([
      ...failures,
      ...reports.flatMap((report) =>
        (report?.failures ?? []).map(({ zone, reason }) => ({ part: zone, reason })),
      ),
    ]),
  ]
}

function reportsOf({ domainBlocklists, mxBlocklists }: DomainFindings) {
  return [domainBlocklists, ...(mxBlocklists ?? []).map(({ report }) => report)]
}

function failureSections(failures: readonly { readonly part: string; readonly reason: string }[]): Section[] {
  const byReason = Map.groupBy(failures, ({ reason }) => reason)
  const lines = [...byReason].map(([reason, of]): Line => {
    const names = [...new Set(of.map(({ part }) => part.replaceAll('-', ' ')))]
    return [reason.replaceAll('-', ' '), listed(names)]
  })
  return [{ title: 'not answered', lines }]
}

function reverseLines({ reverse }: IpFindings): Line[] {
  return reverse === undefined
    ? []
    : [['name', `${reverse.name}${reverse.isConfirmed ? '' : ' (leads elsewhere)'}`]]
}

function domainSections({ records, mail, certificate, isDisposable, isPrivate }: DomainFindings): Section[] {
  return [
    { title: 'DNS', lines: recordLines(records) },
    {
      title: 'mail',
      lines: [
        ['provider', mail?.provider ?? ''],
        ['filtered by', mail?.gateway ?? ''],
        ['takes mail', mail?.isNullMx === true ? 'no' : ''],
        ['disposable', isDisposable ? 'yes' : ''],
      ],
    },
    { title: 'certificate', lines: certificateLines(certificate) },
    { title: '', lines: [['private', isPrivate ? 'an address is not public: only the DNS was asked' : '']] },
  ]
}

function recordLines(records: DnsRecords | undefined): Line[] {
  if (records === undefined) return []
  const { mx, ns, soa, txt, caa, spf, dmarc, mtaSts, bimi, hasDs, hasDnskey } = records
  return [
    ['MX', listed(mx.map(({ preference, exchange }) => `${preference} ${exchange || '.'}`))],
    ['NS', listed(ns)],
    ['SOA', soa === undefined ? '' : `${soa.primary} ${soa.responsible} ${soa.serial}`],
    ['CAA', listed(caa.map(({ tag, value }) => `${tag} ${value}`))],
    ['DNSSEC', hasDs === undefined ? '' : hasDs && hasDnskey === true ? 'signed' : 'not signed'],
    ['SPF', printable(spf ?? '')],
    ['DMARC', printable(dmarc ?? '')],
    ['MTA-STS', printable(mtaSts ?? '')],
    ['BIMI', printable(bimi ?? '')],
    ...txt
      .filter((text) => text !== spf)
      .slice(0, SHOWN)
      .map((text): Line => ['TXT', printable(text)]),
  ]
}

function certificateLines(certificate: Certificate | undefined): Line[] {
  if (certificate === undefined) return []
  const { subject, issuer, sans, validFrom, validTo, daysRemaining, protocol, key, problem } = certificate
  const days = `${day(validFrom)} – ${day(validTo)}, ${daysRemaining} days left`
  return [
    ['subject', printable(subject.commonName ?? '')],
    ['issuer', printable([issuer.organization, issuer.commonName].filter(Boolean).join(', '))],
    ['valid', problem === undefined ? days : `${days}: ${problem.replaceAll('-', ' ')}`],
    ['for', listed(sans)],
    ['protocol', [protocol, key.type, key.bits ?? key.curve].filter(Boolean).join(' ')],
  ]
}

function registrationLines(registration: Registration | undefined): Line[] {
  if (registration === undefined) return []
  const { registrar, organization, country, created, updated, expires, network, abuseContact } = registration
  const { status, nameServers, source, server } = registration
  return [
    ['registrar', printable(registrar ?? '')],
    ['holder', printable([organization, country].filter(Boolean).join(', '))],
    ['network', network === undefined ? '' : printable(`${network.range} ${network.name ?? ''}`.trim())],
    ['created', created ?? ''],
    ['updated', updated ?? ''],
    ['expires', expires ?? ''],
    ['status', listed(status)],
    ['name servers', listed(nameServers)],
    ['abuse', printable(abuseContact ?? '')],
    ['by', `${source === 'rdap' ? 'RDAP' : 'WHOIS'}, ${server}`],
  ]
}

function blocklistLines(findings: IpFindings | DomainFindings): Line[] {
  const mx = 'mxBlocklists' in findings ? (findings.mxBlocklists ?? []) : []
  return [
    ...reportLines('address', findings.blocklists),
    ...('domainBlocklists' in findings ? reportLines('domain', findings.domainBlocklists) : []),
    ...mx.flatMap(({ host, report }) => reportLines(host, report)),
  ]
}

function reportLines(what: string, report: BlocklistReport | undefined): Line[] {
  if (report === undefined) return []
  const { listings, zones } = report
  return [
    [what, `on ${listings.length} of ${zones.answered} lists that answered, of ${zones.asked}`],
    ...listings.map(({ name, zone, meaning }): Line => [
      `  ${zone}`,
      [name, meaning].filter(Boolean).join(': '),
    ]),
  ]
}

function listed(names: readonly string[]): string {
  const left = names.length - SHOWN
  return `${names.slice(0, SHOWN).map(printable).join(', ')}${left > 0 ? ` and ${left} more` : ''}`
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10)
}

/** What strangers write, without what a terminal would obey. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, '�')
}
