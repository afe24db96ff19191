import { expect, test } from 'bun:test'
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'
import { NOW, type TestAccount, testApp, type TestApp } from '#testing/test-app.ts'
import { authenticate } from './authenticate.ts'
import { blockAccount, unblockAccount } from './block-account.ts'
import { issueLoginToken, LOGIN_TOKEN_TTL_S } from './login-token.ts'

const NOW_S = NOW.getTime() / 1000
const UNKNOWN = { kind: 'anonymous', credential: 'unknown' } as const

test('a JWT says who, since when and until when, and opens everything in the personal team', async () => {
  await using app = await testApp()
  const { user, key } = await app.givenAccount()
  const { services } = app.app

  const token = await issueLoginToken(services, user)

  const [header = '', payload = ''] = token
    .split('.')
    .map((part) => Buffer.from(part, 'base64url').toString())
  expect(JSON.parse(header)).toEqual({ alg: 'HS256', typ: 'JWT' })
  expect(JSON.parse(payload)).toEqual({ sub: String(user.id), iat: NOW_S, exp: NOW_S + 86_400, ver: 0 })
  expect(await authenticate(services, token)).toMatchObject({
    kind: 'member',
    userId: user.id,
    teamId: key.key.teamId,
    role: 'owner',
    isOperator: false,
    grant: ['*'],
    keyId: null,
  })
})

test('a JWT lasts a day to the second', async () => {
  await using app = await testApp()
  const { user } = await app.givenAccount()
  const { services } = app.app
  const token = await issueLoginToken(services, user)

  app.setNow(new Date(NOW.getTime() + LOGIN_TOKEN_TTL_S * 1000 - 1))
  expect(await authenticate(services, token)).toMatchObject({ kind: 'member' })
  app.setNow(new Date(NOW.getTime() + LOGIN_TOKEN_TTL_S * 1000))
  expect(await authenticate(services, token)).toEqual({ kind: 'anonymous', credential: 'expired' })
})

test('a JWT of a process whose clock is a little ahead is taken, one of the future is not', async () => {
  await using app = await testApp()
  const { user } = await app.givenAccount()
  const { services } = app.app
  app.setNow(new Date(NOW.getTime() + 60_000))
  const ahead = await issueLoginToken(services, user)
  app.setNow(new Date(NOW.getTime() + 61_000))
  const future = await issueLoginToken(services, user)
  app.setNow(NOW)

  expect(await authenticate(services, ahead)).toMatchObject({ kind: 'member' })
  expect(await authenticate(services, future)).toEqual(UNKNOWN)
})

test('a blocked account is told so, and its JWTs stay void when it is let in again', async () => {
  await using app = await testApp()
  const { user } = await app.givenAccount()
  const { services } = app.app
  const token = await issueLoginToken(services, user)

  await blockAccount(services, user)
  expect(await authenticate(services, token)).toEqual({ kind: 'anonymous', credential: 'blocked' })
  await unblockAccount(services, user)
  expect(await authenticate(services, token)).toEqual(UNKNOWN)
})

test('the JWT of a user who is out of the personal team, or gone, opens nothing', async () => {
  await using app = await testApp()
  const { user } = await app.givenAccount()
  const { services } = app.app
  const token = await issueLoginToken(services, user)

  await services.db.deleteFrom('membership').where('user_id', '=', user.id).execute()
  expect(await authenticate(services, token)).toEqual(UNKNOWN)
  await services.db.deleteFrom('user_account').where('id', '=', user.id).execute()
  expect(await authenticate(services, token)).toEqual(UNKNOWN)
})

