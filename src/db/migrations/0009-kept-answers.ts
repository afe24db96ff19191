import type { Kysely } from 'kysely'

/** Answers to requests that are not to be done twice. */
export async function up(db: Kysely<any>): Promise<void> {
  await db.schema
    .createTable('kept_answer')
    .addColumn('team_id', 'bigint', (column) => column.notNull().references('team.id').onDelete('cascade'))
    .addColumn('idempotency_key', 'text', (column) => column.notNull())
    .addColumn('fingerprint', 'text', (column) => column.notNull())
    .addColumn('attempt', 'text', (column) => column.notNull())
    .addColumn('lease_until_ms', 'bigint', (column) => column.notNull())
    .addColumn('answer', 'text')
    .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('kept_answer_pk', ['team_id', 'idempotency_key'])
    .execute()
  await db.schema.createIndex('kept_answer_by_expiry').on('kept_answer').column('expires_at_ms').execute()
}
