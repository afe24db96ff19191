import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { flatFileInMemory } from '#ports/network/flat-file.ts'
import { ipv4ValueColumns, readIpv4Values } from './ipv4-values.ts'

const MAX = 0xffff_ffff

/** Starts in a few sixteenths of the space, alone and in crowds, at the ends of its parts and between them. */
const start = fc
  .tuple(fc.constantFrom(0, 1, 2, 77, 65_534, 65_535), fc.nat(255), fc.constantFrom(0, 0, 0, 1, 128, 255))
  .map(([head, part, host]) => head * 65_536 + part * 256 + host)

test('every address has the value of the last start before it, however many starts are near one another', () => {
  const rows = fc.array(fc.tuple(start, fc.oneof(fc.nat(5), fc.constant(2 ** 30 - 1))), { maxLength: 400 })
  fc.assert(
    fc.property(rows, (some) => {
      const values = new Map([[0, 0], ...some])
      const starts = Uint32Array.from(values.keys()).sort()
      const columns = ipv4ValueColumns('t/', {
        starts,
        values: Uint32Array.from(starts, (at) => values.get(at) ?? 0),
      })
      using file = flatFileInMemory({ facts: {}, columns })
      const map = readIpv4Values(file, 't/')

      for (const address of [...starts].flatMap((at) => [at, at + 1, at - 1, MAX]))
        if (address >= 0 && address <= MAX)
          expect(map.at(address)).toBe(values.get(starts.findLast((at) => at <= address) ?? 0) ?? 0)
    }),
    { numRuns: 300 },
  )
})

test('a map of nothing has 0 everywhere', () => {
  using file = flatFileInMemory({ facts: {}, columns: new Map() })
  const map = readIpv4Values(file, 'absent/')

  for (const address of [0, 1, 2 ** 31, MAX]) expect(map.at(address)).toBe(0)
})

test('a value that cannot be told from a place in the file is refused', () => {
  const rows = { starts: Uint32Array.of(0), values: Uint32Array.of(2 ** 30) }
  expect(() => ipv4ValueColumns('t/', rows)).toThrow(RangeError)
})
