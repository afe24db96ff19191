import type { BlocklistReport } from '#core/intelligence/blocklists.ts'
import type { Certificate, CertificateName } from '#core/intelligence/certificate.ts'
import type { DnsRecords } from '#core/intelligence/dns-records.ts'
import type { MailSetup } from '#core/intelligence/mail-provider.ts'
import type { PartFailure, PartName } from '#core/intelligence/lookup-parts.ts'
import type { DomainFindings, IpFindings, MxListing } from '#core/intelligence/lookup-report.ts'
import type { Registration } from '#core/intelligence/registration.ts'
import type { ReverseName } from '#core/intelligence/reverse-dns.ts'

/** The name of an address, and whether that name leads back to it. */
export function reverseToWire(reverse: ReverseName | undefined) {
  return {
    rdns: reverse?.name ?? null,
    ...(reverse !== undefined && { rdns_confirmed: reverse.isConfirmed }),
  }
}

/** `risk` of an address. Source: contract "Example Response (IP)"; `ip_zones` and `ip_listings` are ours. */
export function ipRiskToWire({ blocklists }: Pick<IpFindings, 'blocklists'>) {
  return {
    ip_blacklisted: isListed(blocklists),
    ip_blacklist_count: blocklists?.listings.length ?? 0,
    ip_blacklists: blocklists?.listings.map(({ zone }) => zone) ?? [],
    ...(blocklists && { ip_listings: listingsToWire(blocklists), ip_zones: blocklists.zones }),
  }
}

/** `risk` of a domain. Source: contract "Example Response (Domain)"; what stands behind the three flags is ours. */
export function domainRiskToWire(findings: DomainFindings) {
  const { domainBlocklists, mxBlocklists } = findings
  const { ip_blacklisted, ...ofIp } = ipRiskToWire(findings)
  return {
    ip_blacklisted,
    domain_blacklisted: isListed(domainBlocklists),
    mx_blacklisted: isAnyListed(mxBlocklists),
    ...ofIp,
    domain_blacklist_count: domainBlocklists?.listings.length ?? 0,
    domain_blacklists: domainBlocklists?.listings.map(({ zone }) => zone) ?? [],
    ...(domainBlocklists && {
      domain_listings: listingsToWire(domainBlocklists),
      domain_zones: domainBlocklists.zones,
    }),
    mx:
      mxBlocklists?.map(({ host, ip, report }) => ({
        host,
        ip: ip ?? null,
        blacklisted: isListed(report),
        ...(report && { listings: listingsToWire(report), zones: report.zones }),
      })) ?? null,
  }
}

/** Null when no list has answered: then nobody knows, and the address is not clean. */
function isListed(report: BlocklistReport | undefined): boolean | null {
  if (report === undefined) return null
  return report.listings.length > 0 ? true : report.zones.answered === 0 ? null : false
}

function isAnyListed(listings: readonly MxListing[] | undefined): boolean | null {
  if (listings === undefined) return null
  const known = listings.map(({ report }) => isListed(report))
  if (known.includes(true)) return true
  // Of a domain without mail hosts none is listed.
  return known.includes(null) ? null : false
}

function listingsToWire({ listings }: BlocklistReport) {
  return listings.map(({ zone, name, codes, meaning, reason }) => ({
    zone,
    name,
    codes,
    ...(meaning !== undefined && { meaning }),
    ...(reason !== undefined && { reason }),
  }))
}

/** `whois`, null where nothing is registered, or nobody said. */
export function registrationToWire(registration: Registration | undefined) {
  if (registration === undefined) return null
  const { registrar, created, updated, expires, status, nameServers, organization, country } = registration
  const { network, abuseContact, dnssec, source, server, handle } = registration
  return {
    registrar: registrar ?? null,
    created: created ?? null,
    updated: updated ?? null,
    expires: expires ?? null,
    status,
    ...(network === undefined && { name_servers: nameServers }),
    organization: organization ?? null,
    country: country ?? null,
    ...(network !== undefined && { network: network.range, network_name: network.name ?? null }),
    ...(abuseContact !== undefined && { abuse_contact: abuseContact }),
    ...(dnssec !== undefined && { dnssec }),
    ...(handle !== undefined && { handle }),
    source,
    server,
  }
}

/** `ssl`; `issuer` is the organisation, as in the contract's example. Null where there is no certificate to see. */
export function certificateToWire(certificate: Certificate | undefined) {
  if (certificate === undefined) return null
  const { issuer, subject, sans, validFrom, validTo, chain, problem } = certificate
  const { protocol, cipher, key, isTrusted, isHostMatch, daysRemaining, fingerprint256 } = certificate
  return {
    issuer: issuer.organization ?? issuer.commonName ?? null,
    issuer_name: issuer.commonName ?? null,
    subject: subject.commonName ?? sans[0] ?? null,
    valid_from: instant(validFrom),
    valid_to: instant(validTo),
    days_remaining: daysRemaining,
    sans,
    valid: problem === undefined,
    ...(problem !== undefined && { problem: onWire(problem) }),
    trusted: isTrusted,
    host_match: isHostMatch,
    protocol,
    ...(cipher !== undefined && { cipher }),
    key,
    fingerprint_sha256: fingerprint256,
    chain: chain.map((link) => ({
      subject: nameToWire(link.subject),
      issuer: nameToWire(link.issuer),
      valid_to: instant(link.validTo),
    })),
  }
}

function nameToWire({ commonName, organization }: CertificateName): string | null {
  return commonName ?? organization ?? null
}

function instant(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`
}

/** What a source is called on the wire. */
const SOURCES: Readonly<Record<PartName, string>> = {
  addresses: 'resolved_ips',
  'reverse-dns': 'rdns',
  'dns-records': 'dns',
  'mail-provider': 'mail',
  registration: 'whois',
  certificate: 'ssl',
  'ip-blocklists': 'ip_blacklists',
  'domain-blocklists': 'domain_blacklists',
  'mx-blocklists': 'mx_blacklists',
}

/** `errors`: why each source that failed is missing, lists and types of records that did by their names. */
export function errorsToWire(
  failures: readonly PartFailure[],
  details: {
    readonly reports?: readonly (BlocklistReport | undefined)[]
    readonly records?: DnsRecords | undefined
    readonly mail?: MailSetup | undefined
  } = {},
) {
  const errors: Record<string, string> = {}
  for (const { part, reason } of failures) errors[SOURCES[part]] = onWire(reason)
  if (details.mail?.failure !== undefined) errors['mail'] = onWire(details.mail.failure)
  for (const report of details.reports ?? [])
    for (const { zone, reason } of report?.failures ?? []) errors[`dnsbl:${zone}`] = onWire(reason)
  for (const { type, reason } of details.records?.failures ?? [])
    errors[`dns:${onWire(type.toLowerCase())}`] = onWire(reason)
  return errors
}

/** Codes as this API writes them. */
function onWire(code: string): string {
  return code.replaceAll('-', '_')
}
