import { DomainError } from '#core/errors.ts'
import { SUBSCRIBABLE_EVENTS, type SubscribableEvent } from './webhook-event.ts'

/** Why nothing is sent: somebody said so, the receiver answered 410 Gone, or it failed for days. */
export type PauseReason = 'user' | 'gone' | 'failing'

/** Where a team is told of its events. */
export interface Webhook {
  readonly id: number
  readonly publicId: string
  readonly teamId: number
  readonly url: string
  readonly events: readonly SubscribableEvent[]
  /** While it is paused, events are not queued for it, and what was waiting is held. */
  readonly status: 'active' | 'paused'
  readonly pauseReason: PauseReason | null
  /** The first failure since the last success. */
  readonly failingSince: Date | null
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** Webhooks of one team. */
export const MAX_WEBHOOKS = 20
export const MAX_WEBHOOK_URL_LENGTH = 2_048

/**
 * The events a webhook subscribes to, each once.
 *
 * @throws DomainError `field-invalid` for none, and for names that are no events
 */
export function parseEvents(names: readonly string[]): readonly SubscribableEvent[] {
  const events = SUBSCRIBABLE_EVENTS.filter((event) => names.includes(event))
  const known: readonly string[] = SUBSCRIBABLE_EVENTS
  if (events.length === 0 || names.some((name) => !known.includes(name)))
    throw new DomainError('field-invalid', {
      field: 'events',
      problem: `must be one or more of ${SUBSCRIBABLE_EVENTS.join(', ')}`,
    })
  return events
}
