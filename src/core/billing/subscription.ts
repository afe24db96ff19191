import type { BillingInterval } from './billing-periods.ts'

/** How long a plan goes on when its next term is not paid for. */
export const GRACE_MS = 7 * 24 * 60 * 60 * 1000
/** How long before the end of a term its renewal is ordered. */
export const RENEWAL_LEAD_MS = 7 * 24 * 60 * 60 * 1000

/** What is paid for. */
export interface Term {
  readonly interval: BillingInterval
  /** Every term ends on an anniversary of this. */
  readonly anchor: Date
  readonly paidUntil: Date
  /** What an interval of it costs. */
  readonly cents: number
}

/** A team's plan as it is stored; {@link standingAt} says what it means at an instant. */
export interface Subscription {
  readonly teamId: number
  readonly plan: string
  /** Null: the plan was granted, or costs nothing, and has no end. */
  readonly term: Term | null
  /** What comes after the term, where that is another plan; without an interval it costs nothing. */
  readonly next: { readonly plan: string; readonly interval: BillingInterval | null } | null
  /** Whether the plan of new accounts comes after the term. */
  readonly isEnding: boolean
}

/**
 * A team's plan at an instant. `past-due`: the term is over and the next one not paid for, and the plan goes on until
 * the grace ends.
 */
export interface Standing {
  readonly plan: string
  readonly state: 'granted' | 'active' | 'ending' | 'past-due'
}

/**
 * What a team has at an instant. It holds whether or not the schedule has come by since the term ended.
 *
 * @param fallback the plan that follows one that has ended
 */
export function standingAt(subscription: Subscription, now: Date, fallback: string): Standing {
  const { plan, term, next, isEnding } = subscription
  if (term === null) return { plan, state: 'granted' }
  if (now < term.paidUntil) return { plan, state: isEnding ? 'ending' : 'active' }
  if (isEnding) return { plan: fallback, state: 'granted' }
  if (next !== null && next.interval === null) return { plan: next.plan, state: 'granted' }
  if (now < graceEnd(term)) return { plan: next?.plan ?? plan, state: 'past-due' }
  return { plan: fallback, state: 'granted' }
}

/** When a plan ends that is not paid for any more. */
export function graceEnd(term: Term): Date {
  return new Date(term.paidUntil.getTime() + GRACE_MS)
}
