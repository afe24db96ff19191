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

/** Some 25 MB with their windows. */
const MAX_KEYS = 131_072

/** What is counted of one key against one limit. */
interface Window {
  readonly limit: RateLimit
  readonly beganAtMs: number
  count: number
}

/**
 * Counts in this process: some numbers for each key, and nothing that would have to be run when its window ends. Whoever
 * has addresses without end fills no memory, and whoever goes on trying is not forgotten for them. Windows stand behind
 * the key itself: to put a text together of limit and key, for every request, is half of what counting costs.
 */
export function memoryRateLimiter(options: MemoryRateLimiterOptions = {}): RateLimiter {
  const { maxKeys = MAX_KEYS, nowMs = () => performance.now() } = options
  let windows: LRUCache<string, Window[]> | undefined
  // Made when it is first asked for: it takes memory for all keys at once.
  const opened = () => (windows ??= new LRUCache({ max: maxKeys }))

  const openWindow = (limit: RateLimit, key: string, now: number): Window | undefined =>
    opened()
      .get(key)
      ?.find((window) => leftMs(window, now) > 0 && isSame(window.limit, limit))

  const begin = (limit: RateLimit, key: string, now: number): Window => {
    const window = { limit, beganAtMs: now, count: 0 }
    const others =
      opened()
        .get(key)
        ?.filter((other) => leftMs(other, now) > 0) ?? []
    opened().set(key, [...others, window])
    return window
  }

  const take = (limit: RateLimit, key: string): RateLimitState => {
    const now = nowMs()
    const window = openWindow(limit, key, now) ?? begin(limit, key, now)
    window.count++
    const { points, windowS } = limit
    return {
      allowed: window.count <= points,
      limit: points,
      windowS,
      remaining: Math.max(0, points - window.count),
      resetS: Math.max(1, Math.ceil(leftMs(window, now) / 1000)),
    }
  }
  return {
    take: async (limit, key) => take(limit, key),
    takeAtOnce: take,
    async giveBack(limit, key) {
      const window = openWindow(limit, key, nowMs())
      if (window !== undefined && window.count > 0) window.count--
    },
  }
}

/** Counted from the beginning: the end of a window, in a clock with fractions, is not exact enough for whole seconds. */
function leftMs({ limit, beganAtMs }: Window, now: number): number {
  return limit.windowS * 1000 - (now - beganAtMs)
}

function isSame(a: RateLimit, b: RateLimit): boolean {
  return a === b || (a.name === b.name && a.points === b.points && a.windowS === b.windowS)
}
