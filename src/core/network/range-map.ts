import type { Column, Columns } from '#ports/network/flat-file.ts'
import { GrowingColumn } from './growing-column.ts'

/**
 * What each address of a version has: the whole space, cut into ranges in the order of addresses. 0 is nothing.
 *
 * IPv4 rows are found by the upper half of the address in a table of 65,536 places and keep the lower half. IPv6 rows are
 * grouped by the first of four words and keep the second; the few /64 that are divided further have their own small
 * tables. That is 2 and 4 bytes a row where whole addresses would take 4 and 16.
 */
export interface RangeMap {
  /** The row that an address is in; a map without rows has row -1. */
  row(words: Uint32Array): number
  /** What the addresses of a row have. */
  valueAt(row: number): number
  /** Of an address in that row: the first and last address of its range, each four words. */
  extent(words: Uint32Array, row: number, first: Uint32Array, last: Uint32Array): void
}

const MAX_U16 = 0xffff
const MAX_WORD = 0xffff_ffff

/** Rows of /64 that are divided further are counted from here on. */
const DIVIDED = 0x8000_0000

/** @param name the group and what all its columns begin with: `net/v4-` */
export function readRangeMap(columns: Columns, name: string, version: 4 | 6): RangeMap {
  const narrow = columns.u16(`${name}value16`)
  const values = narrow.length > 0 ? narrow : columns.u32(`${name}value32`)
  return version === 4
    ? new Ipv4Map(columns.u32(`${name}head`), columns.u16(`${name}tail`), values)
    : new Ipv6Map({
        heads: columns.u32(`${name}head`),
        headAt: columns.u32(`${name}headAt`),
        tails: columns.u32(`${name}tail`),
        values,
        divided: columns.u32(`${name}divided`),
        dividedAt: columns.u32(`${name}dividedAt`),
        dividedValues: columns.u32(`${name}dividedValue`),
      })
}

class Ipv4Map implements RangeMap {
  readonly #heads: Uint32Array
  readonly #tails: Uint16Array
  readonly #values: Uint16Array | Uint32Array

  constructor(heads: Uint32Array, tails: Uint16Array, values: Uint16Array | Uint32Array) {
    this.#heads = heads
    this.#tails = tails
    this.#values = values
  }

