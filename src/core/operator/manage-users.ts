import type { Email, Password, User } from '#core/accounts/account.ts'
import { findUser, lockUser, setOperator, updateUser } from '#core/accounts/account-queries.ts'
import { blockAccount, unblockAccount } from '#core/accounts/block-account.ts'
import { createAccount } from '#core/accounts/create-account.ts'
import { parsePassword } from '#core/accounts/account.ts'
import { sendPasswordReset } from '#core/accounts/password-reset.ts'
import { recordAccountChange } from '#core/accounts/record-account-change.ts'
import { getPlan, usageMonth } from '#core/billing/usage.ts'
import { findPlan } from '#core/billing/plan.ts'
import { type Ctx, inTransaction } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import { requireOperator } from '#core/permissions.ts'
import { findListedUsers, type ListedUser, lockOperators, type UserFilter } from './operator-queries.ts'

/** An account, its personal team's plan, and what that team's links were clicked this month. */
export interface UserOverview extends ListedUser {
  readonly plan: string
  readonly clicksThisMonth: number
}

/** What an operator says of a new account. */
export interface NewUserWish {
  readonly email: Email
  /** Absent: its user sets one by a link that is mailed. */
  readonly password?: Password | undefined
  readonly name?: string | undefined
  readonly plan?: string | undefined
  readonly isOperator?: boolean | undefined
}

/** Base62 characters of a password that nobody knows. */
const UNKNOWN_PASSWORD_LENGTH = 43

/**
 * Part of the installation's accounts, newest first, and whether the list goes on; an operator's.
 *
 * @throws DomainError `unauthenticated`, `account-blocked`, `forbidden` or `role-required`
 */
export async function listUsers(
  ctx: Ctx,
  filter: Omit<UserFilter, 'userId'>,
): Promise<{ readonly users: readonly UserOverview[]; readonly hasNext: boolean }> {
  requireOperator(ctx.actor)
  // One more than asked for tells whether the list goes on.
  const found = await findListedUsers(ctx.db, { ...filter, limit: filter.limit + 1 })
  const users: UserOverview[] = []
  for (const user of found.slice(0, filter.limit)) users.push(await toOverview(ctx, user))
  return { users, hasNext: found.length > filter.limit }
}

/**
 * Make an account, as an operator; whether sign-up is open does not matter.
 *
 * @throws DomainError `unauthenticated`, `account-blocked`, `forbidden`, `role-required`, `email-taken`, or
 *   `field-invalid` for a plan that does not exist
 */
export async function addUser(ctx: Ctx, wish: NewUserWish): Promise<UserOverview> {
  requireOperator(ctx.actor)
  const plan = wish.plan === undefined ? undefined : requirePlanName(ctx, wish.plan)
  const password = wish.password ?? parsePassword(ctx.random.base62(UNKNOWN_PASSWORD_LENGTH))
  const user = await createAccount(
    ctx,
    { email: wish.email, password, name: wish.name },
    { plan, isOperator: wish.isOperator },
  )
  if (wish.password === undefined)
    await inTransaction(ctx, (tx) => sendPasswordReset(tx, user, { isNew: true }))
  return getOverview(ctx, user.id)
}

/**
 * Change an account, as an operator. Blocked, no password, key, JWT or session of it opens anything; links keep working.
 *
 * @throws DomainError `unauthenticated`, `account-blocked`, `forbidden`, `role-required`, `user-not-found` or
 *   `last-operator`
 */
export async function changeUser(
  ctx: Ctx,
  userId: number,
  changes: {
    readonly status?: User['status'] | undefined
    readonly isOperator?: boolean | undefined
    readonly name?: string | undefined
  },
): Promise<UserOverview> {
  requireOperator(ctx.actor)
  const { status, isOperator, name } = changes
  await inTransaction(ctx, async (tx) => {
    const operators = await lockOperators(tx.db)
    const user = await lockUser(tx.db, userId)
    if (user === undefined) throw new DomainError('user-not-found', { userId })
    const isLost = status === 'blocked' || isOperator === false
    if (isLost && operators.length === 1 && operators[0] === userId)
      throw new DomainError('last-operator', {})
    if (status === 'blocked' && user.status === 'active') await blockAccount(tx, user)
    if (status === 'active' && user.status === 'blocked') await unblockAccount(tx, user)
    const isTurned = isOperator !== undefined && isOperator !== user.isOperator
    const isRenamed = name !== undefined && name !== user.name
    if (isTurned) await setOperator(tx.db, userId, isOperator)
    if (isRenamed) await updateUser(tx.db, userId, { name })
    if (!isTurned && !isRenamed) return
    tx.emit({ kind: 'access-changed' })
    await recordAccountChange(tx, user, {
      action: 'account.updated',
      before: { is_operator: user.isOperator, name: user.name },
      after: { is_operator: isOperator ?? user.isOperator, name: name ?? user.name },
    })
  })
  return getOverview(ctx, userId)
}

/**
 * Mail somebody a link to set a new password, as an operator.
 *
 * @throws DomainError `unauthenticated`, `account-blocked`, `forbidden`, `role-required` or `user-not-found`
 */
export async function mailPasswordReset(ctx: Ctx, userId: number): Promise<void> {
  requireOperator(ctx.actor)
  const user = await findUser(ctx.db, userId)
  if (user?.status !== 'active') throw new DomainError('user-not-found', { userId })
  await inTransaction(ctx, async (tx) => {
    await sendPasswordReset(tx, user)
    await recordAccountChange(tx, user, { action: 'account.password-reset-sent' })
  })
}

/** @throws DomainError `field-invalid` for a plan that does not exist */
export function requirePlanName(ctx: Ctx, text: string): string {
  const plan = findPlan(ctx.plans, text)
  if (plan === undefined)
    throw new DomainError('field-invalid', {
      field: 'plan',
      problem: `must be one of ${ctx.plans.plans.map(({ name }) => name).join(', ')}`,
    })
  return plan.name
}

async function getOverview(ctx: Ctx, userId: number): Promise<UserOverview> {
  const [user] = await findListedUsers(ctx.db, { userId, limit: 1 })
  if (user === undefined) throw new DomainError('user-not-found', { userId })
  return toOverview(ctx, user)
}

async function toOverview(ctx: Ctx, user: ListedUser): Promise<UserOverview> {
  const plan = await getPlan(ctx, user.teamId)
  const clicksThisMonth = await ctx.clicks.usage(user.teamId, usageMonth(ctx.now()))
  return { ...user, plan: plan.name, clicksThisMonth }
}
