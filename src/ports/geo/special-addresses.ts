/** A block that the IANA registries set aside. */
export interface SpecialBlock {
  readonly prefix: string
  /** `private use`. */
  readonly purpose: string
  /** `RFC 1918`. */
  readonly reference: string
}

/** An IPv4 address inside an IPv6 one, as a number of 32 bits. */
export interface EmbeddedIpv4 {
  readonly kind: 'compatible' | 'nat64' | '6to4' | 'teredo-server' | 'teredo-client'
  readonly address: number
}

/** Where in an IPv6 address an IPv4 address stands: so many bits from the front, perhaps with each bit turned around. */
interface Embedding {
  readonly kind: EmbeddedIpv4['kind']
  readonly at: 16 | 32 | 96
  readonly isInverted?: true
}

/** Who may be reached in a block: everybody, nobody, or whoever the IPv4 addresses inside say. */
type Reach = 'public' | 'none' | readonly Embedding[]

interface Block extends SpecialBlock {
  /** Four words, the most significant first; IPv4 in the first. */
  readonly words: readonly number[]
  readonly bits: number
  readonly reach: Reach
}

/**
 * The blocks that are told apart, the longest match counting: what the IANA special-purpose address registries call
 * globally reachable is public, everything else in them is not, "N/A" included. Beside them stand the registries of
 * multicast addresses and of IPv6 address space, in which 2000::/3 alone is global unicast.
 *
 * Source: https://www.iana.org/assignments/iana-ipv4-special-registry,
 * https://www.iana.org/assignments/iana-ipv6-special-registry,
 * https://www.iana.org/assignments/ipv6-address-space, and for a row what stands behind it.
 */
const IPV4_BLOCKS: readonly (readonly [prefix: string, reach: Reach, purpose: string, reference: string])[] =
  [
    ['0.0.0.0/8', 'none', 'this network', 'RFC 791 §3.2'],
    ['10.0.0.0/8', 'none', 'private use', 'RFC 1918'],
    ['100.64.0.0/10', 'none', 'shared address space (carrier-grade NAT)', 'RFC 6598'],
    ['127.0.0.0/8', 'none', 'loopback', 'RFC 1122 §3.2.1.3'],
    ['169.254.0.0/16', 'none', 'link-local', 'RFC 3927'],
    ['172.16.0.0/12', 'none', 'private use', 'RFC 1918'],
    ['192.0.0.0/24', 'none', 'IETF protocol assignments', 'RFC 6890 §2.1'],
    ['192.0.0.9/32', 'public', 'Port Control Protocol anycast', 'RFC 7723'],
    ['192.0.0.10/32', 'public', 'TURN anycast', 'RFC 8155'],
    ['192.0.2.0/24', 'none', 'documentation (TEST-NET-1)', 'RFC 5737'],
    ['192.31.196.0/24', 'public', 'AS112-v4', 'RFC 7535'],
    ['192.52.193.0/24', 'public', 'AMT', 'RFC 7450'],
    ['192.88.99.0/24', 'none', 'deprecated 6to4 relay anycast', 'RFC 7526'],
    ['192.168.0.0/16', 'none', 'private use', 'RFC 1918'],
    ['192.175.48.0/24', 'public', 'direct delegation AS112 service', 'RFC 7534'],
    ['198.18.0.0/15', 'none', 'benchmarking', 'RFC 2544'],
    ['198.51.100.0/24', 'none', 'documentation (TEST-NET-2)', 'RFC 5737'],
    ['203.0.113.0/24', 'none', 'documentation (TEST-NET-3)', 'RFC 5737'],
    ['224.0.0.0/4', 'none', 'multicast', 'RFC 5771'],
    ['240.0.0.0/4', 'none', 'reserved', 'RFC 1112 §4'],
    ['255.255.255.255/32', 'none', 'limited broadcast', 'RFC 919'],
  ]

const IPV6_BLOCKS: typeof IPV4_BLOCKS = [
  ['::/0', 'none', 'reserved', 'RFC 4291 §2.4'],
  ['::/96', [{ kind: 'compatible', at: 96 }], 'IPv4-compatible', 'RFC 4291 §2.5.5.1'],
  ['::/128', 'none', 'unspecified', 'RFC 4291 §2.5.2'],
  ['::1/128', 'none', 'loopback', 'RFC 4291 §2.5.3'],
  ['64:ff9b::/96', [{ kind: 'nat64', at: 96 }], 'IPv4/IPv6 translation (NAT64)', 'RFC 6052'],
  ['64:ff9b:1::/48', 'none', 'translation for local use', 'RFC 8215'],
  ['100::/64', 'none', 'discard-only', 'RFC 6666'],
  ['100:0:0:1::/64', 'none', 'dummy prefix', 'RFC 9780'],
  ['2000::/3', 'public', 'global unicast', 'RFC 4291 §2.5.4'],
  ['2001::/23', 'none', 'IETF protocol assignments', 'RFC 2928'],
  [
    '2001::/32',
    [
      { kind: 'teredo-server', at: 32 },
      { kind: 'teredo-client', at: 96, isInverted: true },
    ],
    'Teredo',
    'RFC 4380 §4',
  ],
  ['2001:1::1/128', 'public', 'Port Control Protocol anycast', 'RFC 7723'],
  ['2001:1::2/128', 'public', 'TURN anycast', 'RFC 8155'],
  ['2001:1::3/128', 'public', 'DNS-SD Service Registration Protocol anycast', 'RFC 9665'],
  ['2001:2::/48', 'none', 'benchmarking', 'RFC 5180'],
  ['2001:3::/32', 'public', 'AMT', 'RFC 7450'],
  ['2001:4:112::/48', 'public', 'AS112-v6', 'RFC 7535'],
  ['2001:10::/28', 'none', 'deprecated ORCHID', 'RFC 4843'],
  ['2001:20::/28', 'public', 'ORCHIDv2', 'RFC 7343'],
  ['2001:30::/28', 'public', 'drone remote identification', 'RFC 9374'],
  ['2001:db8::/32', 'none', 'documentation', 'RFC 3849'],
  ['2002::/16', [{ kind: '6to4', at: 16 }], '6to4', 'RFC 3056 §2'],
  ['2620:4f:8000::/48', 'public', 'direct delegation AS112 service', 'RFC 7534'],
  ['3fff::/20', 'none', 'documentation', 'RFC 9637'],
  ['5f00::/16', 'none', 'segment routing identifiers', 'RFC 9602'],
  ['fc00::/7', 'none', 'unique local', 'RFC 4193'],
  ['fe80::/10', 'none', 'link-local', 'RFC 4291 §2.5.6'],
  ['fec0::/10', 'none', 'deprecated site-local', 'RFC 3879'],
  ['ff00::/8', 'none', 'multicast', 'RFC 4291 §2.7'],
]

