import { expect, test } from 'bun:test'
import { readQrBitmap, scanQr } from '#testing/read-qr.ts'
import { NOW, testApp, type TestAccount, type TestApp } from '#testing/test-app.ts'
import { givenTwoFactor, stepsAfter, totpCode } from '#testing/two-factor.ts'

const PATH = '/api/v2/account/two-factor'

test('a second factor is enrolled, confirmed, used, renewed and turned off', async () => {
  await using app = await testApp()
  const account = await app.givenAccount({ email: 'you@example.com' })
  const call = callerOf(app, account)
  const later = stepsAfter(NOW, 1)

  expect(await call('GET', '')).toEqual([200, state(null, 0)])
  const [enrolStatus, enrolment] = await call('POST', '')
  expect(enrolStatus).toBe(201)
  const { secret, uri, qr_svg: svg, qr_png: png } = enrolment
  expect(Object.keys(enrolment)).toEqual(['secret', 'uri', 'qr_svg', 'qr_png'])
  expect(secret).toMatch(/^[A-Z2-7]{32}$/)
  expect(uri).toStartWith('otpauth://totp/s.test:you%40example.com?issuer=s.test&')
  expect(uri).toContain(`secret=${secret}`)
  expect([svg, png].map(scanDataUri)).toEqual([uri, uri])
  expect(await call('GET', '')).toEqual([200, state(null, 0)])

  expect(await call('POST', '/confirm', { code: '000000' })).toEqual([401, problemOf('two-factor-wrong')])
  const [confirmStatus, confirmed] = await call('POST', '/confirm', { code: totpCode(secret, NOW) })
  expect([confirmStatus, confirmed.recovery_codes.length]).toEqual([200, 10])
  expect(await call('GET', '')).toEqual([200, state(NOW.toISOString(), 10)])
  expect(await call('POST', '')).toEqual([409, problemOf('two-factor-on')])
  expect(await call('POST', '/confirm', { code: '000000' })).toEqual([409, problemOf('two-factor-on')])

  app.setNow(later)
  const code = totpCode(secret, later)
  const [renewStatus, renewed] = await call('POST', '/recovery-codes', { code })
  expect([renewStatus, renewed.recovery_codes.length]).toEqual([200, 10])
  const [old] = confirmed.recovery_codes
  expect(await call('DELETE', '', { code: old })).toEqual([401, problemOf('two-factor-wrong')])
  expect(await call('DELETE', '', { code: renewed.recovery_codes[9] })).toEqual([204, undefined])
  expect(await call('GET', '')).toEqual([200, state(null, 0)])
})

test('one account turns off its own second factor alone, and with a code', async () => {
  await using app = await testApp()
  const [mine, theirs] = [await app.givenAccount(), await app.givenAccount()]
  const { codeAt } = await givenTwoFactor(app, mine)
  await givenTwoFactor(app, theirs)
  const call = callerOf(app, mine)

  expect(await call('DELETE', '')).toEqual([401, problemOf('two-factor-needed')])
  expect(await call('GET', '')).toEqual([200, state(NOW.toISOString(), 10)])
  expect(await call('DELETE', '', { code: codeAt(NOW) })).toEqual([204, undefined])
  expect(await call('GET', '')).toEqual([200, state(null, 0)])
  expect(await callerOf(app, theirs)('GET', '')).toEqual([200, state(NOW.toISOString(), 10)])
})

test('every change asks for the password, whatever the key may do', async () => {
  await using app = await testApp()
  const account = await app.givenAccount()
  const { codeAt } = await givenTwoFactor(app, account)
  const call = callerOf(app, account)
  const before = await call('GET', '')

  for (const [method, path] of [
    ['POST', ''],
    ['POST', '/confirm'],
    ['POST', '/recovery-codes'],
    ['DELETE', ''],
  ] as const) {
    const wrong = await call(method, path, { current_password: 'wrong', code: codeAt(NOW) })
    expect([method, path, wrong]).toEqual([method, path, [401, problemOf('password-wrong')]])
    const [status, missing] = await call(method, path, { current_password: undefined, code: codeAt(NOW) })
    expect([status, missing.errors]).toEqual([422, [{ field: 'current_password', detail: 'is required' }]])
  }
  expect(await call('GET', '')).toEqual(before)
})

test('a confirmation without an enrolment, and without a code, is refused', async () => {
  await using app = await testApp()
  const call = callerOf(app, await app.givenAccount())

  expect(await call('POST', '/confirm', { code: '000000' })).toEqual([409, problemOf('two-factor-off')])
  expect(await call('POST', '/confirm')).toEqual([422, problemOf('invalid-input')])
  expect(await call('DELETE', '')).toEqual([409, problemOf('two-factor-off')])
  expect(await call('PUT', '')).toEqual([405, problemOf('method-not-allowed')])
  expect(await call('GET', '/nothing')).toEqual([404, problemOf('not-found')])
})

function state(enabledAt: string | null, recoveryCodesLeft: number) {
  return { enabled: enabledAt !== null, enabled_at: enabledAt, recovery_codes_left: recoveryCodesLeft }
}

function problemOf(code: string) {
  return expect.objectContaining({ code, type: 'about:blank', status: expect.any(Number) })
}

/** Calls with an account's key and, where nothing else is said, its password. */
function callerOf(app: TestApp, { key, password }: TestAccount) {
  return async (method: string, path: string, fields: object = {}) => {
    const body = { current_password: password, ...fields }
    const response = await app.call(method, `${PATH}${path}`, {
      token: key.secret,
      ...(method !== 'GET' && { body }),
    })
    return [response.status, response.status === 204 ? undefined : await response.json()] as const
  }
}

function scanDataUri(dataUri: string): string | undefined {
  const [, contentType = '', base64 = ''] = /^data:([^;]+);base64,(.*)$/.exec(dataUri) ?? []
  return scanQr(readQrBitmap(Buffer.from(base64, 'base64'), contentType))
}
