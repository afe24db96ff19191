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
  const webhook = await inTransaction(ctx, (tx) =>
    insertWebhook(
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
    ),
  )
  if (webhook === undefined) throw new DomainError('too-many-webhooks', { limit: MAX_WEBHOOKS })
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
  if (!(await deleteWebhookRow(ctx.db, { teamId, publicId }))) throw notFound(publicId)
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
  const now = ctx.now()
  const webhook = await replaceSecret(
    ctx.db,
    { teamId, publicId },
    { sealed: ctx.secrets.seal('webhook', secret), oldUntil: new Date(now.getTime() + OLD_SECRET_MS) },
    now,
  )
  return { webhook: found(webhook, publicId), secret }
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
