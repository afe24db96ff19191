import type { Services } from '#core/context.ts'

export type DeliveryKind = 'webhook' | 'mail'

/** `held` waits for its webhook to be resumed; `failed` is given up. */
export type DeliveryStatus = 'waiting' | 'held' | 'delivered' | 'failed'

/** A delivery that somebody has in hand. */
export interface ClaimedDelivery {
  readonly id: number
  readonly publicId: string
  readonly kind: DeliveryKind
  /** Whose failing holds it up: a webhook's id, or 0 for mail. */
  readonly lane: number
  readonly event: string | null
  readonly content: string
  /** Before this one, since it was created or redelivered. */
  readonly tries: number
  readonly createdAt: Date
  readonly giveUpAt: Date
  /** Proves that it is in our hands. */
  readonly claim: string
}

/** What became of one attempt. */
export interface AttemptOutcome {
  /** `refused` is for good; `failed` may go better another time. */
  readonly result: 'delivered' | 'failed' | 'refused'
  /** Of the answer, HTTP or SMTP; null when there was none. */
  readonly statusCode: number | null
  /** In a few words; null when it was delivered. */
  readonly error: string | null
  /** How the answer begins; null when there was none. */
  readonly answer: string | null
}

/** A recorded attempt. */
export interface DeliveryAttempt extends Omit<AttemptOutcome, 'result'> {
  readonly at: Date
  readonly durationMs: number
}

/** One way of delivering. */
export interface Channel {
  /**
   * Try once, within the time of a lease. What the receiver does is an outcome; what is thrown is a bug, and the delivery
   * is tried again.
   */
  send(services: Services, delivery: ClaimedDelivery): Promise<AttemptOutcome>
  /** Draw the consequences, in the transaction that records the attempt, and before it touches the delivery. */
  conclude(services: Services, delivery: ClaimedDelivery, outcome: AttemptOutcome): Promise<void>
  /** Whether what was sent is kept when it is done with. */
  readonly keepsContent: boolean
}
