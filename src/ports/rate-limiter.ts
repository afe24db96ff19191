import { LRUCache } from 'lru-cache'

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

export interface MemoryRateLimiterOptions {
  /** How many keys are counted, of all limits together; of more the one that came last the longest ago begins anew. */
  readonly maxKeys?: number
  /** The clock that windows end by; it never goes back. */
  readonly nowMs?: () => number
}

/** Some 25 MB with their keys. */
const MAX_KEYS = 131_072

/**
 * Counts in this process: a number for each key, and nothing that would have to be run when its window ends. Whoever has
 * addresses without end fills no memory, and whoever goes on trying is not forgotten for them.
 */
export function memoryRateLimiter(options: MemoryRateLimiterOptions = {}): RateLimiter {
  const { maxKeys = MAX_KEYS, nowMs = () => performance.now() } = options
  let windows: LRUCache<string, number> | undefined
  // Made when it is first asked for: it takes memory for all keys at once.
  const opened = () =>
    (windows ??= new LRUCache({ max: maxKeys, perf: { now: nowMs }, ttlResolution: 0, noUpdateTTL: true }))

  const take = (limit: RateLimit, key: string): RateLimitState => {
    const { points, windowS } = limit
    const id = idOf(limit, key)
    const counts = opened()
    const count = (counts.get(id) ?? 0) + 1
    // What is in the cache for as long as its time to live is over a millisecond later.
    counts.set(id, count, { ttl: windowS * 1000 - 1 })
    return {
      allowed: count <= points,
      limit: points,
      windowS,
      remaining: Math.max(0, points - count),
      resetS: Math.max(1, Math.ceil((counts.getRemainingTTL(id) + 1) / 1000)),
    }
  }
  return {
    take: async (limit, key) => take(limit, key),
    takeAtOnce: take,
    async giveBack(limit, key) {
      const id = idOf(limit, key)
      const count = opened().get(id) ?? 0
      if (count > 0) opened().set(id, count - 1)
    },
  }
}

function idOf({ name, points, windowS }: RateLimit, key: string): string {
  return `${name}:${points}:${windowS}:${key}`
}
