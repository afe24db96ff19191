import type { Role } from '#core/permissions.ts'
import type { Db } from '#db/database.ts'

export interface StoredSession {
  readonly userId: number
  readonly teamId: number
  readonly role: Role
  readonly isOperator: boolean
  readonly isBlocked: boolean
  readonly expiresAt: Date
}

export async function insertSession(
  db: Db,
  session: {
    readonly tokenHash: string
    readonly userId: number
    readonly teamId: number
    readonly createdAt: Date
    readonly expiresAt: Date
  },
): Promise<void> {
  await db
    .insertInto('session')
    .values({
      token_hash: session.tokenHash,
      user_id: session.userId,
      team_id: session.teamId,
      created_at_ms: session.createdAt.getTime(),
      expires_at_ms: session.expiresAt.getTime(),
    })
    .execute()
}

/** The session of a token; undefined when there is none or its user has left the team. */
export async function findSession(db: Db, tokenHash: string): Promise<StoredSession | undefined> {
  const row = await db
    .selectFrom('session')
    .innerJoin('user_account', 'user_account.id', 'session.user_id')
    .innerJoin('membership', (join) =>
      join
        .onRef('membership.team_id', '=', 'session.team_id')
        .onRef('membership.user_id', '=', 'session.user_id'),
    )
    .select([
      'session.user_id',
      'session.team_id',
      'session.expires_at_ms',
      'membership.role',
      'user_account.is_operator',
      'user_account.status',
    ])
    .where('session.token_hash', '=', tokenHash)
    .executeTakeFirst()
  return (
    row && {
      userId: row.user_id,
      teamId: row.team_id,
      role: row.role,
      isOperator: row.is_operator === 1,
      isBlocked: row.status === 'blocked',
      expiresAt: new Date(row.expires_at_ms),
    }
  )
}

export async function deleteSession(db: Db, tokenHash: string): Promise<void> {
  await db.deleteFrom('session').where('token_hash', '=', tokenHash).execute()
}

export async function deleteSessionsOf(db: Db, userId: number): Promise<void> {
  await db.deleteFrom('session').where('user_id', '=', userId).execute()
}

export async function deleteExpiredSessions(db: Db, now: Date): Promise<void> {
  await db.deleteFrom('session').where('expires_at_ms', '<=', now.getTime()).execute()
}
