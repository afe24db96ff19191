import { parseIp, parseIpv4 } from '#ports/geo/parse-ip.ts'
import { embeddedIpv4, specialBlockOf } from '#ports/geo/special-addresses.ts'
import type { Columns } from '#ports/network/flat-file.ts'
import { fillEnds, formatIp, formatIpv4, widestBits } from './address-words.ts'
import { readGraph } from './as-graph.ts'
import { type Announced, Ipv4Network } from './ipv4-network.ts'
import { keeping, keptValues } from './kept-values.ts'
import { readNames } from './names-index.ts'
import {
  type AddressAllocation,
  type AddressNetwork,
  type AsBrief,
  type AsGraph,
  type AsRecord,
  type ByIpVersion,
  type CompanyMatch,
  type IpRecord,
  type Neighbour,
  type Neighbours,
  type NetworkSource,
  type NetworkView,
  type Place,
  type Privacy,
  type PrivacyEvidence,
  type SearchPage,
  type Sourced,
  type SpecialBlock,
  NO_SOURCE,
} from './network.ts'
import { parseFacts } from './network-facts.ts'
import { NO_BITS, readNetworks } from './networks.ts'
import { readPlaceSets, readPlaceTable } from './places.ts'
import { LISTS, type ListMatch, readPrivacy } from './privacy.ts'
import { type RangeMap, readRangeMap } from './range-map.ts'
import { readSystems, registrationOf } from './systems.ts'

/** The most parts of a prefix that are listed. */
const MAX_MORE_SPECIFICS = 100
/** The most that a search sorts by size; beyond them the order of numbers stands. */
const MAX_SORTED = 5_000
/** How many systems, and what they announce, are kept as objects. */
const MAX_KEPT_BRIEFS = 131_072
/** How many networks of IPv6, whose texts take long to make, are kept as objects: some ten megabytes. */
const MAX_KEPT_NETWORKS = 32_768

/** An address and its version together. */
interface Address {
  readonly version: 4 | 6
  readonly words: Uint32Array
}

/** What all networks with the same value say: of those who announce them, by which source, and what that means. */
interface Announcement extends Announced {
  /** Of its addresses that no list has. */
  readonly privacy: Privacy
}

/**
 * What a flat file answers.
 *
 * @throws Error when its facts are not those of network data
 */
