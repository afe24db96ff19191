import { closeSync, openSync, readSync } from 'node:fs'
import { openPagedFile, type PagedFile } from './paged-file.ts'
import { parseIpBytes } from './parse-ip.ts'

/** An autonomous system. */
export interface AutonomousSystem {
  readonly asn: number
  /** The name of its holder. */
  readonly organization: string
}

/** Which autonomous systems announce which addresses of one version of IP. */
export interface AsRanges extends Disposable {
  /** The system of an address, given as `parseIp` reads addresses; undefined where none is known. */
  find(version: 4 | 6, words: Uint32Array): AutonomousSystem | undefined
}

/** A file in blocks of lines. */
interface Blocks {
  readonly version: 4 | 6 | undefined
  /** The address that each block begins with, as four words. */
  readonly addresses: Uint32Array
  /** Where each block begins and, after the last, where the file ends. */
  readonly offsets: Float64Array
}

/** Where the fields of a line end; its first begins with it. */
interface Line {
  readonly endOfFirst: number
  readonly endOfLast: number
  readonly endOfNumber: number
  readonly end: number
}

const LINES_OF_A_BLOCK = 8
const MAX_BLOCK_BYTES = 16 * 1024
const CHUNK_BYTES = 256 * 1024
const MEMORY_BYTES = 1024 * 1024
const NEWLINE = 10
const COMMA = 44
const ZERO = 48
const MAX_ASN = 2 ** 32 - 1
const WORDS = 4

/**
 * Open a file of lines `first,last,number,name` about one version of IP, sorted by address. It is read through once, to
 * remember where every eighth line is; a lookup reads the few lines from there on. In memory the file would take
 * twenty times the room. Lines that say something else are passed over.
 *
 * Source: `asn-ipv4.csv` and `asn-ipv6.csv` of the package `@ip-location-db/asn`.
 *
 * @throws Error when the file cannot be read; where a lookup cannot read it later, nothing is known
 */
export function openAsRanges(path: string): AsRanges {
  const blocks = readBlocks(path)
  return rangesOf(openPagedFile(path, MEMORY_BYTES), blocks)
}

function rangesOf(file: PagedFile, { version: ownVersion, addresses, offsets }: Blocks): AsRanges {
  const bytes = Buffer.alloc(MAX_BLOCK_BYTES)
  const first = new Uint32Array(WORDS)
  const last = new Uint32Array(WORDS)

  /** @returns how many bytes of the block there are; they now stand in `bytes` */
  const readBlock = (block: number): number => {
    const from = offsets[block] ?? 0
    return file.copy(from, (offsets[block + 1] ?? from) - from, bytes)
  }

  /** The last line of the block whose range begins with the address or one before it. */
  const lastLineUpTo = (length: number, version: 4 | 6, words: Uint32Array): Line | undefined => {
    let found: Line | undefined
    for (let from = 0; from < length;) {
      const newline = bytes.indexOf(NEWLINE, from)
      const end = newline < 0 || newline > length ? length : newline
      const line = fieldsOf(bytes, from, end)
      if (line !== undefined && parseIpBytes(bytes, from, line.endOfFirst, first) === version) {
        if (compare(first, 0, words) > 0) return found
        found = line
      }
      from = end + 1
    }
    return found
  }

  return {
    find(version, words) {
      if (version !== ownVersion) return undefined
      const length = readBlock(blockOf(addresses, words))
      const line = lastLineUpTo(length, version, words)
      if (line === undefined) return undefined
      const isIn =
        parseIpBytes(bytes, line.endOfFirst + 1, line.endOfLast, last) === version &&
        compare(last, 0, words) >= 0
      return isIn ? systemOf(bytes, line) : undefined
    },
    [Symbol.dispose]: () => file[Symbol.dispose](),
  }
}

function readBlocks(path: string): Blocks {
  const addresses: number[] = []
  const offsets: number[] = []
  const first = new Uint32Array(WORDS)
  let version: 4 | 6 | undefined
  let lines = LINES_OF_A_BLOCK
  const bytes = Buffer.alloc(CHUNK_BYTES)
  let length = 0
  let chunkAt = 0

  const addLine = (from: number, end: number): void => {
    if (lines++ < LINES_OF_A_BLOCK) return
    const line = fieldsOf(bytes, from, end)
    const found = line === undefined ? undefined : parseIpBytes(bytes, from, line.endOfFirst, first)
    version ??= found
    if (found === undefined || found !== version) return
    addresses.push(...first)
    offsets.push(chunkAt + from)
    lines = 1
  }

  const file = openSync(path, 'r')
  try {
    for (;;) {
      const read = readSync(file, bytes, length, CHUNK_BYTES - length, null)
      length += read
      let from = 0
      for (let end = bytes.indexOf(NEWLINE); end >= 0 && end < length; end = bytes.indexOf(NEWLINE, from)) {
        addLine(from, end)
        from = end + 1
      }
      if (read === 0) break
      bytes.copyWithin(0, from, length)
      length -= from
      chunkAt += from
    }
  } finally {
    closeSync(file)
  }
  offsets.push(chunkAt + length)
  return { version, addresses: Uint32Array.from(addresses), offsets: Float64Array.from(offsets) }
}

/** The last block that begins with the address or one before it; -1 where there is none. */
function blockOf(addresses: Uint32Array, words: Uint32Array): number {
  let low = 0
  let high = addresses.length / WORDS
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compare(addresses, middle * WORDS, words) <= 0) low = middle + 1
    else high = middle
  }
  return low - 1
}

/** -1 when the address at that place comes before the other one, 0 when it is the same, else 1. */
function compare(addresses: Uint32Array, at: number, words: Uint32Array): -1 | 0 | 1 {
  for (let word = 0; word < WORDS; word++) {
    const left = addresses[at + word] ?? 0
    const right = words[word] ?? 0
    if (left !== right) return left < right ? -1 : 1
  }
  return 0
}

function fieldsOf(bytes: Buffer, from: number, end: number): Line | undefined {
  const endOfFirst = bytes.indexOf(COMMA, from)
  const endOfLast = bytes.indexOf(COMMA, endOfFirst + 1)
  const endOfNumber = bytes.indexOf(COMMA, endOfLast + 1)
  const isLine = endOfFirst >= 0 && endOfLast >= 0 && endOfNumber >= 0 && endOfNumber <= end
  return isLine ? { endOfFirst, endOfLast, endOfNumber, end } : undefined
}

function systemOf(bytes: Buffer, { endOfLast, endOfNumber, end }: Line): AutonomousSystem | undefined {
  let asn = 0
  for (let i = endOfLast + 1; i < endOfNumber; i++) {
    const digit = (bytes[i] ?? 0) - ZERO
    asn = digit >= 0 && digit <= 9 ? asn * 10 + digit : Number.NaN
  }
  if (!(asn >= 1 && asn <= MAX_ASN)) return undefined
  return { asn, organization: unquoted(bytes.toString('utf8', endOfNumber + 1, end)) }
}

/** A field of a CSV line, without the quotes that fields with commas and quotes stand in. */
function unquoted(field: string): string {
  const text = field.trim()
  return text.length > 1 && text.startsWith('"') && text.endsWith('"')
    ? text.slice(1, -1).replaceAll('""', '"')
    : text
}
