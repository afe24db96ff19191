import type { Ctx, Services } from '#core/context.ts'
import type { Metric } from '#core/errors.ts'
import { findFileUsage } from '#core/files/upload-queries.ts'
import { requireAbility } from '#core/permissions.ts'
import type { Plan } from './plan.ts'
import { getPlan, getUsage, usageMonth } from './usage.ts'

/** What a plan limits: what is used up in a month, and what there may be at one time. */
export type UsageKind = Metric | 'files' | 'file-bytes'

/** Where a team stands. */
export interface MetricUsage {
  readonly metric: UsageKind
  readonly used: number
  /** Null: unlimited. */
  readonly limit: number | null
  /** Bought credits that are used after the limit. */
  readonly bought: number
  /** What was used beyond the limit, which clicks and surcharged lookups can be. */
  readonly over: number
}

/** All that a plan limits, and how far it is used. */
export interface TeamUsage {
  readonly plan: Plan
  /** `2026-11` (UTC) */
  readonly month: string
  readonly metrics: readonly MetricUsage[]
}

const METRICS: readonly Metric[] = ['links', 'qr-codes', 'api-calls', 'clicks', 'lookup-credits']

/**
 * What the acting team has used this month of what its plan allows.
 *
 * @throws DomainError `unauthenticated`, `account-blocked` or `forbidden`
 */
export async function getTeamUsageOverview(ctx: Ctx): Promise<TeamUsage> {
  return usageOf(ctx, requireAbility(ctx.actor, 'user:read').teamId)
}

/** The same of any team. */
export async function usageOf(services: Services, teamId: number): Promise<TeamUsage> {
  const plan = await getPlan(services, teamId)
  const month = usageMonth(services.now())
  const metrics: MetricUsage[] = []
  for (const metric of METRICS) {
    const { used, limit, credits } = await getUsage(services, teamId, metric)
    // Clicks are counted where they are stored.
    const counted = metric === 'clicks' ? await services.clicks.usage(teamId, month) : used
    metrics.push(standing(metric, counted, limit, credits))
  }
  const files = await findFileUsage(services.db, teamId)
  metrics.push(
    standing('files', files.files, plan.fileCount),
    standing('file-bytes', files.bytes, plan.fileStorageBytes),
  )
  return { plan, month, metrics }
}

function standing(metric: UsageKind, used: number, limit: number | null, bought = 0): MetricUsage {
  return { metric, used, limit, bought, over: limit === null ? 0 : Math.max(0, used - limit) }
}
