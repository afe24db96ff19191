import { Database } from 'bun:sqlite'
import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { CLICK_SQLITE_FILE } from '#db/open-database.ts'
import { openClickStore } from '#ports/click-store/open-click-store.ts'
import { diesAtFirst } from '#testing/dies-at-first.ts'
import { aClickQuery, aStoredClick, fill, settle } from '#testing/stored-clicks.ts'
import { testDatabases } from '#testing/test-database.ts'
import { type ClickReports, startClickReports } from './click-reports.ts'

const WORKER = pathToFileURL(join(import.meta.dir, 'click-report-worker.ts')).href

interface Fixture extends AsyncDisposable {
  readonly dir: string
  readonly reports: ClickReports
  readonly store: ReturnType<typeof openClickStore>
}

/** Reports over a store with three clicks on link 1, of which one is a scan, and one on link 2. */
async function someReports(program?: (dir: string) => URL): Promise<Fixture> {
  const databases = await testDatabases({ located: true })
  const { location, dir } = databases
  if (location === undefined) throw new Error('these tests need a database that a thread can open')
  const store = openClickStore(location)
  const clicks = [{}, { values: { country: 'DE' } }, { isScan: true }, { linkId: 2 }]
  await (await fill(store)).append(clicks.map((click) => aStoredClick(click)))
  const reports = startClickReports({ location, ...(program && { program: program(dir) }) })
  return {
    dir,
    reports,
    store,
    async [Symbol.asyncDispose]() {
      await reports[Symbol.asyncDispose]()
      await store[Symbol.asyncDispose]()
      await databases[Symbol.asyncDispose]()
    },
  }
}

/** What a promise was rejected with. */
async function refusal(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'no refusal',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  )
}

test('every question is answered as the store answers it', async () => {
  await using fixture = await someReports()
  const { reports } = fixture
  const noon = Date.UTC(2026, 10, 21, 12)

  expect(await reports.total(aClickQuery())).toBe(3)
  expect(await reports.series(aClickQuery(), [0, noon, noon + 1])).toEqual([0, 3])
  expect(await reports.breakdown(aClickQuery(), 'country', 1)).toEqual([{ value: '', clicks: 2 }])
  expect(await reports.uniques(aClickQuery({ scope: { teamId: 1 } }))).toBe(1)
  expect(await reports.totals([1, 2, 3])).toEqual(
    new Map([
      [1, { clicks: 3, humanClicks: 3 }],
      [2, { clicks: 1, humanClicks: 1 }],
    ]),
  )
  expect(await reports.scanTotals([1, 2])).toEqual(new Map([[1, { clicks: 1, humanClicks: 1 }]]))
  expect(await reports.usage(1, '2026-11')).toBe(4)
})

test('deleting and retaining through the thread are seen by whoever writes', async () => {
  await using fixture = await someReports()
  const { reports, store } = fixture

  await reports.deleteLink(2)
  const afterDeleting = await reports.total(aClickQuery({ scope: { teamId: 1 } }))
  await reports.retain(new Map([[1, Date.UTC(2027, 0)]]))
  await settle(store)

  expect(afterDeleting).toBe(3)
  expect(await store.total(aClickQuery({ scope: { teamId: 1 } }))).toBe(0)
  expect((await reports.totals([1, 2])).size).toBe(1)
})

test('questions that are asked together are each answered', async () => {
  await using fixture = await someReports()
  const scopes = [1, 2, 3].map((linkId) => ({ teamId: 1, linkId }))

  const answers = await Promise.all(
    Array.from({ length: 30 }, (_, n) =>
      fixture.reports.total(aClickQuery({ scope: scopes[n % 3] ?? { teamId: 1 } })),
    ),
  )

  expect(answers).toEqual(Array.from({ length: 30 }, (_, n) => [3, 1, 0][n % 3] ?? 0))
})

test.skipIf(process.env['TEST_DB'] === 'postgres')(
  'a report that fails says why, and the next is answered',
  async () => {
    await using fixture = await someReports()
    const other = new Database(join(fixture.dir, CLICK_SQLITE_FILE))
    other.exec('alter table click_run rename to hidden')

    const answer = await refusal(fixture.reports.total(aClickQuery()))
    other.exec('alter table hidden rename to click_run')
    other.close()

    expect(answer).toContain('click_run')
    expect(await fixture.reports.total(aClickQuery())).toBe(3)
  },
)

test('a thread that dies fails what it was asked, and the next question starts another', async () => {
  await using fixture = await someReports((dir) => diesAtFirst(dir, WORKER))

  expect(await refusal(fixture.reports.total(aClickQuery()))).toContain('The thread of reports died')
  expect(await fixture.reports.total(aClickQuery())).toBe(3)
})
