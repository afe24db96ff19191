import type { Db } from '#db/database.ts'
import type { TaskCounts } from './task.ts'

/** Where a task stands. */
export interface TaskState {
  readonly name: string
  readonly doneThroughMs: number
  /** Undefined when nobody is at it, or whoever was has lost it. */
  readonly holder: string | undefined
  readonly failures: number
  readonly retryAtMs: number
}

/** Know tasks from now on; one that is new has nothing to catch up on. */
export async function insertTasks(db: Db, names: readonly string[], now: Date): Promise<void> {
  if (names.length === 0) return
  await db
    .insertInto('scheduled_task')
    .values(
      names.map((name) => ({
        name,
        done_through_ms: now.getTime(),
        holder: null,
        lease_until_ms: 0,
        failures: 0,
        retry_at_ms: 0,
      })),
    )
    .onConflict((oc) => oc.column('name').doNothing())
    .execute()
}

export async function findTasks(db: Db, now: Date): Promise<readonly TaskState[]> {
  const rows = await db.selectFrom('scheduled_task').selectAll().execute()
  return rows.map((row) => ({
    name: row.name,
    doneThroughMs: row.done_through_ms,
    holder: row.holder !== null && row.lease_until_ms > now.getTime() ? row.holder : undefined,
    failures: row.failures,
    retryAtMs: row.retry_at_ms,
  }))
}

/** A word on a task: it is the holder's until the lease runs out. */
export interface Lease {
  readonly name: string
  readonly holder: string
}

/**
 * Take a task that nobody is at. Of several that try, one does.
 *
 * @param times.state when given, only a task that still stands where it was seen
 * @returns false when somebody has it, or it was done
 */
export async function takeTask(
  db: Db,
  { name, holder }: Lease,
  times: {
    readonly now: Date
    readonly leaseUntil: Date
    readonly state: Pick<TaskState, 'doneThroughMs'> | undefined
  },
): Promise<boolean> {
  const { now, leaseUntil, state } = times
  const result = await db
    .updateTable('scheduled_task')
    .set({ holder, lease_until_ms: leaseUntil.getTime() })
    .where('name', '=', name)
    .where((eb) => eb.or([eb('holder', 'is', null), eb('lease_until_ms', '<=', now.getTime())]))
    .$if(state !== undefined, (query) => query.where('done_through_ms', '=', state?.doneThroughMs ?? 0))
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

/** @returns false when the task is the holder's no longer */
export async function extendLease(db: Db, { name, holder }: Lease, until: Date): Promise<boolean> {
  const result = await db
    .updateTable('scheduled_task')
    .set({ lease_until_ms: until.getTime() })
    .where('name', '=', name)
    .where('holder', '=', holder)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

/** Give a task back. @returns false when it was the holder's no longer; nothing changed then */
export async function releaseTask(
  db: Db,
  { name, holder }: Lease,
  changes: { readonly doneThroughMs?: number; readonly failures?: number; readonly retryAtMs?: number },
): Promise<boolean> {
  const { doneThroughMs, failures, retryAtMs } = changes
  const result = await db
    .updateTable('scheduled_task')
    .set({
      holder: null,
      ...(doneThroughMs !== undefined && { done_through_ms: doneThroughMs }),
      ...(failures !== undefined && { failures }),
      ...(retryAtMs !== undefined && { retry_at_ms: retryAtMs }),
    })
    .where('name', '=', name)
    .where('holder', '=', holder)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

/** Write down that a run has begun; one of the same task that never ended was lost. @returns its id */
export async function insertRun(db: Db, { name, holder }: Lease, now: Date): Promise<number> {
  await db
    .updateTable('task_run')
    .set({ outcome: 'lost', finished_at_ms: now.getTime() })
    .where('task', '=', name)
    .where('outcome', '=', 'running')
    .execute()
  const row = await db
    .insertInto('task_run')
    .values({
      task: name,
      holder,
      started_at_ms: now.getTime(),
      finished_at_ms: null,
      outcome: 'running',
      counts: '{}',
      problem: null,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return row.id
}

export async function finishRun(
  db: Db,
  runId: number,
  end: {
    readonly now: Date
    readonly outcome: 'done' | 'failed' | 'stopped'
    readonly counts: TaskCounts
    readonly problem: string | undefined
  },
): Promise<void> {
  await db
    .updateTable('task_run')
    .set({
      finished_at_ms: end.now.getTime(),
      outcome: end.outcome,
      counts: JSON.stringify(end.counts),
      problem: end.problem ?? null,
    })
    .where('id', '=', runId)
    .where('outcome', '=', 'running')
    .execute()
}

/** @returns how many runs that began before an instant were forgotten */
export async function deleteRunsBefore(db: Db, before: Date): Promise<number> {
  const result = await db
    .deleteFrom('task_run')
    .where('started_at_ms', '<', before.getTime())
    .executeTakeFirst()
  return Number(result.numDeletedRows)
}
