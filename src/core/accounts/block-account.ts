import { inTransaction, type Services } from '#core/context.ts'
import type { User } from './account.ts'
import { setUserStatus } from './account-queries.ts'
import { endLogins } from './end-logins.ts'
import { recordAccountChange } from './record-account-change.ts'

/**
 * Shut a user out: no password, key, JWT or session opens anything until {@link unblockAccount}. Links keep working.
 */
export async function blockAccount(services: Services, user: User): Promise<void> {
  await inTransaction(services, async (tx) => {
    await setUserStatus(tx.db, user.id, 'blocked')
    await endLogins(tx, user.id)
    await recordAccountChange(tx, user, { action: 'account.blocked' })
  })
}

/** Let a blocked user in again; sessions and JWTs have to be started anew. */
export async function unblockAccount(services: Services, user: User): Promise<void> {
  await inTransaction(services, async (tx) => {
    await setUserStatus(tx.db, user.id, 'active')
    tx.emit({ kind: 'access-changed' })
    await recordAccountChange(tx, user, { action: 'account.unblocked' })
  })
}
