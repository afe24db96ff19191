import { expect, test } from 'bun:test'
import { apiClient } from '#testing/api-client.ts'
import { queuedMails } from '#testing/queued-mails.ts'
import { BASE, NOW, testApp, type TestApp } from '#testing/test-app.ts'

test('a team is made, listed, renamed and deleted', async () => {
  await using app = await testApp()
  const { client } = await givenUser(app)

  const made = await client.call('POST', '/teams', { name: ' Press ' })
  const team = {
    id: expect.any(Number),
    name: 'Press',
    role: 'owner',
    is_personal: false,
    members: 1,
    plan: 'Free',
    created_at: NOW.toISOString(),
  }
  expect([made.status, made.body]).toEqual([201, team])
  const path = `/teams/${made.body.id}`

  const { body: list } = await client.call('GET', '/teams')
  expect(list.data).toEqual([expect.objectContaining({ is_personal: true, plan: 'Pro' }), made.body])
  expect((await client.call('PATCH', path, { name: 'Media' })).body).toEqual({ ...team, name: 'Media' })
  expect((await client.call('GET', path)).body.name).toBe('Media')
  expect(await client.outcome('PATCH', path, { name: '' })).toEqual([422, 'invalid-input'])
  expect(await client.outcome('DELETE', path)).toEqual([204])
  expect(await client.outcome('GET', path)).toEqual([404, 'team-not-found'])
  expect(await client.outcome('DELETE', `/teams/${list.data[0].id}`)).toEqual([409, 'team-personal'])
})

test('a team made twice with one idempotency key is one', async () => {
  await using app = await testApp()
  const { client } = await givenUser(app)
  const make = () => client.call('POST', '/teams', { name: 'Press' }, { 'idempotency-key': 'k1' })

  const [first, second] = [await make(), await make()]

  expect(second.body).toEqual(first.body)
  expect(second.headers.get('idempotent-replayed')).toBe('true')
  expect((await client.call('GET', '/teams')).body.data).toHaveLength(2)
})

test('somebody is invited by mail, joins, is given a role and removed', async () => {
  await using app = await testApp()
  const [owner, guest] = [await givenUser(app), await givenUser(app)]
  const team = await givenTeam(owner.client)
  const path = `/teams/${team}`

  const invited = await owner.client.call('POST', `${path}/invitations`, {
    email: guest.email,
    role: 'member',
  })
  expect(invited.status).toBe(201)
  expect(invited.body).toEqual({
    id: expect.stringMatching(/^inv_\w{24}$/),
    email: guest.email,
    role: 'member',
    invited_by: { id: owner.id, name: expect.any(String), email: owner.email },
    created_at: NOW.toISOString(),
    expires_at: new Date(NOW.getTime() + 7 * 86_400_000).toISOString(),
  })
  expect((await owner.client.call('GET', `${path}/invitations`)).body.data).toEqual([invited.body])
  const mail = (await queuedMails(app)).at(-1)
  expect(mail?.subject).toBe(`${owner.email} invites you to the team Press`)
  expect(mail?.text).toContain(`${BASE}/app/invitation?token=`)
  const token = await lastToken(app)

  expect((await apiClient(app).call('GET', `/invitations/${token}`)).body).toEqual({
    team: { name: 'Press' },
    email: guest.email,
    role: 'member',
    expires_at: invited.body.expires_at,
    has_account: true,
  })
  const joined = await guest.client.call('POST', `/invitations/${token}/accept`)
  expect([joined.status, joined.body.role, joined.body.members]).toEqual([200, 'member', 2])

  const { body: members } = await guest.client.call('GET', `${path}/members`)
  expect(members.data).toEqual([
    {
      user: { id: owner.id, name: expect.any(String), email: owner.email },
      role: 'owner',
      joined_at: NOW.toISOString(),
    },
    {
      user: { id: guest.id, name: expect.any(String), email: guest.email },
      role: 'member',
      joined_at: NOW.toISOString(),
    },
  ])
  const member = `${path}/members/${guest.id}`
  expect((await owner.client.call('PATCH', member, { role: 'viewer' })).body.role).toBe('viewer')
  expect(await owner.client.outcome('PATCH', member, { role: 'king' })).toEqual([422, 'invalid-input'])
  expect(await owner.client.outcome('DELETE', member)).toEqual([204])
  expect(await owner.client.outcome('DELETE', member)).toEqual([404, 'member-not-found'])
  expect(await guest.client.outcome('GET', path)).toEqual([404, 'team-not-found'])
  expect(await owner.client.outcome('DELETE', `${path}/members/${owner.id}`)).toEqual([409, 'last-owner'])
})

