import type { BigLink } from './big-link.ts'
import type { LinkClicks } from '#ports/click-store/click-store.ts'
import { FIRST_DIMENSION, KINDS, type Rows, VISITOR_HIGH, VISITOR_LOW } from './columns.ts'
import { VisitorCount } from './visitor-count.ts'

/** A range of time, in milliseconds since 1970; the end is not in it. */
export interface TimeRange {
  readonly fromMs: number
  readonly toMs: number
}

/** Rows that a report counts. */
export interface ReportRows {
  readonly rows: Rows
  readonly from: number
  readonly to: number
  /** Times of these rows, to be added to `baseMs`. */
  times(): Uint32Array | Float64Array
  readonly baseMs: number
  /** 1 for each of the rows that counts; undefined when all do. */
  readonly selected: Uint8Array | undefined
  /** The link of each of the rows, or the one of all; undefined where rows of many links were put together. */
  readonly linkIds: ArrayLike<number> | number | undefined
}

/** Counts clicks for one report. */
export interface ReportSink {
  /** The columns it reads of rows. */
  readonly columns: readonly number[]
  /** Whether rows must come with their link. */
  readonly isByLink?: boolean
  /**
   * Count what the sums of a link answer, in a range of time and for the kinds whose bit is set.
   *
   * @returns the times for which the rows have to be counted
   */
  sums(link: BigLink, monthMs: number, range: TimeRange, kinds: number): readonly TimeRange[]
  rows(part: ReportRows): void
}

const HOUR_MS = 3_600_000

/** Counts clicks per period, given by ascending boundaries. */
export class PeriodSink implements ReportSink {
  readonly columns: readonly number[]
  readonly counts: number[]
  readonly #bounds: Float64Array

  /** @param bounds in milliseconds since 1970, one more than there are periods */
  constructor(bounds: readonly number[]) {
    this.#bounds = Float64Array.from(bounds)
    this.counts = Array.from({ length: Math.max(0, bounds.length - 1) }, () => 0)
    this.columns = []
  }

  sums(link: BigLink, monthMs: number, range: TimeRange, kinds: number): readonly TimeRange[] {
    const rest: { fromMs: number; toMs: number }[] = []
    const bounds = this.#bounds
    let period = -1
    link.visitHours((hour, counts) => {
      const startMs = monthMs + hour * HOUR_MS
      const fromMs = Math.max(startMs, range.fromMs)
      const toMs = Math.min(startMs + HOUR_MS, range.toMs)
      if (fromMs >= toMs) return
      while (period + 1 < bounds.length && (bounds[period + 1] ?? 0) <= fromMs) period++
      const isWhole = toMs - fromMs === HOUR_MS && (bounds[period + 1] ?? Infinity) >= toMs
      if (isWhole) {
        this.#add(period, countOf(counts, kinds))
        return
      }
      const last = rest.at(-1)
      if (last?.toMs === fromMs) last.toMs = toMs
      else rest.push({ fromMs, toMs })
    })
    return rest
  }

  rows(part: ReportRows): void {
    const { from, to, selected, baseMs } = part
    const bounds = this.#bounds
    const times = part.times()
    // Below the first boundary, hence looked up at the first row.
    let [period, low, high] = [-1, Infinity, -Infinity]
    for (let row = 0; row < to - from; row++) {
      if (selected !== undefined && selected[row] === 0) continue
      const atMs = baseMs + (times[row] ?? 0)
      if (atMs < low || atMs >= high) {
        period = lastAtOrBefore(bounds, atMs)
        low = period < 0 ? -Infinity : (bounds[period] ?? 0)
        high = bounds[period + 1] ?? Infinity
      }
      this.#add(period, 1)
    }
  }

  #add(period: number, clicks: number): void {
    if (period >= 0 && period < this.counts.length) this.counts[period] = (this.counts[period] ?? 0) + clicks
  }
}

/** Counts all clicks. */
export class TotalSink implements ReportSink {
  readonly columns: readonly number[] = []
  readonly #sums = new PeriodSink([-Infinity, Infinity])
  #rows = 0

  get total(): number {
    return this.#rows + (this.#sums.counts[0] ?? 0)
  }

  sums(link: BigLink, monthMs: number, range: TimeRange, kinds: number): readonly TimeRange[] {
    return this.#sums.sums(link, monthMs, range, kinds)
  }

  rows({ from, to, selected }: ReportRows): void {
    if (selected === undefined) {
      this.#rows += to - from
      return
    }
    for (const mark of selected) this.#rows += mark
  }
}

/** Counts clicks per value of a dimension. */
export class ValueSink implements ReportSink {
  readonly columns: readonly number[]
  /** Clicks by the value's number. */
  readonly counts: Uint32Array
  readonly #dimension: number

