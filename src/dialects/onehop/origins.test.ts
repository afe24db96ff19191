import { expect, test } from 'bun:test'
import { createKey, issueOperatorKey } from '#core/accounts/api-keys.ts'
import { findPersonalTeamId } from '#core/accounts/account-queries.ts'
import { parseRootDomain } from '#core/accounts/request-origin.ts'
import { addOrigin, releaseOrigin } from '#core/accounts/request-origins.ts'
import { setPlan } from '#core/billing/set-plan.ts'
import type { Ctx } from '#core/context.ts'
import { effectiveAbilities } from '#core/permissions.ts'
import { testApp, type TestAccount, type TestApp } from '#testing/test-app.ts'

async function anOwner(plan = 'Business') {
  const app = await testApp()
  const account = await app.givenAccount({ plan })
  return { app, account, ...callsOf(app, account), [Symbol.asyncDispose]: () => app[Symbol.asyncDispose]() }
}

function callsOf(app: TestApp, { key }: TestAccount) {
  const call = (method: string, path: string, body?: unknown) =>
    app.call(method, `/api/v2${path}`, { token: key.secret, ...(body !== undefined && { body }) })
  return { call, add: (domain: unknown) => call('POST', '/origins', { domain }) }
}

async function ctxOf(app: TestApp, { user }: TestAccount): Promise<Ctx> {
  const teamId = (await findPersonalTeamId(app.app.services.db, user.id)) ?? 0
  const abilities = effectiveAbilities('owner', ['*'])
  return {
    ...app.app.services,
    actor: {
      kind: 'member',
      userId: user.id,
      teamId,
      role: 'owner',
      isOperator: false,
      grant: ['*'],
      abilities,
      keyId: null,
    },
  }
}

async function refusal(response: Response): Promise<readonly [number, unknown]> {
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  return [response.status, ((await response.json()) as { code: string }).code]
}

test('origins are added, listed and removed', async () => {
  await using owner = await anOwner()

  const added = await owner.add('Example.COM')
  const { id } = (await added.clone().json()) as { id: string }
  expect([added.status, await added.json()]).toEqual([
    201,
    {
      id: expect.stringMatching(/^org_\w{24}$/) as string,
      domain: 'example.com',
      created_at: '2026-01-02T03:04:05.000Z',
    },
  ])
  await owner.add('bücher.example')

  const listed = (await (await owner.call('GET', '/origins')).json()) as { origins: { domain: string }[] }
  expect(listed.origins.map(({ domain }) => domain)).toEqual(['example.com', 'xn--bcher-kva.example'])
  expect((await owner.call('DELETE', `/origins/${id}`)).status).toBe(204)
  expect(await refusal(await owner.call('DELETE', `/origins/${id}`))).toEqual([404, 'origin-not-found'])
})

test.each([
  'www.example.com',
  'https://example.com',
  'example.com/path',
  'example.com:8080',
  'com',
  'co.uk',
  'github.io',
  'localhost',
  '192.0.2.1',
  '[2001:db8::1]',
  '*.example.com',
  'user@example.com',
  'exa mple.com',
  '',
])('"%s" is no root domain', async (domain) => {
  await using owner = await anOwner()
  expect(await refusal(await owner.add(domain))).toEqual([422, 'invalid-input'])
})

test('a domain belongs to one team at a time, until an operator takes it away', async () => {
  await using owner = await anOwner()
  const other = callsOf(owner.app, await owner.app.givenAccount({ plan: 'Business' }))
  const { id } = (await (await owner.add('example.com')).json()) as { id: string }

  expect(await refusal(await other.add('example.com'))).toEqual([409, 'origin-taken'])
  expect(await refusal(await owner.add('example.com'))).toEqual([409, 'origin-taken'])
  expect(await refusal(await other.call('DELETE', `/origins/${id}`))).toEqual([404, 'origin-not-found'])
  expect(await (await other.call('GET', '/origins')).json()).toEqual({ origins: [] })

  await releaseOrigin(owner.app.app.services, parseRootDomain('example.com'))
  expect((await other.add('example.com')).status).toBe(201)
})

test('the plan limits origins and further keys together, also when they are added at once', async () => {
  await using owner = await anOwner('Business')
  const { app, account } = owner
  const ctx = await ctxOf(app, account)
  const key = { dialect: 'ipgeolocation', name: 'k', abilities: ['network:read'] } as const
  // The first key is the plan's own.
  await createKey(ctx, key)

  const results = await Promise.allSettled([
    ...Array.from({ length: 4 }, (_, index) => addOrigin(ctx, parseRootDomain(`example${index}.com`))),
    ...Array.from({ length: 4 }, () => createKey(ctx, key)),
  ])

  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(3)
  expect(await refusal(await owner.add('onemore.com'))).toEqual([402, 'extra-keys-used-up'])
})

test('a plan without extra keys has no origins, an unlimited one any number', async () => {
  await using owner = await anOwner('Free')
  expect(await refusal(await owner.add('example.com'))).toEqual([402, 'extra-keys-used-up'])

  const { teamId } = (await ctxOf(owner.app, owner.account)).actor as { teamId: number }
  await setPlan(owner.app.app.services, teamId, 'Enterprise')
  for (let i = 0; i < 5; i++) expect((await owner.add(`example${i}.com`)).status).toBe(201)
})

test('keys that may not write, viewers and strangers change nothing', async () => {
  await using owner = await anOwner()
  const { app, account } = owner
  const reader = await issueOperatorKey(app.app.services, account.user, {
    dialect: 'onehop',
    name: 'reader',
    abilities: ['user:read'],
  })
  const paths = [
    ['POST', '/api/v2/origins', { domain: 'example.com' }],
    ['DELETE', '/api/v2/origins/org_x', undefined],
    ['PUT', '/api/v2/lookup-usage/surcharge', { enabled: true }],
  ] as const
  for (const [method, path, body] of paths) {
    const init = body === undefined ? {} : { body }
    expect((await app.call(method, path, { token: reader.secret, ...init })).status).toBe(403)
    expect((await app.call(method, path, init)).status).toBe(401)
  }
  expect((await app.call('GET', '/api/v2/origins', { token: reader.secret })).status).toBe(200)
  await app.app.services.db.updateTable('membership').set({ role: 'member' }).execute()
  expect(await refusal(await owner.add('example.com'))).toEqual([403, 'role-required'])
})

test('lookup usage shows credits and surcharge, which can be turned on with a limit and off', async () => {
  await using owner = await anOwner('Starter')
  const usage = { used: 0, limit: 150_000, bought: 0 }
  const put = (body: unknown) => owner.call('PUT', '/lookup-usage/surcharge', body)

  expect(await (await owner.call('GET', '/lookup-usage')).json()).toEqual({
    ...usage,
    surcharge: { enabled: false, monthly_limit: null, used: 0 },
  })
  expect(await (await put({ enabled: true, monthly_limit: 5 })).json()).toEqual({
    ...usage,
    surcharge: { enabled: true, monthly_limit: 5, used: 0 },
  })
  expect(await (await put({ enabled: true })).json()).toMatchObject({ surcharge: { monthly_limit: null } })
  expect(await (await put({ enabled: false })).json()).toMatchObject({ surcharge: { enabled: false } })
})

test.each([
  {},
  { enabled: 'yes' },
  { enabled: true, monthly_limit: -1 },
  { enabled: true, monthly_limit: 1.5 },
])('a surcharge of %j is refused', async (body) => {
  await using owner = await anOwner()
  expect(await refusal(await owner.call('PUT', '/lookup-usage/surcharge', body))).toEqual([
    422,
    'invalid-input',
  ])
})
