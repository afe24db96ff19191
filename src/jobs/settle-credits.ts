import { type LookupCredits, reportAbandonedLeases } from '#core/billing/lookup-credits.ts'
import type { CreditLease } from '#core/billing/credit-queries.ts'
import type { Services } from '#core/context.ts'

export interface CreditSettlementOptions {
  readonly services: Services
  readonly credits: LookupCredits
  /** Told of credits that a process held which ended without giving them back. */
  readonly onAbandoned: (lease: CreditLease) => void
  readonly onError: (error: unknown) => void
}

/** How long credits are held that nobody uses any more. */
const SETTLE_MS = 250
const REPORT_MS = 60 * 60 * 1000

/** Keep the books of lookup credits exact to a moment. Disposing gives everything back. */
export function startCreditSettlement(options: CreditSettlementOptions): AsyncDisposable {
  const { services, credits, onAbandoned, onError } = options
  let running: Promise<void> = Promise.resolve()
  let isRunning = false
  const run = (task: () => Promise<void>) => {
    isRunning = true
    running = running
      .then(task)
      .catch(onError)
      .finally(() => (isRunning = false))
  }
  const report = async () => (await reportAbandonedLeases(services)).forEach(onAbandoned)
  const timers = [
    setInterval(() => {
      if (!isRunning) run(() => credits.settle())
    }, SETTLE_MS),
    setInterval(run, REPORT_MS, report),
  ]
  run(report)
  return {
    async [Symbol.asyncDispose]() {
      for (const timer of timers) clearInterval(timer)
      await running
      await credits[Symbol.asyncDispose]()
    },
  }
}
