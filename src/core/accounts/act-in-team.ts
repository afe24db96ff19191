import type { Ctx } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import { effectiveAbilities, requireMember } from '#core/permissions.ts'
import { findTeamIdOfSlug } from '#core/links/link-queries.ts'
import { findRole } from './account-queries.ts'

/**
 * The context in which the actor works in another of the user's teams, with the role there and never more than the
 * key allows.
 *
 * @param options.isRoleRead whether the role is read again in the team that the actor is in already
 * @throws DomainError `unauthenticated`, or `team-not-found` for a team the user is not in
 */
export async function actInTeam(ctx: Ctx, teamId: number, { isRoleRead = false } = {}): Promise<Ctx> {
  const member = requireMember(ctx.actor)
  if (member.teamId === teamId && !isRoleRead) return ctx
  const role = await findRole(ctx.db, teamId, member.userId)
  if (role === undefined) throw new DomainError('team-not-found', { teamId })
  return { ...ctx, actor: { ...member, teamId, role, abilities: effectiveAbilities(role, member.grant) } }
}

/**
 * The context in which the actor works in the team that has a link, whichever of the user's it is.
 *
 * @throws DomainError `unauthenticated`, or `link-not-found` when none of the user's teams has it
 */
export async function actInTeamOfLink(ctx: Ctx, slug: string): Promise<Ctx> {
  const member = requireMember(ctx.actor)
  const teamId = await findTeamIdOfSlug(ctx.db, member.userId, slug)
  if (teamId === undefined) throw new DomainError('link-not-found', { link: slug })
  return actInTeam(ctx, teamId)
}
