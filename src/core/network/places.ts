import { fieldsOfRecord, type RecordFields } from '#ports/geo/place-record.ts'
import type { Mmdb } from '#ports/geo/mmdb.ts'
import type { Column, Columns } from '#ports/network/flat-file.ts'
import { countryCode, countryNumber } from './country-number.ts'
import { GrowingColumn } from './growing-column.ts'
import { type RangeMap, type RangeMapBuilder, rangeMapBuilder, readRangeMap } from './range-map.ts'
import { readStringTable, stringTableBuilder } from './string-table.ts'

/** Coordinates are kept in units of this many a degree; a centimetre. */
const UNITS_A_DEGREE = 1e7
/** What stands for a coordinate that is not known: no degree has that many units. */
const NO_DEGREES = -0x8000_0000

/** The place of an address in one geo database, as its columns have it. */
export interface PlaceValues {
  readonly country: string
  readonly region: string
  readonly city: string
  readonly continent: string
  readonly postalCode: string
  readonly latitude: number | undefined
  readonly longitude: number | undefined
  readonly timeZone: string
  readonly asn: number | undefined
  readonly organization: string
}

/** One geo database. */
export interface PlaceTable {
  map(version: 4 | 6): RangeMap
  /** What stands behind a value of the map; undefined for 0. */
  at(value: number): PlaceValues | undefined
  /** The country alone, empty where it is not known. */
  countryAt(value: number): string
}

export interface PlaceTableBuilder {
  readonly ipv4: RangeMapBuilder
  readonly ipv6: RangeMapBuilder
  /** The value that stands for those fields: the same fields, the same value. */
  value(fields: RecordFields): number
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
  const ipv4 = rangeMapBuilder(4)
  const ipv6 = rangeMapBuilder(6)
  const texts = stringTableBuilder()
  const values = new Map<string, number>()
  const columns = {
    country: new GrowingColumn(),
    continent: new GrowingColumn(),
    region: new GrowingColumn(),
    city: new GrowingColumn(),
    postalCode: new GrowingColumn(),
    timeZone: new GrowingColumn(),
    latitude: new GrowingColumn(),
    longitude: new GrowingColumn(),
    asn: new GrowingColumn(),
    organization: new GrowingColumn(),
  }
  const push = (fields: RecordFields): void => {
    columns.country.push(countryNumber(fields.country))
    columns.continent.push(texts.id(fields.continent))
    columns.region.push(texts.id(fields.region))
    columns.city.push(texts.id(fields.city))
    columns.postalCode.push(texts.id(fields.postalCode))
    columns.timeZone.push(texts.id(fields.timeZone))
    columns.latitude.push(units(fields.latitude))
    columns.longitude.push(units(fields.longitude))
    columns.asn.push(fields.asn ?? 0)
    columns.organization.push(texts.id(fields.organization))
  }
  push(NO_FIELDS)
  return {
    ipv4,
    ipv6,
    value(fields) {
      const key = keyOf(fields)
      const known = values.get(key)
      if (known !== undefined) return known
      const value = columns.country.length
      values.set(key, value)
      push(fields)
      return value
    },
    columns: (name) =>
      new Map<string, Column>([
        ...ipv4.columns(`${name}v4-`),
        ...ipv6.columns(`${name}v6-`),
        ...texts.columns(name),
        ...Object.entries(columns).flatMap(([field, column]): [string, Column][] => {
          const numbers = column.array()
          // A field that no record has takes no room.
          if (numbers.every((number) => number === numbers[0])) return []
          if (field === 'latitude' || field === 'longitude')
            return [[`${name}${field}`, new Int32Array(numbers)]]
          return [[`${name}${field}`, field === 'country' ? Uint16Array.from(numbers) : numbers]]
        }),
      ]),
  }
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

export function readPlaceTable(columns: Columns, name: string): PlaceTable {
  let loaded: ReturnType<typeof loadPlaces> | undefined
  let ipv4: RangeMap | undefined
  let ipv6: RangeMap | undefined
  // Loaded when first asked for: until then none of the file is in memory.
  const load = () => (loaded ??= loadPlaces(columns, name))
  const degrees = (units: number | undefined): number | undefined =>
    units === undefined || units === NO_DEGREES ? undefined : units / UNITS_A_DEGREE

  return {
    map: (version) =>
      version === 4
        ? (ipv4 ??= readRangeMap(columns, `${name}v4-`, 4))
        : (ipv6 ??= readRangeMap(columns, `${name}v6-`, 6)),
    countryAt: (value) => countryCode(load().country[value] ?? 0),
    at(value) {
      if (value === 0) return undefined
      const places = load()
      const { texts } = places
      return {
        country: countryCode(places.country[value] ?? 0),
        region: texts.at(places.region[value] ?? 0),
        city: texts.at(places.city[value] ?? 0),
        continent: texts.at(places.continent[value] ?? 0),
        postalCode: texts.at(places.postalCode[value] ?? 0),
        latitude: degrees(places.latitude[value]),
        longitude: degrees(places.longitude[value]),
        timeZone: texts.at(places.timeZone[value] ?? 0),
        asn: places.asn[value] || undefined,
        organization: texts.at(places.organization[value] ?? 0),
      }
    },
  }
}

function loadPlaces(columns: Columns, name: string) {
  return {
    texts: readStringTable(columns, name),
    country: columns.u16(`${name}country`),
    region: columns.u32(`${name}region`),
    city: columns.u32(`${name}city`),
    continent: columns.u32(`${name}continent`),
    postalCode: columns.u32(`${name}postalCode`),
    latitude: columns.i32(`${name}latitude`),
    longitude: columns.i32(`${name}longitude`),
    timeZone: columns.u32(`${name}timeZone`),
    asn: columns.u32(`${name}asn`),
    organization: columns.u32(`${name}organization`),
  }
}

function units(degrees: number | undefined): number {
  return (degrees === undefined ? NO_DEGREES : Math.round(degrees * UNITS_A_DEGREE)) >>> 0
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
