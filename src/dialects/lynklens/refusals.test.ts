import { expect, test } from 'bun:test'
import type { AbilityGrant } from '#core/permissions.ts'
import { NOW, testApp, type TestApp } from '#testing/test-app.ts'

const failure = (message: unknown, errors: unknown = {}) => ({ status: false, message, data: [], errors })
const LONG_URL = 'https://example.com/'

async function started(plan = 'Pro', abilities: AbilityGrant = ['*']) {
  const app = await testApp()
  const account = await app.givenAccount({ plan, key: { dialect: 'lynklens', abilities } })
  const call = (method: string, path: string, body?: unknown) =>
    app.call(method, path, { token: account.key.secret, ...(body !== undefined && { body }) })
  return { app, account, call }
}

/** Every endpoint, with the ability it takes and a request that would do. */
const ENDPOINTS: readonly (readonly [ability: string, method: string, path: string, body?: object])[] = [
  ['links:write', 'POST', '/v1/shorten', { long_url: LONG_URL }],
  ['links:write', 'POST', '/v1/links', { long_url: LONG_URL }],
  ['links:read', 'GET', '/v1/links'],
  ['links:read', 'GET', '/v1/links/promo'],
  ['links:write', 'PUT', '/v1/links/promo', { title: 'x' }],
  ['links:write', 'PATCH', '/v1/links/promo', { title: 'x' }],
  ['links:write', 'DELETE', '/v1/links/promo'],
  ['links:read', 'POST', '/v1/expand', { slug: 'promo' }],
  ['analytics:read', 'GET', '/v1/links/promo/clicks'],
  ['analytics:read', 'GET', '/v1/links/promo/clicks/summary'],
  ['analytics:read', 'GET', '/v1/links/promo/countries'],
  ['analytics:read', 'GET', '/v1/links/promo/cities'],
  ['analytics:read', 'GET', '/v1/links/promo/devices'],
  ['analytics:read', 'GET', '/v1/links/promo/referrers'],
  ['analytics:read', 'GET', '/v1/links/promo/browsers'],
  ['analytics:read', 'GET', '/v1/links/promo/operating-systems'],
  ['qr:write', 'POST', '/v1/qr-codes', { link_slug: 'promo' }],
  ['qr:read', 'GET', '/v1/qr-codes'],
  ['qr:read', 'GET', '/v1/qr-codes/promo'],
  ['qr:write', 'PUT', '/v1/qr-codes/promo', { size: 200 }],
  ['qr:write', 'DELETE', '/v1/qr-codes/promo'],
  ['qr:read', 'GET', '/v1/qr-codes/promo/image'],
  ['qr:read', 'GET', '/v1/qr-codes/promo/scans'],
  ['qr:read', 'GET', '/v1/qr-codes/promo/scans/summary'],
  ['user:read', 'GET', '/v1/user'],
  ['user:write', 'PUT', '/v1/user', { name: 'x' }],
  ['user:read', 'GET', '/v1/user/tokens'],
  ['user:write', 'POST', '/v1/user/tokens', { name: 'x' }],
  ['user:write', 'DELETE', '/v1/user/tokens/1'],
  ['user:read', 'GET', '/v1/user/limits'],
  ['user:read', 'GET', '/v1/groups'],
]

test('every endpoint wants a token', async () => {
  await using app = await testApp()
  for (const [, method, path, body] of ENDPOINTS)
    for (const token of [undefined, '1|00000000000000000000000000000000', 'nonsense']) {
      const response = await app.call(method, path, { token, body })
      expect([path, response.status, await response.json()]).toEqual([path, 401, failure('Unauthenticated.')])
    }
})

