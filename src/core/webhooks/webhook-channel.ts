import type { Services } from '#core/context.ts'
import type { AttemptOutcome, Channel } from '#core/deliveries/delivery.ts'
import { enqueueMail } from '#core/mail/enqueue-mail.ts'
import { renderMail } from '#core/mail/render-mail.ts'
import type { OutgoingClient } from '#ports/outgoing/outgoing-client.ts'
import { OutgoingError, type OutgoingErrorCode } from '#ports/outgoing/outgoing-error.ts'
import { webhookHeaders } from './sign-webhook.ts'
import type { PauseReason, Webhook } from './webhook.ts'
import { holdDeliveries } from './webhook-delivery-queries.ts'
import {
  clearFailing,
  findOwnerEmails,
  findWebhookTarget,
  noteFailing,
  pauseWebhookRow,
  type WebhookTarget,
} from './webhook-queries.ts'

/** Source: contract "Webhooks": "Delivery timeout is 5 seconds". For everything, from the name to the answer's end. */
const TIMEOUT_MS = 5_000
/** Of the answer; what comes after is not read. */
const MAX_ANSWER_BYTES = 4 * 1024
/** Of the answer, for whoever looks for a fault. */
const SHOWN_ANSWER_BYTES = 1_000
/** A webhook that fails for so long, and never succeeds in between, is paused. */
const PAUSE_AFTER_MS = 3 * 24 * 60 * 60 * 1000
const GONE = 410

export interface WebhookChannelOptions {
  /** With a slot for every delivery there may be at once: waiting for one would count as the receiver's time. */
  readonly client: OutgoingClient
  readonly timeoutMs?: number
}

/** The way of webhooks. Source: contract "Webhooks". */
export function webhookChannel({ client, timeoutMs = TIMEOUT_MS }: WebhookChannelOptions): Channel {
  return {
    keepsContent: true,
    async send(services, delivery) {
      const target = await findWebhookTarget(services.db, delivery.lane)
      if (target === undefined) return refusal('the webhook was deleted')
      const at = services.now()
      const headers = webhookHeaders({
        id: delivery.publicId,
        event: delivery.event ?? '',
        body: delivery.content,
        at,
        secrets: openSecrets(services, target, at),
      })
      try {
        const answer = await client.request({
          url: target.url,
          method: 'POST',
          headers,
          body: delivery.content,
          timeoutMs,
          maxBytes: MAX_ANSWER_BYTES,
          truncate: true,
          maxRedirects: 0,
          httpsOnly: true,
        })
        return outcomeOf(answer.status, answer.body)
      } catch (error) {
        if (!(error instanceof OutgoingError)) throw error
        return { result: 'failed', statusCode: null, error: ERRORS[error.code], answer: null }
      }
    },
    async conclude(tx, { lane }, outcome) {
      if (outcome.result === 'delivered') return clearFailing(tx.db, lane)
      const now = tx.now()
      if (outcome.statusCode === GONE) {
        await pause(tx, lane, 'gone')
        return
      }
      const failingSince = await noteFailing(tx.db, lane, now)
      if (failingSince === undefined || now.getTime() - failingSince.getTime() < PAUSE_AFTER_MS) return
      const paused = await pause(tx, lane, 'failing')
      if (paused !== undefined) await tellOwners(tx, paused, outcome)
    },
  }
}

const ERRORS: Readonly<Record<OutgoingErrorCode, string>> = {
  'address-refused': 'the host has an address that is not public',
  unresolvable: 'the host name has no address',
  timeout: 'no complete answer in time',
  'too-large': 'the answer is too large',
  'too-many-redirects': 'redirects are not followed',
  tls: 'no TLS connection: certificate not trusted, expired or for another name',
  connection: 'no connection, or it broke off',
  'bad-url': 'the URL cannot be requested',
}

/** The one in force, and the one before it as long as it is accepted too. */
function openSecrets(services: Services, target: WebhookTarget, now: Date): [string, ...string[]] {
  const { secret, oldSecret, oldSecretUntilMs } = target
  const current = services.secrets.open('webhook', secret)
  if (oldSecret === null || now.getTime() >= oldSecretUntilMs) return [current]
  return [current, services.secrets.open('webhook', oldSecret)]
}

function outcomeOf(status: number, body: Uint8Array): AttemptOutcome {
  // NUL is the one character that PostgreSQL keeps in no text.
  const answer = new TextDecoder().decode(body.subarray(0, SHOWN_ANSWER_BYTES)).replaceAll('\0', '\ufffd')
  if (status >= 200 && status <= 299) return { result: 'delivered', statusCode: status, error: null, answer }
  const isRedirect = status >= 300 && status <= 399
  const error = isRedirect ? 'redirects are not followed' : `the answer was ${status}`
  return { result: 'failed', statusCode: status, error, answer }
}

function refusal(error: string): AttemptOutcome {
  return { result: 'refused', statusCode: null, error, answer: null }
}

/** @returns undefined when it was paused already */
async function pause(tx: Services, webhookId: number, reason: PauseReason): Promise<Webhook | undefined> {
  const paused = await pauseWebhookRow(tx.db, webhookId, reason, tx.now())
  if (paused !== undefined) await holdDeliveries(tx.db, webhookId)
  return paused
}

async function tellOwners(tx: Services, webhook: Webhook, outcome: AttemptOutcome): Promise<void> {
  const { host } = new URL(webhook.url)
  const { text, html } = renderMail({
    heading: `Your webhook at ${host} is paused`,
    paragraphs: [
      `Since ${webhook.failingSince?.toUTCString() ?? 'three days ago'} no event could be delivered to ${webhook.url}. The last attempt failed: ${outcome.error ?? 'for no known reason'}.`,
      'Events that happen while it is paused are not sent to it. What was still waiting is held, and goes out when you resume the webhook.',
    ],
    action: { label: 'Your webhooks', url: tx.settings.baseUrl },
  })
  for (const to of await findOwnerEmails(tx.db, webhook.teamId))
    await enqueueMail(tx, { to, subject: `Webhook at ${host} paused`, text, html })
}
