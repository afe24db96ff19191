import { Hono } from 'hono'
import type { Ctx } from '#core/context.ts'
import { downloadUrl } from '#core/files/file-address.ts'
import type { SharedFile } from '#core/files/file.ts'
import { deleteFile, listFiles } from '#core/files/manage-files.ts'
import type { Env } from '#http/dialect.ts'
import { receiveFile } from '#http/receive-file.ts'

/** Uploading, listing and deleting files. Source: contract "File Sharing API". */
export function files(): Hono<Env> {
  return new Hono<Env>()
    .post('/', async (c) => {
      const { ctx } = c.var
      const file = await receiveFile(ctx, c.req.raw)
      return c.json({ success: true, id: file.publicId, url: downloadUrl(ctx, file) })
    })
    .get('/', async (c) => {
      const { ctx } = c.var
      return c.json((await listFiles(ctx)).map((file) => toWire(ctx, file)))
    })
    .delete('/:id', async (c) => {
      await deleteFile(c.var.ctx, c.req.param('id'))
      return c.json({ success: true })
    })
}

/** A file as lynk shows it. Source: contract "List Your Files". */
function toWire(ctx: Ctx, file: SharedFile) {
  return {
    id: file.publicId,
    original_name: file.name,
    size: file.sizeBytes,
    mime_type: file.mediaType,
    has_password: file.passwordHash !== null,
    download_count: file.downloads,
    created_at: wireTime(file.createdAt),
    expires_at: file.expiresAt === null ? null : wireTime(file.expiresAt),
    download_url: downloadUrl(ctx, file),
  }
}

/** `2026-03-22 10:30:00`, UTC. */
function wireTime(instant: Date): string {
  return instant.toISOString().slice(0, 19).replace('T', ' ')
}
