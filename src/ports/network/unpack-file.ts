import { createReadStream } from 'node:fs'
import { open, readFile } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import bunzip from 'seek-bzip'

/** A file that cannot be unpacked. The message is a clause about the file: `is a gzip file that …`. */
export class PackedFileError extends Error {
  override readonly name = 'PackedFileError'
}

/** How a file is packed, by its first bytes. */
export type Packing = 'none' | 'gzip' | 'bzip2'

/** What nothing here unpacks, so that it is called by its name rather than taken for damage. */
const FOREIGN_PACKINGS: readonly (readonly [start: string, name: string])[] = [
  ['PK\x03\x04', 'ZIP'],
  ['\xfd7zXZ\x00', 'xz'],
  ['\x28\xb5\x2f\xfd', 'Zstandard'],
  ['7z\xbc\xaf\x27\x1c', '7-Zip'],
]
const LONGEST_START = 8
const PIECE_BYTES = 256 * 1024
/** bzip2 files are unpacked from memory; the largest of our sources has 4 MB. */
const MAX_BZIP2_BYTES = 64 * 1024 * 1024

/**
 * Read a plain, gzip or bzip2 file and hand out what is in it, piece by piece. A piece is the taker's until it returns.
 *
 * @param maxBytes of what is in it
 * @throws PackedFileError when it is cut off, damaged, too large or packed otherwise; whatever `take` throws
 */
export async function unpackFile(
  path: string,
  maxBytes: number,
  take: (bytes: Uint8Array) => void,
): Promise<void> {
  let size = 0
  const takeBounded = (bytes: Uint8Array) => {
    size += bytes.length
    if (size > maxBytes) throw new PackedFileError(`holds more than ${maxBytes} bytes`)
    take(bytes)
  }
  const packing = await packingOf(path)
  if (packing === 'bzip2') return unpackBzip2(path, takeBounded)
  const source = createReadStream(path, { highWaterMark: PIECE_BYTES })
  const takeAll = async (pieces: AsyncIterable<Uint8Array>) => {
    for await (const piece of pieces) takeBounded(piece)
  }
  if (packing === 'none') return pipeline(source, takeAll)
  try {
    await pipeline(source, createGunzip({ chunkSize: PIECE_BYTES }), takeAll)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? ''
    if (!code.startsWith('Z_')) throw error
    throw new PackedFileError('is a gzip file that is cut off or damaged', { cause: error })
  }
}

/** @throws PackedFileError when it is packed in a way that {@link unpackFile} does not know */
export async function packingOf(path: string): Promise<Packing> {
  await using file = await open(path)
  const { buffer, bytesRead } = await file.read(Buffer.alloc(LONGEST_START), 0, LONGEST_START, 0)
  const start = buffer.toString('latin1', 0, bytesRead)
  if (start.startsWith('\x1f\x8b')) return 'gzip'
  if (/^BZh[1-9]/.test(start)) return 'bzip2'
  const foreign = FOREIGN_PACKINGS.find(([magic]) => start.startsWith(magic))
  if (foreign === undefined) return 'none'
  throw new PackedFileError(`is packed with ${foreign[1]}; unpack it, or pack it with gzip or bzip2`)
}

/** Ends a decoder that wants more than there is: the library itself takes a missing byte for a zero. */
class CutOffError extends Error {}

async function unpackBzip2(path: string, take: (bytes: Uint8Array) => void): Promise<void> {
  const bytes = await readFile(path)
  if (bytes.length > MAX_BZIP2_BYTES)
    throw new PackedFileError(`is a bzip2 file of more than ${MAX_BZIP2_BYTES} bytes`)
  const input = new ByteInput(bytes)
  const output = new PieceOutput(take)
  try {
    // A parallel compressor writes many streams, one after the other. What follows the last is nobody's.
    do bunzip.decode(input, output)
    while (bytes.toString('latin1', input.at, input.at + 3) === 'BZh')
    output.flush()
  } catch (error) {
    if (error instanceof CutOffError) throw new PackedFileError('is a bzip2 file that is cut off')
    // The library's own errors are of this class, with a code.
    if (error instanceof TypeError && 'errorCode' in error)
      throw new PackedFileError('is a bzip2 file that is damaged', { cause: error })
    throw error
  }
}

class ByteInput extends bunzip.Stream {
  readonly #bytes: Uint8Array
  /** Where the next byte stands. */
  at = 0

  constructor(bytes: Uint8Array) {
    super()
    this.#bytes = bytes
  }

  override readByte(): number {
    const byte = this.#bytes[this.at++]
    if (byte === undefined) throw new CutOffError()
    return byte
  }
}

class PieceOutput extends bunzip.Stream {
  readonly #take: (bytes: Uint8Array) => void
  readonly #piece = new Uint8Array(PIECE_BYTES)
  #length = 0

  constructor(take: (bytes: Uint8Array) => void) {
    super()
    this.#take = take
  }

  override writeByte(byte: number): void {
    this.#piece[this.#length++] = byte
    if (this.#length === PIECE_BYTES) this.flush()
  }

  flush(): void {
    this.#take(this.#piece.subarray(0, this.#length))
    this.#length = 0
  }
}
