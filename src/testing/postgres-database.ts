import pg from 'pg'
import { openDatabases } from '#db/open-database.ts'
import { CLEAR_SCHEMA, EMPTYING_STATEMENTS } from './postgres-reset.ts'
import type { ReusableDatabase } from './test-database.ts'

/** The server whose user may create databases: `TEST_POSTGRES_URL`, else the one on this machine. */
export const TEST_POSTGRES_URL =
  process.env['TEST_POSTGRES_URL'] ?? 'postgres://postgres@127.0.0.1:5432/postgres'

/** Followed by the process that made the database and a number. */
const NAME_PREFIX = 'onehop_test_'

let created = 0

/** A database of this process on the test server, which {@link dropAbandonedDatabases} drops when the process is gone. */
export async function createPostgresDatabase(): Promise<ReusableDatabase> {
  created++
  const name = `${NAME_PREFIX}${process.pid}_${created}`
  const url = new URL(TEST_POSTGRES_URL)
  url.pathname = name
  const connection = new pg.Client({ connectionString: url.href })
  connection.on('error', () => {})
  await onServer(async (admin) => {
    await dropUnused(admin)
    await admin.query(`create database ${name}`)
    await admin.query(`alter database ${name} set synchronous_commit = off`)
    await connection.connect()
  })

  let emptying: string | undefined
  return {
    location: { kind: 'postgres', url: url.href },
    open: () => openDatabases({ kind: 'postgres', url: url.href }),
    async empty() {
      emptying ??= (await connection.query<{ sql: string }>(EMPTYING_STATEMENTS)).rows[0]?.sql ?? ''
      await connection.query(emptying)
    },
    async clear() {
      emptying = undefined
      await connection.query(CLEAR_SCHEMA)
    },
  }
}

/** Drop the test databases that nobody is connected to: a process keeps a connection to its own while it lives. */
export async function dropAbandonedDatabases(): Promise<void> {
  await onServer(dropUnused)
}

async function dropUnused(admin: pg.Client): Promise<void> {
  const { rows } = await admin.query<{ name: string }>(
    `select datname as name from pg_database
      where starts_with(datname, $1) and datname not in (select datname from pg_stat_activity where datname is not null)`,
    [NAME_PREFIX],
  )
  for (const { name } of rows) await admin.query(`drop database if exists ${name}`)
}

/** Work as the one process that is making or dropping databases. */
async function onServer(work: (admin: pg.Client) => Promise<void>): Promise<void> {
  const admin = new pg.Client({ connectionString: TEST_POSTGRES_URL, connectionTimeoutMillis: 2000 })
  await admin.connect()
  try {
    await admin.query(`select pg_advisory_lock(hashtext($1))`, [NAME_PREFIX])
    await work(admin)
  } finally {
    await admin.end()
  }
}
