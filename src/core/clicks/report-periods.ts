import { DomainError } from '#core/errors.ts'

/** What a report counts by. */
export const REPORT_UNITS = ['minute', 'hour', 'day', 'week', 'month'] as const
export type ReportUnit = (typeof REPORT_UNITS)[number]

/** The most periods a report has. */
export const MAX_REPORT_UNITS = 365

/** So many whole units, up to and with the one that is now. */
export interface ReportWindow {
  readonly unit: ReportUnit
  /** 1–365 */
  readonly units: number
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
/** The first Monday of Unix time was its fifth day. */
const FIRST_MONDAY_MS = 4 * DAY_MS

/**
 * Where the periods of a window begin, oldest first, and at last where the current one ends: Unix milliseconds, UTC,
 * weeks from Monday (ISO 8601).
 *
 * @throws DomainError `field-invalid` for a number of units out of bounds
 */
export function periodBoundaries({ unit, units }: ReportWindow, now: Date): readonly number[] {
  if (!Number.isInteger(units) || units < 1 || units > MAX_REPORT_UNITS)
    throw new DomainError('field-invalid', {
      field: 'units',
      problem: `must be between 1 and ${MAX_REPORT_UNITS}`,
    })
  return Array.from({ length: units + 1 }, (_, index) => boundary(unit, now.getTime(), index - units + 1))
}

/** The most periods a report of a stretch of time has. */
const MAX_RANGE_PERIODS = 1_000
/** The longest stretch that is still shown by each unit when none is chosen. */
const USUAL_SPANS: readonly (readonly [unit: ReportUnit, maxMs: number])[] = [
  ['minute', 3 * HOUR_MS],
  ['hour', 4 * DAY_MS],
  ['day', 190 * DAY_MS],
  ['week', 3 * 366 * DAY_MS],
]

/** The unit in which a stretch of time is usually shown. */
export function usualUnit(fromMs: number, toMs: number): ReportUnit {
  return USUAL_SPANS.find(([, maxMs]) => toMs - fromMs <= maxMs)?.[0] ?? 'month'
}

/**
 * Where the periods of a stretch of time begin, as {@link periodBoundaries} does: the first has its beginning, the last its
 * end.
 *
 * @throws DomainError `invalid-parameter` for more than 1,000 periods
 */
export function rangeBoundaries(unit: ReportUnit, fromMs: number, toMs: number): readonly number[] {
  const boundaries: number[] = [boundary(unit, fromMs, 0)]
  for (let next = 0; next < toMs; boundaries.push(next)) {
    if (boundaries.length > MAX_RANGE_PERIODS)
      throw new DomainError('invalid-parameter', {
        parameter: 'unit',
        problem: `must be longer: from and to are more than ${MAX_RANGE_PERIODS} of them apart`,
      })
    next = boundary(unit, boundaries.at(-1) ?? fromMs, 1)
  }
  return boundaries
}

/** The beginning of the period `offset` periods after the one that has the instant. */
function boundary(unit: ReportUnit, instantMs: number, offset: number): number {
  switch (unit) {
    case 'minute':
      return floor(instantMs, MINUTE_MS) + offset * MINUTE_MS
    case 'hour':
      return floor(instantMs, HOUR_MS) + offset * HOUR_MS
    case 'day':
      return floor(instantMs, DAY_MS) + offset * DAY_MS
    case 'week':
      return floor(instantMs - FIRST_MONDAY_MS, 7 * DAY_MS) + FIRST_MONDAY_MS + offset * 7 * DAY_MS
    case 'month': {
      const instant = new Date(instantMs)
      return Date.UTC(instant.getUTCFullYear(), instant.getUTCMonth() + offset)
    }
  }
}

function floor(instantMs: number, stepMs: number): number {
  return Math.floor(instantMs / stepMs) * stepMs
}
