import { recordChange } from '#core/audit/record-change.ts'
import { inTransaction, type Services } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import { publishEvent } from '#core/webhooks/publish-event.ts'
import { type BillingInterval, nextAnniversary } from './billing-periods.ts'
import { describeOrder, type Order, type OrderSubject } from './order.ts'
import {
  decidePendingOrder,
  expirePlanOrder,
  findOrder,
  insertOrder,
  setOrderAsked,
} from './order-queries.ts'
import { findPlan } from './plan.ts'
import { CURRENCY, planCents } from './prices.ts'
import { settleSubscription } from './settle-subscription.ts'
import { graceEnd, type Subscription, type Term } from './subscription.ts'
import { updateSubscription } from './subscription-queries.ts'
import { addCredits } from './usage-queries.ts'

/** How long an order may wait, unless what it is about ends sooner. */
const ORDER_TTL_MS = 14 * 24 * 60 * 60 * 1000

/** What is ordered, for how much. */
export interface OrderRequest {
  readonly subject: OrderSubject
  readonly amountCents: number
  /** Null: the schedule ordered it. */
  readonly userId: number | null
}

/**
 * Write an order down, in the place of a plan that is on order already. Only inside the transaction that settled the
 * subscription; {@link collectPayment} follows it.
 */
export async function placeOrder(
  tx: Services,
  subscription: Subscription,
  { subject, amountCents, userId }: OrderRequest,
): Promise<Order> {
  const { teamId, term } = subscription
  const createdAt = tx.now()
  if (subject.kind !== 'credits') await expirePlanOrder(tx.db, teamId, createdAt)
  const order = await insertOrder(tx.db, {
    publicId: `ord_${tx.random.base62(24)}`,
    teamId,
    userId,
    subject,
    due: subject.kind === 'renewal' ? (term?.paidUntil ?? null) : null,
    amountCents,
    currency: CURRENCY,
    provider: tx.payments.name,
    createdAt,
    expiresAt: expiryOf(subject, term, createdAt),
  })
  await recordChange(tx, {
    action: 'order.created',
    teamId,
    subject: `order ${order.publicId}`,
    after: { order: describeOrder(order), amount_cents: amountCents },
  })
  return order
}

/** An upgrade's price holds for the term it was made of, a renewal is of use until the grace ends. */
function expiryOf(subject: OrderSubject, term: Term | null, createdAt: Date): Date {
  const usual = new Date(createdAt.getTime() + ORDER_TTL_MS)
  if (term === null) return usual
  if (subject.kind === 'renewal') return graceEnd(term)
  return subject.kind === 'upgrade' && term.paidUntil < usual ? term.paidUntil : usual
}

/**
 * Ask the provider for the payment of an order, and do what its answer means. What costs nothing is paid.
 *
 * @returns the order as it is after that
 */
export async function collectPayment(services: Services, order: Order): Promise<Order> {
  if (services.db.isTransaction) throw new Error('a provider is not waited for in a transaction')
  const outcome =
    order.amountCents === 0
      ? 'paid'
      : await services.payments.collect({
          id: order.publicId,
          amountCents: order.amountCents,
          currency: CURRENCY,
          description: describeOrder(order),
        })
  switch (outcome) {
    case 'waiting':
      await setOrderAsked(services.db, order.id, services.now())
      return order
    case 'paid':
      return decideOrder(services, order, { status: 'approved', userId: null })
    case 'declined':
      return decideOrder(services, order, { status: 'rejected', userId: null })
  }
}

/**
 * Decide a pending order. What was paid for is given in the same transaction; of several that decide, one does.
 *
 * @throws DomainError `order-decided` when it was decided or has expired
 */
export async function decideOrder(
  services: Services,
  { id, publicId, teamId }: Order,
  decision: { readonly status: 'approved' | 'rejected'; readonly userId: number | null },
): Promise<Order> {
  return inTransaction(services, async (tx) => {
    const { subscription } = await settleSubscription(tx, teamId)
    const order = await decidePendingOrder(tx.db, id, { ...decision, now: tx.now() })
    if (order === undefined) {
      const status = (await findOrder(tx.db, publicId))?.status ?? 'expired'
      throw new DomainError('order-decided', {
        id: publicId,
        status: status === 'pending' ? 'expired' : status,
      })
    }
    if (order.status === 'approved') await deliver(tx, order, subscription)
    await recordChange(tx, {
      action: decision.status === 'approved' ? 'order.approved' : 'order.rejected',
      teamId,
      subject: `order ${publicId}`,
      before: { status: 'pending' },
      after: { status: decision.status, order: describeOrder(order), amount_cents: order.amountCents },
    })
    return order
  })
}

/** Give what was paid for. */
async function deliver(tx: Services, order: Order, subscription: Subscription): Promise<void> {
  const { subject, teamId } = order
  if (subject.kind === 'credits') {
    await addCredits(tx.db, teamId, subject.metric, subject.quantity)
    return
  }
  const { plan, interval } = subject
  const now = tx.now()
  const cents = priceOf(tx, plan, interval) ?? order.amountCents
  const isNewPlan = plan !== subscription.plan
  const paid: Subscription = {
    teamId,
    plan,
    term: { ...termAfter(subject, subscription.term, now), cents },
    next: null,
    isEnding: false,
  }
  await updateSubscription(tx.db, paid, isNewPlan ? { startedAt: now } : {})
  if (subject.kind !== 'upgrade')
    await publishEvent(tx, teamId, {
      event: 'subscription.created',
      data: { plan, amount: order.amountCents / 100, interval },
    })
}

/** The term that is paid for by an order of a plan. */
function termAfter(
  { kind, interval }: { readonly kind: 'start' | 'renewal' | 'upgrade'; readonly interval: BillingInterval },
  term: Term | null,
  now: Date,
): Omit<Term, 'cents'> {
  if (kind === 'renewal' && term !== null)
    return {
      interval,
      anchor: term.anchor,
      paidUntil: nextAnniversary(term.anchor, term.paidUntil, interval),
    }
  if (kind === 'upgrade' && term?.interval === interval) return term
  return { interval, anchor: now, paidUntil: nextAnniversary(now, now, interval) }
}

function priceOf(services: Services, planName: string, interval: BillingInterval): number | null {
  const plan = findPlan(services.plans, planName)
  return plan === undefined ? null : planCents(plan, interval)
}
