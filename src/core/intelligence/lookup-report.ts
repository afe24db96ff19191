import type { AddressReport } from './address-report.ts'
import type { BlocklistReport } from './blocklists.ts'
import type { Certificate } from './certificate.ts'
import type { DnsRecords } from './dns-records.ts'
import type { PartFailure } from './lookup-parts.ts'
import type { DomainTarget, IpTarget } from './lookup-target.ts'
import type { MailSetup } from './mail-provider.ts'
import type { Registration } from './registration.ts'
import type { ReverseName } from './reverse-dns.ts'

/** `lite` asks local data and, for a domain, its addresses; `full` asks everybody. */
export type LookupMode = 'lite' | 'full'

/** What could not be found out, as far as it was asked for. */
interface Failures {
  readonly failures: readonly PartFailure[]
}

/** What is known of an address. */
export interface IpReport extends Failures {
  readonly kind: 'ip'
  readonly target: IpTarget
  readonly address: AddressReport
  /** What others say of it; undefined in `lite`, and nothing of a bogon, of which nobody is asked. */
  readonly findings: IpFindings | undefined
}

/** A part that failed is undefined and named in the report's failures; so is what there is not, and not named. */
export interface IpFindings {
  readonly reverse: ReverseName | undefined
  readonly blocklists: BlocklistReport | undefined
  readonly registration: Registration | undefined
}

/** What is known of a domain. */
export interface DomainReport extends Failures {
  readonly kind: 'domain'
  readonly target: DomainTarget
  /** Its addresses, in the order of the answers; empty where there are none, or nobody said. */
  readonly ipv4: readonly string[]
  readonly ipv6: readonly string[]
  /** What local data tell of the first of them. */
  readonly address: AddressReport | undefined
  /** What others say of it; undefined in `lite`. */
  readonly findings: DomainFindings | undefined
}

export interface DomainFindings extends IpFindings {
  readonly records: DnsRecords | undefined
  readonly mail: MailSetup | undefined
  /** Known for a service that hands out addresses for an hour. */
  readonly isDisposable: boolean
  /** What the first address shows on port 443 for the domain's name. */
  readonly certificate: Certificate | undefined
  readonly domainBlocklists: BlocklistReport | undefined
  /** Of the hosts that take its mail, the most preferred first; undefined when nobody says which those are. */
  readonly mxBlocklists: readonly MxListing[] | undefined
  /** An address of it is not public: of such a domain nobody but the DNS is asked. */
  readonly isPrivate: boolean
}

/** Where the address of a mail host is listed; undefined when nobody says which address that is. */
export interface MxListing {
  readonly host: string
  readonly ip: string | undefined
  readonly report: BlocklistReport | undefined
}

export type LookupReport = IpReport | DomainReport
