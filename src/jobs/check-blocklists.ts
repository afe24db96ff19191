import type { Services } from '#core/context.ts'

/** How often it is looked which blocklists are due. */
const LOOK_MS = 60 * 1000

/**
 * Find out again, every few hours, which blocklists can be believed, as long as somebody looks something up. Lookups find
 * out for themselves what nobody knows yet.
 */
export function startBlocklistChecks(
  services: Pick<Services, 'blocklists' | 'dns' | 'now'>,
  onError: (error: unknown) => void,
): AsyncDisposable {
  const { health, zones } = services.blocklists
  const controller = new AbortController()
  let running: Promise<void> | undefined
  const timer = setInterval(() => {
    running ??= health
      .recheck(services, zones, controller.signal)
      .catch(onError)
      .finally(() => (running = undefined))
  }, LOOK_MS)
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      controller.abort()
      await running
    },
  }
}
