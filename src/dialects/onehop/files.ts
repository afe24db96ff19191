import type { Ctx } from '#core/context.ts'
import { downloadUrl } from '#core/files/file-address.ts'
import { linkFile } from '#core/files/file-links.ts'
import { deleteFile, getFile, type LinkedFile, listFilePage } from '#core/files/manage-files.ts'
import { answerOnce } from '#core/idempotency/answer-once.ts'
import { parseSlug } from '#core/links/link.ts'
import { drainBody } from '#http/read-form.ts'
import { receiveFile } from '#http/receive-file.ts'
import { endpoint } from './endpoint.ts'
import { nextCursor, parseCursor } from './list-cursor.ts'
import { cursorParameter, limitParameter, listOf } from './wire/fields.ts'
import { FileForm, FileLink, FileLinkNew, SharedFile } from './wire/files.ts'

/** Shared files. */
export const fileEndpoints = [
  endpoint({
    method: 'GET',
    path: '/files',
    summary: 'Files of the team, newest first',
    tag: 'Files',
    access: 'files:read',
    query: { limit: limitParameter(100), cursor: cursorParameter },
    answer: listOf(SharedFile),
    handle: async ({ ctx, query: { limit, cursor } }) => {
      const { files, hasNext } = await listFilePage(ctx, { beforeId: parseCursor(cursor), limit })
      const rows = files.map(({ file }) => file)
      return { data: files.map((file) => fileToWire(ctx, file)), next_cursor: nextCursor(rows, hasNext) }
    },
  }),
  endpoint({
    method: 'POST',
    path: '/files',
    summary: 'Upload a file',
    description: 'The form can have its fields in any order; the file is stored as it arrives.',
    tag: 'Files',
    access: 'files:write',
    streamedBody: { mediaType: 'multipart/form-data', description: 'One file.', schema: FileForm },
    creates: 'the file',
    status: 201,
    answer: SharedFile,
    problems: ['file-too-large', 'file-quota-reached', 'rate-limited'],
    handle: async ({ ctx, request, idempotencyKey, setHeader }) => {
      const receive = async () => fileToWire(ctx, { file: await receiveFile(ctx, request), link: undefined })
      if (idempotencyKey === undefined) return receive()
      // The file itself is not compared: what it is like is known when it has arrived.
      const parts = ['POST', '/files', request.headers.get('content-length') ?? '']
      const { answer, isReplayed } = await answerOnce(ctx, { key: idempotencyKey, parts }, async () => ({
        answer: JSON.stringify(await receive()),
        isFinal: true,
      }))
      if (isReplayed) {
        await drainBody(request)
        setHeader('idempotent-replayed', 'true')
      }
      return SharedFile.parse(JSON.parse(answer))
    },
  }),
  endpoint({
    method: 'GET',
    path: '/files/{id}',
    summary: 'One file',
    tag: 'Files',
    access: 'files:read',
    answer: SharedFile,
    problems: ['file-not-found'],
    handle: async ({ ctx, params }) => fileToWire(ctx, await getFile(ctx, params.id)),
  }),
  endpoint({
    method: 'DELETE',
    path: '/files/{id}',
    summary: 'Delete a file',
    description: 'Its short link is switched off, and keeps what was counted.',
    tag: 'Files',
    access: 'files:write',
    status: 204,
    problems: ['file-not-found'],
    handle: ({ ctx, params }) => deleteFile(ctx, params.id),
  }),
  endpoint({
    method: 'POST',
    path: '/files/{id}/link',
    summary: 'Make a short link to a file',
    tag: 'Files',
    access: 'links:write',
    body: FileLinkNew,
    creates: 'the link',
    status: 201,
    answer: FileLink,
    problems: ['file-not-found', 'file-linked', 'slug-taken', 'limit-reached'],
    handle: async ({ ctx, params, body: { slug } }) => {
      const link = await linkFile(ctx, params.id, slug ? parseSlug(slug) : undefined)
      return {
        id: link.publicId,
        slug: link.slug,
        short_url: `${ctx.settings.baseUrl}/${link.slug}`,
        target: link.target,
        title: link.title,
        expires_at: link.expiresAt?.toISOString() ?? null,
      }
    },
  }),
]

function fileToWire(ctx: Ctx, { file, link }: LinkedFile): SharedFile {
  return {
    id: file.publicId,
    name: file.name,
    size_bytes: file.sizeBytes,
    media_type: file.mediaType,
    has_password: file.passwordHash !== null,
    download_count: file.downloads,
    created_at: file.createdAt.toISOString(),
    expires_at: file.expiresAt?.toISOString() ?? null,
    download_url: downloadUrl(ctx, file),
    link:
      link === undefined
        ? null
        : { id: link.publicId, slug: link.slug, short_url: `${ctx.settings.baseUrl}/${link.slug}` },
  }
}
