import { expect, test } from 'bun:test'
import { aClickQuery, aStoredClick, type Filler, fill, settle } from '#testing/stored-clicks.ts'
import { testDatabases } from '#testing/test-database.ts'
import { type ClickStore, DIMENSIONS, MAX_VALUE_LENGTH } from './click-store.ts'
import { clickStoreOver } from './open-click-store.ts'

const NOON = Date.UTC(2026, 10, 21, 12)
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

interface Fixture extends AsyncDisposable {
  readonly store: ClickStore
  readonly filler: Filler
}

async function aStore(): Promise<Fixture> {
  const databases = await testDatabases()
  const store = clickStoreOver(databases.location, databases.databases.clickDb)
  return {
    store,
    filler: await fill(store),
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]()
      await databases[Symbol.asyncDispose]()
    },
  }
}

test('a store without clicks answers every report with nothing', async () => {
  await using fixture = await aStore()
  const { store } = fixture

  expect(await store.total(aClickQuery())).toBe(0)
  expect(await store.series(aClickQuery(), [0, NOON, NOON + 1])).toEqual([0, 0])
  expect(await store.series(aClickQuery(), [])).toEqual([])
  expect(await store.breakdown(aClickQuery(), 'country', 5)).toEqual([])
  expect(await store.uniques(aClickQuery())).toBe(0)
  expect(await store.totals([1, 2])).toEqual(new Map())
  expect(await store.usage(1, '2026-11')).toBe(0)
  expect(await store.maintain(10)).toBe(false)
})

test('bots and scans are told apart in every combination', async () => {
  await using fixture = await aStore()
  const kinds = [
    { isBot: false, isScan: false, count: 1 },
    { isBot: true, isScan: false, count: 2 },
    { isBot: false, isScan: true, count: 4 },
    { isBot: true, isScan: true, count: 8 },
  ]
  for (const { count, ...kind } of kinds)
    await fixture.filler.append(Array.from({ length: count }, () => aStoredClick(kind)))

  const totals: Record<string, number> = {}
  for (const bots of ['exclude', 'include', 'only'] as const)
    for (const kind of ['all', 'clicks', 'scans'] as const)
      totals[`${bots} ${kind}`] = await fixture.store.total(aClickQuery({ bots, kind }))

  expect(totals).toEqual({
    'exclude all': 5,
    'exclude clicks': 1,
    'exclude scans': 4,
    'include all': 15,
    'include clicks': 3,
    'include scans': 12,
    'only all': 10,
    'only clicks': 2,
    'only scans': 8,
  })
  expect(await fixture.store.totals([1])).toEqual(new Map([[1, { clicks: 15, humanClicks: 5 }]]))
  expect(await fixture.store.scanTotals([1])).toEqual(new Map([[1, { clicks: 12, humanClicks: 4 }]]))
})

test('the start of a range is in it, its end is not', async () => {
  await using fixture = await aStore()
  await fixture.filler.append([-1, 0, 1].map((ms) => aStoredClick({ atMs: NOON + ms })))

  expect(await fixture.store.total(aClickQuery({ fromMs: NOON, toMs: NOON + 1 }))).toBe(1)
  expect(await fixture.store.total(aClickQuery({ fromMs: NOON - 0.5, toMs: NOON + 0.5 }))).toBe(1)
  expect(await fixture.store.total(aClickQuery({ fromMs: NOON, toMs: NOON }))).toBe(0)
  expect(await fixture.store.total(aClickQuery({ fromMs: -Infinity, toMs: Infinity }))).toBe(3)
})

test('a series counts each click in the period it begins in, and empty periods as 0', async () => {
  await using fixture = await aStore()
  const [february, leapDay, march] = [Date.UTC(2028, 1, 1), Date.UTC(2028, 1, 29), Date.UTC(2028, 2, 1)]
  const instants = [february - 1, february, leapDay - 1, leapDay, march - 1, march]
  await fixture.filler.append(instants.map((atMs) => aStoredClick({ atMs })))
  const periods = [february - DAY_MS, february, leapDay, march, march + DAY_MS, march + 2 * DAY_MS]

  expect(await fixture.store.series(aClickQuery(), periods)).toEqual([1, 2, 2, 1, 0])
  expect(await fixture.store.series(aClickQuery({ fromMs: february, toMs: march }), periods)).toEqual([
    0, 2, 2, 0, 0,
  ])
})

test('months end where they end, in usage as in series', async () => {
  await using fixture = await aStore()
  const ends = [Date.UTC(2027, 0, 1), Date.UTC(2027, 1, 1), Date.UTC(2028, 2, 1), Date.UTC(2028, 11, 31)]
  await fixture.filler.append(
    ends.flatMap((end) => [aStoredClick({ atMs: end - 1 }), aStoredClick({ atMs: end })]),
  )

  const months = ['2026-12', '2027-01', '2027-02', '2028-02', '2028-03', '2028-12']
  const usage = await Promise.all(months.map((month) => fixture.store.usage(1, month)))
  expect(usage).toEqual([1, 2, 1, 1, 1, 2])
})

