import { expect, test } from 'bun:test'
import { issueOperatorKey } from '#core/accounts/api-keys.ts'
import { findPersonalTeamId } from '#core/accounts/account-queries.ts'
import { setRemaining } from '#core/billing/set-plan.ts'
import { getUsage } from '#core/billing/usage.ts'
import type { NetworkView } from '#core/network/network.ts'
import { frontServer, parseAnswer } from '#testing/front-server.ts'
import { rangeOf, testNetwork, type TestSource } from '#testing/test-network.ts'
import { testApp } from '#testing/test-app.ts'

/** What it takes to answer the contract's example as it is written there. */
const GOOGLE: readonly TestSource[] = [
  {
    name: 'iptoasn',
    title: 'iptoasn.com IP to ASN',
    date: '2026-01-01',
    rows: [{ ...rangeOf('8.8.8.0/24'), kind: 'as-range', asn: 15_169, country: 'US', name: 'GOOGLE' }],
  },
  {
    name: 'sapics-country',
    title: 'ip-location-db user country',
    date: '2026-01-01',
    rows: [{ ...rangeOf('8.0.0.0/8'), kind: 'country-range', country: 'US' }],
  },
  {
    name: 'x4bnet-vpn',
    rows: [{ ...rangeOf('9.9.8.0/24'), kind: 'listed-range', list: 'vpn' }],
  },
  {
    name: 'x4bnet-datacenter',
    rows: [{ ...rangeOf('8.8.8.0/24'), kind: 'listed-range', list: 'datacenter' }],
  },
  {
    name: 'tor-exits',
    rows: [{ ...rangeOf('9.9.9.9/32'), kind: 'listed-range', list: 'tor-exit' }],
  },
  {
    name: 'cloud:gcp',
    title: 'Google Cloud addresses',
    rows: [
      {
        ...rangeOf('8.8.8.0/24'),
        kind: 'cloud-range',
        provider: 'gcp',
        service: '',
        region: '',
        country: '',
      },
    ],
  },
]

let google: Promise<NetworkView> | undefined

async function aServer() {
  const app = await testApp({ network: await (google ??= testNetwork(GOOGLE)) })
  const account = await app.givenAccount({ plan: 'Starter', key: { dialect: 'lynk' } })
  const { services } = app.app
  const teamId = (await findPersonalTeamId(services.db, account.user.id)) ?? 0
  const path = `/ip/v1/lookup/8.8.8.8?mode=lite&key=${account.key.secret}`
  let strangers = 0
  const warm = async () => {
    await app.request(path, { ip: `198.51.${100 + (++strangers >> 8)}.${strangers & 255}` })
  }
  return {
    app,
    account,
    services,
    teamId,
    /** Make enough lookups, from addresses that are nobody's, that credits are leased. */
    async warmUp() {
      while (strangers < 100) await warm()
    },
    /** Have the key asked for anew by one more: it is known for half a second from now. */
    async refresh() {
      services.emit({ kind: 'access-changed' })
      await warm()
    },
    strangers: () => strangers,
    ask: (path: string) => app.call('GET', path, { token: account.key.secret }),
    used: async () => (await getUsage(services, teamId, 'lookup-credits')).used,
    /** Give back what is held in advance. */
    async settle() {
      for (let n = 0; n < 2; n++) await app.app.lookupCredits.settle()
    },
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  }
}

async function refusal(response: Response): Promise<readonly [number, unknown]> {
  const body = (await response.json()) as { error: string; message: string }
  expect(Object.keys(body)).toEqual(['error', 'message'])
  return [response.status, body.error]
}

const EVIDENCE = [
  { flag: 'cloud', by: 'prefix', matched: '8.8.8.0/24', detail: 'gcp', source: 'Google Cloud addresses' },
  { flag: 'hosting', by: 'prefix', matched: '8.8.8.0/24', source: 'Title of x4bnet-datacenter' },
]

