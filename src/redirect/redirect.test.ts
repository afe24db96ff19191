import { expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import fc from 'fast-check'
import { authenticateKey } from '#core/accounts/api-keys.ts'
import { openSpoolReader } from '#core/clicks/spool-reader.ts'
import type { Click } from '#core/clicks/spool-record.ts'
import { createLink, type NewLink } from '#core/links/create-link.ts'
import { type Link, parseSlug, parseTargetUrl } from '#core/links/link.ts'
import type { RedirectRow } from '#core/links/link-queries.ts'
import { html } from '#http/page.ts'
import { RequestHead } from '#http/request-head.ts'
import type { AppConfig } from '#app.ts'
import { NOW, type TestAccount, testApp, type TestApp } from '#testing/test-app.ts'
import { LinkCache, type RedirectLink } from './link-cache.ts'
import { LinkSource } from './link-source.ts'
import { createRedirect } from './redirect.ts'

test.each([
  ['https://example.com', 'https://example.com/'],
  ['HTTPS://EXAMPLE.com:443/A/../b', 'https://example.com/b'],
  [
    'https://example.com/a%20b?q=%C3%BC&r=1+1#Section-2',
    'https://example.com/a%20b?q=%C3%BC&r=1+1#Section-2',
  ],
  ['https://example.com/grüße?q=ä#ö', 'https://example.com/gr%C3%BC%C3%9Fe?q=%C3%A4#%C3%B6'],
  ['https://bücher.example/', 'https://xn--bcher-kva.example/'],
  ['http://192.0.2.7:8080/?a=b&a=c', 'http://192.0.2.7:8080/?a=b&a=c'],
])('a link to %s answers 302 with Location %s', async (target, location) => {
  await using fixture = await aRedirector()
  await fixture.givenLink({ slug: 'go', target })

  const first = await fixture.app.request('/go')
  const fromMemory = await fixture.app.request('/go')

  for (const response of [first, fromMemory]) {
    expect([response.status, response.headers.get('location')]).toEqual([302, location])
    expect(await response.text()).toBe('')
  }
})

test('the query of the short link is not passed on', async () => {
  await using fixture = await aRedirector()
  await fixture.givenLink({ slug: 'go', target: 'https://example.com/?kept=1' })

  const response = await fixture.app.request('/go?added=2')

  expect(response.headers.get('location')).toBe('https://example.com/?kept=1')
})

test('HEAD answers as GET does, and is told apart in the click', async () => {
  await using fixture = await aRedirector()
  await fixture.givenLink({ slug: 'go', target: 'https://example.com/' })

  const response = await fixture.app.request('/go', { method: 'HEAD' })

  expect([response.status, response.headers.get('location')]).toEqual([302, 'https://example.com/'])
  expect(fixture.clicks().map((click) => click.isHead)).toEqual([true])
})

test('an archived link redirects, an inactive one is not found', async () => {
  await using fixture = await aRedirector()
  await fixture.givenLink({ slug: 'old', status: 'archived' })
  await fixture.givenLink({ slug: 'off', status: 'inactive' })

  expect((await fixture.app.request('/old')).status).toBe(302)
  expect((await fixture.app.request('/off')).status).toBe(404)
  expect((await fixture.app.request('/off')).status).toBe(404)
})

test('a link redirects until the instant it expires, and is gone from then on', async () => {
  await using fixture = await aRedirector()
  const expiresAt = new Date(NOW.getTime() + 60_000)
  await fixture.givenLink({ slug: 'brief', expiresAt })

  fixture.app.setNow(new Date(expiresAt.getTime() - 1))
  expect((await fixture.app.request('/brief')).status).toBe(302)
  fixture.app.setNow(expiresAt)
  const response = await fixture.app.request('/brief')

  expect([response.status, response.headers.get('location')]).toEqual([410, null])
  expect(await response.text()).toContain('<h1>This link has expired</h1>')
})

test('a slug that was no link redirects as soon as one of that name is created', async () => {
  await using fixture = await aRedirector()
  expect((await fixture.app.request('/soon')).status).toBe(404)
  expect((await fixture.app.request('/soon')).status).toBe(404)

  await fixture.givenLink({ slug: 'soon' })

  expect((await fixture.app.request('/soon')).status).toBe(302)
})

test('the next redirect follows an update, and a deleted link is not found', async () => {
  await using fixture = await aRedirector()
  const { app } = fixture
  const link = await fixture.givenLink({ slug: 'go', target: 'https://example.com/1' })
  const token = fixture.account.key.secret
  await app.request('/go')

  await app.call('PUT', `/api/v1/links/${link.id}`, {
    token,
    body: { original_url: 'https://example.com/2' },
  })
  expect((await app.request('/go')).headers.get('location')).toBe('https://example.com/2')

  await app.call('DELETE', `/api/v1/links/${link.id}`, { token })
  expect((await app.request('/go')).status).toBe(404)
})

test.each([
  '/unknown',
  '/a.b',
  '/a/b',
  '/go/',
  '//go',
  '/%67o',
  '/%zz',
  '/%',
  '/g%00',
  `/${'x'.repeat(65)}`,
  '/l',
  '/Docs',
])('%s is no short link', async (path) => {
  await using fixture = await aRedirector()
  await fixture.givenLink({ slug: 'go' })

  const response = await fixture.app.request(path)

  expect(response.status).toBe(404)
  expect(response.headers.get('location')).toBeNull()
  expect(fixture.clicks()).toEqual([])
})

test.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('%s on a short link is refused', async (method) => {
  await using fixture = await aRedirector()
  await fixture.givenLink({ slug: 'go' })

  const response = await fixture.app.request('/go', { method })

  expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  expect(fixture.clicks()).toEqual([])
})

test('a click keeps who came, with what, from where, and how the link was asked for', async () => {
  await using fixture = await aRedirector()
  const link = await fixture.givenLink({ slug: 'go' })

  await fixture.app.request('/go?utm_source=mail&qr=1', {
    ip: '2001:db8::7',
    headers: {
      'user-agent': 'Mozilla/5.0 (X11; Linux x86_64)',
      referer: 'https://news.example/today',
      'accept-language': 'de-CH,de;q=0.9',
    },
  })
  await fixture.app.request('/go', { ip: '192.0.2.9', headers: { 'sec-purpose': 'prefetch;prerender' } })

  const plain = { isHead: false, atMs: NOW.getTime(), linkId: link.id, teamId: link.teamId }
  expect(fixture.clicks()).toEqual([
    {
      ...plain,
      ip: '2001:db8::7',
      userAgent: 'Mozilla/5.0 (X11; Linux x86_64)',
      referrer: 'https://news.example/today',
      acceptLanguage: 'de-CH,de;q=0.9',
      query: 'utm_source=mail&qr=1',
      isPrefetch: false,
      isScan: true,
    },
    {
      ...plain,
      ip: '192.0.2.9',
      userAgent: '',
      referrer: '',
      acceptLanguage: '',
      query: '',
      isPrefetch: true,
      isScan: false,
    },
  ])
})

test.each([
  ['qr=1', true],
  ['a=b&qr=1&c=d', true],
  ['qr=12', false],
  ['xqr=1', false],
  ['qr=0', false],
])('?%s is a scan: %p', async (query, isScan) => {
  await using fixture = await aRedirector()
  await fixture.givenLink({ slug: 'go' })

  await fixture.app.request(`/go?${query}`)

  expect(fixture.clicks().map((click) => click.isScan)).toEqual([isScan])
})

test.each([
  { name: 'nothing but a path', target: '/go', headers: {} },
  { name: 'a query', target: '/go?a=b&c=%C3%BC+d;{}|\\^`[]', headers: {} },
  { name: 'a query of nothing', target: '/go?', headers: {} },
  { name: 'a scan', target: '/go?x&qr=1', headers: {} },
  {
    name: 'what a browser sends',
    target: '/go',
    headers: { 'user-agent': 'Mozilla/5.0 (X11)', referer: 'https://a.test/', 'accept-language': 'de' },
  },
  { name: 'bytes beyond ASCII', target: '/go', headers: { 'user-agent': 'caf\u00c3\u00a9 \u00e9' } },
  { name: 'a prefetch', target: '/go', headers: { 'sec-purpose': 'prefetch;prerender' } },
  { name: 'a purpose that is none', target: '/go', headers: { 'sec-purpose': 'other' } },
  { name: 'a proxy nobody trusts', target: '/go', headers: { 'x-forwarded-for': '6.6.6.6' } },
  {
    name: 'a trusted proxy',
    target: '/go',
    headers: { 'x-forwarded-for': '6.6.6.6, [2001:db8::7]:80' },
    proxies: 1,
  },
  { name: 'a trusted proxy that says nothing', target: '/go', headers: {}, proxies: 1 },
])('with $name the click is the same straight from the wire', async ({ target, headers, proxies = 0 }) => {
  await using fixture = await aRedirector({ trustProxy: proxies })
  await fixture.givenLink({ slug: 'go', target: 'https://example.com/x' })
  await fixture.bringIntoMemory('go')

  for (const method of ['GET', 'HEAD']) {
    expect(fixture.follow(method, target, headers)).toBe('https://example.com/x')
    await fixture.app.request(target, { method, headers })
  }

  const [, get, getAgain, head, headAgain] = fixture.clicks()
  expect(get).toBeDefined()
  expect(getAgain).toEqual(get)
  expect<unknown>(head).toEqual({ ...get, isHead: true })
  expect(headAgain).toEqual(head)
  expect(fixture.app.app.redirectCounts.redirected).toBe(5)
})

test('a query from the wire is recorded as the URL Standard writes it, or left to be written so', async () => {
  await using fixture = await aRedirector()
  await fixture.givenLink({ slug: 'go' })
  await fixture.bringIntoMemory('go')
  const recorded: string[] = []
  const expected: string[] = []

  fc.assert(
    fc.property(
      fc.string({ unit: fc.integer({ min: 0x21, max: 0xff }).map((n) => String.fromCharCode(n)) }),
      (query) => {
        if (query.includes('\x7f') || fixture.follow('GET', `/go?${query}`) === undefined) return
        recorded.push(fixture.clicks().at(-1)?.query ?? '')
        expected.push(new URL(`http://s.test/go?${query}`).search.slice(1))
      },
    ),
    { numRuns: 300 },
  )

  expect(recorded.length).toBeGreaterThan(20)
  expect(recorded).toEqual(expected)
})

test('what is no plain redirect is left to others, and nothing of it recorded', async () => {
  await using fixture = await aRedirector()
  await fixture.givenLink({ slug: 'go' })
  await fixture.givenLink({ slug: 'off', status: 'inactive' })
  await fixture.givenLink({ slug: 'brief', expiresAt: NOW })
  const targets = [
    '/',
    '/unknown',
    '/off',
    '/brief',
    '/go/',
    '/go;x',
    '//go',
    '/%67o',
    '/healthz',
    '/go?"',
    "/go?'",
    '/go#a',
  ]

  const followed = [
    ...targets.map((target) => fixture.follow('GET', target)),
    fixture.follow('GET', '/go', { referer: 'https://a.test/', Referer: 'https://b.test/' }),
    fixture.follow('GET', '/go', { 'user-agent': 'a', 'User-Agent': 'b' }),
  ]

  expect(followed).toEqual(followed.map(() => undefined))
  expect(fixture.clicks()).toEqual([])
  expect(fixture.app.app.redirectCounts).toEqual({
    shown: 0,
    redirected: 0,
    notFound: 0,
    expired: 0,
    failed: 0,
  })
})

test('where hosts are bound to APIs no path is a link before the host was looked at', async () => {
  await using fixture = await aRedirector({ apiHosts: new Map([['api.test', 'lnk7']]) })
  await fixture.givenLink({ slug: 'go' })

  expect(fixture.follow('GET', '/go')).toBeUndefined()
  expect((await fixture.app.request('/go')).status).toBe(302)
})

test('a link that has to be waited for is read once for whoever answers, and one that cannot be read breaks nothing', async () => {
  const read = Promise.withResolvers<RedirectRow | undefined>()
  let reads = 0
  const waiting = new LinkSource({
    read: () => {
      reads++
      return read.promise
    },
    cacheBytes: 1e6,
  })
  const broken = new LinkSource({
    read: () => {
      throw new Error('no database')
    },
    cacheBytes: 1e6,
  })
  const failing = new LinkSource({ read: () => Promise.reject(new Error('no database')), cacheBytes: 1e6 })

  expect([waiting, broken, failing].map((source) => source.findAtOnce(Buffer.from('go'), 0, 2))).toEqual([
    undefined,
    undefined,
    undefined,
  ])
  const found = waiting.find('go')
  read.resolve(aRow())

  expect((await found)?.linkId).toBe(1)
  expect(waiting.findAtOnce(Buffer.from('/go'), 1, 3)?.linkId).toBe(1)
  expect(reads).toBe(1)
})

test('an IPv4 address is recorded in its own notation however the connection shows it', async () => {
  await using fixture = await aRedirector()
  await fixture.givenLink({ slug: 'go' })

  await fixture.app.request('/go', { ip: '::ffff:192.0.2.9' })

  expect(fixture.clicks().map((click) => click.ip)).toEqual(['192.0.2.9'])
})

test('nothing is recorded where nobody is redirected', async () => {
  await using fixture = await aRedirector()
  await fixture.givenLink({ slug: 'off', status: 'inactive' })
  await fixture.givenLink({ slug: 'brief', expiresAt: NOW })

  const statuses: number[] = []
  for (const path of ['/off', '/brief', '/unknown']) statuses.push((await fixture.app.request(path)).status)

  expect(statuses).toEqual([404, 410, 404])
  expect(fixture.clicks()).toEqual([])
  expect(fixture.app.app.redirectCounts).toEqual({
    redirected: 0,
    shown: 0,
    notFound: 2,
    expired: 1,
    failed: 0,
  })
})

test('a page allows its own style by hash, and nothing else', async () => {
  await using fixture = await aRedirector()

  const response = await fixture.app.request('/unknown')
  const page = await response.text()

  const style = /<style>(.*)<\/style>/s.exec(page)?.[1] ?? ''
  const hash = createHash('sha256').update(style).digest('base64')
  expect(response.headers.get('content-security-policy')).toBe(
    `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  )
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  expect(response.headers.get('cache-control')).toBe('no-store')
})

test('a page shows nothing of what was asked for, and escapes what it shows', async () => {
  await using fixture = await aRedirector()

  const page = await (await fixture.app.request('/<script>alert(1)</script>?<b>')).text()

  expect(page).not.toContain('alert')
  expect(page).not.toContain('<b>')
  expect(html`<p title="${`"'`}">${'<b>&'}${html`<i></i>`}</p>`.html).toBe(
    '<p title="&#34;&#39;">&#60;b&#62;&#38;<i></i></p>',
  )
})

test('a link that cannot be read answers 503, and is read again the next time', async () => {
  let isBroken = true
  const errors: unknown[] = []
  const redirect = createRedirect({
    links: new LinkSource({
      read: () => (isBroken ? Promise.reject(new Error('no database')) : Promise.resolve(aRow())),
      cacheBytes: 1e6,
    }),
    pages: { render: () => Promise.resolve(undefined) },
    spool: { append: () => {}, appendInPlace: () => {} },
    nowMs: Date.now,
    trustedProxies: 0,
    onError: (error) => errors.push(error),
  })
  const follow = () => redirect.answer(new Request('http://s.test/go'), 'go', '192.0.2.1')

  const response = await follow()
  isBroken = false
  const next = await follow()

  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5'])
  expect(errors).toEqual([new Error('no database')])
  expect(next.status).toBe(302)
  expect(redirect.counts).toEqual({ redirected: 1, shown: 0, notFound: 0, expired: 0, failed: 1 })
})

test('links in memory never take more than their budget', () => {
  const entryBytes = 1_000
  const cache = new LinkCache(20 * entryBytes)

  for (let n = 0; n < 1_000; n++) {
    cache.set(`slug-${n}`, aLink({ location: `https://example.com/${'x'.repeat(entryBytes)}` }))
    expect(cache.size).toBeLessThanOrEqual(20)
  }

  expect(cache.get('slug-999')).toBeDefined()
  expect(cache.get('slug-0')).toBeUndefined()
})

test('a link that is followed now and then outlives those that are not', () => {
  const cache = new LinkCache(10_000)
  cache.set('hot', aLink())
  cache.set('cold', aLink())

  for (let n = 0; n < 1_000; n++) {
    cache.set(`slug-${n}`, aLink())
    cache.get('hot')
  }

  expect(cache.get('hot')).toBeDefined()
  expect(cache.get('cold')).toBeUndefined()
})

test('whatever is kept, changed and forgotten, every link is found as it was kept last', () => {
  const slug = fc.integer({ min: 0, max: 400 }).map((n) => `s${n}`)
  const link = fc.record({
    linkId: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
    teamId: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
    location: fc.webUrl(),
    hasPage: fc.boolean(),
    isActive: fc.boolean(),
    expiresAtMs: fc.constantFrom(0, 1_795_262_400_123, Infinity),
  })
  const step = fc.tuple(slug, fc.option(link, { nil: undefined, freq: 5 }))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 2_000, size: 'max' }), (steps) => {
      const cache = new LinkCache(1e7)
      const model = new Map<string, RedirectLink>()
      for (const [name, kept] of steps) {
        if (kept === undefined) {
          cache.delete(name)
          model.delete(name)
        } else {
          cache.set(name, kept)
          model.set(name, kept)
        }
      }
      for (let n = 0; n <= 400; n++) expect(cache.get(`s${n}`)).toEqual(model.get(`s${n}`))
      expect(cache.size).toBe(model.size)
    }),
    { numRuns: 20 },
  )
})

