import { expect, test } from 'bun:test'
import { releaseKey } from '#core/idempotency/kept-answer-queries.ts'
import { tidyUp } from '#core/schedule/tidy-up.ts'
import { NOW, type TestAccount, testApp } from '#testing/test-app.ts'

const HOUR_MS = 60 * 60 * 1000

async function started() {
  const app = await testApp()
  const account = await app.givenAccount({ plan: 'Enterprise' })
  const create = async (
    key: string,
    domain: string,
    { by = account, path = '/origins' }: { by?: TestAccount; path?: string } = {},
  ) => {
    const response = await app.call('POST', `/api/v2${path}`, {
      token: by.key.secret,
      body: { domain },
      headers: { 'idempotency-key': key },
    })
    return {
      status: response.status,
      body: await response.json(),
      isReplayed: response.headers.get('idempotent-replayed') === 'true',
    }
  }
  const domains = async () => {
    const response = await app.call('GET', '/api/v2/origins', { token: account.key.secret })
    return (await response.json()).origins.map((origin: { domain: string }) => origin.domain)
  }
  return { app, account, create, domains, [Symbol.asyncDispose]: () => app[Symbol.asyncDispose]() }
}

test('the same request is done once and answered twice', async () => {
  await using s = await started()

  const first = await s.create('a', 'example.com')
  const second = await s.create('a', 'example.com')

  expect(first).toMatchObject({ status: 201, isReplayed: false, body: { domain: 'example.com' } })
  expect(second).toEqual({ ...first, isReplayed: true })
  expect(await s.domains()).toEqual(['example.com'])
})

test('a refusal is answered again, though the request would be fine by now', async () => {
  await using s = await started()
  await s.create('a', 'example.com')

  const refused = await s.create('b', 'example.com')
  const { id } = (await s.create('a', 'example.com')).body
  await s.app.call('DELETE', `/api/v2/origins/${id}`, { token: s.account.key.secret })

  expect(refused).toMatchObject({ status: 409, isReplayed: false })
  expect(await s.create('b', 'example.com')).toEqual({ ...refused, isReplayed: true })
  expect(await s.domains()).toEqual([])
})

test('a key stands for one request', async () => {
  await using s = await started()
  await s.create('a', 'example.com')

  const other = await s.create('a', 'example.org')

  expect([other.status, other.body.code]).toEqual([422, 'idempotency-key-reused'])
  expect(await s.domains()).toEqual(['example.com'])
})

test('what another key of the account was answered is not shown, and another team has keys of its own', async () => {
  await using s = await started()
  const stranger = await s.app.givenAccount({ plan: 'Enterprise' })
  await s.create('a', 'example.com')

  const others = await s.create('a', 'example.org', { by: stranger })

  expect(others).toMatchObject({ status: 201, isReplayed: false })
  const signedIn = await s.app.call('POST', '/api/v2/session', {
    body: { email: s.account.email, password: s.account.password },
  })
  const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? ''
  const bySession = await s.app.call('POST', '/api/v2/origins', {
    body: { domain: 'example.com' },
    headers: { cookie, 'sec-fetch-site': 'same-origin', 'idempotency-key': 'a' },
  })
  expect([bySession.status, (await bySession.json()).code]).toEqual([422, 'idempotency-key-reused'])
})

test('of requests at the same time one is done', async () => {
  await using s = await started()

  const answers = await Promise.all(Array.from({ length: 8 }, () => s.create('a', 'example.com')))

  const done = answers.filter(({ status, isReplayed }) => status === 201 && !isReplayed)
  expect(done).toHaveLength(1)
  for (const answer of answers)
    if (answer.status === 201) expect(answer.body).toEqual(done[0]?.body)
    else expect([answer.status, answer.body.code]).toEqual([409, 'idempotency-key-busy'])
  expect(await s.domains()).toEqual(['example.com'])
})

test('an attempt that was lost is made again after two minutes, not by another request', async () => {
  await using s = await started()
  const { db } = s.app.app.services
  await s.create('a', 'example.com')
  // As if the process had been killed before the answer was kept.
  await db.updateTable('kept_answer').set({ answer: null }).execute()

  expect((await s.create('a', 'example.com')).body.code).toBe('idempotency-key-busy')
  s.app.setNow(new Date(NOW.getTime() + 2 * 60 * 1000))

  expect((await s.create('a', 'example.org')).body.code).toBe('idempotency-key-reused')
  expect(await s.create('a', 'example.com')).toMatchObject({ status: 409, body: { code: 'origin-taken' } })
})

test('an attempt that comes late does not undo the one that took its place', async () => {
  await using s = await started()
  const first = await s.create('a', 'example.com')
  const { db } = s.app.app.services
  const row = await db.selectFrom('kept_answer').selectAll().executeTakeFirstOrThrow()

  await releaseKey(db, 'another attempt', {
    teamId: row.team_id,
    key: row.idempotency_key,
    fingerprint: row.fingerprint,
  })

  expect(await s.create('a', 'example.com')).toEqual({ ...first, isReplayed: true })
})

test('an answer is kept for a day, sealed, and forgotten after it', async () => {
  await using s = await started()
  await s.create('a', 'example.com')
  const { services } = s.app.app
  const kept = await services.db.selectFrom('kept_answer').selectAll().execute()
  expect(JSON.stringify(kept)).not.toContain('example.com')

  s.app.setNow(new Date(NOW.getTime() + 24 * HOUR_MS - 1))
  expect((await s.create('a', 'example.com')).isReplayed).toBe(true)
  s.app.setNow(new Date(NOW.getTime() + 24 * HOUR_MS))
  expect(await s.create('a', 'example.org')).toMatchObject({ status: 201, isReplayed: false })

  s.app.setNow(new Date(NOW.getTime() + 48 * HOUR_MS))
  expect(await tidyUp(services)).toMatchObject({ keptAnswers: 1 })
})

test.each(['', 'two words', 'ü', 'x'.repeat(256)])('%j is no key', async (key) => {
  await using s = await started()

  const sent = await s.app.call('POST', '/api/v2/origins', {
    token: s.account.key.secret,
    body: { domain: 'example.com' },
    headers: { 'idempotency-key': key },
  })

  expect([sent.status, (await sent.json()).code]).toEqual([400, 'malformed-request'])
})
