import { expect, test } from 'bun:test'
import { insertMembership } from '#core/accounts/account-queries.ts'
import { DEFAULT_PLANS } from '#core/billing/default-plans.ts'
import { setPlan } from '#core/billing/set-plan.ts'
import { getUsage } from '#core/billing/usage.ts'
import type { Role } from '#core/permissions.ts'
import { operatorToken, teamIdOf } from '#testing/operator.ts'
import { NOW, type TestApp, testApp, type TestAccount, type TestAppOptions } from '#testing/test-app.ts'

/** What is looked at of the answers. */
interface Answer {
  readonly id: string
  readonly code: string
  readonly status: string
  readonly amount_cents: number
  readonly grace_until: string | null
  readonly pending_order: { readonly id: string } & Partial<Answer>
  readonly data: readonly ({ readonly id: string } & { readonly team?: { readonly owner_email: string } })[]
  readonly next_cursor: string | null
}

const DAY_MS = 24 * 60 * 60 * 1000

/** An account on the Free plan, and calls as it and as the operator. */
async function scene(options: TestAppOptions & { readonly plan?: string } = {}) {
  const app = await testApp(options)
  const account = await app.givenAccount({ plan: options.plan ?? 'Free' })
  const operator = await operatorToken(app)
  const as = (token: string) => async (method: string, path: string, body?: unknown) => {
    const response = await app.call(method, `/api/v2${path}`, { token, body })
    return { status: response.status, body: (await response.json()) as Answer }
  }
  return {
    app,
    account,
    teamId: await teamIdOf(app, account),
    me: as(account.key.secret),
    op: as(operator),
    as,
  }
}

type Scene = Awaited<ReturnType<typeof scene>>

/** Buy a plan and have it approved. @returns the order */
async function buy({ me, op }: Scene, plan: string, interval = 'month') {
  const { body } = await me('POST', '/subscription', { plan, interval })
  const { id } = body['pending_order'] as { id: string }
  const approved = await op('POST', `/orders/${id}/approve`)
  expect(approved.status).toBe(200)
  return approved.body
}

function after(days: number, from = NOW): Date {
  return new Date(from.getTime() + days * DAY_MS)
}

async function renew(app: TestApp) {
  const { outcome, counts } = await app.app.tasks.run('renew')
  expect(outcome).toBe('done')
  return counts
}

test('anybody may see the plans and what they cost', async () => {
  await using app = await testApp()

  const response = await app.request('/api/v2/plans')

  const { data, credits, currency } = (await response.json()) as {
    data: Record<string, unknown>[]
    credits: unknown
    currency: string
  }
  expect(response.status).toBe(200)
  expect(currency).toBe('USD')
  expect(
    data.map(({ name, price_cents_monthly: month, price_cents_yearly: year }) => [name, month, year]),
  ).toEqual([
    ['Free', 0, 0],
    ['Starter', 500, 5_000],
    ['Core', 800, 8_000],
    ['Plus', 1_900, 19_000],
    ['Pro', 2_900, 29_000],
    ['Business', 9_900, 99_000],
    ['Premium', 19_900, 199_000],
    ['Enterprise', null, null],
  ])
  expect(credits).toEqual([
    { credits: 'links', cents_per_thousand: 5_000 },
    { credits: 'qr_codes', cents_per_thousand: 10_000 },
  ])
})

