import { expect, test } from 'bun:test'
import { BASE, type TestApp, testApp, type TestAppOptions } from '#testing/test-app.ts'
import { givenTwoFactor } from '#testing/two-factor.ts'

const SAME_ORIGIN = { 'sec-fetch-site': 'same-origin' }

/** A browser: it keeps the cookie, and says where its requests come from. */
function browser(app: TestApp) {
  let cookie = ''
  return {
    cookie: () => cookie,
    async call(method: string, path: string, body?: unknown, headers: Record<string, string> = SAME_ORIGIN) {
      const response = await app.call(method, `/api/v2${path}`, {
        headers: { ...(cookie !== '' && { cookie }), ...headers },
        ...(body !== undefined && { body }),
      })
      const set = response.headers.get('set-cookie')
      if (set !== null) cookie = set.slice(0, set.indexOf(';'))
      const text = await response.text()
      return { status: response.status, set, body: text === '' ? null : JSON.parse(text) }
    },
  }
}

const SIGN_UP = { email: 'ada@example.com', password: 'correct horse' }

async function started(options?: TestAppOptions) {
  const app = await testApp(options)
  // The installation's operator is somebody else.
  await app.givenAccount({ email: 'other@example.com' })
  return { app, page: browser(app), [Symbol.asyncDispose]: () => app[Symbol.asyncDispose]() }
}

test('signing up signs in, and signing out ends it', async () => {
  await using s = await started()
  const signedUp = await s.page.call('POST', '/sign-up', { ...SIGN_UP, name: ' Ada ' })

  expect(signedUp.status).toBe(201)
  expect(signedUp.body).toMatchObject({
    email: 'ada@example.com',
    name: 'Ada',
    plan: 'Free',
    is_operator: false,
    team: { name: 'Personal', role: 'owner', is_personal: true },
  })
  expect(signedUp.set).toMatch(
    /^onehop_session=[A-Za-z0-9]{43}; Expires=\w{3}, \d\d \w{3} 2026 [\d:]{8} GMT; Path=\/; HttpOnly; SameSite=Lax$/,
  )
  expect((await s.page.call('GET', '/account')).body).toEqual(signedUp.body)

  const before = s.page.cookie()
  const out = await s.page.call('DELETE', '/session')
  expect([out.status, out.set]).toEqual([204, 'onehop_session=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax'])
  const again = await s.app.call('GET', '/api/v2/account', { headers: { cookie: before } })
  expect([again.status, (await again.json()).code]).toEqual([401, 'unauthenticated'])
})

test('over HTTPS the cookie is bound to the host and to TLS', async () => {
  await using s = await started({ config: { baseUrl: { host: 's.test', href: 'https://s.test' } } })

  const { set } = await s.page.call('POST', '/sign-up', SIGN_UP)

  expect(set).toMatch(/^__Host-onehop_session=\w+; Expires=[^;]+; Path=\/; HttpOnly; SameSite=Lax; Secure$/)
  expect((await s.page.call('GET', '/account')).status).toBe(200)
})

test('signing in asks for the password, then for the second factor', async () => {
  await using s = await started()
  const account = await s.app.givenAccount()
  const { email, password } = account
  const { codeAt } = await givenTwoFactor(s.app, account)
  const code = async (body: object) => {
    const answer = await s.page.call('POST', '/session', body)
    return [answer.status, answer.body.code, answer.set]
  }

  expect(await code({ email, password: 'wrong horse' })).toEqual([401, 'wrong-credentials', null])
  expect(await code({ email: 'nobody@example.com', password })).toEqual([401, 'wrong-credentials', null])
  expect(await code({ email, password })).toEqual([401, 'two-factor-needed', null])
  expect(await code({ email, password, code: '000000' })).toEqual([401, 'two-factor-wrong', null])
  const signedIn = await s.page.call('POST', '/session', {
    email,
    password,
    code: codeAt(s.app.app.services.now()),
  })
  expect([signedIn.status, signedIn.body.email]).toEqual([201, email])
})

