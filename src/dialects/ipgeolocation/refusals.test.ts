import { expect, test } from 'bun:test'
import { blockAccount } from '#core/accounts/block-account.ts'
import { findPersonalTeamId } from '#core/accounts/account-queries.ts'
import { issueOperatorKey, revokeKey } from '#core/accounts/api-keys.ts'
import { parseRootDomain } from '#core/accounts/request-origin.ts'
import { addOrigin, removeOrigin } from '#core/accounts/request-origins.ts'
import { setPlan, setRemaining } from '#core/billing/set-plan.ts'
import { setSurcharge } from '#core/billing/surcharge.ts'
import { getUsage } from '#core/billing/usage.ts'
import { setOverride } from '#core/billing/usage-queries.ts'
import type { Ctx } from '#core/context.ts'
import { effectiveAbilities } from '#core/permissions.ts'
import { sampleNetwork } from '#testing/network-sample.ts'
import { testApp, type TestAccount, type TestApp } from '#testing/test-app.ts'
import { startWhoisServer } from '#testing/whois-server.ts'
import { until } from '#testing/until.ts'

const MISSING_KEY =
  "Please provide an API key (as 'apiKey=YOUR_API_KEY' URL parameter) to use IPGeolocation API. To get your free API Key, sign up at https://app.ipgeolocation.io/login"
const INVALID_KEY =
  'Provided API key is not valid. Contact technical support for assistance at support@ipgeolocation.io'
const LOCKED =
  'Your account has been locked to use IPGeolocation API. Contact technical support for assistance at support@ipgeolocation.io'
const FREE_PLAN =
  'ASN Lookup is not supported on your current subscription. This feature is available to Paid subscriptions only.'
const UNKNOWN = 'Provided ASN or IP Address does not exist in our database.'
const BAD_TARGET = 'Invalid character found in the request target.'

async function aCaller(plan = 'Starter', options: { readonly whoisPort?: number } = {}) {
  const app = await testApp({ network: await sampleNetwork(), ...options })
  const account = await app.givenAccount({ plan, key: { dialect: 'ipgeolocation' } })
  const { services } = app.app
  const teamId = (await findPersonalTeamId(services.db, account.user.id)) ?? 0
  return {
    app,
    account,
    services,
    teamId,
    ctx: memberOf(app, account, teamId),
    ask: (query: string, init?: RequestInit & { readonly ip?: string }) =>
      app.request(`/v3/asn?apiKey=${account.key.secret}&${query}`, init),
    used: async () => (await getUsage(services, teamId, 'lookup-credits')).used,
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  }
}

/** The account's owner, signed in. */
function memberOf(app: TestApp, { user }: TestAccount, teamId: number): Ctx {
  return {
    ...app.app.services,
    actor: {
      kind: 'member',
      userId: user.id,
      teamId,
      role: 'owner',
      isOperator: false,
      grant: ['*'],
      abilities: effectiveAbilities('owner', ['*']),
      keyId: null,
    },
  }
}

/** The status of an answer and the message that is all of its body. */
async function refusal(response: Response): Promise<readonly [number, string]> {
  const body = (await response.json()) as { message: string }
  expect(Object.keys(body)).toEqual(['message'])
  expect(response.headers.has('x-credits-charged')).toBe(false)
  return [response.status, body.message]
}