test('of a hundred thousand links each is found, and no other slug is', () => {
  const cache = new LinkCache(64 * 1024 * 1024)
  const slugOf = (n: number) => n.toString(36).padStart(7, '-')
  for (let n = 0; n < 100_000; n++) cache.set(slugOf(n), aLink({ linkId: n }))

  for (let n = 0; n < 100_000; n++) expect(cache.get(slugOf(n))?.linkId).toBe(n)
  for (let n = 100_000; n < 101_000; n++) expect(cache.get(slugOf(n))).toBeUndefined()
  expect(cache.size).toBe(100_000)
})

test('the longest location there can be is kept, in a small memory too', () => {
  const location = `https://example.com/${'%E6%97%A5'.repeat(8_192)}`
  for (const budget of [100_000, 1e8]) {
    const cache = new LinkCache(budget)
    for (const slug of ['one', 'two', 'three']) cache.set(slug, aLink({ location }))
    expect(cache.get('three')?.location).toBe(location)
  }
})

test('a link that is forgotten is gone from both generations', () => {
  const cache = new LinkCache(3_000)
  cache.set('go', aLink({ linkId: 1 }))
  for (let n = 0; cache.size < 9; n++) cache.set(`slug-${n}`, aLink())
  cache.get('go')

  cache.delete('go')

  expect(cache.get('go')).toBeUndefined()
})

