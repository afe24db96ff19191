import { expect, test } from 'bun:test'
import { deleteAuditBefore } from '#core/audit/audit-queries.ts'
import { recordChange } from '#core/audit/record-change.ts'
import { tidyUp } from '#core/schedule/tidy-up.ts'
import { apiClient } from '#testing/api-client.ts'
import { operatorToken, teamIdOf } from '#testing/operator.ts'
import { NOW, type TestAccount, testApp, type TestApp } from '#testing/test-app.ts'
import { totpCode } from '#testing/two-factor.ts'

const DAY_MS = 86_400_000

test('a change is told with who made it, by which key and from where, and what became of what', async () => {
  await using app = await testApp()
  const account = await app.givenAccount()
  const client = apiClient(app, account.key.secret)
  const teamId = await teamIdOf(app, account)
  await client.call('POST', '/links', { target: 'https://example.com/', slug: 'guide', tags: ['a'] })
  await client.call('PATCH', '/links/guide', { target: 'https://example.org/', tags: ['a', 'b'] })

  const { status, body } = await client.call('GET', '/audit')

  expect(status).toBe(200)
  expect(body.data[0]).toEqual({
    id: expect.any(Number),
    at: NOW.toISOString(),
    actor: { id: account.user.id, email: account.email, key: 'test' },
    team: { id: teamId, name: 'Personal' },
    action: 'link.updated',
    subject: 'link guide',
    changes: {
      target: { from: 'https://example.com/', to: 'https://example.org/' },
      tags: { from: ['a'], to: ['a', 'b'] },
    },
    ip: '192.0.2.1',
  })
})

test('everything that changes something is told of, and no secret is', async () => {
  await using app = await testApp()
  const account = await app.givenAccount({ plan: 'Business' })
  const client = apiClient(app, account.key.secret)
  const secrets = await changeEverything(app, account)

  const { body } = await client.call('GET', '/audit?limit=100')

  const actions = body.data.map(({ action }: { action: string }) => action).toReversed()
  expect(actions).toEqual([
    'account.created',
    'key.created',
    'account.updated',
    'key.created',
    'key.revoked',
    'link.updated',
    'link.updated',
    'link.deleted',
    'origin.added',
    'origin.removed',
    'surcharge.changed',
    'order.created',
    'file.uploaded',
    'file.linked',
    'file.deleted',
    'account.two-factor-on',
    'account.recovery-codes-renewed',
    'account.two-factor-off',
    'account.password-changed',
  ])
  const text = JSON.stringify(await app.app.services.db.selectFrom('audit_event').selectAll().execute())
  for (const secret of secrets) expect(text).not.toContain(secret)
  expect(secrets.every((secret) => secret.length > 5)).toBe(true)
})

test('a team’s changes are for its owners and admins', async () => {
  await using app = await testApp()
  const { services } = app.app
  const [owner, member] = [await app.givenAccount(), await app.givenAccount()]
  const client = apiClient(app, owner.key.secret)
  const { body: team } = await client.call('POST', '/teams', { name: 'Press' })
  await services.db.updateTable('api_key').set({ team_id: team.id }).execute()
  const values = { team_id: team.id, user_id: member.user.id, created_at_ms: 0 }
  await services.db
    .insertInto('membership')
    .values({ ...values, role: 'member' })
    .execute()
  const memberClient = apiClient(app, member.key.secret)

  expect(await memberClient.outcome('GET', '/audit')).toEqual([403, 'role-required'])
  expect(await apiClient(app).outcome('GET', '/audit')).toEqual([401, 'unauthenticated'])
  await services.db
    .updateTable('membership')
    .set({ role: 'admin' })
    .where('user_id', '=', member.user.id)
    .execute()
  const { body } = await memberClient.call('GET', '/audit')
  expect(body.data.map(({ action }: { action: string }) => action)).toEqual(['team.created'])
})

test('an operator sees the changes of every team, by team, actor and action, page by page', async () => {
  await using app = await testApp()
  const [first, second] = [await app.givenAccount(), await app.givenAccount()]
  const operator = apiClient(app, await operatorToken(app))
  const rows = async (query: string) => (await operator.call('GET', `/operator/audit${query}`)).body
  await apiClient(app, first.key.secret).call('PATCH', '/account', { name: 'Ada' })

  const all = await rows('?limit=100')
  const page = await rows('?limit=2')
  const rest = await rows(`?limit=100&cursor=${page.next_cursor}`)

  expect([...page.data, ...rest.data]).toEqual(all.data)
  const teamId = await teamIdOf(app, second)
  expect((await rows(`?team=${teamId}`)).data.map(({ action }: { action: string }) => action)).toEqual([
    'key.created',
    'account.created',
  ])
  expect((await rows(`?actor=${first.user.id}&action=account.updated`)).data).toHaveLength(1)
  expect((await rows(`?actor=${second.user.id}&action=account.updated`)).data).toHaveLength(0)
  expect(await operator.outcome('GET', '/operator/audit?action=nonsense')).toEqual([400, 'invalid-parameter'])
  expect(await apiClient(app, first.key.secret).outcome('GET', '/operator/audit')).toEqual([
    403,
    'role-required',
  ])
})

