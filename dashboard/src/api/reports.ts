import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import type {
  LiveClick,
  ReportBreakdown,
  ReportSeries,
  ReportTotal,
  ReportUnit,
} from '#dialects/onehop/wire/reports.ts'
import { apiUrl, call, type Query } from './client.ts'

export type { LiveClick }
/** What clicks are broken down by. */
export type Dimension = ReportBreakdown['dimension']
/** Values of a dimension, and their clicks. */
export type BreakdownRow = ReportBreakdown['data'][number]

/** What a report counts. */
export interface ReportScope {
  /** All of the team's where it is left out. */
  readonly link?: string
  readonly unit: ReportUnit
  readonly units: number
  readonly bots: 'exclude' | 'include' | 'only'
  readonly kind?: 'all' | 'scans' | 'clicks'
  /** Only clicks with these values. */
  readonly filters: Readonly<Partial<Record<Dimension, string>>>
}

export const seriesQuery = (scope: ReportScope) =>
  queryOptions({
    queryKey: ['reports', scope.link ?? '', 'series', scope],
    queryFn: ({ signal }) => call<ReportSeries>('GET', '/reports/series', { query: toQuery(scope), signal }),
    placeholderData: keepPreviousData,
  })

export const totalQuery = (scope: ReportScope) =>
  queryOptions({
    queryKey: ['reports', scope.link ?? '', 'total', scope],
    queryFn: ({ signal }) => call<ReportTotal>('GET', '/reports/total', { query: toQuery(scope), signal }),
    placeholderData: keepPreviousData,
  })

export const breakdownQuery = (scope: ReportScope, dimension: Dimension, size: number) =>
  queryOptions({
    queryKey: ['reports', scope.link ?? '', 'breakdown', dimension, size, scope],
    queryFn: ({ signal }) =>
      call<ReportBreakdown>('GET', '/reports/breakdown', {
        query: { ...toQuery(scope), dimension, size },
        signal,
      }),
    placeholderData: keepPreviousData,
  })

/** Where the browser loads a series as a file. */
export function seriesFileUrl(scope: ReportScope): string {
  return apiUrl('/reports/series', { ...toQuery(scope), format: 'csv' })
}

function toQuery({ filters, ...scope }: ReportScope): Query {
  return { ...scope, ...filters }
}

/** The clicks of a link, or of the team, as they happen. */
export function openLiveClicks(link: string | undefined): EventSource {
  return new EventSource(apiUrl('/live', { link }))
}