// Bun takes a parameter without a value for its `done` callback, so the rows are taken whole.
test.each(ENDPOINTS.map((endpoint) => ({ endpoint, name: `${endpoint[0]}: ${endpoint[1]} ${endpoint[2]}` })))(
  '$name is refused to a token of every other ability',
  async ({ endpoint: [ability, method, path, body] }) => {
    const others = [
      'links:read',
      'links:write',
      'analytics:read',
      'qr:read',
      'qr:write',
      'user:read',
      'user:write',
    ]
    const { app, account } = await started('Pro', others.filter((other) => other !== ability) as AbilityGrant)
    await using _ = app
    const owner = await app.app.services.db
      .selectFrom('team')
      .select('id')
      .where('personal_user_id', '=', account.user.id)
      .executeTakeFirstOrThrow()
    await app.app.services.db
      .insertInto('link')
      .values({
        public_id: 'p',
        team_id: owner.id,
        user_id: account.user.id,
        slug: 'promo',
        kind: 'url',
        payload: null,
        target: LONG_URL,
        title: null,
        description: null,
        tags: '[]',
        page_title: null,
        favicon_url: null,
        page_info: 'none',
        status: 'active',
        source: 'api',
        expires_at_ms: null,
        created_at_ms: 0,
        updated_at_ms: 0,
      })
      .execute()

    const response = await app.call(method, path, { token: account.key.secret, body })

    expect([response.status, await response.json()]).toEqual([
      403,
      failure(`This token does not have the required ability: ${ability}.`),
    ])
  },
)

test('the Free plan has no access', async () => {
  const { app, call } = await started('Free')
  await using _ = app
  for (const [, method, path, body] of ENDPOINTS) {
    const response = await call(method, path, body)
    expect([response.status, await response.json()]).toEqual([
      403,
      failure(expect.stringContaining('requires a paid subscription')),
    ])
  }
})

test("another team's link, QR code, token and limits do not exist", async () => {
  const { app, call } = await started()
  await using _ = app
  const theirs = await app.givenAccount({ key: { dialect: 'lynklens' } })
  const token = theirs.key.secret
  await app.call('POST', '/v1/links', { token, body: { long_url: LONG_URL, slug: 'promo' } })
  await app.call('POST', '/v1/qr-codes', { token, body: { link_slug: 'promo' } })

  for (const [, method, path, body] of ENDPOINTS) {
    if (!path.includes('promo') && !JSON.stringify(body ?? '').includes('promo')) continue
    expect([path, (await call(method, path, body)).status]).toEqual([path, 404])
  }
  expect((await call('DELETE', `/v1/user/tokens/${theirs.key.key.id}`)).status).toBe(404)
  expect((await call('GET', `/v1/user/limits?team_id=${theirs.key.key.teamId}`)).status).toBe(404)
  expect(
    (await call('POST', '/v1/links', { long_url: LONG_URL, team_id: theirs.key.key.teamId })).status,
  ).toBe(404)
  expect((await call('GET', `/v1/links?team_id=${theirs.key.key.teamId}`)).status).toBe(404)
  expect((await (await call('GET', '/v1/links')).json()).data).toEqual([])
  expect((await (await call('GET', '/v1/qr-codes')).json()).data).toEqual([])
  expect((await app.call('GET', '/v1/qr-codes/promo', { token })).status).toBe(200)
})

test('a member works in a shared team by its links and its id, as far as the role goes', async () => {
  const { app, account, call } = await started()
  await using _ = app
  const owner = await app.givenAccount({ key: { dialect: 'lynklens' } })
  const teamId = owner.key.key.teamId
  const { db } = app.app.services
  await db
    .insertInto('membership')
    .values({ team_id: teamId, user_id: account.user.id, role: 'viewer', created_at_ms: NOW.getTime() })
    .execute()
  await app.call('POST', '/v1/links', {
    token: owner.key.secret,
    body: { long_url: LONG_URL, slug: 'shared' },
  })

  expect((await call('GET', '/v1/links/shared')).status).toBe(200)
  expect((await (await call('GET', `/v1/links?team_id=${teamId}`)).json()).data).toHaveLength(1)
  expect((await call('GET', `/v1/user/limits?team_id=${teamId}`)).status).toBe(200)
  expect((await call('PATCH', '/v1/links/shared', { title: 'Mine now' })).status).toBe(403)
  expect((await call('POST', '/v1/links', { long_url: LONG_URL, team_id: teamId })).status).toBe(403)

  await db
    .updateTable('membership')
    .set({ role: 'member' })
    .where('team_id', '=', teamId)
    .where('user_id', '=', account.user.id)
    .execute()
  expect((await call('PATCH', '/v1/links/shared', { title: 'Ours' })).status).toBe(200)
  const created = await call('POST', '/v1/links', { long_url: LONG_URL, team_id: teamId })
  expect([created.status, (await created.json()).data.team_id]).toEqual([201, teamId])
})

