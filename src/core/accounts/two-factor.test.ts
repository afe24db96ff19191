import { expect, test } from 'bun:test'
import type { Ctx } from '#core/context.ts'
import { ctxOf, logInWith, outcomeOf } from '#testing/log-in.ts'
import { NOW, testApp } from '#testing/test-app.ts'
import { givenTwoFactor, stepsAfter, totpCode } from '#testing/two-factor.ts'
import { parseEmail } from './account.ts'
import { logIn } from './log-in.ts'
import {
  confirmTwoFactor,
  enrolTwoFactor,
  getTwoFactorState,
  removeTwoFactor,
  renewRecoveryCodes,
  turnOffTwoFactor,
} from './two-factor.ts'

test('a code opens its account once, however many come with it at the same time', async () => {
  await using app = await testApp()
  const account = await app.givenAccount()
  const factor = await givenTwoFactor(app, account)
  const code = factor.codeAt(NOW)

  const outcomes = await Promise.all(Array.from({ length: 5 }, () => logInWith(app, account, code)))

  expect(outcomes.toSorted()).toEqual(['done', ...Array<string>(4).fill('two-factor-wrong')])
  expect(await logInWith(app, account, code)).toBe('two-factor-wrong')
})

test('a code is taken for one step after its own and no longer, and none from before the last one used', async () => {
  await using app = await testApp()
  const account = await app.givenAccount()
  const factor = await givenTwoFactor(app, account)
  const codeOf = (step: number) => factor.codeAt(stepsAfter(NOW, step))

  app.setNow(stepsAfter(NOW, 4))
  expect(await logInWith(app, account, codeOf(2))).toBe('two-factor-wrong')
  expect(await logInWith(app, account, codeOf(6))).toBe('two-factor-wrong')
  expect(await logInWith(app, account, codeOf(5))).toBe('done')
  expect(await logInWith(app, account, codeOf(4))).toBe('two-factor-wrong')
  expect(await logInWith(app, account, codeOf(3))).toBe('two-factor-wrong')
  app.setNow(stepsAfter(NOW, 7))
  expect(await logInWith(app, account, codeOf(6))).toBe('done')
})

test('each recovery code opens the account once, however it is written', async () => {
  await using app = await testApp()
  const account = await app.givenAccount()
  const { recoveryCodes } = await givenTwoFactor(app, account)
  const [first = '', second = '', third = ''] = recoveryCodes

  expect(recoveryCodes).toHaveLength(10)
  expect(new Set(recoveryCodes).size).toBe(10)
  for (const code of recoveryCodes) expect(code).toMatch(/^([0-9a-f]{4}-){3}[0-9a-f]{4}$/)
  const outcomes = await Promise.all(Array.from({ length: 3 }, () => logInWith(app, account, first)))
  expect(outcomes.toSorted()).toEqual(['done', 'two-factor-wrong', 'two-factor-wrong'])
  expect(await logInWith(app, account, ` ${second.toUpperCase().replaceAll('-', ' ')} `)).toBe('done')
  expect(await logInWith(app, account, third.replaceAll('-', ''))).toBe('done')
  expect((await getTwoFactorState(await ctxOf(app, account))).recoveryCodesLeft).toBe(7)
})

test("another account's codes open nothing", async () => {
  await using app = await testApp()
  const [mine, theirs] = [await app.givenAccount(), await app.givenAccount()]
  await givenTwoFactor(app, mine)
  const { recoveryCodes, codeAt } = await givenTwoFactor(app, theirs)

  expect(await logInWith(app, mine, recoveryCodes[0])).toBe('two-factor-wrong')
  expect(await logInWith(app, mine, codeAt(NOW))).toBe('two-factor-wrong')
  expect(await logInWith(app, theirs, recoveryCodes[0])).toBe('done')
})

