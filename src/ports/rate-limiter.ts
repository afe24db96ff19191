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
  /** Keys of one limit that are counted exactly, however many others come; 131,072 by default. */
  readonly maxKeys?: number
  /** The clock that windows end by; it never goes back. */
  readonly nowMs?: () => number
}

/** Some 10 MB of one limit, and as much again of those before. */
const MAX_KEYS = 131_072
/** How often limits that nobody asks for any more are looked through. */
const SWEEP_MS = 60_000

/**
 * Counts in this process: two numbers for each key, in one, and nothing that would have to be run when its window ends.
 * Of each limit the `maxKeys` that began last are counted exactly; beyond twice as many within a window the oldest begin
 * anew, so that whoever has addresses without end fills no memory.
 */
export function memoryRateLimiter(options: MemoryRateLimiterOptions = {}): RateLimiter {
  const { maxKeys = MAX_KEYS, nowMs = () => performance.now() } = options
  /** Limits of one name differ by what a plan allows; there are few. */
  const counters = new Map<string, WindowCounter[]>()
  let sweepAtMs = nowMs() + SWEEP_MS

  const counterOf = ({ name, points, windowS }: RateLimit, now: number): WindowCounter => {
    const ofName = counters.get(name)
    const known = ofName?.find((counter) => counter.points === points && counter.windowS === windowS)
    if (known !== undefined) return known
    const created = new WindowCounter(points, windowS, { maxKeys, nowMs: now })
    if (ofName === undefined) counters.set(name, [created])
    else ofName.push(created)
    return created
  }
  const sweep = (now: number): void => {
    sweepAtMs = now + SWEEP_MS
    for (const [name, ofName] of counters) {
      const used = ofName.filter((counter) => !counter.isOver(now))
      if (used.length === 0) counters.delete(name)
      else counters.set(name, used)
    }
  }
  const take = (limit: RateLimit, key: string): RateLimitState => {
    const now = nowMs()
    if (now >= sweepAtMs) sweep(now)
    return counterOf(limit, now).take(key, now)
  }
  return {
    take: async (limit, key) => take(limit, key),
    takeAtOnce: take,
    async giveBack(limit, key) {
      const now = nowMs()
      counterOf(limit, now).giveBack(key, now)
    },
  }
}

/** Windows that began within the length of one. */
interface Generation {
  readonly startMs: number
  /** By key, when its window began, counted from `startMs`, and how many events it has had: see {@link packed}. */
  readonly windows: Map<string, number>
}

/** More events than a window has, and few enough that with the 2^28 ms of three days the number of a window is exact. */
const COUNTS = 2 ** 25

function packed(beganMs: number, count: number): number {
  return beganMs * COUNTS + Math.min(count, COUNTS - 1)
}

/** The windows of one limit. They are dropped by generations, never looked through. */
class WindowCounter {
  readonly points: number
  readonly windowS: number
  readonly #windowMs: number
  readonly #maxKeys: number
  #current: Generation
  #previous: Generation

  constructor(
    points: number,
    windowS: number,
    { maxKeys, nowMs }: { readonly maxKeys: number; readonly nowMs: number },
  ) {
    this.points = points
    this.windowS = windowS
    this.#windowMs = windowS * 1000
    this.#maxKeys = maxKeys
    this.#current = generationAt(nowMs)
    this.#previous = this.#current
  }

  /** Whether none of its windows can be open. */
  isOver(nowMs: number): boolean {
    return nowMs - this.#current.startMs >= 2 * this.#windowMs
  }

  take(key: string, nowMs: number): RateLimitState {
    this.#age(nowMs)
    const { windows, startMs } = this.#generationOf(key, nowMs) ?? this.#withRoom(nowMs)
    const known = windows.get(key) ?? packed(Math.floor(nowMs - startMs), 0)
    const beganMs = Math.floor(known / COUNTS)
    const count = (known % COUNTS) + 1
    windows.set(key, packed(beganMs, count))
    const { points, windowS } = this
    return {
      allowed: count <= points,
      limit: points,
      windowS,
      remaining: Math.max(0, points - count),
      resetS: Math.max(1, Math.ceil((startMs + beganMs + this.#windowMs - nowMs) / 1000)),
    }
  }

  giveBack(key: string, nowMs: number): void {
    this.#age(nowMs)
    const windows = this.#generationOf(key, nowMs)?.windows
    const known = windows?.get(key)
    if (known !== undefined && known % COUNTS > 0) windows?.set(key, known - 1)
  }

  /** The generation in which the key has an open window; in the current one every window is open. */
  #generationOf(key: string, nowMs: number): Generation | undefined {
    return this.#isOpen(this.#current, key, nowMs)
      ? this.#current
      : this.#isOpen(this.#previous, key, nowMs)
        ? this.#previous
        : undefined
  }

  #isOpen({ windows, startMs }: Generation, key: string, nowMs: number): boolean {
    const known = windows.get(key)
    return known !== undefined && nowMs - startMs - Math.floor(known / COUNTS) < this.#windowMs
  }

  /** Begin a generation when the current one is as old as a window is long: all before it are over. */
  #age(nowMs: number): void {
    if (nowMs - this.#current.startMs >= this.#windowMs) this.#turn(nowMs)
  }

  /** The generation for a new window: another when the current one is full. */
  #withRoom(nowMs: number): Generation {
    if (this.#current.windows.size >= this.#maxKeys) this.#turn(nowMs)
    return this.#current
  }

  #turn(nowMs: number): void {
    this.#previous = this.#current
    this.#current = generationAt(nowMs)
  }
}

function generationAt(startMs: number): Generation {
  return { startMs, windows: new Map() }
}
