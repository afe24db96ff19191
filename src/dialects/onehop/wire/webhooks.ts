import { z } from 'zod'
import { body, instant, oneOf, text, textList } from './fields.ts'

export const WebhookEvent = z.enum([
  'link.created',
  'link.updated',
  'link.deleted',
  'link.clicked',
  'subscription.created',
  'file.downloaded',
])
export type WebhookEvent = z.infer<typeof WebhookEvent>

const webhook = {
  id: z.string(),
  url: z.string(),
  events: z.array(WebhookEvent),
  status: z.enum(['active', 'paused']),
  pause_reason: z.enum(['user', 'gone', 'failing']).nullable(),
  failing_since: instant.nullable(),
  created_at: instant,
  updated_at: instant,
}

export const Webhook = z.object(webhook).meta({ id: 'Webhook' })
export type Webhook = z.infer<typeof Webhook>

export const WebhookWithSecret = z
  .object({ ...webhook, secret: z.string().meta({ description: 'Shown this once.' }) })
  .meta({ id: 'WebhookWithSecret' })
export type WebhookWithSecret = z.infer<typeof WebhookWithSecret>

export const WebhookNew = body({ url: text, events: textList }).meta({
  examples: [{ url: 'https://example.com/hook', events: ['link.created', 'link.clicked'] }],
})
export type WebhookNew = z.infer<typeof WebhookNew>

export const WebhookChange = body({
  url: text.optional(),
  events: textList.optional(),
  status: oneOf('active', 'paused').optional(),
})
export type WebhookChange = z.infer<typeof WebhookChange>

export const Delivery = z
  .object({
    id: z.string(),
    event: z.string(),
    status: z.enum(['waiting', 'held', 'delivered', 'failed']),
    body: z.string(),
    created_at: instant,
    next_attempt_at: instant.nullable(),
    finished_at: instant.nullable(),
    attempts: z.array(
      z.object({
        at: instant,
        duration_ms: z.number(),
        status_code: z.int().nullable(),
        error: z.string().nullable(),
        answer: z.string().nullable().meta({ description: 'How the answer begins.' }),
      }),
    ),
  })
  .meta({ id: 'Delivery' })
export type Delivery = z.infer<typeof Delivery>
