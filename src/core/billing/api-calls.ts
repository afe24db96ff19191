import type { Ctx } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import { requireMember } from '#core/permissions.ts'
import { getPlan, useAllowance } from './usage.ts'

const WINDOW_S = 60

/**
 * Count a call of the lynklens API against what the acting team's plan allows a minute and a month.
 *
 * @throws DomainError `unauthenticated`, `plan-required` on a plan without that API, `rate-limited` or `limit-reached`
 */
export async function takeApiCall(ctx: Ctx): Promise<void> {
  const { teamId } = requireMember(ctx.actor)
  const plan = await getPlan(ctx, teamId)
  if (!plan.lynklensApi) throw new DomainError('plan-required', { feature: 'lynklens-api', plan: plan.name })
  const limit = { name: 'lynklens-api', points: plan.apiCallsPerMinute, windowS: WINDOW_S }
  const state = await ctx.rateLimiter.take(limit, String(teamId))
  if (!state.allowed)
    throw new DomainError('rate-limited', {
      limit: limit.points,
      windowS: WINDOW_S,
      retryAfterS: state.resetS,
    })
  await useAllowance(ctx, teamId, 'api-calls')
}
