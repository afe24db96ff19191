import { expect, test } from 'bun:test'
import type { Ability } from '#core/permissions.ts'
import { NOW, testApp } from '#testing/test-app.ts'
import { RECEIVER_CLIENT } from '#testing/webhook-receiver.ts'

const URL_OF_HOOK = 'https://localhost.test/hook'

async function started(abilities: readonly ('*' | Ability)[] = ['*']) {
  const app = await testApp({ outgoing: RECEIVER_CLIENT })
  const account = await app.givenAccount({ key: { dialect: 'onehop', abilities } })
  const call = async (method: string, path: string, body?: unknown) => {
    const response = await app.call(method, `/api/v2/webhooks${path}`, {
      token: account.key.secret,
      ...(body !== undefined && { body }),
    })
    return { status: response.status, body: response.status === 204 ? null : await response.json() }
  }
  return { app, account, call, [Symbol.asyncDispose]: () => app[Symbol.asyncDispose]() }
}

const ENDPOINTS: readonly { ability: Ability; method: string; path: string; body?: object }[] = [
  {
    ability: 'webhooks:write',
    method: 'POST',
    path: '',
    body: { url: URL_OF_HOOK, events: ['link.created'] },
  },
  { ability: 'webhooks:read', method: 'GET', path: '' },
  { ability: 'webhooks:read', method: 'GET', path: '/ID' },
  { ability: 'webhooks:write', method: 'PATCH', path: '/ID', body: { status: 'paused' } },
  { ability: 'webhooks:write', method: 'DELETE', path: '/ID' },
  { ability: 'webhooks:write', method: 'POST', path: '/ID/rotate-secret' },
  { ability: 'webhooks:write', method: 'POST', path: '/ID/test' },
  { ability: 'webhooks:read', method: 'GET', path: '/ID/deliveries' },
  { ability: 'webhooks:read', method: 'GET', path: '/ID/deliveries/DELIVERY' },
  { ability: 'webhooks:write', method: 'POST', path: '/ID/deliveries/DELIVERY/redeliver' },
]

test('a webhook is created, shown, changed and deleted', async () => {
  await using s = await started()
  const created = await s.call('POST', '', {
    url: URL_OF_HOOK,
    events: ['link.deleted', 'link.created', 'link.created'],
  })
  const { id, secret, ...rest } = created.body
  const shown = {
    id,
    url: URL_OF_HOOK,
    events: ['link.created', 'link.deleted'],
    status: 'active',
    pause_reason: null,
    failing_since: null,
    created_at: NOW.toISOString(),
    updated_at: NOW.toISOString(),
  }

  expect(created.status).toBe(201)
  expect(secret).toMatch(/^whsec_[A-Za-z0-9]{44}$/)
  expect({ id, ...rest }).toEqual(shown)
  expect(id).toMatch(/^wh_[A-Za-z0-9]{24}$/)
  expect(await s.call('GET', `/${id}`)).toEqual({ status: 200, body: shown })
  expect(await s.call('GET', '')).toEqual({ status: 200, body: { data: [shown], next_cursor: null } })

  const later = new Date(NOW.getTime() + 1000)
  s.app.setNow(later)
  const changes = { url: 'https://other.test/', events: ['file.downloaded'], status: 'paused' }
  const changed = { ...shown, ...changes, pause_reason: 'user', updated_at: later.toISOString() }
  expect(await s.call('PATCH', `/${id}`, changes)).toEqual({ status: 200, body: changed })
  expect((await s.call('PATCH', `/${id}`, { status: 'active' })).body).toMatchObject({
    status: 'active',
    pause_reason: null,
  })

  expect(await s.call('DELETE', `/${id}`)).toEqual({ status: 204, body: null })
  expect((await s.call('GET', `/${id}`)).status).toBe(404)
})

test.each(
  [
    { body: {}, fields: ['url', 'events'] },
    { body: { url: URL_OF_HOOK }, fields: ['events'] },
    { body: { url: URL_OF_HOOK, events: [] }, fields: ['events'] },
    { body: { url: URL_OF_HOOK, events: ['link.created', 'link.vanished'] }, fields: ['events'] },
    { body: { url: URL_OF_HOOK, events: ['webhook.test'] }, fields: ['events'] },
    { body: { url: URL_OF_HOOK, events: 'link.created' }, fields: ['events'] },
    { body: { url: 7, events: ['link.created'] }, fields: ['url'] },
    ...[
      '',
      'localhost.test/hook',
      'http://localhost.test/hook',
      'ftp://localhost.test/',
      'https://user:secret@localhost.test/',
      'https://localhost.test:25/',
      'https://nowhere.example/',
      'https://10.0.0.1/',
      'https://127.0.0.2/',
      'https://[::1]/',
      'https://0x7f.2/',
      'https://169.254.169.254/latest/meta-data',
      `https://localhost.test/${'a'.repeat(2_048)}`,
    ].map((url) => ({ body: { url, events: ['link.created'] }, fields: ['url'] })),
  ].map((row) => ({ ...row, name: JSON.stringify(row.body).slice(0, 90) })),
)('$name is refused, and leaves nothing behind', async ({ body, fields }) => {
  await using s = await started()
  const refused = await s.call('POST', '', body)

  expect(refused.status).toBe(422)
  expect(refused.body).toMatchObject({ code: 'invalid-input', status: 422 })
  expect(refused.body.errors.map(({ field }: { field: string }) => field)).toEqual(fields)
  expect((await s.call('GET', '')).body.data).toEqual([])
})

