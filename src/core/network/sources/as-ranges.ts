import {
  addressAt,
  type Address,
  cleanText,
  countryAt,
  decimalAddressAt,
  indexOf,
  MAX_UINT32,
  rangeBetween,
  rawTextAt,
  textAt,
  uintAt,
  unquoted,
} from './fields.ts'
import { lineParser } from './line-parser.ts'
import type { AddressRange, OpenParser } from './rows.ts'

const COMMA = 44
const TAB = 9
const QUOTE = 34

/**
 * Read iptoasn.com's table: first address, last address, AS number, country and name, with tabs between. Ranges that
 * nobody announces (AS number 0) are no rows.
 *
 * Source: https://iptoasn.com/
 */
export const ipToAsnParser: OpenParser = lineParser({
  title: 'a table of iptoasn.com',
  read: (emit) => ({
    line(bytes, from, to) {
      const endOfFirst = indexOf(bytes, TAB, from, to)
      const endOfLast = indexOf(bytes, TAB, endOfFirst + 1, to)
      const endOfNumber = indexOf(bytes, TAB, endOfLast + 1, to)
      const endOfCountry = indexOf(bytes, TAB, endOfNumber + 1, to)
      if (endOfCountry >= to) return 'has fewer than five fields with tabs between them'
      const range = rangeAt(addressAt(bytes, from, endOfFirst), addressAt(bytes, endOfFirst + 1, endOfLast))
      if (range === undefined) return NO_RANGE
      const asn = uintAt(bytes, endOfLast + 1, endOfNumber)
      if (asn < 0 || asn > MAX_UINT32) return NO_ASN
      if (asn === 0) return undefined
      const country = countryAt(bytes, endOfNumber + 1, endOfCountry)
      emit({ ...range, kind: 'as-range', asn, country, name: textAt(bytes, endOfCountry + 1, to) })
      return undefined
    },
  }),
})

/**
 * Read the AS databases of ip-location-db: first address, last address, AS number and holder, with commas between. The
 * addresses are written as such, or as decimal numbers.
 *
 * Source: README of https://github.com/sapics/ip-location-db, "asn" and "origin-asn".
 */
export const locationAsnParser: OpenParser = lineParser({
  title: 'an AS database of ip-location-db',
  read(emit) {
    const rangeOf = rangeReader()
    return {
      line(bytes, from, to) {
        const endOfFirst = indexOf(bytes, COMMA, from, to)
        const endOfLast = indexOf(bytes, COMMA, endOfFirst + 1, to)
        const endOfNumber = indexOf(bytes, COMMA, endOfLast + 1, to)
        if (endOfLast >= to) return 'has fewer than three fields with commas between them'
        const range = rangeOf(bytes, from, endOfFirst, endOfLast)
        if (range === undefined) return NO_RANGE
        const asn = uintAt(bytes, endOfLast + 1, endOfNumber)
        if (asn < 0 || asn > MAX_UINT32) return NO_ASN
        if (asn === 0) return undefined
        const nameAt = Math.min(endOfNumber + 1, to)
        const name =
          bytes[nameAt] === QUOTE
            ? cleanText(unquoted(rawTextAt(bytes, nameAt, to)))
            : textAt(bytes, nameAt, to)
        emit({ ...range, kind: 'as-range', asn, country: '', name })
        return undefined
      },
      part: rangeOf.part,
    }
  },
})

/**
 * Read the country databases of ip-location-db: first address, last address and country code, with commas between. The
 * addresses are written as such, or as decimal numbers.
 *
 * Source: README of https://github.com/sapics/ip-location-db, "country".
 */
export const locationCountryParser: OpenParser = lineParser({
  title: 'a country database of ip-location-db',
  read(emit) {
    const rangeOf = rangeReader()
    return {
      line(bytes, from, to) {
        const endOfFirst = indexOf(bytes, COMMA, from, to)
        const endOfLast = indexOf(bytes, COMMA, endOfFirst + 1, to)
        if (endOfLast >= to) return 'has fewer than three fields with commas between them'
        const range = rangeOf(bytes, from, endOfFirst, endOfLast)
        if (range === undefined) return NO_RANGE
        if (to - endOfLast !== 3) return 'has no country code of two letters'
        const country = countryAt(bytes, endOfLast + 1, to)
        if (country !== '') emit({ ...range, kind: 'country-range', country })
        return undefined
      },
      part: rangeOf.part,
    }
  },
})

const NO_RANGE = 'does not begin with two addresses of one version, the lower first'
const NO_ASN = 'has no AS number'

function rangeAt(first: Address | undefined, last: Address | undefined): AddressRange | undefined {
  return first === undefined || last === undefined ? undefined : rangeBetween(first, last)
}

/**
 * A function that reads the ranges of one file, all of the version of IP that the first is of. Decimal numbers below 2^32
 * are addresses of that version, and at the head of a file of IPv4.
 */
function rangeReader() {
  let version: 4 | 6 | undefined
  const read = (
    bytes: Uint8Array,
    from: number,
    endOfFirst: number,
    endOfLast: number,
  ): AddressRange | undefined => {
    const range =
      rangeAt(addressAt(bytes, from, endOfFirst), addressAt(bytes, endOfFirst + 1, endOfLast)) ??
      decimalRange(
        decimalAddressAt(bytes, from, endOfFirst),
        decimalAddressAt(bytes, endOfFirst + 1, endOfLast),
        version,
      )
    if (range === undefined || (version !== undefined && range.version !== version)) return undefined
    version = range.version
    return range
  }
  return Object.assign(read, { part: () => (version === undefined ? '' : `ipv${version}`) })
}

/** The range between two decimal numbers, of the file's version where they could be of either. */
function decimalRange(
  first: Address | undefined,
  last: Address | undefined,
  version: 4 | 6 | undefined,
): AddressRange | undefined {
  if (first === undefined || last === undefined) return undefined
  return version === 6 || typeof last === 'bigint'
    ? rangeBetween(BigInt(first), BigInt(last))
    : rangeBetween(first, last)
}
