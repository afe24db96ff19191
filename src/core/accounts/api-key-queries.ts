import type { Selectable } from 'kysely'
import type { AbilityGrant, Role } from '#core/permissions.ts'
import type { Db, Tables } from '#db/database.ts'
import type { ApiKey, KeyDialect } from './account.ts'

export interface NewApiKey {
  readonly publicId: string
  readonly teamId: number
  readonly userId: number
  readonly dialect: KeyDialect
  readonly name: string
  readonly secretHash: string
  readonly hint: string
  readonly abilities: AbilityGrant
  readonly origin: 'login' | 'user' | 'operator'
  readonly createdAt: Date
  readonly expiresAt: Date | null
}

export async function insertKey(db: Db, key: NewApiKey): Promise<ApiKey> {
  const row = await db
    .insertInto('api_key')
    .values({
      public_id: key.publicId,
      team_id: key.teamId,
      user_id: key.userId,
      dialect: key.dialect,
      name: key.name,
      secret_hash: key.secretHash,
      hint: key.hint,
      abilities: JSON.stringify(key.abilities),
      origin: key.origin,
      created_at_ms: key.createdAt.getTime(),
      expires_at_ms: key.expiresAt?.getTime() ?? null,
      last_used_at_ms: null,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  return toApiKey(row)
}

/** What it takes to know the bearer of a secret. */
export interface KeyBearer {
  readonly keyId: number
  readonly userId: number
  readonly teamId: number
  readonly role: Role
  readonly isOperator: boolean
  readonly isBlocked: boolean
  readonly abilities: AbilityGrant
  readonly expiresAt: Date | null
  readonly lastUsedAt: Date | null
}

/** The bearer of a secret; undefined when there is no such key or its user has left the team. */
export async function findBearer(db: Db, secretHash: string): Promise<KeyBearer | undefined> {
  const row = await db
    .selectFrom('api_key')
    .innerJoin('user_account', 'user_account.id', 'api_key.user_id')
    .innerJoin('membership', (join) =>
      join
        .onRef('membership.team_id', '=', 'api_key.team_id')
        .onRef('membership.user_id', '=', 'api_key.user_id'),
    )
    .select([
      'api_key.id',
      'api_key.user_id',
      'api_key.team_id',
      'api_key.abilities',
      'api_key.expires_at_ms',
      'api_key.last_used_at_ms',
      'membership.role',
      'user_account.is_operator',
      'user_account.status',
    ])
    .where('api_key.secret_hash', '=', secretHash)
    .executeTakeFirst()
  return (
    row && {
      keyId: row.id,
      userId: row.user_id,
      teamId: row.team_id,
      role: row.role,
      isOperator: row.is_operator === 1,
      isBlocked: row.status === 'blocked',
      abilities: parseGrant(row.abilities),
      expiresAt: toDate(row.expires_at_ms),
      lastUsedAt: toDate(row.last_used_at_ms),
    }
  )
}

/** When a key ends: null when it never does, undefined when there is no such key. */
export async function findKeyExpiry(db: Db, keyId: number): Promise<Date | null | undefined> {
  const row = await db
    .selectFrom('api_key')
    .select('expires_at_ms')
    .where('id', '=', keyId)
    .executeTakeFirst()
  return row && toDate(row.expires_at_ms)
}

export async function touchKey(db: Db, keyId: number, at: Date): Promise<void> {
  await db.updateTable('api_key').set({ last_used_at_ms: at.getTime() }).where('id', '=', keyId).execute()
}

/** A user's keys in a team, newest first, at most `limit`. */
export async function findKeys(
  db: Db,
  owner: { readonly teamId: number; readonly userId: number },
  limit: number,
): Promise<readonly ApiKey[]> {
  const rows = await db
    .selectFrom('api_key')
    .selectAll()
    .where('team_id', '=', owner.teamId)
    .where('user_id', '=', owner.userId)
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
  return rows.map(toApiKey)
}

/** A key by its number or by its text id. */
export type KeyName = { readonly id: number } | { readonly publicId: string }

/** A key, and who made it. */
export interface KeyOfTeam extends ApiKey {
  readonly createdBy: { readonly id: number; readonly name: string; readonly email: string }
}

/** Which keys of a team a list is of. */
export interface KeyFilter {
  readonly teamId: number
  /** Undefined: of everybody in it. */
  readonly userId?: number | undefined
  readonly name?: KeyName | undefined
  /** Only keys that are older than the one of this id. */
  readonly beforeId?: number | undefined
  readonly limit: number
}

/** Newest first. */
export async function findTeamKeys(db: Db, filter: KeyFilter): Promise<readonly KeyOfTeam[]> {
  const { teamId, userId, name, beforeId, limit } = filter
  let query = db
    .selectFrom('api_key')
    .innerJoin('user_account', 'user_account.id', 'api_key.user_id')
    .selectAll('api_key')
    .select(['user_account.name as user_name', 'user_account.email as user_email'])
    .where('api_key.team_id', '=', teamId)
    .orderBy('api_key.id', 'desc')
    .limit(limit)
  if (userId !== undefined) query = query.where('api_key.user_id', '=', userId)
  if (name !== undefined)
    query =
      'id' in name
        ? query.where('api_key.id', '=', name.id)
        : query.where('api_key.public_id', '=', name.publicId)
  if (beforeId !== undefined) query = query.where('api_key.id', '<', beforeId)
  return (await query.execute()).map((row) => ({
    ...toApiKey(row),
    createdBy: { id: row.user_id, name: row.user_name, email: row.user_email },
  }))
}

/** @returns false when there is no such key any more */
export async function deleteKey(db: Db, keyId: number): Promise<boolean> {
  const result = await db.deleteFrom('api_key').where('id', '=', keyId).executeTakeFirst()
  return result.numDeletedRows === 1n
}

/** Delete all but the `keep` newest keys that a user got by logging in. */
export async function deleteOldLoginKeys(db: Db, userId: number, keep: number): Promise<void> {
  const oldest = await db
    .selectFrom('api_key')
    .select('id')
    .where('user_id', '=', userId)
    .where('origin', '=', 'login')
    .orderBy('id', 'desc')
    .offset(keep)
    .limit(1_000)
    .execute()
  if (oldest.length === 0) return
  const ids = oldest.map((row) => row.id)
  await db.deleteFrom('api_key').where('id', 'in', ids).execute()
}

/** Delete every key that a user got by logging in. */
export async function deleteLoginKeysOf(db: Db, userId: number): Promise<void> {
  await db.deleteFrom('api_key').where('user_id', '=', userId).where('origin', '=', 'login').execute()
}

function toApiKey(row: Selectable<Tables['api_key']>): ApiKey {
  return {
    id: row.id,
    publicId: row.public_id,
    teamId: row.team_id,
    userId: row.user_id,
    // Only known dialects are ever stored.
    dialect: row.dialect as KeyDialect,
    name: row.name,
    hint: row.hint,
    abilities: parseGrant(row.abilities),
    createdAt: new Date(row.created_at_ms),
    expiresAt: toDate(row.expires_at_ms),
    lastUsedAt: toDate(row.last_used_at_ms),
  }
}

/** Only grants are ever stored in that column. */
function parseGrant(json: string): AbilityGrant {
  return JSON.parse(json) as AbilityGrant
}

function toDate(instantMs: number | null): Date | null {
  return instantMs === null ? null : new Date(instantMs)
}
