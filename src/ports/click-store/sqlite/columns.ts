import { DIMENSIONS } from '#ports/click-store/click-store.ts'
import type { ByteWriter } from './blob.ts'

/** Milliseconds since the month began (UTC). */
export const AT = 0
/** One of the four {@link kindOf}. */
export const KIND = 1
export const VISITOR_HIGH = 2
export const VISITOR_LOW = 3
/** Behind these the value of each dimension, as a number of the dictionary. */
export const FIRST_DIMENSION = 4
export const COLUMN_COUNT = FIRST_DIMENSION + DIMENSIONS.length

/** How many kinds of clicks are counted apart. */
export const KINDS = 4

/** A click, a bot's, a scan, a bot's scan: 0 to 3. */
export function kindOf(click: { readonly isBot: boolean; readonly isScan: boolean }): number {
  return (click.isBot ? 1 : 0) | (click.isScan ? 2 : 0)
}

/** Clicks as columns of whole numbers below 2^32. */
export interface Rows {
  /** The values of a column in the rows from `from` to before `to`. The array is not to be changed. */
  column(index: number, from: number, to: number): Uint32Array
  /** As {@link column}, without widening numbers that are kept in a byte each. */
  narrowColumn(index: number, from: number, to: number): Uint8Array | Uint32Array
}

/** Bytes that one number of a column takes; 0 where all are the same. */
export type ColumnWidth = 0 | 1 | 2 | 4 | 8

/** Write the first `count` numbers as narrow as they allow. */
export function writeColumn(
  writer: ByteWriter,
  values: Uint32Array | Float64Array,
  count: number,
): ColumnWidth {
  const width = widthOf(values, count)
  if (width === 0) {
    writer.align(4)
    writer.u32(values[0] ?? 0)
    return 0
  }
  writer.align(width)
  const used = values.subarray(0, count)
  writer.append(bytesOf(width === values.BYTES_PER_ELEMENT ? used : narrowed(used, width)))
  return width
}

/** Where a column lies, and where what follows it begins. */
export function placeColumn(
  width: ColumnWidth,
  after: number,
  count: number,
): { readonly start: number; readonly end: number } {
  const size = width === 0 ? 4 : width
  const start = Math.ceil(after / size) * size
  return { start, end: start + (width === 0 ? 4 : width * count) }
}

/** Numbers of a column that begins at byte `start`, which is aligned. */
export function readColumn(
  bytes: Uint8Array<ArrayBuffer>,
  column: { readonly width: ColumnWidth; readonly start: number },
  from: number,
  to: number,
): Uint32Array {
  const at = bytes.byteOffset + column.start + from * column.width
  switch (column.width) {
    case 0:
      return new Uint32Array(to - from).fill(firstNumber(bytes, column.start))
    case 1:
      return new Uint32Array(new Uint8Array(bytes.buffer, at, to - from))
    case 2:
      return new Uint32Array(new Uint16Array(bytes.buffer, at, to - from))
    case 4:
      return new Uint32Array(bytes.buffer, at, to - from)
    case 8:
      return new Uint32Array(new Float64Array(bytes.buffer, at, to - from))
  }
}

/** As {@link readColumn}, without widening numbers that are kept in a byte each. */
export function readNarrowColumn(
  bytes: Uint8Array<ArrayBuffer>,
  column: { readonly width: ColumnWidth; readonly start: number },
  from: number,
  to: number,
): Uint8Array | Uint32Array {
  return column.width === 1
    ? bytes.subarray(column.start + from, column.start + to)
    : readColumn(bytes, column, from, to)
}

/** As {@link readColumn}, for the ids of teams and links, which may be longer than 32 bits. */
export function readIds(
  bytes: Uint8Array<ArrayBuffer>,
  column: { readonly width: ColumnWidth; readonly start: number },
  count: number,
): Float64Array {
  return column.width === 8
    ? new Float64Array(bytes.buffer, bytes.byteOffset + column.start, count)
    : new Float64Array(readColumn(bytes, column, 0, count))
}

/** The first row from `from` on whose value, ascending, is not below `least`; `to` when there is none. */
export function lowerBound(values: ArrayLike<number>, from: number, to: number, least: number): number {
  let low = from
  let high = to
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((values[middle] ?? 0) < least) low = middle + 1
    else high = middle
  }
  return low
}

export function isColumnWidth(width: number | undefined): width is ColumnWidth {
  return width === 0 || width === 1 || width === 2 || width === 4 || width === 8
}

function widthOf(values: Uint32Array | Float64Array, count: number): ColumnWidth {
  const first = values[0] ?? 0
  let max = first
  let isConstant = true
  for (let row = 1; row < count; row++) {
    const value = values[row] ?? 0
    if (value !== first) isConstant = false
    if (value > max) max = value
  }
  if (max > 0xffff_ffff) return 8
  if (isConstant) return 0
  return max > 0xffff ? 4 : max > 0xff ? 2 : 1
}

function narrowed(values: Uint32Array | Float64Array, width: ColumnWidth) {
  return width === 1
    ? new Uint8Array(values)
    : width === 2
      ? new Uint16Array(values)
      : new Uint32Array(values)
}

function bytesOf(values: Uint8Array | Uint16Array | Uint32Array | Float64Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
}

function firstNumber(bytes: Uint8Array, start: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(start, true)
}
