import type { Random } from '#core/random.ts'

/** Chance that is the same every time for the same seed. Nothing secret is made of it. */
export interface SeededRandom extends Random {
  /** From 0 to below 1. */
  fraction(): number
  /** A whole number from 0 to below `bound`. */
  below(bound: number): number
  /** One of a list that is not empty. */
  pick<T>(list: readonly T[]): T
}

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const HEX = BASE62.slice(0, 10) + 'abcdef'

/** Source: mulberry32, a mixing function over a counter of 32 bits. */
export function seededRandom(seed: number): SeededRandom {
  let state = seed | 0
  const word = (): number => {
    state = (state + 0x6d2b_79f5) | 0
    const once = Math.imul(state ^ (state >>> 15), state | 1)
    const twice = once ^ (once + Math.imul(once ^ (once >>> 7), once | 61))
    return (twice ^ (twice >>> 14)) >>> 0
  }
  const below = (bound: number) => Math.floor((word() / 2 ** 32) * bound)
  const textOf = (alphabet: string, length: number) =>
    Array.from({ length }, () => alphabet[below(alphabet.length)]).join('')
  return {
    fraction: () => word() / 2 ** 32,
    below,
    pick<T>(list: readonly T[]): T {
      // A list that is not empty has an element at every index below its length.
      return list[below(list.length)] as T
    },
    base62: (length) => textOf(BASE62, length),
    hex: (length) => textOf(HEX, length),
  }
}

/** A function that draws an index as often as its weight is large beside the others'. */
export function weightedIndex(weights: readonly number[]): (random: SeededRandom) => number {
  const ends: number[] = []
  let total = 0
  for (const weight of weights) ends.push((total += weight))
  return (random) => {
    const at = random.fraction() * total
    let [low, high] = [0, ends.length - 1]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((ends[middle] ?? total) <= at) low = middle + 1
      else high = middle
    }
    return low
  }
}
