import type { AuditAction } from '#core/audit/audit-event.ts'
import { recordChange } from '#core/audit/record-change.ts'
import { type Ctx, inTransaction, type Services } from '#core/context.ts'
import { GIVE_UP_AFTER_MS } from '#core/deliveries/enqueue-deliveries.ts'
import { DomainError } from '#core/errors.ts'
import { requireAbility } from '#core/permissions.ts'
import { checkWebhookUrl } from './check-webhook-url.ts'
import { drawWebhookSecret } from './sign-webhook.ts'
import { MAX_WEBHOOKS, type Webhook } from './webhook.ts'
import { holdDeliveries, releaseDeliveries } from './webhook-delivery-queries.ts'
import type { SubscribableEvent } from './webhook-event.ts'
import {
  deleteWebhookRow,
  findWebhook,
  findWebhooks,
  insertWebhook,
  replaceSecret,
  updateWebhookRow,
} from './webhook-queries.ts'

/** For so long a secret that was replaced still signs beside the new one, in the header that has room for both. */
const OLD_SECRET_MS = 24 * 60 * 60 * 1000

/** A webhook and the secret that its deliveries are signed with, which is shown this once. */
export interface WebhookWithSecret {
  readonly webhook: Webhook
  readonly secret: string
}

/**
 * Let the acting team be told of events at a URL, from now on.
 *
 * @throws DomainError `unauthenticated`, `forbidden`, `field-invalid` for the URL, or `too-many-webhooks`
 */
export async function createWebhook(
  ctx: Ctx,
  input: { readonly url: string; readonly events: readonly SubscribableEvent[] },
): Promise<WebhookWithSecret> {
  const { teamId } = requireAbility(ctx.actor, 'webhooks:write')
  const url = await checkWebhookUrl(ctx, input.url)
  await watchClicks(ctx, teamId, input.events)
  const secret = drawWebhookSecret(ctx.random)
  const webhook = await inTransaction(ctx, async (tx) => {
    const stored = await insertWebhook(
      tx.db,
      {
        publicId: `wh_${tx.random.base62(24)}`,
        teamId,
        url,
        events: input.events,
        secret: tx.secrets.seal('webhook', secret),
        createdAt: tx.now(),
      },
      MAX_WEBHOOKS,
    )
    if (stored === undefined) throw new DomainError('too-many-webhooks', { limit: MAX_WEBHOOKS })
    await recordWebhook(tx, 'webhook.created', { after: stored })
    return stored
  })
  return { webhook, secret }
}

/**
 * The acting team's webhooks, newest first.
 *
 * @throws DomainError `unauthenticated` or `forbidden`
 */
export async function listWebhooks(ctx: Ctx): Promise<readonly Webhook[]> {
  const { teamId } = requireAbility(ctx.actor, 'webhooks:read')
  return findWebhooks(ctx.db, teamId)
}

/** @throws DomainError `unauthenticated`, `forbidden` or `webhook-not-found` */
export async function getWebhook(ctx: Ctx, publicId: string): Promise<Webhook> {
  const { teamId } = requireAbility(ctx.actor, 'webhooks:read')
  return found(await findWebhook(ctx.db, { teamId, publicId }), publicId)
}

/**
 * Change where a webhook is, what it is told of, or whether. Paused, nothing is sent: what waits is held and goes out when
 * it is resumed; events that happen meanwhile are not queued for it. What waits goes to a new URL.
 *
 * @throws DomainError `unauthenticated`, `forbidden`, `field-invalid` for the URL, or `webhook-not-found`
 */
