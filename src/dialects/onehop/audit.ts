import { AUDIT_ACTIONS, type AuditEvent as RecordedChange } from '#core/audit/audit-event.ts'
import { type AuditPage, listAllChanges, listTeamChanges } from '#core/audit/list-changes.ts'
import { endpoint } from './endpoint.ts'
import { nextCursor, parseCursor } from './list-cursor.ts'
import { AuditEvent } from './wire/audit.ts'
import { cursorParameter, integerParameter, limitParameter, listOf, oneOf } from './wire/fields.ts'

const query = {
  actor: integerParameter(1, Number.MAX_SAFE_INTEGER).optional().meta({ description: "A user's id." }),
  action: oneOf(...AUDIT_ACTIONS).optional(),
  limit: limitParameter(100),
  cursor: cursorParameter,
}

/** Who changed what. */
export const auditEndpoints = [
  endpoint({
    method: 'GET',
    path: '/audit',
    summary: 'Who changed what in the team, newest first',
    description: 'For owners and admins. Kept for 400 days.',
    tag: 'Account',
    access: 'user:read',
    query,
    answer: listOf(AuditEvent),
    problems: ['role-required'],
    handle: async ({ ctx, query: { actor, action, limit, cursor } }) => {
      const filter = { userId: actor, action, beforeId: parseCursor(cursor), limit }
      return pageToWire(await listTeamChanges(ctx, filter))
    },
  }),
  endpoint({
    method: 'GET',
    path: '/operator/audit',
    summary: 'Who changed what in the installation, newest first',
    tag: 'Operator',
    access: 'operator',
    query: {
      team: integerParameter(1, Number.MAX_SAFE_INTEGER).optional().meta({ description: "A team's id." }),
      ...query,
    },
    answer: listOf(AuditEvent),
    handle: async ({ ctx, query: { team, actor, action, limit, cursor } }) => {
      const filter = { teamId: team, userId: actor, action, beforeId: parseCursor(cursor), limit }
      return pageToWire(await listAllChanges(ctx, filter))
    },
  }),
]

function pageToWire({ events, hasNext }: AuditPage) {
  return { data: events.map(toWire), next_cursor: nextCursor(events, hasNext) }
}

function toWire({ id, at, actor, team, action, subject, changes, ip }: RecordedChange): AuditEvent {
  return { id, at: at.toISOString(), actor, team, action, subject, changes, ip }
}
