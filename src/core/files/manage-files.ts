import { type Ctx, inTransaction, type Services } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import type { Link } from '#core/links/link.ts'
import { findLinksByIds } from '#core/links/link-queries.ts'
import { requireAbility } from '#core/permissions.ts'
import type { SharedFile } from './file.ts'
import { closeFileLink } from './file-links.ts'
import { deleteFileRow, findFileLinkIds, findTeamFiles } from './file-queries.ts'
import { getOwnFile } from './own-file.ts'
import { recordFile } from './record-file.ts'
import { insertErasure, releaseFileRoom } from './upload-queries.ts'

/** The longest list that is shown: more than any plan but an unlimited one can have. */
const MAX_LISTED = 50_000

/**
 * The acting team's files, newest first.
 *
 * @throws DomainError `unauthenticated` or `forbidden`
 */
export async function listFiles(ctx: Ctx): Promise<readonly SharedFile[]> {
  const member = requireAbility(ctx.actor, 'files:read')
  return findTeamFiles(ctx.db, member.teamId, ctx.now(), { limit: MAX_LISTED })
}

/** A file, and the short link it was given. */
export interface LinkedFile {
  readonly file: SharedFile
  readonly link: Link | undefined
}

/**
 * Part of the acting team's files, newest first, and whether the list goes on.
 *
 * @throws DomainError `unauthenticated` or `forbidden`
 */
export async function listFilePage(
  ctx: Ctx,
  page: { readonly beforeId: number | undefined; readonly limit: number },
): Promise<{ readonly files: readonly LinkedFile[]; readonly hasNext: boolean }> {
  const { teamId } = requireAbility(ctx.actor, 'files:read')
  // One more than asked for tells whether the list goes on.
  const found = await findTeamFiles(ctx.db, teamId, ctx.now(), { ...page, limit: page.limit + 1 })
  return { files: await withLinks(ctx, found.slice(0, page.limit)), hasNext: found.length > page.limit }
}

/**
 * A file of the acting team.
 *
 * @throws DomainError `unauthenticated`, `forbidden` or `file-not-found`
 */
export async function getFile(ctx: Ctx, publicId: string): Promise<LinkedFile> {
  const file = await getOwnFile(ctx, publicId, 'files:read')
  const [linked] = await withLinks(ctx, [file])
  return linked ?? { file, link: undefined }
}

async function withLinks({ db }: Ctx, files: readonly SharedFile[]): Promise<readonly LinkedFile[]> {
  const [first] = files
  if (first === undefined) return []
  const linkIds = await findFileLinkIds(
    db,
    files.map(({ id }) => id),
  )
  const links = await findLinksByIds(db, first.teamId, [...linkIds.values()])
  return files.map((file) => ({ file, link: links.get(linkIds.get(file.id) ?? 0) }))
}

/**
 * Delete a file of the acting team. It cannot be downloaded from now on, downloads that have begun go on to their end,
 * and its bytes are erased soon. Its short link is switched off, and keeps what was counted.
 *
 * @throws DomainError `unauthenticated`, `forbidden` or `file-not-found`
 */
export async function deleteFile(ctx: Ctx, publicId: string): Promise<void> {
  const file = await getOwnFile(ctx, publicId)
  await inTransaction(ctx, async (tx) => {
    if (!(await removeFile(tx, file))) throw new DomainError('file-not-found', { id: publicId })
    await recordFile(tx, 'file.deleted', file)
  })
}

/**
 * Take a file out of the database, and note its bytes for erasure.
 *
 * @returns false when it was gone already
 */
export async function removeFile(services: Services, file: SharedFile): Promise<boolean> {
  return inTransaction(services, async (tx) => {
    await closeFileLink(tx, file)
    if (!(await deleteFileRow(tx.db, file.id))) return false
    await releaseFileRoom(tx.db, file.teamId, { files: 1, bytes: file.sizeBytes })
    await insertErasure(tx.db, { storageKey: file.storageKey, draftRef: null })
    tx.emit({ kind: 'file-deleted' })
    return true
  })
}
