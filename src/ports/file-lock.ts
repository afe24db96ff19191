import { Database, SQLiteError } from 'bun:sqlite'

/** The right to be the only one, until it is disposed of or the process ends in any way. */
export interface FileLock extends Disposable {}

/** Longer than a look by {@link isLocked} takes. */
const BUSY_TIMEOUT_MS = 250

/** Locks of this process: a database that nobody refers to is collected, and its lock with it. */
const held = new Set<Database>()

/**
 * Take the lock that a file stands for, in a directory that exists. The lock is the operating system's, on a file of
 * SQLite's: it is gone with the process, even a killed one, so that nothing stale is ever left to clear away.
 *
 * Nothing but SQLite may open the file: a process loses its lock when it closes any other handle of the file, as is the
 * way of POSIX locks. Backups leave it out.
 *
 * @returns undefined when somebody else holds it, in this process or another
 */
export function takeLock(path: string): FileLock | undefined {
  const database = new Database(path, { create: true })
  try {
    database.exec(
      `pragma busy_timeout = ${BUSY_TIMEOUT_MS}; pragma locking_mode = exclusive; begin exclusive`,
    )
  } catch (error) {
    database.close()
    if (isBusy(error)) return undefined
    throw error
  }
  held.add(database)
  return {
    [Symbol.dispose]() {
      held.delete(database)
      database.close()
    },
  }
}

/** Whether somebody holds the lock that an existing file stands for. */
export function isLocked(path: string): boolean {
  using database = new Database(path, { readwrite: true })
  try {
    database.query('select count(*) from sqlite_master').get()
    return false
  } catch (error) {
    if (isBusy(error)) return true
    throw error
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof SQLiteError && error.code?.startsWith('SQLITE_BUSY') === true
}
