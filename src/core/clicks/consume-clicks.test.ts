import { expect, test } from 'bun:test'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import { secureRandom } from '#core/random.ts'
import type { ClickDb } from '#db/database.ts'
import { aClick, buildSegment, someClicks, writeSegment } from '#testing/clicks.ts'
import { testDatabases } from '#testing/test-database.ts'
import { findClickTotals, findClickUsage } from './click-queries.ts'
import { type ClickConsumption, openClickConsumption } from './consume-clicks.ts'
import { listSegments, nameSpool, readSpoolName } from './spool-segments.ts'

const NOON = Date.UTC(2026, 10, 21, 12)
const DAY_MS = 86_400_000

test('a click is written with what the request said, without its address', async () => {
  await using fixture = await aSpool()
  const click = aClick({ linkId: 5, teamId: 9, query: 'utm_source=x', isScan: true, atMs: NOON + 0.7 })
  writeSegment(
    fixture.dir,
    1,
    buildSegment([aClick({ userAgent: '', referrer: '', acceptLanguage: '' }), click]),
  )

  await fixture.consume()

  const [first, second] = await clicksIn(fixture.clickDb)
  expect(second).toEqual({
    spool_id: 1,
    position: 2 ** 28 + buildSegment([aClick({ userAgent: '', referrer: '', acceptLanguage: '' })]).offset,
    link_id: 5,
    team_id: 9,
    at_ms: NOON,
    visitor: expect.stringMatching(/^[0-9a-f]{16}$/),
    user_agent: click.userAgent,
    referrer: 'https://example.com/',
    language: 'en-US,en;q=0.9',
    query: 'utm_source=x',
    is_head: 0,
    is_prefetch: 0,
    is_scan: 1,
  })
  expect(first).toMatchObject({ user_agent: null, referrer: null, language: null, query: null, is_scan: 0 })
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

  expect(await findClickTotals(fixture.clickDb, [1, 2, 3, 4])).toEqual(
    new Map([
      [1, 300],
      [2, 20],
      [3, 7],
    ]),
  )
  expect(await findClickUsage(fixture.clickDb, 1, '2026-11')).toBe(300)
  expect(await findClickUsage(fixture.clickDb, 1, '2026-12')).toBe(20)
  expect(await findClickUsage(fixture.clickDb, 2, '2026-11')).toBe(7)
  expect(await findClickUsage(fixture.clickDb, 3, '2026-11')).toBe(0)
})

test('a batch of thousands of clicks on as many links stays within the databases’ limits', async () => {
  await using fixture = await aSpool()
  writeSegment(fixture.dir, 1, buildSegment(someClicks(4_001)))

  expect(await fixture.consume({ batchSize: 5_000 })).toBe(4_001)

  const totals = await findClickTotals(
    fixture.clickDb,
    Array.from({ length: 40_000 }, (_, index) => index),
  )
  expect(totals.size).toBe(4_001)
  expect(await clicksIn(fixture.clickDb)).toHaveLength(4_001)
})

test('a consumer that starts again goes on where the last one stopped', async () => {
  await using fixture = await aSpool()
  writeSegment(fixture.dir, 1, buildSegment(someClicks(10)))
  {
    using consumption = await fixture.open({ batchSize: 4 })
    await consumption.consumeBatch()
  }

  expect(await fixture.consume()).toBe(6)

  expect(await clicksIn(fixture.clickDb)).toHaveLength(10)
})

test('a replay of batches that were written counts nothing twice', async () => {
  await using fixture = await aSpool()
  writeSegment(fixture.dir, 1, buildSegment(someClicks(10, { linkId: 1 })))
  await fixture.consume()
  await fixture.clickDb.updateTable('spool').set({ segment: 0, offset_bytes: 0 }).execute()
  writeSegment(fixture.dir, 1, buildSegment(someClicks(12, { linkId: 1 })))

  expect(await fixture.consume({ batchSize: 4 })).toBe(2)

  expect(await clicksIn(fixture.clickDb)).toHaveLength(12)
  expect(await findClickTotals(fixture.clickDb, [1])).toEqual(new Map([[1, 12]]))
  expect(await findClickUsage(fixture.clickDb, 1, '2026-11')).toBe(12)
})

