import type { Selectable } from 'kysely'
import type { Role } from '#core/permissions.ts'
import type { Db, Tables } from '#db/database.ts'
import type { KeyDialect } from './account.ts'
import type { RequestOrigin, RootDomain } from './request-origin.ts'

export interface NewRequestOrigin extends RequestOrigin {
  readonly teamId: number
  readonly userId: number
}

/** @returns false when somebody has registered the domain already; nothing changed then */
export async function insertOrigin(db: Db, origin: NewRequestOrigin): Promise<boolean> {
  const result = await db
    .insertInto('request_origin')
    .values({
      public_id: origin.id,
      team_id: origin.teamId,
      user_id: origin.userId,
      domain: origin.domain,
      created_at_ms: origin.createdAt.getTime(),
    })
    .onConflict((oc) => oc.column('domain').doNothing())
    .executeTakeFirst()
  return result.numInsertedOrUpdatedRows === 1n
}

/** A team's origins, oldest first, at most `limit`. */
export async function findOrigins(db: Db, teamId: number, limit: number): Promise<readonly RequestOrigin[]> {
  const rows = await db
    .selectFrom('request_origin')
    .selectAll()
    .where('team_id', '=', teamId)
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map(toOrigin)
}

/** @returns the domain it was of; undefined when the team has no such origin */
export async function deleteOrigin(db: Db, teamId: number, id: string): Promise<string | undefined> {
  const row = await db
    .deleteFrom('request_origin')
    .where('team_id', '=', teamId)
    .where('public_id', '=', id)
    .returning('domain')
    .executeTakeFirst()
  return row?.domain
}

/** @returns whose it was; undefined when nobody has registered the domain */
export async function deleteOriginOf(db: Db, domain: RootDomain): Promise<number | undefined> {
  const row = await db
    .deleteFrom('request_origin')
    .where('domain', '=', domain)
    .returning('team_id')
    .executeTakeFirst()
  return row?.team_id
}

/** On whose behalf the pages of a domain ask. */
export interface OriginBearer {
  readonly userId: number
  readonly teamId: number
  readonly role: Role
  readonly isBlocked: boolean
}

/** Undefined when nobody has registered the domain, or who did has left the team. */
export async function findOriginBearer(db: Db, domain: RootDomain): Promise<OriginBearer | undefined> {
  const row = await db
    .selectFrom('request_origin')
    .innerJoin('user_account', 'user_account.id', 'request_origin.user_id')
    .innerJoin('membership', (join) =>
      join
        .onRef('membership.team_id', '=', 'request_origin.team_id')
        .onRef('membership.user_id', '=', 'request_origin.user_id'),
    )
    .select(['request_origin.user_id', 'request_origin.team_id', 'membership.role', 'user_account.status'])
    .where('request_origin.domain', '=', domain)
    .executeTakeFirst()
  return (
    row && {
      userId: row.user_id,
      teamId: row.team_id,
      role: row.role,
      isBlocked: row.status === 'blocked',
    }
  )
}

/**
 * How many keys of a dialect and origins a team has. Inside a transaction, others who ask wait until it ends, so that
 * what is added by the count stays within its limit.
 */
export async function countKeysAndOrigins(
  db: Db,
  teamId: number,
  dialect: KeyDialect,
): Promise<{ readonly keys: number; readonly origins: number }> {
  await db
    .updateTable('team')
    .set((eb) => ({ name: eb.ref('name') }))
    .where('id', '=', teamId)
    .execute()
  const keys = await db
    .selectFrom('api_key')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('team_id', '=', teamId)
    .where('dialect', '=', dialect)
    .executeTakeFirstOrThrow()
  const origins = await db
    .selectFrom('request_origin')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('team_id', '=', teamId)
    .executeTakeFirstOrThrow()
  return { keys: keys.count, origins: origins.count }
}

function toOrigin(row: Selectable<Tables['request_origin']>): RequestOrigin {
  return {
    id: row.public_id,
    // Only parsed domains are ever stored.
    domain: row.domain as RootDomain,
    createdAt: new Date(row.created_at_ms),
  }
}
