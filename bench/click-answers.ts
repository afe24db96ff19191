import type { ClickQuery, ClickStore, EnrichedClick } from '#ports/click-store/click-store.ts'

/** A report that is measured: of a link, over so many days that end at an instant. */
export interface BenchReport {
  readonly name: string
  /** Ask for it; the answer is what {@link DirectCount.answer} can be compared with. */
  ask(store: ClickStore, scope: ClickQuery['scope'], endMs: number): Promise<unknown>
  /** The same by looking at every click. */
  count(clicks: DirectClicks, endMs: number): unknown
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const TOP = 10
/** What a tenth of the filtered report's clicks have. */
const FILTER = { dimension: 'device', values: ['tablet'] } as const

/** All reports that are measured. */
export const REPORTS: readonly BenchReport[] = [
  {
    name: 'total 30 d',
    ask: (store, scope, endMs) => store.total(lastDays(scope, 30, endMs)),
    count: (clicks, endMs) => clicks.rows(30, endMs).length,
  },
  seriesReport('series 7 d by hour', 7 * 24, HOUR_MS),
  seriesReport('series 365 d by day', 365, DAY_MS),
  ...[30, 365].flatMap((days) => [
    breakdownReport(`countries ${days} d`, 'country', days, []),
    breakdownReport(`cities ${days} d`, 'city', days, []),
    {
      name: `uniques ${days} d`,
      ask: (store: ClickStore, scope: ClickQuery['scope'], endMs: number) =>
        store.uniques(lastDays(scope, days, endMs)),
      count: (clicks: DirectClicks, endMs: number) =>
        new Set(clicks.rows(days, endMs).map((row) => clicks.visitors[row])).size,
    },
    breakdownReport(`countries ${days} d, filtered`, 'country', days, [FILTER]),
  ]),
]

/** Whether two answers are the same; numbers of visitors may differ by 3 %. */
export function isSameAnswer(report: BenchReport, answer: unknown, counted: unknown): boolean {
  if (!report.name.startsWith('uniques')) return Bun.deepEquals(answer, counted)
  return Math.abs(Number(answer) - Number(counted)) <= Math.max(1, 0.03 * Number(counted))
}

/** The clicks of one link that were no bots, to be counted one by one. */
export class DirectClicks {
  readonly #times: number[] = []
  readonly visitors: string[] = []
  readonly #values = { country: [] as string[], city: [] as string[], device: [] as string[] }

  add(click: EnrichedClick): void {
    if (click.isBot) return
    this.#times.push(click.atMs)
    this.visitors.push(click.visitor)
    this.#values.country.push(click.values.country)
    this.#values.city.push(click.values.city)
    this.#values.device.push(click.values.device)
  }

  value(dimension: 'country' | 'city' | 'device', row: number): string {
    return this.#values[dimension][row] ?? ''
  }

  timeOf(row: number): number {
    return this.#times[row] ?? 0
  }

  rows(days: number, endMs: number): number[] {
    const startMs = endMs - days * DAY_MS
    return this.#times.flatMap((atMs, row) => (atMs >= startMs && atMs < endMs ? [row] : []))
  }
}

function seriesReport(name: string, periods: number, lengthMs: number): BenchReport {
  const boundsOf = (endMs: number) => {
    const last = Math.floor(endMs / lengthMs) * lengthMs + lengthMs
    return Array.from({ length: periods + 1 }, (_, index) => last - (periods - index) * lengthMs)
  }
  return {
    name,
    ask(store, scope, endMs) {
      const bounds = boundsOf(endMs)
      return store.series(
        { ...lastDays(scope, 0, endMs), fromMs: bounds[0] ?? 0, toMs: bounds.at(-1) ?? 0 },
        bounds,
      )
    },
    count(clicks, endMs) {
      const [first = 0] = boundsOf(endMs)
      const counts = Array.from({ length: periods }, () => 0)
      for (const row of clicks.rows(periods + 1, first + periods * lengthMs)) {
        const period = Math.floor((clicks.timeOf(row) - first) / lengthMs)
        if (period >= 0 && period < periods) counts[period] = (counts[period] ?? 0) + 1
      }
      return counts
    },
  }
}

function breakdownReport(
  name: string,
  dimension: 'country' | 'city',
  days: number,
  filters: readonly (typeof FILTER)[],
): BenchReport {
  return {
    name,
    ask: (store, scope, endMs) =>
      store.breakdown({ ...lastDays(scope, days, endMs), filters }, dimension, TOP),
    count(clicks, endMs) {
      const rows = clicks
        .rows(days, endMs)
        .filter((row) =>
          filters.every((filter) => filter.values.some((one) => one === clicks.value('device', row))),
        )
      return [...Map.groupBy(rows, (row) => clicks.value(dimension, row))]
        .map(([value, each]) => ({ value, clicks: each.length }))
        .sort((a, b) => b.clicks - a.clicks || (a.value < b.value ? -1 : 1))
        .slice(0, TOP)
    },
  }
}

function lastDays(scope: ClickQuery['scope'], days: number, endMs: number): ClickQuery {
  return { scope, fromMs: endMs - days * DAY_MS, toMs: endMs, filters: [], bots: 'exclude', kind: 'all' }
}
