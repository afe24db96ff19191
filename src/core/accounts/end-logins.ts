import type { Services } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import type { User } from './account.ts'
import { holdCredentials, renewCredentials } from './account-queries.ts'
import { deleteSessionsOf } from './session-queries.ts'

/** End every session and JWT of a user, inside a transaction. */
export async function endLogins(tx: Services, userId: number): Promise<void> {
  await renewCredentials(tx.db, userId)
  await deleteSessionsOf(tx.db, userId)
}

/**
 * Make sure, inside a transaction, that a user who logged in before it began is not to be logged out again: what is
 * issued in it would outlive the change of a password.
 *
 * @throws DomainError `wrong-credentials`
 */
export async function requireSameCredentials(tx: Services, user: User): Promise<void> {
  if (!(await holdCredentials(tx.db, user.id, user.credentialsVersion)))
    throw new DomainError('wrong-credentials', {})
}
