import { isMmdbMap, mmdbDecoder, type MmdbValue } from './mmdb-values.ts'
import { openPagedFile, type PagedFile } from './paged-file.ts'

/** An open database of the MaxMind DB format, whatever its records are. */
export interface Mmdb extends Disposable {
  /** A database of version 6 may hold IPv4 addresses too. */
  readonly ipVersion: 4 | 6
  readonly builtAt: Date
  /**
   * The place of an address's record, given as `parseIp` reads addresses; 0 where there is none. Addresses with the same
   * record have the same place.
   */
  find(version: 4 | 6, words: Uint32Array): number
  /**
   * Every network of a version that has a record, in the order of addresses: its first address, how many bits of it
   * are the network's, and the place of its record. `words` is used again for the next one.
   *
   * @throws Error when the search tree is none
   */
  walk(version: 4 | 6, visit: (words: Uint32Array, bits: number, place: number) => void): void
  /** The record at a place that {@link find} returned, or the wanted fields of it. What is damaged in it is undefined. */
  record(place: number, wanted?: ReadonlySet<string>): MmdbValue
}

const MARKER = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1')
const MAX_METADATA_BYTES = 128 * 1024
const SEPARATOR_BYTES = 16
const MEMORY_BYTES = 2 * 1024 * 1024
/** IPv4 addresses lie below this many zero bits of a version 6 tree. */
const IPV4_DEPTH = 96
/** Depths of a tree, the end not included. Below a branch of the first ones a subtree is a page or two of the file. */
type DepthRange = readonly [first: number, end: number]
const IPV4_BRANCH: DepthRange = [IPV4_DEPTH, IPV4_DEPTH + 16]
const IPV4_REST: DepthRange = [IPV4_DEPTH + 16, 128]
const IPV6_BRANCH: DepthRange = [0, 32]
const IPV6_REST: DepthRange = [32, 128]
/** 16,384 branches are kept. */
const KEPT_BRANCH_BITS = 14

/**
 * Open a database file, of which about 2 MiB are kept in memory, or as much as is said. The file may be replaced by
 * another of its name.
 *
 * Source: MaxMind DB File Format Specification 2.0.
 *
 * @throws Error when it cannot be read or is no such database
 */
export function openMmdb(path: string, memoryBytes = MEMORY_BYTES): Mmdb {
  const file = openPagedFile(path, memoryBytes)
  try {
    return readMmdb(file, path)
  } catch (error) {
    file[Symbol.dispose]()
    throw error
  }
}

