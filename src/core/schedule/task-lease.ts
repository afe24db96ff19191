import { inTransaction, type Services } from '#core/context.ts'
import {
  extendLease,
  finishRun,
  insertRun,
  type Lease,
  releaseTask,
  takeTask,
  type TaskState,
} from './schedule-queries.ts'
import type { TaskCounts } from './task.ts'

/** How long a task is its holder's without another word of it: a killed process's task is free again after this. */
export const LEASE_MS = 60_000
const MINUTE_MS = 60_000
/** The longest a failed task waits to be tried again. */
const MAX_RETRY_WAIT_MS = 60 * MINUTE_MS
const MAX_PROBLEM_LENGTH = 1_000

/** A run of a task that this process has begun. */
export interface BegunRun extends Lease {
  readonly runId: number
  readonly startedAt: Date
}

/** How a run ended; `stopped` leaves the task as due as it was. */
export type RunEnd =
  | { readonly outcome: 'done'; readonly counts: TaskCounts }
  | { readonly outcome: 'failed'; readonly problem: string; readonly failures: number }
  | { readonly outcome: 'stopped' }

/**
 * Begin a task, in one process at a time.
 *
 * @param state when given, only if the task still stands there
 * @returns undefined when somebody is at it, or was since
 */
export async function beginTask(
  services: Services,
  name: string,
  state?: Pick<TaskState, 'doneThroughMs'>,
): Promise<BegunRun | undefined> {
  return inTransaction(services, async (tx) => {
    const startedAt = tx.now()
    const lease: Lease = { name, holder: tx.random.hex(16) }
    const isTaken = await takeTask(tx.db, lease, { now: startedAt, leaseUntil: leaseEnd(startedAt), state })
    return isTaken ? { ...lease, startedAt, runId: await insertRun(tx.db, lease, startedAt) } : undefined
  })
}

/** Say that a run is under way still. @returns false when another process has taken the task meanwhile */
export async function keepTask(services: Services, run: BegunRun): Promise<boolean> {
  return extendLease(services.db, run, leaseEnd(services.now()))
}

/** Write down how a run ended, unless another process has taken the task meanwhile. */
export async function endTask(services: Services, run: BegunRun, end: RunEnd): Promise<void> {
  await inTransaction(services, async (tx) => {
    const now = tx.now()
    if (!(await releaseTask(tx.db, run, changesOf(run, end, now)))) return
    await finishRun(tx.db, run.runId, {
      now,
      outcome: end.outcome,
      counts: end.outcome === 'done' ? end.counts : {},
      problem: end.outcome === 'failed' ? end.problem.slice(0, MAX_PROBLEM_LENGTH) : undefined,
    })
  })
}

function changesOf(run: BegunRun, end: RunEnd, now: Date): Parameters<typeof releaseTask>[2] {
  switch (end.outcome) {
    case 'done':
      return { doneThroughMs: run.startedAt.getTime(), failures: 0, retryAtMs: 0 }
    case 'failed':
      return { failures: end.failures, retryAtMs: now.getTime() + retryWaitMs(end.failures) }
    case 'stopped':
      return {}
  }
}

/** A minute, then twice as long after each failure, up to an hour. */
function retryWaitMs(failures: number): number {
  return Math.min(MAX_RETRY_WAIT_MS, MINUTE_MS * 2 ** Math.min(failures - 1, 10))
}

function leaseEnd(from: Date): Date {
  return new Date(from.getTime() + LEASE_MS)
}