  row(words: Uint32Array): number {
    const tails = this.#tails
    // Of sources that nobody has loaded there is nothing else.
    if (tails.length <= 1) return tails.length - 1
    const address = words[3] ?? 0
    const tail = address & MAX_U16
    const head = address >>> 16
    let low = this.#heads[head] ?? 0
    let high = this.#heads[head + 1] ?? 0
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((tails[middle] ?? 0) <= tail) low = middle + 1
      else high = middle
    }
    return low - 1
  }

  valueAt(row: number): number {
    return this.#values[row] ?? 0
  }

  extent(words: Uint32Array, row: number, first: Uint32Array, last: Uint32Array): void {
    const heads = this.#heads
    const head = (words[3] ?? 0) >>> 16
    // Both ends of most ranges have the address's own upper half, or one not far from it: ever longer steps find it.
    let firstHead = head
    for (let step = 1; (heads[firstHead] ?? 0) > row; step *= 2) {
      const nearer = firstHead
      firstHead = Math.max(0, firstHead - step)
      if ((heads[firstHead] ?? 0) <= row) {
        firstHead = lastUpTo(heads, firstHead, nearer, row)
        break
      }
    }
    let nextHead = head
    for (let step = 1; nextHead < MAX_U16 && (heads[nextHead + 1] ?? 0) <= row + 1; step *= 2) {
      const nearer = nextHead + 1
      nextHead = Math.min(MAX_U16, nextHead + step)
      if ((heads[nextHead + 1] ?? 0) > row + 1) {
        nextHead = lastUpTo(heads, nearer, nextHead + 1, row + 1)
        break
      }
    }
    setIpv4(first, firstHead * (MAX_U16 + 1) + (this.#tails[row] ?? 0))
    const isLast = row + 1 >= this.#tails.length
    setIpv4(last, isLast ? MAX_WORD : nextHead * (MAX_U16 + 1) + (this.#tails[row + 1] ?? 0) - 1)
  }
}

interface Ipv6Columns {
  readonly heads: Uint32Array
  readonly headAt: Uint32Array
  readonly tails: Uint32Array
  readonly values: Uint16Array | Uint32Array
  /** Two words a row, the lower half of an address. */
  readonly divided: Uint32Array
  readonly dividedAt: Uint32Array
  readonly dividedValues: Uint32Array
}

class Ipv6Map implements RangeMap {
  readonly #columns: Ipv6Columns

  constructor(columns: Ipv6Columns) {
    this.#columns = columns
  }

  row(words: Uint32Array): number {
    const row = this.#rowOf64(words)
    const value = this.#columns.values[row] ?? 0
    if (value < DIVIDED) return row
    const { dividedAt } = this.#columns
    const block = value - DIVIDED
    return DIVIDED + this.#lastDivided(dividedAt[block] ?? 0, dividedAt[block + 1] ?? 0, words)
  }

  valueAt(row: number): number {
    const { values, dividedValues } = this.#columns
    return (row < DIVIDED ? values[row] : dividedValues[row - DIVIDED]) ?? 0
  }

  extent(words: Uint32Array, row: number, first: Uint32Array, last: Uint32Array): void {
    const { tails, divided, dividedAt, values } = this.#columns
    const outer = row < DIVIDED ? row : this.#rowOf64(words)
    this.#firstOf64(outer, first)
    last.fill(MAX_WORD)
    if (outer + 1 < tails.length) {
      this.#firstOf64(outer + 1, last)
      stepBack(last)
    }
    if (row < DIVIDED) return
    const inner = row - DIVIDED
    first[2] = divided[2 * inner] ?? 0
    first[3] = divided[2 * inner + 1] ?? 0
    const end = dividedAt[(values[outer] ?? 0) - DIVIDED + 1] ?? 0
    if (inner + 1 >= end) return
    last[2] = divided[2 * inner + 2] ?? 0
    last[3] = divided[2 * inner + 3] ?? 0
    stepBack(last)
  }

  #rowOf64(words: Uint32Array): number {
    const { heads, headAt, tails } = this.#columns
    const word = words[0] ?? 0
    const head = lastUpTo(heads, 0, heads.length, word)
    if (head < 0) return -1
    const end = headAt[head + 1] ?? 0
    if (heads[head] !== word) return end - 1
    return lastUpTo(tails, headAt[head] ?? 0, end, words[1] ?? 0)
  }

  #firstOf64(row: number, first: Uint32Array): void {
    const { heads, headAt, tails } = this.#columns
    first.fill(0)
    first[0] = heads[lastUpTo(headAt, 0, heads.length, row)] ?? 0
    first[1] = tails[row] ?? 0
  }

  #lastDivided(from: number, to: number, words: Uint32Array): number {
    const { divided } = this.#columns
    const third = words[2] ?? 0
    const fourth = words[3] ?? 0
    let low = from
    let high = to
    while (low < high) {
      const middle = (low + high) >>> 1
      const at = divided[2 * middle] ?? 0
      if (at < third || (at === third && (divided[2 * middle + 1] ?? 0) <= fourth)) low = middle + 1
      else high = middle
    }
    return low - 1
  }
}

function setIpv4(words: Uint32Array, address: number): void {
  words[0] = 0
  words[1] = 0
  words[2] = 0
  words[3] = address
}

/** The last place of a sorted part whose number is not above `wanted`; the place before it where there is none. */
function lastUpTo(sorted: Uint32Array, from: number, to: number, wanted: number): number {
  let low = from
  let high = to
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] ?? 0) <= wanted) low = middle + 1
    else high = middle
  }
  return low - 1
}

function stepBack(words: Uint32Array): void {
  for (let word = 3; word >= 0; word--) {
    const value = words[word] ?? 0
    words[word] = value === 0 ? MAX_WORD : value - 1
    if (value !== 0) return
  }
}

/** Takes the ranges of one version in the order of their addresses, and makes the columns of a {@link RangeMap}. */
export interface RangeMapBuilder {
  /**
   * From this address on, up to the next one that is added, everything has that value.
   *
   * @param words four of them, not before those added last; the same again replaces the value
   */
  add(words: Uint32Array, value: number): void
  columns(name: string): ReadonlyMap<string, Column>
}

/** Where the ranges of IPv4 begin, in order and from 0 on, and the value of each. */
export interface Ipv4Starts {
  readonly starts: Uint32Array
  readonly values: Uint32Array
}

export interface Ipv4MapBuilder extends RangeMapBuilder {
  ranges(): Ipv4Starts
}

export interface RangeMapOptions {
  /** Keep neighbours with the same value apart, because their ends mean something. */
  readonly keepsNeighbours?: boolean
}