test('two consumers of one spool write each click once; the slower one is told', async () => {
  await using fixture = await aSpool()
  writeSegment(fixture.dir, 1, buildSegment(someClicks(10)))
  using slower = await fixture.open()
  await fixture.consume()

  const answer = await slower.consumeBatch().catch(String)

  expect(answer).toContain('another consumer is at work')
  expect(await clicksIn(fixture.clickDb)).toHaveLength(10)
})

test.each(['click', 'click_total', 'click_usage'] as const)(
  'when writing %s fails, neither clicks nor totals nor the position change, and no segment is deleted',
  async (table) => {
    await using fixture = await aSpool()
    writeSegment(fixture.dir, 1, buildSegment(someClicks(3), { isEnded: true }))
    writeSegment(fixture.dir, 2, buildSegment(someClicks(3)))
    await sql`alter table ${sql.table(table)} rename to hidden`.execute(fixture.clickDb)

    expect(await fixture.consume().catch(() => 'failed')).toBe('failed')

    await sql`alter table hidden rename to ${sql.table(table)}`.execute(fixture.clickDb)
    expect(await clicksIn(fixture.clickDb)).toEqual([])
    expect(await findClickTotals(fixture.clickDb, [1, 2, 3])).toEqual(new Map())
    expect(await findClickUsage(fixture.clickDb, 1, '2026-11')).toBe(0)
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

  expect(await clicksIn(fixture.clickDb)).toHaveLength(12)
  expect(await findClickTotals(fixture.clickDb, [1])).toEqual(new Map([[1, 12]]))
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
    .values({ name: name ?? '', segment: 40, offset_bytes: 0 })
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

  const visitors = (await clicksIn(fixture.clickDb)).map((row) => row.visitor)
  expect(visitors[1]).toBe(visitors[0])
  expect(new Set(visitors).size).toBe(4)
})

test('a visitor is the same after a restart, and to another server of the same database', async () => {
  await using fixture = await aSpool()
  const other = fixture.anotherDir()
  writeSegment(fixture.dir, 1, buildSegment([aClick()]))
  writeSegment(other, 1, buildSegment([aClick()]))

  await fixture.consume()
  await fixture.consume({ dir: other })

  const visitors = (await clicksIn(fixture.clickDb)).map((row) => row.visitor)
  expect(visitors).toEqual([visitors[0] ?? '', visitors[0] ?? ''])
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
}

interface Fixture extends AsyncDisposable {
  readonly dir: string
  readonly clickDb: ClickDb
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
  const open = ({ dir: spoolDir = dir, batchSize = 1_000, nowMs = NOON }: ConsumeOptions = {}) =>
    openClickConsumption({ clickDb, spoolDir, batchSize, now: () => new Date(nowMs), random: secureRandom })
  return {
    dir,
    clickDb,
    anotherDir,
    open,
    async consume(options) {
      using consumption = await open(options)
      let consumed = 0
      for (;;) {
        const batch = await consumption.consumeBatch()
        consumed += batch.consumed
        if (batch.isAtEnd) return consumed
      }
    },
    [Symbol.asyncDispose]: () => test[Symbol.asyncDispose](),
  }
}

function clicksIn(clickDb: ClickDb) {
  return clickDb.selectFrom('click').selectAll().orderBy('spool_id').orderBy('position').execute()
}

async function daysWithSecrets(clickDb: ClickDb): Promise<string[]> {
  const rows = await clickDb.selectFrom('visitor_key').select('day').orderBy('day').execute()
  return rows.map((row) => row.day)
}
