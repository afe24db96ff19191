import { Kysely, PostgresDialect, type PostgresPool } from 'kysely'
import pg from 'pg'

/** The type id of `bigint`, which `pg` hands out as text; every integer we store is a safe number. */
const INT8 = 20

/** A pool of connections to a PostgreSQL server. Connecting, and a statement, may take at most 10 and 60 s. */
export function openPostgresPool(url: string, maxConnections = 10): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: maxConnections,
    connectionTimeoutMillis: 10_000,
    statement_timeout: 60_000,
    types: {
      getTypeParser: (id, format) => (id === INT8 ? Number : pg.types.getTypeParser(id, format)),
    },
  })
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on('error', () => {})
  return pool
}

/** Typed queries over a pool; destroying them closes it. */
export function kyselyOverPostgres<T>(pool: PostgresPool): Kysely<T> {
  return new Kysely<T>({ dialect: new PostgresDialect({ pool }) })
}
