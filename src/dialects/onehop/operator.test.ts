import { expect, test } from 'bun:test'
import type { InstanceMonitor } from '#core/operator/instance-monitor.ts'
import type { TermsStatus } from '#core/network/sources/source-terms.ts'
import type { SourceStatus } from '#core/network/sources/source-status.ts'
import { apiClient, type ApiClient } from '#testing/api-client.ts'
import { operatorToken, teamIdOf } from '#testing/operator.ts'
import { queuedMails } from '#testing/queued-mails.ts'
import { NOW, testApp, type TestApp, type TestAppOptions } from '#testing/test-app.ts'

test('an operator finds accounts by address and name, page by page', async () => {
  await using s = await started()
  const { user, key } = await s.app.givenAccount({ email: 'ada@example.com', plan: 'Pro' })
  const client = apiClient(s.app, key.secret)
  await client.call('PATCH', '/account', { name: 'Ada 100%' })
  await client.call('POST', '/links', { target: 'https://example.com/', slug: 'guide' })
  await s.app.request('/guide')
  await s.app.settleClicks()

  const { body } = await s.operator.call('GET', '/operator/users?search=ADA@')

  expect(body).toEqual({
    data: [
      {
        id: user.id,
        email: 'ada@example.com',
        name: 'Ada 100%',
        is_operator: false,
        status: 'active',
        plan: 'Pro',
        team: expect.any(Number),
        links: 1,
        clicks: 1,
        created_at: NOW.toISOString(),
        last_seen_at: NOW.toISOString(),
      },
    ],
    next_cursor: null,
  })
  expect((await s.operator.call('GET', '/operator/users?search=100%25')).body.data).toHaveLength(1)
  expect((await s.operator.call('GET', '/operator/users?search=_da')).body.data).toHaveLength(0)
  const first = (await s.operator.call('GET', '/operator/users?limit=1')).body
  const rest = (await s.operator.call('GET', `/operator/users?cursor=${first.next_cursor}`)).body
  const emails = [...first.data, ...rest.data].map(({ email }: { email: string }) => email)
  expect(emails).toEqual(['ada@example.com', 'other@example.com', 'operator@example.com'])
})

test('an operator makes accounts, with a password or a link to set one', async () => {
  await using s = await started({ config: { signup: 'closed' } })
  const page = apiClient(s.app)

  const made = await s.operator.call('POST', '/operator/users', {
    email: 'ada@example.com',
    password: 'correct horse',
    name: 'Ada',
    plan: 'pro',
  })
  expect([made.status, made.body]).toMatchObject([
    201,
    { email: 'ada@example.com', name: 'Ada', plan: 'Pro' },
  ])
  expect(
    await page.outcome('POST', '/session', { email: 'ada@example.com', password: 'correct horse' }),
  ).toEqual([201])
  expect(await s.operator.outcome('POST', '/operator/users', { email: 'bob@example.com' })).toEqual([201])
  expect(await queuedMails(s.app)).toMatchObject([
    { to: 'bob@example.com', subject: 'Your account at s.test' },
  ])
  expect(await s.operator.outcome('POST', '/operator/users', { email: 'bob@example.com' })).toEqual([
    409,
    'email-taken',
  ])
  const misspelt = { email: 'eve@example.com', plan: 'Gold' }
  expect(await s.operator.outcome('POST', '/operator/users', misspelt)).toEqual([422, 'invalid-input'])
})

test('a blocked account opens nothing until it is let in again', async () => {
  await using s = await started()
  const { user, key } = await s.app.givenAccount()
  const client = apiClient(s.app, key.secret)
  const path = `/operator/users/${user.id}`

  expect((await s.operator.call('PATCH', path, { status: 'blocked' })).body.status).toBe('blocked')
  expect(await client.outcome('GET', '/account')).toEqual([403, 'account-blocked'])
  expect(await s.operator.outcome('POST', `${path}/password-reset`)).toEqual([404, 'user-not-found'])
  expect((await s.operator.call('PATCH', path, { status: 'active', name: 'Bob' })).body).toMatchObject({
    status: 'active',
    name: 'Bob',
  })
  expect(await client.outcome('GET', '/account')).toEqual([200])
  expect(await s.operator.outcome('POST', `${path}/password-reset`)).toEqual([202])
  expect(await queuedMails(s.app)).toHaveLength(1)
})