test('a subscription starts when its order is approved, and lasts a month from then', async () => {
  const s = await scene()
  await using _ = s.app
  const { me, op, app } = s

  const ordered = await me('POST', '/subscription', { plan: 'core' })

  const { id } = ordered.body['pending_order'] as { id: string }
  expect<unknown>(ordered).toEqual({
    status: 200,
    body: {
      plan: 'Free',
      status: 'granted',
      interval: null,
      amount_cents: null,
      currency: 'USD',
      paid_until: null,
      grace_until: null,
      next_plan: null,
      next_interval: null,
      pending_order: {
        id: expect.stringMatching(/^ord_[0-9A-Za-z]{24}$/),
        kind: 'start',
        description: 'Core plan, a month',
        plan: 'Core',
        interval: 'month',
        credits: null,
        quantity: null,
        amount_cents: 800,
        currency: 'USD',
        status: 'pending',
        payment: 'manual',
        created_at: NOW.toISOString(),
        expires_at: after(14).toISOString(),
        decided_at: null,
      },
    },
  })

  app.setNow(new Date('2026-01-31T12:00:00Z'))
  expect((await op('POST', `/orders/${id}/approve`)).body['code']).toBe('order-decided')
  const again = await me('POST', '/subscription', { plan: 'Core' })
  const { id: second } = again.body['pending_order'] as { id: string }
  const approved = await op('POST', `/orders/${second}/approve`)
  expect(approved).toMatchObject({
    status: 200,
    body: { status: 'approved', decided_at: '2026-01-31T12:00:00.000Z' },
  })
  expect((await me('GET', '/subscription')).body).toMatchObject({
    plan: 'Core',
    status: 'active',
    interval: 'month',
    amount_cents: 800,
    paid_until: '2026-02-28T12:00:00.000Z',
    pending_order: null,
  })
})

test('a second choice takes the place of the first, and a year costs the price of a year', async () => {
  const s = await scene()
  await using _ = s.app
  const { me, op } = s
  const first = (await me('POST', '/subscription', { plan: 'Core' })).body['pending_order'] as { id: string }

  const order = await buy(s, 'Pro', 'year')

  expect(order).toMatchObject({ kind: 'start', amount_cents: 29_000, interval: 'year' })
  expect(await op('POST', `/orders/${first.id}/approve`)).toMatchObject({
    status: 409,
    body: { code: 'order-decided', order_status: 'expired' },
  })
  expect((await me('GET', '/subscription')).body).toMatchObject({
    plan: 'Pro',
    paid_until: '2027-01-02T03:04:05.000Z',
  })
})

test('an upgrade costs the difference for what is left of the term, and the term goes on', async () => {
  const s = await scene()
  await using _ = s.app
  const { me, app } = s
  await buy(s, 'Core')
  // 10 of 31 days are left.
  app.setNow(after(21))

  const order = await buy(s, 'Pro')

  expect(order).toMatchObject({ kind: 'upgrade', amount_cents: Math.round((2_100 * 10) / 31) })
  expect((await me('GET', '/subscription')).body).toMatchObject({
    plan: 'Pro',
    status: 'active',
    amount_cents: 2_900,
    paid_until: '2026-02-02T03:04:05.000Z',
  })
})

test('a change from months to a year begins a year, less what is left of the month', async () => {
  const s = await scene()
  await using _ = s.app
  const { me, app } = s
  await buy(s, 'Core')
  app.setNow(after(21))

  const order = await buy(s, 'Core', 'year')

  expect(order).toMatchObject({ kind: 'upgrade', amount_cents: 8_000 - Math.floor((800 * 10) / 31) })
  expect((await me('GET', '/subscription')).body).toMatchObject({
    plan: 'Core',
    interval: 'year',
    amount_cents: 8_000,
    paid_until: '2027-01-23T03:04:05.000Z',
  })
})

test.each([
  { plan: 'Core', interval: 'month' },
  { plan: 'Core', interval: 'year' },
  { plan: 'Premium', interval: 'month' },
])(
  'from a year of Pro to $plan by the $interval is a change at the end of the term',
  async ({ plan, interval }) => {
    const s = await scene()
    await using _ = s.app
    const { me, app } = s
    await buy(s, 'Pro', 'year')

    const { body } = await me('POST', '/subscription', { plan, interval })

    expect(body).toMatchObject({
      plan: 'Pro',
      status: 'active',
      next_plan: plan,
      next_interval: interval,
      pending_order: null,
    })
    app.setNow(after(364))
    expect(await renew(app)).toMatchObject({ ordered: 0, changed: 0 })
    expect((await me('GET', '/subscription')).body).toMatchObject({ plan: 'Pro' })
    app.setNow(after(365))
    expect((await me('GET', '/subscription')).body).toMatchObject({ plan, status: 'past_due' })
    expect(await renew(app)).toMatchObject({ ordered: 1, changed: 1 })
    expect((await me('GET', '/subscription')).body).toMatchObject({
      plan,
      status: 'past_due',
      interval,
      next_plan: null,
      pending_order: { kind: 'renewal', plan, interval },
    })
  },
)

