import { expect, test } from 'bun:test'
import { apiClient } from '#testing/api-client.ts'
import { teamIdOf } from '#testing/operator.ts'
import { testApp } from '#testing/test-app.ts'

test('usage tells of everything a plan limits, clicks beyond it included', async () => {
  await using app = await testApp()
  const { services } = app.app
  const account = await app.givenAccount({ plan: 'Free' })
  const client = apiClient(app, account.key.secret)
  const teamId = await teamIdOf(app, account)
  const link = await client.call('POST', '/links', { target: 'https://example.com/', slug: 'guide' })
  expect(link.status).toBe(201)
  await services.db.insertInto('credit').values({ team_id: teamId, metric: 'links', balance: 7 }).execute()
  await services.db
    .insertInto('plan_override')
    .values({ team_id: teamId, metric: 'clicks', value: 2 })
    .execute()
  for (let count = 0; count < 3; count++) await app.request('/guide')
  await app.settleClicks()

  const { status, body } = await client.call('GET', '/usage')

  expect([status, body.plan, body.month]).toEqual([200, 'Free', '2026-01'])
  const rows = new Map(body.metrics.map((row: { metric: string }) => [row.metric, row]))
  expect([...rows.keys()]).toEqual([
    'links',
    'qr_codes',
    'api_calls',
    'clicks',
    'lookups',
    'files',
    'file_bytes',
  ])
  expect(rows.get('links')).toEqual({ metric: 'links', used: 1, limit: 5, bought: 7, over: 0 })
  expect(rows.get('clicks')).toEqual({ metric: 'clicks', used: 3, limit: 2, bought: 0, over: 1 })
  expect(rows.get('files')).toMatchObject({ used: 0, bought: 0, over: 0 })
})

test('what members of a team use counts together', async () => {
  await using app = await testApp()
  const { services } = app.app
  const [owner, member] = [await app.givenAccount(), await app.givenAccount()]
  const ownerClient = apiClient(app, owner.key.secret)
  const { body: team } = await ownerClient.call('POST', '/teams', { name: 'Press' })
  const values = { team_id: team.id, user_id: member.user.id, role: 'member' as const, created_at_ms: 0 }
  await services.db.insertInto('membership').values(values).execute()
  await services.db.updateTable('api_key').set({ team_id: team.id }).execute()
  const clients = [ownerClient, apiClient(app, member.key.secret)]

  for (let count = 0; count < 5; count++)
    await clients[count % 2]?.call('POST', '/links', { target: 'https://example.com/' })

  for (const client of clients) {
    const [links] = (await client.call('GET', '/usage')).body.metrics
    expect(links).toMatchObject({ metric: 'links', used: 5, limit: 5 })
    expect(await client.outcome('POST', '/links', { target: 'https://example.com/' })).toEqual([
      402,
      'limit-reached',
    ])
  }
})

test('usage is for a key that may see the account', async () => {
  await using app = await testApp()
  const { key } = await app.givenAccount({ key: { abilities: ['links:read'] } })

  expect(await apiClient(app, key.secret).outcome('GET', '/usage')).toEqual([403, 'forbidden'])
  expect(await apiClient(app).outcome('GET', '/usage')).toEqual([401, 'unauthenticated'])
})
