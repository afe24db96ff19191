import type { Services } from '#core/context.ts'
import { publishClicks, watchSubscribedTeams } from '#core/webhooks/publish-clicks.ts'

/** Clicks are looked for this often; a team is told of its own more rarely. */
const LOOK_EVERY_MS = 1_000
/** Teams that want to be told are counted for at once; those that no longer do are found out this often. */
const RECONCILE_EVERY_MS = 60_000

/** Tell webhooks of clicks, in batches, until disposed. What fails is tried again, and told once. */
export function startClickEvents(services: Services, onError: (error: unknown) => void): AsyncDisposable {
  let isFailing = false
  let reconciledMs = -Infinity
  let running: Promise<void> | undefined

  async function work(): Promise<void> {
    if (performance.now() - reconciledMs >= RECONCILE_EVERY_MS) {
      await watchSubscribedTeams(services)
      reconciledMs = performance.now()
    }
    await publishClicks(services)
    isFailing = false
  }

  const timer = setInterval(() => {
    running ??= work()
      .catch((error: unknown) => {
        if (!isFailing) onError(error)
        isFailing = true
      })
      .finally(() => {
        running = undefined
      })
  }, LOOK_EVERY_MS)

  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      await running
    },
  }
}