test('a change that is refused changes nothing', async () => {
  await using s = await started()
  const { id } = (await s.call('POST', '', { url: URL_OF_HOOK, events: ['link.created'] })).body
  const before = (await s.call('GET', `/${id}`)).body

  for (const body of [
    { url: 'https://10.0.0.1/', status: 'paused' },
    { events: [], status: 'paused' },
    { status: 'gone' },
  ])
    expect((await s.call('PATCH', `/${id}`, body)).status).toBe(422)
  expect((await s.call('GET', `/${id}`)).body).toEqual(before)
})

test('a team has twenty webhooks at most, also when many are made at once', async () => {
  await using s = await started()
  const answers = await Promise.all(
    Array.from({ length: 23 }, () => s.call('POST', '', { url: URL_OF_HOOK, events: ['link.created'] })),
  )

  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
    ...Array(20).fill(201),
    409,
    409,
    409,
  ])
  expect(answers.find(({ status }) => status === 409)?.body).toMatchObject({
    code: 'too-many-webhooks',
    limit: 20,
  })
  expect((await s.call('GET', '')).body.data).toHaveLength(20)
})

test('every endpoint wants a key', async () => {
  await using s = await started()
  for (const { method, path, body } of ENDPOINTS) {
    const response = await s.app.call(method, `/api/v2/webhooks${path}`, { body })
    expect([path, response.status]).toEqual([path, 401])
  }
})

test.each(ENDPOINTS.map((endpoint) => ({ ...endpoint, name: `${endpoint.method} ${endpoint.path}` })))(
  '$name is refused to a key of the other ability',
  async ({ ability, method, path, body }) => {
    const others: Ability[] = ['links:read', 'links:write', 'webhooks:read', 'webhooks:write']
    await using s = await started(others.filter((other) => other !== ability))

    expect(await s.call(method, path, body)).toMatchObject({
      status: 403,
      body: { code: 'forbidden', ability },
    })
  },
)

test("another team's webhook and deliveries are not found, and stay as they are", async () => {
  await using s = await started()
  const { id } = (await s.call('POST', '', { url: URL_OF_HOOK, events: ['link.created'] })).body
  const delivery = (await s.call('POST', `/${id}/test`)).body
  const before = (await s.call('GET', `/${id}/deliveries`)).body
  const other = await s.app.givenAccount({ key: { dialect: 'onehop' } })

  for (const { method, path, body } of ENDPOINTS.filter(({ path }) => path !== '')) {
    const full = `/api/v2/webhooks${path.replace('ID', id).replace('DELIVERY', delivery.id)}`
    const response = await s.app.call(method, full, { token: other.key.secret, body })
    expect([path, response.status, ((await response.json()) as { code: string }).code]).toEqual([
      path,
      404,
      'webhook-not-found',
    ])
  }
  const list = await s.app.call('GET', '/api/v2/webhooks', { token: other.key.secret })
  expect(await list.json()).toEqual({ data: [], next_cursor: null })
  expect((await s.call('GET', `/${id}/deliveries`)).body).toEqual(before)
})

test('deliveries are listed newest first, page by page', async () => {
  await using s = await started()
  const { id } = (await s.call('POST', '', { url: URL_OF_HOOK, events: ['link.created'] })).body
  const sent: string[] = []
  for (let n = 0; n < 5; n++) sent.push((await s.call('POST', `/${id}/test`)).body.id)

  const seen: string[] = []
  let cursor = ''
  for (const length of [2, 2, 1]) {
    const page = (await s.call('GET', `/${id}/deliveries?limit=2${cursor}`)).body
    expect(page.data).toHaveLength(length)
    seen.push(...page.data.map((delivery: { id: string }) => delivery.id))
    cursor = `&cursor=${page.next_cursor}`
    expect(page.next_cursor === null).toBe(length === 1)
  }
  expect(seen).toEqual(sent.toReversed())
  for (const query of ['limit=0', 'limit=51', 'limit=x', 'cursor=!', 'cursor=bm8', 'cursor=a&cursor=b'])
    expect((await s.call('GET', `/${id}/deliveries?${query}`)).body).toMatchObject({
      status: 400,
      code: 'invalid-parameter',
    })
})

test('a delivery that is not there is not found, and a paused webhook is sent nothing by hand', async () => {
  await using s = await started()
  const { id } = (await s.call('POST', '', { url: URL_OF_HOOK, events: ['link.created'] })).body
  const { id: delivery } = (await s.call('POST', `/${id}/test`)).body
  await s.call('PATCH', `/${id}`, { status: 'paused' })

  expect((await s.call('GET', `/${id}/deliveries/msg_1`)).body.code).toBe('delivery-not-found')
  expect((await s.call('GET', `/${id}/deliveries/${delivery}`)).body).toMatchObject({
    id: delivery,
    status: 'held',
  })
  for (const path of ['/test', `/deliveries/${delivery}/redeliver`])
    expect((await s.call('POST', `/${id}${path}`)).body).toMatchObject({
      status: 409,
      code: 'webhook-paused',
    })
})

test('nobody makes the server send more than thirty requests a minute by hand', async () => {
  await using s = await started()
  const { id } = (await s.call('POST', '', { url: URL_OF_HOOK, events: ['link.created'] })).body
  const statuses = await Promise.all(
    Array.from({ length: 31 }, async () => (await s.call('POST', `/${id}/test`)).status),
  )

  expect(statuses.toSorted((a, b) => a - b)).toEqual([...Array(30).fill(202), 429])
})
