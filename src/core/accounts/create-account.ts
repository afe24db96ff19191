import { recordChange } from '#core/audit/record-change.ts'
import { largestPlan } from '#core/billing/plan.ts'
import { startPlan } from '#core/billing/set-plan.ts'
import { type Ctx, inTransaction, type Services } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import type { Email, Password, User } from './account.ts'
import { claimOnce, insertMembership, insertTeam, insertUser, setOperator } from './account-queries.ts'

export interface NewAccount {
  readonly email: Email
  readonly password: Password
  readonly name?: string | undefined
}

/** What may be decided about an account that is being made. */
export interface AccountChoices {
  /** A plan of the catalogue, in any case. */
  readonly plan?: string | undefined
  readonly isOperator?: boolean | undefined
  /** Whether who makes it is who it is for. */
  readonly isOwn?: boolean | undefined
}

/**
 * Sign up: make an account with a personal team on the sign-up plan. The first account of an installation
 * becomes its operator, on the catalogue's largest plan.
 *
 * @throws DomainError `signup-closed` or `email-taken`
 */
export async function signUp(ctx: Ctx, account: NewAccount): Promise<User> {
  if (ctx.settings.signup === 'closed') throw new DomainError('signup-closed', {})
  return createAccount(ctx, account, { isOwn: true })
}

/**
 * Make an account on an operator's word.
 *
 * @throws DomainError `email-taken`
 */
export async function createAccount(
  services: Services,
  account: NewAccount,
  choices: AccountChoices,
): Promise<User> {
  const passwordHash = await services.passwords.hash(account.password)
  return inTransaction(services, async (tx) => {
    const createdAt = tx.now()
    const name = account.name ?? account.email.slice(0, account.email.indexOf('@'))
    const user = await insertUser(tx.db, {
      email: account.email,
      name,
      passwordHash,
      isOperator: choices.isOperator ?? false,
      createdAt,
    })
    if (user === undefined) throw new DomainError('email-taken', { email: account.email })

    const isFirst = await claimOnce(tx.db, 'first-account', String(user.id))
    if (isFirst) await setOperator(tx.db, user.id)
    const teamId = await insertTeam(tx.db, { name: 'Personal', personalUserId: user.id, createdAt })
    await insertMembership(tx.db, { teamId, userId: user.id, role: 'owner', createdAt })
    const plan = choices.plan ?? (isFirst ? largestPlan(tx.plans).name : tx.settings.signupPlan)
    await startPlan(tx, teamId, plan)
    const isOperator = user.isOperator || isFirst
    await recordChange(tx, {
      action: 'account.created',
      teamId,
      subject: `account ${user.email}`,
      after: { name, plan, is_operator: isOperator },
      ...(choices.isOwn === true && { userId: user.id }),
    })
    return { ...user, isOperator }
  })
}
