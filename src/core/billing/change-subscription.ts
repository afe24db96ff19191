import { recordChange } from '#core/audit/record-change.ts'
import { type Ctx, inTransaction, type Services } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import { requireAbility, requireTeamAdmin } from '#core/permissions.ts'
import type { BillingInterval } from './billing-periods.ts'
import type { Order } from './order.ts'
import { expirePlanOrder, findOrders } from './order-queries.ts'
import { collectPayment, placeOrder } from './order-payment.ts'
import { findPlan, type Plan, type PlanCatalogue } from './plan.ts'
import { planCents, upgradeCents } from './prices.ts'
import { grantPlan, settleSubscription } from './settle-subscription.ts'
import { graceEnd, type Standing, standingAt, type Subscription, type Term } from './subscription.ts'
import { findSubscription, updateSubscription } from './subscription-queries.ts'

/** A team's subscription as its members see it. */
export interface SubscriptionView {
  readonly standing: Standing
  readonly subscription: Subscription
  /** The plan that is on order. */
  readonly pendingOrder: Order | undefined
  /** When a plan that is past due ends; null while it is not. */
  readonly graceUntil: Date | null
}

export interface PlanChoice {
  readonly plan: string
  readonly interval: BillingInterval
}

/**
 * The acting team's subscription.
 *
 * @throws DomainError `unauthenticated` or `forbidden`
 */
export async function getSubscription(ctx: Ctx): Promise<SubscriptionView> {
  const { teamId } = requireAbility(ctx.actor, 'user:read')
  const fallback = ctx.settings.signupPlan
  const subscription = (await findSubscription(ctx.db, teamId)) ?? {
    teamId,
    plan: fallback,
    term: null,
    next: null,
    isEnding: false,
  }
  const now = ctx.now()
  const standing = standingAt(subscription, now, fallback)
  const pending = await findOrders(ctx.db, { teamId, status: 'pending', limit: 100 })
  return {
    standing,
    subscription,
    pendingOrder: pending.find(({ subject, expiresAt }) => subject.kind !== 'credits' && expiresAt > now),
    graceUntil:
      standing.state === 'past-due' && subscription.term !== null ? graceEnd(subscription.term) : null,
  }
}

/**
 * Start a subscription, or change to another plan or interval. Something dearer begins as soon as its order is
 * approved; something cheaper or paid more often when the term that is paid for ends, without an order; a plan that
 * costs nothing likewise. To choose what one has undoes what was chosen for after the term.
 *
 * @throws DomainError `unauthenticated`, `forbidden`, `role-required`, or `field-invalid` for a plan that is not sold
 *   or is the one there is
 */
export async function changeSubscription(ctx: Ctx, choice: PlanChoice): Promise<SubscriptionView> {
  const { teamId, userId } = requireTeamAdmin(ctx.actor)
  const { plan, cents } = requireOnSale(ctx.plans, choice)
  const order = await inTransaction(ctx, async (tx) => {
    const { subscription } = await settleSubscription(tx, teamId)
    const placed = await change(tx, subscription, { plan, cents, interval: choice.interval, userId })
    await recordSubscription(tx, subscription)
    return placed
  })
  if (order !== undefined) await collectPayment(ctx, order)
  return getSubscription(ctx)
}

/**
 * Let the subscription end when its term does. What is on order is not any more.
 *
 * @throws DomainError `unauthenticated`, `forbidden`, `role-required` or `no-subscription`
 */
export async function cancelSubscription(ctx: Ctx): Promise<SubscriptionView> {
  return setEnding(ctx, true)
}

/**
 * Let the subscription go on after its term, as it is.
 *
 * @throws DomainError `unauthenticated`, `forbidden`, `role-required` or `no-subscription`
 */
export async function resumeSubscription(ctx: Ctx): Promise<SubscriptionView> {
  return setEnding(ctx, false)
}