test.each([
  {
    query: 'ip=999.999.999.999',
    refused: [400, "Provided name, service or IP address '999.999.999.999' is not valid."],
  },
  {
    query: 'ip=example.com',
    refused: [400, "Provided name, service or IP address 'example.com' is not valid."],
  },
  {
    query: 'ip=fe80::1%25eth0',
    refused: [400, "Provided name, service or IP address 'fe80::1%eth0' is not valid."],
  },
  { query: 'ip=010.1.1.1', refused: [400, "Provided name, service or IP address '010.1.1.1' is not valid."] },
  {
    query: 'ip=78.46.0.1&ip=138.199.128.1',
    refused: [400, "Provided name, service or IP address '78.46.0.1,138.199.128.1' is not valid."],
  },
  { query: 'asn=abc', refused: [400, "Provided ASN 'abc' is not valid."] },
  { query: 'asn=0', refused: [400, "Provided ASN '0' is not valid."] },
  { query: 'asn=AS0', refused: [400, "Provided ASN 'AS0' is not valid."] },
  { query: 'asn=4294967296', refused: [400, "Provided ASN '4294967296' is not valid."] },
  { query: 'asn=-1', refused: [400, "Provided ASN '-1' is not valid."] },
  { query: 'asn=1.5', refused: [400, "Provided ASN '1.5' is not valid."] },
  { query: 'asn=24940&asn=24940', refused: [400, "Provided ASN '24940,24940' is not valid."] },
  { query: 'ip=78.46.0.1&asn=24940', refused: [400, "Parameter 'ip' cannot be used with 'asn'."] },
  { query: 'ip=a[b]', refused: [400, BAD_TARGET] },
  { query: 'ip=%zz', refused: [400, BAD_TARGET] },
  { query: 'ip=%00', refused: [400, BAD_TARGET] },
  { query: 'ip=%ff', refused: [400, BAD_TARGET] },
  { query: 'x{y}=1', refused: [400, BAD_TARGET] },
  { query: 'asn=4294967295', refused: [404, UNKNOWN] },
  { query: 'asn=64512', refused: [404, UNKNOWN] },
  { query: 'ip=1.1.1.1', refused: [404, UNKNOWN] },
  { query: 'ip=2606:4700::1', refused: [404, UNKNOWN] },
  { query: 'ip=10.0.0.1', refused: [423, "'10.0.0.1' is a bogon IP address."] },
  { query: 'ip=127.0.0.1', refused: [423, "'127.0.0.1' is a bogon IP address."] },
  { query: 'ip=::1', refused: [423, "'::1' is a bogon IP address."] },
  { query: 'ip=fd00::1', refused: [423, "'fd00::1' is a bogon IP address."] },
  { query: '', refused: [423, "'192.0.2.1' is a bogon IP address."] },
])('$query is refused, and costs nothing', async ({ query, refused }) => {
  await using caller = await aCaller()

  expect(await refusal(await caller.ask(query))).toEqual(refused as [number, string])

  expect(await caller.used()).toBe(0)
})

test('a refusal is in the chosen format, its text escaped', async () => {
  await using caller = await aCaller()

  const response = await caller.ask('ip=%3Cscript%3E&output=xml')

  expect([response.status, response.headers.get('content-type')]).toEqual([400, 'application/xml'])
  expect(await response.text()).toBe(
    "<LinkedHashMap><message>Provided name, service or IP address '&lt;script&gt;' is not valid.</message></LinkedHashMap>",
  )
})

test.each([
  { path: '/v3/asn-invalid', message: 'No endpoint GET /v3/asn-invalid.' },
  { path: '/v3/asn/24940', message: 'No endpoint GET /v3/asn/24940.' },
  { path: '/v3/asn/78.46.0.1?apiKey=x', message: 'No endpoint GET /v3/asn/78.46.0.1.' },
  { path: '/v3/ipgeo/8.8.8.8', message: 'No endpoint GET /v3/ipgeo/8.8.8.8.' },
  { path: '/v3/ipgeo/24940', message: 'No endpoint GET /v3/ipgeo/24940.' },
  { path: '/v3/asn/', message: 'No endpoint GET /v3/asn/.' },
  { path: '/v3/ASN', message: 'No endpoint GET /v3/ASN.' },
  { path: '/v3', message: 'No endpoint GET /v3.' },
])('$path is no endpoint', async ({ path, message }) => {
  await using caller = await aCaller()
  expect(await refusal(await caller.app.request(path))).toEqual([404, message])
})

test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('the method %s is not supported', async (method) => {
  await using caller = await aCaller()

  const response = await caller.ask('asn=24940', { method })

  expect(response.headers.get('allow')).toBe('GET')
  expect(await refusal(response)).toEqual([405, `Request method '${method}' is not supported`])
})

test('a method that is not named in the contract is not named in its refusal, nor is HEAD answered', async () => {
  await using caller = await aCaller()

  expect(await refusal(await caller.ask('asn=24940', { method: 'PURGE' }))).toEqual([
    405,
    'Request method is not supported',
  ])
  expect((await caller.ask('asn=24940', { method: 'HEAD' })).status).toBe(405)
  expect(await caller.used()).toBe(0)
})

test("a browser's preflight is answered, and so may pages of any origin read the answers", async () => {
  await using caller = await aCaller()

  const preflight = await caller.app.request('/v3/asn', {
    method: 'OPTIONS',
    headers: { origin: 'https://a.example', 'access-control-request-method': 'GET' },
  })
  const answer = await caller.ask('asn=24940')

  expect(preflight.status).toBe(204)
  expect(preflight.headers.get('access-control-allow-origin')).toBe('*')
  expect(preflight.headers.get('access-control-allow-methods')).toBe('GET')
  expect(answer.headers.get('access-control-allow-origin')).toBe('*')
  expect(answer.headers.get('access-control-expose-headers')).toContain('X-Credits-Charged')
})

test('without a key, and with a blank one, a key is asked for', async () => {
  await using caller = await aCaller()
  for (const query of ['asn=24940', 'asn=24940&apiKey=', 'asn=24940&apikey=x', 'asn=24940&apiKey=%20'])
    expect(await refusal(await caller.app.request(`/v3/asn?${query}`))).toEqual([401, MISSING_KEY])
})

