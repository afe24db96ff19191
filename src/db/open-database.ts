import type { Database } from 'bun:sqlite'
import { join } from 'node:path'
import type pg from 'pg'
import type { Kysely } from 'kysely'
import type { ClickDb, ClickTables, Db, Tables } from './database.ts'
import { kyselyOverPostgres, openPostgresPool } from './postgres.ts'
import { kyselyOverSqlite, openSqliteFile } from './sqlite.ts'

/** Where the data is kept: files in a directory, or a PostgreSQL server. */
export type DatabaseLocation =
  | { readonly kind: 'sqlite'; readonly dir: string }
  | { readonly kind: 'postgres'; readonly url: string }

/** One prepared read: the row of the given key, at once where the database is in the process. */
export type PreparedRead<Row> = (key: string) => Row | undefined | Promise<Row | undefined>

/** The open databases of one process. */
export interface Databases extends AsyncDisposable {
  readonly kind: 'sqlite' | 'postgres'
  readonly db: Db
  readonly clickDb: ClickDb
  /**
   * Prepare a read of one row by one text parameter for the hot path. On SQLite it answers synchronously, over a
   * connection of its own that never sees a transaction half done.
   */
  prepareRead<Row>(sql: string, name: string): PreparedRead<Row>
}

export const SQLITE_FILE = 'onehop.sqlite'
export const CLICK_SQLITE_FILE = 'clicks.sqlite'

/** Open the databases of a location; on SQLite the files are created. Migrating them is the caller's. */
export function openDatabases(location: DatabaseLocation): Databases {
  return location.kind === 'sqlite' ? openFiles(location.dir) : openServer(location.url)
}

/** Open only the tables of clicks, for the consumer's thread. */
export function openClickDatabase(location: DatabaseLocation): ClickDb {
  return location.kind === 'sqlite'
    ? kyselyOverSqlite<ClickTables>(openSqliteFile(join(location.dir, CLICK_SQLITE_FILE)))
    : kyselyOverPostgres<ClickTables>(openPostgresPool(location.url, 2))
}

function openFiles(dir: string): Databases {
  const path = join(dir, SQLITE_FILE)
  const db = kyselyOverSqlite<Tables>(openSqliteFile(path))
  const clickDb = openClickDatabase({ kind: 'sqlite', dir })
  let reader: Database | undefined
  return {
    kind: 'sqlite',
    db,
    clickDb,
    prepareRead<Row>(sql: string) {
      reader ??= openSqliteFile(path)
      const statement = reader.query<Row, [string]>(sql)
      return (key) => statement.get(key) ?? undefined
    },
    async [Symbol.asyncDispose]() {
      reader?.close()
      await clickDb.destroy()
      await db.destroy()
    },
  }
}

function openServer(url: string): Databases {
  return databasesOverPool(openPostgresPool(url))
}

/** The databases over one PostgreSQL pool, which disposing ends. */
export function databasesOverPool(pool: pg.Pool): Databases {
  const db = kyselyOverPostgres<Tables>(pool)
  return {
    kind: 'postgres',
    db,
    // The same pool under other tables: both sets live in one PostgreSQL database.
    clickDb: db as unknown as Kysely<ClickTables>,
    prepareRead<Row extends object>(sql: string, name: string) {
      return async (key) => (await pool.query<Row>({ name, text: sql, values: [key] })).rows[0]
    },
    [Symbol.asyncDispose]: () => db.destroy(),
  } as Databases
}
