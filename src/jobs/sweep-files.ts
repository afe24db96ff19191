import type { Services } from '#core/context.ts'
import { eraseFiles, giveUpOwnUploads, sweepFiles } from '#core/files/sweep-files.ts'

export interface FileSweeps extends AsyncDisposable {
  /** A file was deleted: its bytes are erased now, or as soon as what is under way has ended. */
  wake(): void
}

/** Whatever is to go is gone within the hour, even if a few sweeps fail. */
const SWEEP_EVERY_MS = 5 * 60_000

/**
 * Remove files whose time is over and what is left of lost uploads, now and every few minutes. To be waited for before
 * anything is uploaded.
 */
export async function startFileSweeps(
  services: Services,
  onError: (error: unknown) => void,
): Promise<FileSweeps> {
  await giveUpOwnUploads(services)
  let running: Promise<unknown> = Promise.resolve()
  const run = (task: () => Promise<unknown>) => {
    running = running.then(task).catch(onError)
  }
  const timer = setInterval(run, SWEEP_EVERY_MS, () => sweepFiles(services))
  run(() => sweepFiles(services))

  return {
    wake: () => run(() => eraseFiles(services)),
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      await running
    },
  }
}
