import type { Role } from '#core/permissions.ts'
import type { Db } from '#db/database.ts'

export interface StoredSession {
  readonly id: number
  readonly userId: number
  readonly teamId: number
  readonly role: Role
  readonly isOperator: boolean
  readonly isBlocked: boolean
  readonly lastUsedAt: Date
  readonly expiresAt: Date
}

export async function insertSession(
  db: Db,
  session: {
    readonly publicId: string
    readonly tokenHash: string
    readonly userId: number
    readonly teamId: number
    readonly client: string
    readonly createdAt: Date
    readonly expiresAt: Date
  },
): Promise<void> {
  await db
    .insertInto('session')
    .values({
      public_id: session.publicId,
      token_hash: session.tokenHash,
      user_id: session.userId,
      team_id: session.teamId,
      client: session.client,
      created_at_ms: session.createdAt.getTime(),
      last_used_at_ms: session.createdAt.getTime(),
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
      'session.id',
      'session.user_id',
      'session.team_id',
      'session.last_used_at_ms',
      'session.expires_at_ms',
      'membership.role',
      'user_account.is_operator',
      'user_account.status',
    ])
    .where('session.token_hash', '=', tokenHash)
    .executeTakeFirst()
  return (
    row && {
      id: row.id,
      userId: row.user_id,
      teamId: row.team_id,
      role: row.role,
      isOperator: row.is_operator === 1,
      isBlocked: row.status === 'blocked',
      lastUsedAt: new Date(row.last_used_at_ms),
      expiresAt: new Date(row.expires_at_ms),
    }
  )
}

/** A session as its user is shown it. */
export interface ListedSession {
  readonly id: number
  readonly publicId: string
  /** `Firefox on Linux`; empty when the program did not say what it is. */
  readonly client: string
  readonly createdAt: Date
  readonly lastUsedAt: Date
  readonly expiresAt: Date
}

/** A user's sessions that have not expired, the one used last first. */
export async function findSessionsOf(
  db: Db,
  userId: number,
  { now, limit }: { readonly now: Date; readonly limit: number },
): Promise<readonly ListedSession[]> {
  const rows = await db
    .selectFrom('session')
    .selectAll()
    .where('user_id', '=', userId)
    .where('expires_at_ms', '>', now.getTime())
    .orderBy('last_used_at_ms', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
  return rows.map((row) => ({
    id: row.id,
    publicId: row.public_id,
    client: row.client,
    createdAt: new Date(row.created_at_ms),
    lastUsedAt: new Date(row.last_used_at_ms),
    expiresAt: new Date(row.expires_at_ms),
  }))
}

export async function touchSession(db: Db, sessionId: number, at: Date): Promise<void> {
  await db.updateTable('session').set({ last_used_at_ms: at.getTime() }).where('id', '=', sessionId).execute()
}

/** @returns false when the session is gone; nothing changed then */
export async function setSessionTeam(db: Db, sessionId: number, teamId: number): Promise<boolean> {
  const result = await db
    .updateTable('session')
    .set({ team_id: teamId })
    .where('id', '=', sessionId)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

/** Let the sessions that act in a team, those of one user or of all, act in their users' personal teams from now on. */
export async function sendSessionsHome(db: Db, teamId: number, userId?: number): Promise<void> {
  await db
    .updateTable('session')
    .set((eb) => ({
      team_id: eb
        .selectFrom('team')
        .select('team.id')
        .whereRef('team.personal_user_id', '=', 'session.user_id')
        .$asScalar()
        .$notNull(),
    }))
    .where('team_id', '=', teamId)
    .$if(userId !== undefined, (query) => query.where('user_id', '=', userId ?? 0))
    .execute()
}

export async function deleteSession(db: Db, tokenHash: string): Promise<void> {
  await db.deleteFrom('session').where('token_hash', '=', tokenHash).execute()
}

/** @returns the program it was started with; undefined when the user has no such session */
export async function deleteSessionOf(
  db: Db,
  userId: number,
  publicId: string,
): Promise<{ readonly client: string } | undefined> {
  return db
    .deleteFrom('session')
    .where('user_id', '=', userId)
    .where('public_id', '=', publicId)
    .returning('client')
    .executeTakeFirst()
}

/** End a user's sessions, all or all but one. @returns how many */
export async function deleteSessionsOf(db: Db, userId: number, exceptId?: number): Promise<number> {
  const result = await db
    .deleteFrom('session')
    .where('user_id', '=', userId)
    .$if(exceptId !== undefined, (query) => query.where('id', '<>', exceptId ?? 0))
    .executeTakeFirst()
  return Number(result.numDeletedRows)
}

/** Delete all but the `keep` newest sessions of a user. */
export async function deleteOldSessions(db: Db, userId: number, keep: number): Promise<void> {
  await db
    .deleteFrom('session')
    .where('user_id', '=', userId)
    .where('id', 'not in', (eb) =>
      eb
        .selectFrom('session as newest')
        .select('newest.id')
        .where('newest.user_id', '=', userId)
        .orderBy('newest.id', 'desc')
        .limit(keep),
    )
    .execute()
}

export async function deleteExpiredSessions(db: Db, now: Date): Promise<void> {
  await db.deleteFrom('session').where('expires_at_ms', '<=', now.getTime()).execute()
}
