import { fieldsOfRecord, type RecordFields } from '#ports/geo/place-record.ts'
import type { Mmdb } from '#ports/geo/mmdb.ts'
import type { Column, Columns } from '#ports/network/flat-file.ts'
import { countryCode, countryNumber } from './country-number.ts'
import { GrowingColumn } from './growing-column.ts'
import { type Ipv4Values, ipv4ValueColumns, readIpv4Values } from './ipv4-values.ts'
import { keeping } from './kept-values.ts'
import { NO_SOURCE, type Place } from './network.ts'
import { numberedSets } from './numbered-sets.ts'
import {
  ipv4MapBuilder,
  type Ipv4MapBuilder,
  ipv6MapBuilder,
  type RangeMap,
  type RangeMapBuilder,
  readRangeMap,
} from './range-map.ts'
import { layOver } from './resolve-ranges.ts'
import { readStringTable, stringTableBuilder } from './string-table.ts'

/** How many sets of places are kept as lists, from the second time on that they are asked for: some thirty megabytes. */
const MAX_KEPT_SETS = 524_288
/** How many places of a database are kept as objects: some twenty megabytes. */
const MAX_KEPT_PLACES = 131_072

/** Coordinates are kept in units of this many a degree; a centimetre. */
const UNITS_A_DEGREE = 1e7
/** What stands for a coordinate that is not known; as a signed number, no degree has that many units. */
const NO_UNITS = 0x8000_0000
/** The fields of a record in the order in which they stand. */
const FIELDS = [
  'country',
  'continent',
  'region',
  'city',
  'latitude',
  'longitude',
  'postalCode',
  'timeZone',
  'asn',
  'organization',
] as const

/** One geo database. */
export interface PlaceTable {
  ipv6(): RangeMap
  /** What stands behind a value of the map above 0. */
  at(value: number): Place
}

/** What all geo databases together say of IPv4 addresses, found by one search. */
export interface PlaceSets {
  /** The number of what they say of an address of 32 bits. */
  idOf(address: number): number
  /** The places behind a number, of those databases that have one, in the order of the tables. */
  at(id: number): readonly Place[]
}

export interface PlaceTableBuilder {
  /** Not among the columns: those of {@link placeSetColumns} are made of it. */
  readonly ipv4: Ipv4MapBuilder
  readonly ipv6: RangeMapBuilder
  /** The value that stands for those fields: the same fields, the same value. */
  value(fields: RecordFields): number
  /** The country of a value, empty where it is not known. */
  countryOf(value: number): string
  columns(name: string): ReadonlyMap<string, Column>
}

export const NO_FIELDS: RecordFields = {
  country: '',
  region: '',
  city: '',
  continent: '',
  postalCode: '',
  latitude: undefined,
  longitude: undefined,
  timeZone: '',
  asn: undefined,
  organization: '',
  domain: '',
}

export function placeTableBuilder(): PlaceTableBuilder {
  const ipv4 = ipv4MapBuilder()
  const ipv6 = ipv6MapBuilder()
  const texts = stringTableBuilder()
  const values = new Map<string, number>()
  /** A row for each place, all its fields behind one another: a lookup reads them from one piece of memory. */
  const records = new GrowingColumn()
  const push = (fields: RecordFields): void => {
    records.push(countryNumber(fields.country))
    records.push(texts.id(fields.continent))
    records.push(texts.id(fields.region))
    records.push(texts.id(fields.city))
    records.push(units(fields.latitude))
    records.push(units(fields.longitude))
    records.push(texts.id(fields.postalCode))
    records.push(texts.id(fields.timeZone))
    records.push(fields.asn ?? 0)
    records.push(texts.id(fields.organization))
  }
  push(NO_FIELDS)
  return {
    ipv4,
    ipv6,
    value(fields) {
      const key = keyOf(fields)
      const known = values.get(key)
      if (known !== undefined) return known
      const value = records.length / FIELDS.length
      values.set(key, value)
      push(fields)
      return value
    },
    countryOf: (value) => countryCode(records.at(value * FIELDS.length + FIELDS.indexOf('country'))),
    columns: (name) =>
      new Map<string, Column>([
        ...ipv6.columns(`${name}v6-`),
        ...texts.columns(name),
        ...recordColumns(name, records.array()),
      ]),
  }
}

