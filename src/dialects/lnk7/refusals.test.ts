import { expect, test } from 'bun:test'
import { testApp, type TestApp } from '#testing/test-app.ts'

const detail = (text: string | RegExp) => ({
  detail: typeof text === 'string' ? text : expect.stringMatching(text),
})

async function counts(app: TestApp) {
  const { db } = app.app.services
  const count = async (table: 'link' | 'user_account' | 'api_key' | 'usage') =>
    (await db.selectFrom(table).selectAll().execute()).length
  return {
    links: await count('link'),
    users: await count('user_account'),
    keys: await count('api_key'),
    usage: (await db.selectFrom('usage').select('used').execute()).reduce((sum, row) => sum + row.used, 0),
  }
}

test('every endpoint but register and login wants a Bearer token', async () => {
  await using app = await testApp()
  for (const [method, path] of [
    ['GET', '/api/v1/auth/tokens'],
    ['DELETE', '/api/v1/auth/tokens/tok_1'],
    ['GET', '/api/v1/links/1'],
    ['POST', '/api/v1/links'],
    ['PUT', '/api/v1/links/1'],
    ['DELETE', '/api/v1/links/1'],
  ] as const) {
    const unknown = await app.call(method, path, { token: 'lnk7_00000000000000000000000000000000' })
    expect([unknown.status, await unknown.json()]).toEqual([401, detail('Invalid Bearer token.')])
    expect(unknown.headers.get('www-authenticate')).toBe('Bearer')
    const basic = await app.call(method, path, { headers: { authorization: 'Basic YTpi' } })
    expect([basic.status, await basic.json()]).toEqual([401, detail('Missing Bearer token.')])
  }
})

test('a request for links without any credential is told so in the words of both APIs that live there', async () => {
  await using app = await testApp()
  const response = await app.call('GET', '/api/v1/links')
  expect(response.status).toBe(401)
  expect(await response.json()).toMatchObject({ detail: 'Missing Bearer token.', error: 'unauthorized' })
})

test('an expired token, a blocked account and a key without the ability are told apart', async () => {
  await using app = await testApp()
  const expired = await app.givenAccount({ key: { expiresAt: new Date('2026-01-01T00:00:00Z') } })
  const reader = await app.givenAccount({ key: { abilities: ['links:read'] } })
  const blocked = await app.givenAccount()
  await app.app.services.db
    .updateTable('user_account')
    .set({ status: 'blocked' })
    .where('id', '=', blocked.user.id)
    .execute()

  const body = { original_url: 'https://example.com/' }
  const answers = await Promise.all(
    [expired, reader, blocked].map(async ({ key }) => {
      const response = await app.call('POST', '/api/v1/links', { token: key.secret, body })
      return [response.status, await response.json()]
    }),
  )

  expect(answers).toEqual([
    [401, detail('This Bearer token has expired.')],
    [403, detail(/links:write/)],
    [403, detail('This account is blocked.')],
  ])
  expect((await counts(app)).links).toBe(0)
  const login = await app.call('POST', '/api/v1/auth/login', {
    body: { email: blocked.email, password: blocked.password },
  })
  expect([login.status, await login.json()]).toEqual([403, detail('This account is blocked.')])
})

test("another team's links and tokens do not exist", async () => {
  await using app = await testApp()
  const mine = await app.givenAccount()
  const theirs = await app.givenAccount()
  const created = await app.call('POST', '/api/v1/links', {
    token: theirs.key.secret,
    body: { original_url: 'https://example.com/' },
  })
  const { id } = await created.json()
  const token = mine.key.secret

  for (const [method, path, text] of [
    ['GET', `/api/v1/links/${id}`, 'Link not found.'],
    ['PUT', `/api/v1/links/${id}`, 'Link not found.'],
    ['DELETE', `/api/v1/links/${id}`, 'Link not found.'],
    ['DELETE', `/api/v1/auth/tokens/${theirs.key.key.publicId}`, 'Token not found.'],
  ] as const) {
    const response = await app.call(method, path, {
      token,
      ...(method === 'PUT' && { body: { is_active: false } }),
    })
    expect([response.status, await response.json()]).toEqual([404, detail(text)])
  }
  expect((await (await app.call('GET', '/api/v1/links', { token })).json()).links).toEqual([])
  const untouched = await app.call('GET', `/api/v1/links/${id}`, { token: theirs.key.secret })
  expect([untouched.status, (await untouched.json()).is_active]).toEqual([200, true])
})

