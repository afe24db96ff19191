import type { Database } from 'bun:sqlite'
import { DIMENSIONS, storableValue } from '#ports/click-store/click-store.ts'
import { findMaxValueId, findValue, findValueId, insertValue } from './dictionary-queries.ts'

/** Values of one dimension that are kept in memory; whoever clicks chooses some of them. */
const MAX_KEPT = 50_000

/** The number of the unknown value in every dimension. */
export const UNKNOWN = 0

/** Turns values into numbers and back. A number never changes its value. */
export class Dictionary {
  readonly #db: Database
  readonly #ids = DIMENSIONS.map(() => new Map<string, number>())
  readonly #values = DIMENSIONS.map(() => new Map<number, string>())

  constructor(db: Database) {
    this.#db = db
  }

  /** A value's number, a new one if need be; only inside a transaction. */
  idOf(dimension: number, value: string): number {
    if (value === '') return UNKNOWN
    const kept = this.#ids[dimension]?.get(value)
    if (kept !== undefined) return kept
    const stored = storableValue(value)
    if (stored === '') return UNKNOWN
    const id = findValueId(this.#db, dimension, stored) ?? insertValue(this.#db, dimension, stored)
    keep(this.#ids[dimension], value, id)
    return id
  }

  /** A value's number; undefined where no click has the value. */
  findId(dimension: number, value: string): number | undefined {
    const stored = storableValue(value)
    return stored === '' ? UNKNOWN : findValueId(this.#db, dimension, stored)
  }

  valueOf(dimension: number, id: number): string {
    if (id === UNKNOWN) return ''
    const kept = this.#values[dimension]?.get(id)
    if (kept !== undefined) return kept
    const value = findValue(this.#db, dimension, id)
    if (value === undefined)
      throw new Error(`the value ${id} of dimension ${dimension} is not in the dictionary`)
    keep(this.#values[dimension], id, value)
    return value
  }

  /** One more than the highest number of a dimension. */
  size(dimension: number): number {
    return findMaxValueId(this.#db, dimension) + 1
  }

  /** Forget the numbers that were given in a transaction that failed. */
  forgetIds(): void {
    for (const ids of this.#ids) ids.clear()
  }
}

function keep<K, V>(kept: Map<K, V> | undefined, key: K, value: V): void {
  if (kept === undefined) return
  if (kept.size >= MAX_KEPT) kept.clear()
  kept.set(key, value)
}
