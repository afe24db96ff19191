import { Hono } from 'hono'
import { z } from 'zod'
import { BILLING_INTERVALS } from '#core/billing/billing-periods.ts'
import {
  cancelSubscription,
  changeSubscription,
  getSubscription,
  resumeSubscription,
  type SubscriptionView,
} from '#core/billing/change-subscription.ts'
import { describeOrder, type Order, ORDER_STATUSES, type OrderOfTeam } from '#core/billing/order.ts'
import {
  approveOrder,
  getOrder,
  listAllOrders,
  listOrders,
  orderCredits,
  rejectOrder,
} from '#core/billing/orders.ts'
import type { Plan } from '#core/billing/plan.ts'
import { CREDIT_METRICS, CURRENCY, type CreditMetric, creditCents, planCents } from '#core/billing/prices.ts'
import { DomainError } from '#core/errors.ts'
import type { Env } from '#http/dialect.ts'
import { readJson } from '#http/read-json.ts'
import { queryInt, queryText } from '#http/read-query.ts'
import { body, text } from './fields.ts'

const SubscriptionBody = body({
  plan: text,
  interval: z.enum(BILLING_INTERVALS, { error: 'must be month or year' }).nullish(),
})

const CreditsBody = body({
  credits: z.enum(['links', 'qr_codes'], { error: 'must be links or qr_codes' }),
  quantity: z.number({ error: 'must be a number' }),
})

const METRICS = { links: 'links', qr_codes: 'qr-codes' } as const satisfies Record<string, CreditMetric>

/** The plans there are, and the team's own: started, changed, cancelled, resumed. */
export function subscriptions(): Hono<Env> {
  return new Hono<Env>()
    .get('/plans', (c) => {
      const { plans } = c.var.ctx
      return c.json({
        data: plans.plans.map(planToWire),
        credits: CREDIT_METRICS.flatMap((metric) => {
          const cents = creditCents(plans, metric, 1000)
          return cents === null ? [] : [{ credits: wireName(metric), cents_per_thousand: cents }]
        }),
        currency: CURRENCY,
      })
    })
    .get('/subscription', async (c) => c.json(subscriptionToWire(await getSubscription(c.var.ctx))))
    .post('/subscription', async (c) => {
      const { plan, interval } = await readJson(c.req, SubscriptionBody)
      const choice = { plan, interval: interval ?? 'month' }
      return c.json(subscriptionToWire(await changeSubscription(c.var.ctx, choice)))
    })
    .delete('/subscription', async (c) => c.json(subscriptionToWire(await cancelSubscription(c.var.ctx))))
    .post('/subscription/resume', async (c) =>
      c.json(subscriptionToWire(await resumeSubscription(c.var.ctx))),
    )
}

/** What is to be paid. */
export function orders(): Hono<Env> {
  return new Hono<Env>()
    .get('/orders', async (c) => {
      const limit = queryInt(c.req, 'limit', { min: 1, max: 50, default: 20 })
      const page = {
        limit: limit + 1,
        status: oneOf(ORDER_STATUSES, 'status', queryText(c.req, 'status')),
        before: queryText(c.req, 'cursor'),
      }
      const isAll = oneOf(['own', 'all'], 'scope', queryText(c.req, 'scope')) === 'all'
      const found = await (isAll ? listAllOrders : listOrders)(c.var.ctx, page)
      const shown = found.slice(0, limit)
      return c.json({
        data: shown.map((order) => ({ ...orderToWire(order), ...(isAll && { team: teamToWire(order) }) })),
        next_cursor: found.length > limit ? shown.at(-1)?.publicId : null,
      })
    })
    .post('/orders', async (c) => {
      const { credits, quantity } = await readJson(c.req, CreditsBody)
      return c.json(orderToWire(await orderCredits(c.var.ctx, { metric: METRICS[credits], quantity })), 201)
    })
    .get('/orders/:id', async (c) => c.json(orderToWire(await getOrder(c.var.ctx, c.req.param('id')))))
    .post('/orders/:id/approve', async (c) =>
      c.json(orderToWire(await approveOrder(c.var.ctx, c.req.param('id')))),
    )
    .post('/orders/:id/reject', async (c) =>
      c.json(orderToWire(await rejectOrder(c.var.ctx, c.req.param('id')))),
    )
}

function planToWire(plan: Plan) {
  const { monthly } = plan
  return {
    name: plan.name,
    price_cents_monthly: planCents(plan, 'month'),
    price_cents_yearly: planCents(plan, 'year'),
    links_per_month: monthly.links,
    qr_codes_per_month: monthly['qr-codes'],
    clicks_per_month: monthly.clicks,
    api_calls_per_month: monthly['api-calls'],
    api_calls_per_minute: plan.apiCallsPerMinute,
    lookup_credits_per_month: monthly['lookup-credits'],
    analytics_days: plan.analyticsDays,
    typed_links: plan.typedLinks,
    lynklens_api: plan.lynklensApi,
    ipgeolocation_api: plan.ipgeolocationApi,
    extra_keys: plan.extraKeys,
  }
}

function subscriptionToWire({ standing, subscription, pendingOrder, graceUntil }: SubscriptionView) {
  // A term that is over is told of only while its grace lasts.
  const term = standing.state === 'granted' ? null : subscription.term
  return {
    plan: standing.plan,
    status: standing.state.replace('-', '_'),
    interval: term?.interval ?? null,
    amount_cents: term?.cents ?? null,
    currency: CURRENCY,
    paid_until: term?.paidUntil ?? null,
    grace_until: graceUntil,
    next_plan: term === null ? null : (subscription.next?.plan ?? null),
    next_interval: term === null ? null : (subscription.next?.interval ?? null),
    pending_order: pendingOrder === undefined ? null : orderToWire(pendingOrder),
  }
}

function orderToWire(order: Order) {
  const { subject } = order
  return {
    id: order.publicId,
    kind: subject.kind,
    description: describeOrder(order),
    plan: subject.kind === 'credits' ? null : subject.plan,
    interval: subject.kind === 'credits' ? null : subject.interval,
    credits: subject.kind === 'credits' ? wireName(subject.metric) : null,
    quantity: subject.kind === 'credits' ? subject.quantity : null,
    amount_cents: order.amountCents,
    currency: order.currency,
    status: order.status,
    payment: order.provider,
    created_at: order.createdAt,
    expires_at: order.expiresAt,
    decided_at: order.decidedAt,
  }
}

function teamToWire(order: OrderOfTeam) {
  return { id: order.teamId, name: order.teamName, owner_email: order.ownerEmail }
}

function wireName(metric: CreditMetric): keyof typeof METRICS {
  return metric === 'links' ? 'links' : 'qr_codes'
}

function oneOf<T extends string>(
  choices: readonly T[],
  parameter: string,
  given: string | undefined,
): T | undefined {
  if (given === undefined) return undefined
  const choice = choices.find((known) => known === given)
  if (choice !== undefined) return choice
  throw new DomainError('invalid-parameter', { parameter, problem: `must be one of ${choices.join(', ')}` })
}
