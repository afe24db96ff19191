import { expect, test } from 'bun:test'
import { getUsage } from '#core/billing/usage.ts'
import { addCredits, findCredits } from '#core/billing/usage-queries.ts'
import { type Ctx, inTransaction } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import { createLink } from '#core/links/create-link.ts'
import { parseSlug, parseTargetUrl } from '#core/links/link.ts'
import { deleteLinkRow, findLinksByIds } from '#core/links/link-queries.ts'
import { authenticateKey } from '#core/accounts/api-keys.ts'
import type { Ability } from '#core/permissions.ts'
import { readQrBitmap, scanQr } from '#testing/read-qr.ts'
import { BASE, NOW, type TestApp, testApp } from '#testing/test-app.ts'
import { createQrCode } from './create-qr-code.ts'
import { countTeamQrCodes, deleteQrCode, getQrCode, listQrCodes, updateQrCode } from './manage-qr-codes.ts'
import { renderPublicQr, renderQrCode } from './qr-images.ts'
import { findLinkIdsWithQr } from './qr-queries.ts'
import { DEFAULT_QR_STYLE, parseQrStyle } from './qr-style.ts'

test('a link gets a QR code in the default style, or the style that is asked for', async () => {
  await using app = await testApp()
  const ctx = await givenMember(app)
  const plain = await givenLink(ctx, 'plain')
  const styled = await givenLink(ctx, 'styled')

  const first = await createQrCode(ctx, { slug: 'plain', style: {} })
  const second = await createQrCode(ctx, {
    slug: 'styled',
    style: parseQrStyle({ color: '00F', sizePx: 500, format: 'svg', errorCorrection: 'Q' }),
  })

  expect(first).toEqual({ link: plain, style: DEFAULT_QR_STYLE, createdAt: NOW, updatedAt: NOW })
  expect(second.link).toEqual(styled)
  expect(second.style as unknown).toEqual({
    color: '#0000ff',
    background: '#ffffff',
    sizePx: 500,
    format: 'svg',
    errorCorrection: 'Q',
  })
  expect(await getQrCode(ctx, 'plain')).toEqual(first)
  expect(await getQrCode(ctx, 'styled')).toEqual(second)
})

test('the image leads to the short link with the mark of a scan', async () => {
  await using app = await testApp()
  const ctx = await givenMember(app)
  await givenLink(ctx, 'promo')
  await createQrCode(ctx, { slug: 'promo', style: parseQrStyle({ format: 'svg', sizePx: 200 }) })

  const own = await renderQrCode(ctx, 'promo')
  const png = await renderPublicQr(app.app.services, 'promo', 'png')
  const svg = await renderPublicQr(app.app.services, 'promo', 'svg')

  expect(own.contentType).toBe('image/svg+xml')
  expect(svg).toEqual(own)
  expect(png.contentType).toBe('image/png')
  for (const image of [png, svg]) {
    const bitmap = readQrBitmap(image.body, image.contentType)
    expect(bitmap.sizePx).toBe(200)
    expect(scanQr(bitmap)).toBe(`${BASE}/promo?qr=1`)
  }
})

test('what a scanner reads leads to the target of the link', async () => {
  await using app = await testApp()
  const ctx = await givenMember(app)
  await givenLink(ctx, 'promo')
  await createQrCode(ctx, { slug: 'promo', style: {} })
  const { body, contentType } = await renderQrCode(ctx, 'promo')

  const response = await app.request(scanQr(readQrBitmap(body, contentType)) ?? '')

  expect(response.status).toBe(302)
  expect(response.headers.get('location')).toBe('https://example.com/promo')
})

test('a link has one QR code at most, and a second attempt costs nothing', async () => {
  await using app = await testApp()
  const ctx = await givenMember(app)
  await givenLink(ctx, 'promo')

  const attempts = await Promise.allSettled(
    ['#111', '#222', '#333'].map((color) =>
      createQrCode(ctx, { slug: 'promo', style: parseQrStyle({ color }) }),
    ),
  )

  expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  for (const attempt of attempts)
    if (attempt.status === 'rejected')
      expect(attempt.reason).toMatchObject({ code: 'qr-code-exists', details: { slug: 'promo' } })
  expect((await listQrCodes(ctx, { offset: 0, limit: 10 })).total).toBe(1)
  expect((await usageOf(ctx)).used).toBe(1)
})

