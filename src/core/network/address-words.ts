const MAX_WORD = 0xffff_ffff
const OCTETS = Array.from({ length: 256 }, (_, octet) => String(octet))
const DOTTED = OCTETS.map((octet) => `${octet}.`)

/** An address in four words, the most significant first, as `parseIp` reads them; an IPv4 address stands in the last. */
export function fillWords(words: Uint32Array, address: number | bigint): void {
  if (typeof address === 'number') {
    words[0] = 0
    words[1] = 0
    words[2] = 0
    words[3] = address
    return
  }
  words[0] = Number(address >> 96n)
  words[1] = Number((address >> 64n) & 0xffff_ffffn)
  words[2] = Number((address >> 32n) & 0xffff_ffffn)
  words[3] = Number(address & 0xffff_ffffn)
}

/** Make `first` and `last` the ends of the network of so many bits that an address is in. */
export function fillEnds(
  address: { readonly version: 4 | 6; readonly words: Uint32Array },
  bits: number,
  first: Uint32Array,
  last: Uint32Array,
): void {
  if (address.version === 4) {
    const ip = address.words[3] ?? 0
    const host = hostMask(bits)
    first[0] = first[1] = first[2] = 0
    last[0] = last[1] = last[2] = 0
    first[3] = (ip & ~host) >>> 0
    last[3] = (ip | host) >>> 0
    return
  }
  for (let word = 0; word < 4; word++) {
    const kept = Math.min(32, Math.max(0, bits - word * 32))
    const mask = kept === 32 ? MAX_WORD : kept === 0 ? 0 : (MAX_WORD << (32 - kept)) >>> 0
    const value = address.words[word] ?? 0
    first[word] = (value & mask) >>> 0
    last[word] = (value | ~mask) >>> 0
  }
}

const start = new Uint32Array(4)
const end = new Uint32Array(4)

/** The bits of the largest network around an address that lies between two others. */
export function widestBits(
  address: { readonly version: 4 | 6; readonly words: Uint32Array },
  first: Uint32Array,
  last: Uint32Array,
): number {
  if (address.version === 4) return widestIpv4Bits(address.words[3] ?? 0, first[3] ?? 0, last[3] ?? 0)
  let bits = 128
  // A network is larger by a bit as long as neither end goes beyond the range.
  while (bits > 0) {
    fillEnds(address, bits - 1, start, end)
    if (compareWords(start, first) < 0 || compareWords(end, last) > 0) break
    bits--
  }
  return bits
}

/**
 * {@link widestBits} of IPv4 addresses as numbers of 32 bits.
 *
 * A network of the address may have as many host bits as stand below the highest bit in which the address differs from the
 * one before the range, and from the one after it.
 */
export function widestIpv4Bits(address: number, first: number, last: number): number {
  const before = first === 0 ? 0 : Math.clz32(address ^ (first - 1)) + 1
  const after = last === MAX_WORD ? 0 : Math.clz32(address ^ (last + 1)) + 1
  return Math.max(before, after)
}

/** The bits of an IPv4 address that are not those of its network; whole numbers of 32 bits, since remainders are slow. */
export function hostMask(bits: number): number {
  return bits === 0 ? -1 : ~(-1 << (32 - bits))
}

/** -1, 0 or 1 as an address comes before, is or comes after another. */
export function compareWords(a: Uint32Array, b: Uint32Array): -1 | 0 | 1 {
  for (let word = 0; word < 4; word++) {
    const left = a[word] ?? 0
    const right = b[word] ?? 0
    if (left !== right) return left < right ? -1 : 1
  }
  return 0
}

/** An IPv4 address of 32 bits as people write it. */
export function formatIpv4(address: number): string {
  const front = `${DOTTED[address >>> 24]}${DOTTED[(address >>> 16) & 255]}${DOTTED[(address >>> 8) & 255]}`
  return `${front}${OCTETS[address & 255]}`
}

/** An address as people write it; IPv6 in the canonical form of RFC 5952. */
export function formatIp(version: 4 | 6, words: Uint32Array): string {
  if (version === 4) return formatIpv4(words[3] ?? 0)
  const groups: number[] = []
  for (let word = 0; word < 4; word++) {
    const value = words[word] ?? 0
    groups.push(value >>> 16, value & 0xffff)
  }
  let gapAt = -1
  let gapLength = 1
  for (let at = 0; at < groups.length; at++) {
    let end = at
    while (end < groups.length && groups[end] === 0) end++
    if (end - at > gapLength) {
      gapAt = at
      gapLength = end - at
    }
    if (end > at) at = end
  }
  if (gapAt < 0) return hex(groups, 0, 8)
  return `${hex(groups, 0, gapAt)}::${hex(groups, gapAt + gapLength, 8)}`
}

function hex(groups: readonly number[], from: number, to: number): string {
  let text = ''
  for (let at = from; at < to; at++) text += `${at === from ? '' : ':'}${(groups[at] ?? 0).toString(16)}`
  return text
}
