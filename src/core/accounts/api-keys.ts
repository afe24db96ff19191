import { recordChange } from '#core/audit/record-change.ts'
import { type Ctx, inTransaction, type Services } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import { type AbilityGrant, type Actor, type Member, memberWith, requireAbility } from '#core/permissions.ts'
import type { ApiKey, KeyDialect, User } from './account.ts'
import { findPersonalTeamId, touchUser } from './account-queries.ts'
import {
  deleteKey,
  deleteOldLoginKeys,
  findBearer,
  findKeyExpiry,
  findKeys,
  findTeamKeys,
  insertKey,
  type KeyFilter,
  type KeyName,
  type KeyOfTeam,
  touchKey,
} from './api-key-queries.ts'
import { requireSameCredentials } from './end-logins.ts'
import { drawSecret, hashSecret, secretHint, showSecret } from './key-secret.ts'
import { LAST_USED_STEP_MS } from './last-used.ts'
import { requireRoomForExtra } from './request-origins.ts'

export type { KeyOfTeam } from './api-key-queries.ts'

/** A new key and its secret, which is shown this once. */
export interface IssuedKey {
  readonly key: ApiKey
  readonly secret: string
}

export interface NewKey {
  readonly dialect: KeyDialect
  readonly name: string
  readonly abilities: AbilityGrant
  readonly expiresAt?: Date | undefined
}

/** Keys a user keeps from logging in; the oldest go first. */
const MAX_LOGIN_KEYS = 100
/** Keys one list shows. */
const MAX_LISTED_KEYS = 500

/**
 * Give a user who has just logged in a key for the personal team.
 *
 * @throws DomainError `wrong-credentials` when the password was changed or the user blocked in the meantime
 */
export async function issueLoginKey(services: Services, user: User, dialect: KeyDialect): Promise<IssuedKey> {
  return inTransaction(services, async (tx) => {
    await requireSameCredentials(tx, user)
    const issued = await issueKey(tx, user.id, { dialect, name: 'Login', abilities: ['*'] }, 'login')
    await deleteOldLoginKeys(tx.db, user.id, MAX_LOGIN_KEYS)
    return issued
  })
}

/** Give a user a key for the personal team on an operator's word. */
export async function issueOperatorKey(services: Services, user: User, key: NewKey): Promise<IssuedKey> {
  return inTransaction(services, async (tx) => {
    const issued = await issueKey(tx, user.id, key, 'operator')
    await recordKey(tx, 'key.created', issued.key)
    return issued
  })
}

/**
 * Give the actor another key for the acting team. A key can make one that may do as much as itself, or less, and that
 * lives as long as itself, or less: as long where nothing is said about it.
 *
 * @throws DomainError `unauthenticated`, `forbidden`, `abilities-exceeded`, `field-invalid` for an expiry after that of
 *   the key that asks, or `extra-keys-used-up` for an ipgeolocation key that the plan has no room for
 */
export async function createKey(ctx: Ctx, key: NewKey): Promise<IssuedKey> {
  const member = requireAbility(ctx.actor, 'user:write')
  const exceeding = key.abilities.filter(
    (ability) => !member.grant.includes('*') && !member.grant.includes(ability),
  )
  if (exceeding.length > 0) throw new DomainError('abilities-exceeded', { abilities: exceeding })
  return inTransaction(ctx, async (tx) => {
    if (key.dialect === 'ipgeolocation') await requireRoomForExtra(tx, member.teamId, 'key')
    const expiresAt = await expiryWithin(tx, member, key.expiresAt)
    const issued = await storeKey(tx, member, { ...key, expiresAt }, 'user')
    await recordKey(tx, 'key.created', issued.key)
    tx.emit({ kind: 'access-changed' })
    return issued
  })
}

/**
 * The keys the actor has in the acting team, newest first.
 *
 * @throws DomainError `unauthenticated` or `forbidden`
 */
export async function listKeys(ctx: Ctx): Promise<readonly ApiKey[]> {
  const member = requireAbility(ctx.actor, 'user:read')
  return findKeys(ctx.db, member, MAX_LISTED_KEYS)
}

/**
 * Part of the acting team's keys, newest first, and whether the list goes on: owners and admins see those of everybody,
 * others their own.
 *
 * @throws DomainError `unauthenticated`, `account-blocked` or `forbidden`
 */
export async function listTeamKeys(
  ctx: Ctx,
  page: { readonly beforeId: number | undefined; readonly limit: number },
): Promise<{ readonly keys: readonly KeyOfTeam[]; readonly hasNext: boolean }> {
  const member = requireAbility(ctx.actor, 'user:read')
  // One more than asked for tells whether the list goes on.
  const keys = await findTeamKeys(ctx.db, { ...keysInSight(member), ...page, limit: page.limit + 1 })
  return { keys: keys.slice(0, page.limit), hasNext: keys.length > page.limit }
}

