import { Database, SQLiteError } from 'bun:sqlite'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The right to be the only server on a data directory, until it is released or the process ends in any way. */
export interface DataDirLock {
  release(): void
}

/** Somebody else is the server of the data directory. */
export class DataDirInUseError extends Error {
  override readonly name = 'DataDirInUseError'
}

/**
 * Nothing but SQLite may open this file: a process loses its lock when it closes any other handle of the file, as is
 * the way of POSIX locks. Backups leave it out.
 */
const LOCK_FILE = 'server.lock'
/** Says who holds the lock; whether anybody does only the lock itself says. */
const PID_FILE = 'server.pid'
/** A look at the lock by {@link dataDirHolder} takes less. */
const BUSY_TIMEOUT_MS = 250

/** Locks of this process: a database that nobody refers to is collected, and its lock with it. */
const held = new Set<Database>()

/**
 * Become the only server on an existing data directory. The lock is the operating system's, on a file of SQLite's: it
 * is gone with the process, even a killed one, so that nothing stale is ever left to clear away.
 *
 * @throws DataDirInUseError when a server is running on it, in this process or another
 */
export function lockDataDir(dir: string): DataDirLock {
  const database = new Database(join(dir, LOCK_FILE), { create: true })
  try {
    database.exec(
      `pragma busy_timeout = ${BUSY_TIMEOUT_MS}; pragma locking_mode = exclusive; begin exclusive`,
    )
  } catch (error) {
    database.close()
    if (!isBusy(error)) throw error
    const pid = readPid(dir)
    throw new DataDirInUseError(
      `A server${pid === undefined ? '' : ` (process ${pid})`} is already running on the data directory ${dir}. Stop it first, or give this one a directory of its own with ONEHOP_DATA_DIR.`,
    )
  }
  held.add(database)
  const pidFile = join(dir, PID_FILE)
  writeFileSync(pidFile, `${process.pid}\n`)
  return {
    release() {
      rmSync(pidFile, { force: true })
      held.delete(database)
      database.close()
    },
  }
}

/** The server that is running on a data directory, its process id where it is known; undefined when there is none. */
export function dataDirHolder(dir: string): { readonly pid: number | undefined } | undefined {
  const path = join(dir, LOCK_FILE)
  if (!existsSync(path)) return undefined
  using database = new Database(path, { readwrite: true })
  try {
    database.query('select count(*) from sqlite_master').get()
    return undefined
  } catch (error) {
    if (isBusy(error)) return { pid: readPid(dir) }
    throw error
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof SQLiteError && error.code?.startsWith('SQLITE_BUSY') === true
}

function readPid(dir: string): number | undefined {
  const path = join(dir, PID_FILE)
  const pid = existsSync(path) ? Number(readFileSync(path, 'utf8')) : Number.NaN
  return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined
}
