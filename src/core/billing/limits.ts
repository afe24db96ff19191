import type { Ctx } from '#core/context.ts'
import type { Metric } from '#core/errors.ts'
import { requireAbility, requireMember } from '#core/permissions.ts'
import type { Plan } from './plan.ts'
import { getPlan, getUsage, type Usage, usageMonth } from './usage.ts'

/** What a team may use this month, what it has used, and when that begins anew. */
export interface TeamLimits {
  readonly plan: Plan
  readonly links: Usage
  readonly qrCodes: Usage
  readonly apiCalls: Usage
  /** Counted beyond the limit too. */
  readonly clicks: Usage
  /** The last second of the calendar month (UTC). */
  readonly resetsAt: Date
}

/**
 * The acting team's limits.
 *
 * @throws DomainError `unauthenticated` or `forbidden`
 */
export async function getTeamLimits(ctx: Ctx): Promise<TeamLimits> {
  const { teamId } = requireAbility(ctx.actor, 'user:read')
  const now = ctx.now()
  return {
    plan: await getPlan(ctx, teamId),
    links: await getUsage(ctx, teamId, 'links'),
    qrCodes: await getUsage(ctx, teamId, 'qr-codes'),
    apiCalls: await getUsage(ctx, teamId, 'api-calls'),
    clicks: {
      ...(await getUsage(ctx, teamId, 'clicks')),
      used: await ctx.clicks.usage(teamId, usageMonth(now)),
    },
    resetsAt: new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1) - 1000),
  }
}

/**
 * The acting team's standing in a metric, as whoever has just used some of it may know.
 *
 * @throws DomainError `unauthenticated`
 */
export async function getTeamUsage(ctx: Ctx, metric: Metric): Promise<Usage> {
  return getUsage(ctx, requireMember(ctx.actor).teamId, metric)
}

/** What of a metric is left this month, bought credits included; null: as much as anybody wants. */
export function remaining({ used, limit, credits }: Usage): number | null {
  return limit === null ? null : Math.max(0, limit - used) + credits
}
