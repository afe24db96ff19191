import { getPlan } from '#core/billing/usage.ts'
import { type Ctx, inTransaction, type Services } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import { type Member, requireAbility, requireOwnAccount } from '#core/permissions.ts'
import type { Team, User } from './account.ts'
import { findTeamOf, findTeamsOf, findUser, hasUsers, lockUser, updateUser } from './account-queries.ts'
import { recordAccountChange } from './record-account-change.ts'

/** The actor's account, the acting team, and its plan. */
export interface Profile {
  readonly user: User
  readonly team: Team
  readonly plan: string
}

const MAX_NAME_LENGTH = 100

/** @throws DomainError `field-invalid` for an empty name, one over 100 characters or with control characters */
export function parseName(text: string): string {
  const name = text.trim()
  if (name === '' || Array.from(name).length > MAX_NAME_LENGTH || /\p{Cc}/u.test(name))
    throw new DomainError('field-invalid', {
      field: 'name',
      problem: `must have 1 to ${MAX_NAME_LENGTH} characters`,
    })
  return name
}

/** @throws DomainError `unauthenticated` or `forbidden` */
export async function getProfile(ctx: Ctx): Promise<Profile> {
  const member = requireAbility(ctx.actor, 'user:read')
  return profileOf(ctx, member)
}

/** @throws DomainError `unauthenticated` or `forbidden` */
export async function updateProfile(
  ctx: Ctx,
  changes: { readonly name?: string | undefined },
): Promise<Profile> {
  const member = requireOwnAccount(ctx.actor)
  const { name } = changes
  if (name !== undefined)
    await inTransaction(ctx, async (tx) => {
      const user = await lockUser(tx.db, member.userId)
      if (user === undefined || user.name === name) return
      await updateUser(tx.db, user.id, { name })
      await recordAccountChange(tx, user, {
        action: 'account.updated',
        before: { name: user.name },
        after: { name },
      })
    })
  return profileOf(ctx, member)
}

/**
 * The teams the actor's user is in, the personal one first.
 *
 * @throws DomainError `unauthenticated` or `forbidden`
 */
export async function listTeams(ctx: Ctx): Promise<readonly Team[]> {
  return findTeamsOf(ctx.db, requireAbility(ctx.actor, 'user:read').userId)
}

/** Whether anybody has signed up yet. */
export function hasAccounts({ db }: Services): Promise<boolean> {
  return hasUsers(db)
}

async function profileOf(ctx: Ctx, member: Member): Promise<Profile> {
  const user = await findUser(ctx.db, member.userId)
  if (user === undefined) throw new Error(`user ${member.userId} is gone`)
  const team = await findTeamOf(ctx.db, member.teamId, member.userId)
  if (team === undefined) throw new Error(`user ${member.userId} has left team ${member.teamId}`)
  return { user, team, plan: (await getPlan(ctx, member.teamId)).name }
}
