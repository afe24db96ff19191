import { expect, test } from 'bun:test'
import { parseEmail, parsePassword } from '#core/accounts/account.ts'
import { blockAccount } from '#core/accounts/block-account.ts'
import { createAccount } from '#core/accounts/create-account.ts'
import { NOW, testApp } from '#testing/test-app.ts'
import { givenTwoFactor } from '#testing/two-factor.ts'

const JWT = /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/

test('the documented login gives a JWT and tells who logged in', async () => {
  await using app = await testApp()
  const { user, password } = await app.givenAccount({ email: 'you@example.com' })

  const response = await app.call('POST', '/api/auth/token', { body: { email: 'you@example.com', password } })

  expect(response.status).toBe(200)
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(await response.json()).toEqual({
    token: expect.stringMatching(JWT),
    user: { id: String(user.id), email: 'you@example.com', name: 'you', role: 'USER' },
  })
})

test("the installation's operator is a SUPERADMIN", async () => {
  await using app = await testApp()
  const account = { email: parseEmail('first@example.com'), password: parsePassword('long enough') }
  await createAccount(app.app.services, account, {})

  const response = await app.call('POST', '/api/auth/token', { body: account })

  expect((await response.json()).user).toMatchObject({ id: '1', role: 'SUPERADMIN' })
})

test('a JWT opens every API, as a Bearer token and as X-Api-Key', async () => {
  await using app = await testApp()
  const { email, password, user } = await app.givenAccount()
  const login = await app.call('POST', '/api/auth/token', { body: { email, password } })
  const { token } = await login.json()

  const [lnk7, lynklens, onehop, byHeader] = await Promise.all([
    app.call('GET', '/api/v1/auth/tokens', { token }),
    app.call('GET', '/v1/user', { token }),
    app.call('GET', '/api/v2/account', { token }),
    app.call('GET', '/api/v2/account', { headers: { 'x-api-key': token } }),
  ])

  expect([lnk7, lynklens, onehop, byHeader].map((answer) => answer.status)).toEqual([200, 200, 200, 200])
  expect((await lynklens.json()).data.email).toBe(email)
  expect((await byHeader.json()).id).toBe(user.id)
})

test('with a second factor the code is asked for, and only after the right password', async () => {
  await using app = await testApp()
  const account = await app.givenAccount()
  const { codeAt, recoveryCodes } = await givenTwoFactor(app, account)
  const attempt = async (fields: object) => {
    const body = { email: account.email, password: account.password, ...fields }
    const response = await app.call('POST', '/api/auth/token', { body })
    const { token, error, code } = await response.json()
    return [response.status, token === undefined ? [error, code] : 'token']
  }
  const needed = [401, ['needs_2fa', 'needs_2fa']]

  expect(await attempt({ password: 'wrong' })).toEqual([401, ['invalid_credentials', 'invalid_credentials']])
  expect(await attempt({})).toEqual(needed)
  expect(await attempt({ code: null })).toEqual(needed)
  expect(await attempt({ code: '' })).toEqual(needed)
  expect(await attempt({ code: '000000' })).toEqual([401, ['invalid_2fa_code', 'invalid_2fa_code']])
  expect(await attempt({ code: codeAt(NOW) })).toEqual([200, 'token'])
  expect(await attempt({ code: recoveryCodes[9] })).toEqual([200, 'token'])
})

test('without a second factor a code is not looked at', async () => {
  await using app = await testApp()
  const { email, password } = await app.givenAccount()

  const response = await app.call('POST', '/api/auth/token', { body: { email, password, code: '000000' } })

  expect(response.status).toBe(200)
})

test.each([
  { name: 'no password', body: { email: 'you@example.com' }, message: 'password is required' },
  { name: 'no e-mail address', body: { password: 'long enough' }, message: 'email is required' },
  {
    name: 'an empty password',
    body: { email: 'you@example.com', password: '' },
    message: 'password is required.',
  },
  {
    name: 'an address that is none',
    body: { email: 'you', password: 'long enough' },
    message: 'email must be',
  },
  { name: 'a number', body: { email: 'you@example.com', password: 12345678 }, message: 'must be text' },
  {
    name: 'a code that is a number',
    body: { email: 'y@e.de', password: 'x', code: 1 },
    message: 'code must be',
  },
  { name: 'a list', body: [], message: 'the body must be a JSON object.' },
  {
    name: 'NUL',
    body: { email: 'you@example.com', password: '\0' },
    message: 'password must be Unicode text',
  },
])('a login with $name is refused with 400', async ({ body, message }) => {
  await using app = await testApp()

  const response = await app.call('POST', '/api/auth/token', { body })

  expect([response.status, await response.json()]).toEqual([
    400,
    { error: expect.any(String), code: expect.any(String), message: expect.stringContaining(message) },
  ])
})

