import { expect, test } from 'bun:test'
import type { Ability } from '#core/permissions.ts'
import { NOW, type TestAccount, testApp } from '#testing/test-app.ts'

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36'
const HOUR_MS = 60 * 60 * 1000

interface Visit {
  readonly slug: string
  readonly userAgent?: string
  readonly ip?: string
  readonly referrer?: string
  readonly language?: string
  readonly query?: string
}

async function started(plan = 'Enterprise') {
  const app = await testApp()
  const account = await app.givenAccount({ plan })
  const call = async (path: string, by: TestAccount = account) => {
    const response = await app.call('GET', `/api/v2/reports/${path}`, { token: by.key.secret })
    const text = await response.text()
    return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : text }
  }
  const create = (slug: string, by: TestAccount = account) =>
    app.call('POST', '/api/v2/links', {
      token: by.key.secret,
      body: { target: 'https://example.com/', slug },
    })
  const visit = async (...visits: readonly Visit[]) => {
    for (const { slug, userAgent = FIREFOX, ip, referrer, language, query = '' } of visits)
      await app.request(`/${slug}${query}`, {
        ...(ip !== undefined && { ip }),
        headers: {
          'user-agent': userAgent,
          ...(referrer !== undefined && { referer: referrer }),
          ...(language !== undefined && { 'accept-language': language }),
        },
      })
    await app.settleClicks()
  }
  return { app, account, call, create, visit, [Symbol.asyncDispose]: () => app[Symbol.asyncDispose]() }
}

/** Two links of one team with clicks of several kinds. */
async function busy() {
  const s = await started()
  await s.create('a')
  await s.create('b')
  await s.visit(
    {
      slug: 'a',
      ip: '8.8.8.8',
      referrer: 'https://news.test/x',
      language: 'de-DE',
      query: '?utm_source=mail',
    },
    { slug: 'a', ip: '8.8.8.9', userAgent: CHROME, query: '?qr=1' },
    { slug: 'a', userAgent: 'Googlebot/2.1' },
    { slug: 'b', referrer: 'https://news.test/y' },
  )
  return s
}

test('a team’s clicks are counted by period, oldest first, and exactly as many as asked for', async () => {
  await using s = await busy()
  s.app.setNow(new Date(NOW.getTime() + HOUR_MS))
  await s.visit({ slug: 'b' })

  const { status, body } = await s.call('series?unit=hour&units=3')
  const ofLink = await s.call('series?unit=hour&units=2&link=b')

  expect([status, body]).toEqual([
    200,
    {
      unit: 'hour',
      from: '2026-01-02T02:00:00.000Z',
      to: '2026-01-02T05:00:00.000Z',
      data: [
        { start: '2026-01-02T02:00:00.000Z', clicks: 0 },
        { start: '2026-01-02T03:00:00.000Z', clicks: 3 },
        { start: '2026-01-02T04:00:00.000Z', clicks: 1 },
      ],
    },
  ])
  expect(ofLink.body.data.map(({ clicks }: { clicks: number }) => clicks)).toEqual([1, 1])
  expect((await s.call('series')).body.data).toHaveLength(30)
  expect((await s.call('series?unit=hour&units=1&format=csv')).body).toBe(
    'start,clicks\r\n2026-01-02T04:00:00.000Z,1\r\n',
  )
})

