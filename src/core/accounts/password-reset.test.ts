import { expect, test } from 'bun:test'
import type { Ctx } from '#core/context.ts'
import { logInWith, outcomeOf } from '#testing/log-in.ts'
import { queuedMails } from '#testing/queued-mails.ts'
import { BASE, NOW, testApp, type TestApp } from '#testing/test-app.ts'
import { givenTwoFactor } from '#testing/two-factor.ts'
import { parseEmail, parsePassword } from './account.ts'
import { authenticateKey, issueLoginKey } from './api-keys.ts'
import { blockAccount } from './block-account.ts'
import { confirmPasswordReset, requestPasswordReset } from './password-reset.ts'
import { authenticateSession, startSession } from './sessions.ts'

const HOUR_MS = 60 * 60 * 1000

test('a mailed link sets a password once, and ends whatever was signed in', async () => {
  await using app = await testApp()
  const account = await app.givenAccount()
  const { services } = app.app
  const session = await startSession(services, account.user)
  const loginKey = await issueLoginKey(services, account.user, 'lnk7')
  await ask(app, account.email)
  await ask(app, account.email)
  const [first = '', second = ''] = await tokens(app)

  expect(await confirm(app, { token: first })).toBe('done')

  expect(await confirm(app, { token: first })).toBe('password-reset-invalid')
  expect(await confirm(app, { token: second })).toBe('password-reset-invalid')
  expect(await logInWith(app, account, undefined)).toBe('wrong-credentials')
  expect(await logInWith(app, { ...account, password: NEW }, undefined)).toBe('done')
  expect(await authenticateSession(services, session.token)).toMatchObject({ credential: 'unknown' })
  expect(await authenticateKey(services, loginKey.secret)).toMatchObject({ credential: 'unknown' })
  expect(await authenticateKey(services, account.key.secret)).toMatchObject({ kind: 'member' })
})

test('the link leads to the dashboard, lasts an hour, and only its hash is stored', async () => {
  await using app = await testApp()
  const account = await app.givenAccount()
  await ask(app, account.email)
  const [mail] = await queuedMails(app)
  const [token = ''] = await tokens(app)
  const stored = await app.app.services.db.selectFrom('password_reset').selectAll().execute()

  expect(mail).toMatchObject({ to: account.user.email, subject: 'Set a new password for s.test' })
  expect(mail?.text).toContain(`${BASE}/app/reset?token=${token}`)
  expect(token).toMatch(/^\w{43}$/)
  expect(JSON.stringify(stored)).not.toContain(token)
  app.setNow(new Date(NOW.getTime() + HOUR_MS))
  expect(await confirm(app, { token })).toBe('password-reset-invalid')
  app.setNow(new Date(NOW.getTime() + HOUR_MS - 1))
  expect(await confirm(app, { token })).toBe('done')
})

test('an address without an account is answered the same, and mailed nothing', async () => {
  await using app = await testApp()
  await app.givenAccount()

  expect(await ask(app, 'nobody@example.com')).toBe('done')
  expect(await queuedMails(app)).toEqual([])
})

test.each([{ email: 'user1@example.com' }, { email: 'nobody@example.com' }])(
  'the fourth request about $email in an hour is refused, account or not',
  async ({ email }) => {
    await using app = await testApp()
    await app.givenAccount()

    for (let count = 0; count < 3; count++) expect(await ask(app, email, `client ${count}`)).toBe('done')

    expect(await ask(app, email, 'another client')).toBe('rate-limited')
  },
)

test('one client asks ten times an hour, about whomever', async () => {
  await using app = await testApp()
  for (let count = 0; count < 10; count++) expect(await ask(app, `user${count}@example.org`)).toBe('done')
  expect(await ask(app, 'last@example.org')).toBe('rate-limited')
})

test('a second factor is asked for, and the link is of use until the code is right', async () => {
  await using app = await testApp()
  const account = await app.givenAccount()
  const { codeAt } = await givenTwoFactor(app, account)
  await ask(app, account.email)
  const [token = ''] = await tokens(app)

  expect(await confirm(app, { token })).toBe('two-factor-needed')
  expect(await confirm(app, { token, code: '000000' })).toBe('two-factor-wrong')
  expect(await confirm(app, { token, code: codeAt(NOW) })).toBe('done')
})

test('a link that was mailed before the account was blocked, or its password changed, sets nothing', async () => {
  await using app = await testApp()
  const account = await app.givenAccount()
  await ask(app, account.email)
  const [token = ''] = await tokens(app)

  await blockAccount(app.app.services, account.user)

  expect(await confirm(app, { token })).toBe('password-reset-invalid')
  expect(await ask(app, account.email)).toBe('done')
  expect(await queuedMails(app)).toHaveLength(1)
})

test('of two who use a link at the same moment one sets the password', async () => {
  await using app = await testApp()
  const account = await app.givenAccount()
  await ask(app, account.email)
  const [token = ''] = await tokens(app)

  const outcomes = await Promise.all([confirm(app, { token }), confirm(app, { token })])

  expect(outcomes.toSorted()).toEqual(['done', 'password-reset-invalid'])
})

const NEW = 'another password'

function nobody(app: TestApp): Ctx {
  return { ...app.app.services, actor: { kind: 'anonymous', credential: 'missing' } }
}

function ask(app: TestApp, email: string, clientKey = 'client'): Promise<string> {
  return outcomeOf(requestPasswordReset(nobody(app), { email: parseEmail(email), clientKey }))
}

function confirm(app: TestApp, { token, code }: { token: string; code?: string }): Promise<string> {
  const confirmation = { token, password: parsePassword(NEW), code, clientKey: 'client' }
  return outcomeOf(confirmPasswordReset(nobody(app), confirmation))
}

async function tokens(app: TestApp): Promise<readonly string[]> {
  return (await queuedMails(app)).map(({ text }) => /\?token=(\w+)/.exec(text)?.[1] ?? '')
}
