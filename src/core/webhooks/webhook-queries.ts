import type { Selectable } from 'kysely'
import type { Email } from '#core/accounts/account.ts'
import type { Db, Tables } from '#db/database.ts'
import type { PauseReason, Webhook } from './webhook.ts'
import type { SubscribableEvent } from './webhook-event.ts'

/** A team's webhooks that are told of events. */
export async function findActiveWebhooks(
  db: Db,
  teamId: number,
): Promise<readonly { readonly id: number; readonly events: readonly SubscribableEvent[] }[]> {
  const rows = await db
    .selectFrom('webhook')
    .select(['id', 'events'])
    .where('team_id', '=', teamId)
    .where('status', '=', 'active')
    .orderBy('id')
    .execute()
  return rows.map(({ id, events }) => ({ id, events: toEvents(events) }))
}

/** Teams that have an active webhook for an event. */
export async function findTeamsSubscribedTo(db: Db, event: SubscribableEvent): Promise<readonly number[]> {
  const rows = await db
    .selectFrom('webhook')
    .select('team_id')
    .distinct()
    .where('status', '=', 'active')
    // Events are a JSON array of names without special characters.
    .where('events', 'like', `%"${event}"%`)
    .orderBy('team_id')
    .execute()
  return rows.map((row) => row.team_id)
}

export interface NewWebhookRow {
  readonly publicId: string
  readonly teamId: number
  readonly url: string
  readonly events: readonly SubscribableEvent[]
  /** Sealed. */
  readonly secret: string
  readonly createdAt: Date
}

/**
 * Enter a webhook unless the team has `limit` of them. Whoever comes second waits for the team's row, so that two at once
 * never make one too many.
 *
 * @returns undefined when there are enough
 */
