import { statSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { continentOf } from '#ports/geo/continents.ts'
import { openMmdb } from '#ports/geo/mmdb.ts'
import type { Column, FlatContents } from '#ports/network/flat-file.ts'
import { asGraphBuilder } from './as-graph.ts'
import { NO_FACTS, type NetworkFacts } from './network-facts.ts'
import { namesColumns } from './names-index.ts'
import { addBoundaries, networksBuilder } from './networks.ts'
import { addMmdb, NO_FIELDS, placeSetColumns, type PlaceTableBuilder, placeTableBuilder } from './places.ts'
import { privacyBuilder } from './privacy.ts'
import { resolveIpv4, resolveIpv6 } from './resolve-ranges.ts'
import { ipv4MapBuilder, ipv6MapBuilder, type RangeMapBuilder } from './range-map.ts'
import { allocationNumber, systemsBuilder } from './systems.ts'
import { countryNumber } from './country-number.ts'
import type { AddressRange, CountryRangeRow, EmitRow, IpAllocationRow, Row } from './sources/rows.ts'

/** One source whose data are to be compiled. */
export interface CompileSource {
  readonly name: string
  readonly title: string
  readonly license: string
  /** `2026-06-17`; undefined where nobody says. */
  readonly date: string | undefined
  readonly content:
    | { readonly kind: 'rows'; readonly read: (emit: EmitRow) => Promise<void> | void }
    /** Files of the MaxMind DB format, one for each version of IP, say. */
    | { readonly kind: 'mmdb'; readonly paths: readonly string[] }
}

export interface CompileOptions {
  readonly sources: readonly CompileSource[]
  readonly now: Date
  readonly onProgress?: (message: string) => void
}

/** Data of more sources than a byte can number. */
const MAX_SOURCES = 255

/** Whose word on routing counts: of two sources the one with the higher number. Others count least. */
const ROUTING_LAYERS: Readonly<Record<string, number>> = {
  'caida-pfx2as': 4,
  'caida-pfx2as-v6': 4,
  iptoasn: 3,
  'sapics-asn': 2,
}
/** Whose word on names counts. */
const NAME_RANKS: Readonly<Record<string, number>> = {
  'caida-as-org': 5,
  'bgptools-asns': 4,
  'ripe-asnames': 3,
  iptoasn: 2,
}
/** Whose word on the country of a system's registration counts; the registries' own before all. */
const REGISTRY_RANK = 9
const BY_ADDRESSES_RANK = 0

/**
 * Make the contents of the flat file out of the sources. It takes seconds of a whole core and some hundred megabytes, so
 * it is for a process of its own.
 *
 * @throws whatever reading a source throws
 */
export async function compileNetwork(options: CompileOptions): Promise<FlatContents> {
  const { now, onProgress = () => {} } = options
  const sources = options.sources.slice(0, MAX_SOURCES)
  const rows = sources.map(() => 0)
  const systems = systemsBuilder()
  const networks = networksBuilder()
  const privacy = privacyBuilder()
  const allocations = allocationsBuilder()
  const graphs = { 4: asGraphBuilder(), 6: asGraphBuilder() }
  const facts: Mutable<NetworkFacts> = { ...NO_FACTS, builtAtMs: now.getTime() }
  const organizations = new Map<string, { readonly name: string; readonly country: string }>()
  const joined: (readonly [asn: number, organizationId: string, source: number])[] = []
  const places: SourceOfPlaces[] = []
  const countries = countriesBuilder()

  const taker = (name: string, source: number): EmitRow => {
    const rank = NAME_RANKS[name] ?? 1
    const layer = ROUTING_LAYERS[name] ?? 1
    const setNames = (asn: number, handle: string, organization: string, country: string): void => {
      systems.set(asn, 'name', { value: handle, rank, source })
      systems.set(asn, 'organization', { value: organization, rank, source })
      systems.set(asn, 'country', { value: country, rank, source })
    }
    return (row: Row) => {
      rows[source - 1] = (rows[source - 1] ?? 0) + 1
      switch (row.kind) {
        case 'as-range': {
          networks.addRange(row, source, layer)
          const [handle, organization] = splitName(row.name)
          setNames(row.asn, handle, organization, row.country)
          systems.touch(row.asn)
          break
        }
        case 'country-range':
          countries.add(row, source)
          break
        case 'prefix-origin':
          networks.addPrefix(row, source, layer)
          for (const asn of row.origins) systems.touch(asn)
          break
        case 'as-allocation':
          systems.allocate(row, source)
          if (row.first === row.last)
            systems.set(row.first, 'country', { value: row.country, rank: REGISTRY_RANK, source })
          break
        case 'ip-allocation':
          allocations.add(row, source)
          break
        case 'as-link':
          graphs[row.version].add(row)
          facts.graph = { ...facts.graph, [row.version]: source }
          break
        case 'as-role':
          if (row.role === 'clique') graphs[row.version].addToClique(row.asn)
          break
        case 'organization':
          organizations.set(row.id, row)
          break
        case 'as-organization':
          systems.set(row.asn, 'name', { value: row.name, rank, source })
          joined.push([row.asn, row.organizationId, source])
          break
        case 'as-cone':
          graphs[4].setCone(row.asn, row.members.length + (row.members.includes(row.asn) ? 0 : 1))
          facts.cones = { ...facts.cones, 4: source }
          break
        case 'as-name':
          setNames(row.asn, row.handle, row.name, row.country)
          systems.set(row.asn, 'networkClass', { value: row.networkClass, rank, source })
          break
        case 'as-tag':
          systems.tag(row.asn, row.tag, source)
          break
        case 'listed-range':
          privacy.add(row, source)
          facts.lists = { ...facts.lists, [row.list]: source }
          break
        case 'listed-as':
          if (row.list === 'datacenter') systems.set(row.asn, 'listed', { value: true, rank, source })
          break
        case 'cloud-range':
          privacy.add(row, source)
          facts.lists = { ...facts.lists, cloud: source }
          break
      }
    }
  }

  for (const [index, source] of sources.entries()) {
    onProgress(`reading ${source.title}`)
    // Between two sources the messages of whoever waits get through.
    await setImmediate()
    if (source.content.kind === 'rows') {
      await source.content.read(taker(source.name, index + 1))
      continue
    }
    const table = placeTableBuilder()
    for (const path of source.content.paths)
      rows[index] = (rows[index] ?? 0) + addDatabase(table, path, index + 1)
    places.push({ source: index + 1, table })
  }
  places.push(...countries.tables())

  onProgress('joining systems, names and neighbours')
  await setImmediate()
  for (const [asn, id, source] of joined) {
    const organization = organizations.get(id)
    const rank = NAME_RANKS['caida-as-org'] ?? 1
    systems.set(asn, 'group', { value: id, rank, source })
    systems.set(asn, 'organization', { value: organization?.name ?? '', rank, source })
    systems.set(asn, 'country', { value: organization?.country ?? '', rank, source })
  }
  for (const graph of [graphs[4], graphs[6]]) graph.visitSystems((asn) => systems.touch(asn))
  countByAddresses()
  const numbers = systems.numbers()
  const indexOf = new Map([...numbers.entries()].map(([index, asn]) => [asn, index]))
  const described = systems.columns({
    customersOf: (asn) => Math.max(graphs[4].customersOf(asn), graphs[6].customersOf(asn)),
  })
  facts.tags = described.tags
  facts.routes = networks.routeSources()
  facts.places = places.map(({ source }) => ({ source, group: `place${source}` }))
  facts.sources = sources.map(({ name, title, license, date }, index) => ({
    name,
    title,
    license,
    date: date ?? '',
    rows: rows[index] ?? 0,
  }))
  onProgress('laying out the file')
  await setImmediate()
  return {
    facts,
    columns: new Map([
      ...networks.columns((asn) => indexOf.get(asn) ?? -1, numbers.length),
      ...described.columns,
      ...(graphs[4].size > 0 ? graphs[4].columns('graph4/') : []),
      ...(graphs[6].size > 0 ? graphs[6].columns('graph6/') : []),
      ...namesColumns([...numbers].map((asn) => systems.namesOf(asn))),
      ...privacy.columns(),
      ...allocations.columns(),
      ...placeSetColumns(places.map(({ table }) => table)),
      ...places.flatMap(({ source, table }) => [...table.columns(`place${source}/`)]),
    ]),
  }

  function addDatabase(table: PlaceTableBuilder, path: string, source: number): number {
    // As much memory as the file has bytes: every page is read once, and none twice.
    using file = openMmdb(path, statSync(path).size + 1024)
    return addMmdb(table, file, ({ asn, domain, organization }) => {
      if (asn === undefined) return
      systems.set(asn, 'domain', { value: domain.toLowerCase(), rank: 1, source })
      systems.set(asn, 'organization', { value: organization, rank: 0, source })
    })
  }

  /** Where no source names a system's country, the one that most of its addresses are in stands for it. */
  function countByAddresses(): void {
    const [place] = places
    if (place === undefined) return
    const { source, table } = place
    const { starts, values } = table.ipv4.ranges()
    const counts = new Map<number, Map<string, number>>()
    let at = 0
    networks.visitIpv4((first, size, asn) => {
      while ((starts[at + 1] ?? Infinity) <= first) at++
      const country = table.countryOf(values[at] ?? 0)
      if (country === '') return
      const ofAsn = counts.get(asn) ?? new Map<string, number>()
      ofAsn.set(country, (ofAsn.get(country) ?? 0) + size)
      counts.set(asn, ofAsn)
    })
    for (const [asn, ofAsn] of counts) {
      const [most] = [...ofAsn].toSorted(([, a], [, b]) => b - a)
      if (most === undefined) continue
      systems.set(asn, 'country', { value: most[0], rank: BY_ADDRESSES_RANK, source })
    }
  }
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }

/** One geo database. */
interface SourceOfPlaces {
  readonly source: number
  readonly table: PlaceTableBuilder
}

/** Ranges of addresses with one value each, of both versions. */
interface RangeList<Value> {
  add(row: AddressRange, value: Value): void
  /** Put the ranges, resolved, into maps, with what stands there for their values. */
  fill(
    maps: { readonly ipv4: RangeMapBuilder; readonly ipv6: RangeMapBuilder },
    numberOf: (value: Value) => number,
  ): void
}

function rangeList<Value>(): RangeList<Value> {
  const ipv4 = { first: [] as number[], last: [] as number[], value: [] as Value[] }
  const ipv6 = { first: [] as bigint[], last: [] as bigint[], value: [] as Value[] }
  return {
    add(row, value) {
      if (row.version === 4) {
        ipv4.first.push(row.first)
        ipv4.last.push(row.last)
        ipv4.value.push(value)
      } else {
        ipv6.first.push(row.first)
        ipv6.last.push(row.last)
        ipv6.value.push(value)
      }
    },
    fill(maps, numberOf) {
      const layer: number[] = []
      addBoundaries(maps.ipv4, resolveIpv4({ ...ipv4, value: ipv4.value.map(numberOf), layer }))
      addBoundaries(maps.ipv6, resolveIpv6({ ...ipv6, value: ipv6.value.map(numberOf), layer }))
    },
  }
}

/** What the registries gave out: ranges, and what many of them have in common. */
function allocationsBuilder() {
  const ranges = rangeList<number>()
  const values = new Map<string, number>()
  const registry: number[] = [0]
  const country: number[] = [0]
  const day: number[] = [0]
  const sources: number[] = [0]
  return {
    add(row: IpAllocationRow, source: number): void {
      const number = allocationNumber(row)
      const key = `${number} ${row.country} ${row.day} ${source}`
      let value = values.get(key)
      if (value === undefined) {
        value = registry.length
        values.set(key, value)
        registry.push(number)
        country.push(countryNumber(row.country))
        day.push(row.day)
        sources.push(source)
      }
      ranges.add(row, value)
    },
    columns(): ReadonlyMap<string, Column> {
      const maps = {
        ipv4: ipv4MapBuilder({ keepsNeighbours: true }),
        ipv6: ipv6MapBuilder({ keepsNeighbours: true }),
      }
      ranges.fill(maps, (value) => value)
      return new Map<string, Column>([
        ...maps.ipv4.columns('allocated/v4-'),
        ...maps.ipv6.columns('allocated/v6-'),
        ['allocated/registry', Uint8Array.from(registry)],
        ['allocated/country', Uint16Array.from(country)],
        ['allocated/day', Uint32Array.from(day)],
        ['allocated/source', Uint8Array.from(sources)],
      ])
    },
  }
}

/** Geo databases that come as rows, one for each source. */
function countriesBuilder() {
  const bySource = new Map<number, RangeList<string>>()
  return {
    add(row: CountryRangeRow, source: number): void {
      const list = bySource.get(source) ?? rangeList<string>()
      bySource.set(source, list)
      list.add(row, row.country)
    },
    tables: (): SourceOfPlaces[] =>
      [...bySource].map(([source, list]) => {
        const table = placeTableBuilder()
        list.fill(table, (country) => table.value({ ...NO_FIELDS, country, continent: continentOf(country) }))
        return { source, table }
      }),
  }
}

/**
 * A table of addresses names a system by its handle (`CLOUDFLARENET`), its holder (`Cloudflare, Inc.`), or both with a
 * hyphen between.
 */
function splitName(name: string): readonly [handle: string, organization: string] {
  const both = /^([A-Z0-9][A-Z0-9_-]+) - (\S.*)$/.exec(name)
  if (both !== null) return [both[1] ?? '', both[2] ?? '']
  return /^[A-Z0-9][A-Z0-9_-]+$/.test(name) ? [name, ''] : ['', name]
}
