import type { HonoRequest } from 'hono'
import {
  MAX_REPORT_UNITS,
  REPORT_UNITS,
  type ReportUnit,
  type ReportWindow,
} from '#core/clicks/report-periods.ts'
import { DomainError } from '#core/errors.ts'
import { queryInt, queryText } from '#http/read-query.ts'

/** The most rows a breakdown has, and how many without a word about it. */
const MAX_SIZE = 1_000
const DEFAULT_SIZE = 50

/**
 * `unit` and `units` of a report. Source: contract "Analytics"; without them the contract's examples: seven days of a
 * series, this month of a total; thirty days of a breakdown.
 */
export function reportWindow(request: HonoRequest, standard: ReportWindow): ReportWindow {
  const text = queryText(request, 'unit')
  const unit = text === undefined ? standard.unit : REPORT_UNITS.find((known) => known === text)
  if (unit === undefined)
    throw new DomainError('invalid-parameter', {
      parameter: 'unit',
      problem: `must be one of ${REPORT_UNITS.join(', ')}`,
    })
  return {
    unit,
    units: queryInt(request, 'units', { min: 1, max: MAX_REPORT_UNITS, default: standard.units }),
  }
}

/** `size` of a breakdown. */
export function reportSize(request: HonoRequest): number {
  return queryInt(request, 'size', { min: 1, max: MAX_SIZE, default: DEFAULT_SIZE })
}

/** Whether bots are counted too: `bots=include`, which is ours. */
export function reportBots(request: HonoRequest): 'include' | 'exclude' {
  const text = queryText(request, 'bots') ?? 'exclude'
  if (text !== 'include' && text !== 'exclude')
    throw new DomainError('invalid-parameter', {
      parameter: 'bots',
      problem: 'must be one of include, exclude',
    })
  return text
}

/** `2025-12-27`, or `2025-12-27T10:30` where periods are shorter than a day; UTC. */
export function periodName(unit: ReportUnit, startMs: number): string {
  const iso = new Date(startMs).toISOString()
  return unit === 'minute' || unit === 'hour' ? iso.slice(0, 16) : iso.slice(0, 10)
}
