import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { openPagedFile } from './paged-file.ts'

const SIZE_BYTES = 40_007
const contents = Buffer.from(
  Array.from({ length: SIZE_BYTES }, (_, index) => (index * 7 + (index >>> 8)) & 0x7f),
)

let dir: string
let path: string

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'onehop-test-'))
  path = join(dir, 'file')
  writeFileSync(path, contents)
})

afterAll(() => {
  rmSync(dir, { recursive: true })
})

test('a file with room for a few of its pages reads as it is, wherever and in whatever order', () => {
  using file = openPagedFile(path, 4_096)
  const place = fc.nat(SIZE_BYTES + 10)

  fc.assert(
    fc.property(
      fc.array(fc.tuple(place, fc.integer({ min: 1, max: 6 }), fc.nat(3_000)), { maxLength: 50 }),
      (reads) => {
        for (const [at, bytes, length] of reads) {
          expect(file.uint(at, bytes)).toBe(Buffer.concat([contents, Buffer.alloc(20)]).readUIntBE(at, bytes))
          expect(file.text(at, length)).toBe(contents.toString('utf8', at, at + length))
        }
      },
    ),
  )
  expect(file.sizeBytes).toBe(SIZE_BYTES)
})

test('bytes are copied across pages, as many as there are and as there is room for', () => {
  using file = openPagedFile(path, 4_096)
  const into = Buffer.alloc(5_000)

  expect(file.copy(1_000, 5_000, into)).toBe(5_000)
  expect(into).toEqual(contents.subarray(1_000, 6_000))
  expect(file.copy(SIZE_BYTES - 10, 5_000, into)).toBe(10)
  expect(into.subarray(0, 10)).toEqual(contents.subarray(-10))
  expect(file.copy(0, 9_000, into)).toBe(5_000)
  expect(file.copy(SIZE_BYTES + 10, 5, into)).toBe(0)
})

test.each([-1, SIZE_BYTES, Number.NaN, Infinity])('at %p there is nothing', (at) => {
  using file = openPagedFile(path, 1_000_000)

  expect(file.uint(at, 4)).toBe(0)
  expect(file.text(at, 4)).toBe('')
})

test('the last of several places is found among the bytes that are searched', () => {
  using file = openPagedFile(path, 4_096)
  const end = contents.subarray(-20)

  expect(file.lastIndexOf(end, 1_000)).toBe(SIZE_BYTES - 20)
  expect(file.lastIndexOf(end, 1_000_000)).toBe(SIZE_BYTES - 20)
  expect(file.lastIndexOf(end, 19)).toBe(-1)
})

test('a closed file is all zeros where it has not been read', () => {
  const file = openPagedFile(path, 4_096)
  file[Symbol.dispose]()
  file[Symbol.dispose]()

  expect(file.uint(20_000, 6)).toBe(0)
  expect(file.text(20_000, 10)).toBe('\0'.repeat(10))
})

test('a file that is not there is named', () => {
  expect(() => openPagedFile(join(dir, 'none'), 4_096)).toThrow('none')
})
