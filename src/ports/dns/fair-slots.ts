/** A limit to how much is under way at once, shared fairly among those who want much. */
export interface FairSlots {
  /**
   * Wait for a turn; disposing of it lets another have it. Those who wait take turns by `owner`, whatever each of them has
   * waiting; within one owner it is first come first served.
   *
   * @throws the signal's reason when it aborts first
   */
  take(owner: object, signal: AbortSignal): Promise<Disposable>
  /** How many are under way. */
  readonly taken: number
}

/** At most `limit` at once. */
export function createFairSlots(limit: number): FairSlots {
  let taken = 0
  /** Whose turn it is next stands first. */
  const waiting = new Map<object, Set<() => void>>()

  function release(): void {
    const [next] = waiting
    if (next === undefined) {
      taken--
      return
    }
    const [owner, queue] = next
    const [start] = queue
    // To the end of the row, unless this was the last that the owner wanted.
    waiting.delete(owner)
    if (queue.size > 1) waiting.set(owner, queue)
    start?.()
  }

  function forget(owner: object, start: () => void): void {
    const queue = waiting.get(owner)
    queue?.delete(start)
    if (queue?.size === 0) waiting.delete(owner)
  }

  return {
    async take(owner, signal) {
      signal.throwIfAborted()
      if (taken < limit) taken++
      else
        await new Promise<void>((resolve, reject) => {
          const queue = waiting.get(owner) ?? new Set()
          const start = () => {
            queue.delete(start)
            signal.removeEventListener('abort', giveUp)
            resolve()
          }
          const giveUp = () => {
            forget(owner, start)
            reject(signal.reason)
          }
          queue.add(start)
          waiting.set(owner, queue)
          signal.addEventListener('abort', giveUp, { once: true })
        })
      return { [Symbol.dispose]: release }
    },
    get taken() {
      return taken
    },
  }
}
