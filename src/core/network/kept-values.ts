/**
 * A function that remembers what another made of numbers above 0, the last of those that share a slot; most lookups are
 * about few of them.
 *
 * @param count of the numbers; @param maxKept a power of two
 */
export function keeping<T extends object>(
  make: (number: number) => T,
  count: number,
  maxKept: number,
): (number: number) => T {
  const slots = Math.min(maxKept, 2 ** Math.ceil(Math.log2(Math.max(count, 2))))
  const numbers = new Uint32Array(slots)
  const kept: (T | undefined)[] = Array.from({ length: slots }, () => undefined)
  return (number) => {
    const slot = number & (slots - 1)
    if (numbers[slot] === number) {
      const known = kept[slot]
      if (known !== undefined) return known
    }
    const value = make(number)
    numbers[slot] = number
    kept[slot] = value
    return value
  }
}
