import { expect, test } from 'bun:test'
import { keeping, keptValues } from './kept-values.ts'

test('where every number has a slot of its own, a value is kept at once', () => {
  const kept = keptValues<string>(1000, 1024)
  for (let number = 1; number <= 1000; number++) kept.set(number, `value ${number}`)

  for (let number = 1; number <= 1000; number++) expect(kept.get(number)).toBe(`value ${number}`)
  expect(kept.get(1023)).toBeUndefined()
})

test('where numbers share slots, each has its own value or none, and what is asked for once displaces nothing', () => {
  const made: number[] = []
  const valueOf = keeping((number) => (made.push(number), { number }), 10_000, 256)

  for (let round = 0; round < 3; round++) expect(valueOf(7)).toEqual({ number: 7 })
  expect(made).toEqual([7, 7])
  for (let number = 7 + 256; number < 10_000; number += 256) expect(valueOf(number)).toEqual({ number })
  made.length = 0
  expect(valueOf(7)).toEqual({ number: 7 })
  expect(made).toEqual([])

  for (let number = 1; number <= 10_000; number++) expect(valueOf(number)).toEqual({ number })
})

test('where the first is let go, a value is kept from the second time on, in a slot of its own or a shared one', () => {
  for (const count of [1000, 10_000]) {
    const kept = keptValues<string>(count, 1024, { isFirstLetGo: true })
    for (const expected of [undefined, 'value', 'value']) {
      kept.set(7, 'value')
      expect(kept.get(7)).toBe(expected)
    }
  }
})
