import type { Kysely } from 'kysely'
import { addIdColumn } from '#db/portable.ts'

/** Request origins, what teams may spend beyond their credits, and credits that a process holds. */
export async function up(db: Kysely<any>): Promise<void> {
  await addIdColumn(db, db.schema.createTable('request_origin'))
    .addColumn('public_id', 'text', (column) => column.notNull().unique())
    .addColumn('team_id', 'bigint', (column) => column.notNull().references('team.id').onDelete('cascade'))
    .addColumn('user_id', 'bigint', (column) =>
      column.notNull().references('user_account.id').onDelete('cascade'),
    )
    .addColumn('domain', 'text', (column) => column.notNull().unique())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema
    .createIndex('request_origin_by_team')
    .on('request_origin')
    .columns(['team_id', 'id'])
    .execute()

  await db.schema
    .createTable('surcharge')
    .addColumn('team_id', 'bigint', (column) => column.primaryKey().references('team.id').onDelete('cascade'))
    .addColumn('monthly_limit', 'bigint')
    .execute()

  await db.schema
    .createTable('credit_lease')
    .addColumn('holder', 'text', (column) => column.notNull())
    .addColumn('team_id', 'bigint', (column) => column.notNull().references('team.id').onDelete('cascade'))
    .addColumn('month', 'text', (column) => column.notNull())
    .addColumn('source', 'text', (column) => column.notNull())
    .addColumn('amount', 'bigint', (column) => column.notNull())
    .addColumn('leased_at_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('credit_lease_pk', ['holder', 'team_id', 'month', 'source'])
    .execute()
  await db.schema.createIndex('credit_lease_by_time').on('credit_lease').column('leased_at_ms').execute()
}
