import { expect, test } from 'bun:test'
import { issueOperatorKey } from '#core/accounts/api-keys.ts'
import { findPersonalTeamId } from '#core/accounts/account-queries.ts'
import { setRemaining } from '#core/billing/set-plan.ts'
import { setSurcharge } from '#core/billing/surcharge.ts'
import { getUsage } from '#core/billing/usage.ts'
import { DomainError } from '#core/errors.ts'
import type { NetworkView } from '#core/network/network.ts'
import { NAMES, RELATIONSHIPS, sampleNetwork } from '#testing/network-sample.ts'
import { testNetwork } from '#testing/test-network.ts'
import { testApp } from '#testing/test-app.ts'

const LINK11 = {
  asn: 34309,
  name: 'LINK11',
  description: 'Link11 GmbH',
  country: 'DE',
  upstreams: {
    ipv4: [
      { asn: 174, name: 'COGENT-174', description: 'Cogent Communications' },
      { asn: 1299, name: 'TWELVE99', description: 'Arelion Sweden AB' },
    ],
    ipv6: [{ asn: 6939, name: 'HURRICANE', description: 'Hurricane Electric LLC' }],
  },
  peers: { ipv4: [{ asn: 24940, name: 'HETZNER-AS', description: 'Hetzner Online GmbH' }], ipv6: [] },
  customers: {
    ipv4: [{ asn: 209148, name: 'SECUREPOINT', description: 'Securepoint GmbH' }],
    ipv6: [],
  },
  upstream_count: { ipv4: 2, ipv6: 1 },
  peer_count: { ipv4: 1, ipv6: 0 },
  customer_count: { ipv4: 1, ipv6: 0 },
  queried_at: '2026-01-02T03:04:05Z',
  source: 'CAIDA AS Relationships',
  provider: 'local-caida',
}

const NOT_READY = {
  view(): never {
    throw new DomainError('network-data-loading', { retryAfterS: 5 })
  },
}

async function aServer(network?: NetworkView) {
  const app = await testApp({ network: network ?? (await sampleNetwork()) })
  const account = await app.givenAccount({ plan: 'Starter', key: { dialect: 'lynk' } })
  const { services } = app.app
  const teamId = (await findPersonalTeamId(services.db, account.user.id)) ?? 0
  return {
    app,
    account,
    services,
    teamId,
    get: (path: string, init?: RequestInit & { readonly ip?: string }) => app.request(path, init),
    ask: (path: string) => app.call('GET', path, { token: account.key.secret }),
    used: async () => (await getUsage(services, teamId, 'lookup-credits')).used,
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  }
}

async function refusal(response: Response): Promise<readonly [number, unknown]> {
  const body = (await response.json()) as { error: string; message: string }
  expect(Object.keys(body)).toEqual(['error', 'message'])
  expect(body.message).toEndWith(body.message.includes('onehop data') ? '--accept-terms' : '.')
  return [response.status, body.error]
}

test.each(['34309', 'AS34309', 'as34309'])('the documented lookup of %s, with a Bearer key', async (asn) => {
  await using server = await aServer()

  const response = await server.ask(`/bgp/v1/asn/${asn}`)

  expect(response.status).toBe(200)
  expect(await response.text()).toBe(JSON.stringify(LINK11))
  expect(await server.used()).toBe(1)
})

test('the key may be a parameter', async () => {
  await using server = await aServer()

  const response = await server.get(`/bgp/v1/asn/34309?key=${server.account.key.secret}`)

  expect(await response.json()).toEqual(LINK11)
  expect(await server.used()).toBe(1)
})

test('a key of any API opens this one; one without the ability does not', async () => {
  await using server = await aServer()
  const { services, account, app } = server
  const key = { name: 'k', abilities: ['*'] as const }
  const lens = await issueOperatorKey(services, account.user, { ...key, dialect: 'lynklens' })
  const links = await issueOperatorKey(services, account.user, {
    dialect: 'lynk',
    name: 'k',
    abilities: ['links:read'],
  })

  expect((await app.call('GET', '/bgp/v1/asn/34309', { token: lens.secret })).status).toBe(200)
  expect(await refusal(await app.call('GET', '/bgp/v1/asn/34309', { token: links.secret }))).toEqual([
    403,
    'forbidden',
  ])
})

