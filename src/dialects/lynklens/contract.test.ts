import { expect, test } from 'bun:test'
import { NOW, testApp, type TestApp } from '#testing/test-app.ts'

const CREATED = '2026-01-02T03:04:05+00:00'
const WINDOWS =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36'
const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1'

async function started(plan = 'Pro') {
  const app = await testApp()
  const account = await app.givenAccount({ plan, key: { dialect: 'lynklens' } })
  const call = (method: string, path: string, body?: unknown) =>
    app.call(method, path, { token: account.key.secret, ...(body !== undefined && { body }) })
  return { app, account, call }
}

interface Visit {
  readonly headers: Record<string, string>
  readonly query?: string
}

async function follow(app: TestApp, slug: string, { headers, query = '' }: Visit) {
  expect((await app.request(`/${slug}${query}`, { headers, ip: '8.8.8.8' })).status).toBe(302)
}

test('POST /v1/shorten makes a link of a URL alone', async () => {
  const { app, call } = await started()
  await using _ = app

  const response = await call('POST', '/v1/shorten', { long_url: 'https://example.com/very/long/url' })

  expect(response.status).toBe(201)
  const answer = await response.json()
  expect(answer).toMatchObject({
    status: true,
    message: 'Link created successfully.',
    data: {
      id: 1,
      slug: expect.stringMatching(/^[0-9A-Za-z]{7}$/),
      link: `http://s.test/${answer.data.slug}`,
      long_url: 'https://example.com/very/long/url',
      title: 'example.com',
      status: 'active',
      source: 'api',
      has_qr_attached: false,
      created_at: CREATED,
    },
  })
})

test('POST /v1/links takes everything a link can have', async () => {
  const { app, call } = await started()
  await using _ = app
  const response = await call('POST', '/v1/links', {
    long_url: 'https://example.com/page',
    slug: 'promo',
    title: 'Promo',
    description: 'For the spring',
    tags: ['marketing', 'campaign', 'marketing'],
    expires_at: '2026-02-01T12:00:00+02:00',
    team_id: 2,
  })
  expect(response.status).toBe(201)
  expect((await response.json()).data).toMatchObject({
    slug: 'promo',
    link: 'http://s.test/promo',
    title: 'Promo',
    description: 'For the spring',
    tags: ['marketing', 'campaign'],
    expires_at: '2026-02-01T10:00:00+00:00',
    team_id: 2,
  })
})

test('GET /v1/links lists in pages, and filters by status, source, text and tags', async () => {
  const { app, call } = await started()
  await using _ = app
  await call('POST', '/v1/links', {
    long_url: 'https://example.com/a',
    slug: 'first',
    title: 'Alpha 100%',
    tags: ['red', 'blue'],
  })
  await call('POST', '/v1/links', { long_url: 'https://example.org/b', slug: 'second', tags: ['green'] })
  await call('PATCH', '/v1/links/second', { status: 'archived' })
  const slugs = async (query: string) => {
    const answer = await (await call('GET', `/v1/links${query}`)).json()
    return answer.data.map((link: { slug: string }) => link.slug)
  }

  const whole = await (await call('GET', '/v1/links?per_page=1')).json()
  expect(whole).toEqual({
    status: true,
    message: 'Success',
    data: [
      expect.objectContaining({
        id: 2,
        slug: 'second',
        title: 'example.org',
        status: 'archived',
        source: 'api',
        has_qr_attached: false,
      }),
    ],
    meta: { pagination: { current_page: 1, per_page: 1, total: 2, total_pages: 2, has_more: true } },
  })
  expect(await slugs('')).toEqual(['second', 'first'])
  expect(await slugs('?page=2&per_page=1')).toEqual(['first'])
  expect(await slugs('?status=active')).toEqual(['first'])
  expect(await slugs('?source=web')).toEqual([])
  expect(await slugs('?query=ALPHA')).toEqual(['first'])
  expect(await slugs('?query=example.org')).toEqual(['second'])
  expect(await slugs('?query=SECON')).toEqual(['second'])
  // A wildcard is a character like any other.
  expect(await slugs('?query=100%25')).toEqual(['first'])
  expect(await slugs('?query=%25x%25')).toEqual([])
  expect(await slugs('?tags=blue')).toEqual(['first'])
  expect(await slugs('?tags=green,blue')).toEqual(['second', 'first'])
  expect(await slugs('?tags=re')).toEqual([])
})

