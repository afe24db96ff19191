import type { Services } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import type { CreditSource } from './credit-queries.ts'
import { getSurcharge } from './surcharge.ts'
import { getPlan, limitReached, planLimit, usageMonth } from './usage.ts'
import {
  addCredits,
  addUsageWithin,
  findCredits,
  findUsage,
  subtractUsage,
  takeCredits,
  type UsageKey,
} from './usage-queries.ts'

/** Credits that were counted as used. */
export interface BookedCredits {
  readonly amount: number
  readonly source: CreditSource
  /** `2026-11` */
  readonly month: string
}

/**
 * Count up to `amount` lookup credits of a team as used: of the month's allowance or, when that is used up, of bought
 * ones. Bookings at the same time, by whatever process, never get over the limit together.
 *
 * @returns what was booked; undefined when nothing is left
 */
export async function bookCredits(
  services: Services,
  teamId: number,
  amount: number,
): Promise<BookedCredits | undefined> {
  const { db } = services
  const month = usageMonth(services.now())
  const key: UsageKey = { teamId, month, metric: 'lookup-credits' }
  const limit = await planLimit(services, teamId, await getPlan(services, teamId), 'lookup-credits')
  const allowed = await bookUsage(services, key, amount, limit)
  if (allowed > 0) return { amount: allowed, source: 'allowance', month }
  // Whoever takes some between the two statements leaves less: every turn follows somebody's success.
  for (;;) {
    const bought = Math.min(amount, await findCredits(db, teamId, 'lookup-credits'))
    if (bought <= 0) return undefined
    if (await takeCredits(db, teamId, 'lookup-credits', bought))
      return { amount: bought, source: 'bought', month }
  }
}

/**
 * Count up to `amount` lookups beyond a team's credits.
 *
 * @returns what was booked; undefined when the team allows none, or no more
 */
export async function bookSurcharge(
  services: Services,
  teamId: number,
  amount: number,
): Promise<BookedCredits | undefined> {
  const surcharge = await getSurcharge(services, teamId)
  if (!surcharge.isOn) return undefined
  const month = usageMonth(services.now())
  const key: UsageKey = { teamId, month, metric: 'lookup-surcharge' }
  const booked = await bookUsage(services, key, amount, surcharge.limit)
  return booked === 0 ? undefined : { amount: booked, source: 'surcharge', month }
}

/** Undo a booking as far as it was not used. */
export async function returnCredits(
  services: Services,
  teamId: number,
  { amount, source, month }: BookedCredits,
): Promise<void> {
  if (amount === 0) return
  if (source === 'bought') await addCredits(services.db, teamId, 'lookup-credits', amount)
  else
    await subtractUsage(
      services.db,
      { teamId, month, metric: source === 'allowance' ? 'lookup-credits' : 'lookup-surcharge' },
      amount,
    )
}

/** What a team is told whose credits, and surcharge where it may be used, are used up. */
export async function creditsUsedUp(
  services: Services,
  teamId: number,
  withSurcharge: boolean,
): Promise<DomainError<'limit-reached' | 'surcharge-reached'>> {
  const plan = await getPlan(services, teamId)
  const month = usageMonth(services.now())
  const { allowance } = await findUsage(services.db, { teamId, month, metric: 'lookup-credits' })
  const limit = allowance ?? (await planLimit(services, teamId, plan, 'lookup-credits')) ?? 0
  const surcharge = withSurcharge ? await getSurcharge(services, teamId) : undefined
  if (surcharge?.isOn === true)
    return new DomainError('surcharge-reached', {
      plan: plan.name,
      limit,
      surchargeLimit: surcharge.limit ?? 0,
    })
  return limitReached(services, plan, 'lookup-credits', limit)
}

/** @returns how much of the amount the limit had room for */
async function bookUsage(
  { db }: Services,
  key: UsageKey,
  amount: number,
  limit: number | null,
): Promise<number> {
  if (await addUsageWithin(db, key, amount, limit)) return amount
  // As above: an amount that does not fit any more was taken by somebody else meanwhile.
  for (;;) {
    const { used, allowance } = await findUsage(db, key)
    const cap = allowance ?? limit
    const room = cap === null ? amount : Math.min(amount, cap - used)
    if (room <= 0) return 0
    if (await addUsageWithin(db, key, room, limit)) return room
  }
}
