import { expect, test } from 'bun:test'
import { authenticateKey } from '#core/accounts/api-keys.ts'
import type { Ctx } from '#core/context.ts'
import { createLink } from '#core/links/create-link.ts'
import { type Link, parseTargetUrl } from '#core/links/link.ts'
import { findLink } from '#core/links/link-queries.ts'
import { updateLink } from '#core/links/manage-links.ts'
import { createOutgoingClient } from '#ports/outgoing/outgoing-client.ts'
import { type TestApp, testApp } from '#testing/test-app.ts'
import { until } from '#testing/until.ts'
import { startPageInfoJob } from './fetch-page-info.ts'

/** A site on loopback that answers every path with a page called after it. */
function startSite(answer: (path: string) => Response | Promise<Response>) {
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    development: false,
    fetch: (request) => answer(new URL(request.url).pathname),
  })
  return { url: `http://127.0.0.1:${server.port}`, [Symbol.asyncDispose]: () => server.stop(true) }
}

const page = (title: string) =>
  new Response(`<html><head><title>${title}</title><link rel="icon" href="/icon.svg"></head></html>`, {
    headers: { 'content-type': 'text/html; charset=utf-8' },
  })

async function ctxOf(app: TestApp): Promise<Ctx> {
  const { services } = app.app
  const { key } = await app.givenAccount()
  return { ...services, actor: await authenticateKey(services, key.secret) }
}

function jobOver(app: TestApp, allowPrivate: readonly string[]) {
  return startPageInfoJob({
    db: app.app.services.db,
    client: createOutgoingClient({ allowPrivate, contactUrl: 'http://s.test', version: 'test' }),
    onError: (error) => {
      throw error
    },
  })
}

async function settled(app: TestApp, link: Link): Promise<Link> {
  const { db } = app.app.services
  await until(async () => {
    const row = await db
      .selectFrom('link')
      .select('page_info')
      .where('id', '=', link.id)
      .executeTakeFirstOrThrow()
    return row.page_info === 'none'
  })
  const found = await findLink(db, link.teamId, { id: link.id })
  if (found === undefined) throw new Error('the link is gone')
  return found
}

test('a link gets the title and icon of its page, and of its new page when it is led elsewhere', async () => {
  await using site = startSite((path) => page(`Page &amp; ${path}`))
  await using app = await testApp()
  const ctx = await ctxOf(app)
  await using _ = jobOver(app, ['127.0.0.0/8'])

  const link = await createLink(ctx, {
    target: parseTargetUrl(`${site.url}/a`),
    wantsPageInfo: true,
    source: 'api',
  })
  expect(await settled(app, link)).toMatchObject({
    title: null,
    pageTitle: 'Page & /a',
    faviconUrl: `${site.url}/icon.svg`,
  })

  await updateLink(ctx, { id: link.id }, { target: parseTargetUrl(`${site.url}/b`), wantsPageInfo: true })
  expect((await settled(app, link)).pageTitle).toBe('Page & /b')
})

test('a page on an address that is not public is never asked', async () => {
  let asked = 0
  await using site = startSite(() => {
    asked++
    return page('Secret')
  })
  await using app = await testApp()
  const ctx = await ctxOf(app)
  const link = await createLink(ctx, { target: parseTargetUrl(site.url), wantsPageInfo: true, source: 'api' })
  await using _ = jobOver(app, [])

  expect((await settled(app, link)).pageTitle).toBeNull()
  expect(asked).toBe(0)
})

test('a link led elsewhere while its page answers does not get the old title', async () => {
  const { promise: changed, resolve: change } = Promise.withResolvers<void>()
  await using site = startSite(async (path) => {
    if (path === '/slow') await changed
    return page(path)
  })
  await using app = await testApp()
  const ctx = await ctxOf(app)
  const link = await createLink(ctx, {
    target: parseTargetUrl(`${site.url}/slow`),
    wantsPageInfo: true,
    source: 'api',
  })
  await using _ = jobOver(app, ['127.0.0.1'])
  await Bun.sleep(700)

  await updateLink(ctx, { id: link.id }, { target: parseTargetUrl(`${site.url}/new`), wantsPageInfo: true })
  change()

  expect((await settled(app, link)).pageTitle).toBe('/new')
})

test('links that were waiting when the server stopped are asked after it starts', async () => {
  await using site = startSite((path) => page(path))
  await using app = await testApp()
  const ctx = await ctxOf(app)
  const links = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      createLink(ctx, { target: parseTargetUrl(`${site.url}/${index}`), wantsPageInfo: true, source: 'api' }),
    ),
  )

  await using _ = jobOver(app, ['127.0.0.1'])

  for (const [index, link] of links.entries()) expect((await settled(app, link)).pageTitle).toBe(`/${index}`)
})