test('GET, PUT, PATCH and DELETE /v1/links/{slug}', async () => {
  const { app, call } = await started()
  await using _ = app
  await call('POST', '/v1/links', {
    long_url: 'https://example.com/page',
    slug: 'aB3x7kL',
    title: 'Example',
    tags: ['marketing', 'campaign'],
  })
  await follow(app, 'aB3x7kL', { headers: { 'user-agent': WINDOWS } })
  await app.settleClicks()

  const shown = await call('GET', '/v1/links/aB3x7kL')
  expect(shown.status).toBe(200)
  expect(await shown.json()).toMatchObject({
    status: true,
    data: {
      slug: 'aB3x7kL',
      link: 'http://s.test/aB3x7kL',
      long_url: 'https://example.com/page',
      title: 'Example',
      tags: ['marketing', 'campaign'],
      status: 'active',
      source: 'api',
      total_clicks: 1,
    },
  })

  const updated = await call('PUT', '/v1/links/aB3x7kL', {
    long_url: 'https://example.com/updated',
    title: 'Updated Title',
    tags: ['updated'],
    status: 'inactive',
  })
  expect(updated.status).toBe(200)
  expect(await updated.json()).toMatchObject({
    status: true,
    message: 'Link updated successfully.',
    data: {
      long_url: 'https://example.com/updated',
      title: 'Updated Title',
      tags: ['updated'],
      status: 'inactive',
    },
  })
  expect((await app.request('/aB3x7kL')).status).toBe(404)

  const cleared = await call('PATCH', '/v1/links/aB3x7kL', { title: null, tags: [], status: 'active' })
  expect((await cleared.json()).data).toMatchObject({ title: 'example.com', tags: [], status: 'active' })

  const deleted = await call('DELETE', '/v1/links/aB3x7kL')
  expect([deleted.status, await deleted.json()]).toEqual([
    200,
    { status: true, message: 'Link deleted successfully.', data: [] },
  ])
  const gone = await call('GET', '/v1/links/aB3x7kL')
  expect([gone.status, await gone.json()]).toEqual([
    404,
    { status: false, message: 'Link not found.', data: [], errors: {} },
  ])
})

test('POST /v1/expand shows where a short link leads', async () => {
  const { app, call } = await started()
  await using _ = app
  await call('POST', '/v1/links', { long_url: 'https://example.com/page', slug: 'aB3x7kL' })
  const response = await call('POST', '/v1/expand', { slug: 'aB3x7kL' })
  expect([response.status, await response.json()]).toEqual([
    200,
    {
      status: true,
      message: 'Success',
      data: {
        slug: 'aB3x7kL',
        link: 'http://s.test/aB3x7kL',
        long_url: 'https://example.com/page',
        created_at: CREATED,
      },
    },
  ])
})

