import { getPlan } from '#core/billing/usage.ts'
import type { Ctx } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import { type Member, requireAbility } from '#core/permissions.ts'
import type { Team, User } from './account.ts'
import { findTeamsOf, findUser, updateUser } from './account-queries.ts'

/** The actor's account, and the plan of the acting team. */
export interface Profile {
  readonly user: User
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
  const member = requireAbility(ctx.actor, 'user:write')
  await updateUser(ctx.db, member.userId, changes)
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

async function profileOf(ctx: Ctx, member: Member): Promise<Profile> {
  const user = await findUser(ctx.db, member.userId)
  if (user === undefined) throw new Error(`user ${member.userId} is gone`)
  return { user, plan: (await getPlan(ctx, member.teamId)).name }
}
