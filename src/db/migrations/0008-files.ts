import type { Kysely } from 'kysely'
import { addIdColumn } from '#db/portable.ts'

/** Shared files, what is being uploaded, and what is to be removed. */
export async function up(db: Kysely<any>): Promise<void> {
  await addIdColumn(db, db.schema.createTable('shared_file'))
    .addColumn('public_id', 'text', (column) => column.notNull().unique())
    .addColumn('team_id', 'bigint', (column) => column.notNull().references('team.id'))
    .addColumn('user_id', 'bigint', (column) => column.notNull().references('user_account.id'))
    .addColumn('storage_key', 'text', (column) => column.notNull().unique())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('media_type', 'text', (column) => column.notNull())
    .addColumn('size_bytes', 'bigint', (column) => column.notNull())
    .addColumn('sha256', 'text', (column) => column.notNull())
    .addColumn('password_hash', 'text')
    .addColumn('download_count', 'bigint', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('expires_at_ms', 'bigint')
    .execute()
  await db.schema.createIndex('shared_file_by_team').on('shared_file').columns(['team_id', 'id']).execute()
  await db.schema.createIndex('shared_file_by_expiry').on('shared_file').column('expires_at_ms').execute()

  await db.schema
    .createTable('file_link')
    .addColumn('file_id', 'bigint', (column) =>
      column.primaryKey().references('shared_file.id').onDelete('cascade'),
    )
    .addColumn('link_id', 'bigint', (column) =>
      column.notNull().unique().references('link.id').onDelete('cascade'),
    )
    .execute()

  await db.schema
    .createTable('file_usage')
    .addColumn('team_id', 'bigint', (column) => column.primaryKey().references('team.id').onDelete('cascade'))
    .addColumn('files', 'bigint', (column) => column.notNull())
    .addColumn('size_bytes', 'bigint', (column) => column.notNull())
    .execute()

  await db.schema
    .createTable('file_upload')
    .addColumn('storage_key', 'text', (column) => column.primaryKey())
    .addColumn('team_id', 'bigint', (column) => column.notNull().references('team.id'))
    .addColumn('draft_ref', 'text')
    .addColumn('reserved_bytes', 'bigint', (column) => column.notNull())
    .addColumn('lease_until_ms', 'bigint', (column) => column.notNull())
    .execute()

  await db.schema
    .createTable('file_erasure')
    .addColumn('storage_key', 'text', (column) => column.primaryKey())
    .addColumn('draft_ref', 'text')
    .execute()
}
