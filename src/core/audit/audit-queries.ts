import type { Selectable } from 'kysely'
import type { Db, Tables } from '#db/database.ts'
import type { AuditAction, AuditChanges, AuditEvent } from './audit-event.ts'

export interface NewAuditEvent {
  readonly at: Date
  readonly teamId: number | null
  readonly userId: number | null
  readonly keyId: number | null
  readonly ip: string | null
  readonly action: AuditAction
  readonly subject: string
  readonly changes: AuditChanges
}

/** Write a change down with the names of then. */
export async function insertAuditEvent(db: Db, event: NewAuditEvent): Promise<void> {
  const { userId, keyId } = event
  await db
    .insertInto('audit_event')
    .values((eb) => ({
      at_ms: event.at.getTime(),
      team_id: event.teamId,
      user_id: userId,
      email: userId === null ? null : eb.selectFrom('user_account').select('email').where('id', '=', userId),
      key_name: keyId === null ? null : eb.selectFrom('api_key').select('name').where('id', '=', keyId),
      ip: event.ip,
      action: event.action,
      subject: event.subject,
      changes: JSON.stringify(event.changes),
    }))
    .execute()
}

/** Which changes a list is of; all that is given must hold. */
export interface AuditFilter {
  readonly teamId?: number | undefined
  readonly userId?: number | undefined
  readonly action?: AuditAction | undefined
  /** Only changes before the one of this id. */
  readonly beforeId?: number | undefined
  readonly limit: number
}

/** Newest first. */
export async function findAuditEvents(db: Db, filter: AuditFilter): Promise<readonly AuditEvent[]> {
  const { teamId, userId, action, beforeId, limit } = filter
  let query = db
    .selectFrom('audit_event')
    .leftJoin('team', 'team.id', 'audit_event.team_id')
    .selectAll('audit_event')
    .select('team.name as team_name')
    .orderBy('audit_event.id', 'desc')
    .limit(limit)
  if (teamId !== undefined) query = query.where('audit_event.team_id', '=', teamId)
  if (userId !== undefined) query = query.where('audit_event.user_id', '=', userId)
  if (action !== undefined) query = query.where('audit_event.action', '=', action)
  if (beforeId !== undefined) query = query.where('audit_event.id', '<', beforeId)
  return (await query.execute()).map(toEvent)
}

/** @returns how many changes of before an instant were forgotten */
export async function deleteAuditBefore(db: Db, before: Date): Promise<number> {
  const result = await db.deleteFrom('audit_event').where('at_ms', '<', before.getTime()).executeTakeFirst()
  return Number(result.numDeletedRows)
}

function toEvent(row: Selectable<Tables['audit_event']> & { readonly team_name: string | null }): AuditEvent {
  return {
    id: row.id,
    at: new Date(row.at_ms),
    team: row.team_id === null ? null : { id: row.team_id, name: row.team_name },
    actor: row.user_id === null ? null : { id: row.user_id, email: row.email ?? '', key: row.key_name },
    ip: row.ip,
    // Only known actions and whole changes are ever stored.
    action: row.action as AuditAction,
    subject: row.subject,
    changes: JSON.parse(row.changes) as AuditChanges,
  }
}
