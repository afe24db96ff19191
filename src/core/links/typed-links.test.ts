import { expect, test } from 'bun:test'
import { authenticateKey } from '#core/accounts/api-keys.ts'
import { getUsage } from '#core/billing/usage.ts'
import type { Ctx } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import { createQrCode } from '#core/qr/create-qr-code.ts'
import { renderPublicQr, renderQrCode } from '#core/qr/qr-images.ts'
import { readQrBitmap, scanQr } from '#testing/read-qr.ts'
import { BASE, type TestApp, testApp } from '#testing/test-app.ts'
import { createLink } from './create-link.ts'
import { parseSlug, parseTargetUrl } from './link.ts'
import { linkTitle } from './link-title.ts'
import { getLink, parseLinkName, searchLinks, updateLink } from './manage-links.ts'
import { parsePayload } from './payload.ts'

const WIFI = parsePayload('wifi', { ssid: 'MyNet', password: 'secret123' })
const CARD = parsePayload('vcard', { firstName: 'Ada', phone: '+44 1', address: { city: 'London' } })
const TEXT = parsePayload('text', { text: 'Hello\n"world" \\ 🎉' })

async function memberOf(app: TestApp, plan = 'Pro'): Promise<{ ctx: Ctx; teamId: number }> {
  const { key } = await app.givenAccount({ plan })
  const actor = await authenticateKey(app.app.services, key.secret)
  return { ctx: { ...app.app.services, actor }, teamId: key.key.teamId }
}

async function refusal(promise: Promise<unknown>): Promise<{ code: string; details: unknown }> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof DomainError) return { code: error.code, details: error.details }
  throw new Error('it was not refused')
}

test.each([
  { payload: WIFI, title: 'MyNet' },
  { payload: CARD, title: 'Ada' },
  { payload: TEXT, title: 'Hello' },
])(
  'a $payload.kind link keeps its payload, leads nowhere, and is called $title',
  async ({ payload, title }) => {
    await using app = await testApp()
    const { ctx, teamId } = await memberOf(app)

    const created = await createLink(ctx, { payload, wantsPageInfo: true, source: 'api' })

    const { link } = await getLink(ctx, { id: created.id })
    expect(link).toEqual(created)
    expect([link.kind, link.target, linkTitle(link)]).toEqual([payload.kind, null, title])
    expect(link.payload).toEqual(payload)
    expect((await getUsage(app.app.services, teamId, 'links')).used).toBe(1)
    const { page_info } = await ctx.db.selectFrom('link').select('page_info').executeTakeFirstOrThrow()
    expect(page_info).toBe('none')
  },
)

test('a plan without typed links refuses them, and nothing is used up', async () => {
  await using app = await testApp()
  const { ctx, teamId } = await memberOf(app, 'Free')

  const refused = await refusal(createLink(ctx, { payload: WIFI, source: 'api' }))

  expect(refused).toEqual({ code: 'plan-required', details: { feature: 'typed-links', plan: 'Free' } })
  expect((await getUsage(app.app.services, teamId, 'links')).used).toBe(0)
  expect((await searchLinks(ctx, { offset: 0, limit: 10 }, {})).total).toBe(0)
})

test('a payload is replaced by one of its kind, with everything else left as it was', async () => {
  await using app = await testApp()
  const { ctx } = await memberOf(app)
  const created = await createLink(ctx, { payload: WIFI, title: 'Guests', source: 'api' })
  const changed = parsePayload('wifi', { ssid: 'Other' })

  const { link } = await updateLink(ctx, { id: created.id }, { payload: changed })

  expect(link).toEqual({ ...created, payload: changed })
})

test('a link stays of the kind it was made, and what is refused changes nothing', async () => {
  await using app = await testApp()
  const { ctx } = await memberOf(app)
  const target = parseTargetUrl('https://example.com/')
  const wifi = await createLink(ctx, { payload: WIFI, source: 'api' })
  const url = await createLink(ctx, { target, source: 'api' })

  const refusals = [
    await refusal(updateLink(ctx, { id: wifi.id }, { target, title: 'x' })),
    await refusal(updateLink(ctx, { id: wifi.id }, { payload: TEXT, title: 'x' })),
    await refusal(updateLink(ctx, { id: wifi.id }, { payload: WIFI, target, title: 'x' })),
    await refusal(updateLink(ctx, { id: url.id }, { payload: WIFI, title: 'x' })),
  ]

  expect(refusals.map(({ code }) => code)).toEqual(Array(4).fill('link-kind-fixed'))
  expect(refusals.map(({ details }) => details)).toEqual([
    { kind: 'wifi', wanted: 'url' },
    { kind: 'wifi', wanted: 'text' },
    { kind: 'wifi', wanted: 'url' },
    { kind: 'url', wanted: 'wifi' },
  ])
  expect((await getLink(ctx, { id: wifi.id })).link).toEqual(wifi)
  expect((await getLink(ctx, { id: url.id })).link).toEqual(url)
})

test("another team's typed link can be neither seen nor changed", async () => {
  await using app = await testApp()
  const { ctx: owner } = await memberOf(app)
  const { ctx: stranger } = await memberOf(app)
  const link = await createLink(owner, { payload: WIFI, source: 'api' })

  const refusals = [
    await refusal(getLink(stranger, { id: link.id })),
    await refusal(updateLink(stranger, { id: link.id }, { payload: parsePayload('wifi', { ssid: 'Mine' }) })),
  ]

  expect(refusals.map(({ code }) => code)).toEqual(['link-not-found', 'link-not-found'])
  expect(await parseLinkName(stranger, link.publicId)).toEqual({ slug: link.publicId })
  expect((await getLink(owner, { id: link.id })).link.payload).toEqual(WIFI)
})

test('a search looks at titles and slugs of typed links too', async () => {
  await using app = await testApp()
  const { ctx } = await memberOf(app)
  await createLink(ctx, { payload: WIFI, slug: parseSlug('lobby'), source: 'api' })
  await createLink(ctx, { payload: TEXT, title: 'Lobby rules', source: 'api' })
  await createLink(ctx, { payload: TEXT, source: 'api' })

  const found = await searchLinks(ctx, { offset: 0, limit: 10 }, { text: 'lobby' })

  expect(found.links.map(({ link }) => link.kind)).toEqual(['text', 'wifi'])
})

test('the QR code of a typed link leads to its page', async () => {
  await using app = await testApp()
  const { ctx } = await memberOf(app)
  await createLink(ctx, { payload: WIFI, slug: parseSlug('guests'), source: 'api' })
  await createQrCode(ctx, { slug: 'guests', style: {} })

  for (const image of [
    await renderQrCode(ctx, 'guests'),
    await renderPublicQr(app.app.services, 'guests', 'svg'),
  ])
    expect(scanQr(readQrBitmap(image.body, image.contentType))).toBe(`${BASE}/l/guests?qr=1`)
})

test('an id names its link even when the slug of another is written like it', async () => {
  await using app = await testApp()
  const { ctx } = await memberOf(app)
  const target = parseTargetUrl('https://example.com/')
  const first = await createLink(ctx, { target, source: 'api' })
  const second = await createLink(ctx, { target, slug: parseSlug(first.publicId), source: 'api' })

  expect(await parseLinkName(ctx, first.publicId)).toEqual({ id: first.id })
  expect(await parseLinkName(ctx, second.publicId)).toEqual({ id: second.id })
  expect(await parseLinkName(ctx, first.slug)).toEqual({ slug: first.slug })
  expect((await refusal(parseLinkName(ctx, 'no slug'))).code).toBe('link-not-found')
})
