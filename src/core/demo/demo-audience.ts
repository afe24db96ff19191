import { type ClickPlace, clickPlaces, UNKNOWN_PLACE } from '#core/clicks/click-places.ts'
import type { NetworkView } from '#core/network/network.ts'
import { DEMO_COUNTRIES, DEMO_DATA_CENTRES, DEMO_VPNS, type DemoCountry } from './demo-countries.ts'
import { type SeededRandom, weightedIndex } from './seeded-random.ts'

/** Who demo clicks come from. */
export interface DemoAudience {
  /** Somebody's country. */
  country(random: SeededRandom): DemoCountry
  /** An address of somebody in a country. */
  address(random: SeededRandom, country: DemoCountry): string
  /** An address of a program. */
  programAddress(random: SeededRandom): string
  /** Where an address that was drawn is. */
  placeOf(ip: string): ClickPlace
}

/** A provider's addresses, or the names that stand for them. */
interface Addresses {
  draw(random: SeededRandom): string
}

/** Prefixes of a system that addresses are drawn from, the largest. */
const MAX_PREFIXES = 24
/** Prefixes of a system that are looked at; those of the largest are tens of thousands. */
const MAX_ROUTES = 4_000
/** Addresses of one city of one provider where they are only names. */
const ADDRESSES_PER_CITY = 4_000
/** Of a country's people, who come through a VPN. */
const VPN_SHARE = 0.018

/**
 * The people of {@link DEMO_COUNTRIES}: with addresses that their providers announce, where network data say so, and
 * otherwise with names in place of addresses, whose places are in the table.
 */
export function demoAudience(view: NetworkView | undefined): DemoAudience {
  const invented = new Map<string, ClickPlace>()
  const known = view === undefined ? undefined : clickPlaces(() => view)
  const announced = (asn: number, country?: string) =>
    view === undefined || known === undefined ? undefined : announcedAddresses(view, known, asn, country)

  const ofCountry = new Map(
    DEMO_COUNTRIES.map((country) => {
      const providers = country.networks.map(
        ([asn, organization]) =>
          announced(asn, country.code) ?? inventedAddresses(invented, country, asn, organization),
      )
      // The larger ones come first.
      return [
        country.code,
        { providers, choose: weightedIndex(providers.map((_, rank) => 1 / (rank + 1.4))) },
      ]
    }),
  )
  const ofHost = ({ asn, organization, country: code, continent, network }: (typeof DEMO_VPNS)[number]) =>
    announced(asn) ??
    inventedAddresses(invented, { code, continent, cities: [['', '']] }, asn, organization, network)
  const vpns = DEMO_VPNS.map(ofHost)
  const dataCentres = DEMO_DATA_CENTRES.map(ofHost)
  const chooseCountry = weightedIndex(DEMO_COUNTRIES.map(({ share }) => share))
  const [anywhere] = DEMO_COUNTRIES

  return {
    country(random) {
      const country = DEMO_COUNTRIES[chooseCountry(random)] ?? anywhere
      if (country === undefined) throw new Error('the table of countries is empty')
      return country
    },
    address(random, { code }) {
      if (random.fraction() < VPN_SHARE) return random.pick(vpns).draw(random)
      const there = ofCountry.get(code)
      return there?.providers[there.choose(random)]?.draw(random) ?? ''
    },
    programAddress: (random) => random.pick(dataCentres).draw(random),
    placeOf: (ip) => invented.get(ip.slice(0, ip.lastIndexOf('/'))) ?? known?.(ip) ?? UNKNOWN_PLACE,
  }
}

/** Addresses that a system announces, in the country if one is given; undefined where the data know of none. */
function announcedAddresses(
  view: NetworkView,
  placeOf: (ip: string) => ClickPlace,
  asn: number,
  country: string | undefined,
): Addresses | undefined {
  const prefixes = (view.routesOf(asn, MAX_ROUTES)?.routes ?? [])
    .filter((route) => !route.includes(':'))
    .map(parsePrefix)
    .toSorted((a, b) => b.size - a.size || a.first - b.first)
    .filter(({ first }) => country === undefined || placeOf(textOf(first + 1)).country === country)
    .slice(0, MAX_PREFIXES)
  if (prefixes.length === 0) return undefined
  return {
    draw(random) {
      const { first, size } = random.pick(prefixes)
      return textOf(first + random.below(size))
    },
  }
}

function parsePrefix(route: string): { readonly first: number; readonly size: number } {
  const [ip = '', bits] = route.split('/')
  const first = ip.split('.').reduce((address, octet) => address * 256 + Number(octet), 0)
  return { first, size: 2 ** (32 - Number(bits)) }
}

function textOf(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.')
}

/** Names such as `AS3320-0/17` that stand for addresses, whose places are added to `places`. */
function inventedAddresses(
  places: Map<string, ClickPlace>,
  { code, continent, cities }: Pick<DemoCountry, 'code' | 'continent' | 'cities'>,
  asn: number,
  ...[organization, network = '']: readonly [organization: string, network?: string]
): Addresses {
  const names = cities.map(([city, region], index) => {
    const name = `AS${asn}-${code}${index}`
    places.set(name, { country: code, continent, region, city, asn, organization, network })
    return name
  })
  const choose = weightedIndex(names.map((_, rank) => 1 / (rank + 1.2)))
  return { draw: (random) => `${names[choose(random)] ?? ''}/${random.below(ADDRESSES_PER_CITY)}` }
}
