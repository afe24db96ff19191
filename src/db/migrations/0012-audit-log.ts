import type { Kysely } from 'kysely'
import { addIdColumn } from '#db/portable.ts'

/** Who changed what. Nothing in it refers to a row that may be gone before it is. */
export async function up(db: Kysely<any>): Promise<void> {
  await addIdColumn(db, db.schema.createTable('audit_event'))
    .addColumn('at_ms', 'bigint', (column) => column.notNull())
    .addColumn('team_id', 'bigint')
    .addColumn('user_id', 'bigint')
    .addColumn('email', 'text')
    .addColumn('key_name', 'text')
    .addColumn('ip', 'text')
    .addColumn('action', 'text', (column) => column.notNull())
    .addColumn('subject', 'text', (column) => column.notNull())
    .addColumn('changes', 'text', (column) => column.notNull())
    .execute()
  await db.schema.createIndex('audit_event_by_team').on('audit_event').columns(['team_id', 'id']).execute()
  await db.schema.createIndex('audit_event_by_user').on('audit_event').columns(['user_id', 'id']).execute()
  await db.schema.createIndex('audit_event_by_action').on('audit_event').columns(['action', 'id']).execute()
  await db.schema.createIndex('audit_event_by_time').on('audit_event').column('at_ms').execute()
}
