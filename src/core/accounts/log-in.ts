import type { Ctx, Services } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import type { RateLimit } from '#ports/rate-limiter.ts'
import type { Email, User } from './account.ts'
import { findUser, findUserByEmail } from './account-queries.ts'
import { takeAttempt } from './attempts.ts'
import { requireSecondFactor } from './second-factor.ts'

const WINDOW_S = 15 * 60
/** Attempts from one address (IPv6: one /64), failed or not. */
const PER_CLIENT: RateLimit = { name: 'login-client', points: 30, windowS: WINDOW_S }
/** Attempts for one e-mail address, from wherever. */
const PER_EMAIL: RateLimit = { name: 'login-email', points: 10, windowS: WINDOW_S }
/** Sign-ups from one address. */
const SIGN_UPS: RateLimit = { name: 'sign-up', points: 100, windowS: 60 * 60 }

/** A password that somebody typed, and who. */
export interface PasswordProof {
  readonly password: string
  /** What the client is limited by: its address or, for IPv6, its /64. */
  readonly clientKey: string
}

/** All that an account can ask for. */
export interface IdentityProof extends PasswordProof {
  /** A code of the authenticator app, or a recovery code; needed of those who have a second factor. */
  readonly code?: string | undefined
}

export interface Credentials extends IdentityProof {
  readonly email: Email
}

/**
 * Check an e-mail address, password and, where the account has one, second factor, counting the attempt. Every way to
 * log in with a password leads through here.
 *
 * @throws DomainError `rate-limited`, `wrong-credentials` (for an unknown address too) and, when the password is
 *   right, `account-blocked`, `two-factor-needed` or `two-factor-wrong`
 */
export async function logIn(ctx: Ctx, credentials: Credentials): Promise<User> {
  const user = await checkPassword(ctx, credentials.email, credentials)
  if (user === undefined) throw new DomainError('wrong-credentials', {})
  if (user.status === 'blocked') throw new DomainError('account-blocked', {})
  await requireSecondFactor(ctx, user.id, credentials.code)
  return user
}

/**
 * Ask somebody who is signed in for the password again, as an attempt to log in.
 *
 * @throws DomainError `rate-limited` or `password-wrong`
 */
export async function confirmPassword(
  services: Services,
  userId: number,
  proof: PasswordProof,
): Promise<User> {
  const signedIn = await findUser(services.db, userId)
  const user = signedIn && (await checkPassword(services, signedIn.email, proof))
  if (user === undefined) throw new DomainError('password-wrong', {})
  return user
}

/**
 * Ask somebody who is signed in for the password again and, where the account has one, for the second factor.
 *
 * @throws DomainError `rate-limited`, `password-wrong`, `two-factor-needed` or `two-factor-wrong`
 */
export async function confirmIdentity(
  services: Services,
  userId: number,
  proof: IdentityProof,
): Promise<User> {
  const user = await confirmPassword(services, userId, proof)
  await requireSecondFactor(services, userId, proof.code)
  return user
}

/**
 * Count a sign-up of a client.
 *
 * @throws DomainError `rate-limited` after 100 in an hour
 */
export async function takeSignUp(ctx: Ctx, clientKey: string): Promise<void> {
  await takeAttempt(ctx, SIGN_UPS, clientKey)
}

/** @returns undefined for a wrong password, and for an address without an account, which takes as long */
async function checkPassword(
  services: Services,
  email: Email,
  { password, clientKey }: PasswordProof,
): Promise<User | undefined> {
  await takeAttempt(services, PER_CLIENT, clientKey)
  await takeAttempt(services, PER_EMAIL, email)
  const found = await findUserByEmail(services.db, email)
  const matches = await services.passwords.verify(password, found?.passwordHash)
  return matches ? found?.user : undefined
}
