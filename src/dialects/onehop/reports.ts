import { z } from 'zod'
import { dimensionLabel } from '#core/clicks/dimension-labels.ts'
import {
  reportBreakdown,
  reportLinks,
  reportSeries,
  type ReportSubject,
  reportTotal,
} from '#core/clicks/team-reports.ts'
import type { Ctx } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import { parseLinkName } from '#core/links/manage-links.ts'
import { csvLine } from '#http/csv.ts'
import { endpoint } from './endpoint.ts'
import { instantParameter, integerParameter, manyTexts, oneOf } from './wire/fields.ts'
import {
  BREAKDOWNS,
  Dimension,
  ReportBreakdown,
  ReportSeries,
  ReportTotal,
  type ReportUnit,
} from './wire/reports.ts'

const DEFAULT_UNITS = 30
/** The most rows of a breakdown: every country there is, and then some. */
const MAX_SIZE = 1_000

const filter = manyTexts(50).meta({
  description: 'Only clicks with one of these values; an empty one is unknown.',
})

/** By name, so that each dimension is one; the compiler misses none. */
const FILTERS: Readonly<Record<Dimension, typeof filter>> = {
  country: filter,
  region: filter,
  city: filter,
  continent: filter,
  device: filter,
  browser: filter,
  operating_system: filter,
  referrer: filter,
  language: filter,
  as: filter,
  network: filter,
  utm_source: filter,
  utm_medium: filter,
  utm_campaign: filter,
}

const SUBJECT_PARAMETERS = {
  link: z
    .string()
    .optional()
    .meta({ description: 'The id or slug of a link; absent: all links of the team.' }),
  unit: oneOf('minute', 'hour', 'day', 'week', 'month').optional(),
  units: integerParameter(1, 365)
    .optional()
    .meta({
      description: `So many units up to now, ${DEFAULT_UNITS} by default; instead of \`from\` and \`to\`.`,
    }),
  from: instantParameter
    .optional()
    .meta({ description: 'ISO 8601; without a time the day’s beginning, UTC.' }),
  to: instantParameter.optional().meta({ description: 'Exclusive; now by default.' }),
  bots: oneOf('exclude', 'include', 'only').default('exclude'),
  kind: oneOf('all', 'scans', 'clicks')
    .default('all')
    .meta({ description: '`scans` came from the QR code, `clicks` did not.' }),
  format: oneOf('json', 'csv').default('json'),
  ...FILTERS,
}

type Subject = z.output<z.ZodObject<typeof SUBJECT_PARAMETERS>>

/** What was clicked: by time, in all, and by every dimension. */
export const reportEndpoints = [
  endpoint({
    method: 'GET',
    path: '/reports/series',
    summary: 'Clicks by period, oldest first',
    tag: 'Reports',
    access: 'analytics:read',
    query: SUBJECT_PARAMETERS,
    isQueryStrict: true,
    answer: ReportSeries,
    example: {
      unit: 'day',
      from: '2026-01-01T00:00:00.000Z',
      to: '2026-01-03T00:00:00.000Z',
      data: [
        { start: '2026-01-01T00:00:00.000Z', clicks: 41 },
        { start: '2026-01-02T00:00:00.000Z', clicks: 87 },
      ],
    },
    mediaTypes: { 'text/csv': undefined },
    problems: ['link-not-found'],
    handle: async ({ ctx, query }) => {
      const { span, periods } = await reportSeries(ctx, await parseSubject(ctx, query))
      const data = periods.map(({ startMs, clicks }) => ({ start: iso(startMs), clicks }))
      if (query.format === 'csv')
        return csv(
          ['start', 'clicks'],
          data.map(({ start, clicks }) => [start, clicks]),
        )
      return { unit: span.unit, from: iso(span.fromMs), to: iso(span.toMs), data }
    },
  }),
  endpoint({
    method: 'GET',
    path: '/reports/total',
    summary: 'Clicks and visitors in all',
    tag: 'Reports',
    access: 'analytics:read',
    query: SUBJECT_PARAMETERS,
    isQueryStrict: true,
    answer: ReportTotal,
    example: { clicks: 128, visitors: 96 },
    mediaTypes: { 'text/csv': undefined },
    problems: ['link-not-found'],
    handle: async ({ ctx, query }) => {
      const { clicks, visitors } = await reportTotal(ctx, await parseSubject(ctx, query))
      return query.format === 'csv' ? csv(['clicks', 'visitors'], [[clicks, visitors]]) : { clicks, visitors }
    },
  }),
  endpoint({
    method: 'GET',
    path: '/reports/breakdown',
    summary: 'Clicks by country, device, referrer and so on, the most frequent first',
    tag: 'Reports',
    access: 'analytics:read',
    query: {
      ...SUBJECT_PARAMETERS,
      dimension: oneOf(...BREAKDOWNS),
      size: integerParameter(1, MAX_SIZE).default(50),
    },
    isQueryStrict: true,
    answer: ReportBreakdown,
    example: {
      dimension: 'country',
      data: [
        { value: 'DE', label: 'Germany', clicks: 70 },
        { value: '', label: 'Unknown', clicks: 8 },
      ],
      other: 50,
    },
    mediaTypes: { 'text/csv': undefined },
    problems: ['link-not-found'],
    handle: async ({ ctx, query }) => {
      const { dimension, size } = query
      const { data, other } = await breakdown(ctx, await parseSubject(ctx, query), { dimension, size })
      if (query.format === 'csv')
        return csv(
          [dimension, 'label', 'clicks'],
          data.map(({ value, label, clicks }) => [value, label, clicks]),
        )
      return { dimension, data, other }
    },
  }),
]

async function breakdown(
  ctx: Ctx,
  subject: ReportSubject,
  { dimension, size }: { readonly dimension: Dimension | 'link'; readonly size: number },
) {
  if (dimension === 'link') {
    const { rows, otherClicks } = await reportLinks(ctx, subject, size)
    const data = rows.map(({ link, clicks }) => ({ value: link.publicId, label: link.slug, clicks }))
    return { data, other: otherClicks }
  }
  const { rows, otherClicks } = await reportBreakdown(ctx, subject, { dimension, size })
  const data = rows.map(({ value, clicks }) => ({ value, label: dimensionLabel(dimension, value), clicks }))
  return { data, other: otherClicks }
}

async function parseSubject(ctx: Ctx, query: Subject): Promise<ReportSubject> {
  return {
    link: query.link === undefined ? undefined : await parseLinkName(ctx, query.link),
    time: parseTime(query),
    bots: query.bots,
    kind: query.kind,
    filters: Dimension.options.flatMap((dimension) =>
      query[dimension].length === 0 ? [] : [{ dimension, values: query[dimension] }],
    ),
  }
}

function parseTime({
  unit,
  units,
  from,
  to,
}: Pick<Subject, 'unit' | 'units' | 'from' | 'to'>): ReportSubject['time'] {
  if (from === undefined) {
    if (to !== undefined)
      throw new DomainError('invalid-parameter', { parameter: 'to', problem: 'needs from' })
    return { unit: unit ?? ('day' satisfies ReportUnit), units: units ?? DEFAULT_UNITS }
  }
  if (units !== undefined)
    throw new DomainError('invalid-parameter', {
      parameter: 'units',
      problem: 'must not be given beside from',
    })
  return { from, to, unit }
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}

function csv(columns: readonly string[], rows: readonly (readonly (string | number)[])[]): Response {
  return new Response([columns, ...rows].map(csvLine).join(''), {
    headers: {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="report.csv"',
    },
  })
}
