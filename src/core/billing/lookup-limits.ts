import type { Services } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import type { RateLimit, RateLimiter, RateLimitState } from '#ports/rate-limiter.ts'

/** How often somebody without a key may look a network up in a day. */
export const PUBLIC_LOOKUPS_PER_DAY = 5

/** Lookups without a key, searches, and lookups of addresses and domains, from one address (IPv6: one /64). */
const LIMITS = {
  'public-lookup': { name: 'public-lookup', points: PUBLIC_LOOKUPS_PER_DAY, windowS: 24 * 60 * 60 },
  'company-search': { name: 'company-search', points: 10, windowS: 60 },
  'network-search': { name: 'network-search', points: 30, windowS: 60 },
  'target-lookup': { name: 'target-lookup', points: 30, windowS: 60 },
} as const satisfies Readonly<Record<string, RateLimit>>

/**
 * Count a client's use of what everybody may use, a little.
 *
 * @param clientKey what the client is limited by: its address or, for IPv6, its /64
 * @throws DomainError `rate-limited` after 5 lookups without a key a day, 10 searches for companies, 30
 *   others or 30 lookups of addresses and domains a minute
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

/**
 * The same for answers that cannot wait.
 *
 * @returns undefined, with nothing counted, where counting takes waiting; then {@link takePublicUse}
 */
export function takePublicUseAtOnce(
  rateLimiter: RateLimiter,
  use: keyof typeof LIMITS,
  clientKey: string,
): { readonly state: RateLimitState; readonly giveBack: () => void } | undefined {
  const limit = LIMITS[use]
  const state = rateLimiter.takeAtOnce(limit, clientKey)
  return state && { state, giveBack: () => void rateLimiter.giveBack(limit, clientKey) }
}