test('a stretch of time counts what is in it, in a unit that suits it', async () => {
  await using s = await busy()
  const series = async (query: string) => (await s.call(`series?${query}`)).body

  expect(await series('from=2026-01-02T03:04:00Z&to=2026-01-02T04:06:00%2B01:00')).toMatchObject({
    unit: 'minute',
    from: '2026-01-02T03:04:00.000Z',
    to: '2026-01-02T03:06:00.000Z',
    data: [
      { start: '2026-01-02T03:04:00.000Z', clicks: 3 },
      { start: '2026-01-02T03:05:00.000Z', clicks: 0 },
    ],
  })
  expect(await series('from=2026-01-01')).toMatchObject({ unit: 'hour' })
  expect((await series('from=2026-01-01')).data.at(-1)).toEqual({
    start: '2026-01-02T03:00:00.000Z',
    clicks: 3,
  })
  expect(await series('from=2025-12-31&to=2026-01-03&unit=month')).toMatchObject({
    data: [
      { start: '2025-12-01T00:00:00.000Z', clicks: 0 },
      { start: '2026-01-01T00:00:00.000Z', clicks: 3 },
    ],
  })
  expect((await s.call('total?from=2026-01-02T03:04:05.001Z&to=2026-01-03')).body.clicks).toBe(0)
})

test('clicks and visitors are counted with and without bots, scans alone and clicks alone', async () => {
  await using s = await busy()
  const total = async (query: string) => (await s.call(`total?${query}`)).body

  expect(await total('')).toEqual({ clicks: 3, visitors: 3 })
  expect(await total('bots=include')).toMatchObject({ clicks: 4 })
  expect(await total('bots=only')).toMatchObject({ clicks: 1 })
  expect(await total('kind=scans')).toMatchObject({ clicks: 1 })
  expect(await total('kind=clicks')).toMatchObject({ clicks: 2 })
  expect(await total('link=a')).toMatchObject({ clicks: 2 })
  expect((await s.call('total?format=csv')).body).toBe('clicks,visitors\r\n3,3\r\n')
})

test.each([
  {
    dimension: 'country',
    rows: [
      ['US', 'United States', 2],
      ['', 'Unknown', 1],
    ],
  },
  {
    dimension: 'as',
    rows: [
      ['AS15169 Google LLC', 'AS15169 Google LLC', 2],
      ['', 'Unknown', 1],
    ],
  },
  {
    dimension: 'browser',
    rows: [
      ['Firefox', 'Firefox', 2],
      ['Chrome', 'Chrome', 1],
    ],
  },
  {
    dimension: 'operating_system',
    rows: [
      ['Linux', 'Linux', 2],
      ['Windows', 'Windows', 1],
    ],
  },
  { dimension: 'device', rows: [['desktop', 'Desktop', 3]] },
  {
    dimension: 'referrer',
    rows: [
      ['news.test', 'news.test', 2],
      ['', 'Direct or unknown', 1],
    ],
  },
  {
    dimension: 'language',
    rows: [
      ['', 'Unknown', 2],
      ['de', 'German', 1],
    ],
  },
  {
    dimension: 'utm_source',
    rows: [
      ['', 'Unknown', 2],
      ['mail', 'mail', 1],
    ],
  },
  { dimension: 'region', rows: [['', 'Unknown', 3]] },
  { dimension: 'city', rows: [['', 'Unknown', 3]] },
  { dimension: 'network', rows: [['', 'Unknown', 3]] },
  { dimension: 'utm_medium', rows: [['', 'Unknown', 3]] },
  { dimension: 'utm_campaign', rows: [['', 'Unknown', 3]] },
])('clicks are broken down by $dimension', async ({ dimension, rows }) => {
  await using s = await busy()

  const { status, body } = await s.call(`breakdown?dimension=${dimension}`)

  expect([status, body]).toEqual([
    200,
    { dimension, data: rows.map(([value, label, clicks]) => ({ value, label, clicks })), other: 0 },
  ])
})

test('links are ranked, and what is not shown is summed up', async () => {
  await using s = await busy()

  const { body } = await s.call('breakdown?dimension=link&size=1')
  const { id } = await (await s.app.call('GET', '/api/v2/links/a', { token: s.account.key.secret })).json()

  expect(body).toEqual({ dimension: 'link', data: [{ value: id, label: 'a', clicks: 2 }], other: 1 })
  expect((await s.call('breakdown?dimension=browser&size=1')).body.other).toBe(1)
  expect((await s.call('breakdown?dimension=browser&format=csv')).body).toBe(
    'browser,label,clicks\r\nFirefox,Firefox,2\r\nChrome,Chrome,1\r\n',
  )
})

