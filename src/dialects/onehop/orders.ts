import { describeOrder, type Order as TeamOrder, type OrderOfTeam } from '#core/billing/order.ts'
import {
  approveOrder,
  getOrder,
  listAllOrders,
  listOrders,
  orderCredits,
  rejectOrder,
} from '#core/billing/orders.ts'
import type { CreditMetric } from '#core/billing/prices.ts'
import { endpoint } from './endpoint.ts'
import { ListedOrder, Order, OrderNew } from './wire/billing.ts'
import { cursorParameter, limitParameter, listOf, oneOf } from './wire/fields.ts'

const METRICS = { links: 'links', qr_codes: 'qr-codes' } as const satisfies Record<string, CreditMetric>

/** What is to be paid. */
export const orderEndpoints = [
  endpoint({
    method: 'GET',
    path: '/orders',
    summary: 'Orders, newest first',
    description: '`scope=all` is for operators: those of every team, with the team.',
    tag: 'Billing',
    access: 'user:read',
    query: {
      status: oneOf('pending', 'approved', 'rejected', 'expired').optional(),
      scope: oneOf('own', 'all').optional(),
      limit: limitParameter(50),
      cursor: cursorParameter,
    },
    answer: listOf(ListedOrder),
    problems: ['role-required'],
    handle: async ({ ctx, query: { status, scope, limit, cursor } }) => {
      const isAll = scope === 'all'
      const page = { limit: limit + 1, status, before: cursor }
      const found = await (isAll ? listAllOrders : listOrders)(ctx, page)
      const shown = found.slice(0, limit)
      return {
        data: shown.map((order) => ({ ...orderToWire(order), ...(isAll && { team: teamToWire(order) }) })),
        next_cursor: (found.length > limit ? shown.at(-1)?.publicId : undefined) ?? null,
      }
    },
  }),
  endpoint({
    method: 'POST',
    path: '/orders',
    summary: 'Order links or QR codes beyond the plan',
    tag: 'Billing',
    access: 'user:write',
    body: OrderNew,
    creates: 'the order',
    status: 201,
    answer: Order,
    problems: ['role-required'],
    handle: async ({ ctx, body: { credits, quantity } }) =>
      orderToWire(await orderCredits(ctx, { metric: METRICS[credits], quantity })),
  }),
  endpoint({
    method: 'GET',
    path: '/orders/{id}',
    summary: 'One order',
    tag: 'Billing',
    access: 'user:read',
    answer: Order,
    problems: ['order-not-found'],
    handle: async ({ ctx, params }) => orderToWire(await getOrder(ctx, params.id)),
  }),
  endpoint({
    method: 'POST',
    path: '/orders/{id}/approve',
    summary: 'Say that an order is paid',
    tag: 'Operator',
    access: 'operator',
    answer: Order,
    problems: ['order-not-found', 'order-decided'],
    handle: async ({ ctx, params }) => orderToWire(await approveOrder(ctx, params.id)),
  }),
  endpoint({
    method: 'POST',
    path: '/orders/{id}/reject',
    summary: 'Turn an order down',
    tag: 'Operator',
    access: 'operator',
    answer: Order,
    problems: ['order-not-found', 'order-decided'],
    handle: async ({ ctx, params }) => orderToWire(await rejectOrder(ctx, params.id)),
  }),
]

/** An order as the team it is of sees it. */
export function orderToWire(order: TeamOrder): Order {
  const { subject } = order
  return {
    id: order.publicId,
    kind: subject.kind,
    description: describeOrder(order),
    plan: subject.kind === 'credits' ? null : subject.plan,
    interval: subject.kind === 'credits' ? null : subject.interval,
    credits: subject.kind === 'credits' ? creditName(subject.metric) : null,
    quantity: subject.kind === 'credits' ? subject.quantity : null,
    amount_cents: order.amountCents,
    currency: order.currency,
    status: order.status,
    payment: order.provider,
    created_at: order.createdAt.toISOString(),
    expires_at: order.expiresAt.toISOString(),
    decided_at: order.decidedAt?.toISOString() ?? null,
  }
}

function teamToWire(order: OrderOfTeam): ListedOrder['team'] {
  return { id: order.teamId, name: order.teamName, owner_email: order.ownerEmail }
}

/** What credits are called on the wire. */
export function creditName(metric: CreditMetric): keyof typeof METRICS {
  return metric === 'links' ? 'links' : 'qr_codes'
}
