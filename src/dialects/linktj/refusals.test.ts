import { expect, test } from 'bun:test'
import { issueOperatorKey } from '#core/accounts/api-keys.ts'
import type { AbilityGrant } from '#core/permissions.ts'
import { NOW, type TestAccount, type TestApp, testApp } from '#testing/test-app.ts'

const failure = (code: string, message: unknown) => ({ error: code, code, message })

async function started(plan = 'Pro', abilities: AbilityGrant = ['*']) {
  const app = await testApp()
  const account = await app.givenAccount({ plan, key: { dialect: 'linktj', abilities } })
  const call = (method: string, path: string, body?: unknown) =>
    app.call(method, path, { token: account.key.secret, ...(body !== undefined && { body }) })
  return { app, account, call }
}

/** What a request could have left behind. */
async function remains(app: TestApp, account: TestAccount) {
  const { db } = app.app.services
  const links = await db.selectFrom('link').select('id').execute()
  const usage = await db
    .selectFrom('usage')
    .select('used')
    .where('metric', '=', 'links')
    .where('team_id', '=', account.key.key.teamId)
    .execute()
  return { links: links.length, used: usage.reduce((sum, { used }) => sum + used, 0) }
}

const URL_RULE = 'url must be an absolute http(s) URL.'
const NOT_HTTP = 'url must begin with http:// or https://.'

test.each<{ readonly body: unknown; readonly code: string; readonly message: string }>([
  { body: {}, code: 'invalid_url', message: 'url is required.' },
  { body: { url: null, kind: null }, code: 'invalid_url', message: 'url is required.' },
  { body: { url: '' }, code: 'invalid_url', message: URL_RULE },
  { body: { url: 'example.com' }, code: 'invalid_url', message: URL_RULE },
  { body: { url: 'javascript:alert(1)' }, code: 'invalid_url', message: NOT_HTTP },
  {
    body: { url: 'https://a:b@example.com' },
    code: 'invalid_url',
    message: 'url must not contain a user name or password.',
  },
  { body: { url: 5 }, code: 'invalid_request', message: 'url must be text.' },
  { body: [], code: 'invalid_request', message: 'the body must be a JSON object.' },
  {
    body: { url: 'https://example.com', slug: 'a b' },
    code: 'invalid_slug',
    message: 'slug must have 1 to 64 letters, digits, hyphens or underscores.',
  },
  {
    body: { url: 'https://example.com', slug: 'API' },
    code: 'invalid_slug',
    message: 'slug "API" is reserved.',
  },
  { body: { url: 'https://example.com', slug: 7 }, code: 'invalid_request', message: 'slug must be text.' },
  {
    body: { url: 'https://example.com', title: 'x'.repeat(201) },
    code: 'invalid_request',
    message: 'title must have at most 200 characters.',
  },
  {
    body: { url: 'https://example.com', kind: 'pdf' },
    code: 'invalid_request',
    message: 'kind must be one of url, wifi, vcard, text.',
  },
  {
    body: { url: 'https://example.com', payload: { ssid: 'MyNet' } },
    code: 'invalid_request',
    message: 'payload must be left out for kind url.',
  },
  {
    body: { kind: 'wifi', url: 'https://example.com', payload: { ssid: 'MyNet' } },
    code: 'invalid_request',
    message: 'url must be left out for kind wifi.',
  },
  { body: { kind: 'wifi' }, code: 'invalid_payload', message: 'payload is required for wifi.' },
  { body: { kind: 'wifi', payload: 'x' }, code: 'invalid_request', message: 'payload must be an object.' },
  { body: { kind: 'wifi', payload: [] }, code: 'invalid_request', message: 'payload must be an object.' },
  { body: { kind: 'wifi', payload: {} }, code: 'invalid_payload', message: 'payload.ssid is required.' },
  {
    body: { kind: 'wifi', payload: { ssid: 'MyNet', password: 'short', pin: 1 } },
    code: 'invalid_payload',
    message:
      'payload.pin is not a field of this kind of link; payload.password must have 8 to 63 characters, or be 64 hexadecimal digits.',
  },
  {
    body: { kind: 'vcard', payload: { name: 'Ada', url: 'javascript:alert(1)' } },
    code: 'invalid_payload',
    message: 'payload.url.0.url must be an absolute http(s) URL.',
  },
  {
    body: { kind: 'text', payload: { text: 'x'.repeat(10_001) } },
    code: 'invalid_payload',
    message: 'payload.text must have at most 10000 characters.',
  },
])(
  'a link that cannot be is 400, and leaves nothing behind: $message, row %#',
  async ({ body, code, message }) => {
    const { app, account, call } = await started()
    await using _ = app

    const response = await call('POST', '/api/v1/links', body)

    expect([response.status, await response.json()]).toEqual([400, failure(code, message)])
    expect(await remains(app, account)).toEqual({ links: 0, used: 0 })
  },
)

