import { recordChange } from '#core/audit/record-change.ts'
import type { Ctx } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import { type Member, requireAbility, requireRole, type Role } from '#core/permissions.ts'
import { actInTeam } from './act-in-team.ts'
import { inOwnTeam } from './manage-teams.ts'
import { sendSessionsHome } from './session-queries.ts'
import { deleteMembers, findMembers, handOverOrigins, setRole, type TeamMember } from './team-queries.ts'

export type { TeamMember } from './team-queries.ts'

/**
 * Part of the members of a team of the actor's user, and whether the list goes on.
 *
 * @throws DomainError `unauthenticated`, `account-blocked`, `forbidden` or `team-not-found`
 */
export async function listMembers(
  ctx: Ctx,
  teamId: number,
  page: { readonly afterUserId: number | undefined; readonly limit: number },
): Promise<{ readonly members: readonly TeamMember[]; readonly hasNext: boolean }> {
  requireAbility((await actInTeam(ctx, teamId)).actor, 'user:read')
  // One more than asked for tells whether the list goes on.
  const members = await findMembers(ctx.db, teamId, { ...page, limit: page.limit + 1 })
  return { members: members.slice(0, page.limit), hasNext: members.length > page.limit }
}

/**
 * Give a member another role. Whatever concerns owners is for owners; a team keeps one.
 *
 * @throws DomainError `unauthenticated`, `account-blocked`, `forbidden`, `team-not-found`, `role-required`,
 *   `member-not-found` or `last-owner`
 */
export async function changeRole(ctx: Ctx, teamId: number, userId: number, role: Role): Promise<TeamMember> {
  return inOwnTeam(ctx, teamId, async (tx, _, actor) => {
    requireRole(actor, 'admin')
    const member = await getMember(tx, teamId, userId)
    requireRoleFor(actor, member.role, role)
    if (member.role === 'owner' && role !== 'owner') await requireOtherOwner(tx, teamId)
    await setRole(tx.db, { teamId, userId }, role)
    tx.emit({ kind: 'access-changed' })
    await recordChange(tx, {
      action: 'member.updated',
      teamId,
      subject: `member ${member.email}`,
      before: { role: member.role },
      after: { role },
    })
    return { ...member, role }
  })
}

/**
 * Take a member out of a team; anybody may leave. The keys they made for the team are gone with them, what they put into
 * it stays, and their sessions that acted there act in their personal team.
 *
 * @throws DomainError `unauthenticated`, `account-blocked`, `forbidden`, `team-not-found`, `role-required`,
 *   `member-not-found` or `last-owner`
 */
export async function removeMember(ctx: Ctx, teamId: number, userId: number): Promise<void> {
  await inOwnTeam(ctx, teamId, async (tx, _, actor) => {
    if (userId !== actor.userId) requireRole(actor, 'admin')
    const member = await getMember(tx, teamId, userId)
    if (userId !== actor.userId) requireRoleFor(actor, member.role)
    if (member.role === 'owner') await requireOtherOwner(tx, teamId)
    await recordChange(tx, {
      action: 'member.removed',
      teamId,
      subject: `member ${member.email}`,
      before: { role: member.role },
    })
    await sendSessionsHome(tx.db, teamId, userId)
    await deleteMembers(tx.db, teamId, userId)
    const [owner] = await findMembers(tx.db, teamId, { role: 'owner', limit: 1 })
    if (owner !== undefined) await handOverOrigins(tx.db, teamId, { from: userId, to: owner.userId })
    tx.emit({ kind: 'access-changed' })
  })
}

/** Only owners make owners, and only they change or remove one. @throws DomainError `role-required` */
export function requireRoleFor(actor: Pick<Member, 'role'>, ...roles: readonly Role[]): void {
  if (roles.includes('owner')) requireRole(actor, 'owner')
}

async function getMember(tx: Ctx, teamId: number, userId: number): Promise<TeamMember> {
  const [member] = await findMembers(tx.db, teamId, { userId, limit: 1 })
  if (member === undefined) throw new DomainError('member-not-found', { userId })
  return member
}

async function requireOtherOwner(tx: Ctx, teamId: number): Promise<void> {
  const owners = await findMembers(tx.db, teamId, { role: 'owner', limit: 2 })
  if (owners.length < 2) throw new DomainError('last-owner', {})
}
