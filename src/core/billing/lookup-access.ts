import { timingSafeEqual } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { authenticate } from '#core/accounts/authenticate.ts'
import { hashSecret } from '#core/accounts/key-secret.ts'
import { authenticateOrigin } from '#core/accounts/request-origins.ts'
import type { Services } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import { type Actor, type Member, requireAbility } from '#core/permissions.ts'
import type { Plan } from './plan.ts'
import { findSubscriptionEnd } from './subscription-queries.ts'
import { getPlan } from './usage.ts'

/** Who asks for a lookup, and on which plan. */
export interface LookupCaller {
  readonly actor: Actor
  /** Undefined for nobody. */
  readonly plan: Plan | undefined
  /** When a plan with the ipgeolocation API came to its end, for a team that has none any more. */
  readonly endedAt?: Date | undefined
}

/** A key that was revoked by another process, or whose plan changed, is believed for so long. */
const REMEMBER_MS = 500
const MAX_REMEMBERED = 10_000

/**
 * Knows callers again for half a second, so that thousands of lookups a second do not ask the database thousands of
 * times who they are. What this process itself changes is seen at once: it calls {@link forget}.
 */
export class LookupAccess {
  readonly #services: Services
  readonly #rememberMs: number
  readonly #callers: LRUCache<string, LookupCaller>
  /** What is being asked anew, by name. */
  readonly #renewing = new Map<string, Promise<void>>()
  /** The key that was last read from bytes, and its name: hashing it takes longer than all else in knowing it again. */
  #lastKey: { readonly secret: Buffer; readonly name: string } | undefined
  /** Grows with every {@link forget}: what was asked before is not remembered after. */
  #generation = 0

  constructor(services: Services, rememberMs = REMEMBER_MS) {
    this.#services = services
    this.#rememberMs = rememberMs
    this.#callers = new LRUCache({
      max: MAX_REMEMBERED,
      ttl: rememberMs,
      ttlResolution: 0,
      // Who is not believed any more is still no stranger.
      noDeleteOnStaleGet: true,
    })
  }

  byKey(secret: string): LookupCaller | Promise<LookupCaller> {
    const name = nameOfKey(secret)
    return this.#callers.get(name) ?? this.#look(name, () => authenticate(this.#services, secret))
  }

  /**
   * Undefined for a caller who has not been asked about lately. One who is known for half the time that it is believed is
   * asked about anew meanwhile, so that whoever comes all the time never has to wait.
   */
  knownByKey(secret: string): LookupCaller | undefined {
    return this.#known(nameOfKey(secret), () => secret)
  }

  /** {@link knownByKey} of a key in ASCII that stands in some bytes. */
  knownByKeyBytes(bytes: Buffer, start: number, end: number): LookupCaller | undefined {
    let last = this.#lastKey
    if (last === undefined || !isSameSecret(last.secret, bytes, start, end)) {
      const secret = Buffer.from(bytes.subarray(start, end))
      last = { secret, name: nameOfKey(secret.toString('latin1')) }
      this.#lastKey = last
    }
    const { secret, name } = last
    return this.#known(name, () => secret.toString('latin1'))
  }

  /**
   * Ask anew about a caller who was known and is not believed any more: of many requests after a pause, one asks.
   *
   * @returns what settles when that is done, whatever came of it; undefined for strangers
   */
  renewKey(secret: string): Promise<void> | undefined {
    const name = nameOfKey(secret)
    const last = this.#callers.peek(name, { allowStale: true })
    return last?.actor.kind === 'member' ? this.#renew(name, secret) : undefined
  }

  /** @param url the page that asks, or its origin */
  byOrigin(url: string): LookupCaller | Promise<LookupCaller> {
    const name = `origin ${url}`
    return this.#callers.get(name) ?? this.#look(name, () => authenticateOrigin(this.#services, url))
  }

  forget(): void {
    this.#generation++
    this.#callers.clear()
    this.#lastKey = undefined
  }

  #known(name: string, secret: () => string): LookupCaller | undefined {
    const known = this.#callers.get(name)
    if (known !== undefined && this.#callers.getRemainingTTL(name) < this.#rememberMs / 2)
      void this.#renew(name, secret())
    return known
  }

  #renew(name: string, secret: string): Promise<void> {
    const underWay = this.#renewing.get(name)
    if (underWay !== undefined) return underWay
    // What fails is asked again, and told, by whoever comes when it is not believed any more.
    const renewal = this.#look(name, () => authenticate(this.#services, secret))
      .then(
        () => {},
        (error: unknown) => {
          if (error instanceof DomainError) this.#callers.delete(name)
        },
      )
      .finally(() => this.#renewing.delete(name))
    this.#renewing.set(name, renewal)
    return renewal
  }

  async #look(name: string, authenticate: () => Promise<Actor>): Promise<LookupCaller> {
    const generation = this.#generation
    const actor = await authenticate()
    const plan = actor.kind === 'member' ? await getPlan(this.#services, actor.teamId) : undefined
    const hasLost = actor.kind === 'member' && plan?.ipgeolocationApi === false
    const endedAt = hasLost
      ? await findSubscriptionEnd(this.#services.db, actor.teamId, this.#services.now())
      : undefined
    const caller = { actor, plan, endedAt }
    if (generation === this.#generation) this.#callers.set(name, caller)
    return caller
  }
}

function isSameSecret(secret: Buffer, bytes: Buffer, start: number, end: number): boolean {
  return secret.length === end - start && timingSafeEqual(secret, bytes.subarray(start, end))
}

function nameOfKey(secret: string): string {
  return `key ${hashSecret(secret)}`
}

/**
 * The caller, who may use the ipgeolocation API.
 *
 * @throws DomainError `unauthenticated`, `account-blocked`, `forbidden`, or `plan-required` on a plan without that API
 */
export function requireIpgeolocation({ actor, plan, endedAt }: LookupCaller): Member {
  const member = requireAbility(actor, 'network:read')
  if (plan?.ipgeolocationApi !== true)
    throw new DomainError('plan-required', { feature: 'ipgeolocation-api', plan: plan?.name ?? '', endedAt })
  return member
}
