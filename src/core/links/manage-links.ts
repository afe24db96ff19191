import { findClickTotals } from '#core/clicks/click-queries.ts'
import { type Ctx, inTransaction } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import { requireAbility } from '#core/permissions.ts'
import type { Link } from './link.ts'
import {
  deleteLinkRow,
  findLinkById,
  findLinks,
  insertLinkChange,
  type LinkChanges,
  updateLinkRow,
} from './link-queries.ts'

/** A link and how often it was followed. */
export interface CountedLink {
  readonly link: Link
  readonly clicks: number
}

/** Part of a list. */
export interface LinkPage {
  readonly links: readonly CountedLink[]
  /** Whether the list goes on after this part. */
  readonly hasNext: boolean
}

/**
 * A link of the acting team.
 *
 * @throws DomainError `unauthenticated`, `forbidden` or `link-not-found`
 */
export async function getLink(ctx: Ctx, id: number): Promise<CountedLink> {
  const member = requireAbility(ctx.actor, 'links:read')
  const link = await findLinkById(ctx.db, member.teamId, id)
  if (link === undefined) throw new DomainError('link-not-found', { link: String(id) })
  return (await withClicks(ctx, [link]))[0] ?? { link, clicks: 0 }
}

/**
 * The acting team's links, newest first.
 *
 * @throws DomainError `unauthenticated` or `forbidden`
 */
export async function listLinks(
  ctx: Ctx,
  page: { readonly offset: number; readonly limit: number },
): Promise<LinkPage> {
  const member = requireAbility(ctx.actor, 'links:read')
  // One more than asked for tells whether the list goes on.
  const links = await findLinks(ctx.db, member.teamId, { offset: page.offset, limit: page.limit + 1 })
  return { links: await withClicks(ctx, links.slice(0, page.limit)), hasNext: links.length > page.limit }
}

/**
 * Change a link of the acting team; the next redirect follows the change.
 *
 * @throws DomainError `unauthenticated`, `forbidden` or `link-not-found`
 */
export async function updateLink(ctx: Ctx, id: number, changes: LinkChanges): Promise<CountedLink> {
  const member = requireAbility(ctx.actor, 'links:write')
  const link = await inTransaction(ctx, async (tx) => {
    const now = tx.now()
    const updated = await updateLinkRow(tx.db, { teamId: member.teamId, id }, changes, now)
    if (updated === undefined) throw new DomainError('link-not-found', { link: String(id) })
    await insertLinkChange(tx.db, updated.slug, now)
    tx.emit({ kind: 'link-changed', slug: updated.slug })
    return updated
  })
  return (await withClicks(ctx, [link]))[0] ?? { link, clicks: 0 }
}

/**
 * Delete a link of the acting team for good. Its slug is free at once; the month's allowance is not given back.
 *
 * @throws DomainError `unauthenticated`, `forbidden` or `link-not-found`
 */
export async function deleteLink(ctx: Ctx, id: number): Promise<void> {
  const member = requireAbility(ctx.actor, 'links:write')
  await inTransaction(ctx, async (tx) => {
    const slug = await deleteLinkRow(tx.db, { teamId: member.teamId, id })
    if (slug === undefined) throw new DomainError('link-not-found', { link: String(id) })
    await insertLinkChange(tx.db, slug, tx.now())
    tx.emit({ kind: 'link-changed', slug })
  })
}

async function withClicks(ctx: Ctx, links: readonly Link[]): Promise<readonly CountedLink[]> {
  const totals = await findClickTotals(
    ctx.clickDb,
    links.map((link) => link.id),
  )
  return links.map((link) => ({ link, clicks: totals.get(link.id) ?? 0 }))
}
