import type { Column, Columns } from '#ports/network/flat-file.ts'
import { fillWords } from './address-words.ts'
import { GrowingColumn } from './growing-column.ts'
import { type Boundaries, resolveIpv4, resolveIpv6 } from './resolve-ranges.ts'
import { ipv4MapBuilder, ipv6MapBuilder, type RangeMap, readRangeMap } from './range-map.ts'
import type { AsRangeRow, PrefixOriginRow } from './sources/rows.ts'

/** The bits of a network that was given as a range and need not be a prefix. */
export const NO_BITS = 255
const NOBODY: readonly number[] = []
const MAX_LOWER_HALF = 2n ** 64n - 1n

/** Who announces what: the addresses of both versions, the announced prefixes, and which of them are whose. */
export interface NetworksBuilder {
  /** @param source its number in the file; @param layer which of two sources counts: the higher one */
  addRange(row: AsRangeRow, source: number, layer: number): void
  addPrefix(row: PrefixOriginRow, source: number, layer: number): void
  /** For each network in the order of addresses: its addresses' number, and the system that announces it first. */
  visitIpv4(visit: (first: number, size: number, asn: number) => void): void
  /** @param indexOf the place of a system in the file's table of systems */
  columns(indexOf: (asn: number) => number, systems: number): ReadonlyMap<string, Column>
  /** The sources of the prefixes that are counted and listed, by version; 0 where there are none. */
  routeSources(): { readonly ipv4: number; readonly ipv6: number }
}

interface Collected<Address extends number | bigint> {
  readonly first: Address[]
  readonly last: Address[]
  /** Number of its {@link Entries} entry plus 1. */
  readonly value: number[]
  readonly layer: number[]
  /** The layer whose networks are listed as routes; the highest met. */
  routeLayer: number
  routeSource: number
}

export function networksBuilder(): NetworksBuilder {
  const entries = entriesBuilder()
  const ipv4: Collected<number> = { first: [], last: [], value: [], layer: [], routeLayer: 0, routeSource: 0 }
  const ipv6: Collected<bigint> = { first: [], last: [], value: [], layer: [], routeLayer: 0, routeSource: 0 }
  let resolved4: Boundaries<number> | undefined

  const add = (row: AsRangeRow | PrefixOriginRow, value: number, source: number, layer: number): void => {
    const collected = row.version === 4 ? ipv4 : ipv6
    if (row.version === 4) {
      ipv4.first.push(row.first)
      ipv4.last.push(row.last)
    } else {
      ipv6.first.push(row.first)
      ipv6.last.push(row.last)
    }
    collected.value.push(value)
    collected.layer.push(layer)
    if (layer > collected.routeLayer) {
      collected.routeLayer = layer
      collected.routeSource = source
    }
  }
  const resolvedIpv4 = () => (resolved4 ??= resolveIpv4(ipv4))

  return {
    addRange: (row, source, layer) => add(row, entries.id([row.asn], NO_BITS, source), source, layer),
    addPrefix: (row, source, layer) =>
      add(row, entries.id(row.origins, row.prefixLength, source), source, layer),
    visitIpv4(visit) {
      const { starts, values } = resolvedIpv4()
      for (const [index, value] of values.entries())
        if (value > 0) {
          const first = starts[index] ?? 0
          visit(first, (starts[index + 1] ?? 2 ** 32) - first, entries.firstOrigin(value))
        }
    },
    routeSources: () => ({ ipv4: ipv4.routeSource, ipv6: ipv6.routeSource }),
    columns(indexOf, systems) {
      const map4 = ipv4MapBuilder({ keepsNeighbours: true })
      const map6 = ipv6MapBuilder({ keepsNeighbours: true })
      addBoundaries(map4, resolvedIpv4())
      addBoundaries(map6, resolveIpv6(ipv6))
      const whose = { entries, indexOf, systems }
      return new Map<string, Column>([
        ...map4.columns('net/v4-'),
        ...map6.columns('net/v6-'),
        ...entries.columns(indexOf),
        ...routeColumns('routes4/', routesOf(ipv4, 32), whose),
        ...routeColumns('routes6/', routesOf(ipv6, 128), whose),
      ])
    },
  }
}

/** Put resolved ranges into a map. */
export function addBoundaries<Address extends number | bigint>(
  map: { add(words: Uint32Array, value: number): void },
  { starts, values }: Boundaries<Address>,
): void {
  const words = new Uint32Array(4)
  for (const [index, start] of starts.entries()) {
    fillWords(words, start)
    map.add(words, values[index] ?? 0)
  }
}

/** What networks have in common with many others: origins, length, source. */
interface Entries {
  /** Above 0. */
  id(origins: readonly number[], bits: number, source: number): number
  firstOrigin(id: number): number
  originsOf(id: number): readonly number[]
  columns(indexOf: (asn: number) => number): ReadonlyMap<string, Column>
}

