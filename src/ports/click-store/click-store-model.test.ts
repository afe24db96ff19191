import { expect, test } from 'bun:test'
import { join } from 'node:path'
import fc from 'fast-check'
import { CLICK_SQLITE_FILE } from '#db/open-database.ts'
import { aClickQuery, aStoredClick, type Filler, fill, ModelClicks } from '#testing/stored-clicks.ts'
import { TEST_DB, type TestDatabases, testDatabases } from '#testing/test-database.ts'
import type { ClickQuery, ClickStore, DimensionValues, EnrichedClick } from './click-store.ts'
import { clickStoreOver } from './open-click-store.ts'
import { openSqliteClickStore } from './sqlite/sqlite-click-store.ts'

/** So small that a handful of clicks makes tails, packs, big links of several chunks, runs and merges. */
const TINY = { tail: 8, pack: 6, bigLink: 5, chunk: 4 }
const RUNS = TEST_DB === 'sqlite' ? Number(process.env['FC_RUNS'] ?? 150) : 15
const TEAMS = 3
const LINKS = 6
/** The month with a leap day and its neighbours, ends included; and hours, where sums are kept. */
const START_MS = Date.UTC(2024, 0, 31, 22)
const END_MS = Date.UTC(2024, 2, 1, 2)
const HOUR_MS = 3_600_000
const FILTERED = ['country', 'city', 'utm_source'] as const

type Step =
  | { readonly kind: 'append'; readonly clicks: readonly EnrichedClick[] }
  | { readonly kind: 'repeat' }
  | { readonly kind: 'maintain'; readonly budgetMs: number; readonly times: number }
  | { readonly kind: 'reopen' }
  | { readonly kind: 'delete'; readonly linkId: number }
  | { readonly kind: 'retain'; readonly teamId: number; readonly beforeMs: number }
  | {
      readonly kind: 'ask'
      readonly query: ClickQuery
      readonly periods: readonly number[]
      readonly size: number
    }

const instant = fc.oneof(
  fc.integer({ min: START_MS, max: END_MS }),
  fc.integer({ min: START_MS / HOUR_MS, max: END_MS / HOUR_MS }).map((hour) => hour * HOUR_MS),
  fc.constantFrom(
    Date.UTC(2024, 1, 1) - 1,
    Date.UTC(2024, 1, 1),
    Date.UTC(2024, 2, 1) - 1,
    Date.UTC(2024, 1, 29),
  ),
)
const linkId = fc.integer({ min: 1, max: LINKS })
const value = fc.constantFrom('', 'a', 'b', 'c', 'd\'"')
const click = fc
  .record({
    linkId,
    atMs: instant,
    visitor: fc.integer({ min: 0, max: 20 }).map((n) => `0000000${n % 2}${n.toString(16).padStart(8, '0')}`),
    isBot: fc.boolean(),
    isScan: fc.boolean(),
    country: value,
    city: value,
    utm_source: value,
  })
  .map(({ country, city, utm_source, ...rest }) =>
    aStoredClick({
      ...rest,
      teamId: teamOf(rest.linkId),
      values: { country, city, utm_source } satisfies Partial<DimensionValues>,
    }),
  )
const query = fc
  .record({
    linkId,
    isLink: fc.boolean(),
    from: instant,
    to: instant,
    isWhole: fc.boolean(),
    filters: fc.array(
      fc.record({ dimension: fc.constantFrom(...FILTERED), values: fc.array(value, { maxLength: 3 }) }),
      { maxLength: 2 },
    ),
    bots: fc.constantFrom('exclude' as const, 'include' as const, 'only' as const),
    kind: fc.constantFrom('all' as const, 'scans' as const, 'clicks' as const),
  })
  .map(({ linkId: id, isLink, from, to, isWhole, ...rest }) =>
    aClickQuery({
      ...rest,
      scope: isLink ? { teamId: teamOf(id), linkId: id } : { teamId: teamOf(id) },
      ...(isWhole ? {} : { fromMs: Math.min(from, to), toMs: Math.max(from, to) }),
    }),
  )
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      clicks: fc.array(click, { maxLength: 40 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'repeat' as const }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('maintain' as const),
      budgetMs: fc.constantFrom(0, 0, 1_000),
      times: fc.integer({ min: 1, max: 30 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'reopen' as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), linkId }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('retain' as const),
      teamId: fc.integer({ min: 1, max: TEAMS }),
      beforeMs: instant,
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('ask' as const),
      query,
      periods: fc.array(instant, { minLength: 2, maxLength: 6 }).map((all) => all.toSorted((a, b) => a - b)),
      size: fc.integer({ min: 1, max: 5 }),
    }),
  },
)