test('a change to a plan that costs nothing waits for the end of what is paid, and can be undone', async () => {
  const s = await scene()
  await using _ = s.app
  const { me, app } = s
  await buy(s, 'Pro')

  expect((await me('POST', '/subscription', { plan: 'Free' })).body).toMatchObject({
    plan: 'Pro',
    next_plan: 'Free',
    next_interval: null,
  })
  expect((await me('POST', '/subscription', { plan: 'Pro' })).body).toMatchObject({
    plan: 'Pro',
    next_plan: null,
    status: 'active',
  })
  await me('POST', '/subscription', { plan: 'Free' })
  app.setNow(after(31))

  expect((await me('GET', '/subscription')).body).toMatchObject({
    plan: 'Free',
    status: 'granted',
    paid_until: null,
  })
  expect(await renew(app)).toEqual({ ordered: 0, changed: 1, ended: 0, expired: 0 })
  expect((await me('GET', '/subscription')).body).toMatchObject({ plan: 'Free', status: 'granted' })
})

test('a cancelled subscription lasts to the end of its term and then is the plan of new accounts', async () => {
  const s = await scene()
  await using _ = s.app
  const { me, app } = s
  await buy(s, 'Pro')

  expect(await me('DELETE', '/subscription')).toMatchObject({
    status: 200,
    body: { plan: 'Pro', status: 'ending' },
  })
  app.setNow(after(30))
  expect(await renew(app)).toEqual({ ordered: 0, changed: 0, ended: 0, expired: 0 })
  expect((await me('GET', '/subscription')).body).toMatchObject({ plan: 'Pro', status: 'ending' })
  app.setNow(after(31))

  expect((await me('GET', '/subscription')).body).toMatchObject({
    plan: 'Free',
    status: 'granted',
    next_plan: null,
  })
  expect(await renew(app)).toEqual({ ordered: 0, changed: 0, ended: 1, expired: 0 })
  expect(await me('DELETE', '/subscription')).toMatchObject({
    status: 409,
    body: { code: 'no-subscription' },
  })
})

test('a cancellation can be undone while the term lasts', async () => {
  const s = await scene()
  await using _ = s.app
  const { me, app } = s
  await buy(s, 'Pro')
  await me('DELETE', '/subscription')

  expect(await me('POST', '/subscription/resume')).toMatchObject({
    status: 200,
    body: { plan: 'Pro', status: 'active' },
  })
  app.setNow(after(31))

  expect((await me('GET', '/subscription')).body).toMatchObject({ plan: 'Pro', status: 'past_due' })
})

test('a renewal is ordered a week ahead, once, and adds a month to what is paid when it is approved', async () => {
  const s = await scene()
  await using _ = s.app
  const { me, op, app } = s
  await buy(s, 'Pro')
  app.setNow(after(23))
  expect(await renew(app)).toMatchObject({ ordered: 0 })
  app.setNow(after(24))

  expect(await renew(app)).toMatchObject({ ordered: 1 })
  expect(await renew(app)).toMatchObject({ ordered: 0 })
  const { pending_order: order } = (await me('GET', '/subscription')).body
  await op('POST', `/orders/${order.id}/approve`)

  expect(order).toMatchObject({
    kind: 'renewal',
    amount_cents: 2_900,
    expires_at: '2026-02-09T03:04:05.000Z',
  })
  expect((await me('GET', '/subscription')).body).toMatchObject({
    status: 'active',
    paid_until: '2026-03-02T03:04:05.000Z',
  })
  expect(await renew(app)).toMatchObject({ ordered: 0 })
})