function entriesBuilder(): Entries {
  const ids = new Map<string, number>()
  const origins: (readonly number[])[] = [[]]
  const bitsOf = new GrowingColumn()
  const sourceOf = new GrowingColumn()
  bitsOf.push(0)
  sourceOf.push(0)
  return {
    id(asns, bits, source) {
      const key = `${source} ${bits} ${asns.join()}`
      const known = ids.get(key)
      if (known !== undefined) return known
      const id = origins.length
      ids.set(key, id)
      origins.push(asns)
      bitsOf.push(bits)
      sourceOf.push(source)
      return id
    },
    firstOrigin: (id) => origins[id]?.[0] ?? 0,
    originsOf: (id) => origins[id] ?? [],
    columns(indexOf) {
      const at = new GrowingColumn()
      const others = new GrowingColumn()
      for (const asns of origins) {
        at.push(others.length)
        for (const asn of asns.slice(1)) others.push(asn)
      }
      at.push(others.length)
      return new Map<string, Column>([
        ['net/origin', Uint32Array.from(origins, ([first = 0]) => first)],
        // Plus 1, so that 0 is none.
        ['net/system', Uint32Array.from(origins, ([first = 0]) => indexOf(first) + 1)],
        ['net/othersAt', at.array()],
        ['net/others', others.array()],
        ['net/bits', Uint8Array.from(bitsOf.array())],
        ['net/source', Uint8Array.from(sourceOf.array())],
      ])
    },
  }
}

interface Routes {
  /** As a number of 128 bits, or of 32. */
  readonly first: (number | bigint)[]
  readonly bits: number[]
  readonly value: number[]
}

/** The networks of the best source, as prefixes, by address and then by length. */
function routesOf<Address extends number | bigint>(
  { first, last, value, layer, routeLayer }: Collected<Address>,
  width: 32 | 128,
): Routes {
  const routes: Routes = { first: [], bits: [], value: [] }
  for (const [index, network] of first.entries()) {
    if (layer[index] !== routeLayer) continue
    const add = (start: number | bigint, bits: number): void => {
      routes.first.push(start)
      routes.bits.push(bits)
      routes.value.push(value[index] ?? 0)
    }
    if (width === 32) splitIpv4(Number(network), Number(last[index]), add)
    else splitIpv6(BigInt(network), BigInt(last[index] ?? 0), add)
  }
  const order = routes.first.map((_, index) => index)
  order.sort((a, b) => {
    const left = routes.first[a] ?? 0
    const right = routes.first[b] ?? 0
    return left < right ? -1 : left > right ? 1 : (routes.bits[a] ?? 0) - (routes.bits[b] ?? 0)
  })
  return {
    first: order.map((index) => routes.first[index] ?? 0),
    bits: order.map((index) => routes.bits[index] ?? 0),
    value: order.map((index) => routes.value[index] ?? 0),
  }
}

/** The prefixes that a range consists of, in order. */
function splitIpv4(first: number, last: number, visit: (first: number, bits: number) => void): void {
  for (let start = first; start <= last;) {
    let size = 1
    let bits = 32
    while (bits > 0 && start % (size * 2) === 0 && start + size * 2 - 1 <= last) {
      size *= 2
      bits--
    }
    visit(start, bits)
    start += size
  }
}

function splitIpv6(first: bigint, last: bigint, visit: (first: bigint, bits: number) => void): void {
  for (let start = first; start <= last;) {
    let bits = 128
    let size = 1n
    // Most ranges consist of whole /64: the first half of the way is one step.
    if ((start & MAX_LOWER_HALF) === 0n && start + MAX_LOWER_HALF <= last) {
      bits = 64
      size = MAX_LOWER_HALF + 1n
    }
    while (bits > 0 && (start & (size * 2n - 1n)) === 0n && start + size * 2n - 1n <= last) {
      size *= 2n
      bits--
    }
    visit(start, bits)
    start += size
  }
}