/**
 * End a key of the actor's; it opens nothing from the next request on.
 *
 * @throws DomainError `unauthenticated`, `forbidden` or `key-not-found`
 */
export async function revokeKey(ctx: Ctx, key: KeyName): Promise<void> {
  const { teamId, userId } = requireAbility(ctx.actor, 'user:write')
  await revoke(ctx, { teamId, userId }, key)
}

/**
 * The same of any key that {@link listTeamKeys} shows.
 *
 * @throws DomainError `unauthenticated`, `account-blocked`, `forbidden` or `key-not-found`
 */
export async function revokeTeamKey(ctx: Ctx, publicId: string): Promise<void> {
  await revoke(ctx, keysInSight(requireAbility(ctx.actor, 'user:write')), { publicId })
}

/** The keys of a team that somebody sees and may end. */
function keysInSight({ teamId, userId, role }: Member): Pick<KeyFilter, 'teamId' | 'userId'> {
  return role === 'owner' || role === 'admin' ? { teamId } : { teamId, userId }
}

async function revoke(ctx: Ctx, sight: Pick<KeyFilter, 'teamId' | 'userId'>, name: KeyName): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    const [key] = await findTeamKeys(tx.db, { ...sight, name, limit: 1 })
    // Before it is gone: it may be the one that asks.
    if (key !== undefined) await recordKey(tx, 'key.revoked', key)
    if (key === undefined || !(await deleteKey(tx.db, key.id)))
      throw new DomainError('key-not-found', { id: String('id' in name ? name.id : name.publicId) })
    tx.emit({ kind: 'access-changed' })
  })
}

async function recordKey(tx: Services, action: 'key.created' | 'key.revoked', key: ApiKey): Promise<void> {
  const { dialect, abilities, expiresAt } = key
  const facts = { dialect, abilities, expires_at: expiresAt }
  await recordChange(tx, {
    action,
    teamId: key.teamId,
    subject: `key ${key.name} (${key.hint})`,
    ...(action === 'key.created' ? { after: facts } : { before: facts }),
  })
}

/** Who bears a key's secret: a member of the key's team, or nobody and why. */
export async function authenticateKey(services: Services, secret: string): Promise<Actor> {
  const bearer = await findBearer(services.db, hashSecret(secret))
  if (bearer === undefined) return { kind: 'anonymous', credential: 'unknown' }
  const now = services.now()
  if (bearer.expiresAt !== null && bearer.expiresAt <= now)
    return { kind: 'anonymous', credential: 'expired' }
  if (bearer.isBlocked) return { kind: 'anonymous', credential: 'blocked' }

  if (bearer.lastUsedAt === null || now.getTime() - bearer.lastUsedAt.getTime() >= LAST_USED_STEP_MS) {
    await touchKey(services.db, bearer.keyId, now)
    await touchUser(services.db, bearer.userId, now)
  }
  return memberWith(bearer, bearer.abilities, bearer.keyId)
}

/** The wanted expiry, or that of the key that asks, which is the latest there may be. */
async function expiryWithin(
  services: Services,
  { keyId }: Member,
  wanted: Date | undefined,
): Promise<Date | undefined> {
  const latest = keyId === null ? null : await findKeyExpiry(services.db, keyId)
  if (latest === undefined) throw new DomainError('unauthenticated', { reason: 'unknown' })
  if (latest === null || (wanted !== undefined && wanted <= latest)) return wanted
  if (wanted === undefined) return latest
  throw new DomainError('field-invalid', {
    field: 'expires-at',
    problem: `must not be after ${latest.toISOString()}, when the key that asks expires`,
  })
}

async function issueKey(
  services: Services,
  userId: number,
  key: NewKey,
  origin: 'login' | 'user' | 'operator',
): Promise<IssuedKey> {
  const teamId = await findPersonalTeamId(services.db, userId)
  if (teamId === undefined) throw new Error(`user ${userId} has no personal team`)
  return storeKey(services, { teamId, userId }, key, origin)
}

async function storeKey(
  services: Services,
  owner: { readonly teamId: number; readonly userId: number },
  key: NewKey,
  origin: 'login' | 'user' | 'operator',
): Promise<IssuedKey> {
  const secret = drawSecret(key.dialect, services.random)
  const stored = await insertKey(services.db, {
    publicId: `tok_${services.random.base62(24)}`,
    teamId: owner.teamId,
    userId: owner.userId,
    dialect: key.dialect,
    name: key.name,
    secretHash: hashSecret(secret),
    hint: secretHint(secret),
    abilities: key.abilities,
    origin,
    createdAt: services.now(),
    expiresAt: key.expiresAt ?? null,
  })
  return { key: stored, secret: showSecret(key.dialect, stored.id, secret) }
}