test('an unpaid plan goes on through a week of grace, and a late payment leaves no gap', async () => {
  const s = await scene()
  await using _ = s.app
  const { me, op, app, teamId } = s
  await buy(s, 'Pro')
  app.setNow(after(31 + 6))

  expect(await renew(app)).toMatchObject({ ordered: 1 })
  const { body } = await me('GET', '/subscription')
  expect(body).toMatchObject({ plan: 'Pro', status: 'past_due', grace_until: '2026-02-09T03:04:05.000Z' })
  expect((await getUsage(app.app.services, teamId, 'links')).limit).toBe(1_000)
  await op('POST', `/orders/${body['pending_order'].id}/approve`)

  expect((await me('GET', '/subscription')).body).toMatchObject({
    plan: 'Pro',
    status: 'active',
    paid_until: '2026-03-02T03:04:05.000Z',
  })
})

test('after the grace the plan is that of new accounts, before and after the schedule comes by', async () => {
  const s = await scene()
  await using _ = s.app
  const { me, op, app, teamId } = s
  await buy(s, 'Pro')
  app.setNow(after(30))
  await renew(app)
  const { pending_order: order } = (await me('GET', '/subscription')).body
  app.setNow(after(31 + 7))

  expect((await me('GET', '/subscription')).body).toMatchObject({
    plan: 'Free',
    status: 'granted',
    pending_order: null,
  })
  expect((await getUsage(app.app.services, teamId, 'links')).limit).toBe(5)
  expect((await op('POST', `/orders/${order.id}/approve`)).body['code']).toBe('order-decided')
  expect(await renew(app)).toEqual({ ordered: 0, changed: 0, ended: 1, expired: 1 })
  expect((await me('GET', '/subscription')).body).toMatchObject({ plan: 'Free', status: 'granted' })
  expect(await renew(app)).toEqual({ ordered: 0, changed: 0, ended: 0, expired: 0 })
})

test('a rejected renewal is not ordered again, but may be by the team, with another plan too', async () => {
  const s = await scene()
  await using _ = s.app
  const { me, op, app } = s
  await buy(s, 'Pro')
  app.setNow(after(32))
  await renew(app)
  const { pending_order: order } = (await me('GET', '/subscription')).body
  expect((await op('POST', `/orders/${order.id}/reject`)).body['status']).toBe('rejected')
  expect(await renew(app)).toMatchObject({ ordered: 0 })

  const bought = await buy(s, 'Core')

  expect(bought).toMatchObject({ kind: 'renewal', amount_cents: 800 })
  expect((await me('GET', '/subscription')).body).toMatchObject({
    plan: 'Core',
    status: 'active',
    paid_until: '2026-03-02T03:04:05.000Z',
  })
})

test("an operator's grant ends a subscription and what was on order", async () => {
  const s = await scene()
  await using _ = s.app
  const { me, op, app, teamId } = s
  await buy(s, 'Core')
  const { pending_order: order } = (await me('POST', '/subscription', { plan: 'Pro' })).body

  await setPlan(app.app.services, teamId, 'Business')

  expect((await me('GET', '/subscription')).body).toMatchObject({
    plan: 'Business',
    status: 'granted',
    pending_order: null,
  })
  expect((await op('POST', `/orders/${order.id}/approve`)).status).toBe(409)
  app.setNow(after(400))
  expect(await renew(app)).toEqual({ ordered: 0, changed: 0, ended: 0, expired: 0 })
  expect((await me('GET', '/subscription')).body).toMatchObject({ plan: 'Business', status: 'granted' })
})

test('bought links are there when their order is approved, and used after the allowance', async () => {
  const s = await scene()
  await using _ = s.app
  const { me, op, app, teamId } = s

  const ordered = await me('POST', '/orders', { credits: 'links', quantity: 30 })
  expect(ordered).toMatchObject({
    status: 201,
    body: {
      kind: 'credits',
      credits: 'links',
      quantity: 30,
      amount_cents: 150,
      description: '30 links',
      plan: null,
    },
  })
  expect((await getUsage(app.app.services, teamId, 'links')).credits).toBe(0)
  await op('POST', `/orders/${ordered.body['id']}/approve`)

  expect((await getUsage(app.app.services, teamId, 'links')).credits).toBe(30)
})