function routeColumns(
  name: string,
  { first, bits, value }: Routes,
  whose: { readonly entries: Entries; readonly indexOf: (asn: number) => number; readonly systems: number },
): [string, Column][] {
  const width = name === 'routes4/' ? 1 : 4
  const addresses = new Uint32Array(first.length * width)
  const words = new Uint32Array(4)
  const counts = new Uint32Array(whose.systems + 1)
  const ownersOf = (route: number) =>
    whose.entries.originsOf(value[route] ?? 0).flatMap((asn) => {
      const index = whose.indexOf(asn)
      return index < 0 ? [] : [index]
    })
  for (const [route, network] of first.entries()) {
    fillWords(words, network)
    addresses.set(width === 1 ? words.subarray(3) : words, route * width)
    for (const owner of ownersOf(route)) counts[owner + 1] = (counts[owner + 1] ?? 0) + 1
  }
  for (let owner = 0; owner < whose.systems; owner++)
    counts[owner + 1] = (counts[owner + 1] ?? 0) + (counts[owner] ?? 0)
  const next = counts.slice()
  const rows = new Uint32Array(counts[whose.systems] ?? 0)
  for (const route of first.keys())
    for (const owner of ownersOf(route)) {
      const at = next[owner] ?? 0
      rows[at] = route
      next[owner] = at + 1
    }
  return [
    [`${name}first`, addresses],
    [`${name}bits`, Uint8Array.from(bits)],
    [`${name}entry`, Uint32Array.from(value)],
    [`${name}of`, rows],
    // In a group of its own: how many there are is asked much more often than which.
    [`as/${name.slice(0, -1)}At`, counts],
  ]
}

/** The networks of an open file. */
export interface Networks {
  map(version: 4 | 6): RangeMap
  entry: {
    /** Values are below this. */
    readonly count: number
    origin(value: number): number
    /** Its place in the table of systems; -1 where it has none. */
    system(value: number): number
    /** The others that announce it too, the most visible first. */
    others(value: number): readonly number[]
    /** {@link NO_BITS} for a range. */
    bits(value: number): number
    source(value: number): number
  }
  routes(version: 4 | 6): RouteTable
}

/** The announced prefixes of a version, by address and then by length. */
export interface RouteTable {
  readonly length: number
  fill(route: number, words: Uint32Array): void
  bits(route: number): number
  value(route: number): number
  /** How many a system announces, by its place in the table of systems. */
  countOf(system: number): number
  /** The number of the n-th. */
  routeOf(system: number, n: number): number
  /** The first route whose address is not before that one, or is after it. */
  firstNotBefore(words: Uint32Array): number
  firstAfter(words: Uint32Array): number
}

export function readNetworks(columns: Columns): Networks {
  const maps = { 4: readRangeMap(columns, 'net/v4-', 4), 6: readRangeMap(columns, 'net/v6-', 6) }
  const origin = columns.u32('net/origin')
  const system = columns.u32('net/system')
  const othersAt = columns.u32('net/othersAt')
  const others = columns.u32('net/others')
  const bits = columns.u8('net/bits')
  const source = columns.u8('net/source')
  let routes4: RouteTable | undefined
  let routes6: RouteTable | undefined
  return {
    map: (version) => maps[version],
    entry: {
      count: origin.length,
      origin: (value) => origin[value] ?? 0,
      system: (value) => (system[value] ?? 0) - 1,
      others(value) {
        const from = othersAt[value] ?? 0
        const to = othersAt[value + 1] ?? 0
        return from === to ? NOBODY : [...others.subarray(from, to)]
      },
      bits: (value) => bits[value] ?? 0,
      source: (value) => source[value] ?? 0,
    },
    routes: (version) =>
      version === 4
        ? (routes4 ??= readRoutes(columns, 'routes4', 1))
        : (routes6 ??= readRoutes(columns, 'routes6', 4)),
  }
}

function readRoutes(columns: Columns, name: string, width: 1 | 4): RouteTable {
  const counts = columns.u32(`as/${name}At`)
  let loaded: ReturnType<typeof load> | undefined
  const load = () => ({
    first: columns.u32(`${name}/first`),
    bits: columns.u8(`${name}/bits`),
    entry: columns.u32(`${name}/entry`),
    of: columns.u32(`${name}/of`),
  })
  const table = () => (loaded ??= load())
  /** -1 before, 0 at, 1 after the address. */
  const compare = (route: number, words: Uint32Array): number => {
    const { first } = table()
    for (let word = 0; word < width; word++) {
      const left = first[route * width + word] ?? 0
      const right = words[4 - width + word] ?? 0
      if (left !== right) return left < right ? -1 : 1
    }
    return 0
  }
  const search = (words: Uint32Array, isPast: (order: number) => boolean): number => {
    let low = 0
    let high = table().bits.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (isPast(compare(middle, words))) high = middle
      else low = middle + 1
    }
    return low
  }
  return {
    get length() {
      return table().bits.length
    },
    fill(route, words) {
      words.fill(0)
      for (let word = 0; word < width; word++)
        words[4 - width + word] = table().first[route * width + word] ?? 0
    },
    bits: (route) => table().bits[route] ?? 0,
    value: (route) => table().entry[route] ?? 0,
    countOf: (system) => Math.max(0, (counts[system + 1] ?? 0) - (counts[system] ?? 0)),
    routeOf: (system, n) => table().of[(counts[system] ?? 0) + n] ?? 0,
    firstNotBefore: (words) => search(words, (order) => order >= 0),
    firstAfter: (words) => search(words, (order) => order > 0),
  }
}
