import type { Services } from '#core/context.ts'
import { type Actor, effectiveAbilities } from '#core/permissions.ts'
import type { User } from './account.ts'
import { findPersonalTeamId } from './account-queries.ts'
import { hashSecret } from './key-secret.ts'
import { deleteExpiredSessions, deleteSession, findSession, insertSession } from './session-queries.ts'

/** How long a session lasts from signing in. */
export const SESSION_TTL_MS = 30 * 24 * 60 * 60 * 1000

/** A new session: its token goes into the cookie and is stored nowhere. */
export interface StartedSession {
  readonly token: string
  readonly expiresAt: Date
}

/** Sign a user in, in the personal team. */
export async function startSession(services: Services, user: User): Promise<StartedSession> {
  const teamId = await findPersonalTeamId(services.db, user.id)
  if (teamId === undefined) throw new Error(`user ${user.id} has no personal team`)
  const createdAt = services.now()
  const expiresAt = new Date(createdAt.getTime() + SESSION_TTL_MS)
  const token = services.random.base62(43)
  await deleteExpiredSessions(services.db, createdAt)
  await insertSession(services.db, {
    tokenHash: hashSecret(token),
    userId: user.id,
    teamId,
    createdAt,
    expiresAt,
  })
  return { token, expiresAt }
}

/** Who bears a session's token: a member, or nobody and why. */
export async function authenticateSession(services: Services, token: string): Promise<Actor> {
  const session = await findSession(services.db, hashSecret(token))
  if (session === undefined) return { kind: 'anonymous', credential: 'unknown' }
  if (session.expiresAt <= services.now()) return { kind: 'anonymous', credential: 'expired' }
  if (session.isBlocked) return { kind: 'anonymous', credential: 'blocked' }
  return {
    kind: 'member',
    userId: session.userId,
    teamId: session.teamId,
    role: session.role,
    isOperator: session.isOperator,
    grant: ['*'],
    abilities: effectiveAbilities(session.role, ['*']),
    keyId: null,
  }
}

/** Sign out; an unknown token is signed out already. */
export async function endSession(services: Services, token: string): Promise<void> {
  await deleteSession(services.db, hashSecret(token))
}