test(
  'whatever is stored, merged, deleted and asked in whatever order, reports answer as if every click were looked at',
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        await using databases = await testDatabases()
        await perform(databases, steps)
      }),
      {
        numRuns: RUNS,
        ...(process.env['FC_SEED'] === undefined ? {} : { seed: Number(process.env['FC_SEED']) }),
      },
    )
  },
  { timeout: 120_000 },
)

async function perform(databases: TestDatabases, steps: readonly Step[]): Promise<void> {
  const open = () =>
    databases.location?.kind === 'sqlite'
      ? openSqliteClickStore(join(databases.dir, CLICK_SQLITE_FILE), TINY)
      : clickStoreOver(databases.location, databases.databases.clickDb)
  const model = new ModelClicks()
  let store = open()
  let filler = await fill(store)
  try {
    for (const each of steps) {
      if (each.kind === 'reopen') {
        await store[Symbol.asyncDispose]()
        store = open()
        filler = await refill(store, filler)
      } else await performOne({ store, filler, model }, each)
    }
    for (let team = 1; team <= TEAMS; team++)
      for (const month of ['2024-01', '2024-02', '2024-03'])
        expect(await store.usage(team, month)).toBe(model.usage(team, month))
    const links = Array.from({ length: LINKS }, (_, index) => index + 1)
    expect(sorted(await store.totals(links))).toEqual(sorted(model.totals(links)))
    expect(sorted(await store.scanTotals(links))).toEqual(sorted(model.totals(links, true)))
  } finally {
    await store[Symbol.asyncDispose]()
  }
}

/** Go on with a spool in a store that was opened anew. */
async function refill(store: ClickStore, before: Filler): Promise<Filler> {
  const { position } = await store.findOrCreateSpool('spool')
  expect(position).toEqual(before.position())
  return fill(store)
}

async function performOne(
  {
    store,
    filler,
    model,
  }: { readonly store: ClickStore; readonly filler: Filler; readonly model: ModelClicks },
  each: Exclude<Step, { kind: 'reopen' }>,
): Promise<void> {
  switch (each.kind) {
    case 'append':
      expect(await filler.append(each.clicks)).toBe(model.append(each.clicks))
      break
    case 'repeat':
      expect(await filler.repeat()).toBeOneOf([undefined, 0])
      break
    case 'maintain':
      for (let time = 0; time < each.times; time++) await store.maintain(each.budgetMs)
      break
    case 'delete':
      await store.deleteLink(each.linkId)
      model.deleteLink(each.linkId)
      break
    case 'retain': {
      const cutoffs = new Map([[each.teamId, each.beforeMs]])
      await store.retain(cutoffs)
      model.retain(cutoffs)
      break
    }
    case 'ask':
      expect({
        total: await store.total(each.query),
        series: await store.series(each.query, each.periods),
        cities: await store.breakdown(each.query, 'city', each.size),
        links: await store.topLinks(each.query, each.size),
        uniques: await store.uniques(each.query),
      }).toEqual({
        total: model.total(each.query),
        series: model.series(each.query, each.periods),
        cities: model.breakdown(each.query, 'city', each.size),
        links: model.topLinks(each.query, each.size),
        uniques: model.uniques(each.query),
      })
      break
  }
}

function teamOf(link: number): number {
  return (link % TEAMS) + 1
}

function sorted<T>(map: ReadonlyMap<number, T>): [number, T][] {
  return [...map].sort(([a], [b]) => a - b)
}
