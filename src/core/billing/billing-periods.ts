/** How often a subscription is paid. */
export const BILLING_INTERVALS = ['month', 'year'] as const
export type BillingInterval = (typeof BILLING_INTERVALS)[number]

const MONTHS = { month: 1, year: 12 } as const satisfies Record<BillingInterval, number>

/**
 * The same day and time so many months later, UTC; where that month is too short, its last day. Counted from one
 * anchor the day comes back: 31 January, 28 February, 31 March.
 */
export function addMonths(anchor: Date, months: number): Date {
  const month = anchor.getUTCMonth() + months
  // Day 0 of a month is the last one of the month before.
  const lastDay = new Date(Date.UTC(anchor.getUTCFullYear(), month + 1, 0)).getUTCDate()
  const time = anchor.getTime() - Date.UTC(anchor.getUTCFullYear(), anchor.getUTCMonth(), anchor.getUTCDate())
  return new Date(Date.UTC(anchor.getUTCFullYear(), month, Math.min(anchor.getUTCDate(), lastDay)) + time)
}

/**
 * Where a term ends that goes on from another's end: the anniversary of the anchor one interval on.
 *
 * @param end the anchor or one of its monthly anniversaries
 */
export function nextAnniversary(anchor: Date, end: Date, interval: BillingInterval): Date {
  return addMonths(anchor, monthsBetween(anchor, end) + MONTHS[interval])
}

/**
 * How many intervals, in part or whole, are left of what is paid.
 *
 * @param paidUntil an anniversary of the anchor
 * @returns 0 when nothing is left; more than 1 when a later term is paid for already
 */
export function intervalsLeft(
  {
    anchor,
    paidUntil,
    interval,
  }: { readonly anchor: Date; readonly paidUntil: Date; readonly interval: BillingInterval },
  now: Date,
): number {
  const end = monthsBetween(anchor, paidUntil)
  for (let whole = 0; ; whole++) {
    const endOfTerm = addMonths(anchor, end - whole * MONTHS[interval])
    const start = addMonths(anchor, end - (whole + 1) * MONTHS[interval])
    if (now >= start)
      return Math.max(
        0,
        whole + (endOfTerm.getTime() - now.getTime()) / (endOfTerm.getTime() - start.getTime()),
      )
  }
}

function monthsBetween(from: Date, to: Date): number {
  return 12 * (to.getUTCFullYear() - from.getUTCFullYear()) + to.getUTCMonth() - from.getUTCMonth()
}
