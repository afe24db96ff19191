import { expect, test } from 'bun:test'
import { testDatabases } from '#testing/test-database.ts'
import { type ClickStore, type EnrichedClick, UNKNOWN_VALUES } from './click-store.ts'
import { LIVE_CLICKS_KEPT, LIVE_CLICKS_OF_BATCH } from './live-clicks.ts'
import { clickStoreOver, openClickStore } from './open-click-store.ts'

const TEAM = 7
const TTL_MS = 60_000

async function openStores(count: number) {
  const database = await testDatabases()
  const { location } = database
  const stores = Array.from({ length: count }, () =>
    location === undefined ? clickStoreOver(undefined, database.databases.clickDb) : openClickStore(location),
  )
  const batches = new Map<string, number>()
  /** Store clicks of the next batch of a spool. */
  const append = async (store: ClickStore, clicks: readonly Partial<EnrichedClick>[], spool = 'spool') => {
    const batch = batches.get(spool) ?? 0
    batches.set(spool, batch + 1)
    const { id } = await store.findOrCreateSpool(spool)
    return store.append({
      spoolId: id,
      from: { segment: 0, offset: batch },
      to: { segment: 0, offset: batch + 1 },
      clicks: clicks.map((click, index) => ({
        id: batch * 10_000 + index + 1,
        linkId: 1,
        teamId: TEAM,
        atMs: 1_000,
        visitor: '0'.repeat(16),
        isBot: false,
        isScan: false,
        values: UNKNOWN_VALUES,
        ...click,
      })),
    })
  }
  return {
    stores,
    append,
    async [Symbol.asyncDispose]() {
      for (const store of stores) await store[Symbol.asyncDispose]()
      await database[Symbol.asyncDispose]()
    },
  }
}

const all = { teamId: TEAM, afterId: 0, limit: 10_000 }

test('clicks of a team are kept one by one while somebody follows it, and of no other team', async () => {
  await using s = await openStores(1)
  const [store] = s.stores
  if (store === undefined) throw new Error('a store was asked for')
  await s.append(store, [{ atMs: 1 }])
  const head = await store.watchLive(TEAM, TTL_MS)

  await s.append(store, [
    { atMs: 2, isBot: true, values: { ...UNKNOWN_VALUES, city: 'Köln\0', country: 'DE' } },
    { atMs: 3, linkId: 2, isScan: true },
    { atMs: 4, teamId: TEAM + 1 },
  ])

  const clicks = await store.liveClicks({ ...all, afterId: head })
  expect(clicks).toEqual([
    {
      id: expect.any(Number),
      linkId: 1,
      atMs: 2,
      isBot: true,
      isScan: false,
      values: { ...UNKNOWN_VALUES, city: 'Köln', country: 'DE' },
    },
    { id: expect.any(Number), linkId: 2, atMs: 3, isBot: false, isScan: true, values: UNKNOWN_VALUES },
  ])
  expect(clicks[0]?.id).toBeGreaterThan(head)
  expect(await store.liveClicks({ ...all, linkId: 2 })).toEqual(clicks.slice(1))
  expect(await store.liveClicks({ ...all, afterId: clicks[0]?.id ?? 0 })).toEqual(clicks.slice(1))
  expect(await store.liveClicks({ ...all, limit: 1 })).toEqual(clicks.slice(0, 1))
  expect(await store.liveClicks({ ...all, teamId: TEAM + 1 })).toEqual([])
  expect(await store.watchLive(TEAM, TTL_MS)).toBe(clicks[1]?.id ?? 0)
})

test('nothing is kept when nobody follows any more, and what was kept goes when nobody has for long', async () => {
  await using s = await openStores(1)
  const [store] = s.stores
  if (store === undefined) throw new Error('a store was asked for')
  await store.watchLive(TEAM, TTL_MS)
  await s.append(store, [{}])
  const [kept] = await store.liveClicks(all)

  await store.watchLive(TEAM + 1, -11 * 60 * 1000)
  await s.append(store, [{ teamId: TEAM + 1 }])

  expect(await store.liveClicks({ ...all, teamId: TEAM + 1 })).toEqual([])
  expect(await store.liveClicks(all)).toEqual(kept === undefined ? [] : [kept])
})

test('only the latest clicks are kept, of a batch and in all, and none of a link that is deleted', async () => {
  await using s = await openStores(1)
  const [store] = s.stores
  if (store === undefined) throw new Error('a store was asked for')
  await store.watchLive(TEAM, TTL_MS)
  const many = Array.from({ length: LIVE_CLICKS_OF_BATCH + 50 }, (_, index) => ({
    atMs: index,
    linkId: 1 + (index % 2),
  }))

  await s.append(store, many)
  const ofBatch = await store.liveClicks(all)
  for (let batch = 0; batch < 6; batch++) await s.append(store, many)
  const inAll = await store.liveClicks(all)
  await store.deleteLink(2)

  expect(ofBatch.map(({ atMs }) => atMs)).toEqual(many.slice(-LIVE_CLICKS_OF_BATCH).map(({ atMs }) => atMs))
  expect(inAll).toHaveLength(LIVE_CLICKS_KEPT)
  expect((await store.liveClicks(all)).every(({ linkId }) => linkId === 1)).toBe(true)
})

test('while servers store clicks, whoever reads on from the last one misses none', async () => {
  await using s = await openStores(3)
  const [one, two, reader] = s.stores
  if (one === undefined || two === undefined || reader === undefined)
    throw new Error('three stores were asked for')
  let after = await reader.watchLive(TEAM, TTL_MS)
  const seen: number[] = []
  const read = async () => {
    const clicks = await reader.liveClicks({ ...all, afterId: after })
    after = clicks.at(-1)?.id ?? after
    seen.push(...clicks.map(({ atMs }) => atMs))
  }
  let isDone = false
  const storing = Promise.all(
    [one, two].map(async (store, server) => {
      for (let batch = 0; batch < 20; batch++) {
        await s.append(
          store,
          [{ atMs: server * 1_000 + 2 * batch }, { atMs: server * 1_000 + 2 * batch + 1 }],
          `s${server}`,
        )
        await Bun.sleep(1)
      }
    }),
  ).finally(() => {
    isDone = true
  })

  while (!isDone) {
    await read()
    await Bun.sleep(1)
  }
  await storing
  await read()

  const expected = [0, 1_000].flatMap((start) => Array.from({ length: 40 }, (_, index) => start + index))
  expect(seen.toSorted((a, b) => a - b)).toEqual(expected)
})
