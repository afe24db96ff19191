/** A limit to how much is under way at once, in total and for each host. */
export interface RequestSlots {
  /**
   * Wait for a turn, first come first served; disposing of it lets the next one have it. A host that has used up its
   * share waits for itself alone.
   *
   * @throws the signal's reason when it aborts first
   */
  take(host: string, signal: AbortSignal): Promise<Disposable>
}

export interface SlotLimits {
  readonly total: number
  readonly perHost: number
}

/** Slots of this process. */
export function createRequestSlots(limits: SlotLimits): RequestSlots {
  const total = createSlots(limits.total)
  const byHost = new Map<string, Slots>()
  return {
    async take(host, signal) {
      const ofHost = byHost.get(host) ?? createSlots(limits.perHost)
      byHost.set(host, ofHost)
      const leave = (slot: Disposable | undefined) => {
        slot?.[Symbol.dispose]()
        if (ofHost.isIdle()) byHost.delete(host)
      }
      // The host's slot comes first: those who wait for a slow host must not hold what the others wait for.
      let hostSlot: Disposable | undefined
      try {
        hostSlot = await ofHost.take(signal)
        const totalSlot = await total.take(signal)
        return {
          [Symbol.dispose]() {
            totalSlot[Symbol.dispose]()
            leave(hostSlot)
          },
        }
      } catch (error) {
        leave(hostSlot)
        throw error
      }
    },
  }
}

interface Slots {
  take(signal: AbortSignal): Promise<Disposable>
  /** Whether nobody has one and nobody waits. */
  isIdle(): boolean
}

function createSlots(limit: number): Slots {
  let taken = 0
  /** In order of arrival. */
  const waiting = new Set<() => void>()

  function release(): void {
    const [next] = waiting
    if (next === undefined) taken--
    else next()
  }

  return {
    async take(signal) {
      signal.throwIfAborted()
      if (taken < limit) taken++
      else
        await new Promise<void>((resolve, reject) => {
          const start = () => {
            waiting.delete(start)
            signal.removeEventListener('abort', giveUp)
            resolve()
          }
          const giveUp = () => {
            waiting.delete(start)
            reject(signal.reason)
          }
          waiting.add(start)
          signal.addEventListener('abort', giveUp, { once: true })
        })
      return { [Symbol.dispose]: release }
    },
    isIdle: () => taken === 0 && waiting.size === 0,
  }
}