test('a breakdown is by clicks, then by value, and knows every dimension', async () => {
  await using fixture = await aStore()
  const cities = ['b', 'a', 'c', 'c', '', 'ä', 'Z']
  await fixture.filler.append(cities.map((city) => aStoredClick({ values: { city } })))
  const everything = Object.fromEntries(DIMENSIONS.map((dimension) => [dimension, `of ${dimension}`]))
  await fixture.filler.append([aStoredClick({ linkId: 2, values: everything })])

  expect(await fixture.store.breakdown(aClickQuery(), 'city', 4)).toEqual([
    { value: 'c', clicks: 2 },
    { value: '', clicks: 1 },
    { value: 'Z', clicks: 1 },
    { value: 'a', clicks: 1 },
  ])
  const scope = { teamId: 1, linkId: 2 }
  for (const dimension of DIMENSIONS)
    expect(await fixture.store.breakdown(aClickQuery({ scope }), dimension, 9)).toEqual([
      { value: `of ${dimension}`, clicks: 1 },
    ])
})

test('filters must all hold, their values are alternatives, and none of them matches nothing', async () => {
  await using fixture = await aStore()
  const { store, filler } = fixture
  for (const country of ['DE', 'FR', ''])
    for (const device of ['mobile', 'desktop'])
      await filler.append([aStoredClick({ values: { country, device } })])
  const total = (filters: Parameters<typeof aClickQuery>[0]) => store.total(aClickQuery(filters))

  expect(await total({ filters: [{ dimension: 'country', values: ['DE', 'FR'] }] })).toBe(4)
  expect(
    await total({
      filters: [
        { dimension: 'country', values: ['DE', ''] },
        { dimension: 'device', values: ['mobile'] },
      ],
    }),
  ).toBe(2)
  expect(await total({ filters: [{ dimension: 'country', values: ['US'] }] })).toBe(0)
  expect(await total({ filters: [{ dimension: 'country', values: ['US', 'DE'] }] })).toBe(2)
  expect(await total({ filters: [{ dimension: 'country', values: [] }] })).toBe(0)
  expect(
    await store.breakdown(aClickQuery({ filters: [{ dimension: 'country', values: ['DE'] }] }), 'device', 9),
  ).toEqual([
    { value: 'desktop', clicks: 1 },
    { value: 'mobile', clicks: 1 },
  ])
})

test("a team's report has all its links, and another team's clicks are in none", async () => {
  await using fixture = await aStore()
  const clicks = [
    aStoredClick({ linkId: 1, teamId: 1 }),
    aStoredClick({ linkId: 2, teamId: 1 }),
    aStoredClick({ linkId: 3, teamId: 2 }),
  ]
  await fixture.filler.append(clicks)

  expect(await fixture.store.total(aClickQuery({ scope: { teamId: 1 } }))).toBe(2)
  expect(await fixture.store.total(aClickQuery({ scope: { teamId: 2 } }))).toBe(1)
  expect(await fixture.store.total(aClickQuery({ scope: { teamId: 1, linkId: 3 } }))).toBe(0)
  expect(await fixture.store.total(aClickQuery({ scope: { teamId: 2, linkId: 1 } }))).toBe(0)
})

test('a link that changes hands leaves its clicks with the team that had them', async () => {
  await using fixture = await aStore()
  await fixture.filler.append([
    aStoredClick({ teamId: 1 }),
    aStoredClick({ teamId: 1 }),
    aStoredClick({ teamId: 2 }),
  ])

  expect(await fixture.store.total(aClickQuery({ scope: { teamId: 1, linkId: 1 } }))).toBe(2)
  expect(await fixture.store.total(aClickQuery({ scope: { teamId: 2, linkId: 1 } }))).toBe(1)
  expect(await fixture.store.totals([1])).toEqual(new Map([[1, { clicks: 3, humanClicks: 3 }]]))
})

test('ids beyond 32 bits, and values that are long or hard to store, are kept apart', async () => {
  await using fixture = await aStore()
  const { store, filler } = fixture
  const linkId = 2 ** 40 + 3
  const teamId = 2 ** 50 + 1
  const long = 'x'.repeat(1_000)
  const cities = [long, 'O\'Brien "quoted" \\ {curly}, 100 %', 'a\0b', '\ud800', 'null', 'NULL', '東京', '{}']
  await filler.append(cities.map((city) => aStoredClick({ linkId, teamId, values: { city } })))
  await settle(store)

  const scope = { linkId, teamId }
  const found = await store.breakdown(aClickQuery({ scope }), 'city', 20)
  expect(found.map(({ value }) => value).toSorted()).toEqual(
    [
      'ab',
      long.slice(0, MAX_VALUE_LENGTH),
      'O\'Brien "quoted" \\ {curly}, 100 %',
      '\ufffd',
      'null',
      'NULL',
      '東京',
      '{}',
    ].toSorted(),
  )
  const filters = [{ dimension: 'city' as const, values: [long, 'a\0b'] }]
  expect(await store.total(aClickQuery({ scope, filters }))).toBe(2)
})

