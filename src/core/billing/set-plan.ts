import type { Services } from '#core/context.ts'
import type { Metric } from '#core/errors.ts'
import { findPlan, type Plan } from './plan.ts'
import { usageMonth } from './usage.ts'
import { setPlanName, setUsageLeft } from './usage-queries.ts'

/**
 * Put a team on a plan, from now on.
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
  await setPlanName(services.db, teamId, plan.name, services.now())
  services.emit({ kind: 'access-changed' })
  return plan
}

/** Let a team use exactly `left` more of a metric this month, whatever its plan says. */
export async function setRemaining(
  services: Services,
  teamId: number,
  metric: Metric,
  left: number,
): Promise<void> {
  await setUsageLeft(services.db, { teamId, month: usageMonth(services.now()), metric }, left)
}
