import type { Ctx, Services } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import type { RateLimit } from '#ports/rate-limiter.ts'
import type { Email, User } from './account.ts'
import { findUserByEmail } from './account-queries.ts'

const WINDOW_S = 15 * 60
/** Attempts from one address (IPv6: one /64), failed or not. */
const PER_CLIENT: RateLimit = { name: 'login-client', points: 30, windowS: WINDOW_S }
/** Attempts for one e-mail address, from wherever. */
const PER_EMAIL: RateLimit = { name: 'login-email', points: 10, windowS: WINDOW_S }
/** Sign-ups from one address. */
const SIGN_UPS: RateLimit = { name: 'sign-up', points: 100, windowS: 60 * 60 }

export interface Credentials {
  readonly email: Email
  readonly password: string
  /** What the client is limited by: its address or, for IPv6, its /64. */
  readonly clientKey: string
}

/**
 * Check an e-mail address and password, counting the attempt.
 *
 * @throws DomainError `rate-limited`, `wrong-credentials` (for an unknown address too) or `account-blocked`
 */
export async function logIn(ctx: Ctx, credentials: Credentials): Promise<User> {
  await takeAttempt(ctx, PER_CLIENT, credentials.clientKey)
  await takeAttempt(ctx, PER_EMAIL, credentials.email)

  const found = await findUserByEmail(ctx.db, credentials.email)
  const matches = await ctx.passwords.verify(credentials.password, found?.passwordHash)
  if (found === undefined || !matches) throw new DomainError('wrong-credentials', {})
  if (found.user.status === 'blocked') throw new DomainError('account-blocked', {})
  return found.user
}

/**
 * Count a sign-up of a client.
 *
 * @throws DomainError `rate-limited` after 100 in an hour
 */
export async function takeSignUp(ctx: Ctx, clientKey: string): Promise<void> {
  await takeAttempt(ctx, SIGN_UPS, clientKey)
}

async function takeAttempt(services: Services, limit: RateLimit, key: string): Promise<void> {
  const state = await services.rateLimiter.take(limit, key)
  if (!state.allowed)
    throw new DomainError('rate-limited', {
      limit: limit.points,
      windowS: limit.windowS,
      retryAfterS: state.resetS,
    })
}
