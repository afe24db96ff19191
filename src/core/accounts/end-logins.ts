import type { Services } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import type { User } from './account.ts'
import { holdCredentials, renewCredentials } from './account-queries.ts'
import { deletePasswordResetsOf } from './password-reset-queries.ts'
import { deleteSessionsOf } from './session-queries.ts'

/** End every session and JWT of a user, and links to set another password, inside a transaction. */
export async function endLogins(tx: Services, userId: number): Promise<void> {
  await renewCredentials(tx.db, userId)
  await deleteSessionsOf(tx.db, userId)
  await deletePasswordResetsOf(tx.db, userId)
  tx.emit({ kind: 'access-changed' })
}

/**
 * Make sure, inside a transaction, that the password a user logged in with before it is still the one, and the user not
 * blocked: what is issued otherwise would outlive the end of everything else.
 *
 * @throws DomainError `wrong-credentials`
 */
export async function requireSameCredentials(tx: Services, user: User): Promise<void> {
  if (!(await holdCredentials(tx.db, user.id, user.credentialsVersion)))
    throw new DomainError('wrong-credentials', {})
}