test('what is not done is not told', async () => {
  await using app = await testApp()
  const { key } = await app.givenAccount()
  const client = apiClient(app, key.secret)
  const before = (await client.call('GET', '/audit')).body

  expect(await client.outcome('DELETE', '/links/nothing')).toEqual([404, 'link-not-found'])
  expect(await client.outcome('DELETE', '/keys/tok_nothing')).toEqual([404, 'key-not-found'])
  await app.app.services.db.schema.alterTable('link_erasure').renameTo('gone').execute()
  await client.call('POST', '/links', { target: 'https://example.com/', slug: 'guide' })
  expect((await client.call('DELETE', '/links/guide')).status).toBe(500)
  await app.app.services.db.schema.alterTable('gone').renameTo('link_erasure').execute()

  expect((await client.call('GET', '/audit')).body).toEqual(before)
})

test('changes are kept for 400 days', async () => {
  await using app = await testApp()
  const { services } = app.app
  await app.givenAccount()
  const count = async () => (await services.db.selectFrom('audit_event').selectAll().execute()).length
  const before = await count()

  app.setNow(new Date(NOW.getTime() + 400 * DAY_MS))
  await tidyUp(services)
  expect(await count()).toBe(before)
  app.setNow(new Date(NOW.getTime() + 400 * DAY_MS + 1))
  expect(await tidyUp(services)).toMatchObject({ auditEvents: before })

  expect(await count()).toBe(0)
  expect(await deleteAuditBefore(services.db, NOW)).toBe(0)
})

test('long values are cut, and a change is only written down in its transaction', async () => {
  await using app = await testApp()
  const { services } = app.app
  const change = {
    action: 'team.updated',
    teamId: null,
    subject: 'x',
    after: { name: 'é'.repeat(600) },
  } as const

  await services.db.transaction().execute((db) => recordChange({ ...services, db }, change))

  const row = await services.db.selectFrom('audit_event').selectAll().executeTakeFirstOrThrow()
  expect(JSON.parse(row.changes).name.to).toBe(`${'é'.repeat(500)}…`)
  expect(recordChange(services, change)).rejects.toThrow('outside of its transaction')
})

/** Change one thing of every kind. @returns every secret that was shown on the way */
async function changeEverything(
  app: TestApp,
  { password, key: { secret: token } }: TestAccount,
): Promise<string[]> {
  const client = apiClient(app, token)
  const done = async (method: string, path: string, body?: unknown) => {
    const answer = await client.call(method, path, body)
    expect([path, answer.status < 300 ? 'done' : answer.body]).toEqual([path, 'done'])
    return answer.body
  }
  await done('PATCH', '/account', { name: 'Ada' })
  const key = await done('POST', '/keys', { name: 'CI', dialect: 'onehop' })
  await done('DELETE', `/keys/${key.id}`)
  await done('POST', '/links', {
    kind: 'wifi',
    payload: { ssid: 'Home', password: 'wifi secret one', encryption: 'WPA' },
    slug: 'wifi',
  })
  await done('PATCH', '/links/wifi', { title: 'Guests' })
  await done('PATCH', '/links/wifi', {
    payload: { ssid: 'Home', password: 'wifi secret two', encryption: 'WPA' },
  })
  await done('DELETE', '/links/wifi')
  const origin = await done('POST', '/origins', { domain: 'example.com' })
  await done('DELETE', `/origins/${origin.id}`)
  await done('PUT', '/lookup-usage/surcharge', { enabled: true, monthly_limit: 10 })
  await done('POST', '/orders', { credits: 'links', quantity: 1000 })

  const form = new FormData()
  form.set('password', 'file secret')
  form.set('file', new File(['content'], 'notes.txt'))
  const upload = await app.call('POST', '/api/v2/files', { token: token, rawBody: form })
  const file = (await upload.json()) as { id: string }
  await done('POST', `/files/${file.id}/link`, {})
  await done('DELETE', `/files/${file.id}`)

  const proof = { current_password: password }
  const { secret } = await done('POST', '/account/two-factor', proof)
  const at = (steps: number) => totpCode(secret, new Date(NOW.getTime() + steps * 30_000))
  const { recovery_codes: first } = await done('POST', '/account/two-factor/confirm', {
    ...proof,
    code: at(-1),
  })
  const { recovery_codes: second } = await done('POST', '/account/two-factor/recovery-codes', {
    ...proof,
    code: at(0),
  })
  await done('DELETE', '/account/two-factor', { ...proof, code: at(1) })
  await done('POST', '/account/password', { ...proof, password: 'another password' })
  return [
    key.secret,
    token,
    'wifi secret',
    'file secret',
    file.id,
    secret,
    ...first,
    ...second,
    password,
    'another password',
  ]
}
