import { expect, test } from 'bun:test'
import { NOW, testApp } from '#testing/test-app.ts'
import { givenTwoFactor } from '#testing/two-factor.ts'

test('an account with a second factor logs in with a code, and is told so without one', async () => {
  await using app = await testApp()
  const account = await app.givenAccount()
  const { codeAt, recoveryCodes } = await givenTwoFactor(app, account)
  const { db } = app.app.services
  const attempt = async (fields: object) => {
    const body = { email: account.email, password: account.password, ...fields }
    const response = await app.call('POST', '/api/v1/auth/login', { body })
    return [response.status, (await response.json()).detail]
  }
  const needed = [
    401,
    'Two-factor authentication is on: send the code of your app, or a recovery code, as "code".',
  ]
  const wrong = [401, 'The two-factor code is wrong, or was used before.']

  expect(await attempt({ password: 'wrong', code: codeAt(NOW) })).toEqual([401, 'Wrong email or password.'])
  expect(await attempt({})).toEqual(needed)
  expect(await attempt({ code: null })).toEqual(needed)
  expect(await attempt({ code: '000000' })).toEqual(wrong)
  expect(await attempt({ code: 123456 })).toEqual([422, expect.stringMatching(/^code: /)])
  expect(await db.selectFrom('api_key').select('id').where('origin', '=', 'login').execute()).toEqual([])

  expect(await attempt({ code: codeAt(NOW) })).toEqual([200, undefined])
  expect(await attempt({ code: codeAt(NOW) })).toEqual(wrong)
  expect(await attempt({ code: recoveryCodes[0] })).toEqual([200, undefined])
  expect(await db.selectFrom('api_key').select('id').where('origin', '=', 'login').execute()).toHaveLength(2)
})
