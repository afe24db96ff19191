import { AT, COLUMN_COUNT, lowerBound, type Rows } from './columns.ts'

/** Sorting keys hold a row's number in this many values, below the time in 32 bits. */
const MAX_KEYED_ROWS = 2 ** 21

/** Rows of one link, or of several one after another, that are gathered before they are written. */
export class RowBuffer implements Rows {
  #columns: Uint32Array[]
  #capacity: number
  count = 0

  constructor(capacity = 1024) {
    this.#capacity = capacity
    this.#columns = Array.from({ length: COLUMN_COUNT }, () => new Uint32Array(capacity))
  }

  /** All of a column; only the first `count` numbers mean anything. */
  whole(index: number): Uint32Array {
    const column = this.#columns[index]
    if (column === undefined) throw new Error(`there is no column ${index}`)
    return column
  }

  column(index: number, from: number, to: number): Uint32Array {
    return this.whole(index).subarray(from, to)
  }

  narrowColumn(index: number, from: number, to: number): Uint32Array {
    return this.column(index, from, to)
  }

  clear(): void {
    this.count = 0
  }

  /** Append rows of another place. */
  append(rows: Rows, from: number, to: number): void {
    this.reserve(to - from)
    for (let index = 0; index < COLUMN_COUNT; index++)
      this.whole(index).set(rows.column(index, from, to), this.count)
    this.count += to - from
  }

  /** Make room for so many more rows. */
  reserve(rows: number): void {
    if (this.count + rows <= this.#capacity) return
    this.#capacity = Math.max(2 * this.#capacity, this.count + rows)
    this.#columns = this.#columns.map((column) => {
      const larger = new Uint32Array(this.#capacity)
      larger.set(column.subarray(0, this.count))
      return larger
    })
  }

  /** Put the rows into the order of their times; rows of one time stay as they are. */
  sort(): void {
    const order = orderOf(this.whole(AT), this.count)
    if (order === undefined) return
    this.#columns = this.#columns.map((column) => {
      const sorted = new Uint32Array(this.#capacity)
      for (let row = 0; row < order.length; row++) sorted[row] = column[order[row] ?? 0] ?? 0
      return sorted
    })
  }

  /** Drop the rows of a sorted buffer that are before a time. */
  dropBefore(at: number): void {
    const first = lowerBound(this.whole(AT), 0, this.count, at)
    if (first > 0) this.dropFirst(first)
  }

  dropFirst(rows: number): void {
    for (const column of this.#columns) column.copyWithin(0, rows, this.count)
    this.count -= rows
  }
}

/** The rows in the order of their times; undefined when they are in it already. */
function orderOf(times: Uint32Array, count: number): Uint32Array | undefined {
  let isSorted = true
  for (let row = 1; row < count && isSorted; row++) isSorted = (times[row - 1] ?? 0) <= (times[row] ?? 0)
  if (isSorted) return undefined
  const order = new Uint32Array(count)
  if (count > MAX_KEYED_ROWS) {
    for (let row = 0; row < count; row++) order[row] = row
    return order.sort((a, b) => (times[a] ?? 0) - (times[b] ?? 0) || a - b)
  }
  const keys = new Float64Array(count)
  for (let row = 0; row < count; row++) keys[row] = (times[row] ?? 0) * MAX_KEYED_ROWS + row
  keys.sort()
  for (let row = 0; row < count; row++) order[row] = (keys[row] ?? 0) % MAX_KEYED_ROWS
  return order
}