test('an address has one account, whatever its case', async () => {
  await using app = await testApp()
  const body = { email: 'you@example.com', password: 'your_password' }
  await app.call('POST', '/api/v1/auth/register', { body })

  const again = await app.call('POST', '/api/v1/auth/register', {
    body: { ...body, email: ' You@Example.COM ' },
  })

  expect([again.status, await again.json()]).toEqual([
    409,
    detail('An account with this email already exists.'),
  ])
  expect((await counts(app)).users).toBe(1)
  const login = await app.call('POST', '/api/v1/auth/login', { body: { ...body, email: 'YOU@example.com' } })
  expect(login.status).toBe(200)
})

test('registration can be closed', async () => {
  await using app = await testApp({ config: { signup: 'closed' } })
  const response = await app.call('POST', '/api/v1/auth/register', {
    body: { email: 'a@example.com', password: 'long enough' },
  })
  expect([response.status, await response.json()]).toEqual([
    403,
    detail('Registration is closed on this server.'),
  ])
  expect((await counts(app)).users).toBe(0)
})

test('a wrong password and an unknown address get the same answer', async () => {
  await using app = await testApp()
  const { email } = await app.givenAccount()
  for (const body of [
    { email, password: 'wrong' },
    { email: 'nobody@example.com', password: 'wrong' },
  ]) {
    const response = await app.call('POST', '/api/v1/auth/login', { body })
    expect([response.status, await response.json()]).toEqual([401, detail('Wrong email or password.')])
  }
})

test('logins are limited per address to ten and per client to thirty in a quarter of an hour, failed or not', async () => {
  await using app = await testApp()
  const { email, password } = await app.givenAccount()
  const attempt = (body: object, ip: string) =>
    app.request('/api/v1/auth/login', { method: 'POST', body: JSON.stringify(body), ip })

  for (let count = 1; count <= 10; count++) {
    const response = await attempt(
      { email, password: count % 2 === 0 ? password : 'wrong' },
      `192.0.2.${count}`,
    )
    expect(response.status).toBe(count % 2 === 0 ? 200 : 401)
    expect(response.headers.get('ratelimit-remaining')).toBe(String(10 - count))
  }
  const eleventh = await attempt({ email, password }, '192.0.2.99')
  expect([eleventh.status, await eleventh.json()]).toEqual([429, detail(/Try again in \d+ seconds/)])
  expect(Number(eleventh.headers.get('retry-after'))).toBeWithin(1, 901)
  expect(eleventh.headers.get('ratelimit-limit')).toBe('10')

  // Thirty of one /64, whose addresses count as one client.
  for (let count = 0; count < 30; count++)
    expect(
      (await attempt({ email: `nobody${count}@example.com`, password }, `2001:db8:1:2::${count}`)).status,
    ).toBe(401)
  expect((await attempt({ email: 'nobody@example.com', password }, '2001:db8:1:2:ffff::1')).status).toBe(429)
  expect((await attempt({ email: 'nobody@example.com', password }, '2001:db8:1:3::1')).status).toBe(401)
})

test("the month's links are used up with 402, together too, and a failed creation costs nothing", async () => {
  await using app = await testApp()
  const { key } = await app.givenAccount({ plan: 'Free' })
  const token = key.secret
  const create = (body: object) => app.call('POST', '/api/v1/links', { token, body })
  expect((await create({ original_url: 'https://example.com/', short_code: 'taken' })).status).toBe(201)
  expect((await create({ original_url: 'https://example.com/', short_code: 'taken' })).status).toBe(409)

  const answers = await Promise.all(
    Array.from({ length: 12 }, () => create({ original_url: 'https://example.com/' })),
  )

  expect(answers.filter((answer) => answer.status === 201)).toHaveLength(4)
  const refused = answers.filter((answer) => answer.status === 402)
  expect(refused).toHaveLength(8)
  expect(await refused[0]?.json()).toEqual(
    detail('The Free plan allows 5 links a month, and they are used up. The Starter plan allows more.'),
  )
  expect(await counts(app)).toMatchObject({ links: 5, usage: 5 })

  app.setNow(new Date('2026-02-01T00:00:00Z'))
  expect((await create({ original_url: 'https://example.com/' })).status).toBe(201)
})

