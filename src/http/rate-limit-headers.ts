import type { ByteBuffer } from './byte-buffer.ts'
import type { RateLimiter, RateLimitState } from '#ports/rate-limiter.ts'

/** A rate limiter that remembers what a request was told, so that the answer can tell the client. */
export interface ObservedRateLimiter {
  readonly limiter: RateLimiter
  /** The limit that is nearest to being reached; undefined when nothing was limited. */
  readonly tightest: () => RateLimitState | undefined
}

export function observeRateLimiter(limiter: RateLimiter): ObservedRateLimiter {
  let tightest: RateLimitState | undefined
  const observe = (state: RateLimitState): RateLimitState => {
    if (tightest === undefined || !state.allowed || state.remaining < tightest.remaining) tightest = state
    return state
  }
  return {
    limiter: {
      take: async (limit, key) => observe(await limiter.take(limit, key)),
      takeAtOnce(limit, key) {
        const state = limiter.takeAtOnce(limit, key)
        return state && observe(state)
      },
      giveBack: (limit, key) => limiter.giveBack(limit, key),
    },
    tightest: () => tightest,
  }
}

/** Tell the client its limit, as draft-ietf-httpapi-ratelimit-headers-07 named the fields. */
export function setRateLimitHeaders(headers: Headers, state: RateLimitState): void {
  headers.set('ratelimit-limit', String(state.limit))
  headers.set('ratelimit-remaining', String(state.remaining))
  headers.set('ratelimit-reset', String(state.resetS))
  if (!state.allowed) headers.set('retry-after', String(state.resetS))
}

/** Append the same as header lines of an answer that was allowed, each with its line break before it. */
export function appendRateLimitLines(
  headers: ByteBuffer,
  { limit, remaining, resetS }: RateLimitState,
): void {
  headers.appendText('\r\nRateLimit-Limit: ')
  headers.appendNumber(limit)
  headers.appendText('\r\nRateLimit-Remaining: ')
  headers.appendNumber(remaining)
  headers.appendText('\r\nRateLimit-Reset: ')
  headers.appendNumber(resetS)
}