test('the second factor is spoken of to nobody who does not know the password', async () => {
  await using app = await testApp()
  const account = await app.givenAccount()
  const { recoveryCodes } = await givenTwoFactor(app, account)

  expect(await logInWith(app, { ...account, password: 'wrong' }, undefined)).toBe('wrong-credentials')
  expect(await logInWith(app, { ...account, password: 'wrong' }, recoveryCodes[0])).toBe('wrong-credentials')
  expect(await logInWith(app, account, undefined)).toBe('two-factor-needed')
  expect(await logInWith(app, account, ' - ')).toBe('two-factor-needed')
  expect(await logInWith(app, account, recoveryCodes[0])).toBe('done')
})

test('ten codes of an account are looked at in an hour, whoever sends them', async () => {
  await using app = await testApp()
  const account = await app.givenAccount()
  // This has used one of the ten, and two attempts of the address.
  const { recoveryCodes } = await givenTwoFactor(app, account)
  const ctx = await ctxOf(app, account)
  const outcomes: string[] = []

  for (let count = 0; count < 8; count++) outcomes.push(await logInWith(app, account, '000000'))
  // The address may have no more attempts; by another way codes are still counted.
  await app.app.services.db
    .updateTable('user_account')
    .set({ email: 'moved@example.com' })
    .where('id', '=', account.user.id)
    .execute()
  const proof = { password: account.password, clientKey: 'elsewhere' }
  outcomes.push(await outcomeOf(turnOffTwoFactor(ctx, { ...proof, code: '000000' })))
  outcomes.push(await outcomeOf(turnOffTwoFactor(ctx, { ...proof, code: recoveryCodes[0] })))

  expect(outcomes).toEqual([...Array<string>(9).fill('two-factor-wrong'), 'rate-limited'])
  expect(await getTwoFactorState(ctx)).toEqual({ onSince: NOW, recoveryCodesLeft: 10 })
})

test('an address without an account costs as much hashing as a wrong password', async () => {
  await using app = await testApp()
  const account = await app.givenAccount()
  const verified: (string | undefined)[] = []
  const { passwords } = app.app.services
  const ctx: Ctx = {
    ...(await ctxOf(app, account)),
    passwords: {
      hash: (password) => passwords.hash(password),
      verify(password, hash) {
        verified.push(hash)
        return passwords.verify(password, hash)
      },
    },
  }
  const attempt = (email: string) =>
    outcomeOf(logIn(ctx, { email: parseEmail(email), password: 'wrong', clientKey: 'test' }))

  expect(await attempt(account.email)).toBe('wrong-credentials')
  expect(await attempt('nobody@example.com')).toBe('wrong-credentials')
  expect(verified).toEqual([expect.stringContaining('$argon2id$'), undefined])
})

test('a secret asks nobody for anything until a code of it was shown', async () => {
  await using app = await testApp()
  const account = await app.givenAccount()
  const ctx = await ctxOf(app, account)
  const proof = { password: account.password, clientKey: 'test' }
  const confirm = (secret: string) =>
    outcomeOf(confirmTwoFactor(ctx, { ...proof, code: totpCode(secret, NOW) }))

  expect(await outcomeOf(confirmTwoFactor(ctx, { ...proof, code: '000000' }))).toBe('two-factor-off')
  const first = await enrolTwoFactor(ctx, proof)
  expect(await logInWith(app, account, undefined)).toBe('done')
  const second = await enrolTwoFactor(ctx, proof)
  expect(second.secret).not.toBe(first.secret)
  expect(await confirm(first.secret)).toBe('two-factor-wrong')
  expect(await getTwoFactorState(ctx)).toEqual({ onSince: null, recoveryCodesLeft: 0 })
  expect(await confirm(second.secret)).toBe('done')
  expect(await getTwoFactorState(ctx)).toEqual({ onSince: NOW, recoveryCodesLeft: 10 })
  expect(await logInWith(app, account, undefined)).toBe('two-factor-needed')
  // The code that confirmed it is used up.
  expect(await logInWith(app, account, totpCode(second.secret, NOW))).toBe('two-factor-wrong')
  expect(await outcomeOf(enrolTwoFactor(ctx, proof))).toBe('two-factor-on')
})

