import { parseIpBytes } from '#ports/geo/parse-ip.ts'
import type { AddressRange, DayNumber } from './rows.ts'

/** An address: IPv4 as a number, IPv6 as a bigint. */
export type Address = number | bigint

/** The largest AS number, and the largest IPv4 address. */
export const MAX_UINT32 = 2 ** 32 - 1

const ZERO = 48
const NINE = 57
const COLON = 58
const SPACE = 32
const TAB = 9
const CAPITAL_A = 65
const MAX_UINT128 = 2n ** 128n - 1n
const MAPPED = 0xffffn << 32n
/** Where numbers stop being exact. */
const MAX_DIGITS = 15
const MAX_WIDE_DIGITS = 39
/** Names longer than this are cut: they are somebody's joke. */
const MAX_NAME = 200

const words = new Uint32Array(4)
/** The bytes that were last read as text, and the view of them that does so: many lines stand in the same bytes. */
let viewed: Uint8Array | undefined
let view: Buffer = Buffer.alloc(0)
/** Every pair of letters, so that a million rows share a few hundred texts. */
const LETTER_PAIRS = Array.from({ length: 26 * 26 }, (_, index) =>
  String.fromCharCode(CAPITAL_A + Math.floor(index / 26), CAPITAL_A + (index % 26)),
)

/** @returns the number that the digits from `from` up to `to` write, or -1 when something else stands there */
export function uintAt(bytes: Uint8Array, from: number, to: number): number {
  if (from >= to || to - from > MAX_DIGITS) return -1
  let value = 0
  for (let i = from; i < to; i++) {
    const code = bytes[i] ?? 0
    if (code < ZERO || code > NINE) return -1
    value = value * 10 + code - ZERO
  }
  return value
}

/** @returns the AS number (1–4294967295) that stands there, with or without `AS` before it, or -1 */
export function asnAt(bytes: Uint8Array, from: number, to: number): number {
  const asn = uintAt(bytes, hasAsLetters(bytes, from) ? from + 2 : from, to)
  return asn > 0 && asn <= MAX_UINT32 ? asn : -1
}

/** Whether `AS` stands there, in any case. */
export function hasAsLetters(bytes: Uint8Array, from: number): boolean {
  return ((bytes[from] ?? 0) | 32) === 97 && ((bytes[from + 1] ?? 0) | 32) === 115
}

/** @returns the text that stands there, trimmed, without control characters, cut to 200 characters */
export function textAt(bytes: Uint8Array, from: number, to: number): string {
  return cleanText(rawTextAt(bytes, from, to))
}

/** @returns the text that stands there: UTF-8, or where it is not, ISO 8859-1 */
export function rawTextAt(bytes: Uint8Array, from: number, to: number): string {
  if (bytes !== viewed) {
    viewed = bytes
    view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }
  const text = view.toString('utf8', from, to)
  return text.includes('\ufffd') ? view.toString('latin1', from, to) : text
}

/** Text as names are kept. */
export function cleanText(text: string): string {
  const plain = /\p{Cc}/u.test(text) ? text.replace(/\p{Cc}+/gu, ' ') : text
  const trimmed = plain.trim()
  return trimmed.length > MAX_NAME ? trimmed.slice(0, MAX_NAME).toWellFormed().trimEnd() : trimmed
}

/** @returns two letters in capitals; empty for anything else and for `ZZ`, which stands for no country */
export function countryAt(bytes: Uint8Array, from: number, to: number): string {
  if (to - from !== 2) return ''
  const first = ((bytes[from] ?? 0) & ~32) - CAPITAL_A
  const second = ((bytes[from + 1] ?? 0) & ~32) - CAPITAL_A
  if (first < 0 || first > 25 || second < 0 || second > 25 || (first === 25 && second === 25)) return ''
  return LETTER_PAIRS[first * 26 + second] ?? ''
}

/** {@link countryAt} of a text. */
export function countryOf(text: string): string {
  return /^[a-z]{2}$/i.test(text) && !/^zz$/i.test(text) ? text.toUpperCase() : ''
}

