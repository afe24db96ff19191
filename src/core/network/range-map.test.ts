import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { flatFileInMemory } from '#ports/network/flat-file.ts'
import { ipv4MapBuilder, ipv6MapBuilder, readRangeMap } from './range-map.ts'

const MAX_V4 = 0xffff_ffffn
const MAX_V6 = (1n << 128n) - 1n

/** Starts that share words with one another, so that every way of storing them is met. */
const ipv6Start = fc
  .tuple(fc.nat(2), fc.nat(2), fc.nat(2), fc.nat(2), fc.boolean())
  .map(([a, b, c, d, isAtEnd]) => {
    const address = (BigInt(a) << 96n) | (BigInt(b) << 64n) | (BigInt(c) << 32n) | BigInt(d)
    return isAtEnd ? MAX_V6 - address : address
  })
const ipv4Start = fc.tuple(fc.nat(3), fc.nat(3), fc.boolean()).map(([a, b, isAtEnd]) => {
  const address = BigInt(a * 65_536 + b)
  return isAtEnd ? MAX_V4 - address : address
})

test.each([
  { version: 4 as const, start: ipv4Start, max: MAX_V4 },
  { version: 6 as const, start: ipv6Start, max: MAX_V6 },
])(
  'every address of version $version has the value of its range, whose ends are told, whatever the ranges are',
  ({ version, start, max }) => {
    const row = fc.record({ start, value: fc.oneof(fc.nat(3), fc.constant(70_000)) })
    fc.assert(
      fc.property(fc.array(row, { maxLength: 12 }), fc.boolean(), (unsorted, keepsNeighbours) => {
        const rows = [...new Map(unsorted.map(({ start: at, value }) => [at, value]))].toSorted(([a], [b]) =>
          a < b ? -1 : 1,
        )
        const builder =
          version === 4 ? ipv4MapBuilder({ keepsNeighbours }) : ipv6MapBuilder({ keepsNeighbours })
        for (const [at, value] of rows) builder.add(wordsOf(at), value)
        using file = flatFileInMemory({ facts: {}, columns: builder.columns('t/') })
        const map = readRangeMap(file, 't/', version)

        const probes = [0n, max, ...rows.flatMap(([at]) => [at, at - 1n, at + 1n])]
        for (const address of probes.filter((probe) => probe >= 0n && probe <= max)) {
          const found = rows.findLastIndex(([at]) => at <= address)
          const words = wordsOf(address)
          const place = map.row(words)
          expect(map.valueAt(place)).toBe(rows[found]?.[1] ?? 0)

          const first = new Uint32Array(4)
          const last = new Uint32Array(4)
          map.extent(words, place, first, last)
          expect(numberOf(first) <= address && address <= numberOf(last)).toBe(true)
          for (const end of [first, last]) expect(map.valueAt(map.row(end))).toBe(rows[found]?.[1] ?? 0)
        }
      }),
      { numRuns: 500 },
    )
  },
)

test('a map of nothing answers nothing', () => {
  using file = flatFileInMemory({ facts: {}, columns: new Map() })

  for (const version of [4, 6] as const) {
    const map = readRangeMap(file, 'absent/', version)
    expect(map.valueAt(map.row(new Uint32Array([0xffff_ffff, 0, 0, 0xffff_ffff])))).toBe(0)
  }
})

function wordsOf(address: bigint): Uint32Array {
  return Uint32Array.from([96n, 64n, 32n, 0n], (shift) => Number((address >> shift) & 0xffff_ffffn))
}

function numberOf(words: Uint32Array): bigint {
  return words.reduce((number, word) => (number << 32n) | BigInt(word), 0n)
}