  /** @param size one more than the highest number of the dimension */
  constructor(dimension: number, size: number) {
    this.#dimension = dimension
    this.columns = [FIRST_DIMENSION + dimension]
    this.counts = new Uint32Array(size)
  }

  sums(link: BigLink, monthMs: number, range: TimeRange, kinds: number): readonly TimeRange[] {
    if (!isWithin(link, monthMs, range)) return [range]
    link.addValues(this.#dimension, kinds, this.counts)
    return []
  }

  rows({ rows, from, to, selected }: ReportRows): void {
    const values = rows.narrowColumn(FIRST_DIMENSION + this.#dimension, from, to)
    if (values instanceof Uint8Array) countBytes(this.counts, values, selected)
    else countWords(this.counts, values, selected)
  }
}

// One loop for each kind of array: a loop that meets both takes three times as long.

function countBytes(counts: Uint32Array, values: Uint8Array, selected: Uint8Array | undefined): void {
  if (selected === undefined) {
    for (let row = 0; row < values.length; row++) {
      const value = values[row] ?? 0
      counts[value] = (counts[value] ?? 0) + 1
    }
    return
  }
  for (let row = 0; row < values.length; row++) {
    const value = values[row] ?? 0
    counts[value] = (counts[value] ?? 0) + (selected[row] ?? 0)
  }
}

function countWords(counts: Uint32Array, values: Uint32Array, selected: Uint8Array | undefined): void {
  if (selected === undefined) {
    for (let row = 0; row < values.length; row++) {
      const value = values[row] ?? 0
      counts[value] = (counts[value] ?? 0) + 1
    }
    return
  }
  for (let row = 0; row < values.length; row++) {
    const value = values[row] ?? 0
    counts[value] = (counts[value] ?? 0) + (selected[row] ?? 0)
  }
}

/** Counts visitors. */
export class VisitorSink implements ReportSink {
  readonly columns: readonly number[] = [VISITOR_HIGH, VISITOR_LOW]
  readonly visitors = new VisitorCount()

  sums(link: BigLink, monthMs: number, range: TimeRange, kinds: number): readonly TimeRange[] {
    if (!isWithin(link, monthMs, range)) return [range]
    const sketch = link.sketch(kinds)
    if (sketch !== undefined) this.visitors.addSketch(sketch)
    return []
  }

  rows({ rows, from, to, selected }: ReportRows): void {
    this.visitors.add(rows.column(VISITOR_HIGH, from, to), rows.column(VISITOR_LOW, from, to), selected)
  }
}

/** Counts clicks per link. */
export class LinkSink implements ReportSink {
  readonly columns: readonly number[] = []
  readonly isByLink = true
  readonly #counts = new Map<number, number>()

  sums(link: BigLink, monthMs: number, range: TimeRange, kinds: number): readonly TimeRange[] {
    const total = new TotalSink()
    const rest = total.sums(link, monthMs, range, kinds)
    this.#add(link.linkId, total.total)
    return rest
  }

  rows({ from, to, selected, linkIds }: ReportRows): void {
    if (typeof linkIds === 'number') {
      this.#add(linkIds, selected === undefined ? to - from : selected.reduce((sum, mark) => sum + mark, 0))
      return
    }
    for (let row = 0; row < to - from; row++) this.#add(linkIds?.[row] ?? 0, selected?.[row] ?? 1)
  }

  /** The links with most clicks, those of a lower id first among equals. */
  top(size: number): LinkClicks[] {
    return [...this.#counts]
      .map(([linkId, clicks]) => ({ linkId, clicks }))
      .sort((a, b) => b.clicks - a.clicks || a.linkId - b.linkId)
      .slice(0, size)
  }

  #add(linkId: number, clicks: number): void {
    if (clicks > 0) this.#counts.set(linkId, (this.#counts.get(linkId) ?? 0) + clicks)
  }
}

function isWithin(link: BigLink, monthMs: number, range: TimeRange): boolean {
  return range.fromMs <= monthMs + link.firstAt && monthMs + link.lastAt < range.toMs
}

function countOf(counts: readonly number[], kinds: number): number {
  let sum = 0
  for (let kind = 0; kind < KINDS; kind++) if ((kinds & (1 << kind)) !== 0) sum += counts[kind] ?? 0
  return sum
}

/** The last boundary that is not behind an instant; -1 when all are. */
function lastAtOrBefore(bounds: Float64Array, atMs: number): number {
  let low = 0
  let high = bounds.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((bounds[middle] ?? 0) <= atMs) low = middle + 1
    else high = middle
  }
  return low - 1
}