test('the documented lookup of an address, in local data alone', async () => {
  await using server = await aServer()

  const response = await server.ask('/ip/v1/lookup/8.8.8.8?mode=lite')

  expect(response.status).toBe(200)
  expect(response.headers.get('ratelimit-limit')).toBe('30')
  expect(await response.json()).toEqual({
    query: '8.8.8.8',
    type: 'ip',
    ip: '8.8.8.8',
    ip_version: 'IPv4',
    bogon: false,
    sources: {
      'ip-location-db user country': {
        geo: { city: null, country: 'US', country_name: 'United States', continent: 'NA' },
        network: { asn: null, org: null, network: null },
        as_of: '2026-01-01',
        license: 'CC0-1.0',
      },
      'iptoasn.com IP to ASN': {
        geo: { city: null, country: null, country_name: null },
        network: { asn: 15169, org: 'GOOGLE', network: '8.8.8.0/24' },
        as_of: '2026-01-01',
        license: 'CC0-1.0',
      },
    },
    consensus: { country: 'US', country_name: 'United States', agreement: 1, databases: 1 },
    network: {
      asn: 15169,
      name: 'GOOGLE',
      org: 'GOOGLE',
      country: 'US',
      network: '8.8.8.0/24',
      source: 'iptoasn.com IP to ASN',
    },
    privacy: {
      vpn: false,
      proxy: false,
      tor: false,
      hosting: true,
      cloud_provider: 'GCP',
      evidence: EVIDENCE,
    },
    errors: {},
    mode: 'lite',
  })
  expect(await server.used()).toBe(1)
})

test('IPv6, mapped and bracketed addresses are known in any notation', async () => {
  await using server = await aServer()
  const ask = async (target: string) =>
    (await server.ask(`/ip/v1/lookup/${target}?mode=lite`)).json() as Promise<Record<string, unknown>>

  expect(await ask('2001:4860:4860:0:0:0:0:8888')).toMatchObject({
    query: '2001:4860:4860:0:0:0:0:8888',
    ip: '2001:4860:4860::8888',
    ip_version: 'IPv6',
    bogon: false,
  })
  expect(await ask('%5B2001%3A4860%3A4860%3A%3A8888%5D')).toMatchObject({ ip: '2001:4860:4860::8888' })
  expect(await ask('::ffff:8.8.8.8')).toMatchObject({
    ip: '8.8.8.8',
    ip_version: 'IPv4',
    network: { asn: 15169 },
  })
  expect(await ask('2002:808:808::1')).toMatchObject({
    ip_version: 'IPv6',
    embedded: [{ kind: '6to4', ip: '8.8.8.8' }],
    network: { asn: 15169 },
  })
})

test('databases that do not know an address are there with empty fields', async () => {
  await using server = await aServer()

  const answer = await (await server.ask('/ip/v1/lookup/203.119.1.1?mode=lite')).json()

  expect(answer).toMatchObject({
    sources: {
      'ip-location-db user country': {
        geo: { city: null, country: null, country_name: null },
        network: { asn: null, org: null, network: null },
      },
    },
    consensus: { country: null, country_name: null, agreement: null, databases: 0 },
    network: null,
  })
})

test('flags say which list raised them, and which could not have been raised', async () => {
  await using server = await aServer()
  const privacy = async (ip: string) => {
    const answer = await (await server.ask(`/ip/v1/lookup/${ip}?mode=lite`)).json()
    return (answer as { privacy: unknown }).privacy
  }

  expect(await privacy('9.9.8.1')).toMatchObject({
    vpn: true,
    proxy: false,
    tor: false,
    cloud_provider: null,
  })
  expect(await privacy('9.9.9.9')).toEqual({
    vpn: false,
    proxy: true,
    tor: true,
    hosting: false,
    cloud_provider: null,
    evidence: [{ flag: 'tor', by: 'address', matched: '9.9.9.9', source: 'Title of tor-exits' }],
  })

  await using bare = await testApp()
  const account = await bare.givenAccount({ key: { dialect: 'lynk' } })
  const answer = await bare.call('GET', '/ip/v1/lookup/8.8.8.8?mode=lite', { token: account.key.secret })
  expect(await answer.json()).toMatchObject({
    privacy: {
      vpn: false,
      proxy: false,
      tor: false,
      hosting: false,
      cloud_provider: null,
      unknown: ['vpn', 'proxy', 'tor', 'hosting', 'cloud_provider'],
    },
  })
})

