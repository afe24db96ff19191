import { z } from 'zod'
import { instant } from './fields.ts'

export const ReportUnit = z.enum(['minute', 'hour', 'day', 'week', 'month'])
export type ReportUnit = z.infer<typeof ReportUnit>

const DIMENSIONS = [
  'country',
  'region',
  'city',
  'continent',
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
] as const

/** What clicks can be told apart by. */
export const Dimension = z.enum(DIMENSIONS)
export type Dimension = z.infer<typeof Dimension>

/** What a breakdown can be by. */
export const BREAKDOWNS = [...DIMENSIONS, 'link'] as const

export const ReportSeries = z
  .object({
    unit: ReportUnit,
    from: instant,
    to: instant,
    data: z.array(z.object({ start: instant, clicks: z.int() })).meta({ description: 'Oldest first.' }),
  })
  .meta({ id: 'ReportSeries' })
export type ReportSeries = z.infer<typeof ReportSeries>

export const ReportTotal = z
  .object({
    clicks: z.int(),
    visitors: z.int().meta({ description: 'Exact when they are few, else within about 3 %.' }),
  })
  .meta({ id: 'ReportTotal' })
export type ReportTotal = z.infer<typeof ReportTotal>

export const ReportBreakdown = z
  .object({
    dimension: z.enum(BREAKDOWNS),
    data: z.array(
      z.object({
        value: z.string().meta({ description: 'As a filter takes it; of a link its id. Empty is unknown.' }),
        label: z.string().meta({ description: 'For people; of a link its slug.' }),
        clicks: z.int(),
      }),
    ),
    other: z.int().meta({ description: 'Clicks of all values that are not shown.' }),
  })
  .meta({ id: 'ReportBreakdown' })
export type ReportBreakdown = z.infer<typeof ReportBreakdown>

/** The data of an event of the live stream. */
export const LiveClick = z
  .object({
    id: z.string(),
    at: instant,
    link: z.object({ id: z.string(), slug: z.string() }),
    country: z.string(),
    city: z.string(),
    device: z.string(),
    browser: z.string(),
    operating_system: z.string(),
    referrer: z.string(),
    as: z.string(),
    network: z.string(),
    is_bot: z.boolean(),
    is_scan: z.boolean(),
  })
  .meta({ id: 'LiveClick', description: 'A click as it came; what is unknown is empty.' })
export type LiveClick = z.infer<typeof LiveClick>