test.each([
  ['POST', '/v1/shorten', {}, { long_url: ['The long url field is required.'] }],
  ['POST', '/v1/shorten', { long_url: null }, { long_url: ['The long url field is required.'] }],
  ['POST', '/v1/shorten', { long_url: '  ' }, { long_url: ['The long url field is required.'] }],
  ['POST', '/v1/shorten', { long_url: 7 }, { long_url: ['The long url field must be a string.'] }],
  [
    'POST',
    '/v1/shorten',
    { long_url: 'nope' },
    { long_url: ['The long url field must be an absolute http(s) URL.'] },
  ],
  [
    'POST',
    '/v1/shorten',
    { long_url: 'javascript:alert(1)' },
    { long_url: [expect.stringContaining('http')] },
  ],
  ['POST', '/v1/links', { long_url: LONG_URL, tags: 'a' }, { tags: ['The tags field must be an array.'] }],
  ['POST', '/v1/links', { long_url: LONG_URL, tags: [1] }, { 'tags.0': [expect.any(String)] }],
  ['POST', '/v1/links', { long_url: LONG_URL, tags: ['a,b'] }, { tags: [expect.any(String)] }],
  [
    'POST',
    '/v1/links',
    { long_url: LONG_URL, description: 'x'.repeat(1001) },
    { description: ['The description field must have at most 1000 characters.'] },
  ],
  [
    'POST',
    '/v1/links',
    { long_url: LONG_URL, expires_at: 'soon' },
    { expires_at: ['The expires at field must be a valid date.'] },
  ],
  [
    'POST',
    '/v1/links',
    { long_url: LONG_URL, expires_at: '2026-02-30' },
    { expires_at: ['The expires at field must be a valid date.'] },
  ],
  [
    'POST',
    '/v1/links',
    { long_url: LONG_URL, expires_at: '2025-01-01T00:00:00Z' },
    { expires_at: ['The expires at field must be a date in the future.'] },
  ],
  [
    'POST',
    '/v1/links',
    { long_url: LONG_URL, team_id: 'x' },
    { team_id: ['The team id field must be an integer.'] },
  ],
  [
    'POST',
    '/v1/links',
    { long_url: LONG_URL, slug: 'taken' },
    { slug: ['The slug has already been taken.'] },
  ],
  ['POST', '/v1/links', { long_url: LONG_URL, slug: 'a.b' }, { slug: [expect.any(String)] }],
  [
    'POST',
    '/v1/links',
    { long_url: LONG_URL, slug: 'Docs' },
    { slug: ['The slug field must not be a reserved word.'] },
  ],
  [
    'PUT',
    '/v1/links/taken',
    { status: 'gone' },
    { status: ['The status field must be one of active, inactive, archived.'] },
  ],
  ['GET', '/v1/links?per_page=101', undefined, { per_page: [expect.any(String)] }],
  ['GET', '/v1/links?status=gone', undefined, { status: [expect.any(String)] }],
  ['GET', '/v1/links?source=x', undefined, { source: [expect.any(String)] }],
  [
    'GET',
    '/v1/links/taken/clicks?unit=year',
    undefined,
    { unit: ['The unit field must be one of minute, hour, day, week, month.'] },
  ],
  ['GET', '/v1/links/taken/clicks?units=366', undefined, { units: [expect.any(String)] }],
  ['GET', '/v1/links/taken/clicks?units=0', undefined, { units: [expect.any(String)] }],
  ['GET', '/v1/links/taken/countries?size=0', undefined, { size: [expect.any(String)] }],
  ['POST', '/v1/qr-codes', {}, { link_slug: ['The link slug field is required.'] }],
  ['POST', '/v1/qr-codes', { link_slug: 'taken', size: 99 }, { size: [expect.stringContaining('100')] }],
  ['POST', '/v1/qr-codes', { link_slug: 'taken', color: 'red' }, { color: [expect.any(String)] }],
  [
    'POST',
    '/v1/qr-codes',
    { link_slug: 'taken', background_color: '#12345' },
    { background_color: [expect.any(String)] },
  ],
  ['POST', '/v1/qr-codes', { link_slug: 'taken', format: 'gif' }, { format: [expect.any(String)] }],
  ['POST', '/v1/user/tokens', {}, { name: ['The name field is required.'] }],
  ['POST', '/v1/user/tokens', { name: 'x', abilities: ['fly'] }, { 'abilities.0': [expect.any(String)] }],
  ['PUT', '/v1/user', { name: '' }, { name: ['The name field is required.'] }],
  ['POST', '/v1/expand', {}, { slug: ['The slug field is required.'] }],
])('%s %s of %j is 422 with the field it is about', async (method, path, body, errors) => {
  const { app, call } = await started()
  await using _ = app
  await call('POST', '/v1/links', { long_url: LONG_URL, slug: 'taken' })
  const response = await call(method, path, body)
  expect([response.status, await response.json()]).toEqual([422, failure('An error occurred', errors)])
})

