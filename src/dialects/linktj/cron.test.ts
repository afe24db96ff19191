import { expect, test } from 'bun:test'
import { cronSecret } from '#core/schedule/authorize-cron.ts'
import { secretsOf } from '#core/secrets.ts'
import { operatorToken } from '#testing/operator.ts'
import { NOW, type TestApp, testApp } from '#testing/test-app.ts'

const SECRET = 'the secret of a cron tab'
const WEEK_MS = 7 * 24 * 60 * 60 * 1000
const CONFIG = { config: { cronSecret: SECRET } }

/** What is looked at of the answers. */
interface Answer {
  readonly error?: string
  readonly data: Readonly<Record<string, unknown>>
}

async function cron(app: TestApp, query: string, init: RequestInit & { readonly ip?: string } = {}) {
  const response = await app.request(`/api/cron${query}`, { method: 'POST', ...init })
  return { status: response.status, body: (await response.json()) as Answer }
}

/** An account whose link was clicked in the week before the one that is now. */
async function clickedLastWeek(app: TestApp): Promise<void> {
  const { key } = await app.givenAccount()
  const body = { original_url: 'https://example.com/', short_code: 'clicked' }
  await app.call('POST', '/api/v1/links', { token: key.secret, body })
  app.setNow(new Date(NOW.getTime() - WEEK_MS))
  await app.request('/clicked', {
    headers: { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Firefox/145.0' },
  })
  await app.settleClicks()
  app.setNow(NOW)
}

test.each(['POST', 'GET'])(
  'by %s with the secret every task is done, and its numbers told',
  async (method) => {
    await using app = await testApp(CONFIG)
    await clickedLastWeek(app)

    const answer = await cron(app, `?secret=${encodeURIComponent(SECRET)}`, { method })

    expect(answer).toEqual({
      status: 200,
      body: {
        data: {
          renew: { status: 'done', ordered: 0, changed: 0, ended: 0, expired: 0 },
          weekly: { status: 'done', sent: 1, quiet: 1 },
        },
      },
    })
  },
)

test.each([
  { task: 'renew', done: ['renew'] },
  { task: 'weekly', done: ['weekly'] },
  { task: 'all', done: ['renew', 'weekly'] },
])('task=$task does $done', async ({ task, done }) => {
  await using app = await testApp(CONFIG)

  const { status, body } = await cron(app, `?secret=${encodeURIComponent(SECRET)}&task=${task}`)

  expect(status).toBe(200)
  expect(Object.keys(body['data'])).toEqual([...done])
})

test.each(['sweep', 'Renew', 'renew|weekly', 'erase-links'])(
  'task=%s is 400 and does nothing',
  async (task) => {
    await using app = await testApp(CONFIG)

    const { status, body } = await cron(app, `?secret=${encodeURIComponent(SECRET)}&task=${task}`)

    expect(status).toBe(400)
    expect(body).toMatchObject({ error: 'invalid_request', code: 'invalid_request' })
    expect(await app.app.services.db.selectFrom('task_run').selectAll().execute()).toEqual([])
  },
)

test('twice in a row and all at once do it once', async () => {
  await using app = await testApp(CONFIG)
  await clickedLastWeek(app)
  const call = () => cron(app, `?secret=${encodeURIComponent(SECRET)}`)

  const together = await Promise.all([
    call(),
    call(),
    call(),
    app.app.tasks.run('weekly'),
    app.app.tasks.runDue(),
  ])
  const again = await call()

  expect(together.slice(0, 3)).toSatisfy((all) =>
    (all as { status: number }[]).every(({ status }) => status === 200),
  )
  expect(again.body['data']['weekly']).toEqual({ status: 'done', sent: 0, quiet: 1 })
  const mails = await app.app.services.db.selectFrom('delivery').select('kind').execute()
  expect(mails).toEqual([{ kind: 'mail' }])
})

test.each(['?secret=wrong', '?secret=', '', `?secret=${encodeURIComponent(`${SECRET}x`)}`, '?secret=%00'])(
  'without the right secret (%p) it is 401 or a refusal, and nothing is done',
  async (query) => {
    await using app = await testApp(CONFIG)

    const { status, body } = await cron(app, query)

    expect(status).toBe(query === '?secret=%00' ? 400 : 401)
    expect(body['error']).toBe(query === '?secret=%00' ? 'bad_request' : 'unauthorized')
    expect(await app.app.services.db.selectFrom('task_run').selectAll().execute()).toEqual([])
  },
)

test("an operator's credential opens it, nobody else's does, and no credential makes up for a wrong secret", async () => {
  await using app = await testApp(CONFIG)
  const { key } = await app.givenAccount()
  const operator = await operatorToken(app)
  const as = (token: string, query = '') =>
    cron(app, query, { headers: { authorization: `Bearer ${token}` } })

  expect((await as(operator)).status).toBe(200)
  expect((await cron(app, '?task=renew', { headers: { 'x-api-key': operator } })).status).toBe(200)
  expect((await as(await operatorToken(app, ['user:read']))).status).toBe(403)
  expect(await as(key.secret)).toMatchObject({ status: 403, body: { error: 'forbidden' } })
  expect((await as('lnktj_unknown')).status).toBe(401)
  expect((await as(operator, '?secret=wrong')).status).toBe(401)
})

test('an installation without a secret of its own choice has one that is drawn from its master key', async () => {
  await using app = await testApp()
  const secret = cronSecret(app.app.services)

  expect(secret).toMatch(/^[\w-]{43}$/)
  expect((await cron(app, `?secret=${secret}`)).status).toBe(200)
  expect((await cron(app, `?secret=${encodeURIComponent(SECRET)}`)).status).toBe(401)
  const elsewhere = {
    secrets: secretsOf('the master key of another installation'),
    settings: app.app.services.settings,
  }
  expect(cronSecret(elsewhere)).not.toBe(secret)
})

test('attempts are limited by address', async () => {
  await using app = await testApp(CONFIG)

  for (let attempt = 0; attempt < 30; attempt++) expect((await cron(app, '?secret=guess')).status).toBe(401)

  const limited = await cron(app, `?secret=${encodeURIComponent(SECRET)}&task=renew`)
  expect(limited).toMatchObject({
    status: 429,
    body: { error: 'rate_limited', retryAfter: expect.any(Number) },
  })
  expect(
    (await cron(app, `?secret=${encodeURIComponent(SECRET)}&task=renew`, { ip: '192.0.2.2' })).status,
  ).toBe(200)
})

/** An installation whose provider of payments is down while an order waits for it. */
async function withProviderDown(): Promise<TestApp> {
  const collect = () => Promise.reject(new Error('the provider is down'))
  const app = await testApp({ ...CONFIG, payments: { name: 'down', collect } })
  const { key } = await app.givenAccount()
  const ordered = await app.call('POST', '/api/v2/orders', {
    token: key.secret,
    body: { credits: 'links', quantity: 1 },
  })
  expect(ordered.status).toBe(500)
  return app
}

test('no secret that was shown gets into the log', async () => {
  await using app = await withProviderDown()

  await cron(app, `?secret=${encodeURIComponent(SECRET)}&task=weekly`)
  await cron(app, '?secret=a-wrong-guess')
  await cron(app, '?secret=a-wrong-guess&secret=another-guess')
  expect((await cron(app, `?secret=${encodeURIComponent(SECRET)}`)).status).toBe(500)

  const log = app.logged.join('')
  expect(log).toContain('/api/cron')
  expect(log).toContain('the provider is down')
  for (const secret of [SECRET, encodeURIComponent(SECRET), 'a-wrong-guess', 'another-guess'])
    expect(log).not.toContain(secret)
})

test('a task that fails is 500, says which, and is written down; the other one is done', async () => {
  await using app = await withProviderDown()

  const { status, body } = await cron(app, `?secret=${encodeURIComponent(SECRET)}`)

  expect(status).toBe(500)
  expect(body).toMatchObject({
    error: 'task_failed',
    data: { renew: { status: 'failed' }, weekly: { status: 'done' } },
  })
  const { db } = app.app.services
  const runs = await db.selectFrom('task_run').select(['task', 'outcome', 'problem']).orderBy('id').execute()
  expect(runs).toEqual([
    { task: 'renew', outcome: 'failed', problem: 'the provider is down' },
    { task: 'weekly', outcome: 'done', problem: null },
  ])
})