test('QR codes are counted by the month, then against credits, then refused with nothing left behind', async () => {
  await using app = await testApp()
  const ctx = await givenMember(app, { plan: 'Free' })
  for (const slug of ['a', 'b', 'c', 'd', 'e']) await givenLink(ctx, slug)
  for (const slug of ['a', 'b', 'c', 'd', 'e']) await createQrCode(ctx, { slug, style: {} })
  const teamId = teamOf(ctx)
  await deleteQrCode(ctx, 'a')
  await addCredits(ctx.db, teamId, 'qr-codes', 1)

  await createQrCode(ctx, { slug: 'a', style: {} })
  await deleteQrCode(ctx, 'a')
  const refused = await refusal(createQrCode(ctx, { slug: 'a', style: {} }))

  expect(refused).toEqual({
    code: 'limit-reached',
    details: {
      metric: 'qr-codes',
      limit: 5,
      plan: 'Free',
      recommended: { name: 'Starter', priceMonthly: 5, limit: 25 },
    },
  })
  expect(await findCredits(ctx.db, teamId, 'qr-codes')).toBe(0)
  expect(await countTeamQrCodes(ctx)).toBe(4)
  expect(await refusal(getQrCode(ctx, 'a'))).toEqual({ code: 'qr-code-not-found', details: { slug: 'a' } })
})

test('a change redraws the code with what it does not name left as it was, and is free', async () => {
  await using app = await testApp()
  const ctx = await givenMember(app)
  await givenLink(ctx, 'promo')
  await createQrCode(ctx, { slug: 'promo', style: parseQrStyle({ color: '#123', sizePx: 200 }) })
  const before = await renderQrCode(ctx, 'promo')
  const later = new Date(NOW.getTime() + 60_000)
  app.setNow(later)

  const updated = await updateQrCode(
    ctx,
    'promo',
    parseQrStyle({ background: '#ffc', format: 'svg', sizePx: 400, errorCorrection: 'H' }),
  )

  expect(updated).toMatchObject({
    style: { color: '#112233', background: '#ffffcc', sizePx: 400, format: 'svg', errorCorrection: 'H' },
    createdAt: NOW,
    updatedAt: later,
  } as never)
  expect(await getQrCode(ctx, 'promo')).toEqual(updated)
  const after = await renderQrCode(ctx, 'promo')
  expect(after.digest).not.toBe(before.digest)
  expect(scanQr(readQrBitmap(after.body, after.contentType))).toBe(`${BASE}/promo?qr=1`)
  expect((await usageOf(ctx)).used).toBe(1)
})

test('the list is the newest first, in pages, with the length of the whole', async () => {
  await using app = await testApp()
  const ctx = await givenMember(app)
  const other = await givenMember(app)
  await givenLink(other, 'foreign')
  await createQrCode(other, { slug: 'foreign', style: {} })
  for (const [minute, slug] of ['a', 'b', 'c', 'd'].entries()) {
    await givenLink(ctx, slug)
    app.setNow(new Date(NOW.getTime() + (4 - minute) * 60_000))
    if (slug !== 'd') await createQrCode(ctx, { slug, style: {} })
  }

  const pages = await Promise.all([0, 2, 4].map((offset) => listQrCodes(ctx, { offset, limit: 2 })))

  expect(pages.map(({ qrCodes, total }) => [total, ...qrCodes.map(({ link }) => link.slug)])).toEqual([
    [3, 'a', 'b'],
    [3, 'c'],
    [3],
  ] as never)
})

test('links know whether they have a QR code', async () => {
  await using app = await testApp()
  const ctx = await givenMember(app)
  const links = [await givenLink(ctx, 'a'), await givenLink(ctx, 'b'), await givenLink(ctx, 'c')]
  const ids = links.map(({ id }) => id)
  await createQrCode(ctx, { slug: 'a', style: {} })
  await createQrCode(ctx, { slug: 'c', style: {} })

  expect(await findLinkIdsWithQr(ctx.db, ids.slice(0, 2))).toEqual(new Set([ids[0] ?? 0]))
  expect(await findLinkIdsWithQr(ctx.db, [])).toEqual(new Set())
  expect(await findLinksByIds(ctx.db, teamOf(ctx), ids.slice(1))).toEqual(
    new Map(links.slice(1).map((link) => [link.id, link])),
  )
  expect(await findLinksByIds(ctx.db, teamOf(await givenMember(app)), ids)).toEqual(new Map())
})

