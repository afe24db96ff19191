import { findPlan } from '#core/billing/plan.ts'
import { findTeamPlans } from '#core/billing/subscription-queries.ts'
import type { Services } from '#core/context.ts'

const DAY_MS = 24 * 60 * 60 * 1000
/** For so long after a plan came to its end the clicks it kept are still there for whoever pays again. */
const KEPT_AFTER_PLAN_MS = 30 * DAY_MS

/**
 * Delete the clicks that are older than their team's plan keeps. Reports leave them out already. A team whose plan came
 * to its end loses nothing for 30 days.
 *
 * @returns how many teams have a limit
 */
export async function sweepRetention(services: Services): Promise<number> {
  const nowMs = services.now().getTime()
  const cutoffs = new Map<number, number>()
  for (const { teamId, plan, loweredAt } of await findTeamPlans(services.db)) {
    if (loweredAt !== null && nowMs - loweredAt.getTime() < KEPT_AFTER_PLAN_MS) continue
    const days = findPlan(services.plans, plan)?.analyticsDays
    // A plan that has left the catalogue deletes nothing: the operator may only have misspelt it.
    if (days !== undefined && days !== null) cutoffs.set(teamId, nowMs - days * DAY_MS)
  }
  await services.clicks.retain(cutoffs)
  return cutoffs.size
}