test('the last operator who can sign in stays one', async () => {
  await using s = await started()
  const { user, key } = await s.app.givenAccount()
  const [self] = (await s.operator.call('GET', '/operator/users?search=operator@')).body.data
  const path = `/operator/users/${self.id}`

  expect(await s.operator.outcome('PATCH', path, { is_operator: false })).toEqual([409, 'last-operator'])
  expect(await s.operator.outcome('PATCH', path, { status: 'blocked' })).toEqual([409, 'last-operator'])
  expect(await s.operator.outcome('PATCH', `/operator/users/${user.id}`, { is_operator: true })).toEqual([
    200,
  ])
  expect(await apiClient(s.app, key.secret).outcome('PATCH', path, { is_operator: false })).toEqual([200])
  expect(await s.operator.outcome('GET', '/operator/users')).toEqual([403, 'role-required'])
})

test('an operator grants plans, limits and credits, which are in force at once', async () => {
  await using s = await started()
  const account = await s.app.givenAccount({ plan: 'Free' })
  const client = apiClient(s.app, account.key.secret)
  const team = `/operator/teams/${await teamIdOf(s.app, account)}`
  const links = async () => {
    const [row] = (await client.call('GET', '/usage')).body.metrics
    return [row.limit, row.bought]
  }

  const granted = await s.operator.call('PUT', `${team}/plan`, { plan: 'starter' })
  expect(granted.body).toMatchObject({
    name: 'Personal',
    is_personal: true,
    plan: 'Starter',
    month: '2026-01',
    links: 0,
    files: 0,
    overrides: [],
    members: [{ user: { email: account.email }, role: 'owner' }],
  })
  expect(await links()).toEqual([100, 0])
  expect((await s.operator.call('PUT', `${team}/overrides/links`, { value: 7 })).body.overrides).toEqual([
    { metric: 'links', value: 7 },
  ])
  await s.operator.call('PUT', `${team}/credits/links`, { balance: 3 })
  expect(await links()).toEqual([7, 3])
  await s.operator.call('PUT', `${team}/overrides/links`, { value: null })
  expect(await links()).toEqual([null, 3])
  expect((await s.operator.call('DELETE', `${team}/overrides/links`)).body.overrides).toEqual([])
  expect(await links()).toEqual([100, 3])
  expect((await s.operator.call('GET', team)).body.plan).toBe('Starter')

  const actions = (await client.call('GET', '/audit')).body.data.map(
    ({ action }: { action: string }) => action,
  )
  expect(actions.slice(0, 5)).toEqual([
    'override.removed',
    'override.set',
    'credits.set',
    'override.set',
    'plan.granted',
  ])
})

test.each([
  { method: 'PUT', path: 'plan', body: { plan: 'Gold' }, status: 422, code: 'invalid-input' },
  { method: 'PUT', path: 'plan', body: {}, status: 422, code: 'invalid-input' },
  { method: 'PUT', path: 'overrides/links', body: { value: -1 }, status: 422, code: 'invalid-input' },
  { method: 'PUT', path: 'overrides/links', body: {}, status: 422, code: 'invalid-input' },
  { method: 'PUT', path: 'overrides/bananas', body: { value: 1 }, status: 400, code: 'invalid-parameter' },
  { method: 'DELETE', path: 'overrides/files', body: undefined, status: 400, code: 'invalid-parameter' },
  { method: 'PUT', path: 'credits/links', body: { balance: 1.5 }, status: 422, code: 'invalid-input' },
])('$method $path of $body is refused', async ({ method, path, body, status, code }) => {
  await using s = await started()
  const teamId = await teamIdOf(s.app, await s.app.givenAccount())

  expect(await s.operator.outcome(method, `/operator/teams/${teamId}/${path}`, body)).toEqual([status, code])
})

