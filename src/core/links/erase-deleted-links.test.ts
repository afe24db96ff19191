import { expect, test } from 'bun:test'
import { authenticateKey } from '#core/accounts/api-keys.ts'
import { grantPlan } from '#core/billing/settle-subscription.ts'
import { sweepRetention } from '#core/clicks/sweep-retention.ts'
import { type Ctx, inTransaction } from '#core/context.ts'
import { NOW, type TestApp, testApp } from '#testing/test-app.ts'
import { createLink } from './create-link.ts'
import { eraseDeletedLinks } from './erase-deleted-links.ts'
import { parseSlug, parseTargetUrl } from './link.ts'
import { deleteLink } from './manage-links.ts'

const DAY_MS = 86_400_000

async function memberOf(app: TestApp, plan: string): Promise<{ ctx: Ctx; teamId: number }> {
  const { key } = await app.givenAccount({ plan })
  return {
    ctx: { ...app.app.services, actor: await authenticateKey(app.app.services, key.secret) },
    teamId: key.key.teamId,
  }
}

async function clickedLink(app: TestApp, ctx: Ctx, slug: string) {
  const link = await createLink(ctx, {
    target: parseTargetUrl('https://example.com/'),
    slug: parseSlug(slug),
    source: 'api',
  })
  await app.request(`/${slug}`)
  await app.settleClicks()
  return link
}

function clicksOf(app: TestApp, teamId: number) {
  const query = {
    scope: { teamId },
    fromMs: 0,
    toMs: NOW.getTime() + 1_000 * DAY_MS,
    filters: [],
    bots: 'include',
    kind: 'all',
  } as const
  return app.app.services.clicks.total(query)
}

test("a deleted link's clicks are erased, those of the others are not", async () => {
  await using app = await testApp()
  const { ctx, teamId } = await memberOf(app, 'Pro')
  const doomed = await clickedLink(app, ctx, 'doomed')
  await clickedLink(app, ctx, 'kept')
  await deleteLink(ctx, { slug: 'doomed' })

  expect(await eraseDeletedLinks(app.app.services)).toBe(1)

  expect(await clicksOf(app, teamId)).toBe(1)
  expect((await app.app.services.clicks.totals([doomed.id])).size).toBe(0)
  expect(await eraseDeletedLinks(app.app.services)).toBe(0)
})

test('a link whose deletion fails keeps its clicks', async () => {
  await using app = await testApp()
  const { ctx, teamId } = await memberOf(app, 'Pro')
  await clickedLink(app, ctx, 'kept')
  const stranger = await memberOf(app, 'Pro')

  const refusal = await deleteLink(stranger.ctx, { slug: 'kept' }).catch((error: unknown) => error)

  expect(refusal).toMatchObject({ code: 'link-not-found' })
  expect(await eraseDeletedLinks(app.app.services)).toBe(0)
  expect(await clicksOf(app, teamId)).toBe(1)
})

test('clicks older than the plan keeps are swept, and those of an unlimited plan never', async () => {
  await using app = await testApp()
  const starter = await memberOf(app, 'Starter')
  const enterprise = await memberOf(app, 'Enterprise')
  await clickedLink(app, starter.ctx, 'a')
  await clickedLink(app, enterprise.ctx, 'b')
  app.setNow(new Date(NOW.getTime() + 89 * DAY_MS))
  await sweepRetention(app.app.services)
  expect(await clicksOf(app, starter.teamId)).toBe(1)

  app.setNow(new Date(NOW.getTime() + 91 * DAY_MS))
  await sweepRetention(app.app.services)

  expect(await clicksOf(app, starter.teamId)).toBe(0)
  expect(await clicksOf(app, enterprise.teamId)).toBe(1)
})

test('a team whose plan came to its end loses no clicks for 30 days', async () => {
  await using app = await testApp()
  const { ctx, teamId } = await memberOf(app, 'Pro')
  const { services } = app.app
  await clickedLink(app, ctx, 'a')
  app.setNow(new Date(NOW.getTime() + 100 * DAY_MS))
  await inTransaction(services, (tx) => grantPlan(tx, teamId, 'Free', { isLowered: true }))
  app.setNow(new Date(NOW.getTime() + 129 * DAY_MS))
  await sweepRetention(services)
  expect(await clicksOf(app, teamId)).toBe(1)

  app.setNow(new Date(NOW.getTime() + 131 * DAY_MS))
  await sweepRetention(services)

  expect(await clicksOf(app, teamId)).toBe(0)
})
