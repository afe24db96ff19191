import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'kysely'
import { CLICK_SQLITE_FILE, type DatabaseLocation, type Databases, SQLITE_FILE } from './open-database.ts'

/** What the databases take on their disk, write-ahead logs included; null where the server does not say. */
export async function databaseSizeBytes(
  { db }: Databases,
  location: DatabaseLocation,
): Promise<number | null> {
  if (location.kind === 'postgres') {
    const { rows } = await sql<{ size: number }>`
      select pg_database_size(current_database()) as size`.execute(db)
    return rows[0]?.size ?? null
  }
  const names = [SQLITE_FILE, CLICK_SQLITE_FILE].flatMap((name) => [name, `${name}-wal`])
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(location.dir, name)).then(
        ({ size }) => size,
        // A log that is empty need not be there.
        () => 0,
      ),
    ),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}
