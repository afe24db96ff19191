import type { Services } from '#core/context.ts'
import type { Actor } from '#core/permissions.ts'
import type { AuditAction, AuditChanges, AuditValue } from './audit-event.ts'
import { insertAuditEvent } from './audit-queries.ts'

/** What was done, and to what. */
export interface Change {
  readonly action: AuditAction
  /** Whose it is; null for what is no team's. */
  readonly teamId: number | null
  /** Its kind and what people know it by: `link abc1234`. */
  readonly subject: string
  /** As it was; absent for what is new. */
  readonly before?: Fields | undefined
  /** As it became; absent for what is gone. */
  readonly after?: Fields | undefined
  /** Who did it, where that is not the actor: somebody who is not signed in yet. */
  readonly userId?: number | undefined
}

/** Facts by name; those that are undefined are left out. */
type Fields = Readonly<Record<string, AuditValue>>

/** Of each text; a longer one loses its end. */
const MAX_TEXT_LENGTH = 500

/**
 * Write down who changed what. Call it with the context of the transaction that changes it: then it is written down
 * exactly if that is committed. Never hand it a secret, nor the content of a typed link.
 */
export async function recordChange(
  tx: Services & { readonly actor?: Actor; readonly clientIp?: string },
  change: Change,
): Promise<void> {
  if (!tx.db.isTransaction) throw new Error(`${change.action} is written down outside of its transaction`)
  const { actor } = tx
  const member = actor?.kind === 'member' ? actor : undefined
  await insertAuditEvent(tx.db, {
    at: tx.now(),
    teamId: change.teamId,
    userId: change.userId ?? member?.userId ?? null,
    keyId: change.userId === undefined ? (member?.keyId ?? null) : null,
    ip: tx.clientIp ?? null,
    action: change.action,
    subject: cut(change.subject),
    changes: changesBetween(change.before ?? {}, change.after ?? {}),
  })
}

function changesBetween(before: Fields, after: Fields): AuditChanges {
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  return Object.fromEntries(
    [...names].flatMap((name) => {
      const from = toPlain(before[name])
      const to = toPlain(after[name])
      return JSON.stringify(from) === JSON.stringify(to) ? [] : [[name, { from, to }]]
    }),
  )
}

function toPlain(value: AuditValue): unknown {
  if (value === undefined) return null
  if (typeof value === 'string') return cut(value)
  if (value instanceof Date) return value.toISOString()
  return Array.isArray(value) ? value.map(cut) : value
}

function cut(text: string): string {
  if (text.length <= MAX_TEXT_LENGTH) return text
  const characters = Array.from(text)
  return characters.length > MAX_TEXT_LENGTH ? `${characters.slice(0, MAX_TEXT_LENGTH).join('')}…` : text
}
