import { expect, test } from 'bun:test'
import type { Services } from '#core/context.ts'
import { BASE, NOW, testApp } from '#testing/test-app.ts'
import { RECEIVER_CLIENT } from '#testing/webhook-receiver.ts'
import { publishClicks, watchSubscribedTeams } from './publish-clicks.ts'

const BATCH_MS = 10_000

async function started() {
  const app = await testApp({ outgoing: RECEIVER_CLIENT })
  const account = await app.givenAccount({ key: { dialect: 'onehop' } })
  const token = account.key.secret
  const { services } = app.app
  let nowMs = NOW.getTime()
  return {
    app,
    services,
    token,
    async createWebhook(events = ['link.clicked']) {
      const body = { url: 'https://localhost.test/hook', events }
      const response = await app.call('POST', '/api/v2/webhooks', { token, body })
      return ((await response.json()) as { id: string }).id
    },
    async createLink(slug: string) {
      const body = { original_url: 'https://example.com', short_code: slug }
      const response = await app.call('POST', '/api/v1/links', { token, body })
      return ((await response.json()) as { id: number }).id
    },
    async click(slug: string, times: number) {
      for (let n = 0; n < times; n++) await app.request(`${BASE}/${slug}`)
      await app.settleClicks()
    },
    passBatch() {
      nowMs += BATCH_MS
      app.setNow(new Date(nowMs))
    },
    /** What every webhook was told, oldest first. */
    async told() {
      const rows = await services.db.selectFrom('delivery').selectAll().orderBy('id').execute()
      return rows
        .map((row) => JSON.parse(row.content) as { event: string; data: Told })
        .filter(({ event }) => event === 'link.clicked')
        .map(({ data }) => data)
    },
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  }
}

interface Told {
  total: number
  links: { id: string; slug: string; clicks: number }[]
}

const byName = ({ links }: Told) => Object.fromEntries(links.map(({ slug, clicks }) => [slug, clicks]))

test("clicks are told in batches, each link's sum since the last one", async () => {
  await using s = await started()
  await s.createWebhook()
  await s.createLink('a')
  await s.createLink('b')
  await s.createLink('quiet')
  await s.click('a', 3)
  await s.click('b', 1)
  await publishClicks(s.services)
  await s.click('a', 2)
  await publishClicks(s.services)
  expect((await s.told()).map(byName)).toEqual([{ a: 3, b: 1 }])

  s.passBatch()
  await publishClicks(s.services)
  s.passBatch()
  await publishClicks(s.services)

  const told = await s.told()
  expect(told.map(byName)).toEqual([{ a: 3, b: 1 }, { a: 2 }])
  expect(told.map(({ total }) => total)).toEqual([4, 2])
  expect(told[0]?.links[0]?.id).toMatch(/^[A-Za-z0-9]{24}$/)
})

test('nobody is told of clicks who does not want to be, and nothing is counted for it', async () => {
  await using s = await started()
  await s.createWebhook(['link.created'])
  await s.createLink('a')
  await s.click('a', 3)

  expect(await publishClicks(s.services)).toBe(0)
  expect(await s.services.clicks.untoldTeams()).toEqual([])
  expect(await s.told()).toEqual([])
})

test('a team is not told of the clicks of another', async () => {
  await using s = await started()
  await s.createWebhook()
  const other = await s.app.givenAccount()
  const body = { original_url: 'https://example.com', short_code: 'theirs' }
  await s.app.call('POST', '/api/v1/links', { token: other.key.secret, body })
  await s.createLink('ours')
  await s.click('theirs', 2)
  await s.click('ours', 1)
  await publishClicks(s.services)

  expect((await s.told()).map(byName)).toEqual([{ ours: 1 }])
})

test('a process that dies between taking a batch and telling it loses nothing, and nothing is told twice', async () => {
  await using s = await started()
  await s.createWebhook()
  await s.createLink('a')
  const dying: Services = {
    ...s.services,
    clicks: {
      ...s.services.clicks,
      untoldTeams: () => s.services.clicks.untoldTeams(),
      async takeUntold(teamId, toldBatch) {
        await s.services.clicks.takeUntold(teamId, toldBatch)
        throw new Error('killed')
      },
    },
  }
  let sum = 0
  for (let round = 0; round < 4; round++) {
    await s.click('a', 2)
    sum += 2
    s.passBatch()
    const failure = await publishClicks(dying).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(Error)
    await s.click('a', 1)
    sum += 1
    s.passBatch()
    await publishClicks(s.services)
  }

  expect((await s.told()).map(({ total }) => total)).toEqual([3, 3, 3, 3])
  expect((await s.told()).reduce((total, told) => total + told.total, 0)).toBe(sum)
})

test('of several processes one tells, also when one was slow', async () => {
  await using s = await started()
  await s.createWebhook()
  await s.createLink('a')
  await s.click('a', 2)
  const { promise: resumed, resolve: resume } = Promise.withResolvers<void>()
  const { promise: taken, resolve: take } = Promise.withResolvers<void>()
  const slow: Services = {
    ...s.services,
    clicks: {
      ...s.services.clicks,
      untoldTeams: () => s.services.clicks.untoldTeams(),
      async takeUntold(teamId, toldBatch) {
        const untold = await s.services.clicks.takeUntold(teamId, toldBatch)
        take()
        await resumed
        return untold
      },
    },
  }
  const slowOne = publishClicks(slow)
  await taken
  expect(await publishClicks(s.services)).toBe(0)
  s.passBatch()
  await s.click('a', 1)
  expect(await publishClicks(s.services)).toBe(1)
  resume()

  expect(await slowOne).toBe(0)
  expect((await s.told()).map(byName)).toEqual([{ a: 3 }])
})

test('clicks of a link that was deleted meanwhile are told to nobody', async () => {
  await using s = await started()
  await s.createWebhook()
  const id = await s.createLink('gone')
  await s.createLink('kept')
  await s.click('gone', 2)
  await s.click('kept', 1)
  await s.app.call('DELETE', `/api/v1/links/${id}`, { token: s.token })
  await publishClicks(s.services)

  expect((await s.told()).map(byName)).toEqual([{ kept: 1 }])
})

test('counting ends when the last webhook for it does, and begins where a new one is', async () => {
  await using s = await started()
  const id = await s.createWebhook()
  await s.createLink('a')
  await s.click('a', 1)
  await s.app.call('DELETE', `/api/v2/webhooks/${id}`, { token: s.token })
  // A team that was watched a moment ago may have a webhook that nobody sees yet.
  await watchSubscribedTeams(s.services)
  expect(await s.services.clicks.untoldTeams()).toHaveLength(1)
  await s.services.clicks.watchOnly([], Date.now() + 1)
  expect(await s.services.clicks.untoldTeams()).toEqual([])
  await s.click('a', 1)
  expect(await s.services.clicks.untoldTeams()).toEqual([])

  await s.createWebhook()
  await s.click('a', 5)
  s.passBatch()
  await publishClicks(s.services)
  expect((await s.told()).map(byName)).toEqual([{ a: 5 }])
})

test('a store that was put back from a backup, and is behind what was told, is told on from there', async () => {
  await using s = await started()
  await s.createWebhook()
  await s.createLink('a')
  await s.click('a', 1)
  await publishClicks(s.services)
  await s.services.db.updateTable('click_event_schedule').set({ last_batch: 1_000 }).execute()
  s.passBatch()
  await s.click('a', 1)
  await publishClicks(s.services)
  s.passBatch()
  await s.click('a', 4)
  await publishClicks(s.services)

  expect((await s.told()).map(byName)).toEqual([{ a: 1 }, { a: 4 }])
})
