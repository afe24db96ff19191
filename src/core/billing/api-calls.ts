import type { Ctx } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import { requireMember } from '#core/permissions.ts'
import type { RateLimit } from '#ports/rate-limiter.ts'
import { getPlan, useAllowance } from './usage.ts'

const WINDOW_S = 60

/** What one key may call the linktj API a minute. Source: contract "Conditions & requirements". */
const CALLS_PER_KEY = 120

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
  await take(ctx, limit, String(teamId))
  await useAllowance(ctx, teamId, 'api-calls')
}

/**
 * Count a call of the linktj API against what one key may send a minute; those who sign in without a key are limited
 * as one each.
 *
 * @throws DomainError `unauthenticated` or `rate-limited`
 */
export async function takeKeyCall(ctx: Ctx): Promise<void> {
  const { keyId, userId } = requireMember(ctx.actor)
  const limit = { name: 'linktj-api', points: CALLS_PER_KEY, windowS: WINDOW_S }
  await take(ctx, limit, keyId === null ? `user ${userId}` : `key ${keyId}`)
}

async function take(ctx: Ctx, limit: RateLimit, key: string): Promise<void> {
  const state = await ctx.rateLimiter.take(limit, key)
  if (state.allowed) return
  throw new DomainError('rate-limited', {
    limit: limit.points,
    windowS: limit.windowS,
    retryAfterS: state.resetS,
  })
}