test('five lookups a day are everybody’s, by address and by IPv6 network, with the public key or none', async () => {
  await using server = await aServer()
  const path = '/bgp/v1/asn/34309'
  const publicly = [
    { path },
    { path: `${path}?key=openusage` },
    { path, headers: { authorization: 'Bearer openusage' } },
    { path: `${path}?key=` },
    { path: '/bgp/v1/asn/1234567' },
  ]

  for (const { path: asked, headers } of publicly) {
    const response = await server.get(asked, { ip: '198.51.100.7', ...(headers && { headers }) })
    expect(response.status).toBe(asked.endsWith('1234567') ? 404 : 200)
    expect(response.headers.get('ratelimit-limit')).toBe('5')
  }
  const sixth = await server.get(path, { ip: '198.51.100.7' })
  expect(Number(sixth.headers.get('retry-after'))).toBeGreaterThan(86_000)
  expect(await refusal(sixth)).toEqual([429, 'rate_limited'])

  expect((await server.get(path, { ip: '198.51.100.8' })).status).toBe(200)
  for (let host = 1; host <= 5; host++) await server.get(path, { ip: `2001:db8:1:2::${host}` })
  expect((await server.get(path, { ip: '2001:db8:1:2:ffff::9' })).status).toBe(429)
  expect((await server.get(path, { ip: '2001:db8:1:3::1' })).status).toBe(200)
  expect((await server.ask(path)).status).toBe(200)
})

test.each([
  { asn: '0', refused: [400, 'invalid_asn'] },
  { asn: '4294967296', refused: [400, 'invalid_asn'] },
  { asn: 'example', refused: [400, 'invalid_asn'] },
  { asn: '-1', refused: [400, 'invalid_asn'] },
  { asn: '%3Cb%3E', refused: [400, 'invalid_asn'] },
  { asn: '1234567', refused: [404, 'not_found'] },
])('$asn is refused, and costs nothing', async ({ asn, refused }) => {
  await using server = await aServer()

  expect(await refusal(await server.ask(`/bgp/v1/asn/${asn}`))).toEqual(refused as [number, string])

  expect(await server.used()).toBe(0)
})

test('a key that is not known is refused, also where none is needed', async () => {
  await using server = await aServer()
  for (const path of ['/bgp/v1/asn/34309?key=nonsense', '/bgp/v1/search?q=link11&key=nonsense'])
    expect(await refusal(await server.get(path))).toEqual([401, 'unauthorized'])
})

test('tokens that are used up are 402, whatever the surcharge', async () => {
  await using server = await aServer()
  await setRemaining(server.services, server.teamId, 'lookup-credits', 1)
  await setSurcharge(server.services, server.teamId, { isOn: true, limit: null })

  expect((await server.ask('/bgp/v1/asn/34309')).status).toBe(200)
  expect(await refusal(await server.ask('/bgp/v1/asn/34309'))).toEqual([402, 'insufficient_tokens'])
  expect(await server.used()).toBe(1)
})

test('without relationships the lookup says how they are loaded', async () => {
  await using server = await aServer(await testNetwork([NAMES]))

  const response = await server.ask('/bgp/v1/asn/34309')

  expect(response.status).toBe(503)
  expect(await response.json()).toEqual({
    error: 'relationships_not_loaded',
    message:
      'No AS relationships are loaded on this server. Its operator loads them with: onehop data update caida-as-rel caida-as-rel-v6 --accept-terms',
  })
  expect(await server.used()).toBe(0)
})

test('a version of IP whose relationships are not loaded is null, not empty', async () => {
  await using server = await aServer(await testNetwork([NAMES, RELATIONSHIPS]))

  const answer = await (await server.ask('/bgp/v1/asn/209148')).json()

  expect(answer).toMatchObject({
    upstreams: { ipv6: null },
    customers: { ipv4: [], ipv6: null },
    customer_count: { ipv4: 0, ipv6: null },
    source: 'CAIDA AS Relationships',
    provider: 'local-caida',
  })
})