export function openNetworkView(columns: Columns & { readonly facts: unknown }): NetworkView {
  const facts = parseFacts(columns.facts)
  const sources = facts.sources.map(({ name, title, license, date, rows }): NetworkSource => ({
    name,
    title,
    license,
    date: date === '' ? undefined : date,
    rows,
  }))
  const sourceAt = (number: number): NetworkSource => sources[number - 1] ?? NO_SOURCE
  const knownSource = (number: number): NetworkSource | undefined => sources[number - 1]
  const systems = readSystems(columns)
  const networks = readNetworks(columns)
  const net4 = networks.map(4)
  const net6 = networks.map(6)
  const graph4 = readGraph(columns, 'graph4/')
  const graph6 = readGraph(columns, 'graph6/')
  const names = readNames(columns)
  const privacy = readPrivacy(columns)
  const allocated = allocationsOf(columns)
  const geoSources = facts.places.map(({ source }) => sourceAt(source))
  const places = facts.places.map(({ source, group }) =>
    readPlaceTable(columns, `${group}/`, sourceAt(source)),
  )
  const tags = facts.tags.map((tag) => {
    const space = tag.indexOf(' ')
    return { name: tag.slice(space + 1), source: sourceAt(Number(tag.slice(0, space))) }
  })
  const hasRoutes = { 4: facts.routes.ipv4 > 0, 6: facts.routes.ipv6 > 0 }
  const offWhere = (list: string): false | undefined => (facts.lists[list] === undefined ? undefined : false)
  /** Of an address that no list has. */
  const nothingListed: Privacy = {
    vpn: offWhere('vpn'),
    tor: offWhere('tor-exit'),
    hosting: offWhere('datacenter'),
    cloudProvider: offWhere('cloud') === undefined ? undefined : '',
    cloudService: '',
    evidence: [],
  }
  const networks6 = keptValues<AddressNetwork>(MAX_KEPT_NETWORKS, MAX_KEPT_NETWORKS)
  const placeSets = readPlaceSets(columns, places)
  let places6: readonly RangeMap[] | undefined
  const asked = new Uint32Array(4)
  const first = new Uint32Array(4)
  const last = new Uint32Array(4)

  function briefOf(asn: number): AsBrief {
    const system = systems.placeOf(asn)
    if (system < 0)
      return { asn, name: '', organization: '', country: systems.registration(asn)?.value.country ?? '' }
    return briefAt(system)
  }

  const briefOfSystem = keeping(
    (systemPlus1): AsBrief => describe(systemPlus1 - 1),
    systems.count + 1,
    MAX_KEPT_BRIEFS,
  )

  function briefAt(system: number): AsBrief {
    return briefOfSystem(system + 1)
  }

  function describe(system: number): AsBrief {
    return {
      asn: systems.numberAt(system),
      name: systems.name(system),
      organization: systems.organization(system) || systems.name(system),
      country: systems.country(system),
    }
  }

  const announcementOf = keeping(
    (value): Announcement => ({
      bits: networks.entry.bits(value) === NO_BITS ? undefined : networks.entry.bits(value),
      origins: originsOf(value),
      source: sourceAt(networks.entry.source(value)),
      privacy: privacyByHost(value),
    }),
    networks.entry.count,
    MAX_KEPT_BRIEFS,
  )

  function ipv4NetworkOf(words: Uint32Array, row: number, announcement: Announcement): AddressNetwork {
    if (announcement.bits === undefined) net4.extent(words, row, first, last)
    else fillEnds({ version: 4, words }, announcement.bits, first, last)
    return new Ipv4Network(announcement, words[3] ?? 0, first[3] ?? 0, last[3] ?? 0)
  }

  function ipv6NetworkOf(words: Uint32Array, row: number, announcement: Announcement): AddressNetwork {
    const host: Address = { version: 6, words }
    const known = networks6.get(row + 1)
    if (known !== undefined) return known
    let { bits } = announcement
    if (bits === undefined) {
      net6.extent(words, row, first, last)
      bits = widestBits(host, first, last)
    } else fillEnds(host, bits, first, last)
    const start = formatIp(6, first)
    const end = formatIp(6, last)
    fillEnds(host, bits, first, last)
    const networkStart = formatIp(6, first)
    const network = {
      prefix: `${networkStart}/${bits}`,
      first: start,
      last: end,
      origins: announcement.origins,
      source: announcement.source,
    }
    // Of a range that is no network the prefix depends on the address; all else has one answer for all of a row.
    if (networkStart === start && formatIp(6, last) === end) networks6.set(row + 1, network)
    return network
  }

  function originsOf(value: number): AsBrief[] {
    const asn = networks.entry.origin(value)
    const system = networks.entry.system(value)
    const origins = [system < 0 ? briefOf(asn) : briefAt(system)]
    for (const other of networks.entry.others(value)) origins.push(briefOf(other))
    return origins
  }

  function placesOfIpv6(words: Uint32Array): readonly Place[] {
    const maps = (places6 ??= places.map((table) => table.ipv6()))
    return places.flatMap((table, at) => {
      const value = maps[at]?.valueAt(maps[at].row(words)) ?? 0
      return value === 0 ? [] : [table.at(value)]
    })
  }

  /** @param written the address in its canonical form, where somebody has it: to make it takes a part of the time */
  function lookUpIp(version: 4 | 6, words: Uint32Array, written?: string): IpRecord {
    const special = specialBlockOf(version, words)
    // Asked for before the rest: what comes out of memory is waited for while that is done.
    let placeSet = 0
    let row = -1
    if (version === 4 && special === undefined) {
      placeSet = placeSets.idOf(words[3] ?? 0)
      row = net4.row(words)
    }
    const ip = written ?? formatIp(version, words)
    const carried = version === 4 ? NOTHING_EMBEDDED : embeddedIpv4(version, words)
    const embedded =
      carried.length === 0
        ? NOTHING_EMBEDDED
        : carried.map(({ kind, address }) => ({ kind, ip: formatIpv4(address) }))
    if (special !== undefined)
      return {
        ip,
        version,
        embedded,
        special: described(special),
        network: undefined,
        allocation: undefined,
        places: NOWHERE,
        privacy: NO_PRIVACY,
      }
    // What an IPv6 address that carries an IPv4 one is asked about is the host behind it.
    const behind = carried.at(-1)
    const isIpv4 = version === 4 || behind !== undefined
    const host = behind === undefined ? words : wordsOfIpv4(behind.address)
    if (version === 6) {
      if (isIpv4) placeSet = placeSets.idOf(host[3] ?? 0)
      row = (isIpv4 ? net4 : net6).row(host)
    }
    const value = (isIpv4 ? net4 : net6).valueAt(row)
    const announcement = value === 0 ? undefined : announcementOf(value)
    return {
      ip,
      version,
      embedded,
      special: undefined,
      network:
        announcement === undefined
          ? undefined
          : isIpv4
            ? ipv4NetworkOf(host, row, announcement)
            : ipv6NetworkOf(host, row, announcement),
      allocation: allocated(isIpv4 ? 4 : 6, host, sourceAt),
      places: isIpv4 ? placeSets.at(placeSet) : placesOfIpv6(host),
      privacy: privacyOf(
        isIpv4 ? privacy.ipv4.at(host[3] ?? 0) : privacy.ipv6.valueAt(privacy.ipv6.row(host)),
        announcement?.privacy ?? nothingListed,
      ),
    }
  }

  function isHoster(value: number): boolean {
    const host = networks.entry.system(value)
    return host >= 0 && (systems.listedBy(host) > 0 || systems.type(host) === 'HOSTING')
  }

  /** Of an address that no list has, by who announces it. */
  function privacyByHost(value: number): Privacy {
    return isHoster(value)
      ? { ...nothingListed, hosting: true, evidence: [hosterEvidence(value)] }
      : nothingListed
  }

  /** @param ofHost what holds of the address because of who announces it */
  function privacyOf(set: number, ofHost: Privacy): Privacy {
    if (set === 0) return ofHost
    const evidence: PrivacyEvidence[] = []
    const matchOf = (list: number, flag: PrivacyEvidence['flag']): ListMatch | undefined => {
      const row = privacy.rowOf(set, list)
      if (row === 0) return undefined
      const match = privacy.match(row)
      evidence.push({
        flag,
        by: match.isAddress ? 'address' : 'prefix',
        matched: match.matched,
        detail: [match.provider, match.service].filter(Boolean).join(' '),
        source: sourceAt(match.source),
      })
      return match
    }
    const tor = matchOf(TOR, 'tor')
    const vpn = matchOf(VPN, 'vpn')
    const cloud = matchOf(CLOUD, 'cloud')
    const datacenter = matchOf(DATACENTER, 'hosting')
    evidence.push(...ofHost.evidence)
    const isHosting = cloud !== undefined || datacenter !== undefined
    return {
      vpn: vpn !== undefined || nothingListed.vpn,
      tor: tor !== undefined || nothingListed.tor,
      hosting: isHosting || ofHost.hosting,
      cloudProvider: cloud?.provider ?? nothingListed.cloudProvider,
      cloudService: cloud?.service ?? '',
      evidence,
    }
  }

  function hosterEvidence(value: number): PrivacyEvidence {
    const system = networks.entry.system(value)
    const listedBy = systems.listedBy(system)
    return {
      flag: 'hosting',
      by: 'as',
      matched: `AS${networks.entry.origin(value)}`,
      detail: listedBy > 0 ? 'list of datacenters' : systems.rule(system),
      source: sourceAt(listedBy > 0 ? listedBy : systems.sourceOf('type', system)),
    }
  }

  function graphsOf<T>(read: (graph: NonNullable<typeof graph4>, version: 4 | 6) => T): ByIpVersion<T> {
    return {
      ipv4: graph4 === undefined ? undefined : read(graph4, 4),
      ipv6: graph6 === undefined ? undefined : read(graph6, 6),
    }
  }

  function sizeOf(system: number, asn: number): number {
    const customers = graph4?.counts(asn).customers ?? 0
    return customers * 1_000_000 + networks.routes(4).countOf(system) + networks.routes(6).countOf(system)
  }

  /** Systems whose names fit, the best first; among equals the larger, then the lower number. */
  function ranked(query: string): { readonly system: number; readonly fit: number; readonly asn: number }[] {
    const found = names.search(query).map(({ system, fit }) => {
      const asn = systems.numberAt(system)
      return { system, fit, asn, size: 0 }
    })
    if (found.length <= MAX_SORTED) for (const match of found) match.size = sizeOf(match.system, match.asn)
    return found.sort((a, b) => a.fit - b.fit || b.size - a.size || a.asn - b.asn)
  }

  function sourced<T>(value: T, source: number): Sourced<T> {
    return { value, source: sourceAt(source) }
  }

  return {
    builtAt: new Date(facts.builtAtMs),
    sources,
    geoSources,
    asnOf(version, words) {
      const map = version === 4 ? net4 : net6
      return networks.entry.origin(map.valueAt(map.row(words)))
    },
    lookUpIp,
    lookUpText(text) {
      const ipv4 = parseIpv4(text)
      if (ipv4 >= 0) {
        asked[0] = asked[1] = asked[2] = 0
        asked[3] = ipv4
        return lookUpIp(4, asked, text)
      }
      const version = parseIp(text, asked)
      return version === undefined ? undefined : lookUpIp(version, asked)
    },
    briefOf,
    findAs(asn) {
      const system = systems.placeOf(asn)
      const registration = systems.registration(asn)
      const isGivenOut =
        registration !== undefined &&
        (registration.value.status === 'ALLOCATED' || registration.value.status === 'ASSIGNED')
      if (system < 0 && !isGivenOut) return undefined
      return {
        ...briefOf(asn),
        sources: {
          name: knownSource(systems.sourceOf('name', system)),
          organization: knownSource(
            systems.sourceOf('organization', system) || systems.sourceOf('name', system),
          ),
          country: knownSource(systems.sourceOf('country', system) || (registration?.source ?? 0)),
        },
        type: typeOf(system),
        domain: systems.domain(system) === '' ? undefined : domainOf(system),
        registration: registration && sourced(registration.value, registration.source),
        routes: routeCountsOf(system),
        tags: tagsOf(system),
      }
    },
    graphOf: (asn) =>
      graphsOf((graph, version): AsGraph => {
        const source = sourceAt(facts.graph[version] ?? 0)
        const observedBy = facts.cones[version] ?? 0
        return {
          ...graph.counts(asn),
          source,
          cone: {
            size: graph.cone(asn),
            isEstimate: observedBy === 0,
            source: observedBy === 0 ? source : sourceAt(observedBy),
          },
        }
      }),
    neighboursOf: (asn) =>
      graphsOf((graph): Neighbours => {
        const described = ({ asn: neighbour, seen }: ReturnType<typeof graph.peers>[number]): Neighbour => ({
          ...briefOf(neighbour),
          seen,
        })
        return {
          providers: graph.providers(asn).map(described),
          customers: graph.customers(asn).map(described),
          peers: graph.peers(asn).map(described),
        }
      }),
    routesOf(asn, limit) {
      if (!hasRoutes[4] && !hasRoutes[6]) return undefined
      const system = systems.placeOf(asn)
      const routes: string[] = []
      let total = 0
      for (const version of [4, 6] as const) {
        const table = networks.routes(version)
        const count = system < 0 ? 0 : table.countOf(system)
        total += count
        for (let n = 0; n < count && routes.length < limit; n++)
          routes.push(prefixOf(version, table.routeOf(system, n)))
      }
      return { routes, total, source: sourceAt(facts.routes.ipv4 || facts.routes.ipv6) }
    },
    lookUpPrefix(version, words, bits) {
      const address = { version, words }
      const table = networks.routes(version)
      const begin = new Uint32Array(4)
      const end = new Uint32Array(4)
      fillEnds(address, bits, begin, end)
      const from = table.firstNotBefore(begin)
      const to = table.firstAfter(end)
      // Larger networks with the same start stand before the prefix itself; of several with its length one is listed.
      let inside = from
      while (inside < to && table.bits(inside) <= bits) inside++
      const parts: AddressNetwork[] = []
      for (let route = inside; route < to && parts.length < MAX_MORE_SPECIFICS; route++)
        parts.push(announcedNetwork(version, route))
      return {
        prefix: `${formatIp(version, begin)}/${bits}`,
        special: specialPrefix(address),
        network: coveringNetwork(address, bits),
        moreSpecifics: parts,
        moreSpecificsCount: to - inside,
      }
    },
    searchSystems(query, limit): SearchPage<AsBrief> {
      const found = ranked(query)
      return {
        matches: found.slice(0, limit).map(({ system }) => briefAt(system)),
        total: found.length,
      }
    },
    searchCompanies(query, limit): SearchPage<CompanyMatch> {
      const companies = new Map<number, { readonly system: number; readonly systems: AsBrief[] }>()
      for (const { system } of ranked(query)) {
        const group = systems.group(system)
        const known = companies.get(group)
        if (known !== undefined) known.systems.push(briefAt(system))
        else companies.set(group, { system, systems: [briefAt(system)] })
      }
      const matches = [...companies.values()].slice(0, limit).map(({ system, systems: members }) => ({
        organization: systems.organization(system) || systems.name(system),
        country: members.find(({ country }) => country !== '')?.country ?? '',
        systems: members,
      }))
      return { matches, total: companies.size }
    },
  }

  function typeOf(system: number): AsRecord['type'] {
    const value = systems.type(system)
    if (value === undefined) return undefined
    const rule = systems.rule(system)
    const source = systems.sourceOf('type', system) || (facts.graph[4] ?? facts.graph[6] ?? 0)
    return { ...sourced(value, source), rule }
  }

  function domainOf(system: number): Sourced<string> {
    return sourced(systems.domain(system), systems.sourceOf('domain', system))
  }

  function routeCountsOf(system: number): AsRecord['routes'] {
    const { ipv4, ipv6 } = facts.routes
    if (ipv4 === 0 && ipv6 === 0) return undefined
    const countIn = (version: 4 | 6) => (system < 0 ? 0 : networks.routes(version).countOf(system))
    return sourced(
      { ipv4: ipv4 === 0 ? undefined : countIn(4), ipv6: ipv6 === 0 ? undefined : countIn(6) },
      ipv4 || ipv6,
    )
  }

  function tagsOf(system: number): Sourced<string>[] {
    const mask = systems.tags(system)
    return tags.flatMap(({ name, source }, bit) =>
      ((mask >>> bit) & 1) === 1 ? [{ value: name, source }] : [],
    )
  }

  function prefixOf(version: 4 | 6, route: number): string {
    const words = new Uint32Array(4)
    const table = networks.routes(version)
    table.fill(route, words)
    return `${formatIp(version, words)}/${table.bits(route)}`
  }

  function announcedNetwork(version: 4 | 6, route: number): AddressNetwork {
    const words = new Uint32Array(4)
    const table = networks.routes(version)
    table.fill(route, words)
    const bits = table.bits(route)
    fillEnds({ version, words }, bits, first, last)
    const value = table.value(route)
    return {
      prefix: `${formatIp(version, first)}/${bits}`,
      first: formatIp(version, first),
      last: formatIp(version, last),
      origins: originsOf(value),
      source: sourceAt(networks.entry.source(value)),
    }
  }

  /** The smallest announced network that contains a prefix; what the addresses' map knows of where nothing is announced. */
  function coveringNetwork({ version, words }: Address, bits: number): AddressNetwork | undefined {
    const table = networks.routes(version)
    const begin = new Uint32Array(4)
    for (let length = bits; length >= 0; length--) {
      fillEnds({ version, words }, length, begin, last)
      const end = table.firstAfter(begin)
      for (let route = table.firstNotBefore(begin); route < end; route++)
        if (table.bits(route) === length) return announcedNetwork(version, route)
    }
    return undefined
  }
}

