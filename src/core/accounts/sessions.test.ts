import { expect, test } from 'bun:test'
import type { Ctx } from '#core/context.ts'
import { ctxOf, outcomeOf } from '#testing/log-in.ts'
import { NOW, type TestAccount, testApp, type TestApp } from '#testing/test-app.ts'
import { createTeam } from './manage-teams.ts'
import {
  authenticateSession,
  endOtherSessions,
  endSessionOf,
  listSessions,
  startSession,
  switchTeam,
} from './sessions.ts'

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0'

test('sessions are listed with what they were started with and when they were last used, to the minute', async () => {
  await using app = await testApp()
  const account = await app.givenAccount()
  const firefox = await givenSession(app, account, FIREFOX)
  app.setNow(new Date(NOW.getTime() + 59_999))
  await givenSession(app, account, '')
  await authenticateSession(app.app.services, firefox.token)
  const before = await listSessions(firefox.ctx)
  app.setNow(new Date(NOW.getTime() + 60_000))
  await authenticateSession(app.app.services, firefox.token)

  const [first, second] = await listSessions(firefox.ctx)

  expect(before.map(({ client }) => client)).toEqual(['', 'Firefox on Linux'])
  expect(first).toMatchObject({
    client: 'Firefox on Linux',
    isCurrent: true,
    createdAt: NOW,
    lastUsedAt: new Date(NOW.getTime() + 60_000),
    expiresAt: new Date(NOW.getTime() + 30 * 24 * 3600 * 1000),
  })
  expect(second).toMatchObject({ client: '', isCurrent: false })
  expect((await app.app.services.db.selectFrom('user_account').selectAll().execute()).at(-1)).toMatchObject({
    last_seen_at_ms: NOW.getTime() + 60_000,
  })
})

test('a session ends by its id, or all but the one that asks; another user’s stay', async () => {
  await using app = await testApp()
  const [account, other] = [await app.givenAccount(), await app.givenAccount()]
  const [first, second, third] = [
    await givenSession(app, account),
    await givenSession(app, account),
    await givenSession(app, account),
  ]
  const others = await givenSession(app, other)
  const [othersRow] = await listSessions(others.ctx)
  const ids = (await listSessions(first.ctx)).map(({ publicId }) => publicId)

  expect(await outcomeOf(endSessionOf(first.ctx, othersRow?.publicId ?? ''))).toBe('session-not-found')
  expect(await outcomeOf(endSessionOf(first.ctx, ids[0] ?? ''))).toBe('done')
  expect(await isOpen(app, third.token)).toBe(false)
  await endOtherSessions(first.ctx)

  expect(await isOpen(app, second.token)).toBe(false)
  expect(await isOpen(app, first.token)).toBe(true)
  expect(await isOpen(app, others.token)).toBe(true)
  expect((await listSessions(first.ctx)).map(({ isCurrent }) => isCurrent)).toEqual([true])
})

test('a user keeps a hundred sessions, the newest', async () => {
  await using app = await testApp()
  const account = await app.givenAccount()
  const first = await givenSession(app, account)
  const second = await givenSession(app, account)
  for (let count = 0; count < 99; count++) await startSession(app.app.services, account.user)

  expect([await isOpen(app, first.token), await isOpen(app, second.token)]).toEqual([false, true])
})

test('a session acts in the team it was switched to, in those of its user alone', async () => {
  await using app = await testApp()
  const [account, other] = [await app.givenAccount(), await app.givenAccount()]
  const session = await givenSession(app, account)
  const team = await createTeam(session.ctx, 'Press')
  const otherTeam = await createTeam(await ctxOf(app, other), 'Theirs')

  const switched = await switchTeam(session.ctx, team.id)

  expect(switched.actor).toMatchObject({ teamId: team.id, role: 'owner' })
  expect(await authenticateSession(app.app.services, session.token)).toEqual(switched.actor)
  expect(await outcomeOf(switchTeam(switched, otherTeam.id))).toBe('team-not-found')
  expect(await outcomeOf(switchTeam(await ctxOf(app, account), team.id))).toBe('session-required')
})

async function givenSession(app: TestApp, account: TestAccount, userAgent = FIREFOX) {
  const { services } = app.app
  const { token } = await startSession(services, account.user, userAgent)
  const ctx: Ctx = { ...services, actor: await authenticateSession(services, token) }
  return { token, ctx }
}

async function isOpen(app: TestApp, token: string): Promise<boolean> {
  return (await authenticateSession(app.app.services, token)).kind === 'member'
}
