import type { Services } from '#core/context.ts'
import { deleteOldDeliveries } from './delivery-queries.ts'

/** What was delivered or given up can be looked up for so long. */
const KEEP_MS = 30 * 24 * 60 * 60 * 1000
const AT_ONCE = 1_000

/**
 * Delete deliveries of more than 30 days ago, with their attempts.
 *
 * @returns how many
 */
export async function sweepDeliveries(services: Services): Promise<number> {
  const before = new Date(services.now().getTime() - KEEP_MS)
  let deleted = 0
  for (;;) {
    const some = await deleteOldDeliveries(services.db, before, AT_ONCE)
    deleted += some
    if (some < AT_ONCE) return deleted
  }
}
