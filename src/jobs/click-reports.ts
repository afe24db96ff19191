import type { DatabaseLocation } from '#db/open-database.ts'
import type { ClickArchive } from '#ports/click-store/click-store.ts'
import { openClickStore } from '#ports/click-store/open-click-store.ts'
import type { ReportAnswer, ReportCall, ReportCommand } from './click-report-messages.ts'

export interface ClickReportsOptions {
  readonly location: DatabaseLocation
  /** The thread's program. */
  readonly program?: URL
}

/** The clicks as a server asks for them, until it is disposed. */
export interface ClickReports extends ClickArchive, AsyncDisposable {}

interface Waiting {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
}

/** A thread that is in the middle of a long report when it is told to close is ended after so long. */
const CLOSE_LIMIT_MS = 1_000

/**
 * The clicks of a location whose tables exist, with reports in a thread of their own, so that a long one never makes a
 * redirect wait. Counts of single links and teams, which are read in microseconds, are answered on the calling thread.
 * A thread that dies fails what it was asked, and the next call starts another.
 */
export function startClickReports(options: ClickReportsOptions): ClickReports {
  const program = options.program ?? new URL('./click-report-worker.ts', import.meta.url)
  const counts = openClickStore(options.location)
  const waiting = new Map<number, Waiting>()
  let nextId = 0
  let worker: Worker | undefined
  let onClosed: (() => void) | undefined

  function start(): Worker {
    const thread = new Worker(program)
    let reason = 'it ended'
    thread.addEventListener('message', (event: MessageEvent<ReportAnswer>) => receive(event.data))
    thread.addEventListener('error', (event) => {
      reason = event.message
    })
    thread.addEventListener('close', () => {
      if (thread === worker) lose(reason)
    })
    send(thread, { kind: 'open', location: options.location })
    return thread
  }

  function lose(reason: string): void {
    worker = undefined
    const lost = [...waiting.values()]
    waiting.clear()
    for (const { reject } of lost) reject(new Error(`The thread of reports died: ${reason}`))
  }

  function receive(message: ReportAnswer): void {
    if (message.kind === 'closed') return onClosed?.()
    const asked = waiting.get(message.id)
    waiting.delete(message.id)
    if (message.kind === 'answer') asked?.resolve(message.value)
    else asked?.reject(new Error(message.message))
  }

  function ask<T>(call: ReportCall): Promise<T> {
    const thread = (worker ??= start())
    const id = nextId++
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    waiting.set(id, { resolve, reject })
    send(thread, { kind: 'call', id, call })
    // The thread answers what the call is typed to answer: both sides are of one release.
    return promise as Promise<T>
  }

  async function close(): Promise<void> {
    const thread = worker
    worker = undefined
    if (thread === undefined) return
    const { promise, resolve } = Promise.withResolvers<void>()
    onClosed = resolve
    const deadline = setTimeout(resolve, CLOSE_LIMIT_MS)
    send(thread, { kind: 'close' })
    await promise
    clearTimeout(deadline)
    thread.terminate()
    for (const { reject } of waiting.values()) reject(new Error('The server is stopping.'))
    waiting.clear()
  }

  return {
    total: (query) => ask({ kind: 'total', query }),
    series: (query, periods) => ask({ kind: 'series', query, periods }),
    breakdown: (query, dimension, size) => ask({ kind: 'breakdown', query, dimension, size }),
    topLinks: (query, size) => ask({ kind: 'top-links', query, size }),
    uniques: (query) => ask({ kind: 'uniques', query }),
    totals: (linkIds) => counts.totals(linkIds),
    scanTotals: (linkIds) => counts.scanTotals(linkIds),
    usage: (teamId, month) => counts.usage(teamId, month),
    deleteLink: (linkId) => ask({ kind: 'delete-link', linkId }),
    retain: (cutoffs) => ask({ kind: 'retain', cutoffs }),
    watchTeam: (teamId) => ask({ kind: 'watch-team', teamId }),
    watchOnly: (teamIds, beforeMs) => ask({ kind: 'watch-only', teamIds, beforeMs }),
    untoldTeams: () => counts.untoldTeams(),
    watchLive: (teamId, ttlMs) => ask({ kind: 'watch-live', teamId, ttlMs }),
    liveClicks: (query) => counts.liveClicks(query),
    takeUntold: (teamId, toldBatch) => ask({ kind: 'take-untold', teamId, toldBatch }),
    async [Symbol.asyncDispose]() {
      await close()
      await counts[Symbol.asyncDispose]()
    },
  }
}

function send(worker: Worker, command: ReportCommand): void {
  worker.postMessage(command)
}
