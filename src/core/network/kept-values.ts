/** Values by numbers above 0, of those that share a slot the last: most lookups are about few of them. */
export interface KeptValues<T extends object> {
  get(number: number): T | undefined
  set(number: number, value: T): void
}

/** @param count of the numbers there are; @param maxKept a power of two */
export function keptValues<T extends object>(count: number, maxKept: number): KeptValues<T> {
  const slots = Math.min(maxKept, 2 ** Math.ceil(Math.log2(Math.max(count, 2))))
  const numbers = new Uint32Array(slots)
  const kept: (T | undefined)[] = Array.from({ length: slots }, () => undefined)
  const isEachAlone = slots > count
  return {
    get(number) {
      const slot = number & (slots - 1)
      return isEachAlone || numbers[slot] === number ? kept[slot] : undefined
    },
    set(number, value) {
      numbers[number & (slots - 1)] = number
      kept[number & (slots - 1)] = value
    },
  }
}

/** A function that remembers what another made of numbers above 0; see {@link keptValues}. */
export function keeping<T extends object>(
  make: (number: number) => T,
  count: number,
  maxKept: number,
): (number: number) => T {
  const kept = keptValues<T>(count, maxKept)
  return (number) => {
    const known = kept.get(number)
    if (known !== undefined) return known
    const value = make(number)
    kept.set(number, value)
    return value
  }
}
