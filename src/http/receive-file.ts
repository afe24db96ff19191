import { parseEmail } from '#core/accounts/account.ts'
import type { Ctx } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import {
  parseExpiryDays,
  parseFileName,
  parseFilePassword,
  parseMediaType,
  type SharedFile,
} from '#core/files/file.ts'
import { beginUpload, type FileWish } from '#core/files/upload-file.ts'
import { requireAbility } from '#core/permissions.ts'
import { drainBody, type FormFile, formBoundary, readForm } from './read-form.ts'

/**
 * Take in the one file of a `multipart/form-data` request, as it arrives, and what its other fields say of it, in whatever
 * order they come: `password`, `email` and `expires_in_days`, beside the `file`. What is left of a request that is
 * refused is read to no purpose for some seconds, so that its client hears why.
 *
 * @throws DomainError `unauthenticated`, `forbidden`, `malformed-request`, `invalid-input`, `email-invalid`,
 *   `file-too-large`, `file-quota-reached` or `rate-limited`
 */
export async function receiveFile(ctx: Ctx, request: Request): Promise<SharedFile> {
  try {
    return await receive(ctx, request)
  } catch (error) {
    await drainBody(request)
    throw error
  }
}

async function receive(ctx: Ctx, request: Request): Promise<SharedFile> {
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
