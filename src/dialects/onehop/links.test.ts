import { expect, test } from 'bun:test'
import type { Ability } from '#core/permissions.ts'
import { BASE, NOW, type TestAccount, testApp } from '#testing/test-app.ts'

async function started(abilities: readonly ('*' | Ability)[] = ['*'], plan = 'Enterprise') {
  const app = await testApp()
  const account = await app.givenAccount({ plan, key: { dialect: 'onehop', abilities } })
  const call = async (
    method: string,
    path: string,
    body?: unknown,
    { headers = {}, by = account }: { headers?: Record<string, string>; by?: TestAccount } = {},
  ) => {
    const response = await app.call(method, `/api/v2${path}`, {
      token: by.key.secret,
      headers,
      ...(body !== undefined && { body }),
    })
    const text = await response.text()
    return {
      status: response.status,
      etag: response.headers.get('etag'),
      body: text.startsWith('{') ? JSON.parse(text) : text,
    }
  }
  const given = async (...slugs: readonly string[]) => {
    for (const slug of slugs) await call('POST', '/links', { target: `https://example.com/${slug}`, slug })
  }
  const listed = async (query: string) => {
    const { body } = await call('GET', `/links${query}`)
    return body.data.map(({ slug }: { slug: string }) => slug)
  }
  return { app, account, call, given, listed, [Symbol.asyncDispose]: () => app[Symbol.asyncDispose]() }
}

test('a link is created, shown, changed and deleted, by its id or its slug', async () => {
  await using s = await started()
  const created = await s.call('POST', '/links', {
    target: 'https://example.com/docs',
    slug: 'guide',
    title: ' Docs ',
    tags: ['a', 'b', 'a'],
    expires_at: '2027-01-01',
  })
  const { id } = created.body
  const link = {
    id,
    slug: 'guide',
    short_url: `${BASE}/guide`,
    kind: 'url',
    target: 'https://example.com/docs',
    payload: null,
    title: 'Docs',
    description: null,
    tags: ['a', 'b'],
    status: 'active',
    expires_at: '2027-01-01T00:00:00.000Z',
    clicks: 0,
    has_qr_code: false,
    page_title: null,
    favicon_url: null,
    created_at: NOW.toISOString(),
    updated_at: NOW.toISOString(),
  }

  expect([created.status, created.body]).toEqual([201, link])
  expect((await s.call('GET', `/links/${id}`)).body).toEqual(link)
  expect((await s.call('GET', '/links/guide')).body).toEqual(link)
  await s.app.request('/guide')
  await s.app.settleClicks()
  const later = new Date(NOW.getTime() + 1000)
  s.app.setNow(later)
  const changed = await s.call('PATCH', '/links/guide', {
    target: 'https://example.org/',
    title: null,
    description: 'More',
    tags: [],
    status: 'archived',
    expires_at: null,
  })
  expect([changed.status, changed.body]).toEqual([
    200,
    {
      ...link,
      target: 'https://example.org/',
      title: null,
      description: 'More',
      tags: [],
      status: 'archived',
      expires_at: null,
      clicks: 1,
      updated_at: later.toISOString(),
    },
  ])
  expect((await s.app.request('/guide')).headers.get('location')).toBe('https://example.org/')
  expect((await s.call('DELETE', `/links/${id}`)).status).toBe(204)
  expect((await s.call('GET', '/links/guide')).body.code).toBe('link-not-found')
})

test.each([
  { kind: 'wifi', payload: { ssid: 'home', encryption: 'WPA', password: 'long enough', hidden: false } },
  { kind: 'text', payload: { text: 'Hello' } },
  {
    kind: 'vcard',
    payload: {
      version: '4.0',
      full_name: 'Ada Lovelace',
      given_name: 'Ada',
      phones: [{ number: '+44 20', type: 'work' }],
      emails: [],
      urls: ['https://example.com/'],
      addresses: [{ city: 'London', postal_code: 'W1' }],
    },
  },
])('a link of the kind $kind is answered in the form it is created from', async ({ kind, payload }) => {
  await using s = await started()

  const created = await s.call('POST', '/links', { kind, payload })
  const { slug } = created.body
  const again = await s.call('PATCH', `/links/${slug}`, { payload: created.body.payload })

  expect(created.status).toBe(201)
  expect(created.body).toMatchObject({ kind, payload, target: null, short_url: `${BASE}/l/${slug}` })
  expect(again.body.payload).toEqual(created.body.payload)
})