test('an invitation is taken back, or mailed once more', async () => {
  await using app = await testApp()
  const [owner, guest] = [await givenUser(app), await givenUser(app)]
  const team = await givenTeam(owner.client)
  const path = `/teams/${team}/invitations`
  const { body: invited } = await owner.client.call('POST', path, { email: guest.email, role: 'admin' })
  const first = await lastToken(app)

  expect(await owner.client.outcome('POST', `${path}/${invited.id}/resend`)).toEqual([202])
  const second = await lastToken(app)
  expect(await guest.client.outcome('POST', `/invitations/${first}/accept`)).toEqual([
    404,
    'invitation-not-found',
  ])
  expect(await owner.client.outcome('DELETE', `${path}/${invited.id}`)).toEqual([204])
  expect(await guest.client.outcome('POST', `/invitations/${second}/accept`)).toEqual([
    404,
    'invitation-not-found',
  ])
  expect(await owner.client.outcome('POST', `${path}/${invited.id}/resend`)).toEqual([
    404,
    'invitation-not-found',
  ])
})

test('a long list of members goes on by cursor', async () => {
  await using app = await testApp()
  const { services } = app.app
  const owner = await givenUser(app)
  const team = await givenTeam(owner.client)
  const others = await Promise.all([givenUser(app), givenUser(app), givenUser(app)])
  for (const { id } of others)
    await services.db
      .insertInto('membership')
      .values({ team_id: team, user_id: id, role: 'member', created_at_ms: 0 })
      .execute()

  const first = (await owner.client.call('GET', `/teams/${team}/members?limit=3`)).body
  const rest = (await owner.client.call('GET', `/teams/${team}/members?limit=3&cursor=${first.next_cursor}`))
    .body

  const ids = [...first.data, ...rest.data].map(({ user }: { user: { id: number } }) => user.id)
  expect(ids).toEqual([owner.id, ...others.map(({ id }) => id)].toSorted((a, b) => a - b))
  expect(rest.next_cursor).toBeNull()
})

test('another team’s members and invitations are nobody else’s, and nobody sees any without a credential', async () => {
  await using app = await testApp()
  const [owner, other] = [await givenUser(app), await givenUser(app)]
  const team = await givenTeam(owner.client)
  const { body: invited } = await owner.client.call('POST', `/teams/${team}/invitations`, {
    email: 'new@example.com',
    role: 'member',
  })
  const attempts = [
    ['GET', `/teams/${team}`],
    ['PATCH', `/teams/${team}`, { name: 'Mine' }],
    ['DELETE', `/teams/${team}`],
    ['GET', `/teams/${team}/members`],
    ['PATCH', `/teams/${team}/members/${owner.id}`, { role: 'viewer' }],
    ['DELETE', `/teams/${team}/members/${owner.id}`],
    ['GET', `/teams/${team}/invitations`],
    ['POST', `/teams/${team}/invitations`, { email: 'me@example.com', role: 'owner' }],
    ['DELETE', `/teams/${team}/invitations/${invited.id}`],
    ['POST', `/teams/${team}/invitations/${invited.id}/resend`],
  ] as const

  for (const [method, path, body] of attempts) {
    expect(await other.client.outcome(method, path, body)).toEqual([404, 'team-not-found'])
    expect(await apiClient(app).outcome(method, path, body)).toEqual([401, 'unauthenticated'])
  }
  expect(await owner.client.outcome('GET', '/teams/Press')).toEqual([404, 'team-not-found'])
  expect((await owner.client.call('GET', `/teams/${team}`)).body).toMatchObject({ name: 'Press', members: 1 })
})

async function givenUser(app: TestApp) {
  const { user, email, key } = await app.givenAccount()
  return { id: user.id, email, client: apiClient(app, key.secret) }
}

async function givenTeam(client: ReturnType<typeof apiClient>): Promise<number> {
  return (await client.call('POST', '/teams', { name: 'Press' })).body.id
}

async function lastToken(app: TestApp): Promise<string> {
  return /\?token=(\w+)/.exec((await queuedMails(app)).at(-1)?.text ?? '')?.[1] ?? ''
}
