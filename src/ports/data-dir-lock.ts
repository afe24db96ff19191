import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isLocked, takeLock } from './file-lock.ts'

/** The right to be the only server on a data directory, until it is released or the process ends in any way. */
export interface DataDirLock {
  release(): void
}

/** Somebody else is the server of the data directory. */
export class DataDirInUseError extends Error {
  override readonly name = 'DataDirInUseError'
}

const LOCK_FILE = 'server.lock'
/** Says who holds the lock; whether anybody does only the lock itself says. */
const PID_FILE = 'server.pid'

/**
 * Become the only server on an existing data directory.
 *
 * @throws DataDirInUseError when a server is running on it, in this process or another
 */
export function lockDataDir(dir: string): DataDirLock {
  const lock = takeLock(join(dir, LOCK_FILE))
  if (lock === undefined) {
    const pid = readPid(dir)
    throw new DataDirInUseError(
      `A server${pid === undefined ? '' : ` (process ${pid})`} is already running on the data directory ${dir}. Stop it first, or give this one a directory of its own with ONEHOP_DATA_DIR.`,
    )
  }
  const pidFile = join(dir, PID_FILE)
  writeFileSync(pidFile, `${process.pid}\n`)
  return {
    release() {
      rmSync(pidFile, { force: true })
      lock[Symbol.dispose]()
    },
  }
}

/** The server that is running on a data directory, its process id where it is known; undefined when there is none. */
export function dataDirHolder(dir: string): { readonly pid: number | undefined } | undefined {
  const path = join(dir, LOCK_FILE)
  return existsSync(path) && isLocked(path) ? { pid: readPid(dir) } : undefined
}

function readPid(dir: string): number | undefined {
  const path = join(dir, PID_FILE)
  const pid = existsSync(path) ? Number(readFileSync(path, 'utf8')) : Number.NaN
  return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined
}
