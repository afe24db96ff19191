import type { Kysely } from 'kysely'
import { databaseKind } from '#db/portable.ts'

/** Links that are no redirect: they have a payload instead of a target. */
export async function up(db: Kysely<any>): Promise<void> {
  await db.schema
    .alterTable('link')
    .addColumn('kind', 'text', (column) => column.notNull().defaultTo('url'))
    .execute()
  await db.schema.alterTable('link').addColumn('payload', 'text').execute()
  if (databaseKind(db) === 'postgres') {
    await db.schema
      .alterTable('link')
      .alterColumn('target', (column) => column.dropNotNull())
      .execute()
    return
  }
  // SQLite cannot lift a NOT NULL, and making the table anew would take the QR codes that point at it along.
  await db.schema.alterTable('link').addColumn('nullable_target', 'text').execute()
  await db
    .updateTable('link')
    .set((eb) => ({ nullable_target: eb.ref('target') }))
    .execute()
  await db.schema.alterTable('link').dropColumn('target').execute()
  await db.schema.alterTable('link').renameColumn('nullable_target', 'target').execute()
}
