import type { Database } from 'bun:sqlite'
import { openSqliteFile } from '#db/sqlite.ts'

/** Memory for pages of the file: a report reads a few megabytes. */
const CACHE_KIB = 16 * 1024

/** Open a file of clicks. */
export function openClickFile(path: string): Database {
  const db = openSqliteFile(path)
  db.exec(`pragma cache_size = -${CACHE_KIB}`)
  return db
}

/** Run an operation in one transaction that holds the write lock from its beginning. */
export function inTransaction<T>(db: Database, operation: () => T): T {
  return between(db, 'begin immediate', operation)
}

/** Run several reads over one state of the database. */
export function inSnapshot<T>(db: Database, operation: () => T): T {
  return between(db, 'begin', operation)
}

function between<T>(db: Database, begin: string, operation: () => T): T {
  db.query(begin).run()
  try {
    const result = operation()
    db.query('commit').run()
    return result
  } catch (error) {
    // A full disk has rolled the transaction back already.
    if (db.inTransaction) db.query('rollback').run()
    throw error
  }
}
