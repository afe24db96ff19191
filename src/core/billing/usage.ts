import type { Services } from '#core/context.ts'
import { DomainError, type Metric } from '#core/errors.ts'
import { cheapestPlanAbove, findPlan, type Plan } from './plan.ts'
import { standingAt } from './subscription.ts'
import { findSubscription } from './subscription-queries.ts'
import { addUsageWithin, findCredits, findOverride, findUsage, takeCredits } from './usage-queries.ts'

/** A team's standing in one metric this month. */
export interface Usage {
  readonly used: number
  /** Null: unlimited. */
  readonly limit: number | null
  /** Bought credits that are used after the limit. */
  readonly credits: number
}

/** The calendar month (UTC) usage is counted in, as `2026-11`. */
export function usageMonth(instant: Date): string {
  return instant.toISOString().slice(0, 7)
}

/**
 * A team's plan now: the one it was granted or has paid for, in grace included. A plan that has left the catalogue since counts as the catalogue's first, so that removing
 * one never opens everything.
 */
export async function getPlan(services: Services, teamId: number): Promise<Plan> {
  const fallback = services.settings.signupPlan
  const subscription = await findSubscription(services.db, teamId)
  const name = subscription === undefined ? fallback : standingAt(subscription, services.now(), fallback).plan
  const plan = findPlan(services.plans, name) ?? services.plans.plans[0]
  if (plan === undefined) throw new Error('the plan catalogue is empty')
  return plan
}

/**
 * Use up an amount of a metric: first of the month's allowance, then of bought credits. Call it in the
 * transaction that does what is paid for, so that both happen or neither.
 *
 * @throws DomainError `limit-reached`
 */
export async function useAllowance(
  services: Services,
  teamId: number,
  metric: Metric,
  amount = 1,
): Promise<void> {
  const plan = await getPlan(services, teamId)
  const limit = await planLimit(services, teamId, plan, metric)
  const key = { teamId, month: usageMonth(services.now()), metric }
  if (await addUsageWithin(services.db, key, amount, limit)) return
  if (await takeCredits(services.db, teamId, metric, amount)) return
  const reached = (await findUsage(services.db, key)).allowance ?? limit ?? 0
  throw limitReached(services, plan, metric, reached)
}

/** What a team is told that has used up `limit` of a metric, with the cheapest plan that would allow more. */
export function limitReached(
  services: Services,
  plan: Plan,
  metric: Metric,
  limit: number,
): DomainError<'limit-reached'> {
  const better = cheapestPlanAbove(services.plans, metric, limit)
  return new DomainError('limit-reached', {
    metric,
    limit,
    plan: plan.name,
    recommended: better && {
      name: better.name,
      priceMonthly: better.priceMonthly,
      limit: better.monthly[metric],
    },
  })
}

/** What a team has used of a metric this month, and what it may. */
export async function getUsage(services: Services, teamId: number, metric: Metric): Promise<Usage> {
  const limit = await planLimit(services, teamId, await getPlan(services, teamId), metric)
  const { used, allowance } = await findUsage(services.db, {
    teamId,
    month: usageMonth(services.now()),
    metric,
  })
  return { used, limit: allowance ?? limit, credits: await findCredits(services.db, teamId, metric) }
}

/** What a team may use of a metric a month: its own limit where it has one, else its plan's; null is unlimited. */
export async function planLimit(
  services: Services,
  teamId: number,
  plan: Plan,
  metric: Metric,
): Promise<number | null> {
  const override = await findOverride(services.db, teamId, metric)
  return override === undefined ? plan.monthly[metric] : override
}