test('a token cannot make one that may do more than itself', async () => {
  const { app, call } = await started('Pro', ['user:write', 'links:read'])
  await using _ = app
  for (const abilities of [['*'], ['links:write'], ['links:read', 'qr:read']]) {
    const response = await call('POST', '/v1/user/tokens', { name: 'x', abilities })
    expect(response.status).toBe(403)
  }
  const same = await (await call('POST', '/v1/user/tokens', { name: 'x' })).json()
  expect(same.data.abilities).toEqual(['user:write', 'links:read'])
  expect((await call('POST', '/v1/user/tokens', { name: 'x', abilities: ['links:read'] })).status).toBe(201)
})

test('calls are limited per minute by plan, and every answer says how many are left', async () => {
  const { app, call } = await started('Starter')
  await using _ = app
  for (let left = 59; left >= 0; left--) {
    const response = await call('GET', '/v1/groups')
    expect([response.status, response.headers.get('ratelimit-remaining')]).toEqual([200, String(left)])
  }
  const refused = await call('GET', '/v1/groups')
  expect([refused.status, await refused.json()]).toEqual([
    429,
    failure('Too many requests. Your plan allows 60 per minute.'),
  ])
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
})

test('links, QR codes and calls are limited per month with 429, and bought credits come after the allowance', async () => {
  const { app, account, call } = await started('Starter')
  await using _ = app
  const { db } = app.app.services
  const override = (metric: string, value: number) =>
    db.insertInto('plan_override').values({ team_id: account.key.key.teamId, metric, value }).execute()
  await override('links', 1)
  await override('qr-codes', 0)
  await db
    .insertInto('credit')
    .values({ team_id: account.key.key.teamId, metric: 'links', balance: 1 })
    .execute()

  expect((await call('POST', '/v1/links', { long_url: LONG_URL, slug: 'one' })).status).toBe(201)
  expect((await call('POST', '/v1/shorten', { long_url: LONG_URL })).status).toBe(201)
  const links = await call('POST', '/v1/shorten', { long_url: LONG_URL })
  expect([links.status, await links.json()]).toEqual([
    429,
    failure('You have reached your monthly limit of 1 links. Upgrade your plan for more.'),
  ])
  const codes = await call('POST', '/v1/qr-codes', { link_slug: 'one' })
  expect([codes.status, await codes.json()]).toEqual([429, failure(expect.stringContaining('0 QR codes'))])

  await override('api-calls', 4)
  const calls = await call('GET', '/v1/groups')
  expect([calls.status, await calls.json()]).toEqual([429, failure(expect.stringContaining('4 API calls'))])
})

