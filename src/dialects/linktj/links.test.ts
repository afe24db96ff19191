import { expect, test } from 'bun:test'
import { DEFAULT_PLANS } from '#core/billing/default-plans.ts'
import { addCredits } from '#core/billing/usage-queries.ts'
import { NOW, testApp } from '#testing/test-app.ts'

const PHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1'
const DESKTOP =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36'
const ID = expect.stringMatching(/^[0-9A-Za-z]{24}$/)

async function started(plan = 'Pro') {
  const app = await testApp()
  const account = await app.givenAccount({ email: 'you@example.com', plan, key: { dialect: 'linktj' } })
  const token = account.key.secret
  const call = (method: string, path: string, body?: unknown) =>
    app.call(method, path, { token, ...(body !== undefined && { body }) })
  return { app, account, token, call }
}

test('the quick start works as the contract writes it', async () => {
  const { app, call } = await started()
  await using _ = app

  const response = await call('POST', '/api/v1/links', { url: 'https://example.com/a/very/long/link' })

  expect(response.status).toBe(201)
  const { data } = await response.json()
  expect(data.slug).toMatch(/^[0-9A-Za-z]{7}$/)
  expect(data.shortUrl).toBe(`http://s.test/${data.slug}`)
  const followed = await app.request(`/${data.slug}`)
  expect([followed.status, followed.headers.get('location')]).toEqual([
    302,
    'https://example.com/a/very/long/link',
  ])
})

test('POST /api/v1/links answers the link and the usage', async () => {
  const { app, call } = await started('Free')
  await using _ = app
  await call('POST', '/api/v1/links', { url: 'https://example.com/1' })
  await call('POST', '/api/v1/links', { url: 'https://example.com/2', kind: 'url', payload: null, slug: '' })

  const body = { url: 'https://example.com', slug: 'promo', title: 'Promo' }
  const response = await call('POST', '/api/v1/links', body)

  expect(response.status).toBe(201)
  expect(await response.json()).toEqual({
    data: {
      id: ID,
      slug: 'promo',
      shortUrl: 'http://s.test/promo',
      kind: 'url',
      originalUrl: 'https://example.com',
      summary: null,
      clicks: 0,
    },
    usage: { linksUsed: 3, linkLimit: 5, linksRemaining: 2 },
  })
})

test('a Wi-Fi link as the contract writes it', async () => {
  const { app, call } = await started()
  await using _ = app

  const response = await call('POST', '/api/v1/links', {
    kind: 'wifi',
    title: 'Guest Wi-Fi',
    payload: { ssid: 'MyNet', encryption: 'WPA', password: 'secret123' },
  })

  expect(response.status).toBe(201)
  const { data, usage } = await response.json()
  expect(data).toEqual({
    id: ID,
    slug: expect.stringMatching(/^[0-9A-Za-z]{7}$/),
    shortUrl: `http://s.test/l/${data.slug}`,
    kind: 'wifi',
    originalUrl: null,
    summary: 'MyNet',
    clicks: 0,
  })
  expect(usage).toEqual({ linksUsed: 1, linkLimit: 1_000, linksRemaining: 999 })
  const page = await app.request(data.shortUrl)
  expect(page.status).toBe(200)
  expect(await page.text()).toContain('<bdi lang="">Guest Wi-Fi</bdi>')
})

test.each([
  { kind: 'vcard', payload: { firstName: 'Ada', lastName: 'Lovelace' }, summary: 'Ada Lovelace' },
  { kind: 'text', payload: { text: 'Hello\nworld' }, summary: 'Hello' },
])('a link of the kind $kind is made, shown, counted and removed', async ({ kind, payload, summary }) => {
  const { app, call } = await started()
  await using _ = app

  const created = await call('POST', '/api/v1/links', { kind, payload, slug: 'it', url: '' })
  const visited = await app.request('/l/it')
  await app.settleClicks()
  const shown = await call('GET', '/api/v1/links/it')
  const removed = await call('DELETE', '/api/v1/links/it')

  expect([created.status, visited.status, shown.status, removed.status]).toEqual([201, 200, 200, 200])
  expect((await shown.json()).data).toMatchObject({
    kind,
    summary,
    shortUrl: 'http://s.test/l/it',
    originalUrl: null,
    clicks: 1,
    isActive: true,
  })
  expect((await app.request('/l/it')).status).toBe(404)
})