test('a key that nobody has, one that is given twice and one that has expired are not valid', async () => {
  await using caller = await aCaller()
  const { services, account, app } = caller
  const expired = await issueOperatorKey(services, account.user, {
    dialect: 'ipgeolocation',
    name: 'old',
    abilities: ['*'],
    expiresAt: new Date('2026-01-01T00:00:00Z'),
  })
  for (const key of ['0'.repeat(32), `${account.key.secret}&apiKey=${account.key.secret}`, expired.secret])
    expect(await refusal(await app.request(`/v3/asn?asn=24940&apiKey=${key}`))).toEqual([401, INVALID_KEY])
})

test('a key of any API opens this one, also as a Bearer token; one without the ability does not', async () => {
  await using caller = await aCaller()
  const { services, account, app } = caller
  for (const dialect of ['lnk7', 'linktj', 'lynk', 'lynklens', 'onehop'] as const) {
    const { secret } = await issueOperatorKey(services, account.user, {
      dialect,
      name: dialect,
      abilities: ['network:read'],
    })
    const response = await app.request(`/v3/asn?asn=24940&apiKey=${encodeURIComponent(secret)}`)
    expect(response.status).toBe(200)
    const bearer = await app.call('GET', '/v3/asn?asn=24940', { token: secret })
    expect(bearer.status).toBe(200)
  }
  const { secret } = await issueOperatorKey(services, account.user, {
    dialect: 'ipgeolocation',
    name: 'links only',
    abilities: ['links:read'],
  })
  expect(await refusal(await app.request(`/v3/asn?asn=24940&apiKey=${secret}`))).toEqual([
    401,
    "Provided API key does not have the ability 'network:read'. Please use one that has it.",
  ])
})

test('a locked account, a free plan and a revoked key are refused from the next request on', async () => {
  await using caller = await aCaller()
  const { services, account, teamId, ctx } = caller
  expect((await caller.ask('asn=24940')).status).toBe(200)

  await setPlan(services, teamId, 'Free')
  expect(await refusal(await caller.ask('asn=24940'))).toEqual([401, FREE_PLAN])
  await setPlan(services, teamId, 'Starter')
  expect((await caller.ask('asn=24940')).status).toBe(200)

  await blockAccount(services, account.user)
  expect(await refusal(await caller.ask('asn=24940'))).toEqual([401, LOCKED])

  await revokeKey(ctx, { id: account.key.key.id })
  expect(await refusal(await caller.ask('asn=24940'))).toEqual([401, INVALID_KEY])
})

test('a plan that came to its end is refused with the day, one that was never there is not', async () => {
  await using caller = await aCaller()
  const { services, teamId } = caller
  const set = (row: object) =>
    services.db.updateTable('subscription').set(row).where('team_id', '=', teamId).execute()
  const expired = (day: string) =>
    `Your subscription has expired at ${day}. Please subscribe to a paid plan to continue using IPGeolocation API without interruption or contact technical support for assistance at support@ipgeolocation.io`
  const paidUntil = Date.UTC(2025, 10, 1)
  const term = {
    interval: 'month',
    anchor_ms: Date.UTC(2025, 9, 1),
    paid_until_ms: paidUntil,
    term_cents: 500,
  }

  await set(term)
  expect(await refusal(await caller.ask('asn=24940'))).toEqual([401, expired('2025-11-01')])

  await setPlan(services, teamId, 'Free')
  await set({ started_at_ms: Date.UTC(2025, 11, 5), lowered_at_ms: Date.UTC(2025, 11, 5) })
  services.emit({ kind: 'access-changed' })
  expect(await refusal(await caller.ask('asn=24940'))).toEqual([401, expired('2025-12-05')])

  await setPlan(services, teamId, 'Free')
  expect(await refusal(await caller.ask('asn=24940'))).toEqual([401, FREE_PLAN])
})

test('a key that another process revoked is refused within a second', async () => {
  await using caller = await aCaller()
  expect((await caller.ask('asn=24940')).status).toBe(200)

  await caller.services.db.deleteFrom('api_key').execute()

  const startedMs = performance.now()
  await until(async () => (await caller.ask('asn=24940')).status === 401)
  expect(performance.now() - startedMs).toBeLessThan(1_000)
})

test('only what is answered is charged, each once', async () => {
  await using caller = await aCaller()

  for (const query of ['asn=24940', 'ip=78.46.0.1', 'asn=24940&output=xml', 'asn=1', 'ip=10.0.0.1', 'ip=x'])
    await caller.ask(query)

  expect(await caller.used()).toBe(3)
})

