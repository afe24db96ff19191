import { sweepDeliveries } from '#core/deliveries/sweep-deliveries.ts'
import { sweepRetention } from '#core/clicks/sweep-retention.ts'
import type { Services } from '#core/context.ts'
import { eraseDeletedLinks } from '#core/links/erase-deleted-links.ts'

export interface HouseKeeping extends AsyncDisposable {
  /** A link was deleted: its clicks are erased now, or as soon as what is under way has ended. */
  eraseLinks(): void
}

const HOUR_MS = 60 * 60 * 1000
const DAY_MS = 24 * HOUR_MS

/**
 * Delete what is no longer to be kept: the clicks of deleted links (when one is deleted, and every hour what was left),
 * those older than their plan keeps (now and every day), and deliveries of long ago (now and every hour).
 */
export function startHouseKeeping(services: Services, onError: (error: unknown) => void): HouseKeeping {
  let running: Promise<unknown> = Promise.resolve()
  const run = (task: (services: Services) => Promise<unknown>) => {
    running = running.then(() => task(services)).catch(onError)
  }
  const timers = [
    setInterval(run, HOUR_MS, eraseDeletedLinks),
    setInterval(run, HOUR_MS, sweepDeliveries),
    setInterval(run, DAY_MS, sweepRetention),
  ]
  run(eraseDeletedLinks)
  run(sweepDeliveries)
  run(sweepRetention)

  return {
    eraseLinks: () => run(eraseDeletedLinks),
    async [Symbol.asyncDispose]() {
      for (const timer of timers) clearInterval(timer)
      await running
    },
  }
}
