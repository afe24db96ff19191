import { crc32 } from 'node:zlib'

/** What a blob of a run holds. */
export const BLOB_KINDS = { pack: 1, head: 2, column: 3, cells: 4, sketches: 5 } as const

export type BlobKind = keyof typeof BLOB_KINDS

/** The version of every layout in this folder. */
const VERSION = 1
/** u8 kind, u8 version, u16 zero, u32 CRC-32 of everything behind. */
export const BLOB_HEADER_BYTES = 8

/** A blob that cannot be what the store wrote. */
export class DamagedBlobError extends Error {
  override readonly name = 'DamagedBlobError'
}

/** Fill in the header of a blob whose body is complete. */
export function sealBlob(bytes: Uint8Array<ArrayBuffer>, kind: BlobKind): Uint8Array<ArrayBuffer> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  view.setUint8(0, BLOB_KINDS[kind])
  view.setUint8(1, VERSION)
  view.setUint16(2, 0, true)
  view.setUint32(4, crc32(bytes.subarray(BLOB_HEADER_BYTES)), true)
  return bytes
}

/**
 * The bytes of a blob, aligned for views of numbers.
 *
 * @throws DamagedBlobError when it is missing, of another kind or version, or not as it was written
 */
export function openBlob(bytes: Uint8Array | undefined, kind: BlobKind): Uint8Array<ArrayBuffer> {
  if (bytes === undefined)
    throw new DamagedBlobError(
      `A block of clicks (${kind}) is missing. Restore clicks.sqlite from a backup, or run "onehop doctor".`,
    )
  const isHeaderThere = bytes.length >= BLOB_HEADER_BYTES
  if (isHeaderThere && bytes[0] === BLOB_KINDS[kind] && bytes[1] !== VERSION)
    throw new DamagedBlobError(
      `A block of clicks (${kind}) has format ${bytes[1]}, this release reads format ${VERSION}. Start the release that wrote it.`,
    )
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (
    !isHeaderThere ||
    bytes[0] !== BLOB_KINDS[kind] ||
    view.getUint32(4, true) !== crc32(bytes.subarray(BLOB_HEADER_BYTES))
  )
    throw new DamagedBlobError(
      `A block of clicks (${kind}) is not as it was written. Restore clicks.sqlite from a backup, or run "onehop doctor".`,
    )
  return bytes.byteOffset % 8 === 0 && bytes.buffer instanceof ArrayBuffer
    ? (bytes as Uint8Array<ArrayBuffer>)
    : new Uint8Array(bytes)
}

/** Bytes that grow, little-endian. */
export class ByteWriter {
  #bytes = new Uint8Array(4096)
  #view = new DataView(this.#bytes.buffer)
  #length = 0

  get length(): number {
    return this.#length
  }

  /** Begin another blob, with room for its header. */
  start(): void {
    this.#length = 0
    this.#reserve(BLOB_HEADER_BYTES)
    this.#length = BLOB_HEADER_BYTES
  }

  u8(value: number): void {
    this.#reserve(1)
    this.#view.setUint8(this.#length, value)
    this.#length += 1
  }

  u32(value: number): void {
    this.#reserve(4)
    this.#view.setUint32(this.#length, value, true)
    this.#length += 4
  }

  f64(value: number): void {
    this.#reserve(8)
    this.#view.setFloat64(this.#length, value, true)
    this.#length += 8
  }

  /** Whole numbers from 0 to 2^32 - 1, seven bits a byte, the lowest first. */
  varint(value: number): void {
    this.#reserve(5)
    let rest = value
    while (rest > 0x7f) {
      this.#bytes[this.#length++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    this.#bytes[this.#length++] = rest
  }

  /** Zeros up to a multiple of `size`. */
  align(size: number): void {
    const end = Math.ceil(this.#length / size) * size
    this.#reserve(end - this.#length)
    this.#bytes.fill(0, this.#length, end)
    this.#length = end
  }

  append(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
  }

  /** Change a byte that was written. */
  patch(at: number, value: number): void {
    this.#bytes[at] = value
  }

  /** The finished blob, a copy. */
  finish(kind: BlobKind): Uint8Array {
    return sealBlob(this.#bytes.slice(0, this.#length), kind)
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return
    const larger = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length + bytes))
    larger.set(this.#bytes)
    this.#bytes = larger
    this.#view = new DataView(larger.buffer)
  }
}

/** Reads what {@link ByteWriter.varint} wrote. */
export class VarintReader {
  readonly #bytes: Uint8Array
  #at: number

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes
    this.#at = at
  }

  next(): number {
    const bytes = this.#bytes
    let byte = bytes[this.#at++] ?? 0
    if (byte < 0x80) return byte
    let value = byte & 0x7f
    for (let shift = 7; byte >= 0x80 && shift < 35; shift += 7) {
      byte = bytes[this.#at++] ?? 0
      value |= (byte & 0x7f) << shift
    }
    return value >>> 0
  }
}
