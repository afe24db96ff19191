import type { Ctx } from '#core/context.ts'
import { requireAbility } from '#core/permissions.ts'
import type { Plan } from './plan.ts'
import { getPlan, getUsage, type Usage } from './usage.ts'

/** What a team may use this month, what it has used, and when that begins anew. */
export interface TeamLimits {
  readonly plan: Plan
  readonly links: Usage
  readonly qrCodes: Usage
  readonly apiCalls: Usage
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
    resetsAt: new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1) - 1000),
  }
}
