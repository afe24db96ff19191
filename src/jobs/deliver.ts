import { setImmediate } from 'node:timers/promises'
import { attemptDelivery, type SettledAttempt, takeDelivery } from '#core/deliveries/attempt-delivery.ts'
import type { Channel, ClaimedDelivery, DeliveryKind } from '#core/deliveries/delivery.ts'
import { findDueLanes, hasDueDelivery, type Lane } from '#core/deliveries/delivery-queries.ts'
import type { Services } from '#core/context.ts'

export interface DeliveryJobOptions {
  readonly services: Services
  readonly channels: Readonly<Record<DeliveryKind, Channel>>
  /** Told of every attempt that was recorded. */
  readonly onAttempt?: (delivery: ClaimedDelivery, attempt: SettledAttempt) => void
  /** The queue cannot be read or written now; told once until it can again. */
  readonly onError: (error: unknown) => void
  /** What the lengths of waits are drawn by: from 0 up to 1. */
  readonly chance?: () => number
  /** How long a stop waits for what is under way; what is not done then is done again after its lease. */
  readonly stopLimitMs?: number
}

export interface DeliveryJob extends AsyncDisposable {
  /** Something was queued in this process. */
  wake(): void
  /** Begin nothing more; disposing then waits for what is under way. */
  stop(): void
  /** Whether the queue could be read at the last look. */
  isFailing(): boolean
}

/** What another process queues, and what comes due, is seen after this long. */
const LOOK_EVERY_MS = 1_000
/** Between two looks there is so many times what the first one took. */
const LOOK_PAUSE = 10
/** Deliveries under way at once. */
export const MAX_AT_ONCE = 32
/** Of those, to receivers that fail: if they all hang, the others still have the rest. */
const MAX_FAILING = 8
/** Of those, to one receiver, or to the mail server. */
const MAX_PER_LANE = 4
const MAX_PER_FAILING_LANE = 1
const STOP_LIMIT_MS = 1_500

/**
 * Deliver what is in the queue, as it comes due, beside other processes that do the same. Every receiver has its turn
 * before one has its second, and one that fails is asked one thing at a time: a dead endpoint holds up itself alone.
 */
export function startDeliveries(options: DeliveryJobOptions): DeliveryJob {
  const { services, channels, chance = Math.random, stopLimitMs = STOP_LIMIT_MS } = options
  const running = new Set<Promise<void>>()
  const busy = new Map<number, number>()
  const failingBusy = new Set<ClaimedDelivery>()
  /** Those that may have something due, the next in turn first. */
  let lanes: readonly Lane[] = []
  let lastLane = -1
  /** Something may be due that `lanes` does not know of. */
  let isStale = true
  let refreshableMs = 0
  let refreshTimer: ReturnType<typeof setTimeout> | undefined
  let isStopping = false
  let isFailing = false
  let working: Promise<void> | undefined
  let isWanted = false

  function wake(): void {
    isStale = true
    goOn()
  }

  function goOn(): void {
    isWanted = true
    if (isStopping) return
    working ??= work().finally(() => {
      working = undefined
      // Wanted after the last look and before this.
      if (isWanted) goOn()
    })
  }

  async function work(): Promise<void> {
    while (isWanted && !isStopping) {
      isWanted = false
      try {
        if (isStale) await refresh()
        await takeTurns()
        isFailing = false
      } catch (error) {
        tellTrouble(error)
      }
      // A database in the process answers without a turn of the event loop; requests must have theirs.
      await setImmediate()
    }
  }

  /** Look what is due, but not so often that looking takes a notable part of the time. */
  async function refresh(): Promise<void> {
    const startedMs = performance.now()
    if (startedMs < refreshableMs) {
      refreshTimer ??= setTimeout(() => {
        refreshTimer = undefined
        goOn()
      }, refreshableMs - startedMs)
      return
    }
    isStale = false
    const nowMs = services.now().getTime()
    try {
      lanes = (await hasDueDelivery(services.db, nowMs))
        ? inTurn(await findDueLanes(services.db, nowMs), lastLane)
        : []
    } catch (error) {
      isStale = true
      throw error
    }
    const endedMs = performance.now()
    refreshableMs = endedMs + LOOK_PAUSE * (endedMs - startedMs)
  }

  /** Take one delivery of each lane in turn, and again, as long as there are any and there is room. */
  async function takeTurns(): Promise<void> {
    for (let taken = -1; taken !== 0;) {
      taken = 0
      lanes = inTurn(lanes, lastLane)
      for (const lane of lanes) {
        if (isStopping || running.size >= MAX_AT_ONCE) return
        if (!hasRoom(lane)) continue
        const delivery = await takeDelivery(services, lane.lane)
        if (delivery === undefined) {
          lanes = lanes.filter((known) => known !== lane)
          continue
        }
        taken++
        lastLane = lane.lane
        begin(delivery, lane.isFailing)
      }
    }
  }

  function hasRoom({ lane, isFailing: fails }: Lane): boolean {
    const count = busy.get(lane) ?? 0
    return fails ? count < MAX_PER_FAILING_LANE && failingBusy.size < MAX_FAILING : count < MAX_PER_LANE
  }

  function begin(delivery: ClaimedDelivery, fails: boolean): void {
    const { lane, kind } = delivery
    busy.set(lane, (busy.get(lane) ?? 0) + 1)
    if (fails) failingBusy.add(delivery)
    const attempt = attemptDelivery(services, channels[kind], delivery, chance())
      .then((settled) => options.onAttempt?.(delivery, settled))
      .catch(tellTrouble)
      .finally(() => {
        running.delete(attempt)
        failingBusy.delete(delivery)
        const left = (busy.get(lane) ?? 1) - 1
        if (left === 0) busy.delete(lane)
        else busy.set(lane, left)
        goOn()
      })
    running.add(attempt)
  }

  function tellTrouble(error: unknown): void {
    // After the end of a stop's patience the database is closed, and what was under way cannot be recorded.
    if (!isFailing && !isStopping) options.onError(error)
    isFailing = true
  }

  const timer = setInterval(wake, LOOK_EVERY_MS)
  wake()

  function stop(): void {
    isStopping = true
    clearInterval(timer)
    clearTimeout(refreshTimer)
  }

  return {
    wake,
    stop,
    isFailing: () => isFailing,
    async [Symbol.asyncDispose]() {
      stop()
      const patience = Promise.withResolvers<void>()
      const deadline = setTimeout(patience.resolve, stopLimitMs)
      await working
      await Promise.race([Promise.all(running), patience.promise])
      clearTimeout(deadline)
    },
  }
}

/** The lanes in the order in which they take turns: those after the last one first, by number. */
function inTurn(lanes: readonly Lane[], lastLane: number): readonly Lane[] {
  return lanes.toSorted((a, b) => Number(a.lane <= lastLane) - Number(b.lane <= lastLane) || a.lane - b.lane)
}
