import type { Kysely } from 'kysely'

/** QR codes of links, one each. */
export async function up(db: Kysely<any>): Promise<void> {
  await db.schema
    .createTable('qr_code')
    .addColumn('link_id', 'bigint', (column) => column.primaryKey().references('link.id').onDelete('cascade'))
    .addColumn('team_id', 'bigint', (column) => column.notNull().references('team.id').onDelete('cascade'))
    .addColumn('color', 'text', (column) => column.notNull())
    .addColumn('background', 'text', (column) => column.notNull())
    .addColumn('size_px', 'integer', (column) => column.notNull())
    .addColumn('format', 'text', (column) => column.notNull())
    .addColumn('error_correction', 'text', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('updated_at_ms', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema
    .createIndex('qr_code_by_team')
    .on('qr_code')
    .columns(['team_id', 'created_at_ms', 'link_id'])
    .execute()
}