test('a QR code that is taken away is gone, and its link stays', async () => {
  await using app = await testApp()
  const ctx = await givenMember(app)
  const link = await givenLink(ctx, 'promo')
  await createQrCode(ctx, { slug: 'promo', style: {} })

  await deleteQrCode(ctx, 'promo')

  const gone = { code: 'qr-code-not-found', details: { slug: 'promo' } }
  expect(await refusal(renderQrCode(ctx, 'promo'))).toEqual(gone)
  expect(await refusal(renderPublicQr(ctx, 'promo', 'png'))).toEqual(gone)
  expect(await refusal(deleteQrCode(ctx, 'promo'))).toEqual(gone)
  expect(await findLinksByIds(ctx.db, link.teamId, [link.id])).toEqual(new Map([[link.id, link]]))
})

test('a deleted link takes its QR code with it', async () => {
  await using app = await testApp()
  const ctx = await givenMember(app)
  const { id, teamId } = await givenLink(ctx, 'promo')
  await createQrCode(ctx, { slug: 'promo', style: {} })

  await app.call('DELETE', `/api/v1/links/${id}`, { token: tokens.get(ctx) })

  expect(await findLinksByIds(ctx.db, teamId, [id])).toEqual(new Map())
  expect(await ctx.db.selectFrom('qr_code').selectAll().execute()).toEqual([])
  expect(await refusal(renderPublicQr(ctx, 'promo', 'png'))).toMatchObject({ code: 'qr-code-not-found' })
})

test('a link that is deleted while it gets its QR code leaves none behind', async () => {
  await using app = await testApp()
  const ctx = await givenMember(app)
  for (let round = 0; round < 20; round++) {
    const { id, teamId } = await givenLink(ctx, `promo${round}`)

    const [created] = await Promise.allSettled([
      createQrCode(ctx, { slug: `promo${round}`, style: {} }),
      inTransaction(ctx, (tx) => deleteLinkRow(tx.db, { teamId, name: { id } })),
    ])

    if (created.status === 'rejected') expect(created.reason).toMatchObject({ code: 'link-not-found' })
  }
  expect(await ctx.db.selectFrom('qr_code').selectAll().execute()).toEqual([])
})

test("another team's QR codes and links are not there", async () => {
  await using app = await testApp()
  const owner = await givenMember(app)
  const stranger = await givenMember(app)
  await givenLink(owner, 'promo')
  await givenLink(owner, 'bare')
  const mine = await createQrCode(owner, { slug: 'promo', style: {} })

  const gone = { code: 'qr-code-not-found', details: { slug: 'promo' } }
  expect(await refusal(createQrCode(stranger, { slug: 'bare', style: {} }))).toEqual({
    code: 'link-not-found',
    details: { link: 'bare' },
  })
  expect(await refusal(getQrCode(stranger, 'promo'))).toEqual(gone)
  expect(await refusal(updateQrCode(stranger, 'promo', parseQrStyle({ color: '#f00' })))).toEqual(gone)
  expect(await refusal(renderQrCode(stranger, 'promo'))).toEqual(gone)
  expect(await refusal(deleteQrCode(stranger, 'promo'))).toEqual(gone)
  expect(await listQrCodes(stranger, { offset: 0, limit: 10 })).toEqual({ qrCodes: [], total: 0 })
  expect((await usageOf(stranger)).used).toBe(0)
  expect(await getQrCode(owner, 'promo')).toEqual(mine)
})

test.each([
  ['an unknown slug', 'nothing'],
  ['a slug in the wrong case', 'PROMO'],
  ['no slug', ''],
  ['text no database takes', '\0'],
  ['a path', '../promo'],
  ['a long text', 'x'.repeat(10_000)],
])('there is no QR code of %s', async (_, slug) => {
  await using app = await testApp()
  const ctx = await givenMember(app)
  await givenLink(ctx, 'promo')
  await createQrCode(ctx, { slug: 'promo', style: {} })

  expect(await refusal(createQrCode(ctx, { slug, style: {} }))).toMatchObject({ code: 'link-not-found' })
  for (const attempt of [
    () => getQrCode(ctx, slug),
    () => updateQrCode(ctx, slug, {}),
    () => deleteQrCode(ctx, slug),
    () => renderQrCode(ctx, slug),
    () => renderPublicQr(ctx, slug, 'png'),
  ])
    expect(await refusal(attempt())).toEqual({ code: 'qr-code-not-found', details: { slug } })
})

