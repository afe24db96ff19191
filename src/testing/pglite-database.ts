import { mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PGlite } from '@electric-sql/pglite'
import { createPgConfig } from '@electric-sql/pglite/node-postgres'
import pg from 'pg'
import { databasesOverPool } from '#db/open-database.ts'
import { CLEAR_SCHEMA, EMPTYING_STATEMENTS } from './postgres-reset.ts'
import type { ReusableDatabase } from './test-database.ts'

/** The type id of `bigint`; tests see numbers, as the product does. */
const INT8 = 20
/** A query that waits this long waits for a transaction of its own test, for ever. */
const CONNECT_TIMEOUT_MS = 4000

/** A PostgreSQL of its own inside this process. */
export async function createPgliteDatabase(): Promise<ReusableDatabase> {
  const server = await startPglite()
  let emptying: string | undefined
  return {
    location: undefined,
    open: () => databasesOverPool(poolOver(server)),
    async empty() {
      emptying ??= (await server.query<{ sql: string }>(EMPTYING_STATEMENTS)).rows[0]?.sql ?? ''
      await server.exec(`deallocate all; ${emptying}`)
    },
    async clear() {
      emptying = undefined
      await server.exec(`deallocate all; ${CLEAR_SCHEMA}`)
    },
  }
}

/** One connection, so that whoever asks during a transaction waits for its end. */
function poolOver(server: PGlite): pg.Pool {
  const config: pg.PoolConfig = {
    max: 1,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    types: {
      getTypeParser: (id, format) => (id === INT8 ? Number : pg.types.getTypeParser(id, format)),
    },
  }
  return new pg.Pool(Object.assign(createPgConfig(server), config))
}

/** Making a new cluster takes over a second, unpacking a kept one a quarter of that. */
async function startPglite(): Promise<PGlite> {
  const path = await clusterPath()
  const kept = Bun.file(path)
  if (await kept.exists()) return PGlite.create({ loadDataDir: kept })
  const server = await PGlite.create()
  const draft = `${path}.${process.pid}`
  await Bun.write(draft, await server.dumpDataDir('none'))
  await rename(draft, path)
  return server
}

async function clusterPath(): Promise<string> {
  const packageDir = fileURLToPath(new URL('..', import.meta.resolve('@electric-sql/pglite')))
  const { version } = (await Bun.file(join(packageDir, 'package.json')).json()) as { version: string }
  const cacheDir = join(packageDir, '../../.cache/onehop')
  await mkdir(cacheDir, { recursive: true })
  return join(cacheDir, `pglite-${version}.tar`)
}
