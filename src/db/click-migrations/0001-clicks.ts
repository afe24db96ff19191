import type { Kysely } from 'kysely'
import { addIdColumn } from '#db/portable.ts'

/** Raw clicks, their totals, and how far each spool has been read. */
export async function up(db: Kysely<any>): Promise<void> {
  await addIdColumn(db, db.schema.createTable('spool'))
    .addColumn('name', 'text', (column) => column.notNull().unique())
    .addColumn('segment', 'bigint', (column) => column.notNull())
    .addColumn('offset_bytes', 'bigint', (column) => column.notNull())
    .execute()

  await db.schema
    .createTable('click')
    .addColumn('spool_id', 'bigint', (column) => column.notNull())
    .addColumn('position', 'bigint', (column) => column.notNull())
    .addColumn('link_id', 'bigint', (column) => column.notNull())
    .addColumn('team_id', 'bigint', (column) => column.notNull())
    .addColumn('at_ms', 'bigint', (column) => column.notNull())
    .addColumn('visitor', 'text', (column) => column.notNull())
    .addColumn('user_agent', 'text')
    .addColumn('referrer', 'text')
    .addColumn('language', 'text')
    .addColumn('query', 'text')
    .addColumn('is_head', 'integer', (column) => column.notNull())
    .addColumn('is_prefetch', 'integer', (column) => column.notNull())
    .addColumn('is_scan', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('click_pk', ['spool_id', 'position'])
    .execute()

  await db.schema
    .createTable('click_total')
    .addColumn('link_id', 'bigint', (column) => column.primaryKey())
    .addColumn('clicks', 'bigint', (column) => column.notNull())
    .execute()

  await db.schema
    .createTable('click_usage')
    .addColumn('team_id', 'bigint', (column) => column.notNull())
    .addColumn('month', 'text', (column) => column.notNull())
    .addColumn('clicks', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('click_usage_pk', ['team_id', 'month'])
    .execute()

  await db.schema
    .createTable('visitor_key')
    .addColumn('day', 'text', (column) => column.primaryKey())
    .addColumn('secret', 'text', (column) => column.notNull())
    .execute()
}