test('requests that come together are charged each, and never more than the plan allows', async () => {
  await using caller = await aCaller()
  await setOverride(caller.services.db, caller.teamId, 'lookup-credits', 120)

  const answers = await Promise.all(Array.from({ length: 150 }, () => caller.ask('asn=24940')))

  expect(answers.filter(({ status }) => status === 200)).toHaveLength(120)
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(30)
  await caller.app.app.lookupCredits[Symbol.asyncDispose]()
  expect(await caller.used()).toBe(120)
})

test('credits that are used up are refused as documented, and credits set by an operator count', async () => {
  await using caller = await aCaller()
  await setRemaining(caller.services, caller.teamId, 'lookup-credits', 1)

  expect((await caller.ask('asn=24940')).status).toBe(200)
  expect(await refusal(await caller.ask('asn=24940'))).toEqual([
    429,
    'You have exceeded the limit of 1 requests per month for your subscribed Starter plan. Please throttle your requests or upgrade your plan to continue using IPGeolocation API without interruption.',
  ])

  await setRemaining(caller.services, caller.teamId, 'lookup-credits', 1)
  expect((await caller.ask('asn=24940')).status).toBe(200)
})

test('with a surcharge requests go on up to its limit', async () => {
  await using caller = await aCaller()
  await setRemaining(caller.services, caller.teamId, 'lookup-credits', 0)
  await setSurcharge(caller.services, caller.teamId, { isOn: true, limit: 2 })

  expect((await caller.ask('asn=24940')).headers.get('x-credits-charged')).toBe('1')
  expect((await caller.ask('asn=24940')).status).toBe(200)
  expect(await refusal(await caller.ask('asn=24940'))).toEqual([
    429,
    'You have reached the surcharge amount limit of 2 on your subscribed Starter plan. Please throttle your requests or upgrade your plan to continue using IPGeolocation API without interruption.',
  ])
})

test('whoever hangs up while a registry is asked is not charged', async () => {
  await using whois = await startWhoisServer((_, socket) => {
    setTimeout(() => socket.end('late\n'), 150)
    return undefined
  })
  await using caller = await aCaller('Starter', { whoisPort: whois.port })
  const gone = new AbortController()

  const asked = caller.ask('asn=24940&include=whois_response', { signal: gone.signal })
  await until(() => whois.queries.length === 1)
  gone.abort()

  expect((await asked).status).toBe(499)
  expect(await caller.used()).toBe(0)
})

test('pages of a registered domain and its subdomains need no key, on http, https and any port', async () => {
  await using caller = await aCaller()
  await addOrigin(caller.ctx, parseRootDomain('example.com'))

  for (const headers of [
    { origin: 'https://example.com' },
    { origin: 'http://deep.sub.example.com:8080' },
    { origin: 'https://EXAMPLE.com' },
    { referer: 'https://www.example.com/page?x=y' },
  ]) {
    const response = await caller.app.request('/v3/asn?asn=24940', { headers })
    expect([response.status, response.headers.get('x-credits-charged')]).toEqual([200, '1'])
  }
  expect(await caller.used()).toBe(4)
})

test('pages of other domains need one', async () => {
  await using caller = await aCaller()
  const { id } = await addOrigin(caller.ctx, parseRootDomain('example.com'))

  for (const headers of [
    { origin: 'https://notexample.com' },
    { origin: 'https://example.com.evil.test' },
    { origin: 'null' },
    { origin: 'https://evil.test', referer: 'https://example.com/' },
    { origin: 'file://example.com' },
    { referer: 'about:blank' },
    { origin: 'https://93.184.216.34' },
  ])
    expect(await refusal(await caller.app.request('/v3/asn?asn=24940', { headers }))).toEqual([
      401,
      MISSING_KEY,
    ])

  const allowed = () =>
    caller.app.request('/v3/asn?asn=24940', { headers: { origin: 'https://example.com' } })
  expect((await allowed()).status).toBe(200)
  await removeOrigin(caller.ctx, id)
  expect(await refusal(await allowed())).toEqual([401, MISSING_KEY])
})

test('a wrong key is not made good by the page', async () => {
  await using caller = await aCaller()
  await addOrigin(caller.ctx, parseRootDomain('example.com'))

  const response = await caller.app.request('/v3/asn?asn=24940&apiKey=nonsense', {
    headers: { origin: 'https://example.com' },
  })

  expect(await refusal(response)).toEqual([401, INVALID_KEY])
})

test('origins of a blocked account and of a plan without this API are refused', async () => {
  await using caller = await aCaller()
  await addOrigin(caller.ctx, parseRootDomain('example.com'))
  const ask = () => caller.app.request('/v3/asn?asn=24940', { headers: { origin: 'https://example.com' } })

  await setPlan(caller.services, caller.teamId, 'Free')
  expect(await refusal(await ask())).toEqual([401, FREE_PLAN])
  await blockAccount(caller.services, caller.account.user)
  expect(await refusal(await ask())).toEqual([401, LOCKED])
})