/** The records with the fields that they differ in, and which those are; the others are those of the first record. */
function recordColumns(name: string, records: Uint32Array): [string, Column][] {
  const rows = records.length / FIELDS.length
  const kept = FIELDS.map((_, field) => field).filter((field) => {
    for (let row = 1; row < rows; row++)
      if (records[row * FIELDS.length + field] !== records[field]) return true
    return false
  })
  const narrow = new Uint32Array(rows * kept.length)
  for (let row = 0; row < rows; row++)
    for (const [at, field] of kept.entries())
      narrow[row * kept.length + at] = records[row * FIELDS.length + field] ?? 0
  return [
    [`${name}record`, narrow],
    [`${name}field`, Uint8Array.from(kept)],
  ]
}

/** Everything a database of the MaxMind DB format knows; of one that is only about networks, those. */
export function addMmdb(
  table: PlaceTableBuilder,
  file: Mmdb,
  onFields?: (fields: RecordFields) => void,
): number {
  let networks = 0
  for (const version of [4, 6] as const) {
    const map = version === 4 ? table.ipv4 : table.ipv6
    const valueOf = new Map<number, number>()
    const end = new Uint32Array(4)
    let hasEnd = false
    file.walk(version, (words, bits, place) => {
      let value = valueOf.get(place)
      if (value === undefined) {
        const fields = fieldsOfRecord(file.record(place))
        onFields?.(fields)
        value = keyOf(fields) === EMPTY_KEY ? 0 : table.value(fields)
        valueOf.set(place, value)
      }
      networks++
      if (hasEnd && isBefore(end, words)) map.add(end, 0)
      map.add(words, value)
      hasEnd = nextNetwork(words, version === 4 ? bits + 96 : bits, end) && !(version === 4 && end[2] !== 0)
    })
    if (hasEnd) map.add(end, 0)
  }
  return networks
}

export function readPlaceTable(columns: Columns, name: string, source = NO_SOURCE): PlaceTable {
  let loaded: ReturnType<typeof loadPlaces> | undefined
  let placeAt: ((value: number) => Place) | undefined
  let ipv6: RangeMap | undefined
  // Loaded when first asked for: until then none of the file is in memory.
  const load = () => (loaded ??= loadPlaces(columns, name))

  return {
    ipv6: () => (ipv6 ??= readRangeMap(columns, `${name}v6-`, 6)),
    at: (value) => (placeAt ??= keptPlaces())(value),
  }

  function keptPlaces(): (value: number) => Place {
    const { texts, records, width, at } = load()
    return keeping(
      (value) => {
        const start = value * width
        return {
          source,
          country: at.country < 0 ? '' : countryCode(records[start + at.country] ?? 0),
          region: at.region < 0 ? '' : texts.at(records[start + at.region] ?? 0),
          city: at.city < 0 ? '' : texts.at(records[start + at.city] ?? 0),
          continent: at.continent < 0 ? '' : texts.at(records[start + at.continent] ?? 0),
          postalCode: at.postalCode < 0 ? '' : texts.at(records[start + at.postalCode] ?? 0),
          latitude: at.latitude < 0 ? undefined : degrees(records[start + at.latitude] ?? 0),
          longitude: at.longitude < 0 ? undefined : degrees(records[start + at.longitude] ?? 0),
          timeZone: at.timeZone < 0 ? '' : texts.at(records[start + at.timeZone] ?? 0),
          asn: at.asn < 0 ? undefined : records[start + at.asn] || undefined,
          organization: at.organization < 0 ? '' : texts.at(records[start + at.organization] ?? 0),
        }
      },
      width === 0 ? 1 : records.length / width,
      MAX_KEPT_PLACES,
    )
  }
}

