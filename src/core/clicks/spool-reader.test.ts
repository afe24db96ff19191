import { expect, test } from 'bun:test'
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { aClick, buildSegment, someClicks, writeSegment } from '#testing/clicks.ts'
import { openSpoolReader, type SpoolBatch, type SpoolReader } from './spool-reader.ts'
import { encodeClick } from './spool-record.ts'
import { segmentPath, type SpoolPosition } from './spool-segments.ts'

const START: SpoolPosition = { segment: 0, offset: 0 }

test('clicks are read in order across segments, whatever the size of a batch', () => {
  using spool = spoolDir()
  writeSegment(spool.dir, 3, buildSegment(someClicks(5), { isEnded: true }))
  writeSegment(spool.dir, 7, buildSegment([], { isEnded: true }))
  writeSegment(
    spool.dir,
    8,
    buildSegment(someClicks(5).map((click) => ({ ...click, linkId: click.linkId + 5 }))),
  )
  using reader = openSpoolReader(spool.dir)

  for (const size of [1, 3, 5, 100])
    expect(linkIds(readAll(reader, size))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
})

test('a batch is never larger than asked and says that more is there', () => {
  using spool = spoolDir()
  writeSegment(spool.dir, 1, buildSegment(someClicks(5)))
  using reader = openSpoolReader(spool.dir)

  const batch = reader.read(START, 2)

  expect(batch.clicks).toHaveLength(2)
  expect(batch.isAtEnd).toBe(false)
  expect(reader.read(batch.next, 10)).toMatchObject({ isAtEnd: true, damaged: [] })
})

test('a segment larger than what is read at once comes whole', () => {
  using spool = spoolDir()
  writeSegment(spool.dir, 1, buildSegment(someClicks(3_000, { query: 'x'.repeat(700) })))
  using reader = openSpoolReader(spool.dir)

  expect(linkIds(readAll(reader, 10_000))).toEqual(Array.from({ length: 3_000 }, (_, index) => index + 1))
})

test('at the end of the newest segment the reader waits, and goes on when something is appended', () => {
  using spool = spoolDir()
  writeSegment(spool.dir, 1, buildSegment(someClicks(1)))
  using reader = openSpoolReader(spool.dir)
  const first = reader.read(START, 10)

  expect(reader.read(first.next, 10)).toMatchObject({ clicks: [], next: first.next, isAtEnd: true })
  writeSegment(spool.dir, 1, buildSegment(someClicks(2)))

  expect(linkIds(reader.read(first.next, 10))).toEqual([2])
})

test('a segment that was left without an end mark is finished once a higher one is there', () => {
  using spool = spoolDir()
  writeSegment(spool.dir, 1, buildSegment(someClicks(2)))
  writeSegment(spool.dir, 2, buildSegment([]))
  using reader = openSpoolReader(spool.dir)

  expect(reader.read(START, 10)).toMatchObject({
    next: { segment: 2, offset: 0 },
    isAtEnd: true,
    damaged: [],
  })
})

test('an ended segment without a successor is waited at, so that its number is not passed', () => {
  using spool = spoolDir()
  const segment = buildSegment(someClicks(2), { isEnded: true })
  writeSegment(spool.dir, 4, segment)
  using reader = openSpoolReader(spool.dir)

  expect(reader.read(START, 10).next).toEqual({ segment: 4, offset: segment.offset })
})

test('a record that was being written when the process died is not read', () => {
  using spool = spoolDir()
  const segment = buildSegment(someClicks(2))
  encodeClick(segment.bytes, segment.offset, aClick({ linkId: 3 }))
  writeSegment(spool.dir, 1, segment)
  writeSegment(spool.dir, 2, buildSegment([aClick({ linkId: 4 })]))
  using reader = openSpoolReader(spool.dir)

  const batch = reader.read(START, 10)

  expect(linkIds(batch)).toEqual([1, 2, 4])
  expect(batch.damaged).toEqual([])
})

test('a record torn by a power cut ends its segment and is reported; the next segment is read', () => {
  using spool = spoolDir()
  const intact = buildSegment(someClicks(2))
  const torn = buildSegment(someClicks(4))
  torn.bytes.fill(0, intact.offset + 40, intact.offset + 60)
  writeSegment(spool.dir, 1, torn)
  writeSegment(spool.dir, 2, buildSegment([aClick({ linkId: 9 })]))
  using reader = openSpoolReader(spool.dir)

  const batch = reader.read(START, 10)

  expect(linkIds(batch)).toEqual([1, 2, 9])
  expect(batch.damaged).toEqual([{ segment: 1, offset: intact.offset }])
})

test('a whole record that makes no sense is told and left out; those after it are read', () => {
  using spool = spoolDir()
  const nonsense = aClick({ linkId: NaN })
  writeSegment(spool.dir, 1, buildSegment([nonsense, ...someClicks(2)]))
  using reader = openSpoolReader(spool.dir)

  const batch = reader.read(START, 10)

  expect(linkIds(batch)).toEqual([1, 2])
  expect(batch.damaged).toEqual([{ segment: 1, offset: 0 }])
})

test('a torn record in the newest segment is waited for: its writer may not have finished', () => {
  using spool = spoolDir()
  const torn = buildSegment(someClicks(2))
  torn.bytes.fill(0, 40, 60)
  writeSegment(spool.dir, 1, torn)
  using reader = openSpoolReader(spool.dir)

  expect(reader.read({ segment: 1, offset: 0 }, 10)).toEqual({
    clicks: [],
    next: { segment: 1, offset: 0 },
    isAtEnd: true,
    damaged: [],
  })
})

test('files that are cut short or full of garbage end without an error', () => {
  using spool = spoolDir()
  writeSegment(spool.dir, 1, buildSegment(someClicks(2)))
  truncateSync(segmentPath(spool.dir, 1), 70)
  writeFileSync(segmentPath(spool.dir, 2), Buffer.alloc(10_000, 0x5a))
  writeFileSync(segmentPath(spool.dir, 3), '')
  writeSegment(spool.dir, 4, buildSegment([aClick({ linkId: 9 })]))
  using reader = openSpoolReader(spool.dir)

  const batch = reader.read(START, 10)

  expect(linkIds(batch)).toEqual([9])
  expect(batch.damaged).toEqual([
    { segment: 1, offset: 0 },
    { segment: 2, offset: 0 },
  ])
})

test('an empty directory is an end', () => {
  using spool = spoolDir()
  using reader = openSpoolReader(spool.dir)

  expect(reader.read(START, 10)).toEqual({ clicks: [], next: START, isAtEnd: true, damaged: [] })
})

function spoolDir(): { readonly dir: string } & Disposable {
  const dir = mkdtempSync(join(tmpdir(), 'onehop-spool-'))
  return { dir, [Symbol.dispose]: () => rmSync(dir, { recursive: true }) }
}

function readAll(reader: SpoolReader, batchSize: number): Pick<SpoolBatch, 'clicks'> {
  const clicks = []
  let next = START
  for (;;) {
    const batch = reader.read(next, batchSize)
    clicks.push(...batch.clicks)
    if (batch.isAtEnd) return { clicks }
    ;({ next } = batch)
  }
}

function linkIds({ clicks }: Pick<SpoolBatch, 'clicks'>): number[] {
  return clicks.map(({ click }) => click.linkId)
}
