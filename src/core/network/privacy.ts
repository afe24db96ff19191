import type { Column, Columns } from '#ports/network/flat-file.ts'
import { compareWords, fillWords, formatIp, widestBits } from './address-words.ts'
import { GrowingColumn } from './growing-column.ts'
import { addBoundaries } from './networks.ts'
import { type Boundaries, resolveIpv4, resolveIpv6 } from './resolve-ranges.ts'
import { type RangeMap, rangeMapBuilder, readRangeMap } from './range-map.ts'
import type { CloudRangeRow, ListedRangeRow } from './sources/rows.ts'
import { readStringTable, stringTableBuilder } from './string-table.ts'

/** What lists say of addresses, in the order of their places in a set. */
export const LISTS = ['vpn', 'datacenter', 'tor-exit', 'cloud'] as const
export type ListKind = (typeof LISTS)[number]

export interface PrivacyBuilder {
  add(row: ListedRangeRow | CloudRangeRow, source: number): void
  columns(): ReadonlyMap<string, Column>
}

interface Collected<Address extends number | bigint> {
  readonly first: Address[]
  readonly last: Address[]
  /** The place of the row plus 1. */
  readonly value: number[]
  readonly layer: number[]
}

/** Of the rows of each list that contain an address the smallest counts. */
export function privacyBuilder(): PrivacyBuilder {
  const texts = stringTableBuilder()
  const matched = new GrowingColumn()
  const isAddress = new GrowingColumn()
  const provider = new GrowingColumn()
  const service = new GrowingColumn()
  const sources = new GrowingColumn()
  const ipv4 = LISTS.map((): Collected<number> => ({ first: [], last: [], value: [], layer: [] }))
  const ipv6 = LISTS.map((): Collected<bigint> => ({ first: [], last: [], value: [], layer: [] }))

  return {
    add(row, source) {
      const list = LISTS.indexOf(row.kind === 'cloud-range' ? 'cloud' : row.list)
      matched.push(texts.id(textOfRange(row)))
      isAddress.push(row.first === row.last ? 1 : 0)
      provider.push(texts.id(row.kind === 'cloud-range' ? row.provider : ''))
      service.push(
        texts.id(row.kind === 'cloud-range' ? [row.service, row.region].filter(Boolean).join(' ') : ''),
      )
      sources.push(source)
      const collected = row.version === 4 ? ipv4[list] : ipv6[list]
      collected?.value.push(matched.length)
      collected?.layer.push(0)
      if (row.version === 4) {
        ipv4[list]?.first.push(row.first)
        ipv4[list]?.last.push(row.last)
      } else {
        ipv6[list]?.first.push(row.first)
        ipv6[list]?.last.push(row.last)
      }
    },
    columns() {
      const sets = new Map<string, number>()
      const members = new GrowingColumn()
      for (const _ of LISTS) members.push(0)
      const idOf = (set: readonly number[]): number => {
        if (set.every((row) => row === 0)) return 0
        const key = set.join()
        const known = sets.get(key)
        if (known !== undefined) return known
        for (const row of set) members.push(row)
        sets.set(key, sets.size + 1)
        return sets.size
      }
      const map4 = rangeMapBuilder(4)
      const map6 = rangeMapBuilder(6)
      addBoundaries(map4, combine(ipv4.map(resolveIpv4), idOf))
      addBoundaries(map6, combine(ipv6.map(resolveIpv6), idOf))
      return new Map<string, Column>([
        ...map4.columns('privacy/v4-'),
        ...map6.columns('privacy/v6-'),
        ...texts.columns('privacy/'),
        ['privacy/set', members.array()],
        ['privacy/matched', matched.array()],
        ['privacy/isAddress', Uint8Array.from(isAddress.array())],
        ['privacy/provider', provider.array()],
        ['privacy/service', service.array()],
        ['privacy/source', Uint8Array.from(sources.array())],
      ])
    },
  }
}

/** Lay boundaries over one another: at each start of any, the number of the set of values that they then have. */
function combine<Address extends number | bigint>(
  lists: readonly Boundaries<Address>[],
  idOf: (values: readonly number[]) => number,
): Boundaries<Address> {
  const next = lists.map(() => 0)
  const current = lists.map(() => 0)
  const starts: Address[] = []
  const values: number[] = []
  for (;;) {
    let start: Address | undefined
    for (const [list, boundaries] of lists.entries()) {
      const candidate = boundaries.starts[next[list] ?? 0]
      if (candidate !== undefined && (start === undefined || candidate < start)) start = candidate
    }
    if (start === undefined) return { starts, values }
    for (const [list, boundaries] of lists.entries())
      if (boundaries.starts[next[list] ?? 0] === start) {
        current[list] = boundaries.values[next[list] ?? 0] ?? 0
        next[list] = (next[list] ?? 0) + 1
      }
    starts.push(start)
    values.push(idOf(current))
  }
}

/** `185.220.101.0/24`, a single address alone, and a range that is no network as its two ends. */
function textOfRange(row: ListedRangeRow | CloudRangeRow): string {
  const first = new Uint32Array(4)
  const last = new Uint32Array(4)
  fillWords(first, row.first)
  fillWords(last, row.last)
  const start = formatIp(row.version, first)
  if (compareWords(first, last) === 0) return start
  const bits = widestBits({ version: row.version, words: first }, first, last)
  const size = 2n ** BigInt((row.version === 4 ? 32 : 128) - bits)
  const isNetwork = BigInt(row.last) - BigInt(row.first) + 1n === size
  return isNetwork ? `${start}/${bits}` : `${start}-${formatIp(row.version, last)}`
}

/** One row of a list that contains an address. */
export interface ListMatch {
  readonly matched: string
  readonly isAddress: boolean
  readonly provider: string
  readonly service: string
  /** The number of the source in the file. */
  readonly source: number
}

export interface PrivacyTable {
  map(version: 4 | 6): RangeMap
  /** The row of a list that stands behind a value of the map; 0 for none. */
  rowOf(value: number, list: number): number
  /** What a row above 0 says. */
  match(row: number): ListMatch
}

export function readPrivacy(columns: Columns): PrivacyTable {
  const maps = { 4: readRangeMap(columns, 'privacy/v4-', 4), 6: readRangeMap(columns, 'privacy/v6-', 6) }
  const texts = readStringTable(columns, 'privacy/')
  const sets = columns.u32('privacy/set')
  const matched = columns.u32('privacy/matched')
  const isAddress = columns.u8('privacy/isAddress')
  const provider = columns.u32('privacy/provider')
  const service = columns.u32('privacy/service')
  const source = columns.u8('privacy/source')
  return {
    map: (version) => maps[version],
    rowOf: (value, list) => sets[value * LISTS.length + list] ?? 0,
    match: (row) => ({
      matched: texts.at(matched[row - 1] ?? 0),
      isAddress: isAddress[row - 1] === 1,
      provider: texts.at(provider[row - 1] ?? 0),
      service: texts.at(service[row - 1] ?? 0),
      source: source[row - 1] ?? 0,
    }),
  }
}
