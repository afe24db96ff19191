import { expect, test } from 'bun:test'
import { chooseMerge } from './choose-merge.ts'
import type { Run } from './run-queries.ts'

const OCTOBER = Date.UTC(2026, 9)
const NOVEMBER = Date.UTC(2026, 10)

/** Runs of a month with so many clicks each. */
function runs(monthMs: number, clicks: readonly number[]): Run[] {
  return clicks.map((count, index) => ({
    id: monthMs / 1e9 + index,
    monthMs,
    fromMs: monthMs,
    toMs: monthMs,
    clicks: count,
  }))
}

function chosen(...all: readonly Run[][]): number[] | undefined {
  return chooseMerge(all.flat())?.map((run) => run.clicks)
}

test.each([
  ['no runs', [], undefined],
  ['seven of a size', Array.from({ length: 7 }, () => 16_384), undefined],
  ['eight of a size', Array.from({ length: 8 }, () => 16_384), Array.from({ length: 8 }, () => 16_384)],
  ['eight of different sizes', [1e7, 1e6, 1e5, 16_384, 16_384, 16_384, 16_384, 16_384], undefined],
  [
    'eight small ones beside a large one',
    [131_072, ...Array.from({ length: 8 }, (_, n) => 16_000 + n)],
    Array.from({ length: 8 }, (_, n) => 16_000 + n),
  ],
])('in the month that is being filled: %s', (_, clicks, expected) => {
  expect(chosen(runs(NOVEMBER, clicks))).toEqual(expected)
})

test.each([
  ['one run', [16_384], undefined],
  ['its runs', [131_072, 16_384, 16_384], [131_072, 16_384, 16_384]],
  ['one run and few late clicks', [131_072, 10, 20], undefined],
  [
    'one run and many late ones',
    [1e7, ...Array.from({ length: 8 }, () => 10)],
    [1e7, ...Array.from({ length: 8 }, () => 10)],
  ],
])('in a month that is over: %s', (_, clicks, expected) => {
  expect(chosen(runs(OCTOBER, clicks), runs(NOVEMBER, [5]))).toEqual(expected)
})

test('merging until nothing is to be gained rewrites a click few times and leaves few runs', () => {
  let month: Run[] = []
  let rewritten = 0
  for (let flush = 0; flush < 2_000; flush++) {
    month.push({ id: flush, monthMs: NOVEMBER, fromMs: 0, toMs: 0, clicks: 16_384 })
    for (let inputs = chooseMerge(month); inputs !== undefined; inputs = chooseMerge(month)) {
      const merged = new Set(inputs)
      const clicks = inputs.reduce((sum, run) => sum + run.clicks, 0)
      rewritten += clicks
      month = [...month.filter((run) => !merged.has(run)), { ...(inputs[0] as Run), clicks }]
    }
    expect(month.length).toBeLessThan(7 * 5)
  }

  expect(rewritten / (2_000 * 16_384)).toBeLessThan(4)
})
