import { expect, test } from 'bun:test'
import { getPlan } from '#core/billing/usage.ts'
import { effectiveAbilities } from '#core/permissions.ts'
import { testApp } from '#testing/test-app.ts'
import { KEY_DIALECTS, parseEmail, parsePassword } from './account.ts'
import { findAllUsers, findPersonalTeamId, findTeamsOf } from './account-queries.ts'
import { authenticateKey, issueLoginKey, issueOperatorKey } from './api-keys.ts'
import { blockAccount, unblockAccount } from './block-account.ts'
import { createAccount, signUp } from './create-account.ts'
import { authenticateSession, endSession, SESSION_TTL_MS, startSession } from './sessions.ts'

const account = (email: string) => ({ email: parseEmail(email), password: parsePassword('long enough') })

test('the first account of an installation is its operator on the largest plan, one that comes with it is not', async () => {
  await using app = await testApp()
  const { services } = app.app
  const ctx = { ...services, actor: { kind: 'anonymous', credential: 'missing' } as const }

  const users = await Promise.all(['a', 'b', 'c'].map((name) => signUp(ctx, account(`${name}@example.com`))))

  expect(users.filter((user) => user.isOperator)).toHaveLength(1)
  const plans = (await findAllUsers(services.db)).map((user) => [user.isOperator, user.plan])
  expect(plans.toSorted((a, b) => Number(a[0]) - Number(b[0]))).toEqual([
    [false, 'Free'],
    [false, 'Free'],
    [true, 'Enterprise'],
  ])
})

test('an account has a personal team that it owns', async () => {
  await using app = await testApp()
  const { services } = app.app
  const user = await createAccount(services, account('you@example.com'), { plan: 'pro' })
  const teamId = await findPersonalTeamId(services.db, user.id)
  expect(await findTeamsOf(services.db, user.id)).toEqual([
    { id: teamId ?? 0, name: 'Personal', isPersonal: true, role: 'owner' },
  ])
  expect((await getPlan(services, teamId ?? 0)).name).toBe('Pro')
})

test('a failed sign-up leaves no account behind', async () => {
  await using app = await testApp()
  const { services } = app.app
  await services.db.schema.alterTable('subscription').renameTo('gone').execute()
  expect(
    await createAccount(services, account('you@example.com'), {}).then(
      () => 'made',
      () => 'failed',
    ),
  ).toBe('failed')
  await services.db.schema.alterTable('gone').renameTo('subscription').execute()
  expect(await findAllUsers(services.db)).toEqual([])
  expect(await services.db.selectFrom('instance').selectAll().execute()).toEqual([])
})

test.each(KEY_DIALECTS)('a key of %s has the form of that API and opens its team', async (dialect) => {
  await using app = await testApp()
  const { user } = await app.givenAccount()
  const { services } = app.app

  const { key, secret } = await issueOperatorKey(services, user, {
    dialect,
    name: 'k',
    abilities: ['links:read'],
  })

  const form = {
    lnk7: /^lnk7_[0-9A-Za-z]{32}$/,
    lynklens: new RegExp(`^${key.id}\\|[0-9A-Za-z]{32}$`),
    linktj: /^lnktj_[0-9A-Za-z]{32}$/,
    lynk: /^lynk_[0-9A-Za-z]{32}$/,
    ipgeolocation: /^[0-9a-f]{32}$/,
    onehop: /^hop_[0-9A-Za-z]{32}$/,
  }[dialect]
  expect(secret).toMatch(form)
  expect(await authenticateKey(services, secret)).toMatchObject({
    kind: 'member',
    userId: user.id,
    keyId: key.id,
    abilities: new Set(['links:read']),
  })
  expect(await authenticateKey(services, `${secret.slice(0, -1)}!`)).toEqual({
    kind: 'anonymous',
    credential: 'unknown',
  })
})

test('a blocked account is shut out with key and session, and let in again', async () => {
  await using app = await testApp()
  const { user, key } = await app.givenAccount()
  const { services } = app.app
  const session = await startSession(services, user)

  await blockAccount(services, user)
  expect(await authenticateKey(services, key.secret)).toEqual({ kind: 'anonymous', credential: 'blocked' })
  expect(await authenticateSession(services, session.token)).toEqual({
    kind: 'anonymous',
    credential: 'unknown',
  })

  await unblockAccount(services, user)
  expect(await authenticateKey(services, key.secret)).toMatchObject({ kind: 'member' })
})

test('a session lasts thirty days or until it is ended, and its token is stored nowhere', async () => {
  await using app = await testApp()
  const { user } = await app.givenAccount()
  const { services } = app.app
  const session = await startSession(services, user)

  expect(await authenticateSession(services, session.token)).toMatchObject({
    kind: 'member',
    userId: user.id,
    keyId: null,
  })
  expect(JSON.stringify(await services.db.selectFrom('session').selectAll().execute())).not.toContain(
    session.token,
  )

  app.setNow(new Date(session.expiresAt.getTime()))
  expect(session.expiresAt.getTime() - SESSION_TTL_MS).toBe(new Date('2026-01-02T03:04:05Z').getTime())
  expect(await authenticateSession(services, session.token)).toEqual({
    kind: 'anonymous',
    credential: 'expired',
  })

  const other = await startSession(services, user)
  await endSession(services, other.token)
  expect(await authenticateSession(services, other.token)).toEqual({
    kind: 'anonymous',
    credential: 'unknown',
  })
})

test('a user keeps a hundred login keys, the newest', async () => {
  await using app = await testApp()
  const { user, key } = await app.givenAccount()
  const { services } = app.app
  const first = await issueLoginKey(services, user, 'lnk7')
  for (let count = 0; count < 99; count++) await issueLoginKey(services, user, 'lnk7')
  expect(await authenticateKey(services, first.secret)).toMatchObject({ kind: 'member' })

  await issueLoginKey(services, user, 'lnk7')

  expect(await authenticateKey(services, first.secret)).toEqual({ kind: 'anonymous', credential: 'unknown' })
  expect(await authenticateKey(services, key.secret)).toMatchObject({ kind: 'member' })
})

test('the time of last use is kept to the minute', async () => {
  await using app = await testApp()
  const { key } = await app.givenAccount()
  const { services } = app.app
  const lastUsed = async () => {
    const row = await services.db
      .selectFrom('api_key')
      .select('last_used_at_ms')
      .where('id', '=', key.key.id)
      .executeTakeFirstOrThrow()
    return row.last_used_at_ms && new Date(row.last_used_at_ms).toISOString()
  }
  expect(await lastUsed()).toBeNull()
  await authenticateKey(services, key.secret)
  expect(await lastUsed()).toBe('2026-01-02T03:04:05.000Z')
  app.setNow(new Date('2026-01-02T03:05:04.999Z'))
  await authenticateKey(services, key.secret)
  expect(await lastUsed()).toBe('2026-01-02T03:04:05.000Z')
  app.setNow(new Date('2026-01-02T03:05:05Z'))
  await authenticateKey(services, key.secret)
  expect(await lastUsed()).toBe('2026-01-02T03:05:05.000Z')
})

test('a viewer reads and does not write, whatever the key grants', () => {
  const all = effectiveAbilities('viewer', ['*'])
  expect([all.has('links:read'), all.has('links:write')]).toEqual([true, false])
  expect([...effectiveAbilities('viewer', ['links:write'])]).toEqual([])
  expect([...effectiveAbilities('owner', ['links:write'])]).toEqual(['links:write'])
})
