import type { Kysely } from 'kysely'
import { addIdColumn } from '#db/portable.ts'

/** Accounts, plans and usage, links. */
export async function up(db: Kysely<any>): Promise<void> {
  await db.schema
    .createTable('instance')
    .addColumn('key', 'text', (column) => column.primaryKey())
    .addColumn('value', 'text', (column) => column.notNull())
    .execute()

  await addIdColumn(db, db.schema.createTable('user_account'))
    .addColumn('email', 'text', (column) => column.notNull().unique())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('password_hash', 'text', (column) => column.notNull())
    .addColumn('is_operator', 'integer', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .execute()

  await addIdColumn(db, db.schema.createTable('team'))
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('personal_user_id', 'bigint', (column) =>
      column.unique().references('user_account.id').onDelete('cascade'),
    )
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .execute()

  await db.schema
    .createTable('membership')
    .addColumn('team_id', 'bigint', (column) => column.notNull().references('team.id').onDelete('cascade'))
    .addColumn('user_id', 'bigint', (column) =>
      column.notNull().references('user_account.id').onDelete('cascade'),
    )
    .addColumn('role', 'text', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('membership_pk', ['team_id', 'user_id'])
    .execute()
  await db.schema.createIndex('membership_by_user').on('membership').column('user_id').execute()

  await db.schema
    .createTable('session')
    .addColumn('token_hash', 'text', (column) => column.primaryKey())
    .addColumn('user_id', 'bigint', (column) =>
      column.notNull().references('user_account.id').onDelete('cascade'),
    )
    .addColumn('team_id', 'bigint', (column) => column.notNull().references('team.id').onDelete('cascade'))
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema.createIndex('session_by_user').on('session').column('user_id').execute()

  await addIdColumn(db, db.schema.createTable('api_key'))
    .addColumn('public_id', 'text', (column) => column.notNull().unique())
    .addColumn('team_id', 'bigint', (column) => column.notNull().references('team.id').onDelete('cascade'))
    .addColumn('user_id', 'bigint', (column) =>
      column.notNull().references('user_account.id').onDelete('cascade'),
    )
    .addColumn('dialect', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('secret_hash', 'text', (column) => column.notNull().unique())
    .addColumn('hint', 'text', (column) => column.notNull())
    .addColumn('abilities', 'text', (column) => column.notNull())
    .addColumn('origin', 'text', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('expires_at_ms', 'bigint')
    .addColumn('last_used_at_ms', 'bigint')
    .execute()
  await db.schema.createIndex('api_key_by_team').on('api_key').columns(['team_id', 'id']).execute()
  await db.schema.createIndex('api_key_by_user').on('api_key').columns(['user_id', 'id']).execute()

  await db.schema
    .createTable('subscription')
    .addColumn('team_id', 'bigint', (column) => column.primaryKey().references('team.id').onDelete('cascade'))
    .addColumn('plan', 'text', (column) => column.notNull())
    .addColumn('started_at_ms', 'bigint', (column) => column.notNull())
    .execute()

  await db.schema
    .createTable('usage')
    .addColumn('team_id', 'bigint', (column) => column.notNull().references('team.id').onDelete('cascade'))
    .addColumn('month', 'text', (column) => column.notNull())
    .addColumn('metric', 'text', (column) => column.notNull())
    .addColumn('used', 'bigint', (column) => column.notNull())
    .addColumn('allowance', 'bigint')
    .addPrimaryKeyConstraint('usage_pk', ['team_id', 'month', 'metric'])
    .execute()

  await db.schema
    .createTable('credit')
    .addColumn('team_id', 'bigint', (column) => column.notNull().references('team.id').onDelete('cascade'))
    .addColumn('metric', 'text', (column) => column.notNull())
    .addColumn('balance', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('credit_pk', ['team_id', 'metric'])
    .execute()

  await db.schema
    .createTable('plan_override')
    .addColumn('team_id', 'bigint', (column) => column.notNull().references('team.id').onDelete('cascade'))
    .addColumn('metric', 'text', (column) => column.notNull())
    .addColumn('value', 'bigint')
    .addPrimaryKeyConstraint('plan_override_pk', ['team_id', 'metric'])
    .execute()

  await addIdColumn(db, db.schema.createTable('link'))
    .addColumn('public_id', 'text', (column) => column.notNull().unique())
    .addColumn('team_id', 'bigint', (column) => column.notNull().references('team.id').onDelete('cascade'))
    .addColumn('user_id', 'bigint', (column) => column.notNull().references('user_account.id'))
    .addColumn('slug', 'text', (column) => column.notNull().unique())
    .addColumn('target', 'text', (column) => column.notNull())
    .addColumn('title', 'text')
    .addColumn('description', 'text')
    .addColumn('tags', 'text', (column) => column.notNull())
    .addColumn('page_title', 'text')
    .addColumn('favicon_url', 'text')
    .addColumn('page_info', 'text', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('source', 'text', (column) => column.notNull())
    .addColumn('expires_at_ms', 'bigint')
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('updated_at_ms', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema
    .createIndex('link_wanting_page_info')
    .on('link')
    .column('page_info')
    .where('page_info', '=', 'wanted')
    .execute()
  await db.schema.createIndex('link_by_team').on('link').columns(['team_id', 'id']).execute()

  await db.schema
    .createTable('link_erasure')
    .addColumn('link_id', 'bigint', (column) => column.primaryKey())
    .execute()

  await addIdColumn(db, db.schema.createTable('link_change'))
    .addColumn('slug', 'text', (column) => column.notNull())
    .addColumn('at_ms', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema.createIndex('link_change_by_time').on('link_change').column('at_ms').execute()
}
