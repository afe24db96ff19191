import { inTransaction, type Services } from '#core/context.ts'
import type { AttemptOutcome, Channel, ClaimedDelivery } from './delivery.ts'
import { claimDelivery, insertAttempt, type Settlement, settleDelivery } from './delivery-queries.ts'
import { retryDelayMs } from './retry-delay.ts'

/**
 * For so long nobody else takes what a process has in hand. Longer than any attempt, and by so much that clocks may
 * differ; one that was killed is taken up after it.
 */
export const LEASE_MS = 60_000

/** Take one delivery of a lane in hand; undefined when none is due. */
export function takeDelivery(services: Services, lane: number): Promise<ClaimedDelivery | undefined> {
  const now = services.now()
  return claimDelivery(services.db, lane, {
    claim: services.random.base62(24),
    now,
    leaseUntil: new Date(now.getTime() + LEASE_MS),
  })
}

/** What an attempt came to. */
export interface SettledAttempt {
  readonly outcome: AttemptOutcome
  /** Whether there will be another one. */
  readonly isFinal: boolean
  /** What the channel threw, a bug. */
  readonly fault?: unknown
}

/**
 * Try a delivery that is in hand, and record what came of it in one transaction. Killed before that is committed, the
 * same happens once more: at least once, never lost.
 *
 * @param chance for the length of the wait before the next attempt: from 0 up to 1
 */
export async function attemptDelivery(
  services: Services,
  channel: Channel,
  delivery: ClaimedDelivery,
  chance: number,
): Promise<SettledAttempt> {
  const at = services.now()
  const startedMs = performance.now()
  const { outcome, fault } = await send(services, channel, delivery)
  const durationMs = Math.round(performance.now() - startedMs)
  const settlement = settle(delivery, outcome, {
    now: services.now(),
    chance,
    content: channel.keepsContent ? delivery.content : '',
  })
  await inTransaction(services, async (tx) => {
    await channel.conclude(tx, delivery, outcome)
    if (await settleDelivery(tx.db, delivery, settlement))
      await insertAttempt(tx.db, delivery.id, { ...outcome, at, durationMs })
  })
  return { outcome, isFinal: settlement.status !== 'again', fault }
}

async function send(
  services: Services,
  channel: Channel,
  delivery: ClaimedDelivery,
): Promise<{ readonly outcome: AttemptOutcome; readonly fault?: unknown }> {
  try {
    return { outcome: await channel.send(services, delivery) }
  } catch (fault) {
    return {
      outcome: { result: 'failed', statusCode: null, error: 'internal error', answer: null },
      fault,
    }
  }
}

function settle(
  delivery: ClaimedDelivery,
  { result }: AttemptOutcome,
  { now, chance, content }: { readonly now: Date; readonly chance: number; readonly content: string },
): Settlement {
  if (result === 'delivered') return { status: 'delivered', doneAt: now, content }
  if (result === 'refused' || now >= delivery.giveUpAt) return { status: 'failed', doneAt: now, content }
  const dueMs = now.getTime() + retryDelayMs(delivery.tries + 1, chance)
  // The last attempt is at the very end.
  return { status: 'again', dueAt: new Date(Math.min(dueMs, delivery.giveUpAt.getTime())) }
}
