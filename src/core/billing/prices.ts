import type { Metric } from '#core/errors.ts'
import { type BillingInterval, intervalsLeft } from './billing-periods.ts'
import type { Plan, PlanCatalogue } from './plan.ts'
import type { Term } from './subscription.ts'

/** What all amounts are in. */
export const CURRENCY = 'USD'

/** What credits can be bought for. */
export const CREDIT_METRICS = ['links', 'qr-codes'] as const satisfies readonly Metric[]
export type CreditMetric = (typeof CREDIT_METRICS)[number]

/** What an interval of a plan costs, in cents; null when it is on request. */
export function planCents(plan: Plan, interval: BillingInterval): number | null {
  const dollars = interval === 'month' ? plan.priceMonthly : plan.priceYearly
  return dollars === null ? null : Math.round(dollars * 100)
}

/** What credits cost, in cents, at least one; null when they are not for sale. */
export function creditCents(catalogue: PlanCatalogue, metric: CreditMetric, quantity: number): number | null {
  const dollars = catalogue.creditPrices[metric]
  return dollars === null ? null : Math.max(1, Math.round(dollars * 100 * quantity))
}

/**
 * What it costs to go from what is paid to something dearer now, in cents.
 *
 * At the same interval the term goes on, and the difference is paid for what is left of it, at least a cent. At another
 * a new term begins, and what is left of the old one is taken off its price, down to nothing.
 */
export function upgradeCents(
  term: Term,
  wanted: { readonly cents: number; readonly interval: BillingInterval },
  now: Date,
): number {
  const left = intervalsLeft(term, now)
  return wanted.interval === term.interval
    ? Math.max(1, Math.round((wanted.cents - term.cents) * left))
    : Math.max(0, wanted.cents - Math.floor(term.cents * left))
}