test('broken JSON is refused with 400, and another method with 405', async () => {
  await using app = await testApp()

  const broken = await app.call('POST', '/api/auth/token', { rawBody: '{"email":' })
  const get = await app.call('GET', '/api/auth/token')

  expect([broken.status, (await broken.json()).error]).toEqual([400, 'invalid_json'])
  expect([get.status, (await get.json()).error]).toEqual([405, 'method_not_allowed'])
})

test('a wrong password and an unknown address get the same answer, a blocked account another', async () => {
  await using app = await testApp()
  const { email, password, user } = await app.givenAccount()
  const blocked = await app.givenAccount()
  await blockAccount(app.app.services, blocked.user)
  const attempt = async (body: object) => {
    const response = await app.call('POST', '/api/auth/token', { body })
    return [response.status, (await response.json()).error]
  }

  expect(await attempt({ email, password: 'wrong' })).toEqual([401, 'invalid_credentials'])
  expect(await attempt({ email: 'nobody@example.com', password })).toEqual([401, 'invalid_credentials'])
  expect(await attempt({ email: blocked.email, password: 'wrong' })).toEqual([401, 'invalid_credentials'])
  expect(await attempt({ email: blocked.email, password })).toEqual([403, 'account_blocked'])

  const { token } = await (await app.call('POST', '/api/auth/token', { body: { email, password } })).json()
  await blockAccount(app.app.services, user)
  const shut = await app.call('GET', '/api/v2/account', { token })
  expect([shut.status, (await shut.json()).code]).toEqual([403, 'account-blocked'])
})

test('ten attempts of an address and thirty of a client in a quarter of an hour, then 429 with retryAfter', async () => {
  await using app = await testApp()
  const { email, password } = await app.givenAccount()
  const attempt = (body: object, ip: string) =>
    app.request('/api/auth/token', { method: 'POST', body: JSON.stringify(body), ip })

  for (let count = 0; count < 10; count++)
    expect((await attempt({ email, password: 'wrong' }, `192.0.2.${count}`)).status).toBe(401)
  const eleventh = await attempt({ email, password }, '192.0.2.99')
  const body = await eleventh.json()
  expect([eleventh.status, body]).toEqual([
    429,
    {
      error: 'rate_limited',
      code: 'rate_limited',
      message: expect.any(String),
      retryAfter: expect.any(Number),
    },
  ])
  expect(body.retryAfter).toBeWithin(1, 901)
  expect(eleventh.headers.get('retry-after')).toBe(String(body.retryAfter))

  for (let count = 0; count < 30; count++)
    expect((await attempt({ email: `nobody${count}@example.com`, password }, '198.51.100.1')).status).toBe(
      401,
    )
  expect((await attempt({ email: 'nobody@example.com', password }, '198.51.100.1')).status).toBe(429)
  // The other APIs' logins are counted together with this one.
  const lnk7 = await app.request('/api/v1/auth/login', {
    method: 'POST',
    body: JSON.stringify({ email: 'nobody@example.com', password }),
    ip: '198.51.100.1',
  })
  expect(lnk7.status).toBe(429)
})

test('neither password, code nor JWT is logged or stored', async () => {
  await using app = await testApp()
  const account = await app.givenAccount()
  const { secret, recoveryCodes } = await givenTwoFactor(app, account)
  const code = recoveryCodes[0] ?? ''
  const { email, password } = account
  const login = await app.call('POST', '/api/auth/token', { body: { email, password, code } })
  const { token } = await login.json()
  await app.call('GET', '/api/v2/account', { token })

  const { db } = app.app.services
  const kept = JSON.stringify([
    app.logged,
    await db.selectFrom('api_key').selectAll().execute(),
    await db.selectFrom('session').selectAll().execute(),
    await db.selectFrom('user_account').selectAll().execute(),
  ])
  for (const value of [password, code, token, secret]) expect(kept).not.toContain(value)
})
