import { setPriority } from 'node:os'
import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import { clickPlaces } from '#core/clicks/click-places.ts'
import { type ConsumedBatch, openClickConsumption } from '#core/clicks/consume-clicks.ts'
import { clickEnricher } from '#core/clicks/enrich-click.ts'
import { spoolSyncer } from '#core/clicks/sync-spool.ts'
import { secureRandom } from '#core/random.ts'
import type { ClickStore } from '#ports/click-store/click-store.ts'
import { openClickStore } from '#ports/click-store/open-click-store.ts'
import { followNetworkData } from './follow-network-data.ts'
import type { ConsumerCommand, ConsumerReport, ConsumerSettings } from './click-consumer-messages.ts'

// The program of the consumer's thread.

const BELOW_SERVING = 19
const REPORT_EVERY_MS = 200
const SYNC_EVERY_MS = 1_000
const FIRST_RETRY_MS = 100
const LAST_RETRY_MS = 5_000
/** How long clicks that come in may wait for a slice of upkeep. */
const IDLE_SLICE_MS = 50
/** How often to look whether there is upkeep to do. */
const LOOK_EVERY_MS = 1_000
const RETRY_MAINTENANCE_MS = 60_000

const stopping = new AbortController()
let stopAtMs = Infinity

self.addEventListener('message', (event: MessageEvent<ConsumerCommand>) => {
  if (event.data.kind === 'stop') {
    stopAtMs = Date.now() + event.data.drainMs
    stopping.abort()
    return
  }
  lowerPriority()
  // A rejection ends the thread; whoever started it starts another.
  void run(event.data.settings)
})

/** On Linux the priority is the calling thread's; elsewhere it would be the whole process's. */
function lowerPriority(): void {
  if (process.platform === 'linux') setPriority(0, BELOW_SERVING)
}

async function run(settings: ConsumerSettings): Promise<void> {
  const syncSpool = spoolSyncer(settings.spoolDir)
  const sync = () =>
    syncSpool().then(
      () => setTrouble('syncing', undefined),
      (error: unknown) => setTrouble('syncing', messageOf(error)),
    )
  const syncTimer = setInterval(() => void sync(), SYNC_EVERY_MS)
  using network = followNetworkData({
    dataDir: settings.dataDir,
    onProblem: (message) => report({ kind: 'warning', message: `places of clicks: ${message}` }),
  })
  const isDrained = await consumeForEver(
    settings,
    clickEnricher({ placeOf: clickPlaces(() => network.view()) }),
  )
  clearInterval(syncTimer)
  await sync()
  report({ kind: 'stopped', isDrained })
}

type Enrich = ReturnType<typeof clickEnricher>

/** @returns, once told to stop, whether the spool was read to its end */
async function consumeForEver(settings: ConsumerSettings, enrich: Enrich): Promise<boolean> {
  let retryMs = FIRST_RETRY_MS
  for (;;) {
    try {
      return await consumeUntilStopped(settings, enrich, () => {
        retryMs = FIRST_RETRY_MS
      })
    } catch (error) {
      setTrouble('consuming', messageOf(error))
    }
    if (Date.now() >= stopAtMs) return false
    await pause(Math.min(retryMs, stopAtMs - Date.now()))
    retryMs = Math.min(2 * retryMs, LAST_RETRY_MS)
  }
}

async function consumeUntilStopped(
  settings: ConsumerSettings,
  enrich: Enrich,
  onProgress: () => void,
): Promise<boolean> {
  await using store = openClickStore(settings.location)
  using consumption = await openClickConsumption({
    store,
    spoolDir: settings.spoolDir,
    now: () => new Date(),
    random: secureRandom,
    enrich,
    batchSize: settings.batchSize,
  })
  const maintain = maintenance(store)
  for (;;) {
    const startedMs = performance.now()
    const batch = await consumption.consumeBatch()
    onProgress()
    reportProgress(batch)
    if (stopping.signal.aborted && (batch.isAtEnd || Date.now() >= stopAtMs)) return batch.isAtEnd
    const isMoreToDo = await maintain(batch.isAtEnd ? IDLE_SLICE_MS : performance.now() - startedMs)
    // Without a turn of the event loop between full batches the word to stop would never arrive.
    await (batch.isAtEnd && !isMoreToDo ? pause(settings.pollMs) : setImmediate())
  }
}

/**
 * A function that lets the store do a slice of its upkeep when there may be some, and answers whether there is more.
 * While clicks wait, upkeep gets as much time as they do, so that neither falls behind. What fails is left alone for a
 * while: clicks are stored without it.
 */
function maintenance(store: ClickStore): (budgetMs: number) => Promise<boolean> {
  let nextMs = 0
  let toldProblem: string | undefined
  return async (budgetMs) => {
    if (Date.now() < nextMs || stopping.signal.aborted) return false
    try {
      const isMoreToDo = await store.maintain(budgetMs)
      nextMs = isMoreToDo ? 0 : Date.now() + LOOK_EVERY_MS
      return isMoreToDo
    } catch (error) {
      const problem = messageOf(error)
      if (problem !== toldProblem)
        report({ kind: 'warning', message: `The click store's upkeep failed; it is tried again: ${problem}` })
      toldProblem = problem
      nextMs = Date.now() + RETRY_MAINTENANCE_MS
      return false
    }
  }
}

/** Wait, but not once told to stop. */
async function pause(ms: number): Promise<void> {
  await sleep(ms, undefined, stopping.signal.aborted ? {} : { signal: stopping.signal }).catch(() => {})
}

const troubles: { consuming?: string | undefined; syncing?: string | undefined } = {}
/** What a thread before this one said is not known here, so that the first word is always told. */
let toldTrouble: string | undefined = ''
let unreported = 0
let reportedAtMs = 0

/** Note what keeps a part of the work from being done, undefined when nothing does; changes are told. */
function setTrouble(part: keyof typeof troubles, problem: string | undefined): void {
  troubles[part] = problem
  const message = troubles.consuming ?? troubles.syncing
  if (message === toldTrouble) return
  toldTrouble = message
  report({ kind: 'trouble', message })
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function reportProgress(batch: ConsumedBatch): void {
  setTrouble('consuming', undefined)
  for (const position of batch.damaged) report({ kind: 'damaged', position })
  unreported += batch.consumed
  const isFirst = reportedAtMs === 0
  if (!isFirst && (unreported === 0 || (!batch.isAtEnd && Date.now() - reportedAtMs < REPORT_EVERY_MS)))
    return
  reportedAtMs = Date.now()
  report({ kind: 'progress', consumed: unreported, position: batch.position })
  unreported = 0
}

function report(message: ConsumerReport): void {
  self.postMessage(message)
}
