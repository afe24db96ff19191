import { type Migration, Migrator } from 'kysely'
import type { AnyDb } from './portable.ts'

export interface MigrationSet {
  /** Where the database remembers which migrations it has had. */
  readonly table: string
  /** By number and name; run in that order, never changed once released. */
  readonly migrations: Readonly<Record<string, Migration>>
}

/** A database that was written by a newer release than this one. */
export class NewerDatabaseError extends Error {
  override readonly name = 'NewerDatabaseError'
}

/**
 * Bring a database up to date.
 *
 * @returns the names of the migrations that were run, none when it was up to date already
 * @throws NewerDatabaseError when the database has had migrations that this program does not know
 */
export async function migrate(db: AnyDb, set: MigrationSet): Promise<readonly string[]> {
  const unknown = await unknownMigrations(db, set)
  if (unknown.length > 0)
    throw new NewerDatabaseError(
      `The database was written by a newer release (it has had ${unknown.join(', ')}). Start that release, or restore a backup made before the upgrade.`,
    )

  const { error, results = [] } = await migrator(db, set).migrateToLatest()
  if (error !== undefined) throw new Error(`migration failed: ${failedName(results)}`, { cause: error })
  return results.map((result) => result.migrationName)
}

/** The migrations that a database has had and this program does not know: a newer release's. */
export async function unknownMigrations(db: AnyDb, set: MigrationSet): Promise<readonly string[]> {
  return (await appliedMigrations(db, set)).filter((name) => !(name in set.migrations))
}

/** The migrations of a set that a database has not had yet. */
export async function pendingMigrations(db: AnyDb, set: MigrationSet): Promise<readonly string[]> {
  const applied = new Set(await appliedMigrations(db, set))
  return Object.keys(set.migrations).filter((name) => !applied.has(name))
}

async function appliedMigrations(db: AnyDb, set: MigrationSet): Promise<readonly string[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true })
  if (!tables.some((table) => table.name === set.table)) return []
  const rows = await db.selectFrom(set.table).select('name').$castTo<{ name: string }>().execute()
  return rows.map((row) => row.name)
}

function migrator(db: AnyDb, set: MigrationSet): Migrator {
  return new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve({ ...set.migrations }) },
    migrationTableName: set.table,
    migrationLockTableName: `${set.table}_lock`,
  })
}

function failedName(results: readonly { status: string; migrationName: string }[]): string {
  return results.find((result) => result.status === 'Error')?.migrationName ?? 'could not begin'
}