test('the eight reports of a link', async () => {
  const { app, call } = await started()
  await using _ = app
  await call('POST', '/v1/links', { long_url: 'https://example.com/page', slug: 'promo' })
  await follow(app, 'promo', { headers: { 'user-agent': WINDOWS, referer: 'https://t.me/channel' } })
  await follow(app, 'promo', { headers: { 'user-agent': IPHONE } })
  app.setNow(new Date('2026-01-04T00:00:00Z'))
  await follow(app, 'promo', { headers: { 'user-agent': WINDOWS, referer: 'https://t.me/' } })
  await follow(app, 'promo', { headers: { 'user-agent': 'Twitterbot/1.0' } })
  await app.settleClicks()
  const data = async (path: string) => (await (await call('GET', `/v1/links/promo/${path}`)).json()).data

  expect(await data('clicks?unit=day&units=3')).toEqual({
    clicks: [
      { date: '2026-01-04', clicks: 1 },
      { date: '2026-01-03', clicks: 0 },
      { date: '2026-01-02', clicks: 2 },
    ],
    unit: 'day',
    units: 3,
  })
  expect((await data('clicks')).clicks).toHaveLength(7)
  expect((await data('clicks?unit=hour&units=2')).clicks).toEqual([
    { date: '2026-01-04T00:00', clicks: 1 },
    { date: '2026-01-03T23:00', clicks: 0 },
  ])
  expect((await data('clicks?unit=week&units=2')).clicks).toEqual([
    { date: '2025-12-29', clicks: 3 },
    { date: '2025-12-22', clicks: 0 },
  ])
  expect((await data('clicks?unit=month&units=1')).clicks).toEqual([{ date: '2026-01-01', clicks: 3 }])
  expect((await data('clicks?unit=minute&units=365')).clicks).toHaveLength(365)
  expect(await data('clicks/summary?unit=month&units=1')).toEqual({
    total_clicks: 3,
    unit: 'month',
    units: 1,
  })
  expect(await data('clicks/summary?unit=day&units=1&bots=include')).toMatchObject({ total_clicks: 2 })
  expect((await data('countries')).metrics).toEqual([{ country: 'United States', clicks: 3 }])
  expect((await data('devices')).metrics).toEqual([
    { device: 'desktop', clicks: 2 },
    { device: 'mobile', clicks: 1 },
  ])
  expect((await data('devices?size=1')).metrics).toEqual([{ device: 'desktop', clicks: 2 }])
  expect((await data('browsers')).metrics).toEqual([
    { browser: 'Chrome', clicks: 2 },
    { browser: expect.stringContaining('Safari'), clicks: 1 },
  ])
  expect((await data('operating-systems')).metrics).toEqual([
    { operating_system: 'Windows', clicks: 2 },
    { operating_system: 'iOS', clicks: 1 },
  ])
  expect((await data('referrers')).metrics).toEqual([
    { referrer: 't.me', clicks: 2 },
    { referrer: 'Unknown', clicks: 1 },
  ])
  expect(
    (await data('cities')).metrics.reduce((sum: number, row: { clicks: number }) => sum + row.clicks, 0),
  ).toBe(3)
})

test('a QR code is made, shown, listed, drawn anew, scanned and removed', async () => {
  const { app, call } = await started()
  await using _ = app
  await call('POST', '/v1/links', { long_url: 'https://example.com/page', slug: 'aB3x7kL', title: 'Example' })

  const created = await call('POST', '/v1/qr-codes', {
    link_slug: 'aB3x7kL',
    color: '#000000',
    size: 300,
    format: 'png',
  })
  expect(created.status).toBe(201)
  expect(await created.json()).toMatchObject({
    status: true,
    message: 'QR code created successfully.',
    data: {
      link_slug: 'aB3x7kL',
      qr_image_url: 'http://s.test/storage/qr/aB3x7kL.png',
      color: '#000000',
      size: 300,
    },
  })

  await follow(app, 'aB3x7kL', { headers: { 'user-agent': IPHONE }, query: '?qr=1' })
  await follow(app, 'aB3x7kL', { headers: { 'user-agent': IPHONE } })
  await app.settleClicks()
  const shown = await call('GET', '/v1/qr-codes/aB3x7kL')
  expect(await shown.json()).toMatchObject({
    status: true,
    data: {
      link_slug: 'aB3x7kL',
      link_url: 'http://s.test/aB3x7kL',
      long_url: 'https://example.com/page',
      title: 'Example',
      qr_image_url: 'http://s.test/storage/qr/aB3x7kL.png',
      total_scans: 1,
    },
  })
  const scans = await (await call('GET', '/v1/qr-codes/aB3x7kL/scans?unit=day&units=2')).json()
  expect(scans.data).toEqual({
    scans: [
      { date: '2026-01-02', scans: 1 },
      { date: '2026-01-01', scans: 0 },
    ],
    unit: 'day',
    units: 2,
  })
  const total = await (await call('GET', '/v1/qr-codes/aB3x7kL/scans/summary?unit=month&units=1')).json()
  expect(total.data).toEqual({ total_scans: 1, unit: 'month', units: 1 })
  expect((await (await call('GET', '/v1/links/aB3x7kL')).json()).data.has_qr_attached).toBe(true)

  const listed = await (await call('GET', '/v1/qr-codes')).json()
  expect(listed).toMatchObject({
    data: [{ link_slug: 'aB3x7kL', total_scans: 1 }],
    meta: { pagination: { total: 1 } },
  })

  const file = await call('GET', '/v1/qr-codes/aB3x7kL/image')
  expect(file.headers.get('content-type')).toBe('image/png')
  const bytes = await file.bytes()
  expect(new TextDecoder('latin1').decode(bytes.subarray(1, 4))).toBe('PNG')
  const inline = await (await call('GET', '/v1/qr-codes/aB3x7kL/image?encoding=base64')).json()
  expect(inline.data.image).toBe(`data:image/png;base64,${Buffer.from(bytes).toString('base64')}`)

  const redrawn = await call('PUT', '/v1/qr-codes/aB3x7kL', { format: 'svg', color: '#eee', size: 500 })
  expect((await redrawn.json()).data).toMatchObject({
    format: 'svg',
    color: '#eeeeee',
    size: 500,
    qr_image_url: 'http://s.test/storage/qr/aB3x7kL.svg',
    warnings: [expect.any(String)],
  })

  const removed = await call('DELETE', '/v1/qr-codes/aB3x7kL')
  expect([removed.status, await removed.json()]).toEqual([
    200,
    { status: true, message: 'QR code deleted successfully.', data: [] },
  ])
  expect((await call('GET', '/v1/qr-codes/aB3x7kL')).status).toBe(404)
  expect((await app.request('/storage/qr/aB3x7kL.png')).status).toBe(404)
})

