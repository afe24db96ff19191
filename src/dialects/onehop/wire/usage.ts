import { z } from 'zod'

/** What a plan limits, as the wire calls it. */
export const UsageMetric = z.enum([
  'links',
  'qr_codes',
  'api_calls',
  'clicks',
  'lookups',
  'files',
  'file_bytes',
])
export type UsageMetric = z.infer<typeof UsageMetric>

export const MetricUsage = z
  .object({
    metric: UsageMetric,
    used: z.int(),
    limit: z.int().nullable().meta({ description: 'Null is unlimited.' }),
    bought: z.int().meta({ description: 'Credits that are used after the limit.' }),
    over: z.int().meta({ description: 'Used beyond the limit.' }),
  })
  .meta({ id: 'MetricUsage' })
export type MetricUsage = z.infer<typeof MetricUsage>

export const Usage = z
  .object({
    plan: z.string(),
    month: z.string().meta({ description: '`2026-11`; files are those there are now.' }),
    metrics: z.array(MetricUsage),
  })
  .meta({ id: 'Usage' })
export type Usage = z.infer<typeof Usage>
