import type { Ctx } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import type { Link } from '#core/links/link.ts'
import { findLink, findLinksByIds, type LinkName } from '#core/links/link-queries.ts'
import { requireAbility } from '#core/permissions.ts'
import type { LiveClick } from '#ports/click-store/click-store.ts'

/** A click as it came, with its link. */
export interface FollowedClick {
  readonly click: LiveClick
  readonly link: Link
}

/** Clicks of a team, or of a link, as they come. */
export interface ClickFeed {
  /** What has come since it was last asked for, oldest first; none when nothing has. */
  next(): Promise<readonly FollowedClick[]>
  /** Say that somebody still follows; clicks are kept for a minute from then on. */
  renew(): Promise<void>
}

/** Clicks are kept for who follows them for so long from the last sign of interest. */
const TTL_MS = 60_000
/** Clicks that are read at once. */
const MAX_AT_ONCE = 500

/**
 * Follow the clicks of the acting team, bots and scans included, from when they are stored, which is a moment after they
 * happened.
 *
 * @param after the number of the click that was seen last, from which on nothing that is still kept is left out; absent:
 *   from now on
 * @throws DomainError `unauthenticated`, `forbidden` or `link-not-found`
 */
export async function followClicks(
  ctx: Ctx,
  { link: name, after }: { readonly link?: LinkName | undefined; readonly after?: number | undefined },
): Promise<ClickFeed> {
  const { teamId } = requireAbility(ctx.actor, 'analytics:read')
  const link = name === undefined ? undefined : await findLink(ctx.db, teamId, name)
  if (name !== undefined && link === undefined)
    throw new DomainError('link-not-found', { link: String(Object.values(name)[0]) })
  const head = await ctx.clicks.watchLive(teamId, TTL_MS)
  let afterId = after ?? head

  return {
    async next() {
      const clicks = await ctx.clicks.liveClicks({ teamId, linkId: link?.id, afterId, limit: MAX_AT_ONCE })
      if (clicks.length === 0) return []
      afterId = clicks.at(-1)?.id ?? afterId
      const links = await findLinksByIds(ctx.db, teamId, [...new Set(clicks.map(({ linkId }) => linkId))])
      // What was clicked and deleted since is nobody's any more.
      return clicks.flatMap((click) => {
        const clicked = links.get(click.linkId)
        return clicked === undefined ? [] : [{ click, link: clicked }]
      })
    },
    async renew() {
      await ctx.clicks.watchLive(teamId, TTL_MS)
    },
  }
}