export async function updateWebhook(
  ctx: Ctx,
  publicId: string,
  changes: {
    readonly url?: string | undefined
    readonly events?: readonly SubscribableEvent[] | undefined
    readonly status?: Webhook['status'] | undefined
  },
): Promise<Webhook> {
  const { teamId } = requireAbility(ctx.actor, 'webhooks:write')
  const name = { teamId, publicId }
  // Without a look first, anybody could have names resolved by guessing ids.
  const before = found(await findWebhook(ctx.db, name), publicId)
  const url = changes.url === undefined ? undefined : await checkWebhookUrl(ctx, changes.url)
  await watchClicks(ctx, teamId, changes.events ?? before.events)
  return inTransaction(ctx, async (tx) => {
    const { events, status } = changes
    const now = tx.now()
    const current = found(await findWebhook(tx.db, name), publicId)
    const isTurned = status !== undefined && status !== current.status
    const state =
      status === 'paused' ? ({ status, reason: 'user' } as const) : ({ status: 'active' } as const)
    const updated = found(
      await updateWebhookRow(tx.db, name, { url, events, ...(isTurned && { state }) }, now),
      publicId,
    )
    if (isTurned && status === 'paused') await holdDeliveries(tx.db, updated.id)
    if (isTurned && status === 'active') {
      const giveUpAt = new Date(now.getTime() + GIVE_UP_AFTER_MS)
      await releaseDeliveries(tx.db, updated.id, { now, giveUpAt })
      tx.emit({ kind: 'delivery-queued' })
    }
    await recordWebhook(tx, 'webhook.updated', { before: current, after: updated })
    return updated
  })
}

/**
 * Delete a webhook of the acting team with its deliveries; what is on its way at this moment may still arrive.
 *
 * @throws DomainError `unauthenticated`, `forbidden` or `webhook-not-found`
 */
export async function deleteWebhook(ctx: Ctx, publicId: string): Promise<void> {
  const { teamId } = requireAbility(ctx.actor, 'webhooks:write')
  await inTransaction(ctx, async (tx) => {
    const before = found(await findWebhook(tx.db, { teamId, publicId }), publicId)
    if (!(await deleteWebhookRow(tx.db, { teamId, publicId }))) throw notFound(publicId)
    await recordWebhook(tx, 'webhook.deleted', { before })
  })
}

/**
 * Sign with a new secret from now on. For 24 hours the old one signs beside it where there is room for two signatures, the
 * header of Standard Webhooks.
 *
 * @throws DomainError `unauthenticated`, `forbidden` or `webhook-not-found`
 */
export async function rotateWebhookSecret(ctx: Ctx, publicId: string): Promise<WebhookWithSecret> {
  const { teamId } = requireAbility(ctx.actor, 'webhooks:write')
  const secret = drawWebhookSecret(ctx.random)
  const webhook = await inTransaction(ctx, async (tx) => {
    const now = tx.now()
    const replaced = await replaceSecret(
      tx.db,
      { teamId, publicId },
      { sealed: tx.secrets.seal('webhook', secret), oldUntil: new Date(now.getTime() + OLD_SECRET_MS) },
      now,
    )
    const after = found(replaced, publicId)
    await recordWebhook(tx, 'webhook.secret-rotated', { before: after, after })
    return after
  })
  return { webhook, secret }
}

async function recordWebhook(
  tx: Ctx,
  action: AuditAction,
  { before, after }: { readonly before?: Webhook; readonly after?: Webhook },
): Promise<void> {
  const webhook = after ?? before
  if (webhook === undefined) return
  const facts = (of: Webhook | undefined) => of && { url: of.url, events: of.events, status: of.status }
  await recordChange(tx, {
    action,
    teamId: webhook.teamId,
    subject: `webhook ${webhook.publicId}`,
    before: facts(before),
    after: facts(after),
  })
}

/** Clicks are counted for a team before its first webhook for them is there, so that none falls between. */
async function watchClicks(
  services: Services,
  teamId: number,
  events: readonly SubscribableEvent[],
): Promise<void> {
  if (events.includes('link.clicked')) await services.clicks.watchTeam(teamId)
}

function found(webhook: Webhook | undefined, publicId: string): Webhook {
  if (webhook === undefined) throw notFound(publicId)
  return webhook
}

function notFound(publicId: string): DomainError {
  return new DomainError('webhook-not-found', { id: publicId })
}
