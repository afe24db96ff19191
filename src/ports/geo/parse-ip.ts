const ZERO = 48
const NINE = 57
const DOT = 46
const COLON = 58
const PERCENT = 37
const GROUPS = 8

/** The longest text read as an address: IPv6 with four decimal numbers at the end, and a zone. */
const MAX_TEXT = 64

const groups = new Uint16Array(GROUPS)
const scratch = new Uint8Array(MAX_TEXT)

/**
 * Read an address into four numbers of 32 bits, the most significant first. An IPv4 address stands in the last; one in
 * IPv6 clothing (`::ffff:192.0.2.1`) is an IPv4 address. A zone (`fe80::1%eth0`) is ignored.
 *
 * @returns the address's version, or undefined when the text is no address; `words` then holds nothing useful
 */
export function parseIp(text: string, words: Uint32Array): 4 | 6 | undefined {
  const length = copyUpToZone(text)
  return length < 0 ? undefined : parseIpBytes(scratch, 0, length, words)
}

/**
 * An IPv4 address written as four decimal numbers and in no other way, as a number of 32 bits: what is found is what would
 * be written for it.
 *
 * @returns -1 for any other text
 */
export function parseIpv4(text: string): number {
  const length = copyUpToZone(text)
  return length === text.length ? readIpv4(scratch, 0, length) : -1
}

/** @returns how many characters are in `scratch` then; -1 for a text that is no address */
function copyUpToZone(text: string): number {
  let length = 0
  for (; length < text.length; length++) {
    const code = text.charCodeAt(length)
    if (code === PERCENT) break
    if (code > 127 || length === MAX_TEXT) return -1
    scratch[length] = code
  }
  return length
}

/** {@link parseIp} of the ASCII text that stands in those bytes, without a zone. */
export function parseIpBytes(
  bytes: Uint8Array,
  from: number,
  to: number,
  words: Uint32Array,
): 4 | 6 | undefined {
  // By number: to call for filling four of them costs more.
  words[0] = words[1] = words[2] = words[3] = 0
  const ipv4 = readIpv4(bytes, from, to)
  if (ipv4 >= 0) {
    words[3] = ipv4
    return 4
  }
  if (!parseGroups(bytes, from, to)) return undefined
  for (let word = 0; word < 4; word++)
    words[word] = (groups[2 * word] ?? 0) * 0x1_0000 + (groups[2 * word + 1] ?? 0)
  if (words[0] !== 0 || words[1] !== 0 || words[2] !== 0xffff) return 6
  words[2] = 0
  return 4
}

/** @returns -1 when that part of the text is no address of four decimal numbers */
function readIpv4(bytes: Uint8Array, from: number, to: number): number {
  let value = 0
  let octet = 0
  let digits = 0
  let dots = 0
  for (let i = from; i < to; i++) {
    const code = bytes[i] ?? 0
    if (code >= ZERO && code <= NINE) {
      if (digits > 0 && octet === 0) return -1
      octet = octet * 10 + code - ZERO
      digits++
      if (octet > 255) return -1
    } else if (code === DOT && digits > 0 && dots < 3) {
      value = value * 256 + octet
      octet = 0
      digits = 0
      dots++
    } else return -1
  }
  return dots === 3 && digits > 0 ? value * 256 + octet : -1
}

/** Read an IPv6 address into `groups`. */
function parseGroups(bytes: Uint8Array, from: number, to: number): boolean {
  let count = 0
  let gap = -1
  let i = from
  if (to - from >= 2 && bytes[from] === COLON && bytes[from + 1] === COLON) {
    gap = 0
    i += 2
  }
  while (i < to) {
    if (count === GROUPS) return false
    const start = i
    let value = 0
    for (let digit = hexDigit(bytes[i] ?? 0); digit >= 0; digit = i < to ? hexDigit(bytes[i] ?? 0) : -1) {
      value = value * 16 + digit
      if (++i - start > 4) return false
    }
    if (i < to && bytes[i] === DOT) {
      const tail = readIpv4(bytes, start, to)
      if (tail < 0 || count > GROUPS - 2) return false
      groups[count++] = tail / 0x1_0000
      groups[count++] = tail
      break
    }
    if (i === start) return false
    groups[count++] = value
    if (i === to) break
    if (bytes[i] !== COLON || i + 1 === to) return false
    i++
    if (bytes[i] === COLON) {
      if (gap >= 0) return false
      gap = count
      i++
    }
  }
  if (gap < 0) return count === GROUPS
  if (count === GROUPS) return false
  groups.copyWithin(GROUPS - (count - gap), gap, count)
  groups.fill(0, gap, GROUPS - (count - gap))
  return true
}

/** @returns -1 when it is none */
function hexDigit(code: number): number {
  if (code >= ZERO && code <= NINE) return code - ZERO
  const letter = code | 32
  return letter >= 97 && letter <= 102 ? letter - 87 : -1
}
