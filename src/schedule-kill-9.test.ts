import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { openServices } from '#cli/open-services.ts'
import { parseConfig } from '#config/parse-config.ts'
import { parseEmail, parsePassword } from '#core/accounts/account.ts'
import { findPersonalTeamId } from '#core/accounts/account-queries.ts'
import { createAccount } from '#core/accounts/create-account.ts'
import { LEASE_MS } from '#core/schedule/task-lease.ts'
import { clickStoreOver } from '#ports/click-store/open-click-store.ts'
import { aStoredClick, fill } from '#testing/stored-clicks.ts'
import { startServerProcess } from '#testing/server-process.ts'
import { type TestDatabases, testDatabases } from '#testing/test-database.ts'
import { until } from '#testing/until.ts'

const OWNERS = 200
/** A Monday, and the week before it. */
const MONDAY = new Date('2026-03-09T08:00:05Z')
const CLICKED_AT = Date.UTC(2026, 2, 4, 12)
const RUNNER = [
  process.execPath,
  '--no-install',
  '--no-env-file',
  join(import.meta.dir, 'testing/schedule-runner.ts'),
]

test('reports that a killed process had begun are finished by the next one, and nobody gets two', async () => {
  await using database = await testDatabases({ located: true })
  const env = environmentOf(database)
  await givenClickedOwners(database, env)
  const { db } = database.databases
  const marks = () => db.selectFrom('weekly_report').selectAll().execute()

  const killed = run(MONDAY, env)
  await killed.stdout.getReader().read()
  await until(async () => (await marks()).length > 0)
  killed.kill('SIGKILL')
  await killed.exited
  const marked = (await marks()).length
  const again = run(new Date(MONDAY.getTime() + LEASE_MS + 1_000), env)
  expect(await again.exited).toBe(0)

  expect(marked).toBeLessThan(OWNERS)
  expect(await marks()).toHaveLength(OWNERS)
  const mails = await db.selectFrom('delivery').select('id').where('kind', '=', 'mail').execute()
  expect(mails).toHaveLength(OWNERS)
  const runs = await db
    .selectFrom('task_run')
    .select(['outcome', 'counts'])
    .where('task', '=', 'weekly')
    .orderBy('id')
    .execute()
  expect(runs).toEqual([
    { outcome: 'lost', counts: '{}' },
    { outcome: 'done', counts: JSON.stringify({ sent: OWNERS - marked, quiet: 0 }) },
  ])
}, 30_000)

test('a server runs at its start what was missed, and stops clean', async () => {
  await using database = await testDatabases({ located: true })
  const { db } = database.databases
  await db
    .insertInto('scheduled_task')
    .values({
      name: 'renew',
      done_through_ms: 0,
      holder: null,
      lease_until_ms: 0,
      failures: 0,
      retry_at_ms: 0,
    })
    .execute()
  await using server = await startServerProcess({ dataDir: database.dir, env: environmentOf(database) })

  await until(async () => {
    const done = await db.selectFrom('task_run').select('task').where('outcome', '=', 'done').execute()
    return done.some(({ task }) => task === 'renew')
  })

  const { exitCode, stderr } = await server.end('SIGTERM')
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  expect(await db.selectFrom('task_run').select('task').execute()).toEqual([{ task: 'renew' }])
  const held = await db.selectFrom('scheduled_task').select('name').where('holder', 'is not', null).execute()
  expect(held).toEqual([])
}, 30_000)

function environmentOf({ dir, location }: TestDatabases): Record<string, string> {
  return { ONEHOP_DATA_DIR: dir, ...(location?.kind === 'postgres' && { DATABASE_URL: location.url }) }
}

function run(now: Date, env: Readonly<Record<string, string>>) {
  const { PATH = '', HOME = '' } = process.env
  return Bun.spawn([...RUNNER, now.toISOString()], {
    env: { PATH, HOME, ...env },
    stdout: 'pipe',
    stderr: 'inherit',
  })
}

/** Owners whose links were clicked in the week before, and a schedule that knows of a week it has not reported. */
async function givenClickedOwners(database: TestDatabases, env: Record<string, string>): Promise<void> {
  await using open = await openServices(parseConfig(env).config)
  const services = {
    ...open.services,
    passwords: { hash: () => Promise.resolve('-'), verify: () => Promise.resolve(false) },
  }
  const clicks = clickStoreOver(database.location, database.databases.clickDb)
  const clicked = await fill(clicks)
  for (let n = 0; n < OWNERS; n++) {
    const account = { email: parseEmail(`owner${n}@example.com`), password: parsePassword('correct horse') }
    const { id } = await createAccount(services, account, {})
    const teamId = (await findPersonalTeamId(services.db, id)) ?? 0
    await clicked.append([aStoredClick({ teamId, linkId: n + 1, atMs: CLICKED_AT })])
  }
  await clicks[Symbol.asyncDispose]()
  await services.db
    .insertInto('scheduled_task')
    .values({
      name: 'weekly',
      done_through_ms: CLICKED_AT,
      holder: null,
      lease_until_ms: 0,
      failures: 0,
      retry_at_ms: 0,
    })
    .execute()
}
