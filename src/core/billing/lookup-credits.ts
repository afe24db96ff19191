import { inTransaction, type Services } from '#core/context.ts'
import {
  bookCredits,
  type BookedCredits,
  bookSurcharge,
  creditsUsedUp,
  returnCredits,
} from './book-credits.ts'
import {
  type CreditLease,
  deleteLease,
  deleteLeasesBefore,
  type LeaseKey,
  putLease,
} from './credit-queries.ts'

/** Bookings between two settlements that are of exactly what is used; from then on credits are leased. */
const EXACT_BOOKINGS = 32
/** A lease is given back after so many settlements, however much of it is left. */
const MAX_LEASE_AGE = 4
/** The most credits a team's lookups lease at once. */
const MAX_LEASE = 4_000
/** A lease that nobody has renewed for so long is that of a process that is gone. */
const ABANDONED_MS = 60_000

/** A supply of one team's credits, or of its surcharge. */
interface Supply {
  readonly teamId: number
  readonly book: typeof bookCredits
  /** Booked, and not used yet. */
  left: number
  /** What the last booking was of. */
  booked: BookedCredits | undefined
  /** The month of the last booking ends here. */
  endsAtMs: number
  /** What the database has noted as held. */
  lease: LeaseKey | undefined
  /** How much is leased at once. */
  leaseSize: number
  /** Since the last settlement. */
  bookings: number
  /** Settlements since the last booking. */
  age: number
  /** What was left at the last settlement. */
  leftBefore: number
  /** The last booking found nothing. */
  isEmpty: boolean
  /** How many lookups wait for the booking under way. */
  waiting: number
  /** A booking, or the return of a lease. False when there was nothing to book. */
  booking: Promise<boolean> | undefined
}

/**
 * Charges lookups, each before it is answered, at the price of a subtraction where there are many.
 *
 * The first lookups of a team in a settlement period are booked one by one. When there are more, credits are leased: a
 * block is booked as used, and spent from memory. So the books of the database are never behind what was answered: no
 * limit is overrun, however many processes there are, and a crash loses no charge. What a killed process still held
 * stays counted; {@link reportAbandonedLeases} tells how much that was at most.
 */
export class LookupCredits implements AsyncDisposable {
  readonly #services: Services
  readonly #holder: string
  readonly #credits = new Map<number, Supply>()
  readonly #surcharges = new Map<number, Supply>()

  constructor(services: Services) {
    this.#services = services
    this.#holder = services.random.base62(20)
  }

