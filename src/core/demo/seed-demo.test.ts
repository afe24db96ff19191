import { expect, test } from 'bun:test'
import { parseEmail, parsePassword } from '#core/accounts/account.ts'
import { findUserByEmail } from '#core/accounts/account-queries.ts'
import { findQueueStates } from '#core/deliveries/delivery-queries.ts'
import { DIMENSIONS, type ClickQuery } from '#ports/click-store/click-store.ts'
import { NOW, type TestApp, testApp } from '#testing/test-app.ts'
import { demoAudience } from './demo-audience.ts'
import { demoClicks } from './demo-clicks.ts'
import { DEMO_LINKS } from './demo-links.ts'
import { seedDemo } from './seed-demo.ts'

const PASSWORDS = { operator: parsePassword('correct horse'), member: parsePassword('battery staple') }
const DAY_MS = 86_400_000
const SOME = 3_000

async function seeded(app: TestApp, { clicks = SOME } = {}) {
  const { services } = app.app
  const view = services.network.view()
  return seedDemo(services, { store: app.clicks, view, passwords: PASSWORDS, seed: 1, clicks })
}

async function signIn(app: TestApp, email: string, password: string) {
  const response = await app.request('/api/v2/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' },
    body: JSON.stringify({ email, password }),
  })
  return { status: response.status, cookie: response.headers.get('set-cookie')?.split(';')[0] ?? '' }
}

function clicksOf(teamId: number, changes: Partial<ClickQuery> = {}): ClickQuery {
  return {
    scope: { teamId },
    fromMs: 0,
    toMs: NOW.getTime() + 1,
    filters: [],
    bots: 'include',
    kind: 'all',
    ...changes,
  }
}

/** What there is to see, without what is drawn for secrecy: links with their clicks, and every report of both teams. */
async function seenOf(app: TestApp) {
  const { db } = app.app.services
  const links = await db
    .selectFrom('link')
    .selectAll()
    .where('slug', '!=', 'press-photo')
    .orderBy('id')
    .execute()
  const reports = await Promise.all(
    [1, 3].flatMap((teamId) =>
      DIMENSIONS.map((dimension) => app.clicks.breakdown(clicksOf(teamId), dimension, 1_000)),
    ),
  )
  const days = Array.from(
    { length: 92 },
    (_, day) => (Math.floor(NOW.getTime() / DAY_MS) - 90 + day) * DAY_MS,
  )
  return {
    links,
    reports,
    series: await Promise.all([1, 3].map((teamId) => app.clicks.series(clicksOf(teamId), days))),
    uniques: await app.clicks.uniques(clicksOf(1)),
  }
}

test('the demo is an instance with something of everything, to which both accounts sign in', async () => {
  await using app = await testApp()

  const demo = await seeded(app)

  expect(demo).toMatchObject({
    operator: 'ada@example.com',
    member: 'grace@example.com',
    links: 60,
    files: 4,
  })
  const { db } = app.app.services
  const operator = await findUserByEmail(db, parseEmail('ada@example.com'))
  expect(operator?.user).toMatchObject({ isOperator: true, name: 'Ada Marlow' })
  const own = await signIn(app, 'ada@example.com', 'correct horse')
  expect([own.status, (await signIn(app, 'grace@example.com', 'battery staple')).status]).toEqual([201, 201])

  const kinds = await db.selectFrom('link').select('kind').distinct().orderBy('kind').execute()
  expect(kinds.map(({ kind }) => kind)).toEqual(['text', 'url', 'vcard', 'wifi'])
  const states = await db.selectFrom('link').select('status').distinct().orderBy('status').execute()
  expect(states.map(({ status }) => status)).toEqual(['active', 'archived', 'inactive'])
  const counts = await Promise.all(
    (['qr_code', 'shared_file', 'file_link', 'webhook', 'api_key', 'billing_order'] as const).map(
      async (table) => (await db.selectFrom(table).select(db.fn.countAll<number>().as('n')).execute())[0]?.n,
    ),
  )
  expect(counts.map(Number).every((count) => count > 0)).toBe(true)
})

