import { inTransaction, type Services } from '#core/context.ts'
import { type Actor, memberWith } from '#core/permissions.ts'
import type { User } from './account.ts'
import { findPersonalTeamId } from './account-queries.ts'
import { requireSameCredentials } from './end-logins.ts'
import { hashSecret } from './key-secret.ts'
import { deleteExpiredSessions, deleteSession, findSession, insertSession } from './session-queries.ts'

/** How long a session lasts from signing in. */
export const SESSION_TTL_MS = 30 * 24 * 60 * 60 * 1000

/** A new session: its token goes into the cookie and is stored nowhere. */
export interface StartedSession {
  readonly token: string
  readonly expiresAt: Date
}

/**
 * Sign in, in the personal team, a user who has just logged in.
 *
 * @throws DomainError `wrong-credentials` when the password was changed or the user blocked in the meantime
 */
export async function startSession(services: Services, user: User): Promise<StartedSession> {
  const teamId = await findPersonalTeamId(services.db, user.id)
  if (teamId === undefined) throw new Error(`user ${user.id} has no personal team`)
  const createdAt = services.now()
  const expiresAt = new Date(createdAt.getTime() + SESSION_TTL_MS)
  const token = services.random.base62(43)
  await deleteExpiredSessions(services.db, createdAt)
  await inTransaction(services, async (tx) => {
    await requireSameCredentials(tx, user)
    await insertSession(tx.db, {
      tokenHash: hashSecret(token),
      userId: user.id,
      teamId,
      createdAt,
      expiresAt,
    })
  })
  return { token, expiresAt }
}

/** Who bears a session's token: a member, or nobody and why. */
export async function authenticateSession(services: Services, token: string): Promise<Actor> {
  const session = await findSession(services.db, hashSecret(token))
  if (session === undefined) return { kind: 'anonymous', credential: 'unknown' }
  if (session.expiresAt <= services.now()) return { kind: 'anonymous', credential: 'expired' }
  if (session.isBlocked) return { kind: 'anonymous', credential: 'blocked' }
  return memberWith(session, ['*'], null)
}

/** Sign out; an unknown token is signed out already. */
export async function endSession(services: Services, token: string): Promise<void> {
  await deleteSession(services.db, hashSecret(token))
}
