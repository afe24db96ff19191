import { type Ctx, inTransaction, type Services } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import { createLink } from '#core/links/create-link.ts'
import { type Link, parseTargetUrl, parseTitle, type Slug } from '#core/links/link.ts'
import { findLink, insertLinkChange, updateLinkRow } from '#core/links/link-queries.ts'
import { requireAbility } from '#core/permissions.ts'
import { linkFacts } from '#core/webhooks/link-facts.ts'
import { publishEvent } from '#core/webhooks/publish-event.ts'
import type { SharedFile } from './file.ts'
import { downloadUrl } from './file-address.ts'
import { findFileLinkId, insertFileLink } from './file-queries.ts'
import { getOwnFile } from './own-file.ts'
import { recordFile } from './record-file.ts'

/** As long as the title of a link can be. */
const MAX_TITLE_LENGTH = 200

/**
 * Give a file of the acting team a short link, counted against the month's allowance like any other. It expires when the
 * file does. A file has one at most.
 *
 * @param slug drawn at random when absent
 * @throws DomainError `unauthenticated`, `forbidden`, `file-not-found`, `file-linked`, `slug-taken` or `limit-reached`
 */
export async function linkFile(ctx: Ctx, publicId: string, slug: Slug | undefined): Promise<Link> {
  requireAbility(ctx.actor, 'links:write')
  return inTransaction(ctx, async (tx) => {
    const file = await getOwnFile(tx, publicId)
    const linked = await findFileLink(tx, file)
    if (linked !== undefined) throw new DomainError('file-linked', { slug: linked.slug })
    const link = await createLink(tx, {
      target: parseTargetUrl(downloadUrl(tx, file)),
      slug,
      title: parseTitle(Array.from(file.name).slice(0, MAX_TITLE_LENGTH).join('')),
      expiresAt: file.expiresAt ?? undefined,
      source: 'api',
    })
    if (!(await insertFileLink(tx.db, file.id, link.id)))
      throw new DomainError('file-linked', { slug: link.slug })
    await recordFile(tx, 'file.linked', file)
    return link
  })
}

/**
 * Switch off the short link of a file that goes, unless it leads elsewhere by now: what was counted stays, and whoever
 * follows a printed code is told that there is nothing. Deleting the link would also free its slug for anything.
 */
export async function closeFileLink(services: Services, file: SharedFile): Promise<void> {
  const link = await findFileLink(services, file)
  if (link === undefined || link.status === 'inactive' || link.target !== downloadUrl(services, file)) return
  const now = services.now()
  const name = { teamId: file.teamId, name: { id: link.id } }
  const updated = await updateLinkRow(services.db, name, { status: 'inactive' }, now)
  if (updated === undefined) return
  await insertLinkChange(services.db, updated.slug, now)
  services.emit({ kind: 'link-changed', slug: updated.slug })
  await publishEvent(services, file.teamId, { event: 'link.updated', data: linkFacts(services, updated) })
}

async function findFileLink({ db }: Services, file: SharedFile): Promise<Link | undefined> {
  const linkId = await findFileLinkId(db, file.id)
  return linkId === undefined ? undefined : findLink(db, file.teamId, { id: linkId })
}
