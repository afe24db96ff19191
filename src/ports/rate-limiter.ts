import { peek } from 'bun'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'

/** At most `points` in any window of `windowS` seconds that begins with the first of them. */
export interface RateLimit {
  /** Names what is limited; counts of different names never mix. */
  readonly name: string
  readonly points: number
  readonly windowS: number
}

export interface RateLimitState {
  readonly allowed: boolean
  readonly limit: number
  readonly windowS: number
  readonly remaining: number
  /** Whole seconds until the window ends, at least 1. */
  readonly resetS: number
}

/** Counts events per key; in this process, or shared by several through Redis. */
export interface RateLimiter {
  /** Count one event of the key against the limit. */
  take(limit: RateLimit, key: string): Promise<RateLimitState>
  /**
   * The same for answers that cannot wait.
   *
   * @returns undefined, with nothing counted, where counting takes waiting
   */
  takeAtOnce(limit: RateLimit, key: string): RateLimitState | undefined
  /** Take back one event that turned out not to be of the kind that is limited. */
  giveBack(limit: RateLimit, key: string): Promise<void>
}

/** Counts in this process. */
export function memoryRateLimiter(): RateLimiter {
  const limiters = new Map<string, RateLimiterMemory>()
  const limiterOf = (limit: RateLimit) => {
    const id = `${limit.name}:${limit.points}:${limit.windowS}`
    const known = limiters.get(id)
    if (known !== undefined) return known
    const created = new RateLimiterMemory({ keyPrefix: id, points: limit.points, duration: limit.windowS })
    limiters.set(id, created)
    return created
  }
  const take = (limit: RateLimit, key: string): RateLimitState => {
    const counted = limiterOf(limit).consume(key)
    // Rejected with the state, which is looked at below.
    counted.catch(() => {})
    // The library counts before it returns; its promise only wraps the outcome.
    const state: unknown = peek(counted)
    if (!(state instanceof RateLimiterRes)) throw state
    return {
      allowed: peek.status(counted) === 'fulfilled',
      limit: limit.points,
      windowS: limit.windowS,
      remaining: Math.max(0, state.remainingPoints),
      resetS: Math.max(1, Math.ceil(state.msBeforeNext / 1000)),
    }
  }
  return {
    take: async (limit, key) => take(limit, key),
    takeAtOnce: take,
    async giveBack(limit, key) {
      await limiterOf(limit).reward(key)
    },
  }
}
