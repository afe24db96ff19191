import type { Services } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import type { RateLimit } from '#ports/rate-limiter.ts'

/**
 * Count an attempt, whatever becomes of it.
 *
 * @throws DomainError `rate-limited` when it is one too many
 */
export async function takeAttempt(services: Services, limit: RateLimit, key: string): Promise<void> {
  const state = await services.rateLimiter.take(limit, key)
  if (!state.allowed)
    throw new DomainError('rate-limited', {
      limit: limit.points,
      windowS: limit.windowS,
      retryAfterS: state.resetS,
    })
}
