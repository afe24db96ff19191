import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { type Migration, sql } from 'kysely'
import { TEST_DB, testDatabases } from '#testing/test-database.ts'
import type { Db } from './database.ts'
import { migrate, type MigrationSet, NewerDatabaseError, pendingMigrations } from './migrate.ts'
import { CLICK_MIGRATIONS, MAIN_MIGRATIONS } from './migration-sets.ts'
import { SQLITE_FILE } from './open-database.ts'
import { addIdColumn, databaseKind } from './portable.ts'
import { openSqliteFile } from './sqlite.ts'

const LINK_CHANGE = { slug: 'docs', at_ms: 1_700_000_000_000 }

test('an empty database gets every migration once, in order', async () => {
  await using fresh = await testDatabases({ migrated: false })
  const { db, clickDb } = fresh.databases

  const main = await migrate(db, MAIN_MIGRATIONS)
  const clicks = await migrate(clickDb, CLICK_MIGRATIONS)

  expect(main).toEqual(Object.keys(MAIN_MIGRATIONS.migrations))
  expect(clicks).toEqual(Object.keys(CLICK_MIGRATIONS.migrations))
  expect(await migrate(db, MAIN_MIGRATIONS)).toEqual([])
  expect(await migrate(clickDb, CLICK_MIGRATIONS)).toEqual([])
  expect(await db.selectFrom('link').selectAll().execute()).toEqual([])
  expect(await clickDb.selectFrom('click_total').selectAll().execute()).toEqual([])
})

test('the migrations a database lacks are known before they are run', async () => {
  await using fresh = await testDatabases({ migrated: false })
  const { db } = fresh.databases
  const before = await pendingMigrations(db, MAIN_MIGRATIONS)

  await migrate(db, MAIN_MIGRATIONS)

  expect(before).toEqual(Object.keys(MAIN_MIGRATIONS.migrations))
  expect(await pendingMigrations(db, MAIN_MIGRATIONS)).toEqual([])
})

test('a database of a newer release is refused and left as it is', async () => {
  await using fresh = await testDatabases({ migrated: false })
  const { db } = fresh.databases
  const newer = setOf({ '0001-first': creating('first'), '0002-second': creating('second') })
  await migrate(db, newer)

  const refusal = await failureOf(migrate(db, setOf({ '0001-first': creating('first') })))

  expect(refusal).toBeInstanceOf(NewerDatabaseError)
  expect(refusal.message).toBe(
    'The database was written by a newer release (it has had 0002-second). Start that release, or restore a backup made before the upgrade.',
  )
  expect(await tableNames(db)).toEqual(['first', 'second'])
})

test('a failing migration leaves nothing behind and can be run again', async () => {
  await using fresh = await testDatabases({ migrated: false })
  const { db } = fresh.databases
  const failing: Migration = {
    async up(tx) {
      await creating('half').up(tx)
      await sql`insert into nowhere values (1)`.execute(tx)
    },
  }

  const failure = await failureOf(
    migrate(db, setOf({ '0001-first': creating('first'), '0002-half': failing })),
  )

  expect(failure.message).toBe('migration failed: 0002-half')
  expect(await tableNames(db)).toEqual([])
  const repaired = setOf({ '0001-first': creating('first'), '0002-half': creating('half') })
  expect(await migrate(db, repaired)).toEqual(['0001-first', '0002-half'])
  expect(await tableNames(db)).toEqual(['first', 'half'])
})

