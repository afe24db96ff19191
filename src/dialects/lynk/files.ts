import { Hono } from 'hono'
import { parseEmail } from '#core/accounts/account.ts'
import type { Ctx } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import { downloadUrl } from '#core/files/file-address.ts'
import {
  parseExpiryDays,
  parseFileName,
  parseFilePassword,
  parseMediaType,
  type SharedFile,
} from '#core/files/file.ts'
import { deleteFile, listFiles } from '#core/files/manage-files.ts'
import { beginUpload, type FileWish } from '#core/files/upload-file.ts'
import { requireAbility } from '#core/permissions.ts'
import type { Env } from '#http/dialect.ts'
import { drainBody, type FormFile, formBoundary, readForm } from '#http/read-form.ts'

/** Uploading, listing and deleting files. Source: contract "File Sharing API". */
export function files(): Hono<Env> {
  return new Hono<Env>()
    .post('/', async (c) => {
      const { ctx } = c.var
      try {
        const file = await receiveFile(ctx, c.req.raw)
        return c.json({ success: true, id: file.publicId, url: downloadUrl(ctx, file) })
      } catch (error) {
        await drainBody(c.req.raw)
        throw error
      }
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

/** Take in the one file of a form and what the other fields say of it, in whatever order they come. */
async function receiveFile(ctx: Ctx, request: Request): Promise<SharedFile> {
  requireAbility(ctx.actor, 'files:write')
  const boundary = formBoundary(request.headers)
  const length = request.headers.get('content-length')
  await using upload = await beginUpload(ctx, length === null ? undefined : Number(length))
  const fields = new Map<string, string>()
  const form: Form = { file: undefined, sizeBytes: 0 }
  await readForm(request, boundary, {
    onField(name, value) {
      if (fields.has(name)) throw invalid(name, 'must be given once')
      fields.set(name, value)
      // What is wrong before the file is refused before it is sent.
      parseWish(fields)
    },
    onFile(file) {
      if (form.file !== undefined) throw invalid('file', 'must be exactly one file')
      if (file.field !== 'file') throw invalid(file.field, 'is no field for a file; "file" is')
      form.file = file
    },
    onFileBytes(chunk) {
      form.sizeBytes += chunk.length
      return upload.write(chunk)
    },
  })
  const { fileName, contentType } = requireFile(form)
  // Waited for here: the upload is disposed of when this function ends.
  return await upload.finish({
    name: parseFileName(fileName),
    mediaType: parseMediaType(contentType),
    ...parseWish(fields),
  })
}

interface Form {
  file: FormFile | undefined
  sizeBytes: number
}

/** The fields beside the file; one that is left empty is as good as none. */
function parseWish(fields: ReadonlyMap<string, string>): Pick<FileWish, 'password' | 'email' | 'expiryDays'> {
  const password = fields.get('password') ?? ''
  const email = fields.get('email')?.trim() ?? ''
  const expiry = fields.get('expires_in_days')?.trim() ?? ''
  if (fields.has('file')) throw invalid('file', 'must be a file, sent with a file name')
  return {
    password: password === '' ? null : parseFilePassword(password),
    email: email === '' ? null : parseEmail(email),
    expiryDays: expiry === '' ? null : parseExpiryDays(expiry),
  }
}

/** A browser sends a nameless file of nothing where none was chosen. */
function requireFile({ file, sizeBytes }: Form): FormFile {
  if (file === undefined || (file.fileName === '' && sizeBytes === 0)) throw invalid('file', 'is required')
  return file
}

function invalid(field: string, problem: string): DomainError {
  return new DomainError('invalid-input', { problems: [{ field: field.slice(0, 60), problem }] })
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