test('every dimension is a filter, several values of one widen it, and an empty one is unknown', async () => {
  await using s = await busy()
  const clicks = async (query: string) => (await s.call(`total?${query}`)).body.clicks

  expect(await clicks('country=US')).toBe(2)
  expect(await clicks('country=US&browser=Firefox')).toBe(1)
  expect(await clicks('browser=Firefox&browser=Chrome')).toBe(3)
  expect(await clicks('country=')).toBe(1)
  expect(await clicks('country=&country=US')).toBe(3)
  expect(await clicks('referrer=news.test&link=b')).toBe(1)
  expect(await clicks('as=AS15169+Google+LLC&utm_source=mail')).toBe(1)
  expect(await clicks('city=Atlantis')).toBe(0)
})

test('clicks before what the plan keeps count 0', async () => {
  await using s = await started('Free')
  await s.create('a')
  await s.visit({ slug: 'a' })
  s.app.setNow(new Date(NOW.getTime() + 31 * 24 * HOUR_MS))
  await s.visit({ slug: 'a' })

  expect((await s.call('total?unit=month&units=6')).body.clicks).toBe(1)
  expect((await s.call('total?from=2025-01-01')).body.clicks).toBe(1)
})

test.each([
  { query: 'series?unit=year', parameter: 'unit' },
  { query: 'series?units=0', parameter: 'units' },
  { query: 'series?units=366', parameter: 'units' },
  { query: 'series?from=yesterday', parameter: 'from' },
  { query: 'series?from=2026-01-02T03:04:05', parameter: 'from' },
  { query: 'series?from=2026-01-02&to=2026-01-02', parameter: 'from' },
  { query: 'series?from=2025-01-01&unit=minute', parameter: 'unit' },
  { query: 'series?from=0001-01-01&unit=day', parameter: 'unit' },
  { query: 'series?from=2026-01-01&units=3', parameter: 'units' },
  { query: 'series?to=2026-01-01', parameter: 'to' },
  { query: 'total?bots=some', parameter: 'bots' },
  { query: 'total?kind=taps', parameter: 'kind' },
  { query: 'total?contry=DE', parameter: 'contry' },
  { query: 'total?format=xml', parameter: 'format' },
  { query: 'breakdown', parameter: 'dimension' },
  { query: 'breakdown?dimension=mood', parameter: 'dimension' },
  { query: 'breakdown?dimension=city&size=1001', parameter: 'size' },
  { query: `total?city=${'x'.repeat(256)}`, parameter: 'city' },
])('$query is refused for $parameter', async ({ query, parameter }) => {
  await using s = await started()

  const { status, body } = await s.call(query)

  expect([status, body.code, body.parameter]).toEqual([400, 'invalid-parameter', parameter])
})

test('nobody without a key, without the ability or of another team sees reports', async () => {
  await using s = await busy()
  const abilities: readonly Ability[] = ['links:read']
  const unable = await s.app.givenAccount({ key: { abilities } })
  const stranger = await s.app.givenAccount()

  for (const path of ['series', 'total', 'breakdown?dimension=link']) {
    const anonymous = await s.app.call('GET', `/api/v2/reports/${path}`)
    expect([anonymous.status, (await anonymous.json()).code]).toEqual([401, 'unauthenticated'])
    expect((await s.call(path, unable)).body).toMatchObject({ status: 403, ability: 'analytics:read' })
  }
  expect((await s.call('total', stranger)).body.clicks).toBe(0)
  expect((await s.call('total?link=a', stranger)).body.code).toBe('link-not-found')
  expect((await s.call('breakdown?dimension=link', stranger)).body.data).toEqual([])
})