test('of two confirmations at the same time one gives recovery codes, and they are the ones that work', async () => {
  await using app = await testApp()
  const account = await app.givenAccount()
  const ctx = await ctxOf(app, account)
  const proof = { password: account.password, clientKey: 'test' }
  const { secret } = await enrolTwoFactor(ctx, proof)
  const code = totpCode(secret, NOW)

  const confirmations = await Promise.allSettled([
    confirmTwoFactor(ctx, { ...proof, code }),
    confirmTwoFactor(ctx, { ...proof, code }),
  ])

  const given = confirmations.flatMap((settled) => (settled.status === 'fulfilled' ? [settled.value] : []))
  expect(given).toHaveLength(1)
  expect((await getTwoFactorState(ctx)).recoveryCodesLeft).toBe(10)
  expect(await logInWith(app, account, given[0]?.[0])).toBe('done')
})

test('new recovery codes void the old ones, and ten are left when several are asked for at once', async () => {
  await using app = await testApp()
  const account = await app.givenAccount()
  const { recoveryCodes } = await givenTwoFactor(app, account)
  const [first, second, third] = recoveryCodes
  const ctx = await ctxOf(app, account)
  const renew = (code: string | undefined) =>
    outcomeOf(renewRecoveryCodes(ctx, { password: account.password, clientKey: 'test', code }))

  expect(await renew(undefined)).toBe('two-factor-needed')
  const outcomes = await Promise.all([renew(first), renew(second)])

  expect(outcomes).toContain('done')
  expect((await getTwoFactorState(ctx)).recoveryCodesLeft).toBe(10)
  expect(await logInWith(app, account, third)).toBe('two-factor-wrong')
})

test('without a second factor there is nothing to renew or to turn off', async () => {
  await using app = await testApp()
  const account = await app.givenAccount()
  const ctx = await ctxOf(app, account)
  const proof = { password: account.password, clientKey: 'test' }

  expect(await outcomeOf(renewRecoveryCodes(ctx, proof))).toBe('two-factor-off')
  expect(await outcomeOf(turnOffTwoFactor(ctx, proof))).toBe('two-factor-off')
  expect(await outcomeOf(removeTwoFactor(app.app.services, account.user))).toBe('two-factor-off')
  expect((await getTwoFactorState(ctx)).recoveryCodesLeft).toBe(0)
})

test('turned off, a second factor leaves nothing behind and can be turned on anew', async () => {
  await using app = await testApp()
  const account = await app.givenAccount()
  const { db } = app.app.services
  const stored = async () => [
    await db.selectFrom('two_factor').selectAll().execute(),
    await db.selectFrom('recovery_code').selectAll().execute(),
  ]
  const { codeAt } = await givenTwoFactor(app, account)

  const proof = { password: account.password, clientKey: 'test', code: codeAt(NOW) }
  await turnOffTwoFactor(await ctxOf(app, account), proof)
  expect(await stored()).toEqual([[], []])
  expect(await logInWith(app, account, undefined)).toBe('done')

  await givenTwoFactor(app, account)
  await removeTwoFactor(app.app.services, account.user)
  expect(await stored()).toEqual([[], []])
})

test('neither the secret nor a recovery code can be read in the database', async () => {
  await using app = await testApp()
  const account = await app.givenAccount()
  const { db } = app.app.services
  const { secret, recoveryCodes } = await givenTwoFactor(app, account)

  const stored = JSON.stringify([
    await db.selectFrom('two_factor').selectAll().execute(),
    await db.selectFrom('recovery_code').selectAll().execute(),
  ])

  expect(stored).not.toContain(secret)
  for (const code of recoveryCodes) {
    expect(stored).not.toContain(code)
    expect(stored).not.toContain(code.replaceAll('-', ''))
  }
})