test.each([
  { rawBody: '', message: /the body is empty/ },
  { rawBody: '{', message: /not valid JSON/ },
  { rawBody: new Uint8Array([0x22, 0xff, 0x22]), message: /not UTF-8/ },
])('what is no JSON is 400: $message', async ({ rawBody, message }) => {
  const { app, account } = await started()
  await using _ = app

  const response = await app.call('POST', '/api/v1/links', { token: account.key.secret, rawBody })

  expect([response.status, await response.json()]).toEqual([
    400,
    failure('invalid_json', expect.stringMatching(message)),
  ])
})

test('a body that is too large is 413', async () => {
  const { app, call } = await started()
  await using _ = app

  const response = await call('POST', '/api/v1/links', { url: `https://example.com/${'x'.repeat(132_000)}` })

  expect([response.status, (await response.json()).error]).toEqual([413, 'body_too_large'])
})

test('a slug that is taken is 409, whosever it is', async () => {
  const { app, account, call } = await started()
  await using _ = app
  const other = await app.givenAccount()
  await app.call('POST', '/api/v1/links', {
    token: other.key.secret,
    body: { original_url: 'https://example.com', short_code: 'promo' },
  })

  const response = await call('POST', '/api/v1/links', { url: 'https://example.org', slug: 'promo' })

  expect([response.status, await response.json()]).toEqual([
    409,
    failure('slug_taken', 'slug "promo" is already in use.'),
  ])
  expect((await remains(app, account)).used).toBe(0)
})

test.each([
  { kind: 'wifi', payload: { ssid: 'MyNet' } },
  { kind: 'vcard', payload: { name: 'Ada' } },
  { kind: 'text', payload: { text: 'Hello' } },
])('a $kind link on the Free plan is 403', async (body) => {
  const { app, account, call } = await started('Free')
  await using _ = app

  const response = await call('POST', '/api/v1/links', body)

  expect([response.status, await response.json()]).toEqual([
    403,
    failure('plan_required', 'The Free plan does not include this. Choose a paid plan.'),
  ])
  expect(await remains(app, account)).toEqual({ links: 0, used: 0 })
})

test.each([
  'limit=0',
  'limit=101',
  'limit=x',
  'limit=1.5',
  'limit=1&limit=2',
  'offset=-1',
  'offset=x',
  'offset=9999999999999999',
])('GET /api/v1/links?%s is 400', async (query) => {
  const { app, call } = await started()
  await using _ = app

  const response = await call('GET', `/api/v1/links?${query}`)

  expect([response.status, (await response.json()).error]).toEqual([400, 'invalid_request'])
})

const ENDPOINTS: readonly (readonly [abilities: string, method: string, path: string, body?: object])[] = [
  ['links:write', 'POST', '/api/v1/links', { url: 'https://example.com' }],
  ['links:read', 'GET', '/api/v1/links'],
  ['links:read analytics:read', 'GET', '/api/v1/links/promo'],
  ['links:write', 'DELETE', '/api/v1/links/promo'],
  ['user:read', 'GET', '/api/v1/me'],
]

test('every endpoint wants a key', async () => {
  await using app = await testApp()
  const { key } = await app.givenAccount({
    key: { dialect: 'linktj', expiresAt: new Date(NOW.getTime() + 1) },
  })
  app.setNow(new Date(NOW.getTime() + 1))

  for (const [, method, path, body] of ENDPOINTS) {
    const answer = async (headers: Record<string, string>) => {
      const response = await app.call(method, path, { headers, body })
      return [response.status, await response.json(), response.headers.get('www-authenticate')]
    }
    const unknown = [401, failure('unauthorized', 'Invalid API key.'), 'Bearer']
    expect(await answer({ authorization: 'Bearer lnktj_nobody' })).toEqual(unknown)
    expect(await answer({ 'x-api-key': 'nobody' })).toEqual(unknown)
    expect(await answer({ authorization: `Bearer ${key.secret}` })).toEqual([
      401,
      failure('unauthorized', 'This API key has expired.'),
      'Bearer',
    ])
    expect((await answer({}))[0]).toBe(401)
  }
})

