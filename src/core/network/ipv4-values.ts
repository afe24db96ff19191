import type { Column, Columns } from '#ports/network/flat-file.ts'
import { GrowingColumn } from './growing-column.ts'
import type { Ipv4Starts } from './range-map.ts'

/**
 * A value for each IPv4 address, for those who do not ask where the range of the address begins and ends.
 *
 * The upper half of an address picks one of 65,536 entries. It is the value where all addresses with that half have the
 * same, and else says where to look on: in a row of 256 by the next eight bits, where ranges are many, or in a list of
 * ranges, where they are few. Of a database of cities, which does not fit into any cache, one place of memory is read for
 * an address, seldom more, where a search among its ranges reads three or four, one after the other.
 */
export interface Ipv4Values {
  /** @param address of 32 bits */
  at(address: number): number
}

/** Entries from here on are places of rows of 256. */
const WIDE = 0x4000_0000
/** Entries from here on are places of lists. */
const LIST = 0x8000_0000
/** The most ranges that are put in a list: one of them is in two places of memory, or three. */
const MAX_LISTED = 16
const ROW = 256
const HEADS = 65_536

/**
 * The columns of {@link Ipv4Values}.
 *
 * @param name the group and what all its columns begin with: `place1/v4-`
 * @throws RangeError for a value of 2^30 or more
 */
export function ipv4ValueColumns(name: string, rows: Ipv4Starts): ReadonlyMap<string, Column> {
  if (rows.values.some((value) => value >= WIDE))
    throw new RangeError('a source has more different values than can be numbered')
  const wide = new GrowingColumn()
  const list = new GrowingColumn()
  const heads = new Uint32Array(HEADS)
  let row = 0
  for (let head = 0; head < HEADS; head++) {
    const from = row
    while (row < rows.starts.length && (rows.starts[row] ?? 0) < (head + 1) * HEADS) row++
    if (row - from <= MAX_LISTED) heads[head] = entryOf(rows, { from, to: row }, head * HEADS, list)
    else {
      heads[head] = WIDE + wide.length / ROW
      let at = from
      for (let part = 0; part < ROW; part++) {
        const start = head * HEADS + part * ROW
        const first = at
        while (at < row && (rows.starts[at] ?? 0) < start + ROW) at++
        wide.push(entryOf(rows, { from: first, to: at }, start, list))
      }
    }
  }
  return new Map<string, Column>([
    [`${name}head`, heads],
    [`${name}wide`, wide.array()],
    [`${name}list`, list.array()],
  ])
}

/**
 * The entry of a part of the space that begins with `start` and has those rows: the value of all of it, or the place of a
 * list that is made of them.
 */
function entryOf(
  { starts, values }: Ipv4Starts,
  rows: { readonly from: number; readonly to: number },
  start: number,
  list: GrowingColumn,
): number {
  const { from, to } = rows
  // What begins before goes on.
  const isContinued = from === to || starts[from] !== start
  const first = isContinued ? from - 1 : from
  const length = to - first
  if (length === 1) return values[first] ?? 0
  const entry = LIST + list.length
  list.push(length)
  const tail = (row: number) => (row < from ? start : (starts[row] ?? 0)) % HEADS
  for (let row = first; row < to; row += 2) list.push(tail(row) + (row + 1 < to ? tail(row + 1) * HEADS : 0))
  for (let row = first; row < to; row++) list.push(values[row] ?? 0)
  return entry
}

export function readIpv4Values(columns: Columns, name: string): Ipv4Values {
  const heads = columns.u32(`${name}head`)
  const wide = columns.u32(`${name}wide`)
  const list = columns.u32(`${name}list`)
  // The same memory by halves of 32 bits, the lower one first, as every machine has them that this runs on.
  const halves = new Uint16Array(list.buffer, list.byteOffset, list.length * 2)

  return {
    at(address) {
      let entry = heads[address >>> 16] ?? 0
      if (entry < WIDE) return entry
      if (entry < LIST) {
        entry = wide[(entry - WIDE) * ROW + ((address >>> 8) & 0xff)] ?? 0
        if (entry < LIST) return entry
      }
      return searchList(entry - LIST, address & 0xffff)
    },
  }

  function searchList(place: number, tail: number): number {
    const length = list[place] ?? 0
    const tails = 2 * (place + 1)
    // The first of them is never above.
    let low = 1
    let high = length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((halves[tails + middle] ?? 0) <= tail) low = middle + 1
      else high = middle
    }
    return list[place + ((length + 1) >>> 1) + low] ?? 0
  }
}
