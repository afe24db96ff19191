import { recordChange } from '#core/audit/record-change.ts'
import { inTransaction, type Services } from '#core/context.ts'
import type { Metric } from '#core/errors.ts'
import { findPlan, type Plan } from './plan.ts'
import { grantPlan } from './settle-subscription.ts'
import { lockSubscription } from './subscription-queries.ts'
import { usageMonth } from './usage.ts'
import { setUsageLeft } from './usage-queries.ts'

/**
 * Grant a team a plan, from now on and without end: a subscription it paid for is over, and the plan it had ordered is
 * not ordered any more.
 *
 * @returns the plan; undefined when the catalogue has none of that name, and then nothing changed
 */
export async function setPlan(
  services: Services,
  teamId: number,
  planName: string,
): Promise<Plan | undefined> {
  const plan = findPlan(services.plans, planName)
  if (plan === undefined) return undefined
  await inTransaction(services, async (tx) => {
    const before = await lockSubscription(tx.db, { teamId, plan: plan.name, now: tx.now() })
    await grantPlan(tx, teamId, plan.name)
    tx.emit({ kind: 'access-changed' })
    await recordChange(tx, {
      action: 'plan.granted',
      teamId,
      subject: `team ${teamId}`,
      before: { plan: before.plan, paid_until: before.term?.paidUntil },
      after: { plan: plan.name },
    })
  })
  return plan
}

/** Grant a team its first plan, inside the transaction that makes the team. */
export async function startPlan(tx: Services, teamId: number, planName: string): Promise<void> {
  const plan = findPlan(tx.plans, planName)?.name ?? tx.settings.signupPlan
  await lockSubscription(tx.db, { teamId, plan, now: tx.now() })
}

/** Let a team use exactly `left` more of a metric this month, whatever its plan says. */
export async function setRemaining(
  services: Services,
  teamId: number,
  metric: Metric,
  left: number,
): Promise<void> {
  await inTransaction(services, async (tx) => {
    const month = usageMonth(tx.now())
    await setUsageLeft(tx.db, { teamId, month, metric }, left)
    const subject = `team ${teamId}`
    await recordChange(tx, { action: 'credits.set', teamId, subject, after: { metric, left, month } })
  })
}
