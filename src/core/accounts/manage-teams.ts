import { recordChange } from '#core/audit/record-change.ts'
import { settleSubscription, grantPlan } from '#core/billing/settle-subscription.ts'
import { startPlan } from '#core/billing/set-plan.ts'
import { getPlan } from '#core/billing/usage.ts'
import { type Ctx, inTransaction, type Services } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import { type Member, requireAbility, requireOwnAccount, requireRole, type Role } from '#core/permissions.ts'
import { actInTeam } from './act-in-team.ts'
import { insertMembership, insertTeam, lockUser } from './account-queries.ts'
import { sendSessionsHome } from './session-queries.ts'
import {
  countOwnedTeams,
  findTeamsOfUser,
  lockTeam,
  markTeamDeleted,
  setTeamName,
  type StoredTeam,
  type TeamOfUser,
} from './team-queries.ts'

/** A team and the actor's place in it. */
export interface TeamView {
  readonly id: number
  readonly name: string
  readonly role: Role
  readonly isPersonal: boolean
  readonly memberCount: number
  readonly plan: string
  readonly createdAt: Date
}

/** Each has the plan of new accounts with all that it allows, so there is an end. */
const MAX_OWNED_TEAMS = 10

/**
 * The teams the actor's user is in, with what belongs to them, oldest first.
 *
 * @throws DomainError `unauthenticated`, `account-blocked` or `forbidden`
 */
export async function listTeamViews(ctx: Ctx): Promise<readonly TeamView[]> {
  const { userId } = requireAbility(ctx.actor, 'user:read')
  const teams: TeamView[] = []
  for (const team of await findTeamsOfUser(ctx.db, userId)) teams.push(await toView(ctx, team))
  return teams
}

/**
 * One of the teams the actor's user is in.
 *
 * @throws DomainError `unauthenticated`, `account-blocked`, `forbidden` or `team-not-found`
 */
export async function getTeamView(ctx: Ctx, teamId: number): Promise<TeamView> {
  const { userId } = requireAbility(ctx.actor, 'user:read')
  const [team] = await findTeamsOfUser(ctx.db, userId, teamId)
  if (team === undefined) throw new DomainError('team-not-found', { teamId })
  return toView(ctx, team)
}

/**
 * Make a shared team on the plan of new accounts, which the actor's user owns.
 *
 * @throws DomainError `unauthenticated`, `account-blocked`, `forbidden` or `too-many-teams`
 */
export async function createTeam(ctx: Ctx, name: string): Promise<TeamView> {
  const { userId } = requireOwnAccount(ctx.actor)
  const teamId = await inTransaction(ctx, async (tx) => {
    await lockUser(tx.db, userId)
    if ((await countOwnedTeams(tx.db, userId)) >= MAX_OWNED_TEAMS)
      throw new DomainError('too-many-teams', { limit: MAX_OWNED_TEAMS })
    const createdAt = tx.now()
    const id = await insertTeam(tx.db, { name, personalUserId: null, createdAt })
    await insertMembership(tx.db, { teamId: id, userId, role: 'owner', createdAt })
    await startPlan(tx, id, tx.settings.signupPlan)
    await recordChange(tx, { action: 'team.created', teamId: id, subject: `team ${name}`, after: { name } })
    return id
  })
  return ownView(ctx, userId, teamId)
}

/**
 * Call a team of the actor's user something else.
 *
 * @throws DomainError `unauthenticated`, `account-blocked`, `forbidden`, `team-not-found` or `role-required` for less than
 *   an admin
 */
export async function renameTeam(ctx: Ctx, teamId: number, name: string): Promise<TeamView> {
  const { userId } = await inOwnTeam(ctx, teamId, async (tx, team, member) => {
    requireRole(member, 'admin')
    await setTeamName(tx.db, teamId, name)
    await recordChange(tx, {
      action: 'team.updated',
      teamId,
      subject: `team ${name}`,
      before: { name: team.name },
      after: { name },
    })
    return member
  })
  return ownView(ctx, userId, teamId)
}

/**
 * Delete a shared team. At once nobody is in it, its keys, webhooks and origins are gone, and sessions that acted in it
 * act in their users' personal teams; its links and files follow soon.
 *
 * @throws DomainError `unauthenticated`, `account-blocked`, `forbidden`, `team-not-found`, `team-personal` or
 *   `role-required` for less than an owner
 */
export async function deleteTeam(ctx: Ctx, teamId: number): Promise<void> {
  await inOwnTeam(ctx, teamId, async (tx, team, member) => {
    requireRole(member, 'owner')
    if (team.personalUserId !== null) throw new DomainError('team-personal', {})
    await settleSubscription(tx, teamId)
    // Nothing is renewed or can be paid for any more.
    await grantPlan(tx, teamId, tx.settings.signupPlan)
    await sendSessionsHome(tx.db, teamId)
    await recordChange(tx, { action: 'team.deleted', teamId, subject: `team ${team.name}` })
    await markTeamDeleted(tx.db, teamId, tx.now())
    tx.emit({ kind: 'access-changed' })
    tx.emit({ kind: 'team-deleted' })
  })
}

/**
 * Change a team of the actor's user in a transaction in which nobody else changes it or its members. The operation is
 * given the actor as a member of that team, whose credential may change things there.
 *
 * @throws DomainError `unauthenticated`, `account-blocked`, `forbidden` or `team-not-found`
 */
export async function inOwnTeam<T>(
  ctx: Ctx,
  teamId: number,
  operation: (tx: Ctx, team: StoredTeam, member: Member) => Promise<T>,
): Promise<T> {
  requireOwnAccount(ctx.actor)
  return inTransaction(ctx, async (tx) => {
    const team = await lockTeam(tx.db, teamId)
    if (team === undefined) throw new DomainError('team-not-found', { teamId })
    // The role is read behind the lock: it may just have been taken.
    const inTeam = await actInTeam(tx, teamId, { isRoleRead: true })
    return operation(inTeam, team, requireOwnAccount(inTeam.actor))
  })
}

async function ownView(ctx: Ctx, userId: number, teamId: number): Promise<TeamView> {
  const [team] = await findTeamsOfUser(ctx.db, userId, teamId)
  if (team === undefined) throw new DomainError('team-not-found', { teamId })
  return toView(ctx, team)
}

async function toView(services: Services, team: TeamOfUser): Promise<TeamView> {
  const { id, name, role, memberCount, createdAt } = team
  const plan = await getPlan(services, id)
  return { id, name, role, isPersonal: team.personalUserId !== null, memberCount, plan: plan.name, createdAt }
}
