import { createHmac } from 'node:crypto'
import type { Random } from '#core/random.ts'

const PREFIX = 'whsec_'
/** 262 bits; base62 of a multiple of four characters is also base64, as Standard Webhooks wants a key to be written. */
const SECRET_CHARACTERS = 44

/** A new secret to sign with. */
export function drawWebhookSecret(random: Random): string {
  return PREFIX + random.base62(SECRET_CHARACTERS)
}

export interface SignedDelivery {
  /** The same in every attempt. */
  readonly id: string
  readonly event: string
  readonly body: string
  /** Of this attempt. */
  readonly at: Date
  /** The one in force, and those that still are for a while. */
  readonly secrets: readonly [string, ...string[]]
}

/**
 * The headers of an event's request: linktj's, whose key is the secret as it is written and in force; and those of
 * Standard Webhooks, whose keys are the bytes behind `whsec_`, a signature for each secret.
 *
 * Source: contract "Webhooks"; https://www.standardwebhooks.com, "Signature scheme" (1.0.0)
 */
export function webhookHeaders({ id, event, body, at, secrets }: SignedDelivery): Record<string, string> {
  const timestamp = String(Math.floor(at.getTime() / 1000))
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(PREFIX.length), 'base64')
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
  })
  return {
    'content-type': 'application/json',
    'x-linktj-event': event,
    'x-linktj-signature': createHmac('sha256', secrets[0]).update(body).digest('hex'),
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  }
}
