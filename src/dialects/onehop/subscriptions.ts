import {
  cancelSubscription,
  changeSubscription,
  getSubscription,
  resumeSubscription,
  type SubscriptionView,
} from '#core/billing/change-subscription.ts'
import type { Plan as CataloguePlan } from '#core/billing/plan.ts'
import { CREDIT_METRICS, CURRENCY, creditCents, planCents } from '#core/billing/prices.ts'
import { endpoint } from './endpoint.ts'
import { creditName, orderToWire } from './orders.ts'
import { type Plan, Plans, Subscription, SubscriptionChange } from './wire/billing.ts'

/** The plans there are, and the team's own: started, changed, cancelled, resumed. */
export const subscriptionEndpoints = [
  endpoint({
    method: 'GET',
    path: '/plans',
    summary: 'Plans and what they allow',
    tag: 'Billing',
    access: 'public',
    answer: Plans,
    handle: ({ ctx: { plans } }) => ({
      data: plans.plans.map(planToWire),
      credits: CREDIT_METRICS.flatMap((metric) => {
        const cents = creditCents(plans, metric, 1000)
        return cents === null ? [] : [{ credits: creditName(metric), cents_per_thousand: cents }]
      }),
      currency: CURRENCY,
    }),
  }),
  endpoint({
    method: 'GET',
    path: '/subscription',
    summary: "The team's subscription",
    tag: 'Billing',
    access: 'user:read',
    answer: Subscription,
    handle: async ({ ctx }) => subscriptionToWire(await getSubscription(ctx)),
  }),
  endpoint({
    method: 'POST',
    path: '/subscription',
    summary: 'Start or change the subscription',
    description: 'For owners and admins of the team.',
    tag: 'Billing',
    access: 'user:write',
    body: SubscriptionChange,
    creates: 'the order',
    answer: Subscription,
    problems: ['role-required'],
    handle: async ({ ctx, body: { plan, interval } }) =>
      subscriptionToWire(await changeSubscription(ctx, { plan, interval: interval ?? 'month' })),
  }),
  endpoint({
    method: 'DELETE',
    path: '/subscription',
    summary: 'End the subscription when what is paid for does',
    tag: 'Billing',
    access: 'user:write',
    answer: Subscription,
    problems: ['role-required', 'no-subscription'],
    handle: async ({ ctx }) => subscriptionToWire(await cancelSubscription(ctx)),
  }),
  endpoint({
    method: 'POST',
    path: '/subscription/resume',
    summary: 'Undo the end, or a change that waits',
    tag: 'Billing',
    access: 'user:write',
    answer: Subscription,
    problems: ['role-required', 'no-subscription'],
    handle: async ({ ctx }) => subscriptionToWire(await resumeSubscription(ctx)),
  }),
]

function planToWire(plan: CataloguePlan): Plan {
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

function subscriptionToWire({
  standing,
  subscription,
  pendingOrder,
  graceUntil,
}: SubscriptionView): Subscription {
  // A term that is over is told of only while its grace lasts.
  const term = standing.state === 'granted' ? null : subscription.term
  return {
    plan: standing.plan,
    status: standing.state === 'past-due' ? 'past_due' : standing.state,
    interval: term?.interval ?? null,
    amount_cents: term?.cents ?? null,
    currency: CURRENCY,
    paid_until: term?.paidUntil.toISOString() ?? null,
    grace_until: graceUntil?.toISOString() ?? null,
    next_plan: term === null ? null : (subscription.next?.plan ?? null),
    next_interval: term === null ? null : (subscription.next?.interval ?? null),
    pending_order: pendingOrder === undefined ? null : orderToWire(pendingOrder),
  }
}
