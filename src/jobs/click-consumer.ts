import type { SpoolPosition } from '#core/clicks/spool-segments.ts'
import type { ConsumerCommand, ConsumerReport, ConsumerSettings } from './click-consumer-messages.ts'

export interface ClickConsumerOptions extends Pick<ConsumerSettings, 'location' | 'spoolDir' | 'dataDir'> {
  /** Clicks of one transaction. */
  readonly batchSize?: number
  /** How long the thread waits at the end of the spool before it looks again. */
  readonly pollMs?: number
  /** Where the spool's writer is, from which `lag` knows how far the consumer is behind. */
  readonly spoolStats?: () => { readonly head: SpoolPosition; readonly segmentBytes: number }
  /** Told once when the consumer is kept from going on, by what, and with undefined once it goes on. */
  readonly onTrouble?: (message: string | undefined) => void
  /** Told where a record, or the rest of a segment, could not be read and is lost. */
  readonly onDamage?: (position: SpoolPosition) => void
  /** Told what the operator should know, once each. */
  readonly onWarning?: (message: string) => void
  /** The thread's program. */
  readonly program?: URL
}

export interface ConsumerLag {
  /** Clicks written since the start. */
  readonly consumed: number
  /** How much of the spool is not in the database, at most; undefined before the first word from the thread. */
  readonly bytesBehind: number | undefined
  /** What keeps the consumer from going on; undefined when it goes on. */
  readonly lastError: string | undefined
  /** How many places of the spool could not be read. */
  readonly damaged: number
  /** How often the thread died and was started again. */
  readonly restarts: number
}

/** The thread that brings clicks from the spool to the database. */
export interface ClickConsumer {
  lag(): ConsumerLag
  /**
   * Let the thread go on to the end of the spool, for at most `drainMs`, and end it.
   *
   * @returns whether it came to the end; what is left waits in the spool for the next start
   */
  stop(options: { readonly drainMs: number }): Promise<{ readonly isDrained: boolean }>
}

const BATCH_SIZE = 1_000
const POLL_MS = 100
const FIRST_RESTART_MS = 200
const LAST_RESTART_MS = 10_000
/** What a thread may take, beyond its deadline, to notice it: as long as one transaction waits for SQLite's lock. */
const STOP_GRACE_MS = 6_000

/** Start consuming. A thread that dies is replaced, later each time it did nothing before it died. */
export function startClickConsumer(options: ClickConsumerOptions): ClickConsumer {
  const { location, spoolDir, dataDir, batchSize = BATCH_SIZE, pollMs = POLL_MS } = options
  const program = options.program ?? new URL('./click-consumer-worker.ts', import.meta.url)
  let consumed = 0
  let position: SpoolPosition | undefined
  let lastError: string | undefined
  let damaged = 0
  let restarts = 0
  let restartMs = FIRST_RESTART_MS
  let restartTimer: Timer | undefined
  let onStopped: ((isDrained: boolean) => void) | undefined
  let worker: Worker | undefined = start()

  function start(): Worker {
    const thread = new Worker(program)
    thread.addEventListener('message', (event: MessageEvent<ConsumerReport>) => receive(event.data))
    thread.addEventListener('error', (event) => setTrouble(`the consumer's thread died: ${event.message}`))
    thread.addEventListener('close', () => {
      if (thread === worker) replace()
    })
    send(thread, { kind: 'start', settings: { location, spoolDir, dataDir, batchSize, pollMs } })
    return thread
  }

  function replace(): void {
    worker = undefined
    if (onStopped !== undefined) return onStopped(false)
    if (lastError === undefined) setTrouble("the consumer's thread ended")
    restarts++
    restartTimer = setTimeout(() => {
      worker = start()
    }, restartMs)
    restartMs = Math.min(2 * restartMs, LAST_RESTART_MS)
  }

  function receive(report: ConsumerReport): void {
    switch (report.kind) {
      case 'progress':
        consumed += report.consumed
        ;({ position } = report)
        restartMs = FIRST_RESTART_MS
        break
      case 'trouble':
        setTrouble(report.message)
        break
      case 'damaged':
        damaged++
        options.onDamage?.(report.position)
        break
      case 'warning':
        options.onWarning?.(report.message)
        break
      case 'stopped':
        onStopped?.(report.isDrained)
        break
    }
  }

  function setTrouble(message: string | undefined): void {
    if (message === lastError) return
    lastError = message
    options.onTrouble?.(message)
  }

  async function stop(drainMs: number): Promise<boolean> {
    clearTimeout(restartTimer)
    const thread = worker
    if (thread === undefined) return false
    const { promise, resolve } = Promise.withResolvers<boolean>()
    onStopped = resolve
    const deadline = setTimeout(resolve, drainMs + STOP_GRACE_MS, false)
    send(thread, { kind: 'stop', drainMs })
    const isDrained = await promise
    clearTimeout(deadline)
    worker = undefined
    thread.terminate()
    return isDrained
  }

  return {
    lag: () => ({
      consumed,
      bytesBehind: bytesBehind(options.spoolStats?.(), position),
      lastError,
      damaged,
      restarts,
    }),
    stop: async ({ drainMs }) => ({ isDrained: await stop(drainMs) }),
  }
}

function send(worker: Worker, command: ConsumerCommand): void {
  worker.postMessage(command)
}

function bytesBehind(
  spool: { readonly head: SpoolPosition; readonly segmentBytes: number } | undefined,
  position: SpoolPosition | undefined,
): number | undefined {
  if (spool === undefined || position === undefined) return undefined
  const segments = spool.head.segment - position.segment
  return Math.max(0, segments * spool.segmentBytes + spool.head.offset - position.offset)
}
