import { type Ctx, inTransaction } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import { requireAbility, requireOperator, requireTeamAdmin } from '#core/permissions.ts'
import type { Order, OrderOfTeam, OrderStatus } from './order.ts'
import { collectPayment, decideOrder, placeOrder } from './order-payment.ts'
import { findOrder, findOrders } from './order-queries.ts'
import { creditCents, type CreditMetric } from './prices.ts'
import { settleSubscription } from './settle-subscription.ts'

/** Credits one order may be of. */
export const MAX_CREDITS_ORDERED = 1_000_000

/** Which part of a list is wanted. */
export interface OrderPage {
  readonly status?: OrderStatus | undefined
  /** Only orders older than the one of this public id. */
  readonly before?: string | undefined
  /** 1–100 */
  readonly limit: number
}

/**
 * The acting team's orders, newest first.
 *
 * @throws DomainError `unauthenticated` or `forbidden`
 */
export async function listOrders(ctx: Ctx, page: OrderPage): Promise<readonly OrderOfTeam[]> {
  const { teamId } = requireAbility(ctx.actor, 'user:read')
  return findOrders(ctx.db, { ...page, teamId })
}

/**
 * The orders of every team, newest first; an operator's.
 *
 * @throws DomainError `unauthenticated`, `forbidden` or `role-required`
 */
export async function listAllOrders(ctx: Ctx, page: OrderPage): Promise<readonly OrderOfTeam[]> {
  requireOperator(ctx.actor)
  return findOrders(ctx.db, { ...page, teamId: undefined })
}

/**
 * An order of the acting team, or any for an operator.
 *
 * @throws DomainError `unauthenticated`, `forbidden` or `order-not-found`
 */
export async function getOrder(ctx: Ctx, publicId: string): Promise<OrderOfTeam> {
  const { teamId, isOperator } = requireAbility(ctx.actor, 'user:read')
  const order = await findOrder(ctx.db, publicId)
  if (order === undefined || (order.teamId !== teamId && !isOperator))
    throw new DomainError('order-not-found', { id: publicId })
  return order
}

/**
 * Order credits, which are used when a month's allowance is.
 *
 * @throws DomainError `unauthenticated`, `forbidden`, `role-required`, or `field-invalid` for credits that are not sold
 *   or too many
 */
export async function orderCredits(
  ctx: Ctx,
  { metric, quantity }: { readonly metric: CreditMetric; readonly quantity: number },
): Promise<Order> {
  const { teamId, userId } = requireTeamAdmin(ctx.actor)
  if (!Number.isInteger(quantity) || quantity < 1 || quantity > MAX_CREDITS_ORDERED)
    throw new DomainError('field-invalid', {
      field: 'quantity',
      problem: `must be a whole number from 1 to ${MAX_CREDITS_ORDERED}`,
    })
  const amountCents = creditCents(ctx.plans, metric, quantity)
  if (amountCents === null)
    throw new DomainError('field-invalid', { field: 'metric', problem: 'must be something that is for sale' })
  const order = await inTransaction(ctx, async (tx) => {
    const { subscription } = await settleSubscription(tx, teamId)
    return placeOrder(tx, subscription, {
      subject: { kind: 'credits', metric, quantity },
      amountCents,
      userId,
    })
  })
  return collectPayment(ctx, order)
}

/**
 * Say that an order is paid, as an operator: what was ordered is given at once.
 *
 * @throws DomainError `unauthenticated`, `forbidden`, `role-required`, `order-not-found` or `order-decided`
 */
export async function approveOrder(ctx: Ctx, publicId: string): Promise<Order> {
  return decide(ctx, publicId, 'approved')
}

/**
 * Refuse an order, as an operator.
 *
 * @throws DomainError as {@link approveOrder}
 */
export async function rejectOrder(ctx: Ctx, publicId: string): Promise<Order> {
  return decide(ctx, publicId, 'rejected')
}

async function decide(ctx: Ctx, publicId: string, status: 'approved' | 'rejected'): Promise<Order> {
  const { userId } = requireOperator(ctx.actor)
  const order = await getOrder(ctx, publicId)
  return decideOrder(ctx, order, { status, userId })
}