test('the image of a QR code is public, cacheable, and may do nothing as a document', async () => {
  const { app, call } = await started()
  await using _ = app
  await call('POST', '/v1/links', { long_url: 'https://example.com/', slug: 'promo' })
  await call('POST', '/v1/qr-codes', { link_slug: 'promo' })

  for (const [extension, type] of [
    ['png', 'image/png'],
    ['svg', 'image/svg+xml'],
  ] as const) {
    const image = await app.request(`/storage/qr/promo.${extension}`)
    expect([image.status, image.headers.get('content-type')]).toEqual([200, type])
    expect(image.headers.get('cache-control')).toBe('public, max-age=300')
    expect(image.headers.get('content-security-policy')).toContain("default-src 'none'")
    const etag = image.headers.get('etag') ?? ''
    const again = await app.request(`/storage/qr/promo.${extension}`, {
      headers: { 'if-none-match': `"other", W/${etag}` },
    })
    expect([again.status, await again.text()]).toEqual([304, ''])
  }
  for (const path of ['/storage/qr/promo.gif', '/storage/qr/promo', '/storage/qr/other.png', '/storage/qr/'])
    expect((await app.request(path)).status).toBe(404)
})

test('GET /v1/user shows the account, and PUT changes its name', async () => {
  const { app, account, call } = await started()
  await using _ = app
  await call('POST', '/v1/shorten', { long_url: 'https://example.com/' })
  const shown = await call('GET', '/v1/user')
  expect([shown.status, await shown.json()]).toEqual([
    200,
    {
      status: true,
      message: 'Success',
      data: {
        id: account.user.id,
        name: account.user.name,
        email: account.email,
        is_verified: true,
        subscription: { plan: 'Pro', status: 'active' },
        stats: { total_links: 1, total_qr_codes: 0 },
      },
    },
  ])
  const renamed = await call('PUT', '/v1/user', { name: 'John Doe' })
  expect((await renamed.json()).data.name).toBe('John Doe')
})

test('tokens are made, listed and revoked', async () => {
  const { app, account, call } = await started()
  await using _ = app
  const created = await call('POST', '/v1/user/tokens', { name: 'My Integration', abilities: ['links:read'] })
  expect(created.status).toBe(201)
  const { data } = await created.json()
  expect(data.token).toMatch(/^\d+\|[0-9A-Za-z]{32}$/)
  expect(data).toMatchObject({ name: 'My Integration', abilities: ['links:read'] })
  expect(data.token.split('|')[0]).toBe(String(data.id))

  const listed = await (await call('GET', '/v1/user/tokens')).text()
  expect(JSON.parse(listed).data.map((token: { id: number }) => token.id)).toEqual([
    data.id,
    account.key.key.id,
  ])
  expect(listed).not.toContain(data.token.split('|')[1])

  expect((await app.call('GET', '/v1/links', { token: data.token })).status).toBe(200)
  expect((await call('DELETE', `/v1/user/tokens/${data.id}`)).status).toBe(200)
  expect((await app.call('GET', '/v1/links', { token: data.token })).status).toBe(401)
})

