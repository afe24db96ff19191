import { type Kysely, sql } from 'kysely'
import { addIdColumn } from '#db/portable.ts'

/** Sessions that can be listed, password resets, invitations, and teams that are being deleted. Sessions that exist end. */
export async function up(db: Kysely<any>): Promise<void> {
  await db.schema.dropTable('session').execute()
  await addIdColumn(db, db.schema.createTable('session'))
    .addColumn('public_id', 'text', (column) => column.notNull().unique())
    .addColumn('token_hash', 'text', (column) => column.notNull().unique())
    .addColumn('user_id', 'bigint', (column) =>
      column.notNull().references('user_account.id').onDelete('cascade'),
    )
    .addColumn('team_id', 'bigint', (column) => column.notNull().references('team.id').onDelete('cascade'))
    .addColumn('client', 'text', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('last_used_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema.createIndex('session_by_user').on('session').columns(['user_id', 'id']).execute()
  await db.schema.createIndex('session_by_expiry').on('session').column('expires_at_ms').execute()

  await db.schema.alterTable('user_account').addColumn('last_seen_at_ms', 'bigint').execute()
  await db.schema.alterTable('team').addColumn('deleted_at_ms', 'bigint').execute()
  await db.schema
    .createIndex('team_deleted')
    .on('team')
    .column('deleted_at_ms')
    .where(sql.ref('deleted_at_ms'), 'is not', null)
    .execute()

  await db.schema
    .createTable('password_reset')
    .addColumn('token_hash', 'text', (column) => column.primaryKey())
    .addColumn('user_id', 'bigint', (column) =>
      column.notNull().references('user_account.id').onDelete('cascade'),
    )
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema.createIndex('password_reset_by_user').on('password_reset').column('user_id').execute()

  await addIdColumn(db, db.schema.createTable('invitation'))
    .addColumn('public_id', 'text', (column) => column.notNull().unique())
    .addColumn('team_id', 'bigint', (column) => column.notNull().references('team.id').onDelete('cascade'))
    .addColumn('email', 'text', (column) => column.notNull())
    .addColumn('role', 'text', (column) => column.notNull())
    .addColumn('token_hash', 'text', (column) => column.notNull().unique())
    .addColumn('user_id', 'bigint', (column) => column.references('user_account.id').onDelete('set null'))
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
    .addUniqueConstraint('invitation_once', ['team_id', 'email'])
    .execute()
}
