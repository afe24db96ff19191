import { inTransaction, type Services } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import { nextTurn } from '#core/schedule/next-turn.ts'
import type { TaskCounts } from '#core/schedule/task.ts'
import { collectPayment, placeOrder } from './order-payment.ts'
import { expireOrders, findUnaskedOrders, isRenewalOrdered } from './order-queries.ts'
import { findPlan } from './plan.ts'
import { planCents } from './prices.ts'
import { settleSubscription, type SettledSubscription } from './settle-subscription.ts'
import { RENEWAL_LEAD_MS, type Subscription } from './subscription.ts'
import { findTeamsDue } from './subscription-queries.ts'

const PAGE = 200

/**
 * Do what the clock asks of subscriptions: order the renewal of those whose term ends within a week or has ended, put
 * the plan in place that was chosen for after a term, end those that were cancelled or not paid for, expire orders, and
 * ask for payments that could not be asked for before. Doing it twice does it once.
 */
export async function renewSubscriptions(services: Services, signal: AbortSignal): Promise<TaskCounts> {
  const counts = {
    ordered: 0,
    changed: 0,
    ended: 0,
    expired: await expireOrders(services.db, services.now()),
  }
  const until = new Date(services.now().getTime() + RENEWAL_LEAD_MS)
  for (let afterTeamId = 0; ;) {
    const teamIds = await findTeamsDue(services.db, until, { afterTeamId, limit: PAGE })
    for (const teamId of teamIds) {
      await nextTurn(signal)
      const { turned, isOrdered } = await renewTeam(services, teamId)
      if (turned !== undefined) counts[turned]++
      if (isOrdered) counts.ordered++
    }
    const last = teamIds.at(-1)
    if (last === undefined) break
    afterTeamId = last
  }
  await collectUnasked(services, signal)
  return counts
}

async function renewTeam(
  services: Services,
  teamId: number,
): Promise<{ readonly turned: SettledSubscription['turned']; readonly isOrdered: boolean }> {
  return inTransaction(services, async (tx) => {
    const { subscription, turned } = await settleSubscription(tx, teamId)
    return { turned, isOrdered: await orderRenewal(tx, subscription) }
  })
}

/**
 * Order the next term of what a team has, once: nothing is ordered where something else comes after the term. A plan
 * that is not sold any more is not renewed, and ends with the grace.
 */
async function orderRenewal(tx: Services, subscription: Subscription): Promise<boolean> {
  const { teamId, term, next, isEnding } = subscription
  if (term === null || next !== null || isEnding) return false
  if (term.paidUntil.getTime() - tx.now().getTime() > RENEWAL_LEAD_MS) return false
  if (await isRenewalOrdered(tx.db, teamId, term.paidUntil)) return false
  const plan = findPlan(tx.plans, subscription.plan)
  const amountCents = plan && planCents(plan, term.interval)
  if (plan === undefined || amountCents == null) return false
  await placeOrder(tx, subscription, {
    subject: { kind: 'renewal', plan: plan.name, interval: term.interval },
    amountCents,
    userId: null,
  })
  return true
}

/** Ask providers for what they were not asked for, or could not take note of. */
async function collectUnasked(services: Services, signal: AbortSignal): Promise<void> {
  for (;;) {
    const orders = await findUnaskedOrders(services.db, services.now(), PAGE)
    for (const order of orders) {
      await nextTurn(signal)
      try {
        await collectPayment(services, order)
      } catch (error) {
        // Somebody decided it meanwhile.
        if (!(error instanceof DomainError && error.code === 'order-decided')) throw error
      }
    }
    if (orders.length < PAGE) return
  }
}