test('an operator sees how the installation is', async () => {
  await using s = await started({ monitor: MONITOR })
  const { db } = s.app.app.services
  await db
    .insertInto('task_run')
    .values(
      (['done', 'failed'] as const).map((outcome, index) => ({
        task: 'renew',
        holder: 'x',
        started_at_ms: NOW.getTime() + index,
        finished_at_ms: NOW.getTime() + index,
        outcome,
        counts: '{}',
        problem: outcome === 'failed' ? 'no luck' : null,
      })),
    )
    .execute()
  await s.operator.call('POST', '/operator/users', { email: 'bob@example.com' })
  s.app.setNow(new Date(NOW.getTime() + 90_000))

  const { status, body } = await s.operator.call('GET', '/operator/health')

  expect(status).toBe(200)
  expect(body).toEqual({
    version: '1.2.3',
    uptime_s: 60,
    database: { kind: 'sqlite', size_bytes: 4096 },
    spool: { waiting_bytes: 10, lag_s: 2, problem: 'disk full' },
    deliveries: { waiting: 1, held: 0, failed_24h: 0, oldest_s: 90 },
    tasks: [
      {
        name: 'renew',
        last_run: new Date(NOW.getTime() + 1).toISOString(),
        outcome: 'failed',
        next_at: '2026-01-02T04:07:00.000Z',
        problem: 'no luck',
      },
      { name: 'weekly', last_run: null, outcome: null, next_at: null, problem: null },
    ],
    memory_bytes: 1_000_000,
  })
})

test('an operator sees how old the network data are, and has them updated one at a time', async () => {
  let updates = 0
  const monitor = { ...MONITOR, startDataUpdate: () => updates++ === 0 }
  await using s = await started({ monitor })

  const { body } = await s.operator.call('GET', '/operator/data')

  expect(body).toEqual({
    built_at: expect.any(String),
    updating: true,
    problem: 'no network',
    sources: [
      {
        name: 'delegated',
        part: 'arin',
        title: 'Registries',
        licence: 'free',
        url: 'https://example.com/delegated',
        state: 'downloaded',
        rows: 12,
        size_bytes: 34,
        date: '2025-01-01',
        age_days: 366,
        obtained_at: '2025-01-02T00:00:00.000Z',
        problem: 'It is older than it should be.',
      },
      expect.objectContaining({ name: 'caida', state: 'missing', problem: 'Its terms are not accepted.' }),
    ],
    terms: [
      {
        name: 'caida-public-aua',
        url: 'https://example.com/terms',
        text: 'Cite it. Do not pass it on.',
        sources: ['caida'],
        accepted_at: null,
      },
    ],
  })
  expect(await s.operator.outcome('POST', '/operator/data/update')).toEqual([202])
  expect(await s.operator.outcome('POST', '/operator/data/update')).toEqual([409, 'data-update-busy'])
})

test('an operator accepts the terms of network data once, which is written down with what they are', async () => {
  const accepted: string[] = []
  let isBusy = true
  const monitor: InstanceMonitor = {
    ...MONITOR,
    dataTerms: () => [{ ...TERMS, acceptedAt: accepted.length > 0 ? '2026-01-01T00:00:00.000Z' : undefined }],
    acceptDataTerms: ({ name }) => !isBusy && accepted.push(name) > 0,
  }
  await using s = await started({ monitor })
  const path = '/operator/data/terms/caida-public-aua/accept'
  const audit = async () => {
    const { body } = await s.operator.call('GET', '/operator/audit?action=data.terms-accepted')
    return body.data
  }

  expect(await s.operator.outcome('POST', path)).toEqual([409, 'data-update-busy'])
  expect([accepted, await audit()]).toEqual([[], []])
  isBusy = false
  const { status, body } = await s.operator.call('POST', path)
  expect(await s.operator.outcome('POST', path)).toEqual([200])

  expect([status, body.terms[0].accepted_at]).toEqual([200, '2026-01-01T00:00:00.000Z'])
  expect(accepted).toEqual(['caida-public-aua'])
  expect(await audit()).toEqual([
    expect.objectContaining({
      action: 'data.terms-accepted',
      subject: 'terms caida-public-aua',
      team: null,
      changes: {
        url: { from: null, to: 'https://example.com/terms' },
        sources: { from: null, to: ['caida'] },
      },
    }),
  ])
  expect(await s.operator.outcome('POST', '/operator/data/terms/other/accept')).toEqual([
    400,
    'invalid-parameter',
  ])
})

