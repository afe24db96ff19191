import type { Kysely } from 'kysely'

/** Teams that are told of clicks, and the clicks that they are still to be told of. */
export async function up(db: Kysely<any>): Promise<void> {
  await db.schema
    .createTable('click_watch')
    .addColumn('team_id', 'bigint', (column) => column.primaryKey())
    .addColumn('is_active', 'integer', (column) => column.notNull())
    .addColumn('open_batch', 'bigint', (column) => column.notNull())
    .addColumn('since_ms', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema
    .createTable('click_untold')
    .addColumn('team_id', 'bigint', (column) => column.notNull())
    .addColumn('batch', 'bigint', (column) => column.notNull())
    .addColumn('link_id', 'bigint', (column) => column.notNull())
    .addColumn('clicks', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('click_untold_pk', ['team_id', 'batch', 'link_id'])
    .execute()
}
