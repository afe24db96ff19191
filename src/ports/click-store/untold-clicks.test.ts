import { expect, test } from 'bun:test'
import { TEST_DB, testDatabases } from '#testing/test-database.ts'
import { type ClickStore, type EnrichedClick, UNKNOWN_VALUES } from './click-store.ts'
import { clickStoreOver, openClickStore } from './open-click-store.ts'

const TEAM = 7
const BATCHES = 30

async function openStores(count: number) {
  const database = await testDatabases()
  const { location } = database
  const stores = Array.from({ length: count }, () =>
    location === undefined ? clickStoreOver(undefined, database.databases.clickDb) : openClickStore(location),
  )
  return {
    stores,
    async [Symbol.asyncDispose]() {
      for (const store of stores) await store[Symbol.asyncDispose]()
      await database[Symbol.asyncDispose]()
    },
  }
}

/** Clicks of a spool's next batch: one of link 1, two of link 2 in every three. */
function clicksOf(batch: number): EnrichedClick[] {
  return Array.from({ length: 9 }, (_, index) => ({
    id: batch * 100 + index + 1,
    linkId: index % 3 === 0 ? 1 : 2,
    teamId: index === 8 ? TEAM + 1 : TEAM,
    atMs: 1_000,
    visitor: '0'.repeat(16),
    isBot: false,
    isScan: false,
    values: UNKNOWN_VALUES,
  }))
}

async function append(store: ClickStore, spool: string, batch: number): Promise<number | undefined> {
  const { id } = await store.findOrCreateSpool(spool)
  return store.append({
    spoolId: id,
    from: { segment: 0, offset: batch * 10 },
    to: { segment: 0, offset: (batch + 1) * 10 },
    clicks: clicksOf(batch),
  })
}

test('while servers store clicks, what is taken adds up to what was stored', async () => {
  await using s = await openStores(3)
  const [one, two, taker] = s.stores
  if (one === undefined || two === undefined || taker === undefined)
    throw new Error('three stores were asked for')
  await taker.watchTeam(TEAM)
  let isDone = false
  let told = 0
  const sums = new Map<number, number>()
  const take = async () => {
    const { batch, links } = await taker.takeUntold(TEAM, told)
    expect(batch).toBeGreaterThan(told)
    told = batch
    for (const { linkId, clicks } of links) sums.set(linkId, (sums.get(linkId) ?? 0) + clicks)
  }
  const storing = Promise.all(
    [one, two].map(async (store, index) => {
      for (let batch = 0; batch < BATCHES; batch++) {
        await append(store, `spool-${index}`, batch)
        await Bun.sleep(1)
      }
    }),
  ).finally(() => {
    isDone = true
  })
  while (!isDone) {
    await take()
    await Bun.sleep(3)
  }
  await storing
  await take()

  expect(Object.fromEntries(sums)).toEqual({ 1: 2 * BATCHES * 3, 2: 2 * BATCHES * 5 })
  await take()
  expect(await taker.untoldTeams()).toEqual([])
})

test('a batch that is stored twice is counted once', async () => {
  await using s = await openStores(1)
  const [store] = s.stores
  await store?.watchTeam(TEAM)
  if (store === undefined) throw new Error('a store was asked for')
  expect(await append(store, 'spool', 0)).toBe(9)
  expect(await append(store, 'spool', 0)).toBeUndefined()

  expect((await store.takeUntold(TEAM, 0)).links).toEqual([
    { linkId: 1, clicks: 3 },
    { linkId: 2, clicks: 5 },
  ])
})

test('what was taken and not told is taken again, and what was told is not', async () => {
  await using s = await openStores(1)
  const [store] = s.stores
  if (store === undefined) throw new Error('a store was asked for')
  await store.watchTeam(TEAM)
  await append(store, 'spool', 0)
  const first = await store.takeUntold(TEAM, 0)
  await append(store, 'spool', 1)
  const second = await store.takeUntold(TEAM, 0)
  await append(store, 'spool', 2)
  const third = await store.takeUntold(TEAM, second.batch)

  expect([first, second, third].map(({ links }) => links.map(({ clicks }) => clicks))).toEqual([
    [3, 5],
    [6, 10],
    [3, 5],
  ])
})

test('nothing is counted for teams that nobody watches', async () => {
  await using s = await openStores(1)
  const [store] = s.stores
  if (store === undefined) throw new Error('a store was asked for')
  await store.watchOnly([TEAM + 5], 0)
  await append(store, 'spool', 0)

  expect(await store.untoldTeams()).toEqual([])
  expect((await store.takeUntold(TEAM, 0)).links).toEqual([])
  await store.watchOnly([TEAM], Date.now() + 1)
  await append(store, 'spool', 1)
  expect(await store.untoldTeams()).toEqual([TEAM])
})

test.skipIf(TEST_DB !== 'postgres')('a batch that is being stored is taken whole or not at all', async () => {
  await using s = await openStores(2)
  const [store, taker] = s.stores
  if (store === undefined || taker === undefined) throw new Error('two stores were asked for')
  await taker.watchTeam(TEAM)
  const [, ...taken] = await Promise.all([
    append(store, 'spool', 0),
    taker.takeUntold(TEAM, 0),
    taker.takeUntold(TEAM, 0),
  ])
  const last = await taker.takeUntold(TEAM, 0)

  for (const { links } of taken) expect([[], [3, 5]]).toContainEqual(links.map(({ clicks }) => clicks))
  expect(last.links.map(({ clicks }) => clicks)).toEqual([3, 5])
})
