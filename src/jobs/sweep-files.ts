import type { Services } from '#core/context.ts'
import { eraseFiles, giveUpOwnUploads } from '#core/files/sweep-files.ts'

export interface FileSweeps extends AsyncDisposable {
  /** A file was deleted: its bytes are erased now, or as soon as what is under way has ended. */
  wake(): void
}

/**
 * Erase the bytes of files as they are deleted, and now what the last process left; the schedule has the rest. To be
 * waited for before anything is uploaded.
 */
export async function startFileSweeps(
  services: Services,
  onError: (error: unknown) => void,
): Promise<FileSweeps> {
  await giveUpOwnUploads(services)
  let running: Promise<unknown> = Promise.resolve()
  const wake = () => {
    running = running.then(() => eraseFiles(services)).catch(onError)
  }
  wake()
  return {
    wake,
    async [Symbol.asyncDispose]() {
      await running
    },
  }
}
