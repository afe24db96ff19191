import type { IpRecord, NetworkSource, NetworkView, Place } from '#core/network/network.ts'
import type { BlocklistReport, Listing } from './blocklists.ts'
import type { IpTarget } from './lookup-target.ts'

/** What the geo databases agree on. Databases that do not know the address have no vote. */
export interface CountryConsensus {
  /** What most databases say; among equals, what the more trusted ones say. Empty where none knows. */
  readonly country: string
  /** How many databases say so, and how many say anything. */
  readonly votes: number
  readonly voters: number
}

/** What one loaded geo database says; of an address that it does not know, nothing. */
export interface PlaceReport {
  readonly source: NetworkSource
  readonly place: Place | undefined
}

/** What local data tell of an address. */
export interface AddressReport {
  readonly record: IpRecord
  /** One for each loaded geo database, the most trusted first; none for a bogon, which is not looked up. */
  readonly places: readonly PlaceReport[]
  readonly consensus: CountryConsensus
  /**
   * Whether it passes on what others send: a Tor exit does, and what blocklists call a proxy. Undefined where no list that
   * could say so is loaded.
   */
  readonly isProxy: boolean | undefined
  /** The blocklists that call it one. */
  readonly proxyListings: readonly Listing[]
}

const NOBODY_KNOWS: CountryConsensus = { country: '', votes: 0, voters: 0 }

/** Everything that local data tell of an address, at once. */
export function describeAddress(
  view: NetworkView,
  { version, words }: Pick<IpTarget, 'version' | 'words'>,
): AddressReport {
  return describeRecord(view, view.lookUpIp(version, words))
}

/** The same of an address that was looked up already. */
export function describeRecord(view: Pick<NetworkView, 'geoSources'>, record: IpRecord): AddressReport {
  if (record.special !== undefined)
    return { record, places: [], consensus: NOBODY_KNOWS, isProxy: false, proxyListings: [] }
  return {
    record,
    places: view.geoSources.map((source) => ({ source, place: placeBy(source, record.places) })),
    consensus: consensusOf(record.places),
    isProxy: record.privacy.tor,
    proxyListings: [],
  }
}

/** What a geo database says of an address. */
export function placeBy(source: NetworkSource, places: readonly Place[]): Place | undefined {
  for (const place of places) if (place.source === source) return place
  return undefined
}

/** What blocklists call addresses that anybody can send through. */
const PROXY = /\b(?:open )?prox(?:y|ies)\b|\bsocks\b/i

/** The report with what blocklists add to it. */
export function withBlocklists(
  address: AddressReport,
  blocklists: BlocklistReport | undefined,
): AddressReport {
  const proxyListings = (blocklists?.listings ?? []).filter(({ meaning = '' }) => PROXY.test(meaning))
  return proxyListings.length === 0 ? address : { ...address, isProxy: true, proxyListings }
}

/** Which country most of the places are in. */
export function consensusOf(places: readonly Pick<Place, 'country'>[]): CountryConsensus {
  let country = ''
  let votes = 0
  let voters = 0
  for (const place of places) {
    if (place.country === '') continue
    voters++
    let equal = 0
    for (const other of places) if (other.country === place.country) equal++
    if (equal > votes) {
      country = place.country
      votes = equal
    }
  }
  return votes === 0 ? NOBODY_KNOWS : { country, votes, voters }
}