test('approvals that come together give once', async () => {
  const s = await scene()
  await using _ = s.app
  const { me, op, app, teamId } = s
  const { body: credits } = await me('POST', '/orders', { credits: 'qr_codes', quantity: 7 })
  const { pending_order: plan } = (await me('POST', '/subscription', { plan: 'Core' })).body

  const answers = await Promise.all(
    [credits, plan].flatMap(({ id }) => Array.from({ length: 8 }, () => op('POST', `/orders/${id}/approve`))),
  )

  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
    200,
    200,
    ...Array.from({ length: 14 }, () => 409),
  ])
  expect((await getUsage(app.app.services, teamId, 'qr-codes')).credits).toBe(7)
  expect((await me('GET', '/subscription')).body).toMatchObject({
    plan: 'Core',
    paid_until: '2026-02-02T03:04:05.000Z',
  })
})

test('renewals, choices and approvals that come together leave one order and one term', async () => {
  const s = await scene()
  await using _ = s.app
  const { me, op, app } = s
  await buy(s, 'Pro')
  app.setNow(after(30))
  const { renewSubscriptions } = await import('#core/billing/renew-subscriptions.ts')
  const never = new AbortController().signal

  const counts = await Promise.all(
    Array.from({ length: 6 }, () => renewSubscriptions(app.app.services, never)),
  )
  await Promise.all(Array.from({ length: 6 }, () => me('POST', '/subscription', { plan: 'Business' })))

  expect(counts.reduce((sum, { ordered = 0 }) => sum + ordered, 0)).toBe(1)
  const { data } = (await me('GET', '/orders?status=pending')).body
  expect(data).toHaveLength(1)
  const together = await Promise.all([
    ...Array.from({ length: 4 }, () => op('POST', `/orders/${data[0]?.id}/approve`)),
    ...Array.from({ length: 4 }, () => renewSubscriptions(app.app.services, never)),
  ])
  expect(together.filter((answer) => 'status' in answer && answer.status === 200)).toHaveLength(1)
  expect((await me('GET', '/subscription')).body).toMatchObject({
    plan: 'Business',
    paid_until: '2026-02-02T03:04:05.000Z',
  })
})

test('a start and each renewal are told to webhooks, an upgrade and credits are not', async () => {
  const s = await scene()
  await using _ = s.app
  const { me, op, app, teamId } = s
  const { db } = app.app.services
  await db
    .insertInto('webhook')
    .values({
      public_id: 'wh_test',
      team_id: teamId,
      url: 'https://example.com/',
      events: JSON.stringify(['subscription.created']),
      secret: 'sealed',
      old_secret: null,
      old_secret_until_ms: null,
      status: 'active',
      pause_reason: null,
      failing_since_ms: null,
      created_at_ms: 0,
      updated_at_ms: 0,
    })
    .execute()
  await buy(s, 'Core')
  const { body: credits } = await me('POST', '/orders', { credits: 'links', quantity: 1 })
  await op('POST', `/orders/${credits['id']}/approve`)
  await buy(s, 'Pro')
  app.setNow(after(30))
  await renew(app)
  const { pending_order: renewal } = (await me('GET', '/subscription')).body

  await op('POST', `/orders/${renewal.id}/approve`)

  const told = await db.selectFrom('delivery').select(['event', 'content']).orderBy('id').execute()
  expect(told.map(({ event, content }) => [event, JSON.parse(content)])).toEqual([
    [
      'subscription.created',
      {
        event: 'subscription.created',
        data: { plan: 'Core', amount: 8, interval: 'month' },
        ts: NOW.toISOString(),
      },
    ],
    [
      'subscription.created',
      {
        event: 'subscription.created',
        data: { plan: 'Pro', amount: 29, interval: 'month' },
        ts: after(30).toISOString(),
      },
    ],
  ])
})