const LINK_BODIES: readonly (readonly [name: string, body: unknown, status: number])[] = [
  ['no object', [], 422],
  ['null', null, 422],
  ['nothing', {}, 422],
  ['a number for the URL', { original_url: 7 }, 422],
  ['an unknown field that is not flat', { original_url: 'https://example.com/', meta: { a: 1 } }, 422],
  ['is_active as text', { original_url: 'https://example.com/', is_active: 'yes' }, 422],
  ['a lone surrogate', { original_url: 'https://example.com/\ud800' }, 422],
  ['NUL in the URL', { original_url: 'https://example.com/\0' }, 422],
  ['NUL in an unknown field', { original_url: 'https://example.com/', note: '\0' }, 422],
  ['no URL', { original_url: '' }, 400],
  ['a relative URL', { original_url: '/path' }, 400],
  ['a host without a scheme', { original_url: 'example.com' }, 400],
  ['javascript:', { original_url: 'javascript:alert(1)' }, 400],
  ['data:', { original_url: 'data:text/html,hi' }, 400],
  ['file:', { original_url: 'file:///etc/passwd' }, 400],
  ['a scheme hidden by a tab', { original_url: 'java\tscript:alert(1)' }, 400],
  ['a line break', { original_url: 'https://example.com/\r\nSet-Cookie: a=b' }, 400],
  ['a scheme without slashes', { original_url: 'https:example.com' }, 400],
  ['no host', { original_url: 'https://' }, 400],
  ['credentials', { original_url: 'https://user:hunter2@example.com/' }, 400],
  ['over 8 KiB', { original_url: `https://example.com/${'a'.repeat(8192)}` }, 400],
  ['a slug with a dot', { original_url: 'https://example.com/', short_code: 'a.b' }, 400],
  ['a slug with a slash', { original_url: 'https://example.com/', short_code: 'a/b' }, 400],
  ['a slug that climbs', { original_url: 'https://example.com/', short_code: '..' }, 400],
  ['a reserved slug', { original_url: 'https://example.com/', short_code: 'API' }, 400],
  ['a slug of 65 characters', { original_url: 'https://example.com/', short_code: 'a'.repeat(65) }, 400],
]

test.each(LINK_BODIES)('a link of %s is refused and leaves nothing behind', async (_, body, status) => {
  await using app = await testApp()
  const { key } = await app.givenAccount()
  const before = await counts(app)

  const response = await app.call('POST', '/api/v1/links', { token: key.secret, body })

  expect([response.status, await response.json()]).toEqual([status, detail(/./)])
  expect(await counts(app)).toEqual(before)
  expect(app.logged.join('')).not.toContain('hunter2')
})

test.each([
  ['broken JSON', '{"original_url": ', 422],
  ['no body', '', 422],
  ['a body that is not UTF-8', new Uint8Array([0x22, 0xff, 0x22]), 422],
  ['deep nesting', `${'['.repeat(30_000)}${']'.repeat(30_000)}`, 422],
  ['1 MiB', JSON.stringify({ original_url: 'https://example.com/', pad: 'x'.repeat(1024 * 1024) }), 413],
] as const)('%s is refused in the format of lnk7', async (_, rawBody, status) => {
  await using app = await testApp()
  const { key } = await app.givenAccount()
  const response = await app.call('POST', '/api/v1/links', { token: key.secret, rawBody })
  expect([response.status, await response.json()]).toEqual([status, detail(/./)])
})

test.each([
  [{ email: 'you@example.com' }, 422],
  [{ email: 'you@example.com', password: 12345678 }, 422],
  [{ email: 'you', password: 'long enough' }, 400],
  [{ email: 'you@example.com\u0000', password: 'long enough' }, 422],
  [{ email: 'a@b@example.com', password: 'long enough' }, 400],
  [{ email: `${'a'.repeat(250)}@example.com`, password: 'long enough' }, 400],
  [{ email: 'you@example.com', password: 'short' }, 400],
  [{ email: 'you@example.com', password: 'x'.repeat(1025) }, 400],
])('registering %j is refused with %i and makes no account', async (body, status) => {
  await using app = await testApp()
  const response = await app.call('POST', '/api/v1/auth/register', { body })
  expect([response.status, await response.json()]).toEqual([status, detail(/./)])
  expect((await counts(app)).users).toBe(0)
})

test.each([
  '?page=0',
  '?page=-1',
  '?page=1.5',
  '?page=x',
  '?per_page=101',
  '?per_page=0',
  '?page=1&page=2',
  '?page=99999999999999999999',
])('a list of links %s is refused', async (query) => {
  await using app = await testApp()
  const { key } = await app.givenAccount()
  const response = await app.call('GET', `/api/v1/links${query}`, { token: key.secret })
  expect([response.status, await response.json()]).toEqual([400, detail(/"(page|per_page)"/)])
})