test('a read that is under way while the link changes is answered and not kept', async () => {
  const reads: PromiseWithResolvers<RedirectRow | undefined>[] = []
  const source = new LinkSource({
    read: () => {
      const read = Promise.withResolvers<RedirectRow | undefined>()
      reads.push(read)
      return read.promise
    },
    cacheBytes: 1e6,
  })

  const before = source.find('go')
  source.forget('go')
  const after = source.find('go')
  reads[1]?.resolve(aRow({ target: 'https://example.com/new' }))
  await after
  reads[0]?.resolve(aRow({ target: 'https://example.com/old' }))
  await before

  expect(reads).toHaveLength(2)
  expect(source.peek('go')?.location).toBe('https://example.com/new')
})

test('requests for one link that come together share one read', async () => {
  const read = Promise.withResolvers<RedirectRow | undefined>()
  let reads = 0
  const source = new LinkSource({
    read: () => {
      reads++
      return read.promise
    },
    cacheBytes: 1e6,
  })

  const found = Promise.all([source.find('go'), source.find('go')])
  read.resolve(aRow())

  expect((await found).map((link) => link?.linkId)).toEqual([1, 1])
  expect(reads).toBe(1)
})

test('a slug that is no link is asked of the database once until the memory of it is swept', () => {
  let reads = 0
  const source = new LinkSource({
    read: () => {
      reads++
      return undefined
    },
    cacheBytes: 1e6,
  })

  const found = [source.find('nobody'), source.find('nobody')]
  expect(found).toEqual([undefined, undefined])
  expect(reads).toBe(1)

  source.forgetUnknown()
  expect(source.find('nobody')).toBeUndefined()
  expect(reads).toBe(2)
})