test('a provider that collects at once needs no operator, one that declines refuses, one that is down is asked again', async () => {
  let mood: 'paid' | 'declined' | 'down' = 'paid'
  const asked: string[] = []
  const s = await scene({
    payments: {
      name: 'test',
      collect: ({ id, amountCents, description }) => {
        asked.push(`${description}: ${amountCents}`)
        expect(id).toStartWith('ord_')
        return mood === 'down' ? Promise.reject(new Error('down')) : Promise.resolve(mood)
      },
    },
  })
  await using _ = s.app
  const { me, app } = s

  expect((await me('POST', '/subscription', { plan: 'Core' })).body).toMatchObject({
    plan: 'Core',
    status: 'active',
  })
  mood = 'declined'
  expect((await me('POST', '/orders', { credits: 'links', quantity: 10 })).body).toMatchObject({
    status: 'rejected',
  })
  mood = 'down'
  app.setNow(after(30))
  expect((await app.app.tasks.run('renew')).outcome).toBe('failed')
  expect((await me('GET', '/subscription')).body['pending_order']).toMatchObject({
    kind: 'renewal',
    payment: 'test',
  })
  mood = 'paid'
  await renew(app)

  expect((await me('GET', '/subscription')).body).toMatchObject({
    status: 'active',
    paid_until: '2026-03-02T03:04:05.000Z',
    pending_order: null,
  })
  expect(asked).toEqual([
    'Core plan, a month: 800',
    '10 links: 50',
    ...Array.from({ length: 2 }, () => 'Core plan, another month: 800'),
  ])
})

test('a plan that is not sold any more is not renewed, and ends with the grace', async () => {
  const plans = [...DEFAULT_PLANS.plans]
  const s = await scene({ plans: { ...DEFAULT_PLANS, plans } })
  await using _ = s.app
  const { me, app } = s
  await buy(s, 'Core')
  plans.splice(2, 1)
  app.setNow(after(30))

  expect(await renew(app)).toMatchObject({ ordered: 0 })
  app.setNow(after(38))
  expect((await me('GET', '/subscription')).body).toMatchObject({ plan: 'Free', status: 'granted' })
})

test.each([
  { body: { plan: 'Nope' }, status: 422 },
  { body: { plan: 'Enterprise' }, status: 422 },
  { body: { plan: 'Free' }, status: 422 },
  { body: { plan: 'Core', interval: 'week' }, status: 422 },
  { body: { plan: 'Core', interval: 1 }, status: 422 },
  { body: {}, status: 422 },
  { body: [], status: 422 },
])('a choice of %j leaves no order', async ({ body, status }) => {
  const { app, me } = await scene()
  await using _ = app

  const answer = await me('POST', '/subscription', body)

  expect(answer.status).toBe(status)
  expect(answer.body['code']).toBe('invalid-input')
  expect<unknown>((await me('GET', '/orders')).body).toEqual({ data: [], next_cursor: null })
})

test.each([
  { credits: 'links', quantity: 0 },
  { credits: 'links', quantity: 1_000_001 },
  { credits: 'links', quantity: 1.5 },
  { credits: 'lookup_credits', quantity: 1 },
  { credits: 'links' },
])('an order of %j is refused', async (body) => {
  const { app, me } = await scene()
  await using _ = app

  expect((await me('POST', '/orders', body)).status).toBe(422)
  expect((await me('GET', '/orders')).body['data']).toEqual([])
})

test('credits that have no price are not for sale', async () => {
  const { app, me } = await scene({
    plans: { ...DEFAULT_PLANS, creditPrices: { links: null, 'qr-codes': 0.1 } },
  })
  await using _ = app

  expect((await me('POST', '/orders', { credits: 'links', quantity: 1 })).status).toBe(422)
  expect((await me('POST', '/orders', { credits: 'qr_codes', quantity: 1 })).body['amount_cents']).toBe(10)
})

