import { expect, test } from 'bun:test'
import { apiClient } from '#testing/api-client.ts'
import { NOW, testApp, type TestApp } from '#testing/test-app.ts'

test('a key is made, works at once, is listed without its secret and ended', async () => {
  await using app = await testApp()
  const { client, email, id } = await givenUser(app)

  const made = await client.call('POST', '/keys', {
    name: 'CI',
    dialect: 'linktj',
    abilities: ['links:read', 'user:read'],
    expires_at: '2026-02-01T00:00:00Z',
  })

  const { secret, ...shown } = made.body
  expect(made.status).toBe(201)
  expect(secret).toMatch(/^lnktj_\w{32}$/)
  expect(shown).toEqual({
    id: expect.stringMatching(/^tok_\w{24}$/),
    name: 'CI',
    dialect: 'linktj',
    hint: expect.stringMatching(/^lnktj_..….{4}$/),
    abilities: ['links:read', 'user:read'],
    created_at: NOW.toISOString(),
    expires_at: '2026-02-01T00:00:00.000Z',
    last_used_at: null,
    created_by: { id, name: expect.any(String), email },
  })
  const withKey = apiClient(app, secret)
  expect(await withKey.outcome('GET', '/account')).toEqual([200])
  expect(await withKey.outcome('POST', '/keys', { name: 'x', dialect: 'onehop' })).toEqual([403, 'forbidden'])
  const { body: list } = await client.call('GET', '/keys')
  expect(list.data[0]).toEqual({ ...shown, last_used_at: NOW.toISOString() })
  expect(JSON.stringify(list)).not.toContain(secret)
  expect(await client.outcome('DELETE', `/keys/${shown.id}`)).toEqual([204])
  expect(await withKey.outcome('GET', '/account')).toEqual([401, 'unauthenticated'])
  expect(await client.outcome('DELETE', `/keys/${shown.id}`)).toEqual([404, 'key-not-found'])
})

test.each([
  [{ dialect: 'onehop' }, 422, 'invalid-input'],
  [{ name: 'x' }, 422, 'invalid-input'],
  [{ name: 'x', dialect: 'soap' }, 422, 'invalid-input'],
  [{ name: '', dialect: 'onehop' }, 422, 'invalid-input'],
  [{ name: 'x', dialect: 'onehop', abilities: [] }, 422, 'invalid-input'],
  [{ name: 'x', dialect: 'onehop', abilities: ['links:eat'] }, 422, 'invalid-input'],
  [{ name: 'x', dialect: 'onehop', expires_at: '2020-01-01' }, 422, 'invalid-input'],
  [{ name: 'x', dialect: 'onehop', abilities: ['*'] }, 403, 'abilities-exceeded'],
  [{ name: 'x', dialect: 'onehop', abilities: ['links:write'] }, 403, 'abilities-exceeded'],
] as const)('a key of %j is refused', async (body, status, code) => {
  await using app = await testApp()
  const { key } = await app.givenAccount({ key: { abilities: ['user:read', 'user:write'] } })
  const client = apiClient(app, key.secret)

  expect(await client.outcome('POST', '/keys', body)).toEqual([status, code])
  expect((await client.call('GET', '/keys')).body.data).toHaveLength(1)
})

test('admins see and end the keys of everybody in the team, others their own', async () => {
  await using app = await testApp()
  const { services } = app.app
  const [owner, member] = [await givenUser(app), await givenUser(app)]
  const { body: team } = await owner.client.call('POST', '/teams', { name: 'Press' })
  const values = { team_id: team.id, user_id: member.id, role: 'member' as const, created_at_ms: 0 }
  await services.db.insertInto('membership').values(values).execute()
  const inTeam = async (user: typeof owner) => {
    await services.db
      .updateTable('api_key')
      .set({ team_id: team.id })
      .where('user_id', '=', user.id)
      .execute()
    return user.client
  }
  const [ownersKey, membersKey] = [await inTeam(owner), await inTeam(member)]
  const names = async (client: typeof ownersKey) => {
    const { body } = await client.call('GET', '/keys')
    return body.data.map(({ created_by }: { created_by: { email: string } }) => created_by.email)
  }

  expect(await names(ownersKey)).toEqual([member.email, owner.email])
  expect(await names(membersKey)).toEqual([member.email])
  const [membersRow, ownersRow] = (await ownersKey.call('GET', '/keys')).body.data
  expect(await membersKey.outcome('DELETE', `/keys/${ownersRow.id}`)).toEqual([404, 'key-not-found'])
  expect(await ownersKey.outcome('DELETE', `/keys/${membersRow.id}`)).toEqual([204])
  expect(await names(ownersKey)).toEqual([owner.email])
})

test('another team’s key is nobody else’s, and keys are for whoever is signed in', async () => {
  await using app = await testApp()
  const [owner, other] = [await givenUser(app), await givenUser(app)]
  const [key] = (await owner.client.call('GET', '/keys')).body.data

  expect(await other.client.outcome('DELETE', `/keys/${key.id}`)).toEqual([404, 'key-not-found'])
  for (const [method, path] of [
    ['GET', '/keys'],
    ['POST', '/keys'],
    ['DELETE', `/keys/${key.id}`],
  ] as const)
    expect(await apiClient(app).outcome(method, path)).toEqual([401, 'unauthenticated'])
  expect(await owner.client.outcome('GET', '/account')).toEqual([200])
})

test('a long list of keys goes on by cursor', async () => {
  await using app = await testApp()
  const { client } = await givenUser(app)
  for (const name of ['a', 'b', 'c']) await client.call('POST', '/keys', { name, dialect: 'onehop' })

  const first = (await client.call('GET', '/keys?limit=2')).body
  const rest = (await client.call('GET', `/keys?limit=2&cursor=${first.next_cursor}`)).body

  const names = [...first.data, ...rest.data].map(({ name }: { name: string }) => name)
  expect(names).toEqual(['c', 'b', 'a', 'test'])
  expect(rest.next_cursor).toBeNull()
  expect(await client.outcome('GET', '/keys?cursor=nonsense')).toEqual([400, 'invalid-parameter'])
})

test('everybody can read what keys can be allowed', async () => {
  await using app = await testApp()

  const { body } = await apiClient(app).call('GET', '/abilities')

  expect(body.data).toContainEqual({ name: 'links:write', description: 'Make, change and delete links.' })
  expect(body.data[0].name).toBe('*')
})

async function givenUser(app: TestApp) {
  const { user, email, key } = await app.givenAccount()
  return { id: user.id, email, client: apiClient(app, key.secret) }
}
