import { expect, test } from 'bun:test'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import { secureRandom } from '#core/random.ts'
import type { ClickDb } from '#db/database.ts'
import { type ClickFacts, type ClickStore, UNKNOWN_VALUES } from '#ports/click-store/click-store.ts'
import { clickStoreOver } from '#ports/click-store/open-click-store.ts'
import { aClick, buildSegment, someClicks, writeSegment } from '#testing/clicks.ts'
import { aClickQuery } from '#testing/stored-clicks.ts'
import { TEST_DB, testDatabases } from '#testing/test-database.ts'
import { type ClickConsumption, openClickConsumption } from './consume-clicks.ts'
import type { Click } from './spool-record.ts'
import { listSegments, nameSpool, readSpoolName } from './spool-segments.ts'

const NOON = Date.UTC(2026, 10, 21, 12)
const DAY_MS = 86_400_000

test('a click is written with its time, what its request tells of it, and without its address', async () => {
  await using fixture = await aSpool()
  const bot = aClick({ linkId: 5, teamId: 1, userAgent: 'curl/8.1', isScan: true, atMs: NOON + 0.7 })
  writeSegment(fixture.dir, 1, buildSegment([aClick({ linkId: 5 }), bot]))

  await fixture.consume({
    enrich: ({ userAgent, referrer }) => ({
      isBot: userAgent.startsWith('curl'),
      values: { ...UNKNOWN_VALUES, referrer },
    }),
  })

  const scope = { teamId: 1, linkId: 5 }
  const at = { fromMs: NOON, toMs: NOON + 1 }
  const { store } = fixture
  expect(await store.total(aClickQuery({ scope, ...at, bots: 'only', kind: 'scans' }))).toBe(1)
  expect(await store.total(aClickQuery({ scope, ...at, bots: 'exclude', kind: 'clicks' }))).toBe(1)
  expect(await store.breakdown(aClickQuery({ scope, bots: 'include' }), 'referrer', 9)).toEqual([
    { value: bot.referrer, clicks: 2 },
  ])
  expect(await store.totals([5])).toEqual(new Map([[5, { clicks: 2, humanClicks: 1 }]]))
  expect(await store.scanTotals([5])).toEqual(new Map([[5, { clicks: 1, humanClicks: 0 }]]))
  for (const file of readdirSync(fixture.dataDir).filter((name) => name.includes('sqlite')))
    expect(readFileSync(join(fixture.dataDir, file)).includes(bot.ip)).toBe(false)
})

test('totals per link and usage per team and month (UTC) say what was written', async () => {
  await using fixture = await aSpool()
  const lastOfMonth = Date.UTC(2026, 10, 30, 23, 59, 59, 999)
  const clicks = [
    ...someClicks(300, { linkId: 1, teamId: 1, atMs: lastOfMonth }),
    ...someClicks(20, { linkId: 2, teamId: 1, atMs: lastOfMonth + 1 }),
    ...someClicks(7, { linkId: 3, teamId: 2, atMs: lastOfMonth }),
  ]
  writeSegment(fixture.dir, 1, buildSegment(clicks))

  await fixture.consume({ batchSize: 50 })

  expect(await fixture.totals([1, 2, 3, 4])).toEqual({ 1: 300, 2: 20, 3: 7 })
  expect(await fixture.store.usage(1, '2026-11')).toBe(300)
  expect(await fixture.store.usage(1, '2026-12')).toBe(20)
  expect(await fixture.store.usage(2, '2026-11')).toBe(7)
  expect(await fixture.store.usage(3, '2026-11')).toBe(0)
})

test('a batch of thousands of clicks on as many links stays within the databases’ limits', async () => {
  await using fixture = await aSpool()
  writeSegment(fixture.dir, 1, buildSegment(someClicks(4_001)))

  expect(await fixture.consume({ batchSize: 5_000 })).toBe(4_001)

  const totals = await fixture.totals(Array.from({ length: 40_000 }, (_, index) => index))
  expect(Object.keys(totals)).toHaveLength(4_001)
  expect(await fixture.clicks()).toBe(4_001)
})

test('a consumer that starts again goes on where the last one stopped', async () => {
  await using fixture = await aSpool()
  writeSegment(fixture.dir, 1, buildSegment(someClicks(10)))
  {
    using consumption = await fixture.open({ batchSize: 4 })
    await consumption.consumeBatch()
  }

  expect(await fixture.consume()).toBe(6)

  expect(await fixture.clicks()).toBe(10)
})

test('a replay of batches that were written counts nothing twice', async () => {
  await using fixture = await aSpool()
  writeSegment(fixture.dir, 1, buildSegment(someClicks(10, { linkId: 1 })))
  await fixture.consume()
  await fixture.clickDb.updateTable('spool').set({ segment: 0, offset_bytes: 0 }).execute()
  writeSegment(fixture.dir, 1, buildSegment(someClicks(12, { linkId: 1 })))

  expect(await fixture.consume({ batchSize: 4 })).toBe(2)

  expect(await fixture.clicks()).toBe(12)
  expect(await fixture.totals([1])).toEqual({ 1: 12 })
  expect(await fixture.store.usage(1, '2026-11')).toBe(12)
})

