import { type Ctx, inTransaction, type Services } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import { requireAbility } from '#core/permissions.ts'
import type { SharedFile } from './file.ts'
import { closeFileLink } from './file-links.ts'
import { deleteFileRow, findTeamFiles } from './file-queries.ts'
import { getOwnFile } from './own-file.ts'
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
  return findTeamFiles(ctx.db, member.teamId, ctx.now(), MAX_LISTED)
}

/**
 * Delete a file of the acting team. It cannot be downloaded from now on, downloads that have begun go on to their end,
 * and its bytes are erased soon. Its short link is switched off, and keeps what was counted.
 *
 * @throws DomainError `unauthenticated`, `forbidden` or `file-not-found`
 */
export async function deleteFile(ctx: Ctx, publicId: string): Promise<void> {
  const file = await getOwnFile(ctx, publicId)
  if (!(await removeFile(ctx, file))) throw new DomainError('file-not-found', { id: publicId })
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
