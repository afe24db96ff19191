import { type Selectable, sql } from 'kysely'
import type { Db, Tables } from '#db/database.ts'
import { databaseKind } from '#db/portable.ts'
import type { AttemptOutcome, ClaimedDelivery, DeliveryKind } from './delivery.ts'

/** What is to be delivered. */
export type NewDelivery =
  | {
      readonly kind: 'webhook'
      readonly webhookId: number
      readonly event: string
      /** The body of the request. */
      readonly content: string
    }
  /** `content` is sealed. */
  | { readonly kind: 'mail'; readonly content: string }

export type NewDeliveryRow = NewDelivery & {
  readonly publicId: string
  readonly createdAt: Date
  readonly giveUpAt: Date
}

/** SQLite uses an index of some rows alone only for a condition that is written out. */
const WAITING = sql.lit<'waiting'>('waiting')

export async function insertDeliveries(db: Db, deliveries: readonly NewDeliveryRow[]): Promise<void> {
  await db
    .insertInto('delivery')
    .values(
      deliveries.map((delivery) => ({
        public_id: delivery.publicId,
        kind: delivery.kind,
        lane: delivery.kind === 'webhook' ? delivery.webhookId : 0,
        webhook_id: delivery.kind === 'webhook' ? delivery.webhookId : null,
        event: delivery.kind === 'webhook' ? delivery.event : null,
        content: delivery.content,
        status: 'waiting' as const,
        tries: 0,
        claim: null,
        due_at_ms: delivery.createdAt.getTime(),
        give_up_at_ms: delivery.giveUpAt.getTime(),
        created_at_ms: delivery.createdAt.getTime(),
        done_at_ms: null,
      })),
    )
    .execute()
}

/** Whether anything is due; the look that is taken again and again. */
export async function hasDueDelivery(db: Db, nowMs: number): Promise<boolean> {
  const row = await db
    .selectFrom('delivery')
    .select('id')
    .where('status', '=', WAITING)
    .where('due_at_ms', '<=', nowMs)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** Deliveries that succeed and fail together. */
export interface Lane {
  readonly lane: number
  readonly isFailing: boolean
}

/**
 * The lanes that have something due, by number. It costs a few reads by index for every lane that has something waiting,
 * however much that is.
 */
export async function findDueLanes(db: Db, nowMs: number): Promise<readonly Lane[]> {
  const { rows } = await sql<{ lane: number; is_failing: number }>`
    with recursive waiting(lane) as (
      select min(lane) from delivery where status = 'waiting'
      union all
      select (select min(next.lane) from delivery as next where next.status = 'waiting' and next.lane > waiting.lane)
        from waiting where waiting.lane is not null
    )
    select waiting.lane, case when webhook.failing_since_ms is null then 0 else 1 end as is_failing
      from waiting left join webhook on webhook.id = waiting.lane
      where waiting.lane is not null and exists (
        select 1 from delivery as due
          where due.status = 'waiting' and due.lane = waiting.lane and due.due_at_ms <= ${nowMs})
      order by waiting.lane`.execute(db)
  return rows.map((row) => ({ lane: row.lane, isFailing: row.is_failing === 1 }))
}

export interface ClaimTerms {
  readonly claim: string
  readonly now: Date
  /** Until when nobody else takes it. */
  readonly leaseUntil: Date
}

/** Take the delivery of a lane that has been due for longest; nobody else gets it before the lease ends. */
export async function claimDelivery(
  db: Db,
  lane: number,
  { claim, now, leaseUntil }: ClaimTerms,
): Promise<ClaimedDelivery | undefined> {
  const row = await db
    .updateTable('delivery')
    .set({ claim, due_at_ms: leaseUntil.getTime() })
    .where('id', '=', (eb) =>
      eb
        .selectFrom('delivery')
        .select('id')
        .where('status', '=', WAITING)
        .where('lane', '=', lane)
        .where('due_at_ms', '<=', now.getTime())
        .orderBy('due_at_ms')
        .orderBy('id')
        .limit(1)
        .$if(databaseKind(db) === 'postgres', (query) => query.forUpdate().skipLocked()),
    )
    .returningAll()
    .executeTakeFirst()
  return row && toClaimed(row, claim)
}

/** How a delivery goes on. */
export type Settlement =
  | { readonly status: 'delivered' | 'failed'; readonly doneAt: Date; readonly content: string }
  | { readonly status: 'again'; readonly dueAt: Date }

/**
 * Let go of a delivery that is in hand.
 *
 * @returns whether it was in hand still: not when it was deleted, or the lease ended and somebody else took it
 */
export async function settleDelivery(
  db: Db,
  { id, claim, tries }: ClaimedDelivery,
  settlement: Settlement,
): Promise<boolean> {
  const result = await db
    .updateTable('delivery')
    .set({
      claim: null,
      tries: tries + 1,
      // One that is held meanwhile stays so, and is due when that ends.
      ...(settlement.status === 'again'
        ? { due_at_ms: settlement.dueAt.getTime() }
        : {
            status: settlement.status,
            content: settlement.content,
            done_at_ms: settlement.doneAt.getTime(),
          }),
    })
    .where('id', '=', id)
    .where('claim', '=', claim)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

export async function insertAttempt(
  db: Db,
  deliveryId: number,
  attempt: Omit<AttemptOutcome, 'result'> & { readonly at: Date; readonly durationMs: number },
): Promise<void> {
  await db
    .insertInto('delivery_attempt')
    .values({
      delivery_id: deliveryId,
      at_ms: attempt.at.getTime(),
      duration_ms: attempt.durationMs,
      status_code: attempt.statusCode,
      error: attempt.error,
      answer: attempt.answer,
    })
    .execute()
}

/** The queue of one kind, as whoever runs the server sees it. */
export interface QueueState {
  readonly kind: DeliveryKind
  readonly waiting: number
  /** When the one that should go out first is or was due; undefined when none waits. */
  readonly oldestDueAt: Date | undefined
}

/** Of mail, then of webhooks. */
export async function findQueueStates(db: Db): Promise<readonly QueueState[]> {
  // By lane and not by kind, because that alone is in the index: there may be hundreds of thousands.
  const { rows } = await sql<{ is_mail: number; waiting: number; oldest: number | null }>`
    select 1 as is_mail, count(*) as waiting, min(due_at_ms) as oldest
      from delivery where status = 'waiting' and lane = 0
    union all
    select 0, count(*), min(due_at_ms) from delivery where status = 'waiting' and lane > 0`.execute(db)
  return rows.map((row) => ({
    kind: row.is_mail === 1 ? 'mail' : 'webhook',
    waiting: row.waiting,
    oldestDueAt: row.oldest === null ? undefined : new Date(row.oldest),
  }))
}

/**
 * Delete deliveries of before an instant that wait for nothing, some of them.
 *
 * @returns how many, `limit` when there may be more
 */
export async function deleteOldDeliveries(db: Db, before: Date, limit: number): Promise<number> {
  const result = await db
    .deleteFrom('delivery')
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('delivery')
        .select('id')
        .where('created_at_ms', '<', before.getTime())
        .where('status', '!=', 'waiting')
        .limit(limit),
    )
    .executeTakeFirst()
  return Number(result.numDeletedRows)
}

function toClaimed(row: Selectable<Tables['delivery']>, claim: string): ClaimedDelivery {
  return {
    id: row.id,
    publicId: row.public_id,
    kind: row.kind,
    lane: row.lane,
    event: row.event,
    content: row.content,
    tries: row.tries,
    createdAt: new Date(row.created_at_ms),
    giveUpAt: new Date(row.give_up_at_ms),
    claim,
  }
}
