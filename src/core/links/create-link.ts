import { useAllowance } from '#core/billing/usage.ts'
import { type Ctx, inTransaction } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import { requireAbility } from '#core/permissions.ts'
import { linkFacts } from '#core/webhooks/link-facts.ts'
import { publishEvent } from '#core/webhooks/publish-event.ts'
import { isReservedSlug, type Link, type LinkStatus, type Slug, type TargetUrl } from './link.ts'
import { insertLink } from './link-queries.ts'

export interface NewLink {
  readonly target: TargetUrl
  /** Claimed as given; drawn at random when absent. */
  readonly slug?: Slug | undefined
  readonly title?: string | undefined
  readonly description?: string | undefined
  readonly tags?: readonly string[] | undefined
  /** Ask the target's page for its title, where none is given, and its icon, in the background. */
  readonly wantsPageInfo?: boolean | undefined
  readonly status?: LinkStatus | undefined
  readonly expiresAt?: Date | undefined
  readonly source: Link['source']
}

/** Characters of a random slug: 62^7 is 3.5 million million. */
const SLUG_LENGTH = 7
/** A random draw is repeated this often before we call the slug space exhausted. */
const MAX_DRAWS = 8

/**
 * Create a short link in the acting team, counting it against the month's allowance.
 *
 * @throws DomainError `unauthenticated`, `forbidden`, `slug-taken` or `limit-reached`
 */
export async function createLink(ctx: Ctx, input: NewLink): Promise<Link> {
  const member = requireAbility(ctx.actor, 'links:write')
  return inTransaction(ctx, async (tx) => {
    await useAllowance(tx, member.teamId, 'links')
    for (let draw = 0; draw < MAX_DRAWS; draw++) {
      const slug = input.slug ?? tx.random.base62(SLUG_LENGTH)
      if (input.slug === undefined && isReservedSlug(slug)) continue
      const link = await insertLink(tx.db, {
        publicId: tx.random.base62(24),
        teamId: member.teamId,
        userId: member.userId,
        slug,
        target: input.target,
        title: input.title ?? null,
        description: input.description,
        tags: input.tags,
        wantsPageInfo: input.wantsPageInfo,
        status: input.status ?? 'active',
        source: input.source,
        expiresAt: input.expiresAt ?? null,
        createdAt: tx.now(),
      })
      if (link !== undefined) {
        tx.emit({ kind: 'link-changed', slug: link.slug })
        await publishEvent(tx, member.teamId, { event: 'link.created', data: linkFacts(link) })
        return link
      }
      if (input.slug !== undefined) throw new DomainError('slug-taken', { slug: input.slug })
    }
    throw new Error(`no free slug of ${SLUG_LENGTH} characters after ${MAX_DRAWS} draws`)
  })
}