test.each(['lite', 'full'])('a bogon is one, and nobody is asked about it, in %s', async (mode) => {
  await using server = await aServer()

  const answer = (await (await server.ask(`/ip/v1/lookup/10.1.2.3?mode=${mode}`)).json()) as object

  expect(answer).toMatchObject({
    query: '10.1.2.3',
    type: 'ip',
    ip: '10.1.2.3',
    ip_version: 'IPv4',
    bogon: true,
    bogon_reason: { prefix: '10.0.0.0/8', purpose: 'private use', reference: 'RFC 1918' },
    sources: {},
    privacy: { vpn: false, proxy: false, tor: false, hosting: false, cloud_provider: null, evidence: [] },
    errors: {},
  })
})

test('“me” is the address that asks', async () => {
  await using server = await aServer()
  const { secret } = server.account.key

  const response = await server.app.request(`/ip/v1/lookup/me?mode=lite&key=${secret}`, { ip: '8.8.8.9' })

  expect(await response.json()).toMatchObject({ query: 'me', type: 'ip', ip: '8.8.8.9', bogon: false })
})

test.each([
  'nonsense',
  '8.8.8',
  '8.8.8.256',
  '8.8.8.8%2F24',
  'fe80::1%25eth0',
  'example..com',
  '-example.com',
  'https%3A%2F%2Fexample.com%2F',
  'someone@example.com',
  'example.com%3A443',
  'duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad.onion',
  'a'.repeat(64) + '.com',
  'a.'.repeat(127) + 'com',
  '%3Cb%3E',
  '%20',
])('%s is refused, and costs nothing', async (target) => {
  await using server = await aServer()

  expect(await refusal(await server.ask(`/ip/v1/lookup/${target}?mode=lite`))).toEqual([
    400,
    'invalid_request',
  ])

  expect(await server.used()).toBe(0)
})

test('a mode that there is not, or two of them, are refused', async () => {
  await using server = await aServer()
  for (const query of ['mode=quick', 'mode=LITE', 'mode=lite&mode=full'])
    expect(await refusal(await server.ask(`/ip/v1/lookup/8.8.8.8?${query}`))).toEqual([
      400,
      'invalid_request',
    ])
})

test('without a sound key that may read networks there is no lookup', async () => {
  await using server = await aServer()
  const { app, services, account } = server
  const path = '/ip/v1/lookup/8.8.8.8?mode=lite'
  const links = await issueOperatorKey(services, account.user, {
    dialect: 'lynk',
    name: 'k',
    abilities: ['links:read'],
  })

  expect(await refusal(await app.request(path))).toEqual([401, 'unauthorized'])
  expect(await refusal(await app.request(`${path}&key=openusage`))).toEqual([401, 'unauthorized'])
  expect(await refusal(await app.call('GET', path, { token: 'lynk_nonsense' }))).toEqual([
    401,
    'unauthorized',
  ])
  expect(await refusal(await app.call('GET', path, { token: links.secret }))).toEqual([403, 'forbidden'])
  expect(await refusal(await app.request('/ip/v1/lookup'))).toEqual([404, 'not_found'])
  expect(await refusal(await server.ask('/ip/v1/lookup/8.8.8.8/more'))).toEqual([404, 'not_found'])
  expect((await app.call('POST', path, { token: account.key.secret })).status).toBe(405)
  expect(await server.used()).toBe(0)
})

test('thirty lookups a minute are an address’s, whatever key it shows', async () => {
  await using server = await aServer()
  const { secret } = server.account.key
  const ask = (ip: string) => server.app.request(`/ip/v1/lookup/8.8.8.8?mode=lite&key=${secret}`, { ip })

  for (let n = 0; n < 30; n++) expect((await ask('198.51.100.7')).status).toBe(200)
  const refused = await ask('198.51.100.7')

  expect(refused.headers.get('ratelimit-remaining')).toBe('0')
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(await refusal(refused)).toEqual([429, 'rate_limited'])
  expect((await ask('198.51.100.8')).status).toBe(200)
  for (let n = 1; n <= 30; n++) await ask(`2001:db8:1:2::${n}`)
  expect((await ask('2001:db8:1:2:ffff::1')).status).toBe(429)
  expect((await ask('2001:db8:1:3::1')).status).toBe(200)
  await server.settle()
  expect(await server.used()).toBe(62)
})

