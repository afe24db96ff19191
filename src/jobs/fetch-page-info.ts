import { fetchPageInfo } from '#core/links/page-info.ts'
import { findPageInfoWishes, type PageInfoWish, settlePageInfo } from '#core/links/link-queries.ts'
import type { Db } from '#db/database.ts'
import type { OutgoingClient } from '#ports/outgoing/outgoing-client.ts'

export interface PageInfoJobOptions {
  readonly db: Db
  readonly client: OutgoingClient
  readonly onError: (error: unknown) => void
}

/** A new link's title is asked for after this long at most, while nothing is waiting. */
const LOOK_EVERY_MS = 500
/** Pages asked at once. */
const AT_ONCE = 8

/**
 * Ask the pages that links lead to for their titles and icons, a few at a time. What is still to be asked is in the
 * database, so that nothing is forgotten by a restart; a page that does not answer is asked once.
 */
export function startPageInfoJob({ db, client, onError }: PageInfoJobOptions): AsyncDisposable {
  let isFailing = false
  let isStopping = false
  let running: Promise<void> | undefined

  async function settle(wish: PageInfoWish): Promise<void> {
    const page = await fetchPageInfo(client, wish.target)
    await settlePageInfo(db, wish, { title: page?.title ?? null, faviconUrl: page?.faviconUrl ?? null })
  }

  async function work(): Promise<void> {
    let wishes: readonly PageInfoWish[]
    do {
      wishes = await findPageInfoWishes(db, AT_ONCE)
      await Promise.all(wishes.map(settle))
    } while (wishes.length === AT_ONCE && !isStopping)
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
      isStopping = true
      clearInterval(timer)
      await running
    },
  }
}
