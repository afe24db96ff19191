import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { type Boundaries, resolveIpv4, resolveIpv6 } from './resolve-ranges.ts'

const MAX = 0xffff_ffff

interface Range {
  readonly first: number
  readonly last: number
  readonly layer: number
}

const smallRange = fc
  .tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 2 }))
  .map(([a, b, layer]) => ({ first: Math.min(a, b), last: Math.max(a, b), layer }))
/** The same near the end of the space. */
const range = fc
  .tuple(smallRange, fc.boolean())
  .map(([{ first, last, layer }, isAtEnd]) =>
    isAtEnd ? { first: MAX - last, last: MAX - first, layer } : { first, last, layer },
  )

test('of overlapping, nested and equal ranges each address has the one that counts, up to both ends of the space', () => {
  fc.assert(
    fc.property(fc.array(range, { maxLength: 30 }), (ranges) => {
      const boundaries = resolveIpv4(columnsOf(ranges, (address) => address))
      const wide = resolveIpv6(columnsOf(ranges, BigInt))

      const probes = [...Array(45).keys(), ...Array.from({ length: 45 }, (_, i) => MAX - i)]
      for (const address of probes) {
        expect(valueAt(boundaries, address)).toBe(expected(ranges, address))
        expect(valueAt(wide, BigInt(address))).toBe(expected(ranges, address))
      }
      expect(boundaries.starts).toEqual([...new Set(boundaries.starts)].toSorted((a, b) => a - b))
    }),
    { numRuns: 300 },
  )
})

test('a hundred thousand ranges inside one another take no longer than as many beside one another', () => {
  const count = 100_000
  const indexes = [...Array(count).keys()]
  const boundaries = resolveIpv4({
    first: indexes,
    last: indexes.map((i) => MAX - i),
    value: indexes.map((i) => i + 1),
    layer: indexes.map(() => 0),
  })

  expect(boundaries.starts).toHaveLength(2 * count - 1)
})

function columnsOf<Address extends number | bigint>(
  ranges: readonly Range[],
  address: (value: number) => Address,
) {
  return {
    first: ranges.map(({ first }) => address(first)),
    last: ranges.map(({ last }) => address(last)),
    value: ranges.map((_, index) => index + 1),
    layer: ranges.map(({ layer }) => layer),
  }
}

function valueAt<Address extends number | bigint>(
  { starts, values }: Boundaries<Address>,
  address: Address,
): number {
  return values[starts.findLastIndex((start) => start <= address)] ?? 0
}

function expected(ranges: readonly Range[], address: number): number {
  let best = -1
  for (const [index, { first, last, layer }] of ranges.entries()) {
    if (address < first || address > last) continue
    const other = ranges[best]
    const isBetter =
      other === undefined ||
      layer > other.layer ||
      (layer === other.layer && last - first < other.last - other.first)
    if (isBetter) best = index
  }
  return best + 1
}
