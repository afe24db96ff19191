import { Hono } from 'hono'
import { DomainError } from '#core/errors.ts'
import {
  createWebhook,
  deleteWebhook,
  getWebhook,
  listWebhooks,
  rotateWebhookSecret,
  updateWebhook,
  type WebhookWithSecret,
} from '#core/webhooks/manage-webhooks.ts'
import { parseEvents, type Webhook } from '#core/webhooks/webhook.ts'
import {
  getDelivery,
  listDeliveries,
  redeliver,
  sendTestEvent,
  type WebhookDelivery,
} from '#core/webhooks/webhook-deliveries.ts'
import type { Env } from '#http/dialect.ts'
import { readJson } from '#http/read-json.ts'
import { queryInt, queryText } from '#http/read-query.ts'
import { body, oneOf, text, textList } from './fields.ts'

const CreateBody = body({ url: text, events: textList })
const UpdateBody = body({
  url: text.optional(),
  events: textList.optional(),
  status: oneOf('active', 'paused').optional(),
})

/** A team's webhooks and their deliveries. */
export function webhooks(): Hono<Env> {
  return new Hono<Env>()
    .post('/', async (c) => {
      const { url, events } = await readJson(c.req, CreateBody)
      return c.json(secretToWire(await createWebhook(c.var.ctx, { url, events: parseEvents(events) })), 201)
    })
    .get('/', async (c) => {
      // A team has few enough for one page.
      return c.json({ data: (await listWebhooks(c.var.ctx)).map(webhookToWire), next_cursor: null })
    })
    .get('/:id', async (c) => c.json(webhookToWire(await getWebhook(c.var.ctx, c.req.param('id')))))
    .patch('/:id', async (c) => {
      const { url, events, status } = await readJson(c.req, UpdateBody)
      const changes = { url, events: events && parseEvents(events), status }
      return c.json(webhookToWire(await updateWebhook(c.var.ctx, c.req.param('id'), changes)))
    })
    .delete('/:id', async (c) => {
      await deleteWebhook(c.var.ctx, c.req.param('id'))
      return c.body(null, 204)
    })
    .post('/:id/rotate-secret', async (c) =>
      c.json(secretToWire(await rotateWebhookSecret(c.var.ctx, c.req.param('id')))),
    )
    .post('/:id/test', async (c) =>
      c.json(deliveryToWire(await sendTestEvent(c.var.ctx, c.req.param('id'))), 202),
    )
    .get('/:id/deliveries', async (c) => {
      const limit = queryInt(c.req, 'limit', { min: 1, max: 50, default: 20 })
      const beforeId = parseCursor(queryText(c.req, 'cursor'))
      const { deliveries, hasNext } = await listDeliveries(c.var.ctx, c.req.param('id'), { beforeId, limit })
      const last = deliveries.at(-1)
      return c.json({
        data: deliveries.map(deliveryToWire),
        next_cursor: hasNext && last !== undefined ? cursorOf(last) : null,
      })
    })
    .get('/:id/deliveries/:delivery', async (c) =>
      c.json(deliveryToWire(await getDelivery(c.var.ctx, c.req.param('id'), c.req.param('delivery')))),
    )
    .post('/:id/deliveries/:delivery/redeliver', async (c) =>
      c.json(deliveryToWire(await redeliver(c.var.ctx, c.req.param('id'), c.req.param('delivery'))), 202),
    )
}

function webhookToWire(webhook: Webhook) {
  return {
    id: webhook.publicId,
    url: webhook.url,
    events: webhook.events,
    status: webhook.status,
    pause_reason: webhook.pauseReason,
    failing_since: webhook.failingSince?.toISOString() ?? null,
    created_at: webhook.createdAt.toISOString(),
    updated_at: webhook.updatedAt.toISOString(),
  }
}

function secretToWire({ webhook, secret }: WebhookWithSecret) {
  return { ...webhookToWire(webhook), secret }
}

function deliveryToWire(delivery: WebhookDelivery) {
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

/** A place in a list, opaque to clients. */
function cursorOf({ id }: WebhookDelivery): string {
  return Buffer.from(String(id)).toString('base64url')
}

/** @throws DomainError `invalid-parameter` for what is no cursor of ours */
function parseCursor(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined
  const id = Buffer.from(cursor, 'base64url').toString('latin1')
  if (!/^\d{1,15}$/.test(id))
    throw new DomainError('invalid-parameter', { parameter: 'cursor', problem: 'must be a next_cursor' })
  return Number(id)
}
