import type { Services } from '#core/context.ts'
import { expirePlanOrder } from './order-queries.ts'
import { standingAt, type Subscription } from './subscription.ts'
import { lockSubscription, updateSubscription } from './subscription-queries.ts'

/** A subscription as it is now, and what became of the term that had ended, if one had. */
export interface SettledSubscription {
  readonly subscription: Subscription
  readonly turned: 'changed' | 'ended' | undefined
}

/**
 * Lock a team's subscription and write down what the clock has made of it since: a term that ended gives way to the
 * plan that was chosen for after it, or to that of new accounts. Only inside a transaction; every change of a plan
 * begins with it.
 */
export async function settleSubscription(tx: Services, teamId: number): Promise<SettledSubscription> {
  const now = tx.now()
  const fallback = tx.settings.signupPlan
  const subscription = await lockSubscription(tx.db, { teamId, plan: fallback, now })
  const { plan, state } = standingAt(subscription, now, fallback)
  const { term, next } = subscription
  if (term === null || now < term.paidUntil) return { subscription, turned: undefined }

  if (state === 'granted') {
    const granted = await grantPlan(tx, teamId, plan, { isLowered: true })
    return { subscription: granted, turned: next?.plan === plan ? 'changed' : 'ended' }
  }
  if (next === null || next.interval === null) return { subscription, turned: undefined }
  const changed: Subscription = {
    ...subscription,
    plan,
    term: { ...term, interval: next.interval },
    next: null,
  }
  await updateSubscription(tx.db, changed, { startedAt: now, loweredAt: now })
  return { subscription: changed, turned: 'changed' }
}

/** Give a team a plan that has no end and is not paid for, instead of whatever it had or had ordered. */
export async function grantPlan(
  tx: Services,
  teamId: number,
  plan: string,
  { isLowered = false } = {},
): Promise<Subscription> {
  const now = tx.now()
  const granted: Subscription = { teamId, plan, term: null, next: null, isEnding: false }
  await expirePlanOrder(tx.db, teamId, now)
  await updateSubscription(tx.db, granted, { startedAt: now, ...(isLowered && { loweredAt: now }) })
  return granted
}
