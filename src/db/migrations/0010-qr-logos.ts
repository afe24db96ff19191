import type { Kysely } from 'kysely'

/** Pictures in the middle of QR codes. */
export async function up(db: Kysely<any>): Promise<void> {
  await db.schema
    .createTable('qr_logo')
    .addColumn('link_id', 'bigint', (column) =>
      column.primaryKey().references('qr_code.link_id').onDelete('cascade'),
    )
    .addColumn('png', 'text', (column) => column.notNull())
    .execute()
}
