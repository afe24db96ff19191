import { z } from 'zod'
import { body, instant, number, text } from './fields.ts'

export const Interval = z.enum(['month', 'year'])
const Credits = z.enum(['links', 'qr_codes'])

/** What a plan allows; null is unlimited. */
const allowance = z.int().nullable()

export const Plan = z
  .object({
    name: z.string(),
    price_cents_monthly: z.int().nullable().meta({ description: 'US cents; null is on request.' }),
    price_cents_yearly: z.int().nullable(),
    links_per_month: allowance,
    qr_codes_per_month: allowance,
    clicks_per_month: allowance,
    api_calls_per_month: allowance,
    api_calls_per_minute: z.int(),
    lookup_credits_per_month: allowance,
    analytics_days: allowance,
    typed_links: z.boolean(),
    lynklens_api: z.boolean(),
    ipgeolocation_api: z.boolean(),
    extra_keys: allowance,
  })
  .meta({ id: 'Plan', description: 'What a plan costs and allows; null is unlimited.' })
export type Plan = z.infer<typeof Plan>

export const Plans = z
  .object({
    data: z.array(Plan),
    credits: z.array(z.object({ credits: Credits, cents_per_thousand: z.int() })),
    currency: z.string(),
  })
  .meta({ id: 'Plans' })
export type Plans = z.infer<typeof Plans>

const order = {
  id: z.string(),
  kind: z.enum(['start', 'renewal', 'upgrade', 'credits']),
  description: z.string(),
  plan: z.string().nullable(),
  interval: Interval.nullable(),
  credits: Credits.nullable(),
  quantity: z.int().nullable(),
  amount_cents: z.int(),
  currency: z.string(),
  status: z.enum(['pending', 'approved', 'rejected', 'expired']),
  payment: z.string().meta({ description: 'How it is paid: `manual` waits for the operator.' }),
  created_at: instant,
  expires_at: instant.nullable(),
  decided_at: instant.nullable(),
}

export const Order = z.object(order).meta({ id: 'Order' })
export type Order = z.infer<typeof Order>

export const ListedOrder = z
  .object({
    ...order,
    team: z
      .object({ id: z.int(), name: z.string(), owner_email: z.string().nullable() })
      .optional()
      .meta({ description: 'With `scope=all`.' }),
  })
  .meta({ id: 'ListedOrder' })
export type ListedOrder = z.infer<typeof ListedOrder>

export const Subscription = z
  .object({
    plan: z.string(),
    status: z.enum(['granted', 'active', 'ending', 'past_due']),
    interval: Interval.nullable(),
    amount_cents: z.int().nullable(),
    currency: z.string(),
    paid_until: instant.nullable(),
    grace_until: instant.nullable(),
    next_plan: z.string().nullable(),
    next_interval: Interval.nullable(),
    pending_order: Order.nullable(),
  })
  .meta({ id: 'Subscription' })
export type Subscription = z.infer<typeof Subscription>

export const SubscriptionChange = body({
  plan: text,
  interval: z.enum(['month', 'year'], { error: 'must be month or year' }).nullish(),
})
export type SubscriptionChange = z.infer<typeof SubscriptionChange>

export const OrderNew = body({
  credits: z.enum(['links', 'qr_codes'], { error: 'must be links or qr_codes' }),
  quantity: number,
}).meta({ examples: [{ credits: 'links', quantity: 500 }] })
export type OrderNew = z.infer<typeof OrderNew>