test("orders are a team's own; an operator sees and decides all", async () => {
  const s = await scene()
  await using _ = s.app
  const { app, me, op, as } = s
  const other = as((await app.givenAccount({ plan: 'Free' })).key.secret)
  const ids: string[] = []
  for (let n = 1; n <= 3; n++)
    ids.unshift((await me('POST', '/orders', { credits: 'links', quantity: n })).body['id'])
  const { id: foreign } = (await other('POST', '/orders', { credits: 'links', quantity: 9 })).body

  const page = await me('GET', '/orders?limit=2')
  expect(page.body['data'].map(({ id }: { id: string }) => id)).toEqual(ids.slice(0, 2))
  expect<unknown>(page.body['next_cursor']).toBe(ids[1])
  const rest = await me('GET', `/orders?limit=2&cursor=${ids[1]}`)
  expect(rest.body).toMatchObject({ data: [{ id: ids[2] }], next_cursor: null })

  expect((await me('GET', `/orders/${foreign}`)).body['code']).toBe('order-not-found')
  expect((await me('GET', '/orders/ord_nope')).status).toBe(404)
  expect(await me('GET', '/orders?scope=all')).toMatchObject({
    status: 403,
    body: { code: 'role-required', role: 'operator' },
  })
  for (const verb of ['approve', 'reject'])
    expect(await me('POST', `/orders/${ids[0]}/${verb}`)).toMatchObject({
      status: 403,
      body: { code: 'role-required' },
    })
  const all = (await op('GET', '/orders?scope=all')).body['data'] as {
    id: string
    team: { owner_email: string }
  }[]
  expect(all.map(({ id }) => id)).toEqual([foreign, ...ids])
  expect(all[0]?.team.owner_email).toBe('user2@example.com')
  expect((await me('GET', '/orders?status=approved')).body['data']).toEqual([])
  expect((await me('GET', '/orders?status=lost')).status).toBe(400)
})

test('nobody without a credential reaches a subscription or an order', async () => {
  await using app = await testApp()

  for (const { method, path, body } of [
    { method: 'GET', path: '/subscription' },
    { method: 'POST', path: '/subscription', body: { plan: 'Core' } },
    { method: 'DELETE', path: '/subscription' },
    { method: 'POST', path: '/subscription/resume' },
    { method: 'GET', path: '/orders' },
    { method: 'POST', path: '/orders', body: { credits: 'links', quantity: 1 } },
    { method: 'GET', path: '/orders/ord_x' },
    { method: 'POST', path: '/orders/ord_x/approve' },
  ])
    expect([method, path, (await app.call(method, `/api/v2${path}`, { body })).status]).toEqual([
      method,
      path,
      401,
    ])
})

test.each([
  { role: 'admin' as Role, status: 200 },
  { role: 'member' as Role, status: 403 },
  { role: 'viewer' as Role, status: 403 },
])('in a team, $role may change what is paid for: $status', async ({ role, status }) => {
  const s = await scene()
  await using _ = s.app
  const { app, teamId } = s
  const colleague: TestAccount = await app.givenAccount({ plan: 'Free' })
  const { db } = app.app.services
  await insertMembership(db, { teamId, userId: colleague.user.id, role, createdAt: NOW })
  await db.updateTable('api_key').set({ team_id: teamId }).where('id', '=', colleague.key.key.id).execute()
  const they = s.as(colleague.key.secret)

  expect((await they('GET', '/subscription')).status).toBe(200)
  expect((await they('POST', '/subscription', { plan: 'Core' })).status).toBe(status)
  expect((await they('POST', '/orders', { credits: 'links', quantity: 1 })).status).toBe(
    status === 200 ? 201 : 403,
  )
  expect((await s.me('GET', '/orders')).body['data']).toHaveLength(status === 200 ? 2 : 0)
})

test('a key that may only read changes nothing, an operator key neither', async () => {
  const s = await scene()
  await using _ = s.app
  const reader = s.as((await s.app.givenAccount({ key: { abilities: ['user:read'] } })).key.secret)
  const weakOperator = s.as(await operatorToken(s.app, ['user:read']))
  const { body: order } = await s.me('POST', '/orders', { credits: 'links', quantity: 1 })

  expect(await reader('POST', '/subscription', { plan: 'Core' })).toMatchObject({
    status: 403,
    body: { code: 'forbidden' },
  })
  expect(await weakOperator('POST', `/orders/${order['id']}/approve`)).toMatchObject({
    status: 403,
    body: { code: 'forbidden' },
  })
  expect((await s.me('GET', `/orders/${order['id']}`)).body['status']).toBe('pending')
})