test('every endpoint wants its abilities', async () => {
  for (const [abilities, method, path, body] of ENDPOINTS)
    for (const ability of abilities.split(' ')) {
      const others = ['links:read', 'links:write', 'analytics:read', 'user:read', 'user:write'].filter(
        (other) => other !== ability,
      )
      const { app, account, call } = await started('Pro', others as AbilityGrant)
      await using _ = app
      const full = { dialect: 'linktj', name: 'full', abilities: ['*'] } as const
      const { secret } = await issueOperatorKey(app.app.services, account.user, full)
      const link = { url: 'https://example.com', slug: 'promo' }
      await app.call('POST', '/api/v1/links', { token: secret, body: link })

      const response = await call(method, path, body)

      expect([path, response.status, await response.json()]).toEqual([
        path,
        403,
        failure('forbidden', `This key may not do this: it lacks "${ability}".`),
      ])
      expect((await app.request('/promo')).status).toBe(302)
    }
})

test("another team's link does not exist, by id or slug", async () => {
  const { app, call } = await started()
  await using _ = app
  const other = await app.givenAccount({ key: { dialect: 'linktj' } })
  const created = await app.call('POST', '/api/v1/links', {
    token: other.key.secret,
    body: { kind: 'wifi', slug: 'guests', payload: { ssid: 'MyNet' } },
  })
  const { data } = await created.json()

  for (const name of [data.id, 'guests', 'no-such-link', 'a%20b', '%F0%9F%8E%89', '%00'])
    for (const method of ['GET', 'DELETE']) {
      const response = await call(method, `/api/v1/links/${name}`)
      const expected = name === '%00' ? [400, 'bad_request'] : [404, 'not_found']
      expect([name, response.status, (await response.json()).error]).toEqual([name, ...expected])
    }
  expect((await app.request('/l/guests')).status).toBe(200)
  expect(await (await call('GET', '/api/v1/links')).json()).toMatchObject({ total: 0, data: [] })
})

test('a blocked account is 403', async () => {
  const { app, account, call } = await started()
  await using _ = app
  await app.app.services.db
    .updateTable('user_account')
    .set({ status: 'blocked' })
    .where('id', '=', account.user.id)
    .execute()

  for (const [, method, path, body] of ENDPOINTS) {
    const response = await call(method, path, body)
    expect([response.status, await response.json()]).toEqual([
      403,
      failure('account_blocked', 'This account is blocked.'),
    ])
  }
})

test('a key may send 120 requests a minute; what comes after is 429, and another key goes on', async () => {
  const { app, account, call } = await started()
  await using _ = app
  const first = await call('GET', '/api/v1/links')
  for (let n = 1; n < 120; n++) await call('GET', n % 2 === 0 ? '/api/v1/me' : '/api/v1/links/none')

  const refused = await call('POST', '/api/v1/links', { url: 'https://example.com' })
  const body = await refused.json()

  expect([
    first.headers.get('ratelimit-limit'),
    first.headers.get('ratelimit-remaining'),
    first.headers.get('ratelimit-reset'),
  ]).toEqual(['120', '119', '60'])
  expect(refused.status).toBe(429)
  expect(body).toEqual({
    ...failure('rate_limited', `Too many requests. Try again in ${body.retryAfter} seconds.`),
    retryAfter: expect.any(Number),
  })
  expect(body.retryAfter).toBeWithin(1, 61)
  expect(refused.headers.get('retry-after')).toBe(String(body.retryAfter))
  expect(refused.headers.get('ratelimit-remaining')).toBe('0')
  expect((await remains(app, account)).links).toBe(0)
  const other = await app.givenAccount({ key: { dialect: 'linktj' } })
  expect((await app.call('GET', '/api/v1/me', { token: other.key.secret })).status).toBe(200)
})

test('a user with JWTs may send as much as one key, however many they are', async () => {
  await using app = await testApp()
  const { email, password, key } = await app.givenAccount({ key: { dialect: 'linktj' } })
  const logIn = async () =>
    (await (await app.call('POST', '/api/auth/token', { body: { email, password } })).json()).token as string
  const tokens = [await logIn(), await logIn()]
  for (let n = 0; n < 120; n++) await app.call('GET', '/api/v1/links', { token: tokens[n % 2] })

  const statuses = [...tokens, key.secret].map(
    async (token) => (await app.call('GET', '/api/v1/me', { token })).status,
  )

  expect(await Promise.all(statuses)).toEqual([429, 429, 200])
})

test('an unknown path or method is answered in the same form', async () => {
  const { app, call } = await started()
  await using _ = app

  const path = await call('GET', '/api/v1/links/promo/clicks')
  const method = await call('PATCH', '/api/v1/links/promo', {})

  expect([path.status, await path.json()]).toEqual([404, failure('not_found', 'Not found.')])
  expect([method.status, await method.json()]).toEqual([
    405,
    failure('method_not_allowed', 'Method not allowed.'),
  ])
})
