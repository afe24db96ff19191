import { isIP } from 'node:net'

/** Whether outgoing requests may reach an address. */
export type AddressPolicy = (ip: string) => boolean

/** Where in an IPv6 address four bytes of IPv4 stand. */
interface EmbeddedIpv4 {
  /** The first of the four bytes, 0–12. */
  readonly at: number
  /** Each bit is turned around. */
  readonly isInverted?: true
}

/** Who may be reached in a block: everybody, nobody, or whoever the IPv4 addresses inside say. */
type Reach = 'public' | 'refused' | readonly EmbeddedIpv4[]

interface Block {
  /** 4 or 16. */
  readonly bytes: Uint8Array
  readonly prefixBits: number
}

const LAST_FOUR_BYTES = [{ at: 12 }]

/**
 * The blocks that are told apart, the longest match counting: what the IANA special-purpose address registries call
 * globally reachable is public, everything else in them is refused, "N/A" included. Beside them stand the registries
 * of multicast addresses and of IPv6 address space, in which 2000::/3 alone is global unicast.
 *
 * Source: https://www.iana.org/assignments/iana-ipv4-special-registry,
 * https://www.iana.org/assignments/iana-ipv6-special-registry,
 * https://www.iana.org/assignments/ipv6-address-space, and for a row what stands behind it.
 */
const BLOCKS = (
  [
    ['0.0.0.0/0', 'public', 'RFC 791: addresses without a special purpose'],
    ['0.0.0.0/8', 'refused', 'RFC 791 §3.2: this network'],
    ['10.0.0.0/8', 'refused', 'RFC 1918: private use'],
    ['100.64.0.0/10', 'refused', 'RFC 6598: shared address space (carrier-grade NAT)'],
    ['127.0.0.0/8', 'refused', 'RFC 1122 §3.2.1.3: loopback'],
    ['169.254.0.0/16', 'refused', 'RFC 3927: link-local'],
    ['172.16.0.0/12', 'refused', 'RFC 1918: private use'],
    ['192.0.0.0/24', 'refused', 'RFC 6890 §2.1: IETF protocol assignments'],
    ['192.0.0.9/32', 'public', 'RFC 7723: Port Control Protocol anycast'],
    ['192.0.0.10/32', 'public', 'RFC 8155: TURN anycast'],
    ['192.0.2.0/24', 'refused', 'RFC 5737: documentation (TEST-NET-1)'],
    ['192.31.196.0/24', 'public', 'RFC 7535: AS112-v4'],
    ['192.52.193.0/24', 'public', 'RFC 7450: AMT'],
    ['192.88.99.0/24', 'refused', 'RFC 7526: deprecated 6to4 relay anycast'],
    ['192.168.0.0/16', 'refused', 'RFC 1918: private use'],
    ['192.175.48.0/24', 'public', 'RFC 7534: direct delegation AS112 service'],
    ['198.18.0.0/15', 'refused', 'RFC 2544: benchmarking'],
    ['198.51.100.0/24', 'refused', 'RFC 5737: documentation (TEST-NET-2)'],
    ['203.0.113.0/24', 'refused', 'RFC 5737: documentation (TEST-NET-3)'],
    ['224.0.0.0/4', 'refused', 'RFC 5771: multicast'],
    ['240.0.0.0/4', 'refused', 'RFC 1112 §4: reserved, limited broadcast included'],

    ['::/0', 'refused', 'RFC 4291 §2.4: reserved, unless it is in a block below'],
    ['::/96', LAST_FOUR_BYTES, 'RFC 4291 §2.5.5.1: IPv4-compatible'],
    ['::/128', 'refused', 'RFC 4291 §2.5.2: unspecified'],
    ['::1/128', 'refused', 'RFC 4291 §2.5.3: loopback'],
    ['64:ff9b::/96', LAST_FOUR_BYTES, 'RFC 6052: IPv4/IPv6 translation (NAT64)'],
    ['64:ff9b:1::/48', 'refused', 'RFC 8215: translation for local use, the IPv4 address at any place'],
    ['100::/64', 'refused', 'RFC 6666: discard-only'],
    ['100:0:0:1::/64', 'refused', 'RFC 9780: dummy prefix'],
    ['2000::/3', 'public', 'RFC 4291 §2.5.4: global unicast'],
    ['2001::/23', 'refused', 'RFC 2928: IETF protocol assignments'],
    ['2001::/32', [{ at: 4 }, { at: 12, isInverted: true }], 'RFC 4380 §4: Teredo server and client'],
    ['2001:1::1/128', 'public', 'RFC 7723: Port Control Protocol anycast'],
    ['2001:1::2/128', 'public', 'RFC 8155: TURN anycast'],
    ['2001:1::3/128', 'public', 'RFC 9665: DNS-SD Service Registration Protocol anycast'],
    ['2001:2::/48', 'refused', 'RFC 5180: benchmarking'],
    ['2001:3::/32', 'public', 'RFC 7450: AMT'],
    ['2001:4:112::/48', 'public', 'RFC 7535: AS112-v6'],
    ['2001:10::/28', 'refused', 'RFC 4843: deprecated ORCHID'],
    ['2001:20::/28', 'public', 'RFC 7343: ORCHIDv2'],
    ['2001:30::/28', 'public', 'RFC 9374: drone remote identification'],
    ['2001:db8::/32', 'refused', 'RFC 3849: documentation'],
    ['2002::/16', [{ at: 2 }], 'RFC 3056 §2: 6to4'],
    ['2620:4f:8000::/48', 'public', 'RFC 7534: direct delegation AS112 service'],
    ['3fff::/20', 'refused', 'RFC 9637: documentation'],
    ['5f00::/16', 'refused', 'RFC 9602: segment routing identifiers'],
    ['fc00::/7', 'refused', 'RFC 4193: unique local'],
    ['fe80::/10', 'refused', 'RFC 4291 §2.5.6: link-local'],
    ['fec0::/10', 'refused', 'RFC 3879: deprecated site-local'],
    ['ff00::/8', 'refused', 'RFC 4291 §2.7: multicast'],
  ] as const satisfies readonly (readonly [cidr: string, reach: Reach, source: string])[]
)
  .map(([cidr, reach]) => ({ ...parseBlock(cidr), reach: reach as Reach }))
  .toSorted((a, b) => b.prefixBits - a.prefixBits)

/**
 * Whether an address belongs to the public Internet. An IPv4 address inside an IPv6 one (mapped, compatible, NAT64,
 * 6to4, Teredo) is judged by itself.
 *
 * @returns false for text that is no IP address, and for one with a zone (`fe80::1%eth0`)
 */
export function isPublicAddress(ip: string): boolean {
  const address = parseAddress(ip)
  return address !== undefined && isPublic(address)
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
    return address !== undefined && (allowed.some((block) => contains(block, address)) || isPublic(address))
  }
}

function isPublic(address: Uint8Array): boolean {
  const reach = BLOCKS.find((block) => contains(block, address))?.reach ?? 'refused'
  if (reach === 'public' || reach === 'refused') return reach === 'public'
  return reach.every(({ at, isInverted }) =>
    isPublic(address.slice(at, at + 4).map((byte) => (isInverted ? ~byte : byte))),
  )
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
