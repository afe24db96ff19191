import { isIP } from 'node:net'
import { parseIp } from '#ports/geo/parse-ip.ts'
import { isGlobalAddress } from '#ports/geo/special-addresses.ts'

/** Whether outgoing requests may reach an address. */
export type AddressPolicy = (ip: string) => boolean

interface Block {
  /** 4 or 16. */
  readonly bytes: Uint8Array
  readonly prefixBits: number
}

/**
 * Whether an address belongs to the public Internet. An IPv4 address inside an IPv6 one (mapped, compatible, NAT64,
 * 6to4, Teredo) is judged by itself.
 *
 * @returns false for text that is no IP address, and for one with a zone (`fe80::1%eth0`)
 */
export function isPublicAddress(ip: string): boolean {
  const words = new Uint32Array(4)
  const version = ip.includes('%') ? undefined : parseIp(ip, words)
  return version !== undefined && isGlobalAddress(version, words)
}

/**
 * A policy that allows the public addresses and those of a list. An IPv4 entry also covers the same addresses in
 * mapped notation (`::ffff:10.0.0.1`), and no other embedding.
 *
 * @param allowPrivate CIDR blocks and single addresses; host bits are ignored
 * @throws RangeError for an entry that is neither
 */
export function addressPolicy(allowPrivate: readonly string[]): AddressPolicy {
  const allowed = allowPrivate.map(parseBlock)
  return (ip) => {
    const address = parseAddress(ip)
    return address !== undefined && (allowed.some((block) => contains(block, address)) || isPublicAddress(ip))
  }
}

function contains(block: Block, address: Uint8Array): boolean {
  if (block.bytes.length !== address.length) return false
  return block.bytes.every((byte, index) => {
    const bits = Math.min(8, Math.max(0, block.prefixBits - index * 8))
    return (byte ^ (address[index] ?? 0)) >> (8 - bits) === 0
  })
}

function parseBlock(text: string): Block {
  const [ip = '', prefix, ...rest] = text.split('/')
  const address = parseAddress(ip)
  const maxBits = ip.includes(':') ? 128 : 32
  const prefixBits = prefix === undefined ? maxBits : /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN
  if (address === undefined || rest.length > 0 || !(prefixBits <= maxBits))
    throw new RangeError(`${text} is neither an IP address nor a CIDR block`)
  // A block of mapped addresses is one of IPv4, unless it is so large that it has others too.
  if (address.length === 16 || maxBits === 32) return { bytes: address, prefixBits }
  return prefixBits < 96
    ? { bytes: ipv6Bytes(ip), prefixBits }
    : { bytes: address, prefixBits: prefixBits - 96 }
}

/** The bytes of an address, in four those of an IPv4 address in mapped notation (RFC 4291 §2.5.5.2) too. */
function parseAddress(ip: string): Uint8Array | undefined {
  const version = ip.includes('%') ? 0 : isIP(ip)
  if (version === 0) return undefined
  if (version === 4) return dottedBytes(ip)
  const bytes = ipv6Bytes(ip)
  const isMapped = bytes.subarray(0, 12).every((byte, index) => byte === (index < 10 ? 0 : 0xff))
  return isMapped ? bytes.slice(12) : bytes
}

function dottedBytes(ip: string): Uint8Array {
  return Uint8Array.from(ip.split('.'), Number)
}

function ipv6Bytes(ip: string): Uint8Array {
  const [head = [], tail] = ip.split('::').map(groupBytes)
  const bytes = new Uint8Array(16)
  bytes.set(head, 0)
  if (tail !== undefined) bytes.set(tail, 16 - tail.length)
  return bytes
}

/** The bytes of groups such as `2001:db8` or `ffff:192.0.2.1`. */
function groupBytes(groups: string): number[] {
  if (groups === '') return []
  return groups.split(':').flatMap((group) => {
    if (group.includes('.')) return [...dottedBytes(group)]
    const value = Number.parseInt(group, 16)
    return [value >> 8, value & 0xff]
  })
}