test('a text of 10,000 characters fits, however it is written', async () => {
  const { app, token } = await started()
  await using _ = app
  const rawBody = `{"kind":"text","payload":{"text":"${'\\ud83c\\udf89'.repeat(10_000)}"}}`

  const response = await app.call('POST', '/api/v1/links', { token, rawBody })

  expect(response.status).toBe(201)
})

test('the limit being reached is 402 with the cheapest plan that allows more', async () => {
  const { app, call } = await started('Free')
  await using _ = app
  for (let n = 0; n < 5; n++) await call('POST', '/api/v1/links', { url: `https://example.com/${n}` })

  const response = await call('POST', '/api/v1/links', { url: 'https://example.com', slug: 'promo' })

  expect(response.status).toBe(402)
  expect(await response.json()).toEqual({
    error: 'limit_reached',
    code: 'limit_reached',
    message: 'The Free plan allows 5 links a month, and they are used up.',
    recommend: { name: 'Starter', priceMonthly: 5, linkLimit: 100 },
  })
  expect((await app.request('/promo')).status).toBe(404)
})

test('a plan on request is recommended without a price', async () => {
  const { app, account, call } = await started('Premium')
  await using _ = app
  const { teamId } = account.key.key
  await app.app.services.db
    .insertInto('usage')
    .values({ team_id: teamId, month: '2026-01', metric: 'links', used: 20_000, allowance: null })
    .execute()

  const { status, body } = await answerOf(call('POST', '/api/v1/links', { url: 'https://example.com' }))

  expect([status, body['recommend']]).toEqual([
    402,
    { name: 'Enterprise', priceMonthly: null, linkLimit: null },
  ])
})

test('no plan is recommended where none allows more', async () => {
  await using app = await testApp({ plans: { ...DEFAULT_PLANS, plans: DEFAULT_PLANS.plans.slice(0, 1) } })
  const { key } = await app.givenAccount({ plan: 'Free', key: { dialect: 'linktj' } })
  const create = () =>
    app.call('POST', '/api/v1/links', { token: key.secret, body: { url: 'https://example.com' } })
  for (let n = 0; n < 5; n++) await create()

  const { status, body } = await answerOf(create())

  expect([status, Object.keys(body)]).toEqual([402, ['error', 'code', 'message']])
})

test('bought links come after the month’s, and count as remaining', async () => {
  const { app, account, call } = await started('Free')
  await using _ = app
  await addCredits(app.app.services.db, account.key.key.teamId, 'links', 2)
  for (let n = 0; n < 5; n++) await call('POST', '/api/v1/links', { url: `https://example.com/${n}` })

  const { status, body } = await answerOf(call('POST', '/api/v1/links', { url: 'https://example.com' }))

  expect([status, body['usage']]).toEqual([201, { linksUsed: 5, linkLimit: 5, linksRemaining: 1 }])
})