test('two consumers of one spool write each click once; the slower one is told', async () => {
  await using fixture = await aSpool()
  writeSegment(fixture.dir, 1, buildSegment(someClicks(10)))
  using slower = await fixture.open()
  await fixture.consume()

  const answer = await slower.consumeBatch().catch(String)

  expect(answer).toContain('another consumer is at work')
  expect(await fixture.clicks()).toBe(10)
})

test.each([TEST_DB === 'sqlite' ? 'click_tail_0' : 'click', 'click_total', 'click_usage'])(
  'when writing %s fails, neither clicks nor totals nor the position change, and no segment is deleted',
  async (table) => {
    await using fixture = await aSpool()
    writeSegment(fixture.dir, 1, buildSegment(someClicks(3), { isEnded: true }))
    writeSegment(fixture.dir, 2, buildSegment(someClicks(3)))
    await sql`alter table ${sql.table(table)} rename to hidden`.execute(fixture.clickDb)

    expect(await fixture.consume().catch(() => 'failed')).toBe('failed')

    await sql`alter table hidden rename to ${sql.table(table)}`.execute(fixture.clickDb)
    expect(await fixture.clicks()).toBe(0)
    expect(await fixture.totals([1, 2, 3])).toEqual({})
    expect(await fixture.store.usage(1, '2026-11')).toBe(0)
    expect(await fixture.clickDb.selectFrom('spool').select(['segment', 'offset_bytes']).execute()).toEqual([
      { segment: 0, offset_bytes: 0 },
    ])
    expect(listSegments(fixture.dir)).toEqual([1, 2])
    expect(await fixture.consume()).toBe(6)
  },
)

test('segments that are wholly consumed are deleted, the newest never', async () => {
  await using fixture = await aSpool()
  writeSegment(fixture.dir, 1, buildSegment(someClicks(3), { isEnded: true }))
  writeSegment(fixture.dir, 2, buildSegment(someClicks(3)))
  writeSegment(fixture.dir, 3, buildSegment(someClicks(3), { isEnded: true }))
  using consumption = await fixture.open({ batchSize: 4 })

  const remaining = []
  for (let batch = 0; batch < 3; batch++) {
    await consumption.consumeBatch()
    remaining.push(listSegments(fixture.dir))
  }

  expect(remaining).toEqual([[2, 3], [3], [3]])
})

test('a segment that outlived its consumer is deleted by the next one', async () => {
  await using fixture = await aSpool()
  const first = buildSegment(someClicks(3), { isEnded: true })
  writeSegment(fixture.dir, 1, first)
  writeSegment(fixture.dir, 2, buildSegment(someClicks(3)))
  await fixture.consume()
  writeSegment(fixture.dir, 1, first)

  expect(await fixture.consume()).toBe(0)

  expect(listSegments(fixture.dir)).toEqual([2])
})

test('the spools of several servers go into one database without mixing', async () => {
  await using fixture = await aSpool()
  const other = fixture.anotherDir()
  writeSegment(fixture.dir, 1, buildSegment(someClicks(5, { linkId: 1 })))
  writeSegment(other, 1, buildSegment(someClicks(7, { linkId: 1 })))

  await fixture.consume()
  await fixture.consume({ dir: other })

  expect(await fixture.clicks()).toBe(12)
  expect(await fixture.totals([1])).toEqual({ 1: 12 })
  expect(await fixture.clickDb.selectFrom('spool').select('name').orderBy('id').execute()).toEqual([
    { name: readSpoolName(fixture.dir) ?? '' },
    { name: readSpoolName(other) ?? '' },
  ])
})

test('new clicks in a directory older than the database remembers are counted, under a new name', async () => {
  await using fixture = await aSpool()
  const name = readSpoolName(fixture.dir)
  writeSegment(fixture.dir, 3, buildSegment(someClicks(5, { linkId: 1 })))
  await fixture.clickDb
    .insertInto('spool')
    .values({ name: name ?? '', segment: 40, offset_bytes: 0, next_click_id: 0 })
    .execute()

  expect(await fixture.consume()).toBe(5)

  expect(readSpoolName(fixture.dir)).not.toBe(name)
  expect(listSegments(fixture.dir)).toEqual([3])
})

test('damage is told and the rest is consumed', async () => {
  await using fixture = await aSpool()
  const torn = buildSegment(someClicks(2))
  torn.bytes.fill(0x11, 40, 60)
  writeSegment(fixture.dir, 1, torn)
  writeSegment(fixture.dir, 2, buildSegment(someClicks(4)))
  using consumption = await fixture.open()

  expect(await consumption.consumeBatch()).toMatchObject({
    consumed: 4,
    damaged: [{ segment: 1, offset: 0 }],
  })
  expect(await consumption.consumeBatch()).toMatchObject({ consumed: 0, damaged: [] })
})

