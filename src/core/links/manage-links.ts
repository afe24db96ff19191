import { type Ctx, inTransaction } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import { requireAbility, requireMember } from '#core/permissions.ts'
import { findLinkIdsWithQr } from '#core/qr/qr-queries.ts'
import { linkFacts } from '#core/webhooks/link-facts.ts'
import { publishEvent } from '#core/webhooks/publish-event.ts'
import { isSlug, type Link } from './link.ts'
import { type IsKnownVersion, requireVersion } from './link-version.ts'
import { recordLink } from './record-link.ts'
import {
  countLinks,
  deleteLinkRow,
  findLink,
  findLinkId,
  findLinks,
  insertLinkChange,
  insertLinkErasure,
  type LinkChanges,
  type LinkFilter,
  type LinkName,
  lockLink,
  updateLinkRow,
} from './link-queries.ts'

export type { LinkChanges, LinkFilter, LinkName } from './link-queries.ts'

/** A link and what belongs to it. */
export interface CountedLink {
  readonly link: Link
  /** How often it was followed, by whomever and whatever. */
  readonly clicks: number
  readonly hasQrCode: boolean
}

/** Which part of a list. */
export interface Slice {
  readonly offset: number
  readonly limit: number
}

/**
 * A link of the acting team.
 *
 * @throws DomainError `unauthenticated`, `forbidden` or `link-not-found`
 */
export async function getLink(ctx: Ctx, name: LinkName): Promise<CountedLink> {
  const member = requireAbility(ctx.actor, 'links:read')
  const link = await findLink(ctx.db, member.teamId, name)
  if (link === undefined) throw notFound(name)
  return count(ctx, link)
}

/**
 * Part of the acting team's links, newest first, and whether the list goes on after it.
 *
 * @throws DomainError `unauthenticated` or `forbidden`
 */
export async function listLinks(
  ctx: Ctx,
  slice: Slice,
): Promise<{ readonly links: readonly CountedLink[]; readonly hasNext: boolean }> {
  const member = requireAbility(ctx.actor, 'links:read')
  // One more than asked for tells whether the list goes on.
  const links = await findLinks(ctx.db, member.teamId, { offset: slice.offset, limit: slice.limit + 1 })
  return { links: await countLinksOf(ctx, links.slice(0, slice.limit)), hasNext: links.length > slice.limit }
}

/**
 * Part of the acting team's links that pass a filter, newest first, and how many do in all.
 *
 * @throws DomainError `unauthenticated` or `forbidden`
 */
export async function searchLinks(
  ctx: Ctx,
  slice: Slice,
  filter: LinkFilter,
): Promise<{ readonly links: readonly CountedLink[]; readonly total: number }> {
  const member = requireAbility(ctx.actor, 'links:read')
  const links = await findLinks(ctx.db, member.teamId, slice, filter)
  return { links: await countLinksOf(ctx, links), total: await countLinks(ctx.db, member.teamId, filter) }
}

/**
 * How many links the acting team has, as its members' profiles show.
 *
 * @throws DomainError `unauthenticated` or `forbidden`
 */
export async function countTeamLinks(ctx: Ctx): Promise<number> {
  return countLinks(ctx.db, requireAbility(ctx.actor, 'user:read').teamId)
}

/**
 * Change a link of the acting team; the next redirect, or its page, follows the change.
 *
 * @param isKnown which versions of the link are to be changed; any when absent
 * @throws DomainError `unauthenticated`, `forbidden`, `link-not-found`, `precondition-failed`, or `link-kind-fixed` for a
 *   target of a typed link or a payload of another kind
 */
export async function updateLink(
  ctx: Ctx,
  name: LinkName,
  changes: LinkChanges,
  isKnown?: IsKnownVersion,
): Promise<CountedLink> {
  const member = requireAbility(ctx.actor, 'links:write')
  const link = await inTransaction(ctx, async (tx) => {
    const now = tx.now()
    const before = await requireKnown(tx, { teamId: member.teamId, name }, isKnown)
    requireKind(before, changes)
    const updated = await updateLinkRow(tx.db, { teamId: member.teamId, name }, changes, now)
    if (updated === undefined) throw notFound(name)
    await insertLinkChange(tx.db, updated.slug, now)
    tx.emit({ kind: 'link-changed', slug: updated.slug })
    await publishEvent(tx, member.teamId, { event: 'link.updated', data: linkFacts(tx, updated) })
    await recordLink(tx, before, updated)
    return updated
  })
  return count(ctx, link)
}