test('GET /api/v1/links lists newest first, by limit and offset, with the overall count', async () => {
  const { app, call } = await started()
  await using _ = app
  await call('POST', '/api/v1/links', { url: 'https://example.com', slug: 'promo', title: 'Promo' })
  await call('POST', '/api/v1/links', { kind: 'wifi', payload: { ssid: 'MyNet' }, slug: 'wifi' })
  await call('POST', '/api/v1/links', { url: 'https://example.org', slug: 'last' })
  await app.request('/promo')
  await app.request('/promo', { method: 'HEAD' })
  await app.settleClicks()

  const all = await answerOf(call('GET', '/api/v1/links'))
  const part = await answerOf(call('GET', '/api/v1/links?limit=20&offset=1'))
  const one = await answerOf(call('GET', '/api/v1/links?limit=1&offset=2'))
  const none = await answerOf(call('GET', '/api/v1/links?limit=100&offset=3'))

  const promo = {
    id: ID,
    slug: 'promo',
    shortUrl: 'http://s.test/promo',
    kind: 'url',
    originalUrl: 'https://example.com',
    summary: null,
    title: 'Promo',
    clicks: 2,
    isActive: true,
  }
  expect(all.body).toMatchObject({ total: 3, limit: 50, offset: 0 })
  expect((all.body['data'] as { slug: string }[]).map(({ slug }) => slug)).toEqual(['last', 'wifi', 'promo'])
  expect(part.body).toEqual({
    total: 3,
    limit: 20,
    offset: 1,
    data: [
      {
        id: ID,
        slug: 'wifi',
        shortUrl: 'http://s.test/l/wifi',
        kind: 'wifi',
        originalUrl: null,
        summary: 'MyNet',
        title: null,
        clicks: 0,
        isActive: true,
      },
      promo,
    ],
  })
  expect(one.body).toEqual({ total: 3, limit: 1, offset: 2, data: [promo] })
  expect(none.body).toEqual({ total: 3, limit: 100, offset: 3, data: [] })
})

test('GET /api/v1/links/{id_or_slug} shows a link and its clicks by country, device and source', async () => {
  const { app, call } = await started()
  await using _ = app
  const created = await answerOf(call('POST', '/api/v1/links', { url: 'https://example.com', slug: 'promo' }))
  const { id } = created.body['data'] as { id: string }
  const visit = (headers: Record<string, string>, ip: string) => app.request('/promo', { headers, ip })
  await visit({ 'user-agent': PHONE, referer: 'https://t.me/channel' }, '8.8.8.8')
  await visit({ 'user-agent': PHONE }, '8.8.8.8')
  await visit({ 'user-agent': DESKTOP, referer: 'https://t.me/' }, '127.0.0.1')
  await app.settleClicks()

  const bySlug = await answerOf(call('GET', '/api/v1/links/promo'))
  const byId = await answerOf(call('GET', `/api/v1/links/${id}`))

  expect(bySlug.body).toEqual({
    data: {
      id,
      slug: 'promo',
      shortUrl: 'http://s.test/promo',
      kind: 'url',
      originalUrl: 'https://example.com',
      summary: null,
      title: null,
      clicks: 3,
      isActive: true,
      analytics: {
        byCountry: [
          { name: 'US', count: 2 },
          { name: 'Unknown', count: 1 },
        ],
        byDevice: [
          { name: 'mobile', count: 2 },
          { name: 'desktop', count: 1 },
        ],
        byReferrer: [
          { name: 't.me', count: 2 },
          { name: 'Unknown', count: 1 },
        ],
      },
    },
  })
  expect(byId).toEqual(bySlug)
})

test('analytics reach back as far as the plan, and count bots as the clicks do', async () => {
  const { app, call } = await started('Free')
  await using _ = app
  await call('POST', '/api/v1/links', { url: 'https://example.com', slug: 'promo' })
  await app.request('/promo', {
    headers: { 'user-agent': 'Twitterbot/1.0', referer: 'https://old.example/' },
  })
  app.setNow(new Date(NOW.getTime() + 30 * 86_400_000 + 1))
  await app.request('/promo', {
    headers: { 'user-agent': 'Twitterbot/1.0', referer: 'https://new.example/' },
  })
  await app.settleClicks()

  const { body } = await answerOf(call('GET', '/api/v1/links/promo'))

  expect(body['data']).toMatchObject({
    clicks: 2,
    analytics: { byReferrer: [{ name: 'new.example', count: 1 }] },
  })
})

