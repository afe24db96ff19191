import { type Ctx, inTransaction } from '#core/context.ts'
import { GIVE_UP_AFTER_MS } from '#core/deliveries/enqueue-deliveries.ts'
import { DomainError } from '#core/errors.ts'
import { requireAbility } from '#core/permissions.ts'
import { queueEvent } from './publish-event.ts'
import type { Webhook } from './webhook.ts'
import {
  findDeliveries,
  findDelivery,
  restartDelivery,
  type WebhookDelivery,
} from './webhook-delivery-queries.ts'
import { findWebhook } from './webhook-queries.ts'

export type { WebhookDelivery } from './webhook-delivery-queries.ts'

/** Requests that a team makes us send by hand: enough to find a fault, too few to flood anybody with. */
const BY_HAND = { name: 'webhook-by-hand', points: 30, windowS: 60 }

/**
 * Send a webhook of the acting team a `webhook.test` event, whatever it subscribes to.
 *
 * @throws DomainError `unauthenticated`, `forbidden`, `webhook-not-found`, `webhook-paused` or `rate-limited`
 */
export async function sendTestEvent(ctx: Ctx, publicId: string): Promise<WebhookDelivery> {
  const webhook = await activeWebhook(ctx, publicId)
  await limitByHand(ctx, webhook.teamId)
  const [deliveryId = ''] = await inTransaction(ctx, (tx) =>
    queueEvent(tx, [webhook.id], {
      event: 'webhook.test',
      data: { message: 'This is a test. Your receiver works when it answers with a 2xx status.' },
    }),
  )
  return foundDelivery(await findDelivery(ctx.db, webhook.id, deliveryId), deliveryId)
}

/**
 * Part of a webhook's deliveries with their attempts, newest first, and whether the list goes on.
 *
 * @throws DomainError `unauthenticated`, `forbidden` or `webhook-not-found`
 */
export async function listDeliveries(
  ctx: Ctx,
  publicId: string,
  page: { readonly beforeId: number | undefined; readonly limit: number },
): Promise<{ readonly deliveries: readonly WebhookDelivery[]; readonly hasNext: boolean }> {
  const { teamId } = requireAbility(ctx.actor, 'webhooks:read')
  const webhook = foundWebhook(await findWebhook(ctx.db, { teamId, publicId }), publicId)
  // One more than asked for tells whether the list goes on.
  const deliveries = await findDeliveries(ctx.db, webhook.id, { ...page, limit: page.limit + 1 })
  return { deliveries: deliveries.slice(0, page.limit), hasNext: deliveries.length > page.limit }
}

/** @throws DomainError `unauthenticated`, `forbidden`, `webhook-not-found` or `delivery-not-found` */
export async function getDelivery(ctx: Ctx, publicId: string, deliveryId: string): Promise<WebhookDelivery> {
  const { teamId } = requireAbility(ctx.actor, 'webhooks:read')
  const webhook = foundWebhook(await findWebhook(ctx.db, { teamId, publicId }), publicId)
  return foundDelivery(await findDelivery(ctx.db, webhook.id, deliveryId), deliveryId)
}

/**
 * Send a delivery once more, as the same one: id and body stay, and it is tried for a day again. One that is waiting is
 * sent at once.
 *
 * @throws DomainError `unauthenticated`, `forbidden`, `webhook-not-found`, `delivery-not-found`, `webhook-paused` or
 *   `rate-limited`
 */
export async function redeliver(ctx: Ctx, publicId: string, deliveryId: string): Promise<WebhookDelivery> {
  const webhook = await activeWebhook(ctx, publicId)
  foundDelivery(await findDelivery(ctx.db, webhook.id, deliveryId), deliveryId)
  await limitByHand(ctx, webhook.teamId)
  const now = ctx.now()
  const giveUpAt = new Date(now.getTime() + GIVE_UP_AFTER_MS)
  await restartDelivery(ctx.db, { webhookId: webhook.id, publicId: deliveryId }, { now, giveUpAt })
  ctx.emit({ kind: 'delivery-queued' })
  return foundDelivery(await findDelivery(ctx.db, webhook.id, deliveryId), deliveryId)
}

async function activeWebhook(ctx: Ctx, publicId: string): Promise<Webhook> {
  const { teamId } = requireAbility(ctx.actor, 'webhooks:write')
  const webhook = foundWebhook(await findWebhook(ctx.db, { teamId, publicId }), publicId)
  if (webhook.status === 'paused') throw new DomainError('webhook-paused', { id: publicId })
  return webhook
}

async function limitByHand(ctx: Ctx, teamId: number): Promise<void> {
  const state = await ctx.rateLimiter.take(BY_HAND, String(teamId))
  if (!state.allowed)
    throw new DomainError('rate-limited', {
      limit: state.limit,
      windowS: state.windowS,
      retryAfterS: state.resetS,
    })
}

function foundWebhook(webhook: Webhook | undefined, id: string): Webhook {
  if (webhook === undefined) throw new DomainError('webhook-not-found', { id })
  return webhook
}

function foundDelivery(delivery: WebhookDelivery | undefined, id: string): WebhookDelivery {
  if (delivery === undefined) throw new DomainError('delivery-not-found', { id })
  return delivery
}