test('links that were there before links had kinds keep their targets and QR codes', async () => {
  await using fresh = await testDatabases({ migrated: false })
  const { db } = fresh.databases
  const { '0001-foundation': foundation, '0002-qr-codes': qrCodes } = MAIN_MIGRATIONS.migrations
  if (foundation === undefined || qrCodes === undefined) throw new Error('no such migrations')
  await migrate(db, {
    table: 'migration',
    migrations: { '0001-foundation': foundation, '0002-qr-codes': qrCodes },
  })
  await sql`insert into user_account values (1, 'a@example.com', 'A', '', 0, 'active', 0)`.execute(db)
  await sql`insert into team values (1, 'A', 1, 0)`.execute(db)
  for (const slug of ['a', 'b'])
    await sql`insert into link (public_id, team_id, user_id, slug, target, tags, page_info, status, source, created_at_ms, updated_at_ms)
      values (${slug}, 1, 1, ${slug}, ${`https://example.com/${slug}`}, '[]', 'none', 'active', 'api', 0, 0)`.execute(
      db,
    )
  await sql`insert into qr_code values (1, 1, '#000000', '#ffffff', 300, 'png', 'M', 0, 0)`.execute(db)

  await migrate(db, MAIN_MIGRATIONS)

  const links = await db
    .selectFrom('link')
    .select(['id', 'slug', 'kind', 'target', 'payload'])
    .orderBy('id')
    .execute()
  expect(links).toEqual([
    { id: 1, slug: 'a', kind: 'url', target: 'https://example.com/a', payload: null },
    { id: 2, slug: 'b', kind: 'url', target: 'https://example.com/b', payload: null },
  ])
  await db
    .updateTable('link')
    .set({ kind: 'text', target: null, payload: '{}' })
    .where('id', '=', 2)
    .execute()
  expect(await db.selectFrom('qr_code').select('link_id').execute()).toEqual([{ link_id: 1 }])
  const taken = db.updateTable('link').set({ slug: 'a' }).where('id', '=', 2).execute()
  expect((await failureOf(taken)).message).toMatch(/unique/i)
})

test('a transaction that fails leaves nothing behind', async () => {
  await using fresh = await testDatabases()
  const { db } = fresh.databases

  const failure = await failureOf(
    db.transaction().execute(async (tx) => {
      await tx.insertInto('link_change').values(LINK_CHANGE).execute()
      throw new Error('changed my mind')
    }),
  )

  expect(failure.message).toBe('changed my mind')
  expect(await db.selectFrom('link_change').selectAll().execute()).toEqual([])
})