test('an inactive link is shown as such', async () => {
  const { app, token, call } = await started()
  await using _ = app
  const created = await app.call('POST', '/v1/links', {
    token,
    body: { long_url: 'https://example.com', slug: 'off' },
  })
  expect(created.status).toBe(201)
  await app.call('PATCH', '/v1/links/off', { token, body: { status: 'inactive' } })

  const { body } = await answerOf(call('GET', '/api/v1/links/off'))

  expect(body['data']).toMatchObject({ slug: 'off', isActive: false })
})

test('DELETE /api/v1/links/{id_or_slug} removes the link for good', async () => {
  const { app, call } = await started()
  await using _ = app
  const created = await answerOf(call('POST', '/api/v1/links', { url: 'https://example.com', slug: 'promo' }))
  const { id } = created.body['data'] as { id: string }
  await call('POST', '/api/v1/links', { url: 'https://example.com', slug: 'other' })

  const byId = await answerOf(call('DELETE', `/api/v1/links/${id}`))
  const bySlug = await answerOf(call('DELETE', '/api/v1/links/other'))

  expect(byId).toEqual({ status: 200, body: { data: { id, slug: 'promo', deleted: true } } })
  expect(bySlug).toMatchObject({ status: 200, body: { data: { id: ID, slug: 'other', deleted: true } } })
  expect((await app.request('/promo')).status).toBe(404)
  expect((await call('GET', `/api/v1/links/${id}`)).status).toBe(404)
  expect((await answerOf(call('GET', '/api/v1/links'))).body).toMatchObject({ total: 0 })
})

test('GET /api/v1/me shows account, plan and the month’s usage', async () => {
  const { app, call } = await started('Free')
  await using _ = app
  for (const slug of ['a', 'b']) await call('POST', '/api/v1/links', { url: 'https://example.com', slug })
  for (let n = 0; n < 3; n++) await app.request('/a')
  await app.settleClicks()

  const { status, body } = await answerOf(call('GET', '/api/v1/me'))

  expect([status, body]).toEqual([
    200,
    {
      data: {
        email: 'you@example.com',
        plan: { name: 'Free', linkLimit: 5, clickLimit: 1_000 },
        usage: { linksUsed: 2, linksRemaining: 3, clicksUsed: 3 },
      },
    },
  ])
})

test('no limit is null', async () => {
  const { app, call } = await started('Enterprise')
  await using _ = app
  const created = await answerOf(call('POST', '/api/v1/links', { url: 'https://example.com' }))

  const { body } = await answerOf(call('GET', '/api/v1/me'))

  expect(created.body['usage']).toEqual({ linksUsed: 1, linkLimit: null, linksRemaining: null })
  expect(body['data']).toMatchObject({
    plan: { name: 'Enterprise', linkLimit: null, clickLimit: null },
    usage: { linksUsed: 1, linksRemaining: null, clicksUsed: 0 },
  })
})

test('a key of any API opens it by X-Api-Key, and a page of any origin may read the answer', async () => {
  await using app = await testApp()
  const { key } = await app.givenAccount({ key: { dialect: 'lynklens' } })
  const origin = 'https://app.example'

  const response = await app.call('GET', '/api/v1/links', { headers: { 'x-api-key': key.secret, origin } })
  const preflight = await app.call('OPTIONS', '/api/v1/links', {
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'x-api-key',
    },
  })

  expect([response.status, await response.json()]).toEqual([
    200,
    { total: 0, limit: 50, offset: 0, data: [] },
  ])
  expect(response.headers.get('access-control-allow-origin')).toBe('*')
  expect([preflight.status, preflight.headers.get('access-control-allow-headers')]).toEqual([
    204,
    'x-api-key',
  ])
})

async function answerOf(
  promise: Promise<Response>,
): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> {
  const response = await promise
  return { status: response.status, body: await response.json() }
}