test.each([
  { body: {}, field: 'target' },
  { body: { target: 'nonsense' }, field: 'target' },
  { body: { target: 7 }, field: 'target' },
  { body: { target: 'https://example.com/', kind: 'wifi', payload: { ssid: 'x' } }, field: 'target' },
  { body: { target: 'https://example.com/', payload: {} }, field: 'payload' },
  { body: { kind: 'wifi' }, field: 'payload' },
  { body: { kind: 'vcard', payload: { fullName: 'x', job_titel: 'y' } }, field: 'payload.job_titel' },
  { body: { kind: 'letter' }, field: 'kind' },
  { body: { target: 'https://example.com/', slug: 'a b' }, field: 'slug' },
  { body: { target: 'https://example.com/', slug: 'API' }, field: 'slug' },
  { body: { target: 'https://example.com/', tags: 'a' }, field: 'tags' },
  { body: { target: 'https://example.com/', tags: ['a,b'] }, field: 'tags' },
  { body: { target: 'https://example.com/', status: 'gone' }, field: 'status' },
  { body: { target: 'https://example.com/', expires_at: '2020-01-01' }, field: 'expires_at' },
  { body: { target: 'https://example.com/', title: 'x'.repeat(201) }, field: 'title' },
])('creating with $body is refused for $field', async ({ body, field }) => {
  await using s = await started()

  const refused = await s.call('POST', '/links', body)

  expect([refused.status, refused.body.errors?.[0]?.field]).toEqual([422, field])
  expect((await s.call('GET', '/links')).body.total).toBe(0)
})

test('a slug that is taken, a plan that is used up and a kind it does not have are refused', async () => {
  await using s = await started(['*'], 'Free')
  await s.given('a', 'b', 'c', 'd', 'e')
  const code = async (body: object) => {
    const { status, body: problem } = await s.call('POST', '/links', body)
    return [status, problem.code]
  }

  expect(await code({ target: 'https://example.com/' })).toEqual([402, 'limit-reached'])
  expect(await code({ kind: 'text', payload: { text: 'x' } })).toEqual([403, 'plan-required'])
  await using rich = await started()
  await rich.given('a')
  expect((await rich.call('POST', '/links', { target: 'https://example.com/', slug: 'a' })).body.code).toBe(
    'slug-taken',
  )
})

test('a link keeps its slug and its kind', async () => {
  await using s = await started()
  await s.given('a')
  const change = async (body: object) => {
    const { status, body: problem } = await s.call('PATCH', '/links/a', body)
    return [status, problem.errors?.[0]?.field ?? problem.code]
  }

  expect(await change({ slug: 'b' })).toEqual([422, 'slug'])
  expect(await change({ payload: { text: 'x' } })).toEqual([422, 'payload'])
  await s.call('POST', '/links', { slug: 't', kind: 'text', payload: { text: 'x' } })
  expect((await s.call('PATCH', '/links/t', { target: 'https://example.com/' })).body.code).toBe(
    'link-kind-fixed',
  )
})

test('whoever saw an older state changes and deletes nothing', async () => {
  await using s = await started()
  await s.given('a')
  const { etag: first } = await s.call('GET', '/links/a')
  const headers = { 'if-match': first ?? '' }
  const mine = await s.call('PATCH', '/links/a', { title: 'Mine' }, { headers })

  const theirs = await s.call('PATCH', '/links/a', { title: 'Theirs' }, { headers })

  expect(mine.status).toBe(200)
  expect([theirs.status, theirs.body.code]).toEqual([412, 'precondition-failed'])
  expect((await s.call('DELETE', '/links/a', undefined, { headers })).status).toBe(412)
  expect((await s.call('GET', '/links/a')).body.title).toBe('Mine')
  const anyOf = { headers: { 'if-match': `"x.0.y", ${mine.etag}` } }
  expect((await s.call('PATCH', '/links/a', { title: 'Now' }, anyOf)).status).toBe(200)
  const weak = { headers: { 'if-match': `W/${(await s.call('GET', '/links/a')).etag}` } }
  expect((await s.call('DELETE', '/links/a', undefined, weak)).status).toBe(412)
  const whatever = { headers: { 'if-match': '*' } }
  expect((await s.call('DELETE', '/links/a', undefined, whatever)).status).toBe(204)
})