/**
 * Delete a link of the acting team for good, and its clicks soon after. Its slug is free at once; the month's
 * allowance is not given back.
 *
 * @param isKnown which versions of the link are to be deleted; any when absent
 * @returns the names it had
 * @throws DomainError `unauthenticated`, `forbidden`, `link-not-found` or `precondition-failed`
 */
export async function deleteLink(
  ctx: Ctx,
  name: LinkName,
  isKnown?: IsKnownVersion,
): Promise<Pick<Link, 'publicId' | 'slug'>> {
  const member = requireAbility(ctx.actor, 'links:write')
  return inTransaction(ctx, async (tx) => {
    await requireKnown(tx, { teamId: member.teamId, name }, isKnown)
    const deleted = await deleteLinkRow(tx.db, { teamId: member.teamId, name })
    if (deleted === undefined) throw notFound(name)
    await insertLinkChange(tx.db, deleted.slug, tx.now())
    await insertLinkErasure(tx.db, deleted.id)
    tx.emit({ kind: 'link-changed', slug: deleted.slug })
    tx.emit({ kind: 'link-deleted' })
    await publishEvent(tx, member.teamId, { event: 'link.deleted', data: linkFacts(tx, deleted) })
    await recordLink(tx, deleted)
    return { publicId: deleted.publicId, slug: deleted.slug }
  })
}

/**
 * The link of the acting team that a text names: by its id, else by its slug. A link cannot choose its id, so that an
 * id always names the same link, also when another's slug is written like it.
 *
 * @throws DomainError `unauthenticated`, or `link-not-found` for what cannot be a name
 */
export async function parseLinkName(ctx: Ctx, text: string): Promise<LinkName> {
  const { teamId } = requireMember(ctx.actor)
  // PostgreSQL cannot be asked for every text; an id is made of the characters of a slug.
  if (!isSlug(text)) throw new DomainError('link-not-found', { link: text })
  const id = await findLinkId(ctx.db, teamId, text)
  return id === undefined ? { slug: text } : { id }
}

/** Nobody else changes the link between this look at it and the end of the transaction. */
async function requireKnown(
  tx: Ctx,
  link: { readonly teamId: number; readonly name: LinkName },
  isKnown: IsKnownVersion | undefined,
): Promise<Link> {
  const locked = await lockLink(tx.db, link.teamId, link.name)
  if (locked === undefined) throw notFound(link.name)
  if (isKnown !== undefined) requireVersion(locked, isKnown)
  return locked
}

/** A link stays of its kind: what leads elsewhere, or shows something else, is another link. */
function requireKind({ kind: own }: Link, { target, payload }: LinkChanges): void {
  const kinds = [
    ...(target === undefined ? [] : ['url' as const]),
    ...(payload === undefined ? [] : [payload.kind]),
  ]
  const wanted = kinds.find((kind) => kind !== own)
  if (wanted !== undefined) throw new DomainError('link-kind-fixed', { kind: own, wanted })
}

function notFound(name: LinkName): DomainError {
  return new DomainError('link-not-found', { link: String('id' in name ? name.id : name.slug) })
}

async function count(ctx: Ctx, link: Link): Promise<CountedLink> {
  const [counted] = await countLinksOf(ctx, [link])
  return counted ?? { link, clicks: 0, hasQrCode: false }
}

/** Links with what belongs to them. Whoever asks for them must be allowed to see them. */
export async function countLinksOf(ctx: Ctx, links: readonly Link[]): Promise<readonly CountedLink[]> {
  const ids = links.map((link) => link.id)
  const totals = await ctx.clicks.totals(ids)
  const withQrCode = await findLinkIdsWithQr(ctx.db, ids)
  return links.map((link) => ({
    link,
    clicks: totals.get(link.id)?.clicks ?? 0,
    hasQrCode: withQrCode.has(link.id),
  }))
}