/** @returns the day that is written YYYYMMDD or YYYY-MM-DD; 0 for anything that is no day of a calendar */
export function dayOf(text: string): DayNumber {
  const match = /^(\d{4})-?(\d{2})-?(\d{2})$/.exec(text)
  if (match === null) return 0
  const [, year = '', month = '', day = ''] = match
  const date = new Date(`${year}-${month}-${day}T00:00:00Z`)
  const isDay = date.getUTCDate() === Number(day) && date.getUTCMonth() + 1 === Number(month)
  return isDay && Number(year) >= 1970 ? Number(year + month + day) : 0
}

/** @returns the address that stands there in its usual notation, undefined when none does */
export function addressAt(bytes: Uint8Array, from: number, to: number): Address | undefined {
  const version = parseIpBytes(bytes, from, to, words)
  if (version === undefined) return undefined
  if (version === 6) return wide()
  const ipv4 = words[3] ?? 0
  // In a list of IPv6 ranges a mapped address is one of IPv6.
  return bytes.subarray(from, to).includes(COLON) ? MAPPED | BigInt(ipv4) : ipv4
}

/** @returns the address that stands there as a decimal number: of IPv4 up to 2^32 - 1, of IPv6 beyond; or undefined */
export function decimalAddressAt(bytes: Uint8Array, from: number, to: number): Address | undefined {
  const small = uintAt(bytes, from, to)
  if (small >= 0) return small <= MAX_UINT32 ? small : BigInt(small)
  const text = to - from <= MAX_WIDE_DIGITS ? rawTextAt(bytes, from, to) : ''
  if (!/^\d+$/.test(text)) return undefined
  const value = BigInt(text)
  return value <= MAX_UINT128 ? value : undefined
}

/** @returns the range between two addresses; undefined when they are of two versions or in the wrong order */
export function rangeBetween(first: Address, last: Address): AddressRange | undefined {
  if (first > last) return undefined
  if (typeof first === 'number' && typeof last === 'number') return { version: 4, first, last }
  if (typeof first === 'bigint' && typeof last === 'bigint') return { version: 6, first, last }
  return undefined
}

/** @returns the range of a prefix; bits behind the prefix are ignored; undefined when it is too long */
export function prefixRange(address: Address, length: number): AddressRange | undefined {
  if (typeof address === 'number') {
    if (!(length >= 0 && length <= 32)) return undefined
    const size = 2 ** (32 - length)
    const first = address - (address % size)
    return { version: 4, first, last: first + size - 1 }
  }
  if (!(length >= 0 && length <= 128)) return undefined
  const bits = BigInt(128 - length)
  const first = (address >> bits) << bits
  return { version: 6, first, last: first | ((1n << bits) - 1n) }
}

/** @returns the range of `192.0.2.0/24`, or of a single address, that stands there; undefined when neither does */
export function cidrAt(bytes: Uint8Array, from: number, to: number): AddressRange | undefined {
  const slash = indexOf(bytes, 47, from, to)
  const address = addressAt(bytes, from, slash)
  if (address === undefined) return undefined
  if (slash === to) return rangeBetween(address, address)
  const length = uintAt(bytes, slash + 1, to)
  return length < 0 || to - slash > 4 ? undefined : prefixRange(address, length)
}

/** {@link cidrAt} of a text. */
export function cidrOf(text: string): AddressRange | undefined {
  const bytes = Buffer.from(text)
  return cidrAt(bytes, 0, bytes.length)
}

/** @returns where the next such byte stands, or `to` */
export function indexOf(bytes: Uint8Array, byte: number, from: number, to: number): number {
  for (let i = from; i < to; i++) if (bytes[i] === byte) return i
  return to
}

/** @returns where the next blank or tab stands, or `to` */
export function indexOfBlank(bytes: Uint8Array, from: number, to: number): number {
  for (let i = from; i < to; i++) if (bytes[i] === SPACE || bytes[i] === TAB) return i
  return to
}

/** @returns what stands between quotation marks, with doubled ones halved; other text as it is */
export function unquoted(text: string): string {
  if (!text.startsWith('"')) return text
  return text.replace(/^"(.*?)"?$/s, '$1').replaceAll('""', '"')
}

function wide(): bigint {
  const [a = 0, b = 0, c = 0, d = 0] = words
  return (BigInt(a) << 96n) | (BigInt(b) << 64n) | (BigInt(c) << 32n) | BigInt(d)
}