test('a visitor is one on a day, another the next day, and other visitors differ', async () => {
  await using fixture = await aSpool()
  const clicks = [
    aClick(),
    aClick({ linkId: 2, referrer: 'https://other.example/' }),
    aClick({ atMs: NOON + DAY_MS }),
    aClick({ ip: '203.0.113.8' }),
    aClick({ userAgent: 'curl/8.1' }),
  ]
  writeSegment(fixture.dir, 1, buildSegment(clicks))

  await fixture.consume({ nowMs: NOON + DAY_MS })

  expect(await fixture.clicks()).toBe(5)
  expect(await fixture.visitors()).toBe(4)
})

test('a visitor is the same after a restart, and to another server of the same database', async () => {
  await using fixture = await aSpool()
  const other = fixture.anotherDir()
  writeSegment(fixture.dir, 1, buildSegment([aClick()]))
  writeSegment(other, 1, buildSegment([aClick()]))

  await fixture.consume()
  await fixture.consume({ dir: other })

  expect(await fixture.clicks()).toBe(2)
  expect(await fixture.visitors()).toBe(1)
})

test('the secrets of days before yesterday are deleted, even when nothing is clicked', async () => {
  await using fixture = await aSpool()
  const today = NOON + 2 * DAY_MS
  writeSegment(fixture.dir, 1, buildSegment([0, 1, 2].map((days) => aClick({ atMs: NOON + days * DAY_MS }))))

  await fixture.consume({ nowMs: today })
  const atFirst = await daysWithSecrets(fixture.clickDb)
  await fixture.consume({ nowMs: today })
  const once = await daysWithSecrets(fixture.clickDb)
  await fixture.consume({ nowMs: today + DAY_MS })

  expect(atFirst).toEqual(['2026-11-21', '2026-11-22', '2026-11-23'])
  expect(once).toEqual(['2026-11-22', '2026-11-23'])
  expect(await daysWithSecrets(fixture.clickDb)).toEqual(['2026-11-23'])
})

interface ConsumeOptions {
  readonly dir?: string
  readonly batchSize?: number
  readonly nowMs?: number
  readonly enrich?: (click: Click) => ClickFacts
}

interface Fixture extends AsyncDisposable {
  readonly dir: string
  readonly dataDir: string
  readonly clickDb: ClickDb
  readonly store: ClickStore
  /** All clicks of team 1 in the store. */
  clicks(): Promise<number>
  /** The visitors of team 1. */
  visitors(): Promise<number>
  totals(linkIds: readonly number[]): Promise<Readonly<Record<number, number>>>
  anotherDir(): string
  open(options?: ConsumeOptions): Promise<ClickConsumption>
  /** Consume to the end with a consumer of its own, and say how many clicks that were. */
  consume(options?: ConsumeOptions): Promise<number>
}

async function aSpool(): Promise<Fixture> {
  const test = await testDatabases()
  const { clickDb } = test.databases
  let dirs = 0
  const anotherDir = () => {
    const dir = join(test.dir, `spool${dirs++}`)
    mkdirSync(dir)
    nameSpool(dir)
    return dir
  }
  const dir = anotherDir()
  const store = clickStoreOver(test.location, clickDb)
  const query = aClickQuery({ scope: { teamId: 1 }, bots: 'include' })
  const open = ({ dir: spoolDir = dir, batchSize = 1_000, nowMs = NOON, enrich }: ConsumeOptions = {}) =>
    openClickConsumption({
      store,
      spoolDir,
      batchSize,
      now: () => new Date(nowMs),
      random: secureRandom,
      enrich: enrich ?? (() => ({ isBot: false, values: UNKNOWN_VALUES })),
    })
  return {
    dir,
    dataDir: test.dir,
    clickDb,
    store,
    anotherDir,
    open,
    clicks: () => store.total(query),
    visitors: () => store.uniques(query),
    totals: async (linkIds) => {
      const totals = await store.totals(linkIds)
      return Object.fromEntries([...totals].map(([linkId, { clicks }]) => [linkId, clicks]))
    },
    async consume(options) {
      using consumption = await open(options)
      let consumed = 0
      for (;;) {
        const batch = await consumption.consumeBatch()
        consumed += batch.consumed
        if (batch.isAtEnd) return consumed
      }
    },
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]()
      await test[Symbol.asyncDispose]()
    },
  }
}

async function daysWithSecrets(clickDb: ClickDb): Promise<string[]> {
  const rows = await clickDb.selectFrom('visitor_key').select('day').orderBy('day').execute()
  return rows.map((row) => row.day)
}
