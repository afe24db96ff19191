import type { IpRecord, NetworkView, Place, Privacy } from '#core/network/network.ts'

/** Where a click came from, and through whose network. What is not known is empty. */
export interface ClickPlace {
  /** ISO 3166-1 alpha-2, in capitals. */
  readonly country: string
  readonly region: string
  readonly city: string
  readonly continent: string
  /** The number of the autonomous system that announces the address. */
  readonly asn: number | undefined
  /** The name of that system's holder. */
  readonly organization: string
  /** `tor`, `vpn` or `hosting`, the first that applies. */
  readonly network: string
}

/** Nothing is known. */
export const UNKNOWN_PLACE: ClickPlace = {
  country: '',
  region: '',
  city: '',
  continent: '',
  asn: undefined,
  organization: '',
  network: '',
}

/** Answers that are kept; the same visitors come again within minutes. When there are more, all are forgotten. */
const MAX_KEPT = 4_096

/**
 * A function that tells where an address is, from the network data as they are at that moment. Of a private or otherwise
 * special address, of a text that is no address, and while there are no data, nothing is known.
 */
export function clickPlaces(view: () => NetworkView | undefined): (ip: string) => ClickPlace {
  const kept = new Map<string, ClickPlace>()
  let keptOf: NetworkView | undefined
  return (ip) => {
    const current = view()
    if (current === undefined) return UNKNOWN_PLACE
    if (current !== keptOf || kept.size >= MAX_KEPT) kept.clear()
    keptOf = current
    const known = kept.get(ip)
    if (known !== undefined) return known
    const record = current.lookUpText(ip)
    const place = record === undefined ? UNKNOWN_PLACE : placeOf(record)
    kept.set(ip, place)
    return place
  }
}

/**
 * The first database to know the country decides on it; a later one adds region and city only when it agrees on the
 * country.
 */
function placeOf(record: IpRecord): ClickPlace {
  const { places, network } = record
  const country = firstOf(places, 'country')
  const agreeing = places.filter((place) => country === '' || place.country === country)
  const [origin] = network?.origins ?? []
  const system = origin ?? places.find(({ asn }) => asn !== undefined)
  return {
    country,
    region: firstOf(agreeing, 'region'),
    city: firstOf(agreeing, 'city'),
    continent: firstOf(agreeing, 'continent'),
    asn: system?.asn,
    organization: system?.organization ?? '',
    network: networkKind(record.privacy),
  }
}

function firstOf(places: readonly Place[], field: 'country' | 'region' | 'city' | 'continent'): string {
  return places.find((place) => place[field] !== '')?.[field] ?? ''
}

function networkKind({ tor, vpn, hosting }: Privacy): string {
  if (tor === true) return 'tor'
  if (vpn === true) return 'vpn'
  return hosting === true ? 'hosting' : ''
}
