import { recordChange } from '#core/audit/record-change.ts'
import { getPlan } from '#core/billing/usage.ts'
import { type Ctx, inTransaction, type Services } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import { type Actor, effectiveAbilities, requireAbility, requireTeamAdmin } from '#core/permissions.ts'
import { type RequestOrigin, type RootDomain, rootDomainOf } from './request-origin.ts'
import {
  countKeysAndOrigins,
  deleteOrigin,
  deleteOriginOf,
  findOriginBearer,
  findOrigins,
  insertOrigin,
} from './request-origin-queries.ts'

/** Origins one list shows; plans allow far fewer. */
const MAX_LISTED = 500
/** What a page may do that shows no key. */
const ORIGIN_GRANT = ['network:read'] as const

/**
 * Let the pages of a domain and its subdomains look up networks on the acting team's account.
 *
 * @throws DomainError `unauthenticated`, `account-blocked`, `forbidden`, `role-required`, `origin-taken`, or
 *   `extra-keys-used-up` when the plan allows no more origins and further keys together
 */
export async function addOrigin(ctx: Ctx, domain: RootDomain): Promise<RequestOrigin> {
  const { teamId, userId } = requireTeamAdmin(ctx.actor)
  return inTransaction(ctx, async (tx) => {
    await requireRoomForExtra(tx, teamId, 'origin')
    const origin = { id: `org_${tx.random.base62(24)}`, domain, createdAt: tx.now() }
    if (!(await insertOrigin(tx.db, { ...origin, teamId, userId })))
      throw new DomainError('origin-taken', { domain })
    tx.emit({ kind: 'access-changed' })
    await recordChange(tx, { action: 'origin.added', teamId, subject: `origin ${domain}` })
    return origin
  })
}

/**
 * The acting team's origins, oldest first.
 *
 * @throws DomainError `unauthenticated`, `account-blocked` or `forbidden`
 */
export async function listOrigins(ctx: Ctx): Promise<readonly RequestOrigin[]> {
  return findOrigins(ctx.db, requireAbility(ctx.actor, 'user:read').teamId, MAX_LISTED)
}

/**
 * Take the right to ask away from a domain's pages.
 *
 * @throws DomainError `unauthenticated`, `account-blocked`, `forbidden`, `role-required` or `origin-not-found`
 */
export async function removeOrigin(ctx: Ctx, id: string): Promise<void> {
  const { teamId } = requireTeamAdmin(ctx.actor)
  await inTransaction(ctx, async (tx) => {
    const removed = await deleteOrigin(tx.db, teamId, id)
    if (removed === undefined) throw new DomainError('origin-not-found', { id })
    tx.emit({ kind: 'access-changed' })
    await recordChange(tx, { action: 'origin.removed', teamId, subject: `origin ${removed}` })
  })
}

/**
 * Take a domain away from whoever registered it, on an operator's word.
 *
 * @throws DomainError `origin-not-found`
 */
export async function releaseOrigin(services: Services, domain: RootDomain): Promise<void> {
  await inTransaction(services, async (tx) => {
    const teamId = await deleteOriginOf(tx.db, domain)
    if (teamId === undefined) throw new DomainError('origin-not-found', { id: domain })
    tx.emit({ kind: 'access-changed' })
    await recordChange(tx, { action: 'origin.removed', teamId, subject: `origin ${domain}` })
  })
}

/**
 * On whose behalf a page asks that shows no key: as the user who registered its root domain, but for lookups alone.
 *
 * @param url the page's address or origin, as its browser tells it; programs can claim any
 */
export async function authenticateOrigin(services: Services, url: string): Promise<Actor> {
  const domain = rootDomainOf(url)
  const bearer = domain === undefined ? undefined : await findOriginBearer(services.db, domain)
  if (bearer === undefined) return { kind: 'anonymous', credential: 'missing' }
  if (bearer.isBlocked) return { kind: 'anonymous', credential: 'blocked' }
  return {
    kind: 'member',
    userId: bearer.userId,
    teamId: bearer.teamId,
    role: bearer.role,
    isOperator: false,
    grant: ORIGIN_GRANT,
    abilities: effectiveAbilities(bearer.role, ORIGIN_GRANT),
    keyId: null,
  }
}

/**
 * Refuse another ipgeolocation key or origin that a team's plan has no room for: the first key is the plan's own, all
 * others and the origins count. Call it in the transaction that adds it.
 *
 * @throws DomainError `extra-keys-used-up`
 */
export async function requireRoomForExtra(
  tx: Services,
  teamId: number,
  added: 'key' | 'origin',
): Promise<void> {
  const plan = await getPlan(tx, teamId)
  const { keys, origins } = await countKeysAndOrigins(tx.db, teamId, 'ipgeolocation')
  const extra = Math.max(0, keys + (added === 'key' ? 1 : 0) - 1) + origins + (added === 'origin' ? 1 : 0)
  if (plan.extraKeys !== null && extra > plan.extraKeys)
    throw new DomainError('extra-keys-used-up', { limit: plan.extraKeys, plan: plan.name })
}
