import { expect, test } from 'bun:test'
import { setRemaining } from '#core/billing/set-plan.ts'
import { getUsage } from '#core/billing/usage.ts'
import { apiClient } from '#testing/api-client.ts'
import { sampleNetwork } from '#testing/network-sample.ts'
import { teamIdOf } from '#testing/operator.ts'
import { testApp } from '#testing/test-app.ts'

async function lookerUp(plan = 'Pro') {
  const app = await testApp({ network: await sampleNetwork() })
  const account = await app.givenAccount({ plan })
  const client = apiClient(app, account.key.secret)
  const look = (query: string) => client.call('GET', `/lookup?${query}`)
  const charged = async () =>
    (await getUsage(app.app.services, await teamIdOf(app, account), 'lookup-credits')).used
  return { app, account, look, charged, [Symbol.asyncDispose]: () => app[Symbol.asyncDispose]() }
}

test('a system comes with its neighbours, its counts and what it announces', async () => {
  await using s = await lookerUp()

  for (const text of ['AS34309', '34309', 'as%2034309']) {
    const { status, body } = await s.look(`q=${text}`)

    expect([status, body.kind]).toEqual([200, 'asn'])
    expect(body.as).toMatchObject({ asn: 34309, name: 'LINK11', organization: 'Link11 GmbH', country: 'DE' })
    expect(body.graph.ipv4).toMatchObject({ upstreams: 2, peers: 1, customers: 1 })
    expect(body.neighbours.ipv6.upstreams).toEqual([
      { asn: 6939, name: 'HURRICANE', organization: 'Hurricane Electric LLC', country: 'US' },
    ])
  }
})

test('an address is reported as by the lynk API, from local data where that is asked for', async () => {
  await using s = await lookerUp()

  const { status, body } = await s.look('q=8.8.8.8&mode=lite')
  const theirs = await s.app.call('GET', '/ip/v1/lookup/8.8.8.8?mode=lite', { token: s.account.key.secret })

  expect(status).toBe(200)
  expect(body).toEqual({ ...(await theirs.json()), kind: 'ip', query: '8.8.8.8' })
})

test.each([
  { q: 'link11', kind: 'name' },
  { q: 'no such name anywhere', kind: 'name' },
  { q: '78.46.0.0/15', kind: 'prefix' },
  { q: 'a/b', kind: 'name' },
  { q: '10.0.0.1', kind: 'ip' },
])('$q is looked up as a $kind', async ({ q, kind }) => {
  await using s = await lookerUp()

  const { status, body } = await s.look(`q=${encodeURIComponent(q)}&mode=lite`)

  expect([status, body.kind, body.query]).toEqual([200, kind, q])
})

test('what is answered about one thing costs a credit, and nothing else does', async () => {
  await using s = await lookerUp()

  for (const query of ['q=AS34309', 'q=8.8.8.8&mode=lite']) expect((await s.look(query)).status).toBe(200)
  await s.look('q=link11')
  expect((await s.look('q=AS4200000001')).status).toBe(404)
  expect((await s.look('q=AS0')).status).toBe(400)
  expect((await s.look('q=')).status).toBe(400)
  expect((await s.look('mode=lite')).status).toBe(400)
  expect((await s.look('q=8.8.8.8&mode=fast')).status).toBe(400)

  expect(await s.charged()).toBe(2)
})

test('lookups want credits, a key that may read networks, and patience', async () => {
  await using s = await lookerUp('Free')
  const narrow = await s.app.givenAccount({ key: { abilities: ['links:read'] } })
  const teamId = await teamIdOf(s.app, s.account)
  const statusWith = async (token?: string) =>
    (await s.app.call('GET', '/api/v2/lookup?q=AS34309', { token })).status

  expect(await statusWith()).toBe(401)
  expect(await statusWith(narrow.key.secret)).toBe(403)
  await setRemaining(s.app.app.services, teamId, 'lookup-credits', 0)
  expect(await statusWith(s.account.key.secret)).toBe(402)
  for (let count = 1; count < 30; count++) expect((await s.look('q=link11')).status).toBe(200)
  expect(await statusWith(s.account.key.secret)).toBe(429)
})
