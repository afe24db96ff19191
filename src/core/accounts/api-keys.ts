import { type Ctx, inTransaction, type Services } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import { type AbilityGrant, type Actor, type Member, memberWith, requireAbility } from '#core/permissions.ts'
import type { ApiKey, KeyDialect, User } from './account.ts'
import { findPersonalTeamId } from './account-queries.ts'
import {
  deleteKey,
  deleteOldLoginKeys,
  findBearer,
  findKeyExpiry,
  findKeys,
  insertKey,
  type KeyName,
  touchKey,
} from './api-key-queries.ts'
import { requireSameCredentials } from './end-logins.ts'
import { drawSecret, hashSecret, secretHint, showSecret } from './key-secret.ts'
import { requireRoomForExtra } from './request-origins.ts'

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
/** How exact the time of last use is: a busy key is not written at every request. */
const LAST_USED_STEP_MS = 60_000

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
  return issueKey(services, user.id, key, 'operator')
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
    return storeKey(tx, member, { ...key, expiresAt: await expiryWithin(tx, member, key.expiresAt) }, 'user')
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
 * End a key of the actor's; it opens nothing from the next request on.
 *
 * @throws DomainError `unauthenticated`, `forbidden` or `key-not-found`
 */
export async function revokeKey(ctx: Ctx, key: KeyName): Promise<void> {
  const member = requireAbility(ctx.actor, 'user:write')
  if (!(await deleteKey(ctx.db, member, key)))
    throw new DomainError('key-not-found', { id: String('id' in key ? key.id : key.publicId) })
  ctx.emit({ kind: 'access-changed' })
}

/** Who bears a key's secret: a member of the key's team, or nobody and why. */
export async function authenticateKey(services: Services, secret: string): Promise<Actor> {
  const bearer = await findBearer(services.db, hashSecret(secret))
  if (bearer === undefined) return { kind: 'anonymous', credential: 'unknown' }
  const now = services.now()
  if (bearer.expiresAt !== null && bearer.expiresAt <= now)
    return { kind: 'anonymous', credential: 'expired' }
  if (bearer.isBlocked) return { kind: 'anonymous', credential: 'blocked' }

  if (bearer.lastUsedAt === null || now.getTime() - bearer.lastUsedAt.getTime() >= LAST_USED_STEP_MS)
    await touchKey(services.db, bearer.keyId, now)
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
