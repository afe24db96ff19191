import { expect, test } from 'bun:test'
import { authenticateSession, startSession } from '#core/accounts/sessions.ts'
import { NOW, type TestAccount, testApp, type TestApp } from '#testing/test-app.ts'
import { givenTwoFactor } from '#testing/two-factor.ts'

const PATH = '/api/v2/account'
const PASSWORD_PATH = `${PATH}/password`

test('an account says who it is', async () => {
  await using app = await testApp()
  const account = await app.givenAccount({ email: 'you@example.com', plan: 'Pro' })
  const token = account.key.secret
  const expected = {
    id: account.user.id,
    email: 'you@example.com',
    name: 'you',
    is_operator: false,
    plan: 'Pro',
    two_factor: false,
    team: { id: expect.any(Number), name: 'Personal', role: 'owner', is_personal: true },
    created_at: NOW.toISOString(),
  }

  const before = await app.call('GET', PATH, { token })
  await givenTwoFactor(app, account)
  const after = await app.call('GET', PATH, { token })

  expect([before.status, await before.json()]).toEqual([200, expected])
  expect(await after.json()).toEqual({ ...expected, two_factor: true })
})

test('a new password ends sessions, JWTs and keys from logging in, and keeps keys made on purpose', async () => {
  await using app = await testApp()
  const account = await app.givenAccount()
  const other = await app.givenAccount()
  const { services } = app.app
  const { email, password } = account
  const session = await startSession(services, account.user)
  const login = { body: { email, password } }
  const { token: jwt } = await (await app.call('POST', '/api/auth/token', login)).json()
  const { token: loginKey } = await (await app.call('POST', '/api/v1/auth/login', login)).json()
  const othersJwt = await jwtOf(app, other)
  const statusWith = async (token: string) => (await app.call('GET', PATH, { token })).status
  expect(await Promise.all([jwt, loginKey, account.key.secret, othersJwt].map(statusWith))).toEqual([
    200, 200, 200, 200,
  ])

  const changed = await app.call('POST', PASSWORD_PATH, {
    token: jwt,
    body: { current_password: password, password: 'another password' },
  })

  expect([changed.status, await changed.text()]).toEqual([204, ''])
  expect(await Promise.all([jwt, loginKey, account.key.secret, othersJwt].map(statusWith))).toEqual([
    401, 401, 200, 200,
  ])
  expect(await authenticateSession(services, session.token)).toMatchObject({ credential: 'unknown' })
  expect((await app.call('POST', '/api/auth/token', login)).status).toBe(401)
  expect(await statusWith(await jwtOf(app, { email, password: 'another password' }))).toBe(200)
})

test('a password is changed by whoever knows the last one and, with a second factor, a code', async () => {
  await using app = await testApp()
  const account = await app.givenAccount()
  const { codeAt } = await givenTwoFactor(app, account)
  const token = account.key.secret
  const attempt = async (fields: object) => {
    const body = { current_password: account.password, password: 'another password', ...fields }
    const response = await app.call('POST', PASSWORD_PATH, { token, body })
    return [response.status, response.status === 204 ? '' : (await response.json()).code]
  }

  expect(await attempt({ current_password: 'wrong' })).toEqual([401, 'password-wrong'])
  expect(await attempt({})).toEqual([401, 'two-factor-needed'])
  expect(await attempt({ code: '000000' })).toEqual([401, 'two-factor-wrong'])
  // What cannot be is said before the code is used up.
  expect(await attempt({ code: codeAt(NOW), password: 'short' })).toEqual([422, 'invalid-input'])
  expect(await attempt({ code: codeAt(NOW) })).toEqual([204, ''])
  expect(await attempt({})).toEqual([401, 'password-wrong'])
})

test.each([
  { body: {}, fields: ['current_password', 'password'] },
  { body: { current_password: 'x', password: 12345678 }, fields: ['password'] },
  { body: { current_password: 'x', password: 'short' }, fields: ['password'] },
  { body: { current_password: 'x', password: 'x'.repeat(1025) }, fields: ['password'] },
  { body: { current_password: 'x', password: 'long enough', code: 7 }, fields: ['code'] },
  { body: { current_password: null, password: 'long enough' }, fields: ['current_password'] },
  { body: [], fields: [''] },
])('changing a password with %j is refused naming the fields', async ({ body, fields }) => {
  await using app = await testApp()
  const { key, email, password } = await app.givenAccount()

  const response = await app.call('POST', PASSWORD_PATH, { token: key.secret, body })

  const problem = await response.json()
  expect([response.status, problem.code, response.headers.get('content-type')]).toEqual([
    422,
    'invalid-input',
    'application/problem+json',
  ])
  expect(problem.errors.map(({ field }: { field: string }) => field)).toEqual(fields)
  expect(await jwtOf(app, { email, password })).toBeString()
})

test('guessing the password with a stolen key is limited as logging in is', async () => {
  await using app = await testApp()
  const { key } = await app.givenAccount()
  const guess = () =>
    app.call('POST', PASSWORD_PATH, {
      token: key.secret,
      body: { current_password: 'a guess', password: 'another password' },
    })

  for (let count = 0; count < 10; count++) expect((await guess()).status).toBe(401)
  const eleventh = await guess()

  expect([eleventh.status, (await eleventh.json()).code]).toEqual([429, 'rate-limited'])
  expect(Number(eleventh.headers.get('retry-after'))).toBeWithin(1, 901)
})

test('what an account may see and change needs a key, and one that may', async () => {
  await using app = await testApp()
  const reader = await app.givenAccount({ key: { abilities: ['user:read'] } })
  const linker = await app.givenAccount({ key: { abilities: ['links:write'] } })
  const code = async (method: string, path: string, token: string | undefined) => {
    const body = { current_password: reader.password, password: 'another password', code: '000000' }
    const response = await app.call(method, path, { token, ...(method !== 'GET' && { body }) })
    return [response.status, response.ok ? '' : (await response.json()).code]
  }
  const changes = [
    ['POST', PASSWORD_PATH],
    ['POST', `${PATH}/two-factor`],
    ['POST', `${PATH}/two-factor/confirm`],
    ['POST', `${PATH}/two-factor/recovery-codes`],
    ['DELETE', `${PATH}/two-factor`],
  ] as const
  const reads = [
    ['GET', PATH],
    ['GET', `${PATH}/two-factor`],
  ] as const

  for (const [method, path] of [...changes, ...reads]) {
    expect(await code(method, path, undefined)).toEqual([401, 'unauthenticated'])
    expect(await code(method, path, linker.key.secret)).toEqual([403, 'forbidden'])
  }
  for (const [method, path] of changes)
    expect(await code(method, path, reader.key.secret)).toEqual([403, 'forbidden'])
  for (const [method, path] of reads) expect(await code(method, path, reader.key.secret)).toEqual([200, ''])
})

async function jwtOf(app: TestApp, { email, password }: Pick<TestAccount, 'email' | 'password'>) {
  const response = await app.call('POST', '/api/auth/token', { body: { email, password } })
  return (await response.json()).token
}
