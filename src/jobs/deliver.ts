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

/** What another process queues is seen after this long. */
const LOOK_EVERY_MS = 1_000
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
  let lastLane = -1
  let isStopping = false
  let isFailing = false
  let looking: Promise<void> | undefined
  let isWanted = false

  function wake(): void {
    isWanted = true
    if (isStopping) return
    looking ??= lookWhileWanted().finally(() => {
      looking = undefined
    })
  }

  async function lookWhileWanted(): Promise<void> {
    while (isWanted && !isStopping) {
      isWanted = false
      try {
        await look()
        isFailing = false
      } catch (error) {
        tellTrouble(error)
      }
    }
  }

  async function look(): Promise<void> {
    if (!(await hasDueDelivery(services.db, services.now().getTime()))) return
    for (;;) {
      const lanes = inTurn(await findDueLanes(services.db, services.now().getTime()), lastLane)
      let taken = 0
      for (const lane of lanes) {
        if (isStopping || running.size >= MAX_AT_ONCE) return
        if (!hasRoom(lane)) continue
        const delivery = await takeDelivery(services, lane.lane)
        if (delivery === undefined) continue
        lastLane = lane.lane
        taken++
        begin(delivery, lane.isFailing)
      }
      if (taken === 0) return
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
        wake()
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
  }

  return {
    wake,
    stop,
    isFailing: () => isFailing,
    async [Symbol.asyncDispose]() {
      stop()
      const patience = Promise.withResolvers<void>()
      const deadline = setTimeout(patience.resolve, stopLimitMs)
      await looking
      await Promise.race([Promise.all(running), patience.promise])
      clearTimeout(deadline)
    },
  }
}

/** The lanes in the order in which they take turns: those after the last one first. */
function inTurn(lanes: readonly Lane[], lastLane: number): readonly Lane[] {
  const next = lanes.findIndex(({ lane }) => lane > lastLane)
  return next === -1 ? lanes : [...lanes.slice(next), ...lanes.slice(0, next)]
}