test('nobody signs up where it is closed, or twice, or without what it takes', async () => {
  await using s = await started()
  await using closed = await started({ config: { signup: 'closed' } })
  const answer = async (page: typeof s.page, body: object) => {
    const { status, body: problem } = await page.call('POST', '/sign-up', body)
    return [status, problem.code, problem.errors?.map(({ field }: { field: string }) => field)]
  }

  expect(await answer(closed.page, SIGN_UP)).toEqual([403, 'signup-closed', undefined])
  expect(await answer(s.page, { ...SIGN_UP, email: 'OTHER@example.com' })).toEqual([
    409,
    'email-taken',
    undefined,
  ])
  expect(await answer(s.page, {})).toEqual([422, 'invalid-input', ['email', 'password']])
  expect(await answer(s.page, { ...SIGN_UP, password: 'short' })).toEqual([
    422,
    'invalid-input',
    ['password'],
  ])
  expect(await answer(s.page, { ...SIGN_UP, email: 'nonsense' })).toEqual([422, 'invalid-input', ['email']])
})

test.each([
  { headers: { 'sec-fetch-site': 'same-origin' }, status: 200 },
  { headers: { 'sec-fetch-site': 'none' }, status: 200 },
  { headers: { 'sec-fetch-site': 'same-site' }, status: 403 },
  { headers: { 'sec-fetch-site': 'cross-site', origin: BASE }, status: 403 },
  { headers: { origin: BASE }, status: 200 },
  { headers: { origin: 'http://evil.test' }, status: 403 },
  { headers: { origin: 'http://sub.s.test' }, status: 403 },
  { headers: { origin: 'null' }, status: 403 },
  { headers: {}, status: 403 },
])('a cookie changes something only for this site: $headers', async ({ headers, status }) => {
  await using s = await started()
  await s.page.call('POST', '/sign-up', SIGN_UP)
  const sent = { host: 's.test', ...(headers as Record<string, string>) }

  const changed = await s.page.call('PATCH', '/account', { name: 'Eve' }, sent)

  expect([changed.status, changed.body.code]).toEqual([status, status === 200 ? undefined : 'cross-site'])
  expect((await s.page.call('GET', '/account', undefined, sent)).body.name).toBe(
    status === 200 ? 'Eve' : 'ada',
  )
})

test('another site cannot sign a browser in, and a program may', async () => {
  await using s = await started()
  const { email, password } = await s.app.givenAccount()
  const status = async (headers: Record<string, string>) =>
    (await s.page.call('POST', '/session', { email, password }, headers)).status

  expect(await status({ 'sec-fetch-site': 'cross-site' })).toBe(403)
  expect(await status({ origin: 'http://evil.test' })).toBe(403)
  expect(await browser(s.app).call('POST', '/session', { email, password }, {})).toMatchObject({
    status: 201,
  })
})

test('a key in a header is looked at before the cookie, from wherever it comes', async () => {
  await using s = await started()
  await s.page.call('POST', '/sign-up', SIGN_UP)
  const { key, email } = await s.app.givenAccount()
  const sent = { authorization: `Bearer ${key.secret}`, 'sec-fetch-site': 'cross-site' }

  const answer = await s.page.call('PATCH', '/account', { name: 'Key' }, sent)

  expect(answer).toMatchObject({ status: 200, body: { email, name: 'Key' } })
  expect((await s.page.call('GET', '/account')).body.email).toBe(SIGN_UP.email)
})

test('a name is changed, and has to be one', async () => {
  await using s = await started()
  const reader = await s.app.givenAccount({ key: { abilities: ['user:read'] } })
  await s.page.call('POST', '/sign-up', SIGN_UP)
  const change = async (body: object) => {
    const { status, body: answer } = await s.page.call('PATCH', '/account', body)
    return [status, answer.name ?? answer.errors?.[0]?.field]
  }

  expect(await change({ name: ' Grace ' })).toEqual([200, 'Grace'])
  expect(await change({})).toEqual([200, 'Grace'])
  expect(await change({ name: '' })).toEqual([422, 'name'])
  expect(await change({ name: 7 })).toEqual([422, 'name'])
  const denied = await s.app.call('PATCH', '/api/v2/account', {
    token: reader.key.secret,
    body: { name: 'x' },
  })
  expect([denied.status, (await denied.json()).ability]).toEqual([403, 'user:write'])
})

test('an installation says what it is', async () => {
  await using app = await testApp()
  const path = '/api/v2/instance'
  const empty = await (await app.call('GET', path)).json()
  await app.givenAccount()

  expect(empty).toEqual({
    name: 'Onehop',
    version: '0.0.0-test',
    base_url: BASE,
    signup: 'open',
    has_accounts: false,
    mail: true,
    network_ready: true,
    public_asn_lookups_per_day: 5,
  })
  expect((await (await app.call('GET', path)).json()).has_accounts).toBe(true)
})
