import { type Ctx, inTransaction } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import { requireAbility } from '#core/permissions.ts'
import { findLinkIdsWithQr } from '#core/qr/qr-queries.ts'
import { linkFacts } from '#core/webhooks/link-facts.ts'
import { publishEvent } from '#core/webhooks/publish-event.ts'
import type { Link } from './link.ts'
import {
  countLinks,
  deleteLinkRow,
  findLink,
  findLinks,
  insertLinkChange,
  insertLinkErasure,
  type LinkChanges,
  type LinkFilter,
  type LinkName,
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
  return { links: await countAll(ctx, links.slice(0, slice.limit)), hasNext: links.length > slice.limit }
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
  return { links: await countAll(ctx, links), total: await countLinks(ctx.db, member.teamId, filter) }
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
 * Change a link of the acting team; the next redirect follows the change.
 *
 * @throws DomainError `unauthenticated`, `forbidden` or `link-not-found`
 */
export async function updateLink(ctx: Ctx, name: LinkName, changes: LinkChanges): Promise<CountedLink> {
  const member = requireAbility(ctx.actor, 'links:write')
  const link = await inTransaction(ctx, async (tx) => {
    const now = tx.now()
    const updated = await updateLinkRow(tx.db, { teamId: member.teamId, name }, changes, now)
    if (updated === undefined) throw notFound(name)
    await insertLinkChange(tx.db, updated.slug, now)
    tx.emit({ kind: 'link-changed', slug: updated.slug })
    await publishEvent(tx, member.teamId, { event: 'link.updated', data: linkFacts(updated) })
    return updated
  })
  return count(ctx, link)
}

/**
 * Delete a link of the acting team for good, and its clicks soon after. Its slug is free at once; the month's
 * allowance is not given back.
 *
 * @throws DomainError `unauthenticated`, `forbidden` or `link-not-found`
 */
export async function deleteLink(ctx: Ctx, name: LinkName): Promise<void> {
  const member = requireAbility(ctx.actor, 'links:write')
  await inTransaction(ctx, async (tx) => {
    const deleted = await deleteLinkRow(tx.db, { teamId: member.teamId, name })
    if (deleted === undefined) throw notFound(name)
    await insertLinkChange(tx.db, deleted.slug, tx.now())
    await insertLinkErasure(tx.db, deleted.id)
    tx.emit({ kind: 'link-changed', slug: deleted.slug })
    tx.emit({ kind: 'link-deleted' })
    await publishEvent(tx, member.teamId, { event: 'link.deleted', data: linkFacts(deleted) })
  })
}

function notFound(name: LinkName): DomainError {
  return new DomainError('link-not-found', { link: String('id' in name ? name.id : name.slug) })
}

async function count(ctx: Ctx, link: Link): Promise<CountedLink> {
  const [counted] = await countAll(ctx, [link])
  return counted ?? { link, clicks: 0, hasQrCode: false }
}

async function countAll(ctx: Ctx, links: readonly Link[]): Promise<readonly CountedLink[]> {
  const ids = links.map((link) => link.id)
  const totals = await ctx.clicks.totals(ids)
  const withQrCode = await findLinkIdsWithQr(ctx.db, ids)
  return links.map((link) => ({
    link,
    clicks: totals.get(link.id)?.clicks ?? 0,
    hasQrCode: withQrCode.has(link.id),
  }))
}
