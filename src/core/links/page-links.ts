import type { Ctx } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import { requireAbility } from '#core/permissions.ts'
import {
  countLinks,
  findLinkIds,
  findLinksByIds,
  findLinksAfter,
  type LinkFilter,
  type LinkPlace,
} from './link-queries.ts'
import { type CountedLink, countLinksOf } from './manage-links.ts'
import type { Link } from './link.ts'

/** What a list of links can be sorted by. */
export const LINK_SORTS = ['created_at', 'updated_at', 'slug', 'clicks'] as const
/** One of {@link LINK_SORTS}. */
export type LinkSort = (typeof LINK_SORTS)[number]

/** The order of a list. */
export interface LinkOrder {
  readonly by: LinkSort
  readonly isDescending: boolean
}

/** A stretch of a list. */
export interface LinkPageRequest {
  readonly filter: LinkFilter
  readonly order: LinkOrder
  readonly limit: number
  /** Where the page before ended; undefined for the first. */
  readonly after?: LinkPlace | undefined
}

export interface LinkPage {
  readonly links: readonly CountedLink[]
  /** Where the next page begins; undefined at the end. */
  readonly next: LinkPlace | undefined
}

export type { LinkPlace } from './link-queries.ts'

/** Sorting by clicks reads them all. */
const MAX_SORTED_BY_CLICKS = 50_000

/**
 * A stretch of the acting team's links. Pages do not overlap and leave nothing out, whatever is created or deleted
 * meanwhile; what moves in the order can be on two of them.
 *
 * @throws DomainError `unauthenticated`, `forbidden`, or `invalid-parameter` when more than 50,000 links are to be sorted
 *   by clicks
 */
export async function pageLinks(ctx: Ctx, request: LinkPageRequest): Promise<LinkPage> {
  const { teamId } = requireAbility(ctx.actor, 'links:read')
  const { filter, limit, after } = request
  if (request.order.by === 'clicks') return pageByClicks(ctx, teamId, request)
  const order = { by: request.order.by, isDescending: request.order.isDescending }
  // One more than asked for tells whether the list goes on.
  const found = await findLinksAfter(ctx.db, teamId, { filter, order, limit: limit + 1, after })
  const shown = found.slice(0, limit)
  const last = shown.at(-1)
  const next =
    found.length > limit && last !== undefined ? { id: last.id, value: sortValue(last, order.by) } : undefined
  return { links: await countLinksOf(ctx, shown), next }
}

/**
 * How many links of the acting team pass a filter.
 *
 * @throws DomainError `unauthenticated` or `forbidden`
 */
export async function countMatchingLinks(ctx: Ctx, filter: LinkFilter): Promise<number> {
  return countLinks(ctx.db, requireAbility(ctx.actor, 'links:read').teamId, filter)
}

/** Clicks are counted elsewhere: the list is put in order here. */
async function pageByClicks(
  ctx: Ctx,
  teamId: number,
  { filter, order, limit, after }: LinkPageRequest,
): Promise<LinkPage> {
  const ids = await findLinkIds(ctx.db, teamId, filter, MAX_SORTED_BY_CLICKS + 1)
  if (ids.length > MAX_SORTED_BY_CLICKS)
    throw new DomainError('invalid-parameter', {
      parameter: 'sort',
      problem: `by clicks takes at most ${MAX_SORTED_BY_CLICKS} links; narrow them down first`,
    })
  const totals = await ctx.clicks.totals(ids)
  const sign = order.isDescending ? -1 : 1
  const compare = (a: LinkPlace, b: LinkPlace) =>
    sign * (Number(a.value) - Number(b.value)) || sign * (a.id - b.id)
  const places = ids.map((id): LinkPlace => ({ id, value: totals.get(id)?.clicks ?? 0 })).toSorted(compare)
  const from = after === undefined ? 0 : places.findIndex((place) => compare(place, after) > 0)
  const page = from === -1 ? [] : places.slice(from, from + limit)
  const links = await findLinksByIds(
    ctx.db,
    teamId,
    page.map(({ id }) => id),
  )
  return {
    // One that was deleted since is left out.
    links: await countLinksOf(
      ctx,
      page.flatMap(({ id }) => links.get(id) ?? []),
    ),
    next: from !== -1 && from + limit < places.length ? page.at(-1) : undefined,
  }
}

function sortValue(link: Link, by: Exclude<LinkSort, 'clicks'>): string | number {
  switch (by) {
    case 'created_at':
      return link.id
    case 'updated_at':
      return link.updatedAt.getTime()
    case 'slug':
      return link.slug
  }
}
