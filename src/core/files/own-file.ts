import type { Ctx } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import { requireAbility } from '#core/permissions.ts'
import { isFileId, type SharedFile } from './file.ts'
import { findFile } from './file-queries.ts'

/**
 * A file of the acting team that the actor may change, or see.
 *
 * @throws DomainError `unauthenticated`, `forbidden` or `file-not-found`
 */
export async function getOwnFile(
  ctx: Ctx,
  publicId: string,
  ability: 'files:write' | 'files:read' = 'files:write',
): Promise<SharedFile> {
  const member = requireAbility(ctx.actor, ability)
  const file = isFileId(publicId) ? await findFile(ctx.db, publicId, ctx.now()) : undefined
  if (file === undefined || file.teamId !== member.teamId)
    throw new DomainError('file-not-found', { id: publicId })
  return file
}