export function ipv4MapBuilder({ keepsNeighbours = false }: RangeMapOptions = {}): Ipv4MapBuilder {
  const starts = new GrowingColumn()
  const values = new GrowingColumn()
  starts.push(0)
  values.push(0)
  return {
    add(words, value) {
      const address = words[3] ?? 0
      if (starts.last() === address) {
        values.replaceLast(value)
        return
      }
      if (!keepsNeighbours && values.last() === value) return
      starts.push(address)
      values.push(value)
    },
    ranges: () => ({ starts: starts.array(), values: values.array() }),
    columns(name) {
      const rows = starts.array()
      const heads = new Uint32Array(MAX_U16 + 2)
      const tails = new Uint16Array(rows.length)
      let row = 0
      for (let head = 0; head <= MAX_U16; head++) {
        heads[head] = row
        while (row < rows.length && (rows[row] ?? 0) >>> 16 === head) {
          tails[row] = (rows[row] ?? 0) & MAX_U16
          row++
        }
      }
      heads[MAX_U16 + 1] = row
      return new Map<string, Column>([
        [`${name}head`, heads],
        [`${name}tail`, tails],
        ...valueColumn(name, values.array()),
      ])
    },
  }
}

export function ipv6MapBuilder({ keepsNeighbours = false }: RangeMapOptions = {}): RangeMapBuilder {
  const heads = new GrowingColumn()
  const headAt = new GrowingColumn()
  const tails = new GrowingColumn()
  const values = new GrowingColumn()
  const divided = new GrowingColumn()
  const dividedAt = new GrowingColumn()
  const dividedValues = new GrowingColumn()
  /** The upper half of the address added last, and what it and what follows it have. */
  let upper0 = 0
  let upper1 = 0
  let current = 0
  let isDivided = false

  const pushRow = (word0: number, word1: number, value: number): void => {
    if (heads.length === 0 || heads.last() !== word0) {
      heads.push(word0)
      headAt.push(tails.length)
    }
    tails.push(word1)
    values.push(value)
  }
  const pushDivided = (word2: number, word3: number, value: number): void => {
    divided.push(word2)
    divided.push(word3)
    dividedValues.push(value)
  }
  const isLastRow = (word0: number, word1: number): boolean =>
    heads.last() === word0 && tails.last() === word1

  /** After a divided /64 the next one has, without more, what its end had. */
  const closeDivided = (): void => {
    if (!isDivided) return
    isDivided = false
    const after0 = upper1 === MAX_WORD ? upper0 + 1 : upper0
    if (after0 <= MAX_WORD) pushRow(after0, upper1 === MAX_WORD ? 0 : upper1 + 1, current)
  }

  /** Begin to divide the /64 at the end; its start has what it had, or what was before. */
  const divide = (word0: number, word1: number): void => {
    const block = DIVIDED + dividedAt.length
    dividedAt.push(dividedValues.length)
    if (isLastRow(word0, word1)) {
      pushDivided(0, 0, values.last())
      values.replaceLast(block)
    } else {
      pushDivided(0, 0, current)
      pushRow(word0, word1, block)
    }
    isDivided = true
  }

  pushRow(0, 0, 0)
  return {
    add(words, value) {
      const [word0 = 0, word1 = 0, word2 = 0, word3 = 0] = words
      if (word0 !== upper0 || word1 !== upper1) closeDivided()
      if (word2 === 0 && word3 === 0) {
        if (isLastRow(word0, word1)) values.replaceLast(value)
        else if (keepsNeighbours || value !== current) pushRow(word0, word1, value)
      } else if (keepsNeighbours || value !== current) {
        if (!isDivided) divide(word0, word1)
        const at = 2 * (dividedValues.length - 1)
        if (divided.at(at) === word2 && divided.at(at + 1) === word3) dividedValues.replaceLast(value)
        else pushDivided(word2, word3, value)
      }
      upper0 = word0
      upper1 = word1
      current = value
    },
    columns(name) {
      closeDivided()
      headAt.push(tails.length)
      dividedAt.push(dividedValues.length)
      return new Map<string, Column>([
        [`${name}head`, heads.array()],
        [`${name}headAt`, headAt.array()],
        [`${name}tail`, tails.array()],
        ...valueColumn(name, values.array()),
        [`${name}divided`, divided.array()],
        [`${name}dividedAt`, dividedAt.array()],
        [`${name}dividedValue`, dividedValues.array()],
      ])
    },
  }
}

function valueColumn(name: string, values: Uint32Array): [string, Column][] {
  const isNarrow = values.every((value) => value <= MAX_U16)
  return isNarrow ? [[`${name}value16`, Uint16Array.from(values)]] : [[`${name}value32`, values]]
}
