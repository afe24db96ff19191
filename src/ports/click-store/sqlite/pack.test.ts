import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { BigLink, BigLinkBuilder } from './big-link.ts'
import { ByteWriter, VarintReader } from './blob.ts'
import { AT, COLUMN_COUNT, KIND, lowerBound } from './columns.ts'
import { addToSketch, estimateSketch, REGISTERS } from './hyper-log-log.ts'
import { mostFrequent } from './most-frequent.ts'
import { encodePack, Pack } from './pack.ts'
import { RowBuffer } from './row-buffer.ts'

const word = fc.oneof(fc.nat(3), fc.nat(0xff), fc.nat(0x1ffff), fc.integer({ min: 0, max: 0xffff_ffff }))
const id = fc.oneof(fc.nat(5), fc.nat(100_000), fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }))
const rowsOfLink = fc.array(fc.array(word, { minLength: COLUMN_COUNT, maxLength: COLUMN_COUNT }), {
  minLength: 1,
  maxLength: 20,
})

function bufferOf(rows: readonly (readonly number[])[]): RowBuffer {
  const buffer = new RowBuffer(1)
  for (const row of rows) {
    buffer.reserve(1)
    for (let column = 0; column < COLUMN_COUNT; column++)
      buffer.whole(column)[buffer.count] = row[column] ?? 0
    buffer.count++
  }
  return buffer
}

test('a pack gives back what was put in, and finds each link', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ teamId: id, linkId: id, rows: rowsOfLink }), { minLength: 1, maxLength: 12 }),
      (all) => {
        const links = [...new Map(all.map((link) => [`${link.teamId} ${link.linkId}`, link])).values()].sort(
          (a, b) => a.teamId - b.teamId || a.linkId - b.linkId,
        )
        let end = 0
        const ends = links.map(({ teamId, linkId, rows }) => ({ teamId, linkId, end: (end += rows.length) }))
        const pack = new Pack(
          encodePack(new ByteWriter(), ends, bufferOf(links.flatMap((link) => link.rows))),
        )

        for (const { teamId, linkId, rows } of links) {
          const place = pack.find(teamId, linkId)
          const { from, to } = pack.rowsAt(place)
          expect(pack.isAt(place, teamId, linkId)).toBe(true)
          for (let column = 0; column < COLUMN_COUNT; column++) {
            const expected = rows.map((row) => row[column] ?? 0)
            expect([...pack.column(column, from, to)]).toEqual(expected)
            expect([...pack.narrowColumn(column, from, to)]).toEqual(expected)
          }
        }
        expect(pack.isAt(pack.find(-1, -1), -1, -1)).toBe(false)
      },
    ),
  )
})

test('a big link gives back its rows, and its sums are those of its rows', () => {
  const row = fc.tuple(fc.nat(31 * 86_400_000 - 1), fc.nat(3), fc.nat(0x1ff))
  fc.assert(
    fc.property(
      fc.array(fc.array(row, { minLength: 1, maxLength: 30 }), { minLength: 1, maxLength: 4 }),
      (chunks) => {
        const blobs: Uint8Array[] = []
        const builder = new BigLinkBuilder(new ByteWriter(), (blob) => blobs.push(blob) - 1)
        const sorted = chunks.flat().toSorted((a, b) => a[0] - b[0])
        let done = 0
        for (const chunk of chunks) {
          const rows = sorted.slice(done, (done += chunk.length))
          builder.addChunk(
            bufferOf(
              rows.map(([at, kind, value]) => [at, kind, 1, 2, ...Array.from({ length: 14 }, () => value)]),
            ),
            rows.length,
          )
        }
        const head = builder.finish(7, 2 ** 40)
        const link = new BigLink(blobs[head], (blob) => blobs[blob])

        expect([link.teamId, link.linkId, link.rowCount]).toEqual([7, 2 ** 40, sorted.length])
        expect(link.chunks.flatMap((chunk) => [...chunk.column(AT, 0, chunk.rowCount)])).toEqual(
          sorted.map(([at]) => at),
        )
        expect(link.blobs()).toEqual(Array.from({ length: blobs.length - 1 }, (_, blob) => blob))
        const hours = new Map<number, readonly number[]>()
        link.visitHours((hour, counts) => hours.set(hour, [...counts]))
        const ofHour = Map.groupBy(sorted, ([at]) => Math.floor(at / 3_600_000))
        expect(hours).toEqual(
          new Map(
            [...ofHour].map(([hour, rows]) => [
              hour,
              [0, 1, 2, 3].map((kind) => rows.filter((each) => each[1] === kind).length),
            ]),
          ),
        )
        const counts = new Uint32Array(0x200)
        link.addValues(13, 0b0110, counts)
        const expected = new Uint32Array(0x200)
        for (const [, kind, value] of sorted)
          if (kind === 1 || kind === 2) expected[value] = (expected[value] ?? 0) + 1
        expect(counts).toEqual(expected)
        expect(link.sketch(0b1111)?.filter((rank) => rank > 0).length).toBe(1)
      },
    ),
  )
})

test('rows are sorted by time, rows of one time as they came', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(5), fc.nat(0xffff_ffff)), { maxLength: 50 }), (rows) => {
      const buffer = bufferOf(rows.map(([at, value]) => [at, value]))
      buffer.sort()

      const expected = rows
        .map((row, index) => ({ row, index }))
        .toSorted((a, b) => a.row[0] - b.row[0] || a.index - b.index)
      expect([...buffer.column(KIND, 0, buffer.count)]).toEqual(expected.map(({ row }) => row[1]))
      expect(lowerBound(buffer.column(AT, 0, buffer.count), 0, buffer.count, 3)).toBe(
        rows.filter(([at]) => at < 3).length,
      )
    }),
  )
})

test('whole numbers below 2^32 survive in as many bytes as they need', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 0xffff_ffff })), (numbers) => {
      const writer = new ByteWriter()
      writer.start()
      for (const number of numbers) writer.varint(number)
      const reader = new VarintReader(writer.finish('cells'), 8)

      expect(numbers.map(() => reader.next())).toEqual(numbers)
    }),
  )
})

test('the most frequent values are those that sorting everything would find', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(3), { maxLength: 300 }), fc.integer({ min: 0, max: 100 }), (counts, size) => {
      const valueOf = (number: number) => `value ${(number * 7919) % 1009}`

      const expected = counts
        .flatMap((clicks, number) => (clicks > 0 ? [{ value: valueOf(number), clicks }] : []))
        .sort((a, b) => b.clicks - a.clicks || (a.value < b.value ? -1 : 1))
        .slice(0, size)
      expect(mostFrequent(Uint32Array.from(counts), size, valueOf)).toEqual(expected)
    }),
  )
})

test.each([100, 1_000, 10_000, 40_000, 100_000, 1_000_000])(
  '%p visitors are estimated within 3 %%',
  (visitors) => {
    const registers = new Uint8Array(REGISTERS)
    for (let visitor = 0; visitor < visitors; visitor++)
      addToSketch(registers, Math.floor(visitor / 3), visitor)

    expect(Math.abs(estimateSketch(registers) / visitors - 1)).toBeLessThan(0.03)
  },
)
