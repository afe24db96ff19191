import { type CreateTableBuilder, type Kysely, type RawBuilder, sql, SqliteAdapter } from 'kysely'

/** A handle whatever its tables: Kysely's type parameter is invariant, so nothing narrower accepts both sets. */
// oxlint-disable-next-line typescript/no-explicit-any -- see above
export type AnyDb = Kysely<any>

/** Which of the two databases a handle speaks to. */
export function databaseKind(db: AnyDb): 'sqlite' | 'postgres' {
  return db.getExecutor().adapter instanceof SqliteAdapter ? 'sqlite' : 'postgres'
}

/**
 * A numeric primary key `id` that the database assigns and never assigns twice, not even after its row
 * was deleted.
 */
export function addIdColumn<T extends string, C extends string>(
  db: AnyDb,
  table: CreateTableBuilder<T, C>,
): CreateTableBuilder<T, C | 'id'> {
  return databaseKind(db) === 'sqlite'
    ? table.addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    : table.addColumn('id', 'bigint', (column) => column.primaryKey().generatedByDefaultAsIdentity())
}

/** The texts of a column that holds a JSON array of them, as a table with the column `value`. */
export function jsonTexts(db: AnyDb, column: RawBuilder<unknown>): RawBuilder<unknown> {
  return databaseKind(db) === 'sqlite'
    ? sql`json_each(${column})`
    : sql`lateral (select jsonb_array_elements_text(${column}::jsonb) as value)`
}