export async function insertWebhook(
  tx: Db,
  webhook: NewWebhookRow,
  limit: number,
): Promise<Webhook | undefined> {
  await tx
    .updateTable('team')
    .set((eb) => ({ name: eb.ref('name') }))
    .where('id', '=', webhook.teamId)
    .execute()
  const { count } = await tx
    .selectFrom('webhook')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('team_id', '=', webhook.teamId)
    .executeTakeFirstOrThrow()
  if (Number(count) >= limit) return undefined
  const row = await tx
    .insertInto('webhook')
    .values({
      public_id: webhook.publicId,
      team_id: webhook.teamId,
      url: webhook.url,
      events: JSON.stringify(webhook.events),
      secret: webhook.secret,
      old_secret: null,
      old_secret_until_ms: null,
      status: 'active',
      pause_reason: null,
      failing_since_ms: null,
      created_at_ms: webhook.createdAt.getTime(),
      updated_at_ms: webhook.createdAt.getTime(),
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  return toWebhook(row)
}

export async function findWebhooks(db: Db, teamId: number): Promise<readonly Webhook[]> {
  const rows = await db
    .selectFrom('webhook')
    .selectAll()
    .where('team_id', '=', teamId)
    .orderBy('id', 'desc')
    .execute()
  return rows.map(toWebhook)
}

/** One of a team's webhooks, by its public id. */
export interface WebhookName {
  readonly teamId: number
  readonly publicId: string
}

export async function findWebhook(db: Db, { teamId, publicId }: WebhookName): Promise<Webhook | undefined> {
  const row = await db
    .selectFrom('webhook')
    .selectAll()
    .where('team_id', '=', teamId)
    .where('public_id', '=', publicId)
    .executeTakeFirst()
  return row && toWebhook(row)
}

/** Where a delivery goes, and what it is signed with. */
export interface WebhookTarget {
  readonly url: string
  /** Sealed, as the old one is. */
  readonly secret: string
  readonly oldSecret: string | null
  readonly oldSecretUntilMs: number
}

export async function findWebhookTarget(db: Db, webhookId: number): Promise<WebhookTarget | undefined> {
  const row = await db
    .selectFrom('webhook')
    .select(['url', 'secret', 'old_secret', 'old_secret_until_ms'])
    .where('id', '=', webhookId)
    .executeTakeFirst()
  return (
    row && {
      url: row.url,
      secret: row.secret,
      oldSecret: row.old_secret,
      oldSecretUntilMs: row.old_secret_until_ms ?? 0,
    }
  )
}

export interface WebhookChanges {
  readonly url?: string | undefined
  readonly events?: readonly SubscribableEvent[] | undefined
  readonly state?: { readonly status: 'active' } | { readonly status: 'paused'; readonly reason: PauseReason }
}

/** @returns the webhook as it is now; undefined when the team has none of that name */
export async function updateWebhookRow(
  db: Db,
  { teamId, publicId }: WebhookName,
  changes: WebhookChanges,
  now: Date,
): Promise<Webhook | undefined> {
  const { url, events, state } = changes
  const row = await db
    .updateTable('webhook')
    .set({
      updated_at_ms: now.getTime(),
      ...(url !== undefined && { url, failing_since_ms: null }),
      ...(events !== undefined && { events: JSON.stringify(events) }),
      ...(state !== undefined && {
        status: state.status,
        pause_reason: state.status === 'paused' ? state.reason : null,
        failing_since_ms: null,
      }),
    })
    .where('team_id', '=', teamId)
    .where('public_id', '=', publicId)
    .returningAll()
    .executeTakeFirst()
  return row && toWebhook(row)
}

/** @returns whether the team had one of that name */
export async function deleteWebhookRow(db: Db, { teamId, publicId }: WebhookName): Promise<boolean> {
  const result = await db
    .deleteFrom('webhook')
    .where('team_id', '=', teamId)
    .where('public_id', '=', publicId)
    .executeTakeFirst()
  return result.numDeletedRows === 1n
}

/** Sign with another secret, and with the one before beside it until an instant. */
export async function replaceSecret(
  db: Db,
  { teamId, publicId }: WebhookName,
  secret: { readonly sealed: string; readonly oldUntil: Date },
  now: Date,
): Promise<Webhook | undefined> {
  const row = await db
    .updateTable('webhook')
    .set((eb) => ({
      old_secret: eb.ref('secret'),
      old_secret_until_ms: secret.oldUntil.getTime(),
      secret: secret.sealed,
      updated_at_ms: now.getTime(),
    }))
    .where('team_id', '=', teamId)
    .where('public_id', '=', publicId)
    .returningAll()
    .executeTakeFirst()
  return row && toWebhook(row)
}

/** Note that a webhook works; nothing is written when that is known. */
export async function clearFailing(db: Db, webhookId: number): Promise<void> {
  await db
    .updateTable('webhook')
    .set({ failing_since_ms: null })
    .where('id', '=', webhookId)
    .where('failing_since_ms', 'is not', null)
    .execute()
}

/** Note that a webhook fails. @returns since when; undefined when it is gone or paused */
export async function noteFailing(db: Db, webhookId: number, now: Date): Promise<Date | undefined> {
  const row = await db
    .updateTable('webhook')
    .set((eb) => ({ failing_since_ms: eb.fn.coalesce('failing_since_ms', eb.val(now.getTime())) }))
    .where('id', '=', webhookId)
    .where('status', '=', 'active')
    .returning('failing_since_ms')
    .executeTakeFirst()
  return row === undefined ? undefined : new Date(row.failing_since_ms ?? now)
}

/** @returns the webhook; undefined when it is gone or paused already */
export async function pauseWebhookRow(
  db: Db,
  webhookId: number,
  reason: PauseReason,
  now: Date,
): Promise<Webhook | undefined> {
  const row = await db
    .updateTable('webhook')
    .set({ status: 'paused', pause_reason: reason, updated_at_ms: now.getTime() })
    .where('id', '=', webhookId)
    .where('status', '=', 'active')
    .returningAll()
    .executeTakeFirst()
  return row && toWebhook(row)
}

/** The addresses of a team's owners who may sign in. */
export async function findOwnerEmails(db: Db, teamId: number): Promise<readonly Email[]> {
  const rows = await db
    .selectFrom('membership')
    .innerJoin('user_account', 'user_account.id', 'membership.user_id')
    .select('user_account.email')
    .where('membership.team_id', '=', teamId)
    .where('membership.role', '=', 'owner')
    .where('user_account.status', '=', 'active')
    .orderBy('user_account.id')
    .execute()
  // Only parsed addresses are ever stored.
  return rows.map((row) => row.email as Email)
}

function toWebhook(row: Selectable<Tables['webhook']>): Webhook {
  return {
    id: row.id,
    publicId: row.public_id,
    teamId: row.team_id,
    url: row.url,
    events: toEvents(row.events),
    status: row.status,
    pauseReason: row.pause_reason,
    failingSince: row.failing_since_ms === null ? null : new Date(row.failing_since_ms),
    createdAt: new Date(row.created_at_ms),
    updatedAt: new Date(row.updated_at_ms),
  }
}

/** Only parsed lists of names are ever stored. */
function toEvents(text: string): readonly SubscribableEvent[] {
  return JSON.parse(text) as readonly SubscribableEvent[]
}
