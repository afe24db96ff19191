import { parseEmail } from '#core/accounts/account.ts'
import { findPersonalTeamId, findUserByEmail } from '#core/accounts/account-queries.ts'
import { issueOperatorKey } from '#core/accounts/api-keys.ts'
import type { AbilityGrant } from '#core/permissions.ts'
import type { TestAccount, TestApp } from './test-app.ts'

/** A key of the operator that a test's first account brought with it. */
export async function operatorToken(app: TestApp, abilities: AbilityGrant = ['*']): Promise<string> {
  const { services } = app.app
  const found = await findUserByEmail(services.db, parseEmail('operator@example.com'))
  if (found === undefined) throw new Error('the operator comes with the first account')
  const key = { dialect: 'onehop', name: 'operator', abilities } as const
  return (await issueOperatorKey(services, found.user, key)).secret
}

/** The personal team of a test's account. */
export async function teamIdOf(app: TestApp, { user }: TestAccount): Promise<number> {
  const teamId = await findPersonalTeamId(app.app.services.db, user.id)
  if (teamId === undefined) throw new Error('every account has a personal team')
  return teamId
}
