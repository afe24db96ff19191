import type { Ctx } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import { requireAbility, requireMember } from '#core/permissions.ts'
import { parseSlug, type Slug } from './link.ts'
import { findLink, findTags, isSlugInUse } from './link-queries.ts'
import { parseLinkName } from './manage-links.ts'

/** Whether a slug could be had, and why not. */
export type SlugState = 'available' | 'invalid' | 'reserved' | 'taken'

/** A tag, and how many links have it. */
export interface TagCount {
  readonly tag: string
  readonly links: number
}

/** More than anybody looks through. */
const MAX_TAGS = 1_000

/**
 * Whether a link could have this slug; nothing holds it until the link is created.
 *
 * @throws DomainError `unauthenticated` or `forbidden`
 */
export async function checkSlug(ctx: Ctx, text: string): Promise<SlugState> {
  requireAbility(ctx.actor, 'links:write')
  let slug: Slug
  try {
    slug = parseSlug(text)
  } catch (error) {
    if (!(error instanceof DomainError)) throw error
    return error.code === 'slug-reserved' ? 'reserved' : 'invalid'
  }
  return (await isSlugInUse(ctx.db, slug)) ? 'taken' : 'available'
}

/**
 * The tags of the acting team's links, the most frequent first, at most 1,000.
 *
 * @throws DomainError `unauthenticated` or `forbidden`
 */
export async function listTags(ctx: Ctx): Promise<readonly TagCount[]> {
  return findTags(ctx.db, requireAbility(ctx.actor, 'links:read').teamId, MAX_TAGS)
}

/**
 * The slug of the acting team's link that a text names, by its id or slug.
 *
 * @throws DomainError `unauthenticated` or `link-not-found`
 */
export async function slugOfLink(ctx: Ctx, text: string): Promise<Slug> {
  const { teamId } = requireMember(ctx.actor)
  const link = await findLink(ctx.db, teamId, await parseLinkName(ctx, text))
  if (link === undefined) throw new DomainError('link-not-found', { link: text })
  return link.slug
}