function readMmdb(file: PagedFile, path: string): Mmdb {
  const { nodeCount, recordBits, ipVersion, builtAt } = readMetadata(file, path)
  const nodeBytes = recordBits / 4
  const treeBytes = nodeCount * nodeBytes

  const childOf = (node: number, bit: number): number => {
    const at = node * nodeBytes
    if (recordBits === 24) return file.uint(bit === 0 ? at : at + 3, 3)
    if (recordBits === 32) return file.uint(bit === 0 ? at : at + 4, 4)
    // The fourth of seven bytes holds the highest four bits of both.
    if (bit === 1) return file.uint(at + 3, 4) & 0x0fff_ffff
    const left = file.uint(at, 4)
    return ((left & 0xf0) << 20) | (left >>> 8)
  }

  let ipv4Root = 0
  for (let depth = 0; ipVersion === 6 && depth < IPV4_DEPTH && ipv4Root < nodeCount; depth++)
    ipv4Root = childOf(ipv4Root, 0)

  const descend = (from: number, words: Uint32Array, [first, end]: DepthRange): number => {
    let node = from
    for (let depth = first; depth < end && node < nodeCount; depth++)
      node = childOf(node, ((words[depth >>> 5] ?? 0) >>> (31 - (depth & 31))) & 1)
    return node
  }
  const branchOf = {
    4: branchFinder(
      (words) => (words[3] ?? 0) >>> 16,
      (words) => descend(ipv4Root, words, IPV4_BRANCH),
    ),
    6: branchFinder(
      (words) => words[0] ?? 0,
      (words) => descend(0, words, IPV6_BRANCH),
    ),
  }

  const walk: Mmdb['walk'] = (version, visit) => {
    if (version > ipVersion) return
    const words = new Uint32Array(4)
    // A tree has each node once; a graph with cycles would be walked for ever.
    let nodesLeft = nodeCount
    const visitNode = (node: number, depth: number): void => {
      if (node === nodeCount) return
      if (node > nodeCount) {
        visit(words, version === 4 ? depth - IPV4_DEPTH : depth, node - nodeCount + treeBytes)
        return
      }
      // The IPv4 networks stand in several places of a version 6 tree; they are not visited as IPv6 ones.
      if (version === 6 && ipVersion === 6 && node === ipv4Root) return
      if (depth === 128 || nodesLeft-- <= 0) throw new Error(`${path} has a damaged search tree`)
      const word = depth >>> 5
      const bit = 2 ** (31 - (depth & 31))
      const before = words[word] ?? 0
      visitNode(childOf(node, 0), depth + 1)
      words[word] = before + bit
      visitNode(childOf(node, 1), depth + 1)
      words[word] = before
    }
    if (version === 4) visitNode(ipv4Root, IPV4_DEPTH)
    else visitNode(0, 0)
  }

  return {
    ipVersion,
    builtAt,
    walk,
    find(version, words) {
      if (version > ipVersion) return 0
      const node = descend(branchOf[version](words), words, version === 4 ? IPV4_REST : IPV6_REST)
      return node > nodeCount ? node - nodeCount + treeBytes : 0
    },
    record: mmdbDecoder(file, treeBytes + SEPARATOR_BYTES),
    [Symbol.dispose]: () => file[Symbol.dispose](),
  }
}

/** A function that finds the node that the first bits of an address lead to, and keeps it under the number they are. */
function branchFinder(
  keyOf: (words: Uint32Array) => number,
  find: (words: Uint32Array) => number,
): (words: Uint32Array) => number {
  const keys = new Uint32Array(2 ** KEPT_BRANCH_BITS)
  /** 0, the root, where nothing is kept. */
  const nodes = new Uint32Array(2 ** KEPT_BRANCH_BITS)
  return (words) => {
    const key = keyOf(words)
    const slot = Math.imul(key, 0x9e37_79b1) >>> (32 - KEPT_BRANCH_BITS)
    const kept = nodes[slot] ?? 0
    if (kept !== 0 && keys[slot] === key) return kept
    const node = find(words)
    keys[slot] = key
    nodes[slot] = node
    return node
  }
}

interface Metadata {
  readonly nodeCount: number
  readonly recordBits: 24 | 28 | 32
  readonly ipVersion: 4 | 6
  readonly builtAt: Date
}

function readMetadata(file: PagedFile, path: string): Metadata {
  const marker = file.lastIndexOf(MARKER, MAX_METADATA_BYTES)
  if (marker < 0) throw new Error(`${path} is no MaxMind DB file: it has no metadata`)
  const start = marker + MARKER.length
  const metadata = mmdbDecoder(file, start)(start)
  const numberAt = (key: string) => {
    const value = isMmdbMap(metadata) ? metadata[key] : undefined
    return typeof value === 'number' ? value : Number.NaN
  }
  const nodeCount = numberAt('node_count')
  const recordBits = numberAt('record_size')
  const ipVersion = numberAt('ip_version')
  const builtAt = new Date(numberAt('build_epoch') * 1000)
  if (
    numberAt('binary_format_major_version') !== 2 ||
    (recordBits !== 24 && recordBits !== 28 && recordBits !== 32) ||
    (ipVersion !== 4 && ipVersion !== 6) ||
    !(nodeCount * (recordBits / 4) + SEPARATOR_BYTES <= marker) ||
    Number.isNaN(builtAt.getTime())
  )
    throw new Error(`${path} is no MaxMind DB file of version 2, or only a part of one`)
  return { nodeCount, recordBits, ipVersion, builtAt }
}
