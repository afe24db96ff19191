import type { Database } from 'bun:sqlite'
import { expect, test } from 'bun:test'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { migrate } from '#db/migrate.ts'
import { CLICK_MIGRATIONS } from '#db/migration-sets.ts'
import { CLICK_SQLITE_FILE, openDatabases } from '#db/open-database.ts'
import { openSqliteFile } from '#db/sqlite.ts'
import type { ClickStore } from '#ports/click-store/click-store.ts'
import { loadedClick, LOADER_SIZES } from '#testing/click-loader.ts'
import { aClickQuery, aStoredClick, fill, ModelClicks, settle } from '#testing/stored-clicks.ts'
import { STORE_SIZES, type StoreSizes } from './store-sizes.ts'
import { openSqliteClickStore } from './sqlite-click-store.ts'

const LOADER = join(import.meta.dir, '../../../testing/click-loader.ts')
const TINY: StoreSizes = { tail: 8, pack: 6, bigLink: 5, chunk: 4 }
const KILLS = 12
const DAY_MS = 86_400_000

interface Fixture extends AsyncDisposable {
  readonly path: string
  /** Another connection to the file. */
  readonly db: Database
  open(sizes?: StoreSizes): ClickStore
  count(table: string): number
}

async function aFile(): Promise<Fixture> {
  const dir = await mkdtemp(join(tmpdir(), 'onehop-test-'))
  const databases = openDatabases({ kind: 'sqlite', dir })
  await migrate(databases.clickDb, CLICK_MIGRATIONS)
  await databases[Symbol.asyncDispose]()
  const path = join(dir, CLICK_SQLITE_FILE)
  const db = openSqliteFile(path)
  const opened: ClickStore[] = []
  return {
    path,
    db,
    open(sizes = TINY) {
      const store = openSqliteClickStore(path, sizes)
      opened.push(store)
      return store
    },
    count: (table) =>
      db.query<{ rows: number }, []>(`select count(*) as rows from ${table}`).get()?.rows ?? -1,
    async [Symbol.asyncDispose]() {
      for (const store of opened) await store[Symbol.asyncDispose]()
      db.close()
      await rm(dir, { recursive: true, force: true })
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

test('upkeep that is interrupted after any slice is gone on with, and answers stay the same meanwhile', async () => {
  await using file = await aFile()
  const model = new ModelClicks()
  let store = file.open()
  const filler = await fill(store)
  for (let batch = 0; batch < 60; batch++) {
    const clicks = Array.from({ length: 10 }, (_, index) => loadedClick(batch * 10 + index))
    model.append(clicks)
    await filler.append(clicks)
    // Few slices, so that most of the merges are still to be done.
    await store.maintain(0)
  }
  const query = aClickQuery({ scope: { teamId: 2 }, bots: 'include' })
  const link = aClickQuery({ scope: { teamId: 2, linkId: 1 }, bots: 'include' })
  const expected = { total: model.total(query), cities: model.breakdown(link, 'city', 20) }

  let [slices, untilReopened, reopened] = [0, 0, 0]
  for (let isMore = true; isMore; slices++) {
    isMore = await store.maintain(0)
    if (untilReopened-- === 0) {
      // Longer each time: making a tail into runs begins anew, and has to come to its end once.
      untilReopened = 2 * ++reopened
      await store[Symbol.asyncDispose]()
      store = file.open()
    }
    if (slices % 5 === 0)
      expect({ total: await store.total(query), cities: await store.breakdown(link, 'city', 20) }).toEqual(
        expected,
      )
  }

  expect(slices).toBeGreaterThan(100)
  expect({ total: await store.total(query), cities: await store.breakdown(link, 'city', 20) }).toEqual(
    expected,
  )
  expect(file.db.query('select distinct state from click_run').values()).toEqual([['live']])
})

test('two maintainers at once disturb neither each other nor the answers', async () => {
  await using file = await aFile()
  const model = new ModelClicks()
  const [one, other] = [file.open(), file.open()]
  const filler = await fill(one)
  const query = aClickQuery({ scope: { teamId: 2 } })

  for (let batch = 0; batch < 80; batch++) {
    const clicks = Array.from({ length: 10 }, (_, index) => loadedClick(batch * 10 + index))
    model.append(clicks)
    await filler.append(clicks)
    await (batch % 3 === 0 ? other : one).maintain(batch % 2)
    expect(await one.total(query)).toBe(model.total(query))
  }
  await settle(other)

  expect(await other.breakdown(query, 'country', 9)).toEqual(model.breakdown(query, 'country', 9))
})

test(
  'a writer that is killed anywhere leaves every click exactly once',
  async () => {
    await using file = await aFile()

    let stored = 0
    for (let kill = 0; kill < KILLS; kill++) {
      const child = Bun.spawn([process.execPath, '--no-install', '--no-env-file', LOADER, file.path], {
        stdout: 'pipe',
        stderr: 'inherit',
      })
      await child.stdout.getReader().read()
      await Bun.sleep(20 + Math.random() * 130)
      child.kill('SIGKILL')
      await child.exited

      const store = file.open(LOADER_SIZES)
      const { position } = await store.findOrCreateSpool('loader')
      const clicks = Array.from({ length: position.offset }, (_, id) => loadedClick(id))
      expect(position.offset).toBeGreaterThanOrEqual(stored)
      stored = position.offset
      await expectAnswers(store, clicks)
      if (kill % 4 === 3) {
        await settle(store)
        await expectAnswers(store, clicks)
      }
    }

    expect(stored).toBeGreaterThan(2_000)
    expect(file.db.query('pragma integrity_check').values()).toEqual([['ok']])
  },
  { timeout: 60_000 },
)

async function expectAnswers(store: ClickStore, clicks: readonly ReturnType<typeof loadedClick>[]) {
  const ofLink = clicks.filter((click) => click.linkId === 1)
  const ofTeam = clicks.filter((click) => click.teamId === 1)
  const countries = Map.groupBy(ofLink, (click) => click.values.country)
  const bots = 'include' as const
  const link = aClickQuery({ scope: { teamId: 2, linkId: 1 }, bots })
  expect(await store.total(link)).toBe(ofLink.length)
  expect(await store.total(aClickQuery({ scope: { teamId: 1 }, bots }))).toBe(ofTeam.length)
  expect(await store.total(aClickQuery({ scope: { teamId: 1 } }))).toBe(
    ofTeam.filter((click) => !click.isBot).length,
  )
  expect(new Map((await store.breakdown(link, 'country', 99)).map((row) => [row.value, row.clicks]))).toEqual(
    new Map([...countries].map(([value, each]) => [value, each.length])),
  )
  expect((await store.totals([1])).get(1)?.clicks ?? 0).toBe(ofLink.length)
}

test('a slice of upkeep ends soon after its budget', async () => {
  await using file = await aFile()
  const store = file.open(STORE_SIZES)
  const filler = await fill(store)
  for (let batch = 0; batch < 70; batch++)
    await filler.append(Array.from({ length: 1_000 }, (_, index) => loadedClick(batch * 1_000 + index)))

  const slices: number[] = []
  for (let isMore = true; isMore;) {
    const startedMs = performance.now()
    isMore = await store.maintain(5)
    slices.push(performance.now() - startedMs)
  }

  slices.sort((a, b) => a - b)
  expect(slices.length).toBeGreaterThan(20)
  expect(slices[Math.floor(slices.length / 2)]).toBeLessThan(50)
  expect(slices.at(-1)).toBeLessThan(1_000)
})

test('visitors are estimated within 3 % when they are many, whatever has been merged', async () => {
  await using file = await aFile()
  const store = file.open({ ...STORE_SIZES, tail: 4_096 })
  const filler = await fill(store)
  const visitors = 60_000
  for (let first = 0; first < visitors; first += 2_000)
    await filler.append(
      Array.from({ length: 2_000 }, (_, index) =>
        aStoredClick({
          atMs: Date.UTC(2026, 0) + (first + index) * MINUTE_MS,
          visitor: Bun.hash
            .xxHash3(`visitor ${first + index}`)
            .toString(16)
            .padStart(16, '0'),
          isScan: index % 2 === 0,
        }),
      ),
    )
  const error = async (query: ReturnType<typeof aClickQuery>, count: number) =>
    Math.abs((await store.uniques(query)) / count - 1)

  expect(await error(aClickQuery(), visitors)).toBeLessThan(0.03)
  await settle(store)
  expect(await error(aClickQuery(), visitors)).toBeLessThan(0.03)
  expect(await error(aClickQuery({ kind: 'scans' }), visitors / 2)).toBeLessThan(0.03)
  const oneDay = { fromMs: Date.UTC(2026, 0, 9), toMs: Date.UTC(2026, 0, 10) }
  expect(await store.uniques(aClickQuery(oneDay))).toBe(1_440)
})

const MINUTE_MS = 60_000

test('a dimension may have more values than 16 bits count', async () => {
  await using file = await aFile()
  const store = file.open(STORE_SIZES)
  const filler = await fill(store)
  const values = 70_000
  for (let first = 0; first < values; first += 5_000)
    await filler.append(
      Array.from({ length: 5_000 }, (_, index) =>
        aStoredClick({ linkId: (first + index) % 3, values: { referrer: `site-${first + index}.example` } }),
      ),
    )
  await settle(store)
  const last = [{ dimension: 'referrer' as const, values: ['site-69999.example', 'site-3.example'] }]
  const scope = { teamId: 1, linkId: 0 }

  expect(await store.total(aClickQuery({ scope: { teamId: 1 }, filters: last }))).toBe(2)
  expect(await store.breakdown(aClickQuery({ scope, filters: last }), 'referrer', 5)).toEqual([
    { value: 'site-3.example', clicks: 1 },
    { value: 'site-69999.example', clicks: 1 },
  ])
  expect((await store.breakdown(aClickQuery({ scope }), 'referrer', 3)).map(({ value }) => value)).toEqual([
    'site-0.example',
    'site-10002.example',
    'site-10005.example',
  ])
})

test('values of a batch that could not be stored are not remembered under numbers they do not have', async () => {
  await using file = await aFile()
  const store = file.open()
  const filler = await fill(store)
  const clicks = [aStoredClick({ values: { city: 'Bonn' } })]
  file.db.exec('alter table click_usage rename to hidden')

  const answer = await refusal(filler.append(clicks))
  file.db.exec('alter table hidden rename to click_usage')
  const again = await fill(store)
  await again.append([aStoredClick({ values: { city: 'Köln' } }), ...clicks])

  expect(answer).toContain('click_usage')
  expect(await store.breakdown(aClickQuery(), 'city', 9)).toEqual([
    { value: 'Bonn', clicks: 1 },
    { value: 'Köln', clicks: 1 },
  ])
})

test('nothing of a deleted link stays on disk', async () => {
  await using file = await aFile()
  const store = file.open()
  const filler = await fill(store)
  const visitors = ['00000000deadbeef', '00000000feedface']
  for (let batch = 0; batch < 20; batch++)
    await filler.append(
      [1, 1, 1, 2, 3].map((linkId) =>
        aStoredClick({ linkId, visitor: visitors[linkId === 3 ? 1 : 0] ?? '' }),
      ),
    )
  await settle(store)

  await store.deleteLink(1)
  await store.deleteLink(2)
  await settle(store)
  file.db.exec('pragma secure_delete = on; vacuum; pragma wal_checkpoint(truncate)')

  const bytes = Buffer.from(await Bun.file(file.path).arrayBuffer())
  const wordOf = (visitor = '') => Buffer.from(visitor.slice(8), 'hex')
  expect(bytes.includes(wordOf(visitors[0])) || bytes.includes(wordOf(visitors[0]).reverse())).toBe(false)
  expect(await store.total(aClickQuery({ scope: { teamId: 1 } }))).toBe(20)
  await store.deleteLink(3)
  await settle(store)
  expect(['click_run', 'click_block', 'click_blob', 'click_total'].map((table) => file.count(table))).toEqual(
    [0, 0, 0, 0],
  )
})

test('runs that lie before every cut-off leave the disk, and a team that keeps its clicks keeps them', async () => {
  await using file = await aFile()
  const store = file.open()
  const filler = await fill(store)
  for (let month = 0; month < 6; month++)
    for (let batch = 0; batch < 4; batch++)
      await filler.append(
        Array.from({ length: 8 }, (_, index) =>
          aStoredClick({
            linkId: index % 3,
            teamId: index % 3 === 0 ? 1 : 2,
            atMs: Date.UTC(2026, month, 1 + index + batch * 6),
          }),
        ),
      )
  await settle(store)
  const blobsBefore = file.count('click_blob')

  await store.retain(new Map([[2, Date.UTC(2026, 5)]]))
  await settle(store)

  expect(file.count('click_blob')).toBeLessThan(blobsBefore)
  expect(await store.total(aClickQuery({ scope: { teamId: 1 } }))).toBe(6 * 4 * 3)
  await store.retain(new Map([1, 2].map((teamId) => [teamId, Date.UTC(2026, 5)])))
  await settle(store)
  const left = file.db.query<{ first: number }, []>('select min(from_ms) as first from click_run').get()
  expect(left?.first).toBeGreaterThanOrEqual(Date.UTC(2026, 5) - DAY_MS)
})

test('a block that is damaged, missing or of a newer format is an error that says so', async () => {
  await using file = await aFile()
  const store = file.open()
  const filler = await fill(store)
  await filler.append(Array.from({ length: 40 }, (_, index) => aStoredClick({ linkId: (index % 2) + 1 })))
  await filler.append(Array.from({ length: 3 }, () => aStoredClick({ linkId: 9 })))
  await settle(store)
  await filler.append(Array.from({ length: 8 }, () => aStoredClick({ linkId: 8 })))
  await settle(store)
  const blobs = file.db.query<{ id: number; bytes: Uint8Array }, []>('select id, bytes from click_blob').all()
  const write = (id: number, bytes: Uint8Array) =>
    file.db.query('update click_blob set bytes = ? where id = ?').run(bytes, id)
  const ask = async () => {
    const answers = []
    for (const dimension of ['country', 'city'] as const)
      for (const scope of [{ teamId: 1, linkId: 1 }, { teamId: 1 }])
        answers.push(
          await refusal(store.breakdown(aClickQuery({ scope, fromMs: 1 }), dimension, 9)),
          await refusal(store.uniques(aClickQuery({ scope }))),
          await refusal(
            store.series(aClickQuery({ scope }), [0, Date.UTC(2026, 10, 21, 12, 0, 0, 1), Date.UTC(2099, 0)]),
          ),
        )
    return new Set(answers)
  }
  expect(await ask()).toEqual(new Set(['no refusal']))

  const told = new Set<string>()
  for (const { id, bytes } of blobs) {
    for (const at of [8, bytes.length >> 1, bytes.length - 1]) {
      write(
        id,
        bytes.map((byte, index) => (index === at ? byte ^ 0x10 : byte)),
      )
      for (const answer of await ask()) told.add(answer)
    }
    for (const broken of [bytes.subarray(0, 5), bytes.subarray(0, bytes.length - 1)]) {
      write(id, broken)
      for (const answer of await ask()) told.add(answer)
    }
    write(
      id,
      bytes.map((byte, index) => (index === 1 ? 9 : byte)),
    )
    for (const answer of await ask()) told.add(answer)
    file.db.query('delete from click_blob where id = ?').run(id)
    for (const answer of await ask()) told.add(answer)
    file.db.query('insert into click_blob (id, bytes) values (?, ?)').run(id, bytes)
  }

  told.delete('no refusal')
  for (const message of told)
    expect(message).toMatch(
      /^A block of clicks \((?:pack|head|column|cells|sketches)\) (?:is (?:missing|not as it was written)\. Restore clicks\.sqlite from a backup|has format 9, this release reads format 1\. Start the release)/,
    )
  expect(told.size).toBeGreaterThan(8)
  expect(await ask()).toEqual(new Set(['no refusal']))
})

test('merging a damaged run changes nothing, and tails are still made into runs', async () => {
  await using file = await aFile()
  const store = file.open()
  const filler = await fill(store)
  for (let batch = 0; batch < 7; batch++)
    await filler.append(Array.from({ length: 8 }, () => aStoredClick())).then(() => settle(store))
  file.db.exec(`update click_blob set bytes = zeroblob(40) where id = (select min(id) from click_blob)`)
  await filler.append(Array.from({ length: 8 }, () => aStoredClick({ linkId: 2 })))

  const answers: string[] = []
  for (let time = 0; time < 40; time++) answers.push(await refusal(store.maintain(0)))
  await filler.append(Array.from({ length: 8 }, () => aStoredClick({ linkId: 2 })))
  for (let time = 0; time < 40; time++) answers.push(await refusal(store.maintain(0)))

  expect(answers.find((answer) => answer !== 'no refusal')).toContain('is not as it was written')
  expect(await store.total(aClickQuery({ scope: { teamId: 1, linkId: 2 } }))).toBe(16)
  expect(file.count('click_tail_0') + file.count('click_tail_1')).toBe(0)
})
