import { GrowingColumn } from './growing-column.ts'

/** Numbers for sets of values, as many in each, so that what many addresses have together is kept once. */
export interface NumberedSets {
  /**
   * The number of a set, the same for the same values; 0 for nothing but zeros.
   *
   * @throws RangeError for a value of 2^26 or more, or when there are 2^27 sets
   */
  idOf(values: readonly number[]): number
  /** The values of all of them, behind one another. */
  members(): Uint32Array
}

/** Two numbers make one key, which must stay a safe integer: each second one is below this. */
const MAX_VALUE = 2 ** 26

/** @param width how many values are in each */
export function numberedSets(width: number): NumberedSets {
  const members = new GrowingColumn()
  // The first value has a number among first values; that and the second have one together; and so on.
  const numbers = Array.from({ length: width }, () => new Map<number, number>())
  const idOf = (values: readonly number[]): number => {
    let id = 0
    for (let at = 0; at < width; at++) {
      const value = values[at] ?? 0
      const key = id * MAX_VALUE + value
      if (value >= MAX_VALUE || !Number.isSafeInteger(key))
        throw new RangeError('the sources divide the addresses into more parts than can be numbered')
      const known = numbers[at]
      let number = known?.get(key)
      if (number === undefined) {
        number = known?.size ?? 0
        known?.set(key, number)
        if (at === width - 1) for (const one of values) members.push(one)
      }
      id = number
    }
    return id
  }
  idOf(Array.from({ length: width }, () => 0))
  return { idOf, members: () => members.array() }
}
