import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { numberedSets } from './numbered-sets.ts'

test('the same values have the same number, others another, and what a number stands for is found again', () => {
  const width = 3
  const set = fc.tuple(fc.nat(3), fc.constantFrom(0, 1, 2 ** 26 - 1), fc.nat(3))
  fc.assert(
    fc.property(fc.array(set, { maxLength: 50 }), (all) => {
      const sets = numberedSets(width)
      const ids = all.map((values) => sets.idOf(values))

      expect(sets.idOf([0, 0, 0])).toBe(0)
      expect(new Set(ids).size).toBe(new Set(all.map((values) => values.join())).size)
      for (const [at, id] of ids.entries())
        expect(sets.members().slice(id * width, (id + 1) * width)).toEqual(Uint32Array.from(all[at] ?? []))
    }),
  )
})

test('a value too large to be numbered is refused, and no set of none is ever asked for', () => {
  expect(() => numberedSets(1).idOf([2 ** 26])).toThrow(RangeError)
  expect([...numberedSets(0).members()]).toEqual([])
})