test.each([
  ['/api/v1/links/%ZZ', 400],
  ['/api/v1/links/%E0%A4%A', 400],
  ['/api/v1/links/1%00', 400],
  ['/api/v1/links/abc', 404],
  ['/api/v1/links/99999999999999999999', 404],
  ['/api/v1/links/-1', 404],
  ['/api/v1/links/1/clicks', 404],
  ['/api/v1/auth/nothing', 404],
])('GET %s is %i in the format of lnk7', async (path, status) => {
  await using app = await testApp()
  const { key } = await app.givenAccount()
  const response = await app.call('GET', path, { token: key.secret })
  expect([response.status, await response.json()]).toEqual([status, detail(/./)])
})

test.each([
  ['PATCH', '/api/v1/links', 'GET, HEAD, POST'],
  ['POST', '/api/v1/links/1', 'GET, HEAD, PUT, DELETE'],
  ['GET', '/api/v1/auth/register', 'POST'],
  ['PUT', '/api/v1/auth/tokens', 'GET, HEAD'],
])('%s %s is 405 and names the methods there are', async (method, path, allow) => {
  await using app = await testApp()
  const { key } = await app.givenAccount()
  const response = await app.call(method, path, { token: key.secret })
  expect([response.status, await response.json()]).toEqual([405, detail('Method not allowed.')])
  expect(response.headers.get('allow')).toBe(allow)
})

test('an update must change something, and a refused one changes nothing', async () => {
  await using app = await testApp()
  const { key } = await app.givenAccount()
  const token = key.secret
  const created = await app.call('POST', '/api/v1/links', {
    token,
    body: { original_url: 'https://example.com/' },
  })
  const link = await created.json()

  for (const [body, status] of [
    [{}, 422],
    [{ is_active: 'no' }, 422],
    [{ original_url: 'ftp://example.com/' }, 400],
  ] as const) {
    const response = await app.call('PUT', `/api/v1/links/${link.id}`, { token, body })
    expect([response.status, await response.json()]).toEqual([status, detail(/./)])
  }
  expect(await (await app.call('GET', `/api/v1/links/${link.id}`, { token })).json()).toEqual(link)
})

test('what breaks is hidden from the client and told to the log', async () => {
  await using app = await testApp()
  const { key } = await app.givenAccount()
  await app.app.services.db.updateTable('api_key').set({ abilities: 'no JSON' }).execute()

  const response = await app.call('GET', '/api/v1/auth/tokens', {
    token: key.secret,
    headers: { 'x-request-id': 'r-1' },
  })

  expect([response.status, await response.json()]).toEqual([500, { detail: 'Internal server error.' }])
  expect(response.headers.get('x-request-id')).toBe('r-1')
  const lines = app.logged.map((line) => JSON.parse(line))
  expect(lines).toContainEqual(
    expect.objectContaining({
      level: 50,
      requestId: 'r-1',
      err: expect.objectContaining({ message: expect.any(String) }),
    }),
  )
  expect(app.logged.join('')).not.toContain(key.secret)
})

test('secrets and passwords are not stored and not logged', async () => {
  await using app = await testApp()
  const { email, password, key } = await app.givenAccount()
  const login = await app.call('POST', '/api/v1/auth/login', { body: { email, password } })
  const { token } = await login.json()
  await app.call('GET', `/api/v1/links?key=${token}`, { token })

  const stored = JSON.stringify([
    await app.app.services.db.selectFrom('api_key').selectAll().execute(),
    await app.app.services.db.selectFrom('user_account').selectAll().execute(),
  ])
  for (const secret of [token, key.secret, password]) {
    expect(stored).not.toContain(secret)
    expect(app.logged.join('')).not.toContain(secret)
  }
  expect(stored).toContain('$argon2id$')
})

test('a page of another origin may call the API', async () => {
  await using app = await testApp()
  const preflight = await app.call('OPTIONS', '/api/v1/links', {
    headers: {
      origin: 'https://page.example',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization',
    },
  })
  expect(preflight.status).toBe(204)
  expect(preflight.headers.get('access-control-allow-origin')).toBe('*')
  expect(preflight.headers.get('access-control-allow-headers')).toBe('authorization')
  const answer = await app.call('GET', '/api/v1/auth/tokens', { headers: { origin: 'https://page.example' } })
  expect(answer.headers.get('access-control-allow-origin')).toBe('*')
})
