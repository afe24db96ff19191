import { expect, test } from 'bun:test'
import { ctxOf, logInWith, outcomeOf } from '#testing/log-in.ts'
import { testApp } from '#testing/test-app.ts'
import { parseEmail, parsePassword } from './account.ts'
import { issueLoginKey } from './api-keys.ts'
import { blockAccount } from './block-account.ts'
import { changePassword } from './change-password.ts'
import { logIn } from './log-in.ts'
import { startSession } from './sessions.ts'

test('who logged in before the password changed gets nothing after it', async () => {
  await using app = await testApp()
  const account = await app.givenAccount()
  const { services } = app.app
  const credentials = { email: parseEmail(account.email), password: account.password, clientKey: 'test' }
  const ctx = await ctxOf(app, account)
  const user = await logIn(ctx, credentials)

  await changePassword(ctx, parsePassword('another password'), {
    password: account.password,
    clientKey: 'test',
  })

  expect(await outcomeOf(issueLoginKey(services, user, 'lnk7'))).toBe('wrong-credentials')
  expect(await outcomeOf(startSession(services, user))).toBe('wrong-credentials')
  expect(await services.db.selectFrom('session').selectAll().execute()).toEqual([])
  const again = await logIn(ctx, { ...credentials, password: 'another password' })
  await blockAccount(services, again)
  expect(await outcomeOf(startSession(services, again))).toBe('wrong-credentials')
})

test('of two changes of a password at the same time one is made', async () => {
  await using app = await testApp()
  const account = await app.givenAccount()
  const ctx = await ctxOf(app, account)
  const change = (password: string) =>
    outcomeOf(changePassword(ctx, parsePassword(password), { password: account.password, clientKey: 'test' }))

  const outcomes = await Promise.all([change('one password'), change('other password')])

  expect(outcomes.toSorted()).toEqual(['done', 'password-wrong'])
  const winner = outcomes[0] === 'done' ? 'one password' : 'other password'
  expect(await logInWith(app, { ...account, password: winner }, undefined)).toBe('done')
  expect(await logInWith(app, account, undefined)).toBe('wrong-credentials')
})

test('a change that breaks off leaves the old password and what was signed in with it', async () => {
  await using app = await testApp()
  const account = await app.givenAccount()
  const { services } = app.app
  const ctx = await ctxOf(app, account)
  await startSession(services, account.user)
  const state = async () => [
    await services.db.selectFrom('user_account').selectAll().execute(),
    await services.db.selectFrom('session').selectAll().execute(),
  ]
  const before = await state()

  await services.db.schema.alterTable('api_key').renameTo('gone').execute()
  const outcome = await changePassword(ctx, parsePassword('another password'), {
    password: account.password,
    clientKey: 'test',
  }).then(
    () => 'changed',
    () => 'failed',
  )
  await services.db.schema.alterTable('gone').renameTo('api_key').execute()

  expect(outcome).toBe('failed')
  expect(await state()).toEqual(before)
  expect(await logInWith(app, account, undefined)).toBe('done')
})