test('reports reach back as far as the plan, and the periods before count nothing', async () => {
  const { app, call } = await started('Starter')
  await using _ = app
  await call('POST', '/v1/links', { long_url: LONG_URL, slug: 'promo' })
  const headers = {
    'user-agent':
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36',
  }
  await app.request('/promo', { headers })
  app.setNow(new Date(NOW.getTime() + 89 * 86_400_000))
  await app.request('/promo', { headers })
  await app.settleClicks()
  const total = async () =>
    (await (await call('GET', '/v1/links/promo/clicks/summary?unit=day&units=365')).json()).data.total_clicks

  expect(await total()).toBe(2)
  app.setNow(new Date(NOW.getTime() + 91 * 86_400_000))
  expect(await total()).toBe(1)
  const series = await (await call('GET', '/v1/links/promo/clicks?unit=day&units=365')).json()
  expect(series.data.clicks).toHaveLength(365)
})

test('deleting a link deletes its clicks and its QR code, and a new link of that slug begins at nothing', async () => {
  const { app, call } = await started()
  await using _ = app
  await call('POST', '/v1/links', { long_url: LONG_URL, slug: 'promo' })
  await call('POST', '/v1/qr-codes', { link_slug: 'promo' })
  await app.request('/promo')
  await app.settleClicks()
  await call('DELETE', '/v1/links/promo')
  await call('POST', '/v1/links', { long_url: LONG_URL, slug: 'promo' })
  const { data } = await (await call('GET', '/v1/links/promo')).json()
  expect([data.total_clicks, data.has_qr_attached]).toEqual([0, false])
})

test.each([
  ['PATCH', '/v1/shorten', 405, 'POST'],
  ['DELETE', '/v1/links', 405, 'POST, GET, HEAD'],
  ['POST', '/v1/user/limits', 405, 'GET, HEAD'],
  ['GET', '/v1/nothing', 404, null],
  ['GET', '/v1', 404, null],
  ['GET', '/v1/links/%ZZ', 400, null],
])('%s %s is %i in the format of lynklens', async (method, path, status, allow) => {
  const { app, call } = await started()
  await using _ = app
  const response = await call(method, path)
  expect([response.status, await response.json()]).toEqual([status, failure(expect.any(String))])
  expect(response.headers.get('allow')).toBe(allow)
})

test('a token cannot make one that lives longer than itself', async () => {
  await using app = await testApp()
  const { key } = await app.givenAccount({ key: { expiresAt: new Date('2026-01-03T00:00:00Z') } })
  const create = async (fields: object) => {
    const response = await app.call('POST', '/v1/user/tokens', {
      token: key.secret,
      body: { name: 'x', ...fields },
    })
    const { data, errors } = await response.json()
    return [response.status, data?.expires_at ?? errors]
  }
  const before = await tokenCount(app)

  expect(await create({ expires_at: '2026-01-03T00:00:01Z' })).toEqual([
    422,
    {
      expires_at: [
        'The expires at field must not be after 2026-01-03T00:00:00.000Z, when the key that asks expires.',
      ],
    },
  ])
  expect(await tokenCount(app)).toBe(before)
  expect(await create({ expires_at: '2026-01-03T00:00:00Z' })).toEqual([201, '2026-01-03T00:00:00+00:00'])
  expect(await create({ expires_at: '2026-01-02T12:00:00Z' })).toEqual([201, '2026-01-02T12:00:00+00:00'])
  // Without a word about it, a token lives as long as its maker.
  expect(await create({})).toEqual([201, '2026-01-03T00:00:00+00:00'])
  expect(await create({ expires_at: null })).toEqual([201, '2026-01-03T00:00:00+00:00'])
})

test('a login, though it ends, makes tokens that do not', async () => {
  await using app = await testApp()
  const { email, password } = await app.givenAccount()
  const login = await app.call('POST', '/api/auth/token', { body: { email, password } })
  const { token } = await login.json()

  const response = await app.call('POST', '/v1/user/tokens', { token, body: { name: 'x' } })

  expect([response.status, (await response.json()).data.expires_at]).toEqual([201, null])
})

async function tokenCount(app: TestApp): Promise<number> {
  return (await app.app.services.db.selectFrom('api_key').select('id').execute()).length
}
