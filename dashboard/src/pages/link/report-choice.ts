import { useSearchParams } from 'wouter'
import type { Dimension, ReportScope } from '#dash/api/reports.ts'

/** Spans of time a report can be of. */
export const RANGES = [
  { id: '24h', label: '24 h', unit: 'hour', units: 24 },
  { id: '7d', label: '7 d', unit: 'day', units: 7 },
  { id: '30d', label: '30 d', unit: 'day', units: 30 },
  { id: '90d', label: '90 d', unit: 'day', units: 90 },
  { id: '1y', label: '1 y', unit: 'month', units: 12 },
] as const satisfies readonly {
  readonly id: string
  readonly label: string
  readonly unit: ReportScope['unit']
  readonly units: number
}[]

export type RangeId = (typeof RANGES)[number]['id']

const FILTERED: readonly Dimension[] = [
  'country',
  'region',
  'city',
  'device',
  'browser',
  'operating_system',
  'referrer',
  'language',
  'as',
  'network',
  'utm_source',
  'utm_medium',
  'utm_campaign',
]

export interface ReportChoice {
  readonly range: RangeId
  readonly withBots: boolean
  readonly scope: ReportScope
  readonly setRange: (range: RangeId) => void
  readonly setWithBots: (withBots: boolean) => void
  /** Only clicks with this value; choosing it again undoes it. */
  readonly toggle: (dimension: Dimension, value: string) => void
  readonly clear: () => void
}

/** What the viewer has chosen to see of a link's clicks, or the team's; it is kept in the address. */
export function useReportChoice(link: string | undefined): ReportChoice {
  const [search, setSearch] = useSearchParams()
  const range = RANGES.find(({ id }) => id === search.get('range')) ?? RANGES[2]
  const withBots = search.get('bots') === 'include'
  const filters = Object.fromEntries(
    FILTERED.flatMap((dimension) => {
      const value = search.get(dimension)
      return value === null ? [] : [[dimension, value]]
    }),
  )

  const change = (apply: (search: URLSearchParams) => void) =>
    setSearch(
      (before) => {
        const next = new URLSearchParams(before)
        apply(next)
        return next
      },
      { replace: true },
    )
  return {
    range: range.id,
    withBots,
    scope: {
      ...(link !== undefined && { link }),
      unit: range.unit,
      units: range.units,
      bots: withBots ? 'include' : 'exclude',
      filters,
    },
    setRange: (id) => change((next) => next.set('range', id)),
    setWithBots: (isOn) => change((next) => (isOn ? next.set('bots', 'include') : next.delete('bots'))),
    toggle: (dimension, value) =>
      change((next) => (next.get(dimension) === value ? next.delete(dimension) : next.set(dimension, value))),
    clear: () =>
      change((next) => {
        for (const dimension of FILTERED) next.delete(dimension)
      }),
  }
}