const ipv4Blocks = blocksOf(IPV4_BLOCKS, ipv4Words)
const ipv6Blocks = blocksOf(IPV6_BLOCKS, ipv6Words)
/** By first octet, the blocks that have addresses with it. */
const blocksOfOctet = Array.from({ length: 256 }, (_, octet) =>
  ipv4Blocks.filter(({ words: [first = 0], bits }) => {
    const shift = 32 - Math.min(8, bits)
    return octet >>> (shift - 24) === first >>> shift
  }),
)

/** Most have none, and need no second look. */
const hasBlocks = Uint8Array.from(blocksOfOctet, ({ length }) => length)

/**
 * What an address is set aside for, when it cannot be that of a host on the public Internet; undefined when it can. An
 * IPv4 address inside an IPv6 one (compatible, NAT64, 6to4, Teredo) is judged by itself.
 *
 * @param words as `parseIp` reads them: four, an IPv4 address in the last
 */
export function specialBlockOf(version: 4 | 6, words: Uint32Array): SpecialBlock | undefined {
  if (version === 4) return specialIpv4(words[3] ?? 0)
  const block = ipv6Blocks.find((candidate) => contains(candidate, words))
  if (block === undefined || block.reach === 'public') return undefined
  if (block.reach === 'none') return block
  for (const { address } of embeddedIn(block.reach, words)) {
    const special = specialIpv4(address)
    if (special !== undefined) return special
  }
  return undefined
}

/** The IPv4 addresses that an IPv6 address carries. */
export function embeddedIpv4(version: 4 | 6, words: Uint32Array): readonly EmbeddedIpv4[] {
  if (version === 4) return []
  const reach = ipv6Blocks.find((candidate) => contains(candidate, words))?.reach
  return reach === undefined || reach === 'public' || reach === 'none' ? [] : embeddedIn(reach, words)
}

/** Whether an address can be that of a host on the public Internet; see {@link specialBlockOf}. */
export function isGlobalAddress(version: 4 | 6, words: Uint32Array): boolean {
  return specialBlockOf(version, words) === undefined
}

function specialIpv4(address: number): SpecialBlock | undefined {
  const octet = address >>> 24
  if (hasBlocks[octet] === 0) return undefined
  for (const block of blocksOfOctet[octet] ?? [])
    if (address >>> (32 - block.bits) === (block.words[0] ?? 0) >>> (32 - block.bits))
      return block.reach === 'public' ? undefined : block
  return undefined
}

function embeddedIn(embeddings: readonly Embedding[], words: Uint32Array): EmbeddedIpv4[] {
  return embeddings.map(({ kind, at, isInverted }) => {
    const word = words[at >>> 5] ?? 0
    const next = words[(at >>> 5) + 1] ?? 0
    const address = at % 32 === 0 ? word : ((word << 16) | (next >>> 16)) >>> 0
    return { kind, address: isInverted === true ? ~address >>> 0 : address }
  })
}

function contains({ words, bits }: Block, address: Uint32Array): boolean {
  for (let word = 0, left = bits; left > 0; word++, left -= 32) {
    const shift = Math.max(0, 32 - left)
    if ((words[word] ?? 0) >>> shift !== (address[word] ?? 0) >>> shift) return false
  }
  return true
}

function blocksOf(rows: typeof IPV4_BLOCKS, wordsOf: (ip: string) => number[]): readonly Block[] {
  return rows
    .map(([prefix, reach, purpose, reference]) => {
      const [ip = '', bits] = prefix.split('/')
      return { prefix, reach, purpose, reference, words: wordsOf(ip), bits: Number(bits) }
    })
    .toSorted((a, b) => b.bits - a.bits)
}

function ipv4Words(ip: string): number[] {
  return [ip.split('.').reduce((address, octet) => address * 256 + Number(octet), 0)]
}

/** Of the table's addresses, all of which have a gap and none of which has dots. */
function ipv6Words(ip: string): number[] {
  const [head = [], tail = []] = ip.split('::').map((part) => (part === '' ? [] : part.split(':')))
  const groups = [...head, ...Array.from({ length: 8 - head.length - tail.length }, () => '0'), ...tail].map(
    (group) => Number.parseInt(group, 16),
  )
  return [0, 2, 4, 6].map((at) => (groups[at] ?? 0) * 65_536 + (groups[at + 1] ?? 0))
}