test('clicks make a link new to whoever reads it, and get in nobody’s way who changes it', async () => {
  await using s = await started()
  await s.given('a')
  const { etag } = await s.call('GET', '/links/a')
  const read = () => s.call('GET', '/links/a', undefined, { headers: { 'if-none-match': etag ?? '' } })

  expect(await read()).toEqual({ status: 304, etag, body: '' })
  await s.app.request('/a')
  await s.app.settleClicks()

  expect((await read()).body.clicks).toBe(1)
  const changed = await s.call('PATCH', '/links/a', { title: 'x' }, { headers: { 'if-match': etag ?? '' } })
  expect(changed.status).toBe(200)
})

test('a list goes on where it ended, in every order', async () => {
  await using s = await started()
  await s.given('c', 'a', 'b', 'e', 'd')
  for (const slug of ['b', 'b', 'b', 'd', 'a', 'd']) await s.app.request(`/${slug}`)
  await s.app.settleClicks()
  s.app.setNow(new Date(NOW.getTime() + 1000))
  await s.call('PATCH', '/links/a', { title: 'x' })
  const walk = async (sort: string) => {
    const slugs: string[] = []
    for (let cursor: string | null = ''; cursor !== null;) {
      const { status, body } = await s.call('GET', `/links?limit=2&sort=${sort}&cursor=${cursor}`)
      expect([status, body.total]).toEqual([200, 5])
      slugs.push(...body.data.map(({ slug }: { slug: string }) => slug))
      cursor = body.next_cursor
    }
    return slugs.join('')
  }

  expect(await walk('-created_at')).toBe('debac')
  expect(await walk('created_at')).toBe('cabed')
  expect(await walk('slug')).toBe('abcde')
  expect(await walk('-slug')).toBe('edcba')
  expect(await walk('-updated_at')).toBe('adebc')
  expect(await walk('updated_at')).toBe('cbeda')
  expect(await walk('-clicks')).toBe('bdaec')
  expect(await walk('clicks')).toBe('ceadb')
})

test('what is created or deleted meanwhile neither repeats nor hides a row of the next page', async () => {
  await using s = await started()
  await s.given('a', 'b', 'c', 'd')
  const first = await s.call('GET', '/links?limit=2')

  await s.given('e')
  await s.call('DELETE', '/links/c')
  const second = await s.call('GET', `/links?limit=2&cursor=${first.body.next_cursor}`)

  expect(second.body.data.map(({ slug }: { slug: string }) => slug)).toEqual(['b', 'a'])
  expect(second.body.next_cursor).toBeNull()
})

test('links are found by text, tag, status and kind', async () => {
  await using s = await started()
  await s.given('one', 'two')
  await s.call('POST', '/links', {
    kind: 'text',
    payload: { text: 'x' },
    slug: 'three',
    tags: ['Red', 'blue'],
  })
  await s.call('PATCH', '/links/one', { title: '100% Ünique', tags: ['red'], status: 'inactive' })

  expect(await s.listed('?search=EXAMPLE.com/t')).toEqual(['two'])
  expect(await s.listed('?search=100%25')).toEqual(['one'])
  expect(await s.listed('?search=_')).toEqual([])
  expect(await s.listed('?tag=red')).toEqual(['three', 'one'])
  expect(await s.listed('?tag=blue&tag=nothing')).toEqual(['three'])
  expect(await s.listed('?status=inactive')).toEqual(['one'])
  expect(await s.listed('?kind=text&tag=red')).toEqual(['three'])
  expect((await s.call('GET', '/links?kind=url&limit=1')).body).toMatchObject({ total: 2 })
  expect((await s.call('GET', '/tags')).body.data).toEqual([
    { tag: 'Red', links: 1 },
    { tag: 'blue', links: 1 },
    { tag: 'red', links: 1 },
  ])
})

test.each([
  { query: '?limit=0', parameter: 'limit' },
  { query: '?limit=101', parameter: 'limit' },
  { query: '?limit=1&limit=2', parameter: 'limit' },
  { query: '?sort=target', parameter: 'sort' },
  { query: '?status=gone', parameter: 'status' },
  { query: '?cursor=x', parameter: 'cursor' },
  { query: '?cursor=WzFd', parameter: 'cursor' },
  // Of a list in another order.
  { query: '?cursor=WyJzbHVnIiwiYSIsMV0', parameter: 'cursor' },
  { query: `?search=${'x'.repeat(201)}`, parameter: 'search' },
])('$query is refused for $parameter', async ({ query, parameter }) => {
  await using s = await started()

  const { status, body } = await s.call('GET', `/links${query}`)

  expect([status, body.code, body.parameter]).toEqual([400, 'invalid-parameter', parameter])
})