/** What an attacker who knows everything but our key can put together, and what ours would be if we were careless. */
const FORGERIES: Readonly<Record<string, (app: TestApp, account: TestAccount) => Promise<string> | string>> =
  {
    'no signature': (_, { user }) =>
      new UnsecuredJWT({ ver: 0 })
        .setSubject(String(user.id))
        .setIssuedAt(NOW_S)
        .setExpirationTime(NOW_S + 60)
        .encode(),
    'alg none with a signature': async (app, account) =>
      withHeader(await genuine(app, account), { alg: 'none', typ: 'JWT' }),
    'alg NONE': async (app, account) => withHeader(await genuine(app, account), { alg: 'NONE', typ: 'JWT' }),
    'alg HS256 with an empty signature': async (app, account) =>
      (await genuine(app, account)).replace(/[^.]+$/, 'AA'),
    'another HMAC under our key': (app, account) => sign(app, account, { alg: 'HS512' }),
    'another key': (app, account) => sign(app, account, { key: new Uint8Array(32) }),
    'the key of another purpose': (app, account) =>
      sign(app, account, { key: app.app.services.secrets.key('webhook') }),
    RS256: async (app, account) =>
      sign(app, account, { alg: 'RS256', key: (await generateKeyPair('RS256')).privateKey }),
    'HS256 keyed with a public key': async (app, account) => {
      const { publicKey } = await generateKeyPair('RS256', { extractable: true })
      return sign(app, account, { key: new TextEncoder().encode(await exportSPKI(publicKey)) })
    },
    'a key of its own in the header': async (app, account) => {
      const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
      return sign(app, account, {
        alg: 'ES256',
        key: privateKey,
        header: { jwk: await exportJWK(publicKey) },
      })
    },
    'an extension we do not know': async (app, account) =>
      withHeader(await genuine(app, account), { alg: 'HS256', typ: 'JWT', crit: ['exp2'], exp2: 1 }),
    'a changed signature': async (app, account) =>
      (await genuine(app, account)).replace(
        /\.(.)([^.]+)$/,
        (_, first: string, rest: string) => `.${first === 'A' ? 'B' : 'A'}${rest}`,
      ),
    'a changed payload': async (app, account) => withPayload(await genuine(app, account), { sub: '1' }),
    'no subject': (app, account) => sign(app, account, { claims: { sub: undefined } }),
    'no expiry': (app, account) => sign(app, account, { claims: { exp: undefined } }),
    'no time of issue': (app, account) => sign(app, account, { claims: { iat: undefined } }),
    'no version': (app, account) => sign(app, account, { claims: { ver: undefined } }),
    'a version that is text': (app, account) => sign(app, account, { claims: { ver: '0' } }),
    'a later version': (app, account) => sign(app, account, { claims: { ver: 1 } }),
    'a subject that is no number': (app, account) => sign(app, account, { claims: { sub: '1 or 1=1' } }),
    'a subject nobody has': (app, account) => sign(app, account, { claims: { sub: '999999999999999' } }),
    'an expiry that is text': (app, account) => sign(app, account, { claims: { exp: 'never' } }),
    'not before tomorrow': (app, account) => sign(app, account, { claims: { nbf: NOW_S + 86_400 } }),
    'another type': (app, account) => sign(app, account, { header: { typ: 'secevent+jwt' } }),
    'no type': (app, account) => sign(app, account, { header: { typ: undefined } }),
    'two tokens in one': async (app, account) =>
      `${await genuine(app, account)}.${await genuine(app, account)}`,
    'a detached payload': async (app, account) => (await genuine(app, account)).replace(/\.[^.]+\./, '..'),
    'garbage in three parts': () => 'a.b.c',
    'more garbage': () => '-._.-',
    'no JSON': () => `${base64url('{')}.${base64url('{')}.${base64url('x')}`,
    'a header that is no object': () => `${base64url('[]')}.${base64url('{}')}.${base64url('x')}`,
    'null all over': () => `${base64url('null')}.${base64url('null')}.${base64url('null')}`,
  }

test('what we have not signed as it is opens nothing', async () => {
  await using app = await testApp()
  const account = await app.givenAccount()
  expect(await authenticate(app.app.services, await genuine(app, account))).toMatchObject({ kind: 'member' })

  for (const [name, forge] of Object.entries(FORGERIES)) {
    const token = await forge(app, account)

    expect([name, await authenticate(app.app.services, token)]).toEqual([name, UNKNOWN])
    const response = await app.call('GET', '/api/v2/account', { token })
    expect([name, response.status, (await response.json()).code]).toEqual([name, 401, 'unauthenticated'])
  }
})

function genuine(app: TestApp, { user }: TestAccount): Promise<string> {
  return issueLoginToken(app.app.services, user)
}

interface Forgery {
  readonly alg?: string
  readonly key?: Uint8Array | CryptoKey
  readonly header?: Readonly<Record<string, unknown>>
  readonly claims?: Readonly<Record<string, unknown>>
}

async function sign(app: TestApp, { user }: TestAccount, forgery: Forgery): Promise<string> {
  const { alg = 'HS256', key = app.app.services.secrets.key('jwt'), header, claims } = forgery
  return new SignJWT({ sub: String(user.id), iat: NOW_S, exp: NOW_S + 60, ver: 0, ...claims })
    .setProtectedHeader({ alg, typ: 'JWT', ...header })
    .sign(key)
}

function withHeader(token: string, header: object): string {
  return token.replace(/^[^.]+/, base64url(JSON.stringify(header)))
}

function withPayload(token: string, claims: object): string {
  const [, payload = ''] = token.split('.')
  const changed = { ...JSON.parse(Buffer.from(payload, 'base64url').toString()), ...claims }
  return token.replace(/\.[^.]+\./, `.${base64url(JSON.stringify(changed))}.`)
}

function base64url(text: string): string {
  return Buffer.from(text).toString('base64url')
}
