import { expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { authenticateKey } from '#core/accounts/api-keys.ts'
import { openSpoolReader } from '#core/clicks/spool-reader.ts'
import type { Click } from '#core/clicks/spool-record.ts'
import type { Ctx } from '#core/context.ts'
import { createLink } from '#core/links/create-link.ts'
import { type Link, type LinkStatus, parseSlug, parseTargetUrl } from '#core/links/link.ts'
import { deleteLink, updateLink } from '#core/links/manage-links.ts'
import { parsePayload, type PayloadKind } from '#core/links/payload.ts'
import { readQrBitmap, scanQr } from '#testing/read-qr.ts'
import { BASE, NOW, type TestApp, testApp } from '#testing/test-app.ts'

const WIFI = { ssid: 'MyNet', password: 'secret123' }
const HOSTILE = `"><script>alert(1)</script>&'\u202E`

test('the short address of a typed link leads to its page, query and all, and does not count', async () => {
  await using fixture = await started()
  await fixture.givenLink('guests', 'wifi', WIFI)

  const first = await fixture.app.request('/guests')
  const fromMemory = await fixture.app.request('/guests?qr=1&utm_source=ä', { method: 'HEAD' })

  expect([first.status, first.headers.get('location')]).toEqual([302, '/l/guests'])
  expect([fromMemory.status, fromMemory.headers.get('location')]).toEqual([
    302,
    '/l/guests?qr=1&utm_source=%C3%A4',
  ])
  expect(fixture.clicks()).toEqual([])
})

test('the page counts: who came, with what, from where, how, and whether by its QR code', async () => {
  await using fixture = await started()
  const link = await fixture.givenLink('guests', 'wifi', WIFI)

  await fixture.app.request('/l/guests?qr=1', {
    ip: '2001:db8::7',
    headers: { 'user-agent': 'curl/8', referer: 'https://news.example/', 'accept-language': 'de' },
  })
  await fixture.app.request('/l/guests', { method: 'HEAD' })
  await fixture.app.request('/l/guests', { headers: { 'sec-purpose': 'prefetch' } })

  expect(fixture.clicks()).toEqual([
    {
      atMs: NOW.getTime(),
      linkId: link.id,
      teamId: link.teamId,
      isHead: false,
      isPrefetch: false,
      isScan: true,
      ip: '2001:db8::7',
      userAgent: 'curl/8',
      referrer: 'https://news.example/',
      acceptLanguage: 'de',
      query: 'qr=1',
    },
    expect.objectContaining({ isHead: true, isPrefetch: false, isScan: false }),
    expect.objectContaining({ isHead: false, isPrefetch: true, isScan: false }),
  ])
  expect(fixture.app.app.redirectCounts).toMatchObject({ redirected: 0, shown: 3 })
})

test('/l/ and the slug of a link that redirects follows it, counted once', async () => {
  await using fixture = await started()
  await createLink(fixture.ctx, {
    target: parseTargetUrl('https://example.com/'),
    slug: parseSlug('go'),
    source: 'api',
  })

  const response = await fixture.app.request('/l/go')
  const file = await fixture.app.request('/l/go.vcf')

  expect([response.status, response.headers.get('location')]).toEqual([302, 'https://example.com/'])
  expect(file.status).toBe(404)
  expect(fixture.clicks()).toHaveLength(1)
})

test.each([
  { status: 'active', expiresAt: undefined, answer: 200, hop: 302 },
  { status: 'archived', expiresAt: undefined, answer: 200, hop: 302 },
  { status: 'inactive', expiresAt: undefined, answer: 404, hop: 404 },
  { status: 'active', expiresAt: new Date(NOW.getTime() + 1), answer: 200, hop: 302 },
  { status: 'active', expiresAt: NOW, answer: 410, hop: 410 },
] as const)('an $status link that expires $expiresAt answers $answer', async ({ answer, hop, ...facts }) => {
  await using fixture = await started()
  await fixture.givenLink('card', 'vcard', { name: 'Ada' }, facts)

  const statuses: number[] = []
  for (const path of ['/l/card', '/l/card.vcf', '/card'])
    statuses.push((await fixture.app.request(path)).status)

  expect(statuses).toEqual([answer, answer, hop])
  expect(fixture.clicks()).toHaveLength(answer === 200 ? 1 : 0)
})

test.each([
  '/l/',
  '/l/nobody',
  '/l/guests/',
  '/l/guests/qr',
  '/l/guests.png',
  '/l/a.b',
  '/l/%67uests',
  '/l//guests',
])('%s is not found, and nothing is counted', async (path) => {
  await using fixture = await started()
  await fixture.givenLink('guests', 'wifi', WIFI)

  const response = await fixture.app.request(path)

  expect(response.status).toBe(404)
  expect(await response.text()).toContain('<h1>There is no such link</h1>')
  expect(fixture.clicks()).toEqual([])
})

test('a page takes GET and HEAD alone', async () => {
  await using fixture = await started()
  await fixture.givenLink('guests', 'wifi', WIFI)

  const response = await fixture.app.request('/l/guests', { method: 'POST' })

  expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  expect(fixture.clicks()).toEqual([])
})

test('a Wi-Fi page shows name and password, and a code that joins the network', async () => {
  await using fixture = await started()
  await fixture.givenLink('guests', 'wifi', { ssid: 'My;Net', password: 'sec"ret<1>', hidden: true })

  const page = await (await fixture.app.request('/l/guests')).text()

  expect(page).toContain('<title>My;Net</title>')
  expect(page).toContain('<h1><bdi lang="">My;Net</bdi></h1>')
  expect(page).toContain('<code dir="auto" lang="" translate="no">My;Net</code>')
  expect(page).toContain('<code dir="ltr" lang="" translate="no">sec&#34;ret&#60;1&#62;</code>')
  expect(page).toContain('Hidden')
  expect(scanOf(page)).toBe('WIFI:T:WPA;S:My\\;Net;P:sec\\"ret<1>;H:true;;')
})

test('an open network has no password to show', async () => {
  await using fixture = await started()
  await fixture.givenLink('open', 'wifi', { ssid: 'Open' }, { title: 'Lobby' })

  const page = await (await fixture.app.request('/l/open')).text()

  expect(page).toContain('<h1><bdi lang="">Lobby</bdi></h1>')
  expect(page).not.toContain('<dt>Password</dt>')
  expect(scanOf(page)).toBe('WIFI:T:nopass;S:Open;;')
})

test('a contact page shows the card, and its code and file hold it', async () => {
  await using fixture = await started()
  await fixture.givenLink('ada', 'vcard', {
    name: 'Ada Łovelace',
    org: 'Engines',
    title: 'Head',
    phone: '+44 (20) 7946-0000 x12',
    mobile: '*100#',
    email: 'ada&co@example.com',
    url: 'https://engines.example/?a=1&b=2',
    address: { street: '12 Square', city: 'London', zip: 'SW1' },
    note: 'One\nTwo',
  })

  const page = await (await fixture.app.request('/l/ada')).text()
  const file = await fixture.app.request('/l/ada.vcf')
  const text = await file.text()

  expect(page).toContain('<h1><bdi lang="">Ada Łovelace</bdi></h1>')
  expect(page).toContain('<bdi lang="">Head · Engines</bdi>')
  expect(page).toContain('href="/l/ada.vcf"')
  expect(page).toContain('href="tel:+442079460000;ext=12"')
  expect(page).toContain('href="tel:*100%23"')
  expect(page).toContain('href="mailto:ada%26co@example.com"')
  expect(page).toContain('href="https://engines.example/?a=1&#38;b=2"')
  expect(page).toContain('<bdi lang="">12 Square\nSW1 London</bdi>')
  expect(page).toContain('<bdi lang="">One\nTwo</bdi>')
  expect(scanOf(page)).toBe(text)
  expect(text).toStartWith('BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ada Łovelace\r\n')
  expect(Object.fromEntries(file.headers)).toMatchObject({
    'content-type': 'text/vcard; charset=utf-8; version=3.0',
    'content-disposition': `attachment; filename=contact.vcf; filename*=UTF-8''Ada%20%C5%81ovelace.vcf`,
    'x-content-type-options': 'nosniff',
    'x-robots-tag': 'noindex',
    'cache-control': 'no-store',
  })
  expect(fixture.clicks()).toHaveLength(1)
})

test('a contact too long for a code that is easily read has one that leads to its page', async () => {
  await using fixture = await started()
  await fixture.givenLink('ada', 'vcard', { name: 'Ada', note: 'x'.repeat(1_000), version: '4.0' })

  const page = await (await fixture.app.request('/l/ada')).text()

  expect(scanOf(page)).toBe(`${BASE}/l/ada?qr=1`)
  expect(page).toContain('alt="QR code that leads to this page"')
})

test.each(['/../etc/passwd', '.htaccess', '"a"\\b*?', '...'])(
  'a file is safely named after %s',
  async (name) => {
    await using fixture = await started()
    await fixture.givenLink('c', 'vcard', { name })

    const file = await fixture.app.request('/l/c.vcf')

    const encoded = /filename\*=UTF-8''(.*)$/.exec(file.headers.get('content-disposition') ?? '')?.[1]
    expect(decodeURIComponent(encoded ?? 'contact.vcf')).toMatch(/^[^./\\"*?][^/\\"*?]*\.vcf$/)
  },
)

test('a text page keeps line breaks and blanks, and leads to itself', async () => {
  await using fixture = await started()
  await fixture.givenLink('text', 'text', { text: ' One\n\n  two <b>\nساعات' })

  const page = await (await fixture.app.request('/l/text')).text()

  expect(page).toContain('<div class="text" dir="auto" lang=""> One\n\n  two &#60;b&#62;\nساعات</div>')
  expect(page).toContain('<h1 class="kind">Text</h1>')
  expect(scanOf(page)).toBe(`${BASE}/l/text?qr=1`)
})

test.each([
  { kind: 'wifi', payload: { ssid: HOSTILE.slice(0, 28), password: HOSTILE } },
  {
    kind: 'vcard',
    payload: {
      name: HOSTILE,
      org: HOSTILE,
      department: HOSTILE,
      title: HOSTILE,
      url: 'https://example.com/"><script>alert(1)</script>',
      address: { street: HOSTILE, city: HOSTILE, country: HOSTILE },
      note: HOSTILE,
    },
  },
  { kind: 'text', payload: { text: HOSTILE } },
] as const)(
  'whatever a $kind link holds, its page runs none of it and may load nothing',
  async ({ kind, payload }) => {
    await using fixture = await started()
    await fixture.givenLink('x', kind, payload, { title: HOSTILE })

    const response = await fixture.app.request('/l/x')
    const page = await response.text()

    expect(response.status).toBe(200)
    expect(page).not.toContain('<script')
    expect(page).not.toMatch(/\son\w+=/)
    // Everything that is a tag is one of ours.
    expect(
      new Set([...page.matchAll(/<\/?([a-z0-9]+)/g)].map(([, name]) => name)).difference(OUR_TAGS).size,
    ).toBe(0)
    const style = /<style>(.*?)<\/style>/s.exec(page)?.[1] ?? ''
    const hash = createHash('sha256').update(style).digest('base64')
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': `default-src 'none'; style-src 'sha256-${hash}'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    })
    expect(page).toContain('<meta name="robots" content="noindex" />')
  },
)

const OUR_TAGS = new Set(
  'html head meta title style body main p h1 bdi figure img figcaption dl div dt dd code a'.split(' '),
)

test('the next page shows a new payload, and none when the link is deleted', async () => {
  await using fixture = await started()
  await fixture.givenLink('guests', 'wifi', WIFI)
  await fixture.app.request('/l/guests')

  await updateLink(fixture.ctx, { slug: 'guests' }, { payload: parsePayload('wifi', { ssid: 'Other' }) })
  const changed = await (await fixture.app.request('/l/guests')).text()
  await deleteLink(fixture.ctx, { slug: 'guests' })
  const deleted = await fixture.app.request('/l/guests')

  expect(scanOf(changed)).toBe('WIFI:T:nopass;S:Other;;')
  expect(deleted.status).toBe(404)
})

test('a page that cannot be read now answers 503 and counts nothing', async () => {
  await using fixture = await started()
  await fixture.givenLink('guests', 'wifi', WIFI)
  await fixture.app.request('/guests')
  await fixture.ctx.db.schema.alterTable('link').renameColumn('payload', 'lost').execute()

  const response = await fixture.app.request('/l/guests')
  await fixture.ctx.db.schema.alterTable('link').renameColumn('lost', 'payload').execute()

  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5'])
  expect(fixture.clicks()).toEqual([])
})

interface Fixture extends AsyncDisposable {
  readonly app: TestApp
  readonly ctx: Ctx
  givenLink(
    slug: string,
    kind: PayloadKind,
    payload: object,
    facts?: { title?: string; status?: LinkStatus; expiresAt?: Date | undefined },
  ): Promise<Link>
  /** What the spool holds. */
  clicks(): readonly Click[]
}

async function started(): Promise<Fixture> {
  const app = await testApp()
  const { key } = await app.givenAccount()
  const ctx = { ...app.app.services, actor: await authenticateKey(app.app.services, key.secret) }
  return {
    app,
    ctx,
    givenLink: (slug, kind, payload, facts = {}) =>
      createLink(ctx, {
        slug: parseSlug(slug),
        payload: parsePayload(kind, payload),
        source: 'api',
        ...facts,
      }),
    clicks() {
      using reader = openSpoolReader(join(app.dir, 'spool'))
      return reader.read({ segment: 1, offset: 0 }, 1_000).clicks.map((spooled) => spooled.click)
    },
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  }
}

/** What a camera reads in the image of a page. */
function scanOf(page: string): string | undefined {
  const [, contentType = '', base64 = ''] = /src="data:(image\/png);base64,([^"]+)"/.exec(page) ?? []
  return scanQr(readQrBitmap(Buffer.from(base64, 'base64'), contentType))
}
