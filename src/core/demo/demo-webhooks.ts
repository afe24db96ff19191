import { type Ctx, inTransaction } from '#core/context.ts'
import { takeDelivery } from '#core/deliveries/attempt-delivery.ts'
import { insertAttempt, settleDelivery } from '#core/deliveries/delivery-queries.ts'
import { requireMember } from '#core/permissions.ts'
import { queueEvent } from '#core/webhooks/publish-event.ts'
import { drawWebhookSecret } from '#core/webhooks/sign-webhook.ts'
import { MAX_WEBHOOKS } from '#core/webhooks/webhook.ts'
import type { SubscribableEvent, WebhookEvent } from '#core/webhooks/webhook-event.ts'
import { insertWebhook, updateWebhookRow } from '#core/webhooks/webhook-queries.ts'
import type { SeededLink } from './demo-clicks.ts'

interface DemoWebhook {
  readonly url: string
  readonly events: readonly SubscribableEvent[]
  readonly createdDaysAgo: number
  /** Deliveries it has behind it, one each few hours; every so many needed two attempts. */
  readonly deliveries: number
}

const WEBHOOKS: readonly DemoWebhook[] = [
  {
    url: 'https://hooks.example.com/onehop',
    events: ['link.created', 'link.updated', 'link.clicked'],
    createdDaysAgo: 48,
    deliveries: 12,
  },
  {
    url: 'https://crm.example.com/in/downloads',
    events: ['file.downloaded'],
    createdDaysAgo: 19,
    deliveries: 0,
  },
]

const HOUR_MS = 3_600_000
const EVERY_MS = 7 * HOUR_MS
const RETRY_AFTER_MS = 5_000
/** Every so many deliveries the receiver was busy at first. */
const BUSY_EVERY = 5

/**
 * Webhooks of the acting team, with deliveries that are said to have been made. They are paused in the transaction that
 * makes them, so that nothing is sent, nor will be.
 */
export async function seedDemoWebhooks(ctx: Ctx, links: readonly SeededLink[]): Promise<void> {
  const { teamId } = requireMember(ctx.actor)
  const own = links.filter((link) => link.teamId === teamId)
  const nowMs = ctx.now().getTime()
  await inTransaction(ctx, async (tx) => {
    for (const { url, events, createdDaysAgo, deliveries } of WEBHOOKS) {
      const createdAt = new Date(nowMs - createdDaysAgo * 24 * HOUR_MS)
      const name = { publicId: `wh_${tx.random.base62(24)}`, teamId }
      const secret = tx.secrets.seal('webhook', drawWebhookSecret(tx.random))
      const webhook = await insertWebhook(tx.db, { ...name, url, events, secret, createdAt }, MAX_WEBHOOKS)
      if (webhook === undefined) throw new Error('a new team has room for webhooks')
      for (let number = 0; number < deliveries; number++) {
        const at = new Date(nowMs - (deliveries - number) * EVERY_MS)
        const event = eventOf(own, number)
        if (event !== undefined) await seedDelivery({ ...tx, now: () => at }, webhook.id, { event, number })
      }
      const state = { status: 'paused', reason: 'user' } as const
      await updateWebhookRow(tx.db, name, { state }, new Date(nowMs - HOUR_MS))
    }
  })
}

/** What there was to tell. */
function eventOf(
  links: readonly SeededLink[],
  number: number,
): WebhookEvent<'link.clicked' | 'link.created'> | undefined {
  const link = links[(number * 7) % links.length]
  if (link === undefined) return undefined
  const { publicId: id, slug, spec } = link
  const clicks = 3 + ((number * 11) % 17)
  return number % 4 === 3 && spec.target !== undefined
    ? { event: 'link.created', data: { id, slug, url: spec.target } }
    : { event: 'link.clicked', data: { total: clicks, links: [{ id, slug, clicks }] } }
}

async function seedDelivery(
  tx: Ctx,
  webhookId: number,
  {
    event,
    number,
  }: { readonly event: WebhookEvent<'link.clicked' | 'link.created'>; readonly number: number },
): Promise<void> {
  await queueEvent(tx, [webhookId], event)
  const delivery = await takeDelivery(tx, webhookId)
  if (delivery === undefined) throw new Error('what was queued in this transaction is due')
  const at = tx.now()
  let doneAt = at
  if (number % BUSY_EVERY === 2) {
    const busy = { statusCode: 503, error: 'HTTP 503', answer: 'try again' }
    await insertAttempt(tx.db, delivery.id, { ...busy, at, durationMs: 61 + number })
    doneAt = new Date(at.getTime() + RETRY_AFTER_MS)
  }
  const answered = { statusCode: 200, error: null, answer: 'ok' }
  await insertAttempt(tx.db, delivery.id, { ...answered, at: doneAt, durationMs: 84 + number * 13 })
  await settleDelivery(tx.db, delivery, { status: 'delivered', doneAt, content: delivery.content })
}