test('visitors are counted once, exactly while they are few', async () => {
  await using fixture = await aStore()
  const visitor = (n: number) => n.toString(16).padStart(16, '0')
  const visitors = Array.from({ length: 3_000 }, (_, n) => visitor((n % 1_000) * 2 ** 21))
  await fixture.filler.append(visitors.map((each) => aStoredClick({ visitor: each })))

  expect(await fixture.store.uniques(aClickQuery())).toBe(1_000)
  expect(await fixture.store.uniques(aClickQuery({ scope: { teamId: 1 } }))).toBe(1_000)
})

test('a batch that is written already changes nothing, wherever the spool says it stands', async () => {
  await using databases = await testDatabases()
  const { clickDb } = databases.databases
  await using store = clickStoreOver(databases.location, clickDb)
  const filler = await fill(store)
  await filler.append([aStoredClick(), aStoredClick()])

  expect(await filler.repeat()).toBeUndefined()
  await clickDb.updateTable('spool').set({ offset_bytes: 0 }).execute()
  expect(await filler.repeat()).toBe(0)
  await clickDb.updateTable('spool').set({ offset_bytes: 0 }).execute()
  expect(await (await fill(store)).append([1, 2, 3].map(() => aStoredClick()))).toBe(1)

  expect(await store.total(aClickQuery())).toBe(3)
  expect(await store.totals([1])).toEqual(new Map([[1, { clicks: 3, humanClicks: 3 }]]))
  expect(await store.usage(1, '2026-11')).toBe(3)
})

test('the spools of several servers do not take one another’s clicks for their own', async () => {
  await using fixture = await aStore()
  const other = await fill(fixture.store, 'other')
  await fixture.filler.append([aStoredClick(), aStoredClick()])
  await other.append([aStoredClick()])

  expect(await fixture.store.total(aClickQuery())).toBe(3)
  expect((await fixture.store.findOrCreateSpool('other', { segment: 9, offset: 9 })).position).toEqual({
    segment: 0,
    offset: 1,
  })
})

test('a deleted link is in no report at once, and its clicks that are still to come are dropped', async () => {
  await using fixture = await aStore()
  const { store, filler } = fixture
  await filler.append([aStoredClick({ linkId: 1 }), aStoredClick({ linkId: 2, isScan: true })])

  await store.deleteLink(2)
  await store.deleteLink(2)
  await store.deleteLink(77)
  const atOnce = await store.total(aClickQuery({ scope: { teamId: 1 } }))
  const late = await filler.append([
    aStoredClick({ linkId: 2 }),
    aStoredClick({ linkId: 77 }),
    aStoredClick(),
  ])
  await settle(store)

  expect(atOnce).toBe(1)
  expect(late).toBe(1)
  expect(await store.total(aClickQuery({ scope: { teamId: 1 } }))).toBe(2)
  expect(await store.total(aClickQuery({ scope: { teamId: 1, linkId: 2 } }))).toBe(0)
  expect(await store.totals([1, 2, 77])).toEqual(new Map([[1, { clicks: 2, humanClicks: 2 }]]))
  expect(await store.scanTotals([2])).toEqual(new Map())
  expect(await store.usage(1, '2026-11')).toBe(3)
})

test('what a team keeps no longer is in no report at once; totals and usage stay', async () => {
  await using fixture = await aStore()
  const { store, filler } = fixture
  const days = [0, 1, 2].flatMap((day) =>
    [1, 2].map((teamId) => ({ teamId, linkId: teamId, atMs: NOON + day * DAY_MS })),
  )
  await filler.append(days.map((click) => aStoredClick(click)))

  await store.retain(new Map([[1, NOON + DAY_MS]]))
  const atOnce = await store.total(aClickQuery())
  await store.retain(new Map([[1, NOON]]))
  await settle(store)
  await filler.append([aStoredClick({ atMs: NOON })])

  expect(atOnce).toBe(2)
  expect(await store.total(aClickQuery())).toBe(2)
  expect(await store.total(aClickQuery({ scope: { teamId: 2 } }))).toBe(3)
  expect(await store.totals([1])).toEqual(new Map([[1, { clicks: 4, humanClicks: 4 }]]))
  expect(await store.usage(1, '2026-11')).toBe(4)
})

test('a visitor secret is the first that was proposed for its day, until it is forgotten', async () => {
  await using fixture = await aStore()
  const { store } = fixture

  expect(await store.findOrCreateVisitorSecret('2026-11-21', 'first')).toBe('first')
  expect(await store.findOrCreateVisitorSecret('2026-11-21', 'second')).toBe('first')
  await store.deleteVisitorSecretsBefore('2026-11-21')
  expect(await store.findOrCreateVisitorSecret('2026-11-21', 'second')).toBe('first')
  await store.deleteVisitorSecretsBefore('2026-11-22')
  expect(await store.findOrCreateVisitorSecret('2026-11-21', 'second')).toBe('second')
})
