/** What an autonomous system is for; absent where nothing says so. The rules are decision 12. */
export type AsType = 'ISP' | 'HOSTING' | 'BUSINESS' | 'EDUCATION' | 'GOVERNMENT'

/** A regional Internet registry. */
export type Rir = 'AFRINIC' | 'APNIC' | 'ARIN' | 'LACNIC' | 'RIPE'

/** One set of data that answers are made from. */
export interface NetworkSource {
  /** As `onehop data import` and `data status` know it: `caida-as-rel`, `mmdb:dbip-city`. */
  readonly name: string
  /** `CAIDA AS Relationships`. */
  readonly title: string
  /** An SPDX identifier, or the name of the terms. */
  readonly license: string
  /** The day the data is of, `2026-06-17`; undefined where neither the file nor its publisher says. */
  readonly date: string | undefined
  readonly rows: number
}

/** What stands for a source that a damaged file does not name. */
export const NO_SOURCE: NetworkSource = { name: '', title: '', license: '', date: undefined, rows: 0 }

/** A value, and who says so. */
export interface Sourced<T> {
  readonly value: T
  readonly source: NetworkSource
}

/** What lists and neighbours show of an autonomous system. What is not known is empty. */
export interface AsBrief {
  readonly asn: number
  /** The registered handle, `HETZNER-AS`. */
  readonly name: string
  /** The holder, `Hetzner Online GmbH`. */
  readonly organization: string
  /** Where it is registered: ISO 3166-1 alpha-2. */
  readonly country: string
}

export interface AsRegistration {
  readonly rir: Rir
  /** `2002-06-03`; undefined where the registry does not say. */
  readonly allocatedOn: string | undefined
  /** As the registries write it, in capitals. */
  readonly status: 'ALLOCATED' | 'ASSIGNED' | 'RESERVED' | 'AVAILABLE'
  /** The registry's country of the holder; empty where there is none. */
  readonly country: string
}

/** How many prefixes a system announces. Undefined is a version that no loaded source covers. */
export interface RouteCounts {
  readonly ipv4: number | undefined
  readonly ipv6: number | undefined
}

/** Everything that is known about one autonomous system, each value with its source. */
export interface AsRecord extends AsBrief {
  readonly sources: {
    readonly name: NetworkSource | undefined
    readonly organization: NetworkSource | undefined
    readonly country: NetworkSource | undefined
  }
  /** `rule` says what it was concluded from: `bgp.tools tag "uni"`, `name`. */
  readonly type: (Sourced<AsType> & { readonly rule: string }) | undefined
  readonly domain: Sourced<string> | undefined
  readonly registration: Sourced<AsRegistration> | undefined
  /** What {@link routesOf} would list; undefined when no source says which prefixes are announced. */
  readonly routes: Sourced<RouteCounts> | undefined
  /** Tags that a source gives it: `anycast`, `ddosm`; each a hint about the network as a whole. */
  readonly tags: readonly Sourced<string>[]
}

/** A neighbour in the AS graph. */
export interface Neighbour extends AsBrief {
  /** How the relation was seen: in BGP paths, in the multilateral peering of an exchange, both; undefined where the file does not say. */
  readonly seen: 'bgp' | 'mlp' | 'bgp,mlp' | undefined
}

export interface Neighbours {
  readonly providers: readonly Neighbour[]
  readonly customers: readonly Neighbour[]
  readonly peers: readonly Neighbour[]
}

export interface NeighbourCounts {
  readonly providers: number
  readonly customers: number
  readonly peers: number
}

/** A system's place in the graph of one version of IP. */
export interface AsGraph extends NeighbourCounts {
  readonly source: NetworkSource
  /** How many systems are in its customer cone, itself included. */
  readonly cone: {
    readonly size: number
    /** Counted by us along customers of customers; false when it is CAIDA's observed cone (`caida-ppdc`). */
    readonly isEstimate: boolean
    readonly source: NetworkSource
  }
}

/** The graphs that are loaded, or a system's neighbours in each. */
export interface ByIpVersion<T> {
  readonly ipv4: T | undefined
  readonly ipv6: T | undefined
}

/** A block that the IANA registries set aside. */
export interface SpecialBlock {
  readonly prefix: string
  /** `private use`. */
  readonly purpose: string
  /** `RFC 1918`. */
  readonly reference: string
}

/** An IPv4 address that an IPv6 address carries. */
export interface EmbeddedAddress {
  readonly kind: 'compatible' | 'nat64' | '6to4' | 'teredo-server' | 'teredo-client'
  readonly ip: string
}

/** The network an address is in. */
export interface AddressNetwork {
  /** The longest prefix that contains the address and lies in the range; what is announced, where a source says so. */
  readonly prefix: string
  readonly first: string
  readonly last: string
  /** Who announces it, the most visible first; several are a conflict or an agreement (MOAS). */
  readonly origins: readonly AsBrief[]
  readonly source: NetworkSource
}

/** What one geo database says about an address. What it does not know is empty. */
export interface Place {
  readonly source: NetworkSource
  /** ISO 3166-1 alpha-2. */
  readonly country: string
  readonly region: string
  readonly city: string
  /** `AF`, `AN`, `AS`, `EU`, `NA`, `OC` or `SA`. */
  readonly continent: string
  readonly postalCode: string
  readonly latitude: number | undefined
  readonly longitude: number | undefined
  /** IANA time zone. */
  readonly timeZone: string
  /** The network by the same database, for those that say so. */
  readonly asn: number | undefined
  readonly organization: string
}

