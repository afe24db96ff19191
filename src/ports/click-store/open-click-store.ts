import { join } from 'node:path'
import type { ClickDb } from '#db/database.ts'
import { CLICK_SQLITE_FILE, type DatabaseLocation, openClickDatabase } from '#db/open-database.ts'
import type { ClickStore } from './click-store.ts'
import { postgresClickStore } from './postgres/postgres-click-store.ts'
import { openSqliteClickStore } from './sqlite/sqlite-click-store.ts'

/** Open the clicks of a location whose tables exist, over connections of its own, which disposing closes. */
export function openClickStore(location: DatabaseLocation): ClickStore {
  if (location.kind === 'sqlite') return openSqliteClickStore(join(location.dir, CLICK_SQLITE_FILE))
  const db = openClickDatabase(location)
  return { ...postgresClickStore(db), [Symbol.asyncDispose]: () => db.destroy() }
}

/** As {@link openClickStore}, over a PostgreSQL database that is open already. */
export function clickStoreOver(location: DatabaseLocation | undefined, clickDb: ClickDb): ClickStore {
  return location?.kind === 'sqlite' ? openClickStore(location) : postgresClickStore(clickDb)
}
