import type { Services } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import type { RateLimit } from '#ports/rate-limiter.ts'

/** Lookups without a key, and searches, from one address (IPv6: one /64). */
const LIMITS = {
  'public-lookup': { name: 'public-lookup', points: 5, windowS: 24 * 60 * 60 },
  'company-search': { name: 'company-search', points: 10, windowS: 60 },
  'network-search': { name: 'network-search', points: 30, windowS: 60 },
} as const satisfies Readonly<Record<string, RateLimit>>

/**
 * Count a client's use of what everybody may use, a little.
 *
 * @param clientKey what the client is limited by: its address or, for IPv6, its /64
 * @throws DomainError `rate-limited` after 5 lookups a day, 10 searches for companies or 30 others a minute
 */
export async function takePublicUse(
  services: Services,
  use: keyof typeof LIMITS,
  clientKey: string,
): Promise<void> {
  const limit = LIMITS[use]
  const { allowed, resetS } = await services.rateLimiter.take(limit, clientKey)
  if (!allowed)
    throw new DomainError('rate-limited', {
      limit: limit.points,
      windowS: limit.windowS,
      retryAfterS: resetS,
    })
}
