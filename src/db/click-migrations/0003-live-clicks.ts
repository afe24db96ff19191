import type { Kysely } from 'kysely'
import { addIdColumn } from '#db/portable.ts'

/** Teams that somebody watches, and their latest clicks one by one. */
export async function up(db: Kysely<any>): Promise<void> {
  await db.schema
    .createTable('live_watch')
    .addColumn('team_id', 'bigint', (column) => column.primaryKey())
    .addColumn('until_ms', 'bigint', (column) => column.notNull())
    .execute()
  await addIdColumn(db, db.schema.createTable('live_click'))
    .addColumn('team_id', 'bigint', (column) => column.notNull())
    .addColumn('link_id', 'bigint', (column) => column.notNull())
    .addColumn('at_ms', 'bigint', (column) => column.notNull())
    .addColumn('is_bot', 'integer', (column) => column.notNull())
    .addColumn('is_scan', 'integer', (column) => column.notNull())
    .addColumn('dimensions', 'text', (column) => column.notNull())
    .execute()
  await db.schema.createIndex('live_click_by_team').on('live_click').columns(['team_id', 'id']).execute()
  await db.schema.createIndex('live_click_by_link').on('live_click').column('link_id').execute()
}