  /**
   * Use one lookup credit of a team.
   *
   * @param withSurcharge whether the lookup may go on the team's surcharge when the credits are used up
   * @returns undefined when that is done already, which is the rule under load
   * @throws DomainError `limit-reached` or, where a surcharge is on and used up too, `surcharge-reached`
   */
  take(teamId: number, withSurcharge: boolean): Promise<void> | undefined {
    if (this.takeAtOnce(teamId)) return undefined
    const supply = this.#credits.get(teamId)
    const surcharge = withSurcharge ? this.#surcharges.get(teamId) : undefined
    if (supply?.isEmpty === true && surcharge !== undefined && this.#spend(surcharge)) return undefined
    return this.#takeSlowly(teamId, withSurcharge)
  }

  /**
   * Use a credit of a team that is at hand.
   *
   * @returns false when there is none; {@link take} then
   */
  takeAtOnce(teamId: number): boolean {
    const supply = this.#credits.get(teamId)
    return supply !== undefined && this.#spend(supply)
  }

  /**
   * Give back what is held of teams whose lookups have ceased since the last settlement, and leases that last for too
   * long: the next one is smaller. To be called several times a second.
   */
  async settle(): Promise<void> {
    for (const supplies of [this.#credits, this.#surcharges])
      for (const supply of supplies.values()) {
        const { waiting, bookings, left, leftBefore, booked } = supply
        if (waiting > 0) continue
        const isIdle = bookings === 0 && left === leftBefore
        supply.bookings = 0
        supply.leftBefore = left
        if (!isIdle && ++supply.age < MAX_LEASE_AGE) continue
        supply.leaseSize = Math.max(1, Math.floor(((booked?.amount ?? 0) - left) / MAX_LEASE_AGE))
        await this.#close(supply)
        if (isIdle && supply.waiting === 0 && supply.left === 0) supplies.delete(supply.teamId)
      }
  }

  /** Give everything back. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const supplies of [this.#credits, this.#surcharges])
      for (const supply of supplies.values()) {
        await supply.booking?.catch(() => {})
        await this.#close(supply)
      }
  }

  async #close(supply: Supply): Promise<void> {
    if (supply.lease === undefined) return
    const held = { ...supply }
    supply.left = 0
    supply.leftBefore = 0
    supply.lease = undefined
    // Who wants a credit meanwhile waits: the next lease is noted in the place of this one.
    const closing = inTransaction(this.#services, (tx) => this.#giveBack(tx, held)).then(() => true)
    supply.booking = closing.finally(() => (supply.booking = undefined))
    await supply.booking
  }

  #spend(supply: Supply): boolean {
    if (supply.left === 0 || this.#services.now().getTime() >= supply.endsAtMs) return false
    supply.left--
    return true
  }

  async #takeSlowly(teamId: number, withSurcharge: boolean): Promise<void> {
    if (await this.#takeFrom(supplyOf(this.#credits, teamId, bookCredits))) return
    if (withSurcharge && (await this.#takeFrom(supplyOf(this.#surcharges, teamId, bookSurcharge)))) return
    throw await creditsUsedUp(this.#services, teamId, withSurcharge)
  }

  /** @returns false when there is nothing left to book */
  async #takeFrom(supply: Supply): Promise<boolean> {
    while (!this.#spend(supply)) {
      supply.waiting++
      supply.booking ??= this.#refill(supply).finally(() => (supply.booking = undefined))
      try {
        if (!(await supply.booking)) return false
      } finally {
        supply.waiting--
      }
    }
    return true
  }

  async #refill(supply: Supply): Promise<boolean> {
    const isMany = ++supply.bookings > EXACT_BOOKINGS || supply.leaseSize > 1
    if (isMany) supply.leaseSize = Math.min(MAX_LEASE, supply.leaseSize * 2)
    const { teamId, waiting, lease: oldLease, left } = supply
    const amount = Math.max(waiting, supply.leaseSize)
    const isExact = amount === waiting && oldLease === undefined && left === 0
    const { booked, lease } = isExact
      ? { booked: await supply.book(this.#services, teamId, amount), lease: undefined }
      : await inTransaction(this.#services, (tx) => this.#lease(tx, supply, amount))
    supply.lease = lease
    supply.booked = booked
    supply.left = booked?.amount ?? 0
    supply.endsAtMs = booked === undefined ? 0 : monthEndMs(booked.month)
    supply.isEmpty = booked === undefined
    supply.age = 0
    return !supply.isEmpty
  }

  /** Book more than is wanted now, noting what is held; what is left of an earlier month goes back. */
  async #lease(tx: Services, supply: Supply, amount: number) {
    const { teamId, waiting } = supply
    await this.#giveBack(tx, supply)
    const booked = await supply.book(tx, teamId, amount)
    if (booked === undefined || booked.amount <= waiting) return { booked, lease: undefined }
    const lease = { holder: this.#holder, teamId, month: booked.month, source: booked.source }
    await putLease(tx.db, { ...lease, amount: booked.amount - waiting, leasedAt: tx.now() })
    return { booked, lease }
  }

  /** Return what is left of a lease that is noted; not when somebody who took this process for dead wrote it off. */
  async #giveBack(tx: Services, { lease, booked, left, teamId }: Supply): Promise<void> {
    if (lease === undefined || !(await deleteLease(tx.db, lease)) || booked === undefined) return
    await returnCredits(tx, teamId, { ...booked, amount: left })
  }
}

/**
 * Forget the leases of processes that ended without giving them back.
 *
 * @returns what they held at most; it stays counted as used
 */
export async function reportAbandonedLeases(services: Services): Promise<readonly CreditLease[]> {
  return deleteLeasesBefore(services.db, new Date(services.now().getTime() - ABANDONED_MS))
}

function supplyOf(supplies: Map<number, Supply>, teamId: number, book: Supply['book']): Supply {
  const known = supplies.get(teamId)
  if (known !== undefined) return known
  const supply: Supply = {
    teamId,
    book,
    left: 0,
    booked: undefined,
    endsAtMs: 0,
    lease: undefined,
    leaseSize: 1,
    bookings: 0,
    age: 0,
    leftBefore: 0,
    isEmpty: false,
    waiting: 0,
    booking: undefined,
  }
  supplies.set(teamId, supply)
  return supply
}

/** The first instant after a month such as `2026-11`. */
function monthEndMs(month: string): number {
  return Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5, 7)))
}