interface Redirector extends AsyncDisposable {
  readonly app: TestApp
  readonly account: TestAccount
  givenLink(
    changes: Partial<Omit<NewLink, 'slug' | 'target' | 'payload'>> & { slug: string; target?: string },
  ): Promise<Link>
  /** Follow the link once, so that it need not be waited for. */
  bringIntoMemory(slug: string): Promise<void>
  /** Ask straight from the wire. */
  follow(method: string, target: string, headers?: Readonly<Record<string, string>>): string | undefined
  /** What the spool holds. */
  clicks(): readonly Click[]
}

async function aRedirector(config: Partial<AppConfig> = {}): Promise<Redirector> {
  const app = await testApp({ config })
  const account = await app.givenAccount()
  const ctx = { ...app.app.services, actor: await authenticateKey(app.app.services, account.key.secret) }
  return {
    app,
    account,
    givenLink: ({ slug, target = 'https://example.com/', ...changes }) =>
      createLink(ctx, { slug: parseSlug(slug), target: parseTargetUrl(target), source: 'api', ...changes }),
    async bringIntoMemory(slug) {
      expect((await app.request(`/${slug}`)).status).toBe(302)
    },
    follow(method, target, headers = {}) {
      const lines = Object.entries({ host: 's.test', ...headers }).map(
        ([name, value]) => `${name}: ${value}\r\n`,
      )
      const bytes = Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1')
      const head = new RequestHead()
      if (head.parse(bytes, 0, bytes.length) !== bytes.length) throw new Error('no head')
      const found = app.app.follow(head, bytes, '192.0.2.1')
      return found?.bytes.toString('latin1', found.locationStart, found.locationEnd)
    },
    clicks() {
      using reader = openSpoolReader(join(app.dir, 'spool'))
      return reader.read({ segment: 1, offset: 0 }, 1_000).clicks.map((spooled) => spooled.click)
    },
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  }
}

function aRow(changes: Partial<RedirectRow> = {}): RedirectRow {
  return {
    id: 1,
    team_id: 1,
    target: 'https://example.com/',
    status: 'active',
    expires_at_ms: null,
    ...changes,
  }
}

function aLink(changes: Partial<RedirectLink> = {}): RedirectLink {
  return {
    linkId: 1,
    teamId: 1,
    location: 'https://example.com/',
    hasPage: false,
    isActive: true,
    expiresAtMs: Infinity,
    ...changes,
  }
}