test('while the data are being prepared, lookups are told to come back', async () => {
  await using app = await testApp({ networkData: NOT_READY })

  const response = await app.request('/bgp/v1/asn/34309')

  expect(response.headers.get('retry-after')).toBe('5')
  expect(await refusal(response)).toEqual([503, 'loading'])
})

test('companies are found with all their systems', async () => {
  await using server = await aServer()

  const response = await server.get('/bgp/v1/company/search?q=hetzner')

  expect(response.status).toBe(200)
  expect(await response.json()).toEqual({
    query: 'hetzner',
    count: 1,
    results: [
      {
        org: 'Hetzner Online GmbH',
        country: 'DE',
        asns: [{ asn: 24940, name: 'HETZNER-AS', description: 'Hetzner Online GmbH' }],
      },
    ],
  })
})

const HETZNER = { asn: 24940, name: 'HETZNER-AS', description: 'Hetzner Online GmbH', country: 'DE' }
const NETWORK = { prefix: '78.46.0.0/15', first: '78.46.0.0', last: '78.47.255.255', origins: [HETZNER] }

test.each([
  { q: 'AS24940', type: 'asn', results: [HETZNER] },
  { q: '24940', type: 'asn', results: [HETZNER] },
  { q: 'hetzner', type: 'name', results: [HETZNER] },
  { q: '78.46.1.2', type: 'ip', results: [NETWORK] },
  { q: '78.46.0.0/16', type: 'prefix', results: [NETWORK] },
  { q: 'nobody at all', type: 'name', results: [] },
])('a search for $q is one for $type', async ({ q, type, results }) => {
  await using server = await aServer()

  const response = await server.get(`/bgp/v1/search?q=${encodeURIComponent(q)}`)

  expect(await response.json()).toEqual({ query: q, type, count: results.length, results } as object)
})

test('a search shows as many as are wanted, and says when there are more', async () => {
  await using server = await aServer()

  const answer = (await (await server.get('/bgp/v1/search?q=gmbh&limit=2')).json()) as {
    count: number
    total: number
    results: unknown[]
  }

  expect(answer.count).toBe(2)
  expect(answer.results).toHaveLength(2)
  expect(answer.total).toBe(3)
})

test.each([
  '/bgp/v1/search',
  '/bgp/v1/search?q=',
  '/bgp/v1/search?q=%20',
  '/bgp/v1/search?q=a&q=b',
  '/bgp/v1/search?q=a&limit=0',
  '/bgp/v1/search?q=a&limit=1000',
  '/bgp/v1/company/search',
  '/bgp/v1/company/search?q=',
])('%s is a bad request', async (path) => {
  await using server = await aServer()
  expect(await refusal(await server.get(path))).toEqual([400, 'invalid_request'])
})

test.each([
  { path: '/bgp/v1/company/search?q=link11', limit: 10 },
  { path: '/bgp/v1/search?q=link11', limit: 30 },
])(
  '$path may be asked $limit times a minute from an address, with or without a key',
  async ({ path, limit }) => {
    await using server = await aServer()

    for (let i = 1; i <= limit; i++) {
      const response = await (i % 2 === 0 ? server.ask(path) : server.get(path))
      expect(response.status).toBe(200)
      expect(response.headers.get('ratelimit-remaining')).toBe(String(limit - i))
    }

    const refused = await server.ask(path)
    expect(refused.headers.get('retry-after')).not.toBeNull()
    expect(await refusal(refused)).toEqual([429, 'rate_limited'])
    expect(await server.used()).toBe(0)
  },
)

test('other paths and methods are refused in the same format, and any page may ask', async () => {
  await using server = await aServer()

  expect(await refusal(await server.get('/bgp/v1/nothing'))).toEqual([404, 'not_found'])
  expect(await refusal(await server.get('/bgp/v1/asn/34309', { method: 'POST' }))).toEqual([
    405,
    'method_not_allowed',
  ])
  const answer = await server.get('/bgp/v1/asn/34309', { headers: { origin: 'https://a.example' } })
  expect(answer.headers.get('access-control-allow-origin')).toBe('*')
})
