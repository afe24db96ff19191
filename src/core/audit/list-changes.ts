import type { Ctx } from '#core/context.ts'
import { requireAbility, requireOperator, requireRole } from '#core/permissions.ts'
import type { AuditEvent } from './audit-event.ts'
import { type AuditFilter, findAuditEvents } from './audit-queries.ts'

export type { AuditFilter } from './audit-queries.ts'

/** Part of a list, and whether it goes on. */
export interface AuditPage {
  readonly events: readonly AuditEvent[]
  readonly hasNext: boolean
}

/**
 * What was changed in the acting team, newest first: for its owners and admins.
 *
 * @throws DomainError `unauthenticated`, `account-blocked`, `forbidden` or `role-required`
 */
export async function listTeamChanges(ctx: Ctx, filter: Omit<AuditFilter, 'teamId'>): Promise<AuditPage> {
  const member = requireAbility(ctx.actor, 'user:read')
  requireRole(member, 'admin')
  return page(ctx, { ...filter, teamId: member.teamId })
}

/**
 * What was changed in the installation, newest first; an operator's.
 *
 * @throws DomainError `unauthenticated`, `account-blocked`, `forbidden` or `role-required`
 */
export async function listAllChanges(ctx: Ctx, filter: AuditFilter): Promise<AuditPage> {
  requireOperator(ctx.actor)
  return page(ctx, filter)
}

async function page({ db }: Ctx, filter: AuditFilter): Promise<AuditPage> {
  // One more than asked for tells whether the list goes on.
  const events = await findAuditEvents(db, { ...filter, limit: filter.limit + 1 })
  return { events: events.slice(0, filter.limit), hasNext: events.length > filter.limit }
}
