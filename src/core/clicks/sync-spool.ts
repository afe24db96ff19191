import { open } from 'node:fs/promises'
import { listSegments, segmentPath } from './spool-segments.ts'

/**
 * A function that brings what has been appended to a spool to the disk, so that a power cut loses at most what came
 * since its last run. It works off the calling thread.
 */
export function spoolSyncer(dir: string): () => Promise<void> {
  let newest = 0
  return async () => {
    const unsynced = listSegments(dir).filter((segment) => segment >= newest)
    for (const segment of unsynced) await flush(segmentPath(dir, segment))
    const last = unsynced.at(-1) ?? 0
    if (last > newest) await flush(dir)
    newest = last
  }
}

async function flush(path: string): Promise<void> {
  try {
    await using file = await open(path, 'r')
    await file.datasync()
  } catch (error) {
    // Consumed and deleted meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}
