import { inTransaction, type Services } from '#core/context.ts'
import { findLinksByIds } from '#core/links/link-queries.ts'
import { publishEvent } from './publish-event.ts'
import { claimClickTurn, lockToldBatch, setToldBatch } from './click-event-queries.ts'
import type { ClickedLink } from './webhook-event.ts'
import { findTeamsSubscribedTo } from './webhook-queries.ts'

/** A team is told of its clicks once in so long at most. */
const EVERY_MS = 10_000
/** Of one event; more links make more events. */
const MAX_LINKS = 1_000
/** A team that has just been watched may have its webhook in a transaction that nobody sees yet. */
const NEWLY_WATCHED_MS = 60_000

/**
 * Queue a `link.clicked` event for every team that subscribes to it and was clicked, with each link's clicks since the
 * last one. Clicks wait in the click store, in the batches of `takeUntold`; the last batch that was told
 * is written in the transaction that queues it. Killed anywhere in between, the next call tells what is left: no click is
 * told twice, and none is lost but those of links that were deleted meanwhile.
 *
 * It costs a look at the teams that are watched, however many links they have.
 *
 * @returns how many teams were told
 */
export async function publishClicks(services: Services): Promise<number> {
  let told = 0
  for (const teamId of await services.clicks.untoldTeams()) {
    const now = services.now()
    const toldBatch = await claimClickTurn(services.db, teamId, {
      now,
      next: new Date(now.getTime() + EVERY_MS),
    })
    if (toldBatch !== undefined && (await tellTeam(services, teamId, toldBatch))) told++
  }
  return told
}

/** Let the click store count for the teams that want to be told, and for no others. */
export async function watchSubscribedTeams(services: Services): Promise<void> {
  // Of the system, as the store's own times are.
  const beforeMs = Date.now() - NEWLY_WATCHED_MS
  await services.clicks.watchOnly(await findTeamsSubscribedTo(services.db, 'link.clicked'), beforeMs)
}

async function tellTeam(services: Services, teamId: number, toldBatch: number): Promise<boolean> {
  const { batch, links } = await services.clicks.takeUntold(teamId, toldBatch)
  if (links.length === 0) return false
  return inTransaction(services, async (tx) => {
    // Somebody who was slow, and told this batch after we had asked.
    if ((await lockToldBatch(tx.db, teamId)) !== toldBatch) return false
    for (let done = 0; done < links.length; done += MAX_LINKS) {
      const clicked = await nameLinks(tx, teamId, links.slice(done, done + MAX_LINKS))
      const total = clicked.reduce((sum, link) => sum + link.clicks, 0)
      if (clicked.length > 0)
        await publishEvent(tx, teamId, { event: 'link.clicked', data: { total, links: clicked } })
    }
    await setToldBatch(tx.db, teamId, batch)
    return true
  })
}

async function nameLinks(
  services: Services,
  teamId: number,
  links: readonly { readonly linkId: number; readonly clicks: number }[],
): Promise<readonly ClickedLink[]> {
  const known = await findLinksByIds(
    services.db,
    teamId,
    links.map(({ linkId }) => linkId),
  )
  return links.flatMap(({ linkId, clicks }) => {
    const link = known.get(linkId)
    return link === undefined ? [] : [{ id: link.publicId, slug: link.slug, clicks }]
  })
}
