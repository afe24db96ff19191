/** Where an address is, and whose network it is in. What is not known is empty. */
export interface GeoAnswer {
  /** ISO 3166-1 alpha-2, in capitals. */
  readonly country: string
  /** English name of the state, province or the like. */
  readonly region: string
  /** English name. */
  readonly city: string
  /** `AF`, `AN`, `AS`, `EU`, `NA`, `OC` or `SA`, as MaxMind and GeoNames write them. */
  readonly continent: string
  /** The number of the autonomous system that announces the address. */
  readonly asn: number | undefined
  /** The name of that system's holder. */
  readonly organization: string
}

/** A database that answers come from. */
export interface GeoSource {
  readonly name: string
  /** The day its data is of, `2026-06-05`. */
  readonly date?: string
  /** An SPDX identifier. */
  readonly license: string
}

/** What is known about IP addresses, without asking anybody. */
export interface Geo extends Disposable {
  /**
   * What is known about an IPv4 or IPv6 address. Of a private or otherwise special address, and of a text that is no
   * address, nothing is known. Whatever the text and the data, it does not throw.
   */
  lookup(ip: string): GeoAnswer
  /** The databases in use, in the order in which they are asked. */
  sources(): readonly GeoSource[]
}

/** Nothing is known. */
export const UNKNOWN_PLACE: GeoAnswer = {
  country: '',
  region: '',
  city: '',
  continent: '',
  asn: undefined,
  organization: '',
}