test('reading and writing QR codes are abilities of their own', async () => {
  await using app = await testApp()
  const owner = await givenMember(app)
  await givenLink(owner, 'promo')
  await createQrCode(owner, { slug: 'promo', style: {} })
  const limitedTo = (...abilities: Ability[]): Ctx => ({
    ...owner,
    actor: { ...memberOf(owner), abilities: new Set(abilities) },
  })
  const reader = limitedTo('qr:read')
  const writer = limitedTo('qr:write')
  const nobody: Ctx = { ...owner, actor: { kind: 'anonymous', credential: 'missing' } }

  expect((await getQrCode(reader, 'promo')).link.slug as string).toBe('promo')
  expect((await updateQrCode(writer, 'promo', {})).link.slug as string).toBe('promo')
  for (const attempt of [
    () => createQrCode(reader, { slug: 'promo', style: {} }),
    () => updateQrCode(reader, 'promo', {}),
    () => deleteQrCode(reader, 'promo'),
  ])
    expect(await refusal(attempt())).toEqual({ code: 'forbidden', details: { ability: 'qr:write' } })
  for (const attempt of [
    () => getQrCode(writer, 'promo'),
    () => listQrCodes(writer, { offset: 0, limit: 1 }),
    () => renderQrCode(writer, 'promo'),
  ])
    expect(await refusal(attempt())).toEqual({ code: 'forbidden', details: { ability: 'qr:read' } })
  for (const attempt of [
    () => getQrCode(nobody, 'promo'),
    () => createQrCode(nobody, { slug: 'promo', style: {} }),
    () => countTeamQrCodes(nobody),
  ])
    expect(await refusal(attempt())).toEqual({ code: 'unauthenticated', details: { reason: 'missing' } })
})

test('a style the address does not fit is refused, and what there was stays', async () => {
  const baseUrl = `http://${'long.'.repeat(48)}test`
  await using app = await testApp({ config: { baseUrl: { host: new URL(baseUrl).host, href: baseUrl } } })
  const ctx = await givenMember(app)
  const slug = 'x'.repeat(64)
  await givenLink(ctx, slug)

  const tooSmall = parseQrStyle({ sizePx: 100, errorCorrection: 'H' })
  const refused = await refusal(createQrCode(ctx, { slug, style: tooSmall }))
  const created = await createQrCode(ctx, { slug, style: {} })

  const details = { field: 'sizePx', problem: 'must be at least 101 for a text of this length' }
  expect(refused).toEqual({ code: 'qr-style-invalid', details })
  expect(await refusal(updateQrCode(ctx, slug, tooSmall))).toEqual({ code: 'qr-style-invalid', details })
  expect(await getQrCode(ctx, slug)).toEqual(created)
  expect((await usageOf(ctx)).used).toBe(1)
})

/** The secret of the key a context was made with. */
const tokens = new WeakMap<Ctx, string>()

async function givenMember(app: TestApp, options: { readonly plan?: string } = {}): Promise<Ctx> {
  const { key } = await app.givenAccount(options)
  const ctx: Ctx = { ...app.app.services, actor: await authenticateKey(app.app.services, key.secret) }
  tokens.set(ctx, key.secret)
  return ctx
}

async function givenLink(ctx: Ctx, slug: string) {
  const target = parseTargetUrl(`https://example.com/${slug}`)
  return createLink(ctx, { target, slug: parseSlug(slug), source: 'api' })
}

function memberOf({ actor }: Ctx) {
  if (actor.kind !== 'member') throw new Error('nobody is signed in')
  return actor
}

function teamOf(ctx: Ctx): number {
  return memberOf(ctx).teamId
}

async function usageOf(ctx: Ctx) {
  return getUsage(ctx, teamOf(ctx), 'qr-codes')
}

/** The code and facts of a refusal; undefined when there was none. */
async function refusal(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => {
      if (!(error instanceof DomainError)) throw error
      return { code: error.code, details: error.details }
    },
  )
}
