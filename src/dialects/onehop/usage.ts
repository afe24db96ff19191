import { getTeamUsageOverview, type TeamUsage, type UsageKind } from '#core/billing/team-usage.ts'
import { endpoint } from './endpoint.ts'
import { type MetricUsage, Usage, type UsageMetric } from './wire/usage.ts'

/** What a metric is called on the wire. */
export const METRIC_NAMES = {
  links: 'links',
  'qr-codes': 'qr_codes',
  'api-calls': 'api_calls',
  clicks: 'clicks',
  'lookup-credits': 'lookups',
  files: 'files',
  'file-bytes': 'file_bytes',
} as const satisfies Record<UsageKind, UsageMetric>

/** How far the plan is used. */
export const usageEndpoints = [
  endpoint({
    method: 'GET',
    path: '/usage',
    summary: 'What the team has used of its plan',
    description: 'This calendar month (UTC); what all members use counts together.',
    tag: 'Billing',
    access: 'user:read',
    answer: Usage,
    handle: async ({ ctx }) => {
      const usage = await getTeamUsageOverview(ctx)
      return { plan: usage.plan.name, month: usage.month, metrics: metricsToWire(usage) }
    },
  }),
]

export function metricsToWire({ metrics }: TeamUsage): MetricUsage[] {
  return metrics.map(({ metric, used, limit, bought, over }) => ({
    metric: METRIC_NAMES[metric],
    used,
    limit,
    bought,
    over,
  }))
}