async function setEnding(ctx: Ctx, isEnding: boolean): Promise<SubscriptionView> {
  const { teamId } = requireTeamAdmin(ctx.actor)
  await inTransaction(ctx, async (tx) => {
    const { subscription } = await settleSubscription(tx, teamId)
    const { plan, term } = subscription
    if (term === null) throw new DomainError('no-subscription', { plan })
    if (isEnding && tx.now() >= term.paidUntil)
      await grantPlan(tx, teamId, tx.settings.signupPlan, { isLowered: true })
    else {
      if (isEnding) await expirePlanOrder(tx.db, teamId, tx.now())
      await updateSubscription(tx.db, { ...subscription, next: null, isEnding })
    }
    await recordSubscription(tx, subscription)
  })
  return getSubscription(ctx)
}

/** Write down what a choice made of a subscription; an order that it placed is written down by itself. */
async function recordSubscription(tx: Ctx, before: Subscription): Promise<void> {
  const after = await findSubscription(tx.db, before.teamId)
  const facts = (of: Subscription | undefined) =>
    of && {
      plan: of.plan,
      interval: of.term?.interval,
      next_plan: of.next?.plan,
      next_interval: of.next?.interval,
      is_ending: of.isEnding,
    }
  if (JSON.stringify(facts(before)) === JSON.stringify(facts(after))) return
  await recordChange(tx, {
    action: 'subscription.changed',
    teamId: before.teamId,
    subject: `team ${before.teamId}`,
    before: facts(before),
    after: facts(after),
  })
}

interface Wanted {
  readonly plan: Plan
  readonly cents: number
  readonly interval: BillingInterval
  readonly userId: number
}

/** @returns the order to be paid; undefined when the change needs none */
async function change(tx: Services, subscription: Subscription, wanted: Wanted): Promise<Order | undefined> {
  const { plan, cents, interval, userId } = wanted
  const { term, teamId } = subscription
  const isSamePlan = plan.name === subscription.plan
  const order = (kind: 'start' | 'renewal' | 'upgrade', amountCents: number) =>
    placeOrder(tx, subscription, { subject: { kind, plan: plan.name, interval }, amountCents, userId })

  if (term === null) {
    if (isSamePlan) throw planUnchanged()
    if (cents > 0) return order('start', cents)
    await grantPlan(tx, teamId, plan.name, { isLowered: true })
    return undefined
  }
  if (tx.now() >= term.paidUntil) {
    if (cents > 0) return order('renewal', cents)
    await grantPlan(tx, teamId, plan.name, { isLowered: true })
    return undefined
  }
  if (isSamePlan && interval === term.interval) {
    if (subscription.next === null && !subscription.isEnding) throw planUnchanged()
    await updateSubscription(tx.db, { ...subscription, next: null, isEnding: false })
    return undefined
  }
  if (isUpgrade(tx.plans, { plan: subscription.plan, term }, wanted))
    return order('upgrade', upgradeCents(term, { cents, interval }, tx.now()))
  await expirePlanOrder(tx.db, teamId, tx.now())
  const next = { plan: plan.name, interval: cents === 0 ? null : interval }
  await updateSubscription(tx.db, { ...subscription, next, isEnding: false })
  return undefined
}

/** Whether a change is to something dearer, at least as long ahead. */
function isUpgrade(
  catalogue: PlanCatalogue,
  current: { readonly plan: string; readonly term: Term },
  { plan, interval }: Wanted,
): boolean {
  if (interval === 'month' && current.term.interval === 'year') return false
  const before = findPlan(catalogue, current.plan)?.priceMonthly ?? 0
  const after = plan.priceMonthly ?? 0
  return after > before || (plan.name === current.plan && interval !== current.term.interval)
}

function requireOnSale(catalogue: PlanCatalogue, { plan: name, interval }: PlanChoice) {
  const plan = findPlan(catalogue, name)
  const cents = plan && planCents(plan, interval)
  if (plan === undefined || cents == null) {
    const onSale = catalogue.plans.filter((each) => planCents(each, interval) !== null)
    throw new DomainError('field-invalid', {
      field: 'plan',
      problem: `must be one of ${onSale.map((each) => each.name).join(', ')}`,
    })
  }
  return { plan, cents }
}

function planUnchanged(): DomainError {
  return new DomainError('field-invalid', { field: 'plan', problem: 'must be another than the one there is' })
}
