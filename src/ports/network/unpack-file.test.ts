import { afterEach, beforeEach, expect, test } from 'bun:test'
import fc from 'fast-check'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { PackedFileError, unpackFile } from './unpack-file.ts'

const TEXT = '64496|64500|-1\n64496|64501|0\n'
/** `bzip2` of {@link TEXT}. */
const BZIP2 = Buffer.from(
  'QlpoOTFBWSZTWYn4lVcAAAjYgAAQAAJnIAAEIAAxBkxAlQ9GKeVGLewIEGURtZ8XckU4UJCJ+JVX',
  'base64',
)
/** `bzip2` of `64501|64502|0` and a newline. */
const FURTHER_STREAM = Buffer.from(
  'QlpoOTFBWSZTWcznp/QAAAVIgAAQdwAABCAAMQwIEoB6kvFCJur4u5IpwoSGZz0/oA==',
  'base64',
)
/** `yes 'network data, twice over' | head -c 250000 | bzip2 -1`: three blocks. */
const BLOCKS = Buffer.from(
  'QlpoMTFBWSZTWU//8nMAbVnRgAAQQAQuKZWAMADYBTAABTAAAmqqPUaPSfqJ+BQbBQfQUHsFBwCgwFBsFByCg2Cg5BQdAoMqpB2CgyqkHQKDzVSDgFBgKDuqkGAoNAoNVUg0CgwCg/mKCskymsn/S2FoAyxejAAAggAhcUysAYAGwCmAACmAABNVUephpPQ/goM1Ug5BQbAoNwUGqqQZqpB0CgzVSDoFB2Cg0Cg8BQc6BQdgoMAoOAUGgUHgKDeqkGAUGAUGAUGoFB6YoKyTKayGB+/HgAnGKMAACCACFxTKwBgAaAUwAAJqqj1MT0aBTAAHUpBlUg/ykG0pBuqQbaVIMqkHMpBlUg5lIO5SDSpB5KQdqkGVSD6qQbykGpSDxUg0qQYlIMKkGJSDRUg9F3JFOFCQTCLOGA==',
  'base64',
)
/** `head -c 3000000 /dev/zero | bzip2`. */
const BOMB = Buffer.from('QlpoOTFBWSZTWaZFgLIAFvpACMAAQAAACCAAMMwJqmmpAi2pIEXi7kinChIUyLAWQA==', 'base64')
/** A block that says its one byte stands there some billion times. */
const OVERLONG_RUN = Buffer.from('QlpoMTFBWSZTWQAAAAAAAAAAACACAAIABAUBQAAAAAYA==', 'base64')
const AMPLE_BYTES = 10_000_000

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'onehop-unpack-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

test.each([
  ['plain', Buffer.from(TEXT)],
  ['gzip', gzipSync(TEXT)],
  ['bzip2', BZIP2],
])('a %s file is recognized by its bytes, whatever its name', async (_, bytes) => {
  expect(await unpacked(bytes)).toBe(TEXT)
})

test('what several packers wrote one after the other is read to the end', async () => {
  expect(await unpacked(Buffer.concat([BZIP2, FURTHER_STREAM]))).toBe(`${TEXT}64501|64502|0\n`)
  expect(await unpacked(Buffer.concat([gzipSync(TEXT), gzipSync('more\n')]))).toBe(`${TEXT}more\n`)
})

test('a file of many blocks comes in pieces', async () => {
  const text = await unpacked(BLOCKS)

  expect(text).toBe('network data, twice over\n'.repeat(10_000).slice(0, 250_000))
})

test('an empty file is an empty file', async () => {
  expect(await unpacked(Buffer.alloc(0))).toBe('')
})

test('a packed file that is cut off anywhere is refused', async () => {
  const gzip = gzipSync(TEXT)
  for (let length = 4; length < BZIP2.length; length++)
    expect([length, await refusal(BZIP2.subarray(0, length))]).toEqual([
      length,
      'is a bzip2 file that is cut off',
    ])
  for (let length = 4; length < gzip.length; length++)
    expect([length, await refusal(gzip.subarray(0, length))]).toEqual([
      length,
      'is a gzip file that is cut off or damaged',
    ])
  expect(await refusal(BLOCKS.subarray(0, 300))).toBe('is a bzip2 file that is cut off')
})

test('a packed file with a bit turned around never unpacks to something else', async () => {
  for (const [bytes, first] of [
    [BZIP2, 4],
    // The head of a gzip file has a time in it, which nobody checks.
    [gzipSync(TEXT), 10],
  ] as const)
    for (let bit = first * 8; bit < bytes.length * 8; bit += 3) {
      const damaged = Buffer.from(bytes)
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      const outcome = await unpacked(damaged).catch((error: unknown) => error)
      expect(outcome instanceof PackedFileError || outcome === TEXT).toBe(true)
    }
})

test('arbitrary bytes behind the mark of a packed file are refused, or read, in no time', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(
        BZIP2.subarray(0, 10),
        BLOCKS.subarray(0, 60),
        BLOCKS.subarray(0, 200),
        gzipSync(TEXT).subarray(0, 10),
      ),
      fc.uint8Array({ maxLength: 300 }),
      async (start, rest) => {
        const outcome = await unpacked(Buffer.concat([start, rest])).catch((error: unknown) => error)
        expect(outcome).toSatisfy((value) => value instanceof PackedFileError || typeof value === 'string')
      },
    ),
    { numRuns: 150 },
  )
  expect(await refusal(OVERLONG_RUN)).toStartWith('is a bzip2 file that is')
})

test.each([
  ['gzip', gzipSync(Buffer.alloc(3_000_000))],
  ['bzip2', BOMB],
  ['plain', Buffer.alloc(3_000_000)],
])('a %s file that holds too much is given up early', async (_, bytes) => {
  let size = 0
  const error = await unpackFile(written(bytes), 1_000_000, (piece) => (size += piece.length)).catch(
    (thrown: unknown) => thrown,
  )

  expect(error).toEqual(new PackedFileError('holds more than 1000000 bytes'))
  expect(size).toBeLessThanOrEqual(1_000_000)
})

test.each([
  ['PK\x03\x04', 'ZIP'],
  ['\xfd7zXZ\x00', 'xz'],
  ['\x28\xb5\x2f\xfd', 'Zstandard'],
])('what nobody here unpacks is called by its name', async (start, name) => {
  expect(await refusal(Buffer.from(`${start}rest`, 'latin1'))).toBe(
    `is packed with ${name}; unpack it, or pack it with gzip or bzip2`,
  )
})

test('what the taker throws is what is thrown', async () => {
  for (const bytes of [Buffer.from(TEXT), gzipSync(TEXT), BZIP2]) {
    const error = await unpackFile(written(bytes), AMPLE_BYTES, () => {
      throw new RangeError('not mine')
    }).catch((thrown: unknown) => thrown)
    expect(error).toEqual(new RangeError('not mine'))
  }
})

function written(bytes: Uint8Array): string {
  const path = join(dir, 'file.txt')
  writeFileSync(path, bytes)
  return path
}

async function unpacked(bytes: Uint8Array): Promise<string> {
  const pieces: Buffer[] = []
  await unpackFile(written(bytes), AMPLE_BYTES, (piece) => pieces.push(Buffer.from(piece)))
  return Buffer.concat(pieces).toString()
}

async function refusal(bytes: Uint8Array): Promise<string> {
  const outcome = await unpacked(bytes).catch((error: unknown) => error)
  return outcome instanceof PackedFileError ? outcome.message : `unpacked: ${String(outcome)}`
}
