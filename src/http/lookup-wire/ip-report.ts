import type { AddressReport } from '#core/intelligence/address-report.ts'
import type { DomainReport, IpFindings, LookupReport } from '#core/intelligence/lookup-report.ts'
import type { PartFailure } from '#core/intelligence/lookup-parts.ts'
import {
  certificateToWire,
  domainRiskToWire,
  errorsToWire,
  ipRiskToWire,
  registrationToWire,
  reverseToWire,
} from './ip-findings.ts'
import { addressToWire } from './ip-local.ts'
import { dnsToWire, mailToWire } from './ip-records.ts'

/** What the contract shows of a lookup; see `docs/dialects/lynk.md` for what stands beside the documented fields. */
export function reportToWire(report: LookupReport) {
  return report.kind === 'domain'
    ? domainToWire(report)
    : ipToWire(report.address, report.findings, report.failures)
}

/** Of an address. Without findings there is only what local data tell. */
export function ipToWire(
  address: AddressReport,
  findings?: IpFindings,
  failures: readonly PartFailure[] = [],
) {
  if (findings === undefined) return { type: 'ip', ...addressToWire(address), errors: {} }
  return {
    type: 'ip',
    ...addressToWire(address, reverseToWire(findings.reverse)),
    whois: registrationToWire(findings.registration),
    risk: ipRiskToWire(findings),
    errors: errorsToWire(failures, { reports: [findings.blocklists] }),
  }
}

function domainToWire({ target, ipv4, ipv6, address, findings, failures }: DomainReport) {
  const { domain, unicode, registrable, publicSuffix } = target
  const named = {
    type: 'domain',
    domain,
    ...(unicode !== domain && { domain_unicode: unicode }),
    registrable_domain: registrable ?? null,
    public_suffix: publicSuffix,
    ip: null,
  }
  const resolved = { resolved_ips: { a: ipv4, aaaa: ipv6 } }
  if (findings === undefined)
    return {
      ...named,
      ...(address && addressToWire(address)),
      ...resolved,
      errors: errorsToWire(failures),
    }
  const { records, blocklists, domainBlocklists, mxBlocklists } = findings
  const reports = [blocklists, domainBlocklists, ...(mxBlocklists ?? []).map(({ report }) => report)]
  return {
    ...named,
    ...(address && addressToWire(address, reverseToWire(findings.reverse))),
    ...resolved,
    dns: dnsToWire(records),
    mail: mailToWire(findings),
    whois: registrationToWire(findings.registration),
    ssl: certificateToWire(findings.certificate),
    risk: domainRiskToWire(findings),
    errors: errorsToWire(failures, { reports, records, mail: findings.mail }),
  }
}
