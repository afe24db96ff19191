import { DomainError } from '#core/errors.ts'
import { parseIp } from '#ports/geo/parse-ip.ts'

/** An address in four words of 32 bits, the most significant first; an IPv4 address stands in the last. */
export interface ParsedIp {
  readonly version: 4 | 6
  readonly words: Uint32Array
}

export interface ParsedPrefix extends ParsedIp {
  readonly bits: number
}

const MAX_ASN = 2 ** 32 - 1

/** @throws DomainError `address-invalid` */
export function requireIp(text: string): ParsedIp {
  const words = new Uint32Array(4)
  const version = text.includes('%') ? undefined : parseIp(text.trim(), words)
  if (version === undefined) throw new DomainError('address-invalid', { text })
  return { version, words }
}

/**
 * The number of an autonomous system, written `24940`, `AS24940` or `as24940`.
 *
 * @throws DomainError `asn-invalid` when it is no number from 1 to 4294967295
 */
export function parseAsn(text: string): number {
  const digits = /^(?:as)?0*([1-9]\d{0,9})$/i.exec(text.trim())?.[1]
  const asn = Number(digits)
  if (digits === undefined || asn > MAX_ASN) throw new DomainError('asn-invalid', { text })
  return asn
}

/**
 * A network as `192.0.2.0/24`, host bits cleared; one in IPv4-mapped notation as the IPv4 network it is.
 *
 * @throws DomainError `prefix-invalid`
 */
export function parsePrefix(text: string): ParsedPrefix {
  const [, ip = '', length = ''] = /^([^/]+)\/(\d{1,3})$/.exec(text.trim()) ?? []
  const words = new Uint32Array(4)
  const version = ip.includes('%') ? undefined : parseIp(ip, words)
  if (version === undefined)
    throw new DomainError('prefix-invalid', { text, problem: 'is no network such as 192.0.2.0/24' })
  const isMapped = version === 4 && ip.includes(':')
  const bits = Number(length) - (isMapped ? 96 : 0)
  const maxBits = version === 4 ? 32 : 128
  if (bits < 0 || bits > maxBits)
    throw new DomainError('prefix-invalid', { text, problem: `has a length outside 0–${maxBits}` })
  clearHostBits(words, version === 4 ? 96 + bits : bits)
  return { version, words, bits }
}

function clearHostBits(address: Uint32Array, bits: number): void {
  for (let word = 0; word < 4; word++) {
    const kept = Math.min(32, Math.max(0, bits - word * 32))
    address[word] = kept === 0 ? 0 : ((address[word] ?? 0) & (-1 << (32 - kept))) >>> 0
  }
}
