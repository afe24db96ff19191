import type { Delivery, Webhook } from '#dash/api/webhooks.ts'
import { Badge } from '#dash/ui/badge.tsx'

/** Whether a webhook is sent events. */
export function WebhookStatus({ webhook }: { readonly webhook: Webhook }) {
  if (webhook.status === 'paused')
    return webhook.pause_reason === 'user' ? (
      <Badge>Paused</Badge>
    ) : (
      <Badge tone="bad">Stopped: it {webhook.pause_reason === 'gone' ? 'is gone' : 'kept failing'}</Badge>
    )
  return webhook.failing_since === null ? (
    <Badge tone="good">Active</Badge>
  ) : (
    <Badge tone="warn">Failing</Badge>
  )
}

const DELIVERY_STATES = {
  waiting: { label: 'Waiting', tone: 'neutral' },
  held: { label: 'Held', tone: 'neutral' },
  delivered: { label: 'Delivered', tone: 'good' },
  failed: { label: 'Failed', tone: 'bad' },
} as const

/** What became of a delivery. */
export function DeliveryStatus({ delivery }: { readonly delivery: Delivery }) {
  const { label, tone } = DELIVERY_STATES[delivery.status]
  const isRetrying = delivery.status === 'waiting' && delivery.attempts.length > 0
  return <Badge tone={isRetrying ? 'warn' : tone}>{isRetrying ? 'Trying again' : label}</Badge>
}
