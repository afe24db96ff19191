import type { Change } from '#core/audit/record-change.ts'
import { recordChange } from '#core/audit/record-change.ts'
import type { Services } from '#core/context.ts'
import type { User } from './account.ts'
import { findPersonalTeamId } from './account-queries.ts'

/** Write down a change of somebody's account: in the personal team, where nobody else reads it but operators. */
export async function recordAccountChange(
  tx: Services,
  { id, email }: Pick<User, 'id' | 'email'>,
  change: Omit<Change, 'teamId' | 'subject'>,
): Promise<void> {
  const teamId = (await findPersonalTeamId(tx.db, id)) ?? null
  await recordChange(tx, { ...change, teamId, subject: `account ${email}` })
}
