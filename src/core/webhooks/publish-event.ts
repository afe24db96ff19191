import type { Services } from '#core/context.ts'
import { enqueueDeliveries } from '#core/deliveries/enqueue-deliveries.ts'
import { findActiveWebhooks } from './webhook-queries.ts'
import type { SubscribableEvent, WebhookEvent, WebhookEventName } from './webhook-event.ts'

/**
 * Queue an event for every active webhook of a team that subscribes to it. Call it with the context of the transaction
 * that makes it true: then it is told exactly if that is committed.
 *
 * It costs one read by index when nobody subscribes.
 */
export async function publishEvent(
  services: Services,
  teamId: number,
  event: WebhookEvent<SubscribableEvent>,
): Promise<void> {
  const webhooks = await findActiveWebhooks(services.db, teamId)
  const webhookIds = webhooks.filter(({ events }) => events.includes(event.event)).map(({ id }) => id)
  await queueEvent(services, webhookIds, event)
}

/** Queue an event for these webhooks, whatever they subscribe to. @returns the public ids of the deliveries */
export async function queueEvent(
  services: Services,
  webhookIds: readonly number[],
  event: WebhookEvent<WebhookEventName>,
): Promise<readonly string[]> {
  const content = eventBody(event, services.now())
  return enqueueDeliveries(
    services,
    webhookIds.map((webhookId) => ({ kind: 'webhook' as const, webhookId, event: event.event, content })),
  )
}

/** The body of an event's request: exactly `{event, data, ts}`. Source: contract "Webhooks". */
function eventBody({ event, data }: WebhookEvent<WebhookEventName>, now: Date): string {
  return JSON.stringify({ event, data, ts: now.toISOString() })
}