/** @param tables in the order in which {@link readPlaceSets} gets theirs */
export function placeSetColumns(tables: readonly PlaceTableBuilder[]): ReadonlyMap<string, Column> {
  const sets = numberedSets(tables.length)
  const map = ipv4MapBuilder()
  const words = new Uint32Array(4)
  layOver(
    tables.map(({ ipv4 }) => ipv4.ranges()),
    (start, values) => {
      words[3] = start
      map.add(words, sets.idOf(values))
    },
  )
  return new Map<string, Column>([
    ...ipv4ValueColumns('places/v4-', map.ranges()),
    ['places/set', sets.members()],
  ])
}

export function readPlaceSets(columns: Columns, tables: readonly PlaceTable[]): PlaceSets {
  let ids: Ipv4Values | undefined
  let placesAt: ((id: number) => readonly Place[]) | undefined
  return {
    idOf: (address) => (ids ??= readIpv4Values(columns, 'places/v4-')).at(address),
    at: (id) => (id === 0 ? NOWHERE : (placesAt ??= keptSets())(id)),
  }

  function keptSets(): (id: number) => readonly Place[] {
    const sets = columns.u32('places/set')
    return keeping(
      (id) =>
        tables.flatMap((table, at) => {
          const value = sets[id * tables.length + at] ?? 0
          return value === 0 ? [] : [table.at(value)]
        }),
      sets.length / tables.length,
      MAX_KEPT_SETS,
      { isFirstLetGo: true },
    )
  }
}

const NOWHERE: readonly never[] = []

function loadPlaces(columns: Columns, name: string) {
  const kept = columns.u8(`${name}field`)
  /** Where in a record a field stands; -1 for one that no record has. */
  const placeOfField = (field: (typeof FIELDS)[number]) => kept.indexOf(FIELDS.indexOf(field))
  return {
    texts: readStringTable(columns, name),
    records: columns.u32(`${name}record`),
    width: kept.length,
    at: {
      country: placeOfField('country'),
      continent: placeOfField('continent'),
      region: placeOfField('region'),
      city: placeOfField('city'),
      latitude: placeOfField('latitude'),
      longitude: placeOfField('longitude'),
      postalCode: placeOfField('postalCode'),
      timeZone: placeOfField('timeZone'),
      asn: placeOfField('asn'),
      organization: placeOfField('organization'),
    },
  }
}

function degrees(units: number): number | undefined {
  return units === NO_UNITS ? undefined : (units | 0) / UNITS_A_DEGREE
}

/** A negative number as the unsigned one of the same bits. */
function units(degrees: number | undefined): number {
  return degrees === undefined ? NO_UNITS : Math.round(degrees * UNITS_A_DEGREE) >>> 0
}

/** The domain is not a place's; everything else is. */
function keyOf(fields: RecordFields): string {
  return [
    fields.country,
    fields.region,
    fields.city,
    fields.continent,
    fields.postalCode,
    fields.latitude ?? '',
    fields.longitude ?? '',
    fields.timeZone,
    fields.asn ?? '',
    fields.organization,
  ].join('\u0000')
}

const EMPTY_KEY = keyOf(NO_FIELDS)

function isBefore(a: Uint32Array, b: Uint32Array): boolean {
  for (let word = 0; word < 4; word++) {
    const left = a[word] ?? 0
    const right = b[word] ?? 0
    if (left !== right) return left < right
  }
  return false
}

/** @returns false when the network of so many bits is the last of the space */
function nextNetwork(words: Uint32Array, bits: number, next: Uint32Array): boolean {
  next.set(words)
  if (bits === 0) return false
  let step = 2 ** (31 - ((bits - 1) & 31))
  for (let word = (bits - 1) >>> 5; word >= 0; word--) {
    const sum = (next[word] ?? 0) + step
    next[word] = sum >>> 0
    if (sum <= 0xffff_ffff) return true
    step = 1
  }
  return false
}
