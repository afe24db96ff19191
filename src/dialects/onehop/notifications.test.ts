import { expect, test } from 'bun:test'
import { unsubscribeUrl } from '#core/weekly-report/unsubscribe.ts'
import { type TestAccount, type TestApp, testApp } from '#testing/test-app.ts'

async function settings(app: TestApp, { key }: TestAccount): Promise<unknown> {
  return (await app.call('GET', '/api/v2/account/notifications', { token: key.secret })).json()
}

/** The path of the link in an account's mails. */
function linkOf(app: TestApp, { user }: TestAccount): string {
  return unsubscribeUrl(app.app.services, user.id).replace('http://s.test', '')
}

test('an account is told of its weeks until it says otherwise', async () => {
  await using app = await testApp()
  const account = await app.givenAccount()
  const put = async (body: unknown, token = account.key.secret) => {
    const response = await app.call('PUT', '/api/v2/account/notifications', { token, body })
    return { status: response.status, body: await response.json() }
  }

  expect(await settings(app, account)).toEqual({ weekly_report: true })
  expect(await put({ weekly_report: false })).toEqual({ status: 200, body: { weekly_report: false } })
  expect(await put({})).toEqual({ status: 200, body: { weekly_report: false } })
  expect(await put({ weekly_report: true })).toEqual({ status: 200, body: { weekly_report: true } })

  expect((await put({ weekly_report: 'no' })).status).toBe(422)
  expect((await app.call('GET', '/api/v2/account/notifications')).status).toBe(401)
  const reader = await app.givenAccount({ key: { abilities: ['user:read'] } })
  expect((await put({ weekly_report: false }, reader.key.secret)).status).toBe(403)
  expect(await settings(app, reader)).toEqual({ weekly_report: true })
})

test('the link of a mail asks first, and its button ends the reports of that account alone', async () => {
  await using app = await testApp()
  const [account, other] = [await app.givenAccount(), await app.givenAccount()]
  const path = linkOf(app, account)

  const page = await app.request(path)

  expect(page.status).toBe(200)
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
  expect(page.headers.get('content-security-policy')).toContain("form-action 'self'")
  expect(await page.text()).toContain('<form method="post"><button type="submit">Unsubscribe</button></form>')
  expect(await settings(app, account)).toEqual({ weekly_report: true })

  const pressed = await app.request(path, { method: 'POST' })
  expect(pressed.status).toBe(200)
  expect(await pressed.text()).toContain('You are unsubscribed')
  expect(pressed.headers.get('content-security-policy')).toContain("form-action 'none'")
  expect(await settings(app, account)).toEqual({ weekly_report: false })
  expect(await settings(app, other)).toEqual({ weekly_report: true })
})

test("a mail program's one click ends the reports, twice too", async () => {
  await using app = await testApp()
  const account = await app.givenAccount()

  for (let time = 0; time < 2; time++) {
    const response = await app.request(linkOf(app, account), {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'List-Unsubscribe=One-Click',
    })
    expect(response.status).toBe(200)
  }

  expect(await settings(app, account)).toEqual({ weekly_report: false })
})

test('a link that is forged, tampered with or cut off does nothing', async () => {
  await using app = await testApp()
  const [account, other] = [await app.givenAccount(), await app.givenAccount()]
  const path = linkOf(app, account)
  const token = path.slice(path.indexOf('=') + 1)
  const [id = '', signature = ''] = token.split('.')
  const flipped = `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`

  for (const forged of [
    `${other.user.id}.${signature}`,
    `0${id}.${flipped}`,
    `${id}.${flipped}`,
    `${id}.${signature.slice(0, -1)}`,
    `${id}.${signature}=`,
    `${id}.`,
    id,
    '',
    `${id}.${'A'.repeat(43)}`,
    `${'9'.repeat(400)}.${signature}`,
  ])
    for (const method of ['GET', 'POST']) {
      const response = await app.request(`/api/v2/mail/unsubscribe?token=${forged}`, { method })
      expect([forged, response.status]).toEqual([forged, 404])
      expect(await response.text()).not.toContain('<form')
    }

  expect((await app.request('/api/v2/mail/unsubscribe')).status).toBe(404)
  expect(await settings(app, account)).toEqual({ weekly_report: true })
  expect(await settings(app, other)).toEqual({ weekly_report: true })
})

test('the link of an account that is gone changes nothing and is no error', async () => {
  await using app = await testApp()
  const account = await app.givenAccount()
  await app.app.services.db.deleteFrom('user_account').where('id', '=', account.user.id).execute()

  expect((await app.request(linkOf(app, account), { method: 'POST' })).status).toBe(200)
  expect(await app.app.services.db.selectFrom('mail_opt_out').selectAll().execute()).toEqual([])
})