test('clicks go up over 90 days, come from many places and devices, and none is of the future', async () => {
  await using app = await testApp()

  const demo = await seeded(app)

  const total = (await app.clicks.total(clicksOf(1))) + (await app.clicks.total(clicksOf(3)))
  expect(demo?.clicks).toBe(total)
  expect(Math.abs(total - SOME)).toBeLessThan(SOME / 10)
  expect(await app.clicks.total(clicksOf(1, { fromMs: NOW.getTime() + 1, toMs: 8e15 }))).toBe(0)
  expect(await app.clicks.total(clicksOf(1, { toMs: NOW.getTime() - 91 * DAY_MS }))).toBe(0)
  const [early = 0, late = 0] = await app.clicks.series(clicksOf(1), [
    NOW.getTime() - 90 * DAY_MS,
    NOW.getTime() - 45 * DAY_MS,
    NOW.getTime(),
  ])
  expect(late).toBeGreaterThan(early)
  for (const dimension of ['country', 'city', 'as', 'referrer', 'browser', 'operating_system'] as const)
    expect((await app.clicks.breakdown(clicksOf(1), dimension, 100)).length).toBeGreaterThan(4)
  for (const part of [{ bots: 'only' }, { kind: 'scans' }] as const)
    expect(await app.clicks.total(clicksOf(1, part))).toBeGreaterThan(0)
  const campaigns = await app.clicks.breakdown(clicksOf(1), 'utm_campaign', 20)
  expect(campaigns.map(({ value }) => value)).toContain('spring-collection')
})

test('addresses that a system announces are looked up like those of real clicks', async () => {
  await using app = await testApp()

  await seeded(app)

  // The tests' network data know of one system, a data centre's, and nothing of its city.
  const google = clicksOf(1, { filters: [{ dimension: 'as', values: ['AS15169 Google LLC'] }] })
  expect(await app.clicks.total(google)).toBeGreaterThan(0)
  expect((await app.clicks.breakdown(google, 'country', 5)).map(({ value }) => value)).toEqual(['US'])
})

test('the same seed and day give the same links and clicks', async () => {
  await using one = await testApp()
  await using again = await testApp()

  await seeded(one, { clicks: 1_000 })
  await seeded(again, { clicks: 1_000 })

  expect(await seenOf(again)).toEqual(await seenOf(one))
})

test('another seed gives other clicks', () => {
  const [spec] = DEMO_LINKS
  if (spec === undefined) throw new Error('the demo has links')
  const link = { id: 1, teamId: 1, publicId: 'a', slug: 'a', createdAt: new Date(0), spec }
  const clicksOfSeed = (seed: number) =>
    [...demoClicks({ links: [link], audience: demoAudience(undefined), seed, now: NOW, count: 100 })].flat()

  expect(clicksOfSeed(1)).toEqual(clicksOfSeed(1))
  expect(clicksOfSeed(2)).not.toEqual(clicksOfSeed(1))
})

test('keys, passwords of files and addresses of files are not the same twice', async () => {
  await using one = await testApp()
  await using again = await testApp()
  const secretsOf = async (app: TestApp) => {
    const demo = await seeded(app, { clicks: 10 })
    const { db } = app.app.services
    const keys = await db.selectFrom('api_key').select('secret_hash').execute()
    const files = await db.selectFrom('shared_file').select('public_id').execute()
    return [demo?.filePassword, ...keys.map((key) => key.secret_hash), ...files.map((file) => file.public_id)]
  }

  const [first, second] = [await secretsOf(one), await secretsOf(again)]

  expect(first.length).toBeGreaterThan(8)
  expect(first.filter((secret) => second.includes(secret))).toEqual([])
})

test('nothing goes out: webhooks are paused, no delivery or mail waits, and no page is asked for its title', async () => {
  await using app = await testApp()

  await seeded(app, { clicks: 100 })

  const { db } = app.app.services
  const webhooks = await db.selectFrom('webhook').select(['status', 'pause_reason']).execute()
  expect(webhooks.length).toBeGreaterThan(0)
  expect(webhooks.every(({ status }) => status === 'paused')).toBe(true)
  expect((await findQueueStates(db)).map(({ waiting }) => Number(waiting))).toEqual([0, 0])
  const deliveries = await db.selectFrom('delivery').select('status').distinct().execute()
  expect(deliveries).toEqual([{ status: 'delivered' }])
  expect(await db.selectFrom('link').select('id').where('page_info', '=', 'wanted').execute()).toEqual([])
  expect(await app.clicks.untoldTeams()).toEqual([])
  const recipients = await db.selectFrom('mail_opt_out').select('user_id').execute()
  expect(recipients.length).toBe(2)
})

test('an installation with an account is left as it is', async () => {
  await using app = await testApp()
  await app.givenAccount()
  const { db } = app.app.services
  const users = await db.selectFrom('user_account').selectAll().execute()

  expect(await seeded(app)).toBeUndefined()

  expect(await db.selectFrom('user_account').selectAll().execute()).toEqual(users)
  expect(await db.selectFrom('link').select('id').execute()).toEqual([])
})