test('GET /v1/user/limits shows the plan, the usage and when it begins anew', async () => {
  const { app, call } = await started('Starter')
  await using _ = app
  await call('POST', '/v1/shorten', { long_url: 'https://example.com/' })
  const response = await call('GET', '/v1/user/limits')
  expect((await response.json()).data).toEqual({
    rate_limit: { limit: 60, window: 'minute' },
    plan_limits: {
      links_per_month: 100,
      qr_codes_per_month: 25,
      api_calls_per_month: 5000,
      custom_slugs: true,
      analytics_retention_days: 90,
    },
    usage: {
      links: { used: 1, limit: 100, remaining: 99, unlimited: false },
      qr_codes: { used: 0, limit: 25, remaining: 25, unlimited: false },
      resets_at: '2026-01-31T23:59:59+00:00',
    },
  })
})

test('without limits they are -1, and nothing remains because everything does', async () => {
  const { app, call } = await started('Enterprise')
  await using _ = app
  const { data } = await (await call('GET', '/v1/user/limits')).json()
  expect(data.rate_limit.limit).toBe(500)
  expect(data.plan_limits).toEqual({
    links_per_month: -1,
    qr_codes_per_month: -1,
    api_calls_per_month: -1,
    custom_slugs: true,
    analytics_retention_days: -1,
  })
  expect(data.usage.links).toEqual({ used: 0, limit: -1, remaining: null, unlimited: true })
})

test('GET /v1/groups lists the teams', async () => {
  const { app, account, call } = await started()
  await using _ = app
  const { db } = app.app.services
  const { id } = await db
    .insertInto('team')
    .values({ name: 'Marketing Team', personal_user_id: null, created_at_ms: NOW.getTime() })
    .returning('id')
    .executeTakeFirstOrThrow()
  await db
    .insertInto('membership')
    .values({ team_id: id, user_id: account.user.id, role: 'admin', created_at_ms: NOW.getTime() })
    .execute()

  const response = await call('GET', '/v1/groups')

  expect([response.status, await response.json()]).toEqual([
    200,
    {
      status: true,
      message: 'Success',
      data: [
        { id: account.key.key.teamId, name: 'Personal', personal_team: true, role: 'owner', is_owner: true },
        { id, name: 'Marketing Team', personal_team: false, role: 'admin', is_owner: false },
      ],
    },
  ])
})

test('a typed link is shown with its page, and its URL stays', async () => {
  const { app, account, call } = await started()
  await using _ = app
  const body = { kind: 'wifi', slug: 'guests', payload: { ssid: 'MyNet' } }
  await app.call('POST', '/api/v1/links', { headers: { 'x-api-key': account.key.secret }, body })

  const shown = (await (await call('GET', '/v1/links/guests')).json()).data
  const expanded = (await (await call('POST', '/v1/expand', { slug: 'guests' })).json()).data
  const qrCode = (await (await call('POST', '/v1/qr-codes', { link_slug: 'guests' })).json()).data
  const moved = await call('PUT', '/v1/links/guests', { long_url: 'https://example.com', title: 'x' })
  const typed = await call('POST', '/v1/links', { long_url: 'https://example.com', kind: 'wifi' })

  const page = { long_url: 'http://s.test/l/guests', title: 'MyNet' }
  expect(shown).toMatchObject({ link: 'http://s.test/guests', ...page })
  expect(expanded).toMatchObject({ link: 'http://s.test/guests', long_url: page.long_url })
  expect(qrCode).toMatchObject(page)
  const failure = (errors: object) => ({ status: false, message: 'An error occurred', data: [], errors })
  expect([moved.status, await moved.json()]).toEqual([
    422,
    failure({ long_url: ['This is a wifi link: it has no long url to change.'] }),
  ])
  expect([typed.status, await typed.json()]).toEqual([
    422,
    failure({ kind: ['The kind field must be one of url.'] }),
  ])
  expect((await (await call('GET', '/v1/links/guests')).json()).data).toMatchObject(page)
})
