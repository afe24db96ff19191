/** Values by numbers above 0, of those that share a slot one: most lookups are about few of them. */
export interface KeptValues<T extends object | string> {
  get(number: number): T | undefined
  set(number: number, value: T): void
}

/**
 * Slots that are stored together. When a value is put where old ones are, the collector looks through all that are with
 * it, while everybody waits: in one list of them all it took milliseconds each time.
 */
const CHUNK_BITS = 7
const CHUNK = 1 << CHUNK_BITS

export interface KeptValuesOptions {
  /** Keep a value from the second time on, where its number has a slot of its own too. */
  readonly isFirstLetGo?: boolean
}

/**
 * Where numbers share slots, a value is kept from the second time on that its number is the last one of its slot that was
 * not there: what is asked for once displaces nothing, and gives the collector nothing to look through.
 *
 * @param count of the numbers there are; @param maxKept a power of two
 */
export function keptValues<T extends object | string>(
  count: number,
  maxKept: number,
  { isFirstLetGo = false }: KeptValuesOptions = {},
): KeptValues<T> {
  const slots = Math.min(maxKept, 2 ** Math.ceil(Math.log2(Math.max(count, 2))))
  const isEachAlone = slots > count
  const numbers = new Uint32Array(isEachAlone ? 0 : slots)
  const wanted = new Uint32Array(isEachAlone ? 0 : slots)
  const wantedOnce = new Uint8Array(isEachAlone && isFirstLetGo ? slots : 0)
  const chunks = Array.from({ length: Math.ceil(slots / CHUNK) }, () => NOTHING as (T | undefined)[])

  return {
    get(number) {
      const slot = number & (slots - 1)
      if (!isEachAlone && numbers[slot] !== number) return undefined
      return chunks[slot >>> CHUNK_BITS]?.[slot & (CHUNK - 1)]
    },
    set(number, value) {
      const slot = number & (slots - 1)
      if (!isEachAlone) {
        if (wanted[slot] !== number) {
          wanted[slot] = number
          return
        }
        numbers[slot] = number
      } else if (wantedOnce[slot] === 0) {
        wantedOnce[slot] = 1
        return
      }
      const at = slot >>> CHUNK_BITS
      let chunk = chunks[at]
      if (chunk === undefined || chunk === NOTHING) {
        chunk = Array.from({ length: CHUNK }, () => undefined)
        chunks[at] = chunk
      }
      chunk[slot & (CHUNK - 1)] = value
    },
  }
}

const NOTHING: readonly unknown[] = []

/** A function that remembers what another made of numbers above 0; see {@link keptValues}. */
export function keeping<T extends object | string>(
  make: (number: number) => T,
  count: number,
  maxKept: number,
  options: KeptValuesOptions = {},
): (number: number) => T {
  const kept = keptValues<T>(count, maxKept, options)
  return (number) => {
    const known = kept.get(number)
    if (known !== undefined) return known
    const value = make(number)
    kept.set(number, value)
    return value
  }
}
