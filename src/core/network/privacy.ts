import type { Column, Columns } from '#ports/network/flat-file.ts'
import { compareWords, fillWords, formatIp, widestBits } from './address-words.ts'
import { GrowingColumn } from './growing-column.ts'
import { addBoundaries } from './networks.ts'
import { type NumberedSets, numberedSets } from './numbered-sets.ts'
import { type Boundaries, layOver, resolveIpv4, resolveIpv6 } from './resolve-ranges.ts'
import { type Ipv4Values, ipv4ValueColumns, readIpv4Values } from './ipv4-values.ts'
import { ipv4MapBuilder, ipv6MapBuilder, type RangeMap, readRangeMap } from './range-map.ts'
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
      const sets = numberedSets(LISTS.length)
      const map4 = ipv4MapBuilder()
      const map6 = ipv6MapBuilder()
      addBoundaries(map4, combine(ipv4.map(resolveIpv4), sets))
      addBoundaries(map6, combine(ipv6.map(resolveIpv6), sets))
      return new Map<string, Column>([
        ...ipv4ValueColumns('privacy/v4-', map4.ranges()),
        ...map6.columns('privacy/v6-'),
        ...texts.columns('privacy/'),
        ['privacy/set', sets.members()],
        ['privacy/matched', matched.array()],
        ['privacy/isAddress', Uint8Array.from(isAddress.array())],
        ['privacy/provider', provider.array()],
        ['privacy/service', service.array()],
        ['privacy/source', Uint8Array.from(sources.array())],
      ])
    },
  }
}

/** At each start of any list, the number of the set of rows that the lists then have. */
function combine<Address extends number | bigint>(
  lists: readonly Boundaries<Address>[],
  sets: NumberedSets,
): Boundaries<Address> {
  const starts: Address[] = []
  const values: number[] = []
  layOver(lists, (start, rows) => {
    starts.push(start)
    values.push(sets.idOf(rows))
  })
  return { starts, values }
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
  readonly ipv4: Ipv4Values
  readonly ipv6: RangeMap
  /** The row of a list that stands behind a value of one of them; 0 for none. */
  rowOf(value: number, list: number): number
  /** What a row above 0 says. */
  match(row: number): ListMatch
}

export function readPrivacy(columns: Columns): PrivacyTable {
  const texts = readStringTable(columns, 'privacy/')
  const sets = columns.u32('privacy/set')
  const matched = columns.u32('privacy/matched')
  const isAddress = columns.u8('privacy/isAddress')
  const provider = columns.u32('privacy/provider')
  const service = columns.u32('privacy/service')
  const source = columns.u8('privacy/source')
  return {
    ipv4: readIpv4Values(columns, 'privacy/v4-'),
    ipv6: readRangeMap(columns, 'privacy/v6-', 6),
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
