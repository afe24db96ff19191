import { findLinkChanges } from '#core/links/link-queries.ts'
import type { Db } from '#db/database.ts'

export interface LinkChangeWatchOptions {
  readonly db: Db
  /** Told of each slug whose redirect changed, by whatever process, once or more than once. */
  readonly onChanged: (slug: string) => void
  /** Called at every look, for what is only remembered for a moment. */
  readonly onLook: () => void
  readonly onError: (error: unknown) => void
}

/** A change made by another process is seen after at most this long. */
const LOOK_EVERY_MS = 500
/**
 * How far back each look reaches. A change is written with the time its transaction began and is visible only when
 * that has ended, so the last instant seen is no safe place to go on from.
 */
const OVERLAP_MS = 30_000

/**
 * Follow the changes other processes make to links. Changes this process was told of in time are told again; a
 * change that happened before the start is told at most once.
 */
export function watchLinkChanges(options: LinkChangeWatchOptions): AsyncDisposable {
  let told = new Set<number>()
  let isLooking = false
  let isFailing = false
  let running: Promise<void> = Promise.resolve()

  async function look(): Promise<void> {
    options.onLook()
    const changes = await findLinkChanges(options.db, new Date(Date.now() - OVERLAP_MS))
    for (const { id, slug } of changes) if (!told.has(id)) options.onChanged(slug)
    told = new Set(changes.map((change) => change.id))
    isFailing = false
  }

  const timer = setInterval(() => {
    if (isLooking) return
    isLooking = true
    running = look()
      .catch((error: unknown) => {
        if (!isFailing) options.onError(error)
        isFailing = true
      })
      .finally(() => {
        isLooking = false
      })
  }, LOOK_EVERY_MS)

  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      await running
    },
  }
}
