import { parseUserAgent } from '#core/clicks/user-agent.ts'
import { recordChange } from '#core/audit/record-change.ts'
import { type Ctx, inTransaction, type Services } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import { type Actor, memberWith, requireAbility, requireOwnAccount } from '#core/permissions.ts'
import type { User } from './account.ts'
import { findPersonalTeamId, findRole, touchUser } from './account-queries.ts'
import { requireSameCredentials } from './end-logins.ts'
import { hashSecret } from './key-secret.ts'
import { LAST_USED_STEP_MS } from './last-used.ts'
import {
  deleteExpiredSessions,
  deleteOldSessions,
  deleteSession,
  deleteSessionOf,
  deleteSessionsOf,
  findSession,
  findSessionsOf,
  insertSession,
  type ListedSession,
  setSessionTeam,
  touchSession,
} from './session-queries.ts'

export type { ListedSession } from './session-queries.ts'

/** How long a session lasts from signing in. */
export const SESSION_TTL_MS = 30 * 24 * 60 * 60 * 1000
/** Sessions a user has at one time; the oldest go first. */
const MAX_SESSIONS = 100

/** A new session: its token goes into the cookie and is stored nowhere. */
export interface StartedSession {
  readonly token: string
  readonly expiresAt: Date
}

/**
 * Sign in, in the personal team, a user who has just logged in.
 *
 * @param userAgent what the client says it is
 * @throws DomainError `wrong-credentials` when the password was changed or the user blocked in the meantime
 */
export async function startSession(services: Services, user: User, userAgent = ''): Promise<StartedSession> {
  const teamId = await findPersonalTeamId(services.db, user.id)
  if (teamId === undefined) throw new Error(`user ${user.id} has no personal team`)
  const createdAt = services.now()
  const expiresAt = new Date(createdAt.getTime() + SESSION_TTL_MS)
  const token = services.random.base62(43)
  await deleteExpiredSessions(services.db, createdAt)
  await inTransaction(services, async (tx) => {
    await requireSameCredentials(tx, user)
    await insertSession(tx.db, {
      publicId: `ses_${tx.random.base62(24)}`,
      tokenHash: hashSecret(token),
      userId: user.id,
      teamId,
      client: clientName(userAgent),
      createdAt,
      expiresAt,
    })
    await deleteOldSessions(tx.db, user.id, MAX_SESSIONS)
    await touchUser(tx.db, user.id, createdAt)
  })
  return { token, expiresAt }
}

/** Who bears a session's token: a member, or nobody and why. */
export async function authenticateSession(services: Services, token: string): Promise<Actor> {
  const session = await findSession(services.db, hashSecret(token))
  if (session === undefined) return { kind: 'anonymous', credential: 'unknown' }
  const now = services.now()
  if (session.expiresAt <= now) return { kind: 'anonymous', credential: 'expired' }
  if (session.isBlocked) return { kind: 'anonymous', credential: 'blocked' }
  if (now.getTime() - session.lastUsedAt.getTime() >= LAST_USED_STEP_MS) {
    await touchSession(services.db, session.id, now)
    await touchUser(services.db, session.userId, now)
  }
  return { ...memberWith(session, ['*'], null), sessionId: session.id }
}

/** Sign out; an unknown token is signed out already. */
export async function endSession(services: Services, token: string): Promise<void> {
  await deleteSession(services.db, hashSecret(token))
}

/**
 * Where the actor is signed in, the session used last first.
 *
 * @throws DomainError `unauthenticated`, `account-blocked` or `forbidden`
 */
export async function listSessions(
  ctx: Ctx,
): Promise<readonly (ListedSession & { readonly isCurrent: boolean })[]> {
  const { userId, sessionId } = requireAbility(ctx.actor, 'user:read')
  const sessions = await findSessionsOf(ctx.db, userId, { now: ctx.now(), limit: MAX_SESSIONS })
  return sessions.map((session) => ({ ...session, isCurrent: session.id === sessionId }))
}

/**
 * Sign the actor out somewhere.
 *
 * @throws DomainError `unauthenticated`, `account-blocked`, `forbidden` or `session-not-found`
 */
export async function endSessionOf(ctx: Ctx, publicId: string): Promise<void> {
  const { userId } = requireOwnAccount(ctx.actor)
  await inTransaction(ctx, async (tx) => {
    const ended = await deleteSessionOf(tx.db, userId, publicId)
    if (ended === undefined) throw new DomainError('session-not-found', { id: publicId })
    await recordEnd(tx, userId, ended.client === '' ? 'session' : `session of ${ended.client}`)
  })
}

/**
 * Sign the actor out everywhere else.
 *
 * @throws DomainError `unauthenticated`, `account-blocked` or `forbidden`
 */
export async function endOtherSessions(ctx: Ctx): Promise<void> {
  const { userId, sessionId } = requireOwnAccount(ctx.actor)
  await inTransaction(ctx, async (tx) => {
    const count = await deleteSessionsOf(tx.db, userId, sessionId)
    if (count > 0) await recordEnd(tx, userId, `${count} other sessions`)
  })
}

/**
 * Let the actor's session act in another of the user's teams from now on.
 *
 * @returns the context in that team
 * @throws DomainError `unauthenticated`, `account-blocked`, `session-required` with a key or JWT, or `team-not-found`
 */
export async function switchTeam(ctx: Ctx, teamId: number): Promise<Ctx> {
  const member = requireOwnAccount(ctx.actor)
  const { sessionId } = member
  if (sessionId === undefined) throw new DomainError('session-required', {})
  const role = await findRole(ctx.db, teamId, member.userId)
  if (role === undefined) throw new DomainError('team-not-found', { teamId })
  if (!(await setSessionTeam(ctx.db, sessionId, teamId)))
    throw new DomainError('unauthenticated', { reason: 'unknown' })
  return { ...ctx, actor: { ...memberWith({ ...member, teamId, role }, member.grant, null), sessionId } }
}

async function recordEnd(tx: Ctx, userId: number, subject: string): Promise<void> {
  const teamId = (await findPersonalTeamId(tx.db, userId)) ?? null
  await recordChange(tx, { action: 'session.ended', teamId, subject })
}

/** `Firefox on Linux` */
function clientName(userAgent: string): string {
  const { browser, operatingSystem } = parseUserAgent(userAgent)
  if (browser === '' || operatingSystem === '') return browser || operatingSystem
  return `${browser} on ${operatingSystem}`
}
