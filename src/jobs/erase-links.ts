import type { Services } from '#core/context.ts'
import { eraseDeletedLinks } from '#core/links/erase-deleted-links.ts'

export interface Erasing extends AsyncDisposable {
  /** A link was deleted: its clicks are erased now, or as soon as what is under way has ended. */
  wake(): void
}

/** Erase the clicks of links as they are deleted, and now what the last process left; the schedule has the rest. */
export function startErasing(services: Services, onError: (error: unknown) => void): Erasing {
  let running: Promise<unknown> = Promise.resolve()
  const wake = () => {
    running = running.then(() => eraseDeletedLinks(services)).catch(onError)
  }
  wake()
  return {
    wake,
    async [Symbol.asyncDispose]() {
      await running
    },
  }
}
