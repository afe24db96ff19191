import type { Ctx } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import { requireAbility } from '#core/permissions.ts'
import { isFileId, type SharedFile } from './file.ts'
import { findFile } from './file-queries.ts'

/**
 * A file of the acting team that it may change.
 *
 * @throws DomainError `unauthenticated`, `forbidden` or `file-not-found`
 */
export async function getOwnFile(ctx: Ctx, publicId: string): Promise<SharedFile> {
  const member = requireAbility(ctx.actor, 'files:write')
  const file = isFileId(publicId) ? await findFile(ctx.db, publicId, ctx.now()) : undefined
  if (file === undefined || file.teamId !== member.teamId)
    throw new DomainError('file-not-found', { id: publicId })
  return file
}
