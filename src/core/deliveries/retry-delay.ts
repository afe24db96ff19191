/** What the first retry waits at most; each further one doubles it, up to the longest. */
const FIRST_DELAY_MS = 10_000
const LONGEST_DELAY_MS = 2 * 60 * 60 * 1000
const SHORTEST_DELAY_MS = 1_000

/**
 * How long to wait after a failure: exponential back-off with full jitter, so that receivers that failed together are
 * not asked again together.
 *
 * @param tries failed ones so far, at least 1
 * @param chance from 0 up to 1
 */
export function retryDelayMs(tries: number, chance: number): number {
  const ceilingMs = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(tries - 1, 30))
  return Math.max(SHORTEST_DELAY_MS, Math.round(chance * ceilingMs))
}
