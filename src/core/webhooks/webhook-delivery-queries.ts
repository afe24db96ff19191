import { type Selectable, sql } from 'kysely'
import type { DeliveryAttempt, DeliveryStatus } from '#core/deliveries/delivery.ts'
import type { Db, Tables } from '#db/database.ts'

/** Hold what waits for a webhook. */
export async function holdDeliveries(db: Db, webhookId: number): Promise<void> {
  await db
    .updateTable('delivery')
    .set({ status: 'held' })
    .where('lane', '=', webhookId)
    .where('status', '=', sql.lit<'waiting'>('waiting'))
    .execute()
}

/** Send what was held for a webhook: at once, unless somebody has it in hand. */
export async function releaseDeliveries(
  db: Db,
  webhookId: number,
  terms: { readonly now: Date; readonly giveUpAt: Date },
): Promise<void> {
  const held = db.updateTable('delivery').where('webhook_id', '=', webhookId).where('status', '=', 'held')
  await held
    .set({
      status: 'waiting',
      tries: 0,
      due_at_ms: terms.now.getTime(),
      give_up_at_ms: terms.giveUpAt.getTime(),
    })
    .where('claim', 'is', null)
    .execute()
  await held.set({ status: 'waiting', give_up_at_ms: terms.giveUpAt.getTime() }).execute()
}

/** A delivery as its webhook's team sees it. */
export interface WebhookDelivery {
  readonly id: number
  readonly publicId: string
  readonly event: string
  readonly status: DeliveryStatus
  /** The body of the request. */
  readonly content: string
  readonly createdAt: Date
  /** When it is tried next; null when it is not. */
  readonly nextAttemptAt: Date | null
  readonly doneAt: Date | null
  /** Oldest first. */
  readonly attempts: readonly DeliveryAttempt[]
}

/** Deliveries of a webhook, newest first: those before an id, or the newest. */
export async function findDeliveries(
  db: Db,
  webhookId: number,
  page: { readonly beforeId: number | undefined; readonly limit: number },
): Promise<readonly WebhookDelivery[]> {
  let query = db.selectFrom('delivery').selectAll().where('webhook_id', '=', webhookId)
  if (page.beforeId !== undefined) query = query.where('id', '<', page.beforeId)
  return withAttempts(db, await query.orderBy('id', 'desc').limit(page.limit).execute())
}

export async function findDelivery(
  db: Db,
  webhookId: number,
  publicId: string,
): Promise<WebhookDelivery | undefined> {
  const rows = await db
    .selectFrom('delivery')
    .selectAll()
    .where('webhook_id', '=', webhookId)
    .where('public_id', '=', publicId)
    .execute()
  return (await withAttempts(db, rows))[0]
}

/** Begin a delivery anew, unless somebody has it in hand or its webhook was paused meanwhile. */
export async function restartDelivery(
  db: Db,
  delivery: { readonly webhookId: number; readonly publicId: string },
  terms: { readonly now: Date; readonly giveUpAt: Date },
): Promise<void> {
  await db
    .updateTable('delivery')
    .set({
      status: 'waiting',
      tries: 0,
      due_at_ms: terms.now.getTime(),
      give_up_at_ms: terms.giveUpAt.getTime(),
      done_at_ms: null,
    })
    .where('webhook_id', '=', delivery.webhookId)
    .where('public_id', '=', delivery.publicId)
    .where('claim', 'is', null)
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('webhook')
          .select('webhook.id')
          .where('webhook.id', '=', delivery.webhookId)
          .where('webhook.status', '=', 'active'),
      ),
    )
    .execute()
}

async function withAttempts(
  db: Db,
  rows: readonly Selectable<Tables['delivery']>[],
): Promise<readonly WebhookDelivery[]> {
  if (rows.length === 0) return []
  const attempts = await db
    .selectFrom('delivery_attempt')
    .selectAll()
    .where(
      'delivery_id',
      'in',
      rows.map((row) => row.id),
    )
    .orderBy('id')
    .execute()
  const byDelivery = Object.groupBy(attempts, (attempt) => attempt.delivery_id)
  return rows.map((row) => ({
    id: row.id,
    publicId: row.public_id,
    event: row.event ?? '',
    status: row.status,
    content: row.content,
    createdAt: new Date(row.created_at_ms),
    nextAttemptAt: row.status === 'waiting' && row.claim === null ? new Date(row.due_at_ms) : null,
    doneAt: row.done_at_ms === null ? null : new Date(row.done_at_ms),
    attempts: (byDelivery[row.id] ?? []).map((attempt) => ({
      at: new Date(attempt.at_ms),
      durationMs: attempt.duration_ms,
      statusCode: attempt.status_code,
      error: attempt.error,
      answer: attempt.answer,
    })),
  }))
}
