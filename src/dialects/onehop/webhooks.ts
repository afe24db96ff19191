import {
  createWebhook,
  deleteWebhook,
  getWebhook,
  listWebhooks,
  rotateWebhookSecret,
  updateWebhook,
  type WebhookWithSecret as NewSecret,
} from '#core/webhooks/manage-webhooks.ts'
import { parseEvents, type Webhook as TeamWebhook } from '#core/webhooks/webhook.ts'
import {
  getDelivery,
  listDeliveries,
  redeliver,
  sendTestEvent,
  type WebhookDelivery,
} from '#core/webhooks/webhook-deliveries.ts'
import { endpoint } from './endpoint.ts'
import { nextCursor, parseCursor } from './list-cursor.ts'
import { cursorParameter, limitParameter, listOf } from './wire/fields.ts'
import { Delivery, Webhook, WebhookChange, WebhookNew, WebhookWithSecret } from './wire/webhooks.ts'

/** A team's webhooks and their deliveries. */
export const webhookEndpoints = [
  endpoint({
    method: 'POST',
    path: '/webhooks',
    summary: 'Register a webhook',
    tag: 'Webhooks',
    access: 'webhooks:write',
    body: WebhookNew,
    creates: 'the webhook',
    status: 201,
    answer: WebhookWithSecret,
    problems: ['too-many-webhooks'],
    handle: async ({ ctx, body: { url, events } }) =>
      secretToWire(await createWebhook(ctx, { url, events: parseEvents(events) })),
  }),
  endpoint({
    method: 'GET',
    path: '/webhooks',
    summary: 'Webhooks of the team',
    tag: 'Webhooks',
    access: 'webhooks:read',
    answer: listOf(Webhook),
    // A team has few enough for one page.
    handle: async ({ ctx }) => ({ data: (await listWebhooks(ctx)).map(webhookToWire), next_cursor: null }),
  }),
  endpoint({
    method: 'GET',
    path: '/webhooks/{id}',
    summary: 'One webhook',
    tag: 'Webhooks',
    access: 'webhooks:read',
    answer: Webhook,
    problems: ['webhook-not-found'],
    handle: async ({ ctx, params }) => webhookToWire(await getWebhook(ctx, params.id)),
  }),
  endpoint({
    method: 'PATCH',
    path: '/webhooks/{id}',
    summary: 'Change, pause or resume a webhook',
    tag: 'Webhooks',
    access: 'webhooks:write',
    body: WebhookChange,
    answer: Webhook,
    problems: ['webhook-not-found'],
    handle: async ({ ctx, params, body: { url, events, status } }) =>
      webhookToWire(
        await updateWebhook(ctx, params.id, { url, events: events && parseEvents(events), status }),
      ),
  }),
  endpoint({
    method: 'DELETE',
    path: '/webhooks/{id}',
    summary: 'Delete a webhook',
    tag: 'Webhooks',
    access: 'webhooks:write',
    status: 204,
    problems: ['webhook-not-found'],
    handle: ({ ctx, params }) => deleteWebhook(ctx, params.id),
  }),
  endpoint({
    method: 'POST',
    path: '/webhooks/{id}/rotate-secret',
    summary: 'Draw a new secret',
    description: 'The old one signs beside it for 24 hours.',
    tag: 'Webhooks',
    access: 'webhooks:write',
    answer: WebhookWithSecret,
    problems: ['webhook-not-found'],
    handle: async ({ ctx, params }) => secretToWire(await rotateWebhookSecret(ctx, params.id)),
  }),
  endpoint({
    method: 'POST',
    path: '/webhooks/{id}/test',
    summary: 'Send a test event',
    tag: 'Webhooks',
    access: 'webhooks:write',
    creates: 'the delivery',
    status: 202,
    answer: Delivery,
    problems: ['webhook-not-found', 'webhook-paused', 'rate-limited'],
    handle: async ({ ctx, params }) => deliveryToWire(await sendTestEvent(ctx, params.id)),
  }),
  endpoint({
    method: 'GET',
    path: '/webhooks/{id}/deliveries',
    summary: 'Deliveries of a webhook, newest first',
    tag: 'Webhooks',
    access: 'webhooks:read',
    query: { limit: limitParameter(50), cursor: cursorParameter },
    answer: listOf(Delivery),
    problems: ['webhook-not-found'],
    handle: async ({ ctx, params, query: { limit, cursor } }) => {
      const page = { beforeId: parseCursor(cursor), limit }
      const { deliveries, hasNext } = await listDeliveries(ctx, params.id, page)
      return {
        data: deliveries.map(deliveryToWire),
        next_cursor: nextCursor(deliveries, hasNext),
      }
    },
  }),
  endpoint({
    method: 'GET',
    path: '/webhooks/{id}/deliveries/{delivery}',
    summary: 'One delivery with its attempts',
    tag: 'Webhooks',
    access: 'webhooks:read',
    answer: Delivery,
    problems: ['webhook-not-found', 'delivery-not-found'],
    handle: async ({ ctx, params }) => deliveryToWire(await getDelivery(ctx, params.id, params.delivery)),
  }),
  endpoint({
    method: 'POST',
    path: '/webhooks/{id}/deliveries/{delivery}/redeliver',
    summary: 'Deliver again',
    tag: 'Webhooks',
    access: 'webhooks:write',
    status: 202,
    answer: Delivery,
    problems: ['webhook-not-found', 'delivery-not-found', 'webhook-paused', 'rate-limited'],
    handle: async ({ ctx, params }) => deliveryToWire(await redeliver(ctx, params.id, params.delivery)),
  }),
]

function webhookToWire(webhook: TeamWebhook): Webhook {
  return {
    id: webhook.publicId,
    url: webhook.url,
    events: [...webhook.events],
    status: webhook.status,
    pause_reason: webhook.pauseReason,
    failing_since: webhook.failingSince?.toISOString() ?? null,
    created_at: webhook.createdAt.toISOString(),
    updated_at: webhook.updatedAt.toISOString(),
  }
}

function secretToWire({ webhook, secret }: NewSecret): WebhookWithSecret {
  return { ...webhookToWire(webhook), secret }
}

function deliveryToWire(delivery: WebhookDelivery): Delivery {
  return {
    id: delivery.publicId,
    event: delivery.event,
    status: delivery.status,
    body: delivery.content,
    created_at: delivery.createdAt.toISOString(),
    next_attempt_at: delivery.nextAttemptAt?.toISOString() ?? null,
    finished_at: delivery.doneAt?.toISOString() ?? null,
    attempts: delivery.attempts.map((attempt) => ({
      at: attempt.at.toISOString(),
      duration_ms: attempt.durationMs,
      status_code: attempt.statusCode,
      error: attempt.error,
      answer: attempt.answer,
    })),
  }
}
