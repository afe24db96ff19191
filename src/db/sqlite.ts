import { Database, type SQLQueryBindings } from 'bun:sqlite'
import {
  CompiledQuery,
  type DatabaseConnection,
  type DialectAdapter,
  type Driver,
  Kysely,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDialect,
  SqliteDriver,
} from 'kysely'

/**
 * `synchronous = normal` in WAL mode: a killed process loses nothing, a power cut may lose the last
 * transactions but never the database.
 */
const PRAGMAS =
  'pragma journal_mode = wal; pragma foreign_keys = on; pragma busy_timeout = 5000; pragma synchronous = normal; pragma temp_store = memory'

/** Open (and create) an SQLite file with the runtime's own SQLite, so that no native module is installed. */
export function openSqliteFile(path: string): Database {
  const database = new Database(path, { create: true, strict: true })
  database.exec(PRAGMAS)
  return database
}

/** Typed queries over an open SQLite database; destroying them closes it. */
export function kyselyOverSqlite<T>(database: Database): Kysely<T> {
  return new Kysely<T>({ dialect: new BunSqliteDialect(asKyselyDatabase(database)) })
}

function asKyselyDatabase(database: Database): SqliteDatabase {
  return {
    close: () => database.close(),
    prepare(sql) {
      const statement = database.query<unknown, SQLQueryBindings[]>(sql)
      return {
        reader: statement.columnNames.length > 0,
        all: (parameters) => statement.all(...(parameters as SQLQueryBindings[])),
        run: (parameters) => statement.run(...(parameters as SQLQueryBindings[])),
        iterate: (parameters) => statement.iterate(...(parameters as SQLQueryBindings[])),
      }
    },
  }
}

/**
 * Kysely's SQLite dialect with two differences: a transaction takes the write lock when it begins (a
 * deferred one fails at once with SQLITE_BUSY_SNAPSHOT when another process writes in between, whatever
 * the busy timeout), and a failing migration rolls its tables back.
 */
class BunSqliteDialect extends SqliteDialect {
  readonly #database: SqliteDatabase

  constructor(database: SqliteDatabase) {
    super({ database })
    this.#database = database
  }

  override createDriver(): Driver {
    return new ImmediateDriver({ database: this.#database })
  }

  override createAdapter(): DialectAdapter {
    return new TransactionalDdlAdapter()
  }
}

class ImmediateDriver extends SqliteDriver {
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'))
  }
}

class TransactionalDdlAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}
