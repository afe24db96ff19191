import { type Ctx, inTransaction, type Services } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import { requireOwnAccount } from '#core/permissions.ts'
import type { Password, User } from './account.ts'
import { holdCredentials, setPasswordHash } from './account-queries.ts'
import { deleteLoginKeysOf } from './api-key-queries.ts'
import { endLogins } from './end-logins.ts'
import { confirmIdentity, type IdentityProof } from './log-in.ts'
import { recordAccountChange } from './record-account-change.ts'

/**
 * Give the actor a new password. Everything that was signed in with the old one ends, what the actor is signed in with
 * included: sessions, JWTs and keys that came from logging in. Keys that were created on purpose stay.
 *
 * @throws DomainError `unauthenticated`, `forbidden`, `rate-limited`, `password-wrong` (also when another change was
 *   faster), `two-factor-needed` or `two-factor-wrong`
 */
export async function changePassword(ctx: Ctx, password: Password, proof: IdentityProof): Promise<void> {
  const { userId } = requireOwnAccount(ctx.actor)
  const user = await confirmIdentity(ctx, userId, proof)
  if (!(await replacePassword(ctx, user, password))) throw new DomainError('password-wrong', {})
}

/**
 * Give a user a new password, as {@link changePassword} does.
 *
 * @returns false when the user's password was changed, or the user blocked, since the user was read; nothing is done
 *   then
 */
export async function replacePassword(services: Services, user: User, password: Password): Promise<boolean> {
  const passwordHash = await services.passwords.hash(password)
  return inTransaction(services, async (tx) => {
    if (!(await storePassword(tx, user, passwordHash))) return false
    await recordAccountChange(tx, user, { action: 'account.password-changed' })
    return true
  })
}

/** The part of {@link replacePassword} that is done inside a transaction. */
export async function storePassword(tx: Services, user: User, passwordHash: string): Promise<boolean> {
  if (!(await holdCredentials(tx.db, user.id, user.credentialsVersion))) return false
  await setPasswordHash(tx.db, user.id, passwordHash)
  await endLogins(tx, user.id)
  await deleteLoginKeysOf(tx.db, user.id)
  return true
}
