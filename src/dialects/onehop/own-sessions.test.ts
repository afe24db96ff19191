import { expect, test } from 'bun:test'
import { type ApiClient, apiClient, browserPage } from '#testing/api-client.ts'
import { queuedMails } from '#testing/queued-mails.ts'
import { NOW, testApp, type TestApp } from '#testing/test-app.ts'

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0'

test('an account sees where it is signed in, and signs out there', async () => {
  await using app = await testApp()
  const [here, there] = await signedInTwice(app)

  const { status, body } = await here.call('GET', '/sessions')

  expect(status).toBe(200)
  expect(body).toEqual({
    data: [
      {
        id: expect.stringMatching(/^ses_\w{24}$/),
        current: false,
        client: '',
        created_at: NOW.toISOString(),
        last_used_at: NOW.toISOString(),
        expires_at: new Date(NOW.getTime() + 30 * 86_400_000).toISOString(),
      },
      expect.objectContaining({ current: true, client: 'Firefox on Linux' }),
    ],
    next_cursor: null,
  })
  expect(await here.outcome('DELETE', `/sessions/${body.data[0].id}`)).toEqual([204])
  expect(await there.outcome('GET', '/account')).toEqual([401, 'unauthenticated'])
  expect(await here.outcome('DELETE', `/sessions/${body.data[0].id}`)).toEqual([404, 'session-not-found'])
})

test('signing out everywhere else leaves this session alone', async () => {
  await using app = await testApp()
  const [here, there] = await signedInTwice(app)

  expect(await here.outcome('DELETE', '/sessions')).toEqual([204])

  expect(await here.outcome('GET', '/account')).toEqual([200])
  expect(await there.outcome('GET', '/account')).toEqual([401, 'unauthenticated'])
})

test('a session acts in the team it is switched to; a key stays in its own', async () => {
  await using app = await testApp()
  const [page] = await signedInTwice(app)
  const other = apiClient(app, (await app.givenAccount()).key.secret)
  const { body: team } = await page.call('POST', '/teams', { name: 'Press' })

  const switched = await page.call('PUT', '/session/team', { team: team.id })

  expect([switched.status, switched.body.team]).toEqual([
    200,
    { id: team.id, name: 'Press', role: 'owner', is_personal: false },
  ])
  expect((await page.call('GET', '/account')).body).toEqual(switched.body)
  expect(await other.outcome('PUT', '/session/team', { team: team.id })).toEqual([403, 'session-required'])
  expect(await page.outcome('PUT', '/session/team', { team: 999_999 })).toEqual([404, 'team-not-found'])
  expect(await page.outcome('PUT', '/session/team', { team: 'Press' })).toEqual([422, 'invalid-input'])
})

test('who only views the acting team still changes the own account', async () => {
  await using app = await testApp()
  const [page] = await signedInTwice(app)
  const { services } = app.app
  const { body: team } = await page.call('POST', '/teams', { name: 'Press' })
  await services.db.updateTable('membership').set({ role: 'viewer' }).where('team_id', '=', team.id).execute()
  await page.call('PUT', '/session/team', { team: team.id })

  expect(await page.outcome('PATCH', '/account', { name: 'Ada L.' })).toEqual([200])
  expect(await page.outcome('PUT', '/account/notifications', { weekly_report: false })).toEqual([200])
  const change = { current_password: 'correct horse', password: 'another password' }
  expect(await page.outcome('POST', '/keys', { name: 'x', dialect: 'onehop' })).toEqual([403, 'forbidden'])
  expect(await page.outcome('POST', '/account/password', change)).toEqual([204])
})

test('sessions are for whoever is signed in, with a credential that may', async () => {
  await using app = await testApp()
  const reader = apiClient(app, (await app.givenAccount({ key: { abilities: ['user:read'] } })).key.secret)
  const linker = apiClient(app, (await app.givenAccount({ key: { abilities: ['links:read'] } })).key.secret)
  const nobody = apiClient(app)

  expect(await reader.outcome('GET', '/sessions')).toEqual([200])
  for (const [method, path] of [
    ['DELETE', '/sessions'],
    ['DELETE', '/sessions/ses_x'],
    ['PUT', '/session/team'],
  ] as const) {
    const body = method === 'PUT' ? { team: 1 } : undefined
    expect(await reader.outcome(method, path, body)).toEqual([403, 'forbidden'])
    expect(await nobody.outcome(method, path, body)).toEqual([401, 'unauthenticated'])
  }
  expect(await linker.outcome('GET', '/sessions')).toEqual([403, 'forbidden'])
  expect(await nobody.outcome('GET', '/sessions')).toEqual([401, 'unauthenticated'])
})

test('a forgotten password is replaced by the link of a mail, and nobody learns who has an account', async () => {
  await using app = await testApp()
  await app.givenAccount({ email: 'ada@example.com' })
  const page = browserPage(app)

  const answers = [
    await page.call('POST', '/password-resets', { email: ' Ada@Example.com ' }),
    await page.call('POST', '/password-resets', { email: 'nobody@example.com' }),
  ]
  expect(answers.map(({ status, body }) => [status, body])).toEqual([
    [202, null],
    [202, null],
  ])
  const mails = await queuedMails(app)
  expect(mails.map(({ to }) => String(to))).toEqual(['ada@example.com'])
  const token = /\?token=(\w+)/.exec(mails[0]?.text ?? '')?.[1]

  const confirm = (fields: object) => page.outcome('POST', '/password-resets/confirm', { token, ...fields })
  expect(await confirm({ password: 'short' })).toEqual([422, 'invalid-input'])
  expect(await confirm({ token: 'x', password: 'another password' })).toEqual([400, 'password-reset-invalid'])
  expect(await confirm({ password: 'another password' })).toEqual([204])
  expect(await confirm({ password: 'another password' })).toEqual([400, 'password-reset-invalid'])
  const signIn = { email: 'ada@example.com', password: 'another password' }
  expect(await page.outcome('POST', '/session', signIn)).toEqual([201])
})

test('a page of another site cannot have mails sent', async () => {
  await using app = await testApp()
  const page = browserPage(app)
  const headers = { 'sec-fetch-site': 'cross-site' }

  const { status, body } = await page.call('POST', '/password-resets', { email: 'ada@example.com' }, headers)

  expect([status, body.code]).toEqual([403, 'cross-site'])
  expect(await page.outcome('POST', '/password-resets', { email: 'nonsense' })).toEqual([
    422,
    'invalid-input',
  ])
})

/** Two browsers of one account. */
async function signedInTwice(app: TestApp): Promise<readonly [ApiClient, ApiClient]> {
  await app.givenAccount()
  const [here, there] = [browserPage(app, FIREFOX), browserPage(app)]
  const account = { email: 'ada@example.com', password: 'correct horse' }
  await here.call('POST', '/sign-up', account)
  await there.call('POST', '/session', account)
  return [here, there]
}