test('operator endpoints are for operators, with a key that may write', async () => {
  await using s = await started({ monitor: MONITOR })
  const user = apiClient(s.app, (await s.app.givenAccount()).key.secret)
  const reader = apiClient(s.app, await operatorToken(s.app, ['user:read']))
  const nobody = apiClient(s.app)

  for (const [method, path, body] of [
    ['GET', '/operator/users'],
    ['POST', '/operator/users', { email: 'x@example.com' }],
    ['PATCH', '/operator/users/1', { status: 'blocked' }],
    ['POST', '/operator/users/1/password-reset'],
    ['GET', '/operator/teams/1'],
    ['PUT', '/operator/teams/1/plan', { plan: 'Pro' }],
    ['PUT', '/operator/teams/1/overrides/links', { value: 1 }],
    ['DELETE', '/operator/teams/1/overrides/links'],
    ['PUT', '/operator/teams/1/credits/links', { balance: 1 }],
    ['GET', '/operator/data'],
    ['POST', '/operator/data/update'],
    ['POST', '/operator/data/terms/caida-public-aua/accept'],
    ['GET', '/operator/health'],
    ['GET', '/operator/audit'],
  ] as const) {
    expect(await user.outcome(method, path, body)).toEqual([403, 'role-required'])
    expect(await reader.outcome(method, path, body)).toEqual([403, 'forbidden'])
    expect(await nobody.outcome(method, path, body)).toEqual([401, 'unauthenticated'])
  }
  expect(await s.operator.outcome('GET', '/operator/teams/999999')).toEqual([404, 'team-not-found'])
  expect(await s.operator.outcome('PATCH', '/operator/users/999999', {})).toEqual([404, 'user-not-found'])
  expect(await s.operator.outcome('PATCH', '/operator/users/ada', {})).toEqual([404, 'user-not-found'])
})

const SOURCE: SourceStatus = {
  source: 'delegated',
  part: 'arin',
  title: 'Registries',
  license: 'free',
  isLicenseAccepted: undefined,
  kind: 'downloaded',
  date: '2025-01-01',
  ageDays: 366,
  isStale: true,
  rows: 12,
  sizeBytes: 34,
  sha256: 'x',
  obtainedAt: '2025-01-02T00:00:00.000Z',
  origin: 'https://example.com/delegated',
}

const TERMS: TermsStatus = {
  terms: { name: 'caida-public-aua', url: 'https://example.com/terms', text: 'Cite it.\nDo not pass it on.' },
  sources: ['caida'],
  acceptedAt: undefined,
}

const MONITOR: InstanceMonitor = {
  status: () =>
    Promise.resolve({
      version: '1.2.3',
      uptimeS: 60,
      database: { kind: 'sqlite', sizeBytes: 4096 },
      spool: { waitingBytes: 10, lagS: 2, problem: 'disk full' },
      memoryBytes: 1_000_000,
    }),
  taskTurns: () => [
    { name: 'renew', nextAt: new Date('2026-01-02T04:07:00Z') },
    { name: 'weekly', nextAt: null },
  ],
  dataSources: () => [
    SOURCE,
    { ...SOURCE, source: 'caida', kind: 'missing', isStale: false, isLicenseAccepted: false },
  ],
  dataTerms: () => [TERMS],
  acceptDataTerms: () => true,
  dataUpdate: () => ({ isRunning: true, problem: 'no network' }),
  startDataUpdate: () => true,
}

async function started(
  options: TestAppOptions = {},
): Promise<{ readonly app: TestApp; readonly operator: ApiClient } & AsyncDisposable> {
  const app = await testApp(options)
  await app.givenAccount({ email: 'other@example.com' })
  const operator = apiClient(app, await operatorToken(app))
  return { app, operator, [Symbol.asyncDispose]: () => app[Symbol.asyncDispose]() }
}