const NOTHING_EMBEDDED: readonly never[] = []
const NOWHERE: readonly never[] = []

/** Of an address that is nobody's all flags are known to be off. */
const NO_PRIVACY: Privacy = {
  vpn: false,
  tor: false,
  hosting: false,
  cloudProvider: '',
  cloudService: '',
  evidence: [],
}

const VPN = LISTS.indexOf('vpn')
const DATACENTER = LISTS.indexOf('datacenter')
const TOR = LISTS.indexOf('tor-exit')
const CLOUD = LISTS.indexOf('cloud')

function specialPrefix({ version, words }: Address) {
  const special = specialBlockOf(version, words)
  return special && described(special)
}

/** The registry's words alone. */
function described({ prefix, purpose, reference }: SpecialBlock): SpecialBlock {
  return { prefix, purpose, reference }
}

function wordsOfIpv4(address: number): Uint32Array {
  return Uint32Array.of(0, 0, 0, address)
}

function allocationsOf(columns: Columns) {
  const maps = { 4: readRangeMap(columns, 'allocated/v4-', 4), 6: readRangeMap(columns, 'allocated/v6-', 6) }
  const registry = columns.u8('allocated/registry')
  const country = columns.u16('allocated/country')
  const day = columns.u32('allocated/day')
  const source = columns.u8('allocated/source')
  return (
    version: 4 | 6,
    words: Uint32Array,
    sourceAt: (number: number) => NetworkSource,
  ): Sourced<AddressAllocation> | undefined => {
    const map = maps[version]
    const row = map.row(words)
    const value = map.valueAt(row)
    if (value === 0) return undefined
    const first = new Uint32Array(4)
    const last = new Uint32Array(4)
    map.extent(words, row, first, last)
    const registration = registrationOf(registry[value] ?? 0, country[value] ?? 0, day[value] ?? 0)
    return {
      value: { ...registration, first: formatIp(version, first), last: formatIp(version, last) },
      source: sourceAt(source[value] ?? 0),
    }
  }
}
