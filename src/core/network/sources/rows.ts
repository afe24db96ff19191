/**
 * Addresses of one version, both ends included and `first` ≤ `last`: IPv4 as unsigned numbers of 32 bits, IPv6 as one
 * bigint of 128 bits.
 */
export type AddressRange =
  | { readonly version: 4; readonly first: number; readonly last: number }
  | { readonly version: 6; readonly first: bigint; readonly last: bigint }

/** A day as the number YYYYMMDD, `20250901`; 0 where a source names none. */
export type DayNumber = number

/** Whom the addresses of a range belong to in BGP. Ranges without an AS (ASN 0) are left out. */
export type AsRangeRow = AddressRange & {
  readonly kind: 'as-range'
  readonly asn: number
  /** ISO 3166-1 alpha-2 in capitals; empty where unknown. Of the AS's registration, not of the place. */
  readonly country: string
  /** Name of the AS or of its holder; may be empty. */
  readonly name: string
}

/** Which country the addresses of a range are in. */
export type CountryRangeRow = AddressRange & {
  readonly kind: 'country-range'
  /** ISO 3166-1 alpha-2 in capitals, never empty. */
  readonly country: string
}

/** A prefix seen in BGP with its origin. */
export type PrefixOriginRow = AddressRange & {
  readonly kind: 'prefix-origin'
  readonly prefixLength: number
  /** At least one, the most visible first, none twice. More than one: several origins, or the members of an AS_SET. */
  readonly origins: readonly number[]
  /** Whether an AS_SET is among the origins, so that some of them only may be the origin. */
  readonly hasSet: boolean
}

export type Registry = 'afrinic' | 'apnic' | 'arin' | 'lacnic' | 'ripencc'
export type AllocationStatus = 'allocated' | 'assigned' | 'reserved' | 'available'

interface Allocation {
  readonly registry: Registry
  /** ISO 3166-1 alpha-2 in capitals; empty where unknown (`ZZ`) or none. */
  readonly country: string
  readonly day: DayNumber
  readonly status: AllocationStatus
  /** Joins what one holder has within one registry; may be empty. */
  readonly opaqueId: string
}

/** AS numbers that a registry has given out, or keeps. */
export interface AsAllocationRow extends Allocation {
  readonly kind: 'as-allocation'
  readonly first: number
  readonly last: number
}

/** Addresses that a registry has given out, or keeps. IPv4 ranges need not be prefixes. */
export type IpAllocationRow = AddressRange & Allocation & { readonly kind: 'ip-allocation' }

/** A relation of two ASes. Nobody checks that a file relates a pair only once. */
export interface AsLinkRow {
  readonly kind: 'as-link'
  /** The version of IP it was inferred for. */
  readonly version: 4 | 6
  /** Of a transit link the provider. */
  readonly left: number
  /** Of a transit link the customer. */
  readonly right: number
  readonly relation: 'transit' | 'peering'
  /** Seen in BGP paths. True where the file does not say. */
  readonly isInBgp: boolean
  /** Seen in route servers' communities (multilateral peering). */
  readonly isInMlp: boolean
}

/** What the head of a relationship file says of an AS: in the clique of transit-free networks, or an exchange's own. */
export interface AsRoleRow {
  readonly kind: 'as-role'
  readonly version: 4 | 6
  readonly asn: number
  readonly role: 'clique' | 'exchange'
}

export interface OrganizationRow {
  readonly kind: 'organization'
  /** Unique within the file. */
  readonly id: string
  readonly name: string
  /** ISO 3166-1 alpha-2 in capitals; may be empty. */
  readonly country: string
  /** When the registry last changed it. */
  readonly day: DayNumber
  /** The registry as the file writes it, such as `RIPE`, `ARIN`, `JPNIC`. */
  readonly registry: string
}

export interface AsOrganizationRow {
  readonly kind: 'as-organization'
  readonly asn: number
  /** Name of the AS, such as `HETZNER-AS`. */
  readonly name: string
  /** An {@link OrganizationRow}'s id, which may come before or after, or not at all. */
  readonly organizationId: string
  /** As in the delegated files; may be empty. */
  readonly opaqueId: string
  readonly day: DayNumber
  readonly registry: string
}

/** The customer cone of an AS as observed. */
export interface AsConeRow {
  readonly kind: 'as-cone'
  readonly asn: number
  /** In the order of the file; the AS itself may be one of them. */
  readonly members: readonly number[]
}

export interface AsNameRow {
  readonly kind: 'as-name'
  readonly asn: number
  /** Short name as registered, such as `HETZNER-AS`; may be empty. */
  readonly handle: string
  /** Name as people write it; may be empty, not both. */
  readonly name: string
  /** ISO 3166-1 alpha-2 in capitals; may be empty. */
  readonly country: string
  /** bgp.tools' class (`Eyeball`, `Content`, `Carrier`, `T1`); empty where unknown. */
  readonly networkClass: string
}

export interface AsTagRow {
  readonly kind: 'as-tag'
  readonly asn: number
  /** Of bgp.tools, such as `vpn`, `dsl`, `gov`. */
  readonly tag: string
}

/** Of whom a list of addresses or ASes is. */
export type NetworkList = 'vpn' | 'datacenter' | 'tor-exit'

export type ListedRangeRow = AddressRange & { readonly kind: 'listed-range'; readonly list: NetworkList }

export interface ListedAsRow {
  readonly kind: 'listed-as'
  readonly asn: number
  readonly list: NetworkList
}

/** Addresses a cloud publishes as its own. */
export type CloudRangeRow = AddressRange & {
  readonly kind: 'cloud-range'
  /** As in the source's name, `cloud:<provider>`. */
  readonly provider: string
  /** Such as `EC2`; may be empty. */
  readonly service: string
  /** As the provider writes it, such as `eu-central-1`; may be empty. */
  readonly region: string
  /** ISO 3166-1 alpha-2 in capitals; may be empty. */
  readonly country: string
}

/** What the files of the sources say, a row each. */
export type Row =
  | AsRangeRow
  | CountryRangeRow
  | PrefixOriginRow
  | AsAllocationRow
  | IpAllocationRow
  | AsLinkRow
  | AsRoleRow
  | OrganizationRow
  | AsOrganizationRow
  | AsConeRow
  | AsNameRow
  | AsTagRow
  | ListedRangeRow
  | ListedAsRow
  | CloudRangeRow

/** Takes one row; the row is the taker's to keep. */
export type EmitRow = (row: Row) => void

/** What a file was found to hold. */
export interface FileSummary {
  /** Rows handed out. */
  readonly rows: number
  /** Lines passed over because they are damaged: at most one in a hundred rows, else the file is refused. */
  readonly badRows: number
  /** The day the file says it is of, else 0. */
  readonly day: DayNumber
  /** Which part of its source the file is (`ripencc`, `ipv6`), where the contents tell; else empty. */
  readonly part: string
}

/**
 * Reads one file of one format, decompressed, in pieces of any size. Rows are handed out on the way: whoever collects
 * them throws them away when the file turns out not to be whole.
 */
export interface RowParser {
  /** @throws SourceFormatError when this is not a file of the format */
  push(bytes: Uint8Array): void
  /** @throws SourceFormatError when what has come is not a whole file of the format, or has no row */
  end(): FileSummary
}

/** Begin to read a file. */
export type OpenParser = (emit: EmitRow) => RowParser

/** A file that is not of the format it should have. The message is a sentence that names line and reason. */
export class SourceFormatError extends Error {
  override readonly name = 'SourceFormatError'
}