test('transactions that are begun together do not mix', async () => {
  await using fresh = await testDatabases()
  const { db } = fresh.databases
  const append = (slug: string, fails: boolean) =>
    db.transaction().execute(async (tx) => {
      await tx.insertInto('link_change').values({ slug, at_ms: 1 }).execute()
      await Bun.sleep(5)
      if (fails) throw new Error('no')
      await tx.insertInto('link_change').values({ slug, at_ms: 2 }).execute()
    })

  const outcomes = await Promise.allSettled([append('a', false), append('b', true), append('c', false)])

  expect(outcomes.map((outcome) => outcome.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  const rows = await db
    .selectFrom('link_change')
    .select(['slug', 'at_ms'])
    .orderBy('slug')
    .orderBy('at_ms')
    .execute()
  expect(rows.map((row) => `${row.slug}${row.at_ms}`)).toEqual(['a1', 'a2', 'c1', 'c2'])
})

test('ids, instants and counts are numbers', async () => {
  await using fresh = await testDatabases()
  const { db } = fresh.databases

  const row = await db.insertInto('link_change').values(LINK_CHANGE).returningAll().executeTakeFirstOrThrow()

  expect(row).toEqual({ id: 1, ...LINK_CHANGE })
  const { total } = await db
    .selectFrom('link_change')
    .select((select) => select.fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow()
  expect(total).toBe(1)
})

test('the id of a deleted row is never given again', async () => {
  await using fresh = await testDatabases()
  const { db } = fresh.databases
  const insert = () =>
    db.insertInto('link_change').values(LINK_CHANGE).returning('id').executeTakeFirstOrThrow()
  const first = await insert()
  await db.deleteFrom('link_change').execute()

  const second = await insert()

  expect(second.id).toBeGreaterThan(first.id)
})

test('a foreign key is enforced', async () => {
  await using fresh = await testDatabases()
  const { db } = fresh.databases

  const orphan = { team_id: 404, plan: 'Free', started_at_ms: 0 }
  const refusal = await failureOf(db.insertInto('subscription').values(orphan).execute())

  expect(refusal.message).toMatch(/foreign key/i)
})

test('a prepared read answers the row, and nothing for an unknown key', async () => {
  await using fresh = await testDatabases()
  await fresh.databases.db.insertInto('instance').values({ key: 'name', value: 'Onehop' }).execute()
  const read = fresh.databases.prepareRead<{ value: string }>(
    INSTANCE_VALUE[databaseKind(fresh.databases.db)],
    'value',
  )

  const [known, unknown] = [await read('name'), await read('other')]

  expect(known).toEqual({ value: 'Onehop' })
  expect(unknown).toBeUndefined()
})

// PGlite has one connection: there a read waits for the end of the transaction instead.
if (TEST_DB !== 'pglite') {
  test('a prepared read does not see a transaction half done', async () => {
    await using fresh = await testDatabases()
    const { db } = fresh.databases
    await db.insertInto('instance').values({ key: 'name', value: 'before' }).execute()
    const read = fresh.databases.prepareRead<{ value: string }>(INSTANCE_VALUE[databaseKind(db)], 'value')

    const during = await db.transaction().execute(async (tx) => {
      await tx.updateTable('instance').set({ value: 'after' }).execute()
      return read('name')
    })

    expect(during).toEqual({ value: 'before' })
    expect(await read('name')).toEqual({ value: 'after' })
  })
}

if (TEST_DB === 'sqlite') {
  test('a transaction takes the write lock when it begins', async () => {
    await using fresh = await testDatabases()
    using other = openSqliteFile(join(fresh.dir, SQLITE_FILE))
    other.exec('pragma busy_timeout = 0')
    const { db } = fresh.databases

    await db.transaction().execute(async (tx) => {
      expect(() => other.exec("insert into instance values ('from', 'other')")).toThrow('database is locked')
      await tx.insertInto('instance').values({ key: 'from', value: 'transaction' }).execute()
    })

    expect(() => other.exec("insert into instance values ('later', 'other')")).not.toThrow()
    expect(await db.selectFrom('instance').select('value').orderBy('key').execute()).toEqual([
      { value: 'transaction' },
      { value: 'other' },
    ])
  })
}

test('a test begins without the rows of the last one, and with ids from 1', async () => {
  for (const _ of ['first', 'second']) {
    await using fresh = await testDatabases()
    const { db } = fresh.databases

    const row = await db
      .insertInto('link_change')
      .values(LINK_CHANGE)
      .returning('id')
      .executeTakeFirstOrThrow()

    expect(row.id).toBe(1)
  }
})

test('two tests at a time do not see one another', async () => {
  await using first = await testDatabases()
  await using second = await testDatabases()

  await first.databases.db.insertInto('link_change').values(LINK_CHANGE).execute()

  expect(await second.databases.db.selectFrom('link_change').selectAll().execute()).toEqual([])
})

const INSTANCE_VALUE = {
  sqlite: 'select value from instance where key = ?',
  postgres: 'select value from instance where key = $1',
} as const

function setOf(migrations: Record<string, Migration>): MigrationSet {
  return { table: 'migration', migrations }
}

function creating(table: string): Migration {
  return {
    async up(db) {
      await addIdColumn(db, db.schema.createTable(table)).execute()
    },
  }
}

async function failureOf(work: Promise<unknown>): Promise<Error> {
  const outcome = await work.then(
    () => new Error('it did not fail'),
    (error: unknown) => error,
  )
  return outcome as Error
}

async function tableNames(db: Db): Promise<string[]> {
  const tables = await db.introspection.getTables()
  return tables
    .map((table) => table.name)
    .filter((name) => !name.startsWith('migration') && name !== 'sqlite_sequence')
}