/** One reason for a privacy flag. */
export interface PrivacyEvidence {
  readonly flag: 'vpn' | 'tor' | 'hosting' | 'cloud'
  /** What was matched, from the strongest to the weakest: the address itself, a prefix of a list, the whole system. */
  readonly by: 'address' | 'prefix' | 'as'
  /** The prefix or system that was matched: `185.220.101.0/24`, `AS24940`. */
  readonly matched: string
  /** The provider or service that the list names: `aws EC2 eu-central-1`. */
  readonly detail: string
  readonly source: NetworkSource
}

/** Undefined is: no list that could say so is loaded. */
export interface Privacy {
  readonly vpn: boolean | undefined
  readonly tor: boolean | undefined
  readonly hosting: boolean | undefined
  /** The cloud provider whose published ranges contain the address, `aws`; empty when none does. */
  readonly cloudProvider: string | undefined
  /** The part of it that the range names; empty where it names none. */
  readonly cloudService: string
  readonly evidence: readonly PrivacyEvidence[]
}

/** Everything that is known about one address. */
export interface IpRecord {
  /** In its canonical form (RFC 5952); a mapped address as the IPv4 address it is. */
  readonly ip: string
  readonly version: 4 | 6
  /** Not an address of the public Internet; nothing below is looked up then. */
  readonly special: SpecialBlock | undefined
  /** IPv4 addresses inside an IPv6 one. */
  readonly embedded: readonly EmbeddedAddress[]
  readonly network: AddressNetwork | undefined
  /** The registry that the block was given out by, and when. */
  readonly allocation: Sourced<AddressAllocation> | undefined
  /** One for each geo database that knows the address, the most trusted first. */
  readonly places: readonly Place[]
  readonly privacy: Privacy
}

/** A block of addresses as its registry gave it out. */
export interface AddressAllocation {
  readonly rir: Rir
  readonly country: string
  readonly allocatedOn: string | undefined
  readonly status: 'ALLOCATED' | 'ASSIGNED' | 'RESERVED' | 'AVAILABLE'
  readonly first: string
  readonly last: string
}

/** A prefix, who announces it, and what is announced around it. */
export interface PrefixRecord {
  /** With its host bits cleared. */
  readonly prefix: string
  readonly special: SpecialBlock | undefined
  /** The announced network that is this prefix, else the next larger one that contains it. */
  readonly network: AddressNetwork | undefined
  /** Announced parts of it, in the order of addresses, up to a limit. */
  readonly moreSpecifics: readonly AddressNetwork[]
  readonly moreSpecificsCount: number
}

/** An organisation's systems that match a search. */
export interface CompanyMatch {
  readonly organization: string
  readonly country: string
  readonly systems: readonly AsBrief[]
}

export type NetworkMatch =
  | { readonly kind: 'as'; readonly as: AsBrief }
  | { readonly kind: 'prefix'; readonly network: AddressNetwork }

export interface NetworkSearch {
  /** What the query was taken for. */
  readonly kind: 'asn' | 'ip' | 'prefix' | 'name'
  readonly matches: readonly NetworkMatch[]
  /** How many there are beside those that are listed too. */
  readonly total: number
}

export interface SearchPage<T> {
  readonly matches: readonly T[]
  readonly total: number
}

/** A list that may be longer than what is shown of it. */
export interface RoutesPage {
  /** Prefixes, IPv4 first, in the order of addresses. */
  readonly routes: readonly string[]
  readonly total: number
  readonly source: NetworkSource
}

/**
 * One state of the network data. Its methods answer from memory at once; a view that was taken stays usable while newer
 * data takes its place, until the current turn of the event loop ends.
 */
export interface NetworkView {
  readonly builtAt: Date
  readonly sources: readonly NetworkSource[]
  /** The geo databases among them, the most trusted first. */
  readonly geoSources: readonly NetworkSource[]
  /** An address as `parseIp` reads it. */
  lookUpIp(version: 4 | 6, words: Uint32Array): IpRecord
  /** {@link lookUpIp} of an address as it is written; undefined for a text that is none. */
  lookUpText(text: string): IpRecord | undefined
  /** The number of the first system that announces an address; 0 where none is known. Allocates nothing. */
  asnOf(version: 4 | 6, words: Uint32Array): number
  findAs(asn: number): AsRecord | undefined
  briefOf(asn: number): AsBrief
  /** Undefined for a graph that is not loaded; of a system outside it, no neighbours. */
  graphOf(asn: number): ByIpVersion<AsGraph>
  neighboursOf(asn: number): ByIpVersion<Neighbours>
  /** Undefined when no loaded source says what is announced. */
  routesOf(asn: number, limit: number): RoutesPage | undefined
  lookUpPrefix(version: 4 | 6, words: Uint32Array, bits: number): PrefixRecord
  searchSystems(query: string, limit: number): SearchPage<AsBrief>
  searchCompanies(query: string, limit: number): SearchPage<CompanyMatch>
}

/** The network data of this process. */
export interface NetworkData {
  /** @throws DomainError `network-data-loading` until there is any */
  view(): NetworkView
}
