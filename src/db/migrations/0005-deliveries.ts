import { type Kysely, sql } from 'kysely'
import { addIdColumn } from '#db/portable.ts'

/** Webhooks, and the queue of what is delivered to them and by mail. */
export async function up(db: Kysely<any>): Promise<void> {
  await addIdColumn(db, db.schema.createTable('webhook'))
    .addColumn('public_id', 'text', (column) => column.notNull().unique())
    .addColumn('team_id', 'bigint', (column) => column.notNull().references('team.id').onDelete('cascade'))
    .addColumn('url', 'text', (column) => column.notNull())
    .addColumn('events', 'text', (column) => column.notNull())
    .addColumn('secret', 'text', (column) => column.notNull())
    .addColumn('old_secret', 'text')
    .addColumn('old_secret_until_ms', 'bigint')
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('pause_reason', 'text')
    .addColumn('failing_since_ms', 'bigint')
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('updated_at_ms', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema.createIndex('webhook_by_team').on('webhook').columns(['team_id', 'id']).execute()

  await addIdColumn(db, db.schema.createTable('delivery'))
    .addColumn('public_id', 'text', (column) => column.notNull().unique())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('lane', 'bigint', (column) => column.notNull())
    .addColumn('webhook_id', 'bigint', (column) => column.references('webhook.id').onDelete('cascade'))
    .addColumn('event', 'text')
    .addColumn('content', 'text', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('tries', 'integer', (column) => column.notNull())
    .addColumn('claim', 'text')
    .addColumn('due_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('give_up_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('done_at_ms', 'bigint')
    .execute()
  await db.schema
    .createIndex('delivery_waiting')
    .on('delivery')
    .column('due_at_ms')
    .where(sql.ref('status'), '=', 'waiting')
    .execute()
  await db.schema
    .createIndex('delivery_waiting_by_lane')
    .on('delivery')
    .columns(['lane', 'due_at_ms', 'id'])
    .where(sql.ref('status'), '=', 'waiting')
    .execute()
  await db.schema.createIndex('delivery_by_webhook').on('delivery').columns(['webhook_id', 'id']).execute()
  await db.schema.createIndex('delivery_by_age').on('delivery').column('created_at_ms').execute()

  await addIdColumn(db, db.schema.createTable('delivery_attempt'))
    .addColumn('delivery_id', 'bigint', (column) =>
      column.notNull().references('delivery.id').onDelete('cascade'),
    )
    .addColumn('at_ms', 'bigint', (column) => column.notNull())
    .addColumn('duration_ms', 'integer', (column) => column.notNull())
    .addColumn('status_code', 'integer')
    .addColumn('error', 'text')
    .addColumn('answer', 'text')
    .execute()
  await db.schema
    .createIndex('delivery_attempt_by_delivery')
    .on('delivery_attempt')
    .columns(['delivery_id', 'id'])
    .execute()

  await db.schema
    .createTable('click_event_schedule')
    .addColumn('team_id', 'bigint', (column) => column.primaryKey().references('team.id').onDelete('cascade'))
    .addColumn('last_batch', 'bigint', (column) => column.notNull())
    .addColumn('next_at_ms', 'bigint', (column) => column.notNull())
    .execute()
}
