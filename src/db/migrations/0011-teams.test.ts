import { expect, test } from 'bun:test'
import { sql } from 'kysely'
import { migrate } from '#db/migrate.ts'
import { MAIN_MIGRATIONS } from '#db/migration-sets.ts'
import { testDatabases } from '#testing/test-database.ts'

test('who was signed in signs in again, and accounts, teams and keys are as they were', async () => {
  await using fresh = await testDatabases({ migrated: false })
  const { db } = fresh.databases
  const before = Object.entries(MAIN_MIGRATIONS.migrations).filter(([name]) => name < '0011')
  await migrate(db, { ...MAIN_MIGRATIONS, migrations: Object.fromEntries(before) })
  await sql`insert into user_account (email, name, password_hash, is_operator, status, created_at_ms)
    values ('ada@example.com', 'Ada', 'hash', 0, 'active', 1)`.execute(db)
  await sql`insert into team (name, personal_user_id, created_at_ms) values ('Personal', 1, 1)`.execute(db)
  await sql`insert into membership (team_id, user_id, role, created_at_ms) values (1, 1, 'owner', 1)`.execute(
    db,
  )
  await sql`insert into session (token_hash, user_id, team_id, created_at_ms, expires_at_ms)
    values ('abc', 1, 1, 1, 2)`.execute(db)

  await migrate(db, MAIN_MIGRATIONS)

  expect(await db.selectFrom('session').selectAll().execute()).toEqual([])
  expect(await db.selectFrom('user_account').selectAll().execute()).toMatchObject([
    { email: 'ada@example.com', credentials_version: 0, last_seen_at_ms: null },
  ])
  expect(await db.selectFrom('team').selectAll().execute()).toMatchObject([{ id: 1, deleted_at_ms: null }])
  expect(await db.selectFrom('membership').selectAll().execute()).toHaveLength(1)
})
