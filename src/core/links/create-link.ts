import { getPlan, useAllowance } from '#core/billing/usage.ts'
import { type Ctx, inTransaction, type Services } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import { requireAbility } from '#core/permissions.ts'
import { linkFacts } from '#core/webhooks/link-facts.ts'
import { publishEvent } from '#core/webhooks/publish-event.ts'
import { isReservedSlug, type Link, type LinkStatus, type Slug } from './link.ts'
import { insertLink, type LinkContent } from './link-queries.ts'

export type { LinkContent } from './link-queries.ts'

/** A link to be: what it is made of, and what is known about it. */
export type NewLink = LinkContent & NewLinkFacts

interface NewLinkFacts {
  /** Claimed as given; drawn at random when absent. */
  readonly slug?: Slug | undefined
  readonly title?: string | undefined
  readonly description?: string | undefined
  readonly tags?: readonly string[] | undefined
  /** Ask the page of a target for its title, where none is given, and its icon, in the background. */
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
 * Create a short link in the acting team, counting it against the month's allowance. One with a payload instead of a
 * target needs a plan that has typed links.
 *
 * @throws DomainError `unauthenticated`, `forbidden`, `plan-required`, `slug-taken` or `limit-reached`
 */
export async function createLink(ctx: Ctx, input: NewLink): Promise<Link> {
  const member = requireAbility(ctx.actor, 'links:write')
  return inTransaction(ctx, async (tx) => {
    if (input.payload !== undefined) await requireTypedLinks(tx, member.teamId)
    await useAllowance(tx, member.teamId, 'links')
    for (let draw = 0; draw < MAX_DRAWS; draw++) {
      const slug = input.slug ?? tx.random.base62(SLUG_LENGTH)
      if (input.slug === undefined && isReservedSlug(slug)) continue
      const link = await insertLink(tx.db, {
        ...input,
        publicId: tx.random.base62(24),
        teamId: member.teamId,
        userId: member.userId,
        slug,
        title: input.title ?? null,
        wantsPageInfo: input.target !== undefined && input.wantsPageInfo,
        status: input.status ?? 'active',
        expiresAt: input.expiresAt ?? null,
        createdAt: tx.now(),
      })
      if (link !== undefined) {
        tx.emit({ kind: 'link-changed', slug: link.slug })
        await publishEvent(tx, member.teamId, { event: 'link.created', data: linkFacts(tx, link) })
        return link
      }
      if (input.slug !== undefined) throw new DomainError('slug-taken', { slug: input.slug })
    }
    throw new Error(`no free slug of ${SLUG_LENGTH} characters after ${MAX_DRAWS} draws`)
  })
}

async function requireTypedLinks(services: Services, teamId: number): Promise<void> {
  const plan = await getPlan(services, teamId)
  if (!plan.typedLinks) throw new DomainError('plan-required', { feature: 'typed-links', plan: plan.name })
}