test('without tokens there is no lookup', async () => {
  await using server = await aServer()
  await setRemaining(server.services, server.teamId, 'lookup-credits', 1)

  expect((await server.ask('/ip/v1/lookup/8.8.8.8?mode=lite')).status).toBe(200)
  expect(await refusal(await server.ask('/ip/v1/lookup/8.8.8.8?mode=lite'))).toEqual([
    402,
    'insufficient_tokens',
  ])
})

test('an answer from the wire is the one that the request would have got otherwise', async () => {
  await using server = await aServer()
  await using front = frontServer(server.app)
  const { secret } = server.account.key
  await server.warmUp()

  for (const { target, headers = '' } of [
    { target: '8.8.8.8?mode=lite' },
    { target: '2001:4860:4860::8888?mode=lite' },
    { target: 'me?mode=lite' },
    { target: '10.0.0.1?mode=lite' },
    { target: '8.8.8.8?mode=lite', headers: 'X-Request-Id: mine-1\r\n' },
  ]) {
    const path = `/ip/v1/lookup/${target}&key=${secret}`
    await server.refresh()
    const ready = parseAnswer(await front.get(path, headers))
    const response = await server.app.request(path, {
      ip: '127.0.0.1',
      headers: { 'x-request-id': 'mine-1' },
    })
    expect(front.atOnce.at(-1)).toBe(path)
    expect(ready.status).toBe(200)
    expect(JSON.parse(ready.body)).toEqual(await response.json())
    for (const name of [
      'access-control-allow-origin',
      'access-control-expose-headers',
      'cache-control',
      'content-type',
      'ratelimit-limit',
    ])
      expect([name, ready.headers[name] ?? null]).toEqual([name, response.headers.get(name)])
    expect(ready.headers['x-request-id']).toBe(headers === '' ? ready.headers['x-request-id'] : 'mine-1')
  }
  expect(front.passedOn).toEqual([])
})

test('of many lookups after a pause none has to go the long way, and each is charged', async () => {
  await using server = await aServer()
  await using front = frontServer(server.app)
  const { secret } = server.account.key
  await server.warmUp()
  const before = server.strangers()
  // Longer than callers are believed without being asked for; and what was held for them is given back.
  await Bun.sleep(700)
  await server.app.app.lookupCredits[Symbol.asyncDispose]()
  const used = await server.used()

  const answers = await Promise.all(
    Array.from({ length: 25 }, () => front.get(`/ip/v1/lookup/8.8.8.8?mode=lite&key=${secret}`)),
  )

  expect(answers.map((answer) => parseAnswer(answer).status)).toEqual(answers.map(() => 200))
  expect(front.passedOn).toEqual([])
  expect(before).toBe(server.strangers())
  await server.app.app.lookupCredits[Symbol.asyncDispose]()
  expect((await server.used()) - used).toBe(25)
})

test('what the wire cannot answer is answered otherwise, and counted once', async () => {
  await using server = await aServer()
  await using front = frontServer(server.app)
  const { secret } = server.account.key
  await server.warmUp()

  const ask = async (target: string) => parseAnswer(await front.get(`/ip/v1/lookup/${target}`)).status
  expect(await ask('8.8.8.8?mode=lite&key=lynk_nonsense')).toBe(401)
  expect(await ask(`nonsense?mode=lite&key=${secret}`)).toBe(400)
  expect(await ask(`8.8.8.999?mode=lite&key=${secret}`)).toBe(400)
  expect(front.atOnce).toEqual([])
  // The two that a sound key asked for count.
  for (let n = 0; n < 28; n++) {
    await server.refresh()
    expect(await ask(`8.8.8.8?mode=lite&key=${secret}`)).toBe(200)
  }
  expect(front.atOnce).toHaveLength(28)
  expect(await ask(`8.8.8.8?mode=lite&key=${secret}`)).toBe(429)
  await server.app.app.lookupCredits[Symbol.asyncDispose]()
  expect(await server.used()).toBe(server.strangers() + 28)
})