test('whether a slug can be had is told', async () => {
  await using s = await started()
  const other = await s.app.givenAccount()
  await s.app.call('POST', '/api/v2/links', {
    token: other.key.secret,
    body: { target: 'https://example.com/', slug: 'theirs' },
  })
  const state = async (slug: string) => (await s.call('GET', `/slugs/${slug}`)).body

  expect(await state('free')).toEqual({ available: true })
  expect(await state('theirs')).toEqual({ available: false, reason: 'taken' })
  expect(await state('Docs')).toEqual({ available: false, reason: 'reserved' })
  expect(await state('a%20b')).toEqual({ available: false, reason: 'invalid' })
})

test('an export has every link that passes the filter, as CSV that is safe to open, or as JSON', async () => {
  await using s = await started()
  await s.given('a', 'b')
  await s.call('PATCH', '/links/a', { title: '=1+1', description: 'one, "two"', tags: ['x', 'y'] })
  const { body: link } = await s.call('GET', '/links/a')

  const csv = await s.call('GET', '/links/export?tag=x')
  const json = await s.call('GET', '/links/export?format=json')

  expect(csv.body.split('\r\n')).toEqual([
    'id,slug,short_url,kind,target,title,description,tags,status,expires_at,clicks,has_qr_code,created_at,updated_at',
    `${link.id},a,${BASE}/a,url,https://example.com/a,'=1+1,"one, ""two""","x,y",active,,0,false,${link.created_at},${link.updated_at}`,
    '',
  ])
  expect(json.body.data.map(({ slug }: { slug: string }) => slug)).toEqual(['b', 'a'])
  expect(json.body.data[1]).toEqual(link)
})

test('an export goes on beyond one page, and links of nobody else are in it', async () => {
  await using s = await started()
  const other = await s.app.givenAccount({ plan: 'Enterprise' })
  const rows = Array.from({ length: 1_001 }, (_, index) =>
    JSON.stringify({ target: 'https://example.com/', slug: `l${index}` }),
  )
  await s.app.call('POST', '/api/v2/links/bulk', {
    token: other.key.secret,
    rawBody: '{"target":"https://x.test/"}',
  })
  await s.app.call('POST', '/api/v2/links/bulk', { token: s.account.key.secret, rawBody: rows.join('\n') })

  const { body } = await s.call('GET', '/links/export?format=json')

  expect(body.data).toHaveLength(1_001)
  expect(new Set(body.data.map(({ slug }: { slug: string }) => slug)).size).toBe(1_001)
})

const ENDPOINTS: readonly { ability: Ability; method: string; path: string; body?: object }[] = [
  { ability: 'links:write', method: 'POST', path: '/links', body: { target: 'https://example.com/' } },
  { ability: 'links:write', method: 'POST', path: '/links/bulk', body: {} },
  { ability: 'links:read', method: 'GET', path: '/links' },
  { ability: 'links:read', method: 'GET', path: '/links/export' },
  { ability: 'links:read', method: 'GET', path: '/links/a' },
  { ability: 'links:write', method: 'PATCH', path: '/links/a', body: { title: 'x' } },
  { ability: 'links:write', method: 'DELETE', path: '/links/a' },
  { ability: 'links:read', method: 'GET', path: '/tags' },
  { ability: 'links:write', method: 'GET', path: '/slugs/a' },
]

test('nobody without a key, without the ability or of another team gets at links', async () => {
  await using s = await started()
  const reader = await s.app.givenAccount({ key: { abilities: ['qr:read'] } })
  const stranger = await s.app.givenAccount()
  await s.given('a')

  for (const { ability, method, path, body } of ENDPOINTS) {
    const anonymous = await s.app.call(method, `/api/v2${path}`, body && { body })
    expect([anonymous.status, (await anonymous.json()).code]).toEqual([401, 'unauthenticated'])
    const unable = await s.call(method, path, body, { by: reader })
    expect([unable.status, unable.body.ability]).toEqual([403, ability])
    if (!path.endsWith('/links/a')) continue
    const strange = await s.call(method, path, body, { by: stranger })
    expect([strange.status, strange.body.code]).toEqual([404, 'link-not-found'])
  }
  expect((await s.call('GET', '/links', undefined, { by: stranger })).body).toEqual({
    data: [],
    next_cursor: null,
    total: 0,
  })
  expect((await s.call('GET', '/links/a')).body.title).toBeNull()
})
