import type { Services } from '#core/context.ts'
import { insertDeliveries, type NewDelivery } from './delivery-queries.ts'

/** For so long a delivery is tried. */
export const GIVE_UP_AFTER_MS = 24 * 60 * 60 * 1000

/**
 * Put deliveries into the queue, in the transaction that is open if there is one; they go out when it is committed.
 *
 * @returns their public ids
 */
export async function enqueueDeliveries(
  services: Services,
  deliveries: readonly NewDelivery[],
): Promise<readonly string[]> {
  if (deliveries.length === 0) return []
  const createdAt = services.now()
  const rows = deliveries.map((delivery) => ({
    ...delivery,
    publicId: `msg_${services.random.base62(24)}`,
    createdAt,
    giveUpAt: new Date(createdAt.getTime() + GIVE_UP_AFTER_MS),
  }))
  await insertDeliveries(services.db, rows)
  services.emit({ kind: 'delivery-queued' })
  return rows.map(({ publicId }) => publicId)
}
