import type { Services } from '#core/context.ts'
import { deleteLinkErasure, findLinkErasures } from './link-queries.ts'

/** Links whose clicks are erased between two looks at what is left. */
const AT_ONCE = 100

/**
 * Delete the clicks of links that were deleted. What is to be done is in the database, so that nothing is forgotten
 * when the process ends in between; doing it twice does it once.
 *
 * @returns how many links' clicks were erased
 */
export async function eraseDeletedLinks(services: Services): Promise<number> {
  let erased = 0
  for (;;) {
    const linkIds = await findLinkErasures(services.db, AT_ONCE)
    for (const linkId of linkIds) {
      await services.clicks.deleteLink(linkId)
      await deleteLinkErasure(services.db, linkId)
    }
    erased += linkIds.length
    if (linkIds.length < AT_ONCE) return erased
  }
}
