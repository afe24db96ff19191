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
/** After so many settlements a lease keeps as much as was used since it was added to, and gives the rest back. */
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
  /** Used already in the books, and kept for lookups that waited for them: a moment, unless their clients are gone. */
  setAside: number
  /** What the last of them was booked as. */
  setAsideOf: BookedCredits | undefined
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
  /** The lease may be added to; not when the last attempt found nothing of its kind. */
  isRenewable: boolean
}

/**
 * Charges lookups, each before it is answered, at the price of a subtraction where there are many.
 *
 * The first lookups of a team in a settlement period are booked one by one. When there are more, credits are leased: a
 * block is booked as used, spent from memory, and added to when half of it is left, so that nobody waits. So the books of the database are never behind what was answered: no
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
    if (supply === undefined) return false
    if (supply.setAside === 0) return this.#spend(supply)
    supply.setAside--
    return true
  }

  /**
   * Book credits for {@link takeAtOnce} to find: of many lookups after a pause, those that wait together are booked
   * together.
   *
   * @returns what settles when there is a credit for whoever waited, or none; undefined where none was lately
   */
  provide(teamId: number): Promise<void> | undefined {
    const supply = supplyOf(this.#credits, teamId, bookCredits)
    return supply.isEmpty ? undefined : this.#provideFrom(supply)
  }

  /**
   * Give back what is held of teams whose lookups have ceased since the last settlement, and of leases that last for too
   * long what is too much. To be called several times a second.
   */
  async settle(): Promise<void> {
    for (const supplies of [this.#credits, this.#surcharges])
      for (const supply of supplies.values()) {
        // Those who wait are told what became of it.
        if (supply.waiting === 0) await supply.booking
        const { waiting, bookings, left, leftBefore, booked } = supply
        if (waiting > 0) continue
        const isIdle = bookings === 0 && left === leftBefore
        supply.bookings = 0
        supply.leftBefore = left
        if (!isIdle && ++supply.age < MAX_LEASE_AGE) continue
        const used = (booked?.amount ?? 0) - left
        supply.leaseSize = Math.max(1, isIdle ? Math.floor(used / MAX_LEASE_AGE) : used)
        await (isIdle ? this.#close(supply) : this.#trim(supply))
        if (isIdle && supply.waiting === 0 && supply.left === 0 && supply.setAside === 0)
          supplies.delete(supply.teamId)
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
    if (supply.lease === undefined && supply.setAside === 0) return
    const held = { ...supply }
    writeOff(supply)
    supply.setAside = 0
    // Who wants a credit meanwhile waits: the next lease is noted in the place of this one.
    const closing = inTransaction(this.#services, async (tx) => {
      await this.#giveBack(tx, held)
      const { setAside, setAsideOf } = held
      if (setAsideOf !== undefined) await returnCredits(tx, held.teamId, { ...setAsideOf, amount: setAside })
      return true
    })
    supply.booking = closing.finally(() => (supply.booking = undefined))
    await supply.booking
  }

  /** Keep of a lease what will be used until it is looked at again, which others spend meanwhile. */
  async #trim(supply: Supply): Promise<void> {
    const { lease, booked, teamId } = supply
    if (lease === undefined || booked === undefined) return
    const surplus = Math.max(0, supply.left - supply.leaseSize)
    supply.left -= surplus
    supply.age = 0
    const trimming = inTransaction(this.#services, async (tx) => {
      if (!(await deleteLease(tx.db, lease))) return false
      await returnCredits(tx, teamId, { ...booked, amount: surplus })
      await putLease(tx.db, { ...lease, amount: supply.left, leasedAt: tx.now() })
      return true
    }).then(
      (isHeld) => {
        if (!isHeld) writeOff(supply)
        supply.booked = { ...booked, amount: supply.left }
        return true
      },
      (error: unknown) => {
        supply.left += surplus
        throw error
      },
    )
    supply.booking = trimming.finally(() => (supply.booking = undefined))
    await supply.booking
  }

  #spend(supply: Supply): boolean {
    if (supply.left === 0 || this.#services.now().getTime() >= supply.endsAtMs) return false
    supply.left--
    if (supply.isRenewable && supply.booking === undefined && supply.left * 2 <= supply.leaseSize)
      // What fails is met, and told, by whoever finds nothing left.
      supply.booking = this.#renew(supply)
        .catch(() => true)
        .finally(() => (supply.booking = undefined))
    return true
  }

  /** Add to a lease before it is used up. */
  async #renew(supply: Supply): Promise<boolean> {
    const { lease, booked, teamId } = supply
    // Until it has succeeded, nobody tries again.
    supply.isRenewable = false
    if (lease === undefined || booked === undefined) return true
    supply.bookings++
    supply.leaseSize = Math.min(MAX_LEASE, supply.leaseSize * 2)
    const amount = supply.leaseSize - supply.left
    const { added, isHeld } = await inTransaction(this.#services, async (tx) => {
      const more = await supply.book(tx, teamId, amount)
      if (more === undefined) return { added: 0, isHeld: true }
      if (more.month !== booked.month || more.source !== booked.source) {
        await returnCredits(tx, teamId, more)
        return { added: 0, isHeld: true }
      }
      const isNoted = await deleteLease(tx.db, lease)
      const held = isNoted ? supply.left : 0
      await putLease(tx.db, { ...lease, amount: held + more.amount, leasedAt: tx.now() })
      return { added: more.amount, isHeld: isNoted }
    })
    if (added === 0) return true
    if (!isHeld) supply.left = 0
    supply.left += added
    supply.booked = { ...booked, amount: supply.left }
    supply.age = 0
    supply.isRenewable = true
    return true
  }

  async #takeSlowly(teamId: number, withSurcharge: boolean): Promise<void> {
    if (await this.#takeFrom(supplyOf(this.#credits, teamId, bookCredits))) return
    if (withSurcharge && (await this.#takeFrom(supplyOf(this.#surcharges, teamId, bookSurcharge)))) return
    throw await creditsUsedUp(this.#services, teamId, withSurcharge)
  }

  async #provideFrom(supply: Supply): Promise<void> {
    if (!(await this.#takeFrom(supply))) return
    supply.setAside++
    supply.setAsideOf = supply.booked
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
    supply.isRenewable = lease !== undefined
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

/** Hold nothing any more, whatever the books say. */
function writeOff(supply: Supply): void {
  const nothing: Partial<Supply> = { left: 0, leftBefore: 0, lease: undefined, isRenewable: false }
  Object.assign(supply, nothing)
}

function supplyOf(supplies: Map<number, Supply>, teamId: number, book: Supply['book']): Supply {
  const known = supplies.get(teamId)
  if (known !== undefined) return known
  const supply: Supply = {
    teamId,
    book,
    left: 0,
    booked: undefined,
    setAside: 0,
    setAsideOf: undefined,
    endsAtMs: 0,
    lease: undefined,
    leaseSize: 1,
    bookings: 0,
    age: 0,
    leftBefore: 0,
    isEmpty: false,
    waiting: 0,
    booking: undefined,
    isRenewable: false,
  }
  supplies.set(teamId, supply)
  return supply
}

/** The first instant after a month such as `2026-11`. */
function monthEndMs(month: string): number {
  return Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5, 7)))
}
