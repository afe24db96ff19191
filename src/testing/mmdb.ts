import { parseIp } from '#ports/geo/parse-ip.ts'

/** What a record of a built database may consist of. Whole numbers are written as such, others as doubles. */
export type RecordValue =
  | string
  | number
  | boolean
  | readonly RecordValue[]
  | { readonly [key: string]: RecordValue }

export interface MmdbContents {
  readonly ipVersion: 4 | 6
  readonly recordBits?: 24 | 28 | 32
  readonly builtAt?: Date
  /** By prefix, `192.0.2.0/24`; none may lie inside another. */
  readonly records: Readonly<Record<string, RecordValue>>
}

/** A branch of the tree: another node, the place of a record in the data section, or nothing. */
type Branch = Node | number | undefined
type Node = [left: Branch, right: Branch]

const SEPARATOR_BYTES = 16
const TYPE_TEXT = 2
const TYPE_DOUBLE = 3
const TYPE_UINT32 = 6
const TYPE_MAP = 7
const TYPE_UINT64 = 9
const TYPE_ARRAY = 11
const TYPE_BOOLEAN = 14

/** A file of the MaxMind DB format; texts that come twice are written once and pointed to. */
export function buildMmdb({
  ipVersion,
  recordBits = 24,
  builtAt = new Date(0),
  records,
}: MmdbContents): Buffer {
  const data = valueWriter()
  const root: Node = [undefined, undefined]
  for (const [prefix, record] of Object.entries(records))
    insert(root, bitsOf(prefix, ipVersion), data.write(record))
  const nodes = numbered(root)
  const tree = Buffer.concat(
    [...nodes.keys()].map((node) =>
      nodeBytes(
        node.map((branch) => {
          if (branch === undefined) return nodes.size
          return typeof branch === 'number' ? nodes.size + SEPARATOR_BYTES + branch : (nodes.get(branch) ?? 0)
        }),
        recordBits,
      ),
    ),
  )
  const metadata = valueWriter()
  metadata.write({
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: Math.floor(builtAt.getTime() / 1000),
    database_type: 'test',
    ip_version: ipVersion,
    node_count: nodes.size,
    record_size: recordBits,
  })
  const marker = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1')
  return Buffer.concat([tree, Buffer.alloc(SEPARATOR_BYTES), data.bytes(), marker, metadata.bytes()])
}

/** The bits of a prefix from the root on, `0` and `1`. */
function bitsOf(prefix: string, ipVersion: 4 | 6): string {
  const [address = '', length = ''] = prefix.split('/')
  const words = new Uint32Array(4)
  const version = parseIp(address, words)
  if (version === undefined) throw new Error(`${prefix} is no prefix`)
  const bits = [...words].map((word) => word.toString(2).padStart(32, '0')).join('')
  if (version === 6) return bits.slice(0, Number(length))
  const ipv4 = bits.slice(96, 96 + Number(length))
  return ipVersion === 4 ? ipv4 : '0'.repeat(96) + ipv4
}

function insert(root: Node, bits: string, place: number): void {
  let node = root
  for (const bit of bits.slice(0, -1)) {
    const side = bit === '0' ? 0 : 1
    const next = node[side]
    if (Array.isArray(next)) node = next
    else {
      const created: Node = [undefined, undefined]
      node[side] = created
      node = created
    }
  }
  node[bits.endsWith('0') ? 0 : 1] = place
}

/** The nodes of a tree by their numbers, the root first. */
function numbered(root: Node): Map<Node, number> {
  const numbers = new Map([[root, 0]])
  for (const node of numbers.keys()) {
    for (const branch of node) if (Array.isArray(branch)) numbers.set(branch, numbers.size)
  }
  return numbers
}

function nodeBytes([left = 0, right = 0]: readonly number[], recordBits: 24 | 28 | 32): Buffer {
  const bytes = Buffer.alloc(recordBits / 4)
  if (recordBits === 32) {
    bytes.writeUInt32BE(left, 0)
    bytes.writeUInt32BE(right, 4)
    return bytes
  }
  bytes.writeUIntBE(left & 0xffffff, 0, 3)
  bytes.writeUIntBE(right & 0xffffff, recordBits === 24 ? 3 : 4, 3)
  if (recordBits === 28) bytes[3] = ((left >>> 24) << 4) | (right >>> 24)
  return bytes
}

function valueWriter() {
  let bytes = Buffer.alloc(0)
  const places = new Map<string, number>()
  const append = (more: Buffer) => {
    bytes = Buffer.concat([bytes, more])
  }
  const writeValue = (value: RecordValue): void => {
    if (typeof value === 'string') {
      const place = places.get(value)
      if (place !== undefined) {
        append(pointer(place))
        return
      }
      places.set(value, bytes.length)
      const text = Buffer.from(value)
      append(Buffer.concat([control(TYPE_TEXT, text.length), text]))
    } else if (typeof value === 'boolean') append(control(TYPE_BOOLEAN, value ? 1 : 0))
    else if (typeof value === 'number') append(numberBytes(value))
    else if (Array.isArray(value)) {
      append(control(TYPE_ARRAY, value.length))
      for (const item of value) writeValue(item)
    } else {
      const entries = Object.entries(value)
      append(control(TYPE_MAP, entries.length))
      for (const [key, item] of entries) {
        writeValue(key)
        writeValue(item)
      }
    }
  }
  return {
    /** @returns the place of the value in the section */
    write(value: RecordValue): number {
      const place = bytes.length
      writeValue(value)
      return place
    },
    bytes: () => bytes,
  }
}

function numberBytes(value: number): Buffer {
  if (!Number.isInteger(value) || value < 0) {
    const bytes = Buffer.alloc(8)
    bytes.writeDoubleBE(value)
    return Buffer.concat([control(TYPE_DOUBLE, 8), bytes])
  }
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return value <= 0xffff_ffff
    ? Buffer.concat([control(TYPE_UINT32, 4), bytes.subarray(4)])
    : Buffer.concat([control(TYPE_UINT64, 8), bytes])
}

function control(type: number, size: number): Buffer {
  const short = size < 29 ? size : size < 285 ? 29 : size < 65_821 ? 30 : 31
  const rest = Buffer.alloc(4)
  const extra = short - 28
  if (extra > 0) rest.writeUIntBE(size - ([0, 29, 285, 65_821][extra] ?? 0), 0, extra)
  const head = type > 7 ? [short, type - 7] : [(type << 5) | short]
  return Buffer.concat([Buffer.from(head), rest.subarray(0, Math.max(0, extra))])
}

function pointer(place: number): Buffer {
  if (place < 2048) return Buffer.from([0x20 | (place >>> 8), place & 0xff])
  const bytes = Buffer.alloc(5)
  bytes[0] = 0x38
  bytes.writeUInt32BE(place, 1)
  return bytes
}
