import { findMembers, findTeam, type StoredTeam, type TeamMember } from '#core/accounts/team-queries.ts'
import { recordChange } from '#core/audit/record-change.ts'
import { setPlan } from '#core/billing/set-plan.ts'
import { type TeamUsage, usageOf } from '#core/billing/team-usage.ts'
import {
  deleteOverride,
  findCredits,
  findOverride,
  setCredits,
  setOverride,
} from '#core/billing/usage-queries.ts'
import { type Ctx, inTransaction } from '#core/context.ts'
import { DomainError, type Metric } from '#core/errors.ts'
import { requireOperator } from '#core/permissions.ts'
import { requirePlanName } from './manage-users.ts'
import { countTeamThings, findOverrides } from './operator-queries.ts'

/** A team as an operator sees it. */
export interface TeamOverview {
  readonly team: StoredTeam
  readonly members: readonly TeamMember[]
  readonly usage: TeamUsage
  readonly overrides: Awaited<ReturnType<typeof findOverrides>>
  readonly links: number
  readonly files: number
}

/** More than a team can have. */
const MAX_MEMBERS = 500
/** The most that a limit can be set to, and bought credits to. */
export const MAX_AMOUNT = 1_000_000_000_000

/**
 * A team and what it uses; an operator's.
 *
 * @throws DomainError `unauthenticated`, `account-blocked`, `forbidden`, `role-required` or `team-not-found`
 */
export async function getTeamOverview(ctx: Ctx, teamId: number): Promise<TeamOverview> {
  const team = await requireTeam(ctx, teamId)
  return {
    team,
    members: await findMembers(ctx.db, teamId, { limit: MAX_MEMBERS }),
    usage: await usageOf(ctx, teamId),
    overrides: await findOverrides(ctx.db, teamId),
    ...(await countTeamThings(ctx.db, teamId)),
  }
}

/**
 * Grant a team a plan without end, as an operator.
 *
 * @throws DomainError `unauthenticated`, `account-blocked`, `forbidden`, `role-required`, `team-not-found`, or
 *   `field-invalid` for a plan that does not exist
 */
export async function grantTeamPlan(ctx: Ctx, teamId: number, planName: string): Promise<TeamOverview> {
  await requireTeam(ctx, teamId)
  await setPlan(ctx, teamId, requirePlanName(ctx, planName))
  return getTeamOverview(ctx, teamId)
}

/**
 * Give a team its own limit of a metric instead of its plan's, or take it away, as an operator.
 *
 * @param value null is unlimited; undefined is the plan's
 * @throws DomainError `unauthenticated`, `account-blocked`, `forbidden`, `role-required` or `team-not-found`
 */
export async function overrideLimit(
  ctx: Ctx,
  teamId: number,
  { metric, value }: { readonly metric: Metric; readonly value: number | null | undefined },
): Promise<TeamOverview> {
  await requireTeam(ctx, teamId)
  await inTransaction(ctx, async (tx) => {
    const before = await findOverride(tx.db, teamId, metric)
    if (value === undefined) await deleteOverride(tx.db, teamId, metric)
    else await setOverride(tx.db, teamId, metric, value)
    tx.emit({ kind: 'access-changed' })
    await recordChange(tx, {
      action: value === undefined ? 'override.removed' : 'override.set',
      teamId,
      subject: `limit of ${metric}`,
      before: { value: before === null ? 'unlimited' : before },
      after: { value: value === null ? 'unlimited' : value },
    })
  })
  return getTeamOverview(ctx, teamId)
}

/**
 * Set how many bought credits a team has left, as an operator.
 *
 * @throws DomainError `unauthenticated`, `account-blocked`, `forbidden`, `role-required` or `team-not-found`
 */
export async function setBoughtCredits(
  ctx: Ctx,
  teamId: number,
  { metric, balance }: { readonly metric: Metric; readonly balance: number },
): Promise<TeamOverview> {
  await requireTeam(ctx, teamId)
  await inTransaction(ctx, async (tx) => {
    const before = await findCredits(tx.db, teamId, metric)
    await setCredits(tx.db, teamId, metric, balance)
    tx.emit({ kind: 'access-changed' })
    await recordChange(tx, {
      action: 'credits.set',
      teamId,
      subject: `credits of ${metric}`,
      before: { balance: before },
      after: { balance },
    })
  })
  return getTeamOverview(ctx, teamId)
}

async function requireTeam(ctx: Ctx, teamId: number): Promise<StoredTeam> {
  requireOperator(ctx.actor)
  const team = await findTeam(ctx.db, teamId)
  if (team === undefined) throw new DomainError('team-not-found', { teamId })
  return team
}
