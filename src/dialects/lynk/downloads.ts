import { type Context, Hono } from 'hono'
import { DomainError } from '#core/errors.ts'
import { countDownload, getDownload, openDownload, unlockDownload } from '#core/files/download-file.ts'
import type { SharedFile } from '#core/files/file.ts'
import type { Env } from '#http/dialect.ts'
import { readBody } from '#http/read-json.ts'
import { sendFile } from '#http/send-file.ts'
import { lockedPage, missingPage, passwordPage } from './download-pages.ts'

/** A password and what a form puts around it. */
const MAX_FORM_BYTES = 16 * 1024

/** Downloads, for whoever knows the address. Source: contract "Download (Public)". */
export function downloads(): Hono<Env> {
  return new Hono<Env>()
    .get('/:id', (c) =>
      answer(c, async () => {
        const file = await getDownload(c.var.ctx, c.req.param('id'))
        // Whatever is asked for: nothing of the file is told before its password is.
        return file.passwordHash === null ? send(c, file) : passwordPage({ isWrong: false })
      }),
    )
    .post('/:id', (c) =>
      answer(c, async () => {
        const password = await readPassword(c.req.raw)
        const clientKey = c.env.client.limitKey
        return send(c, await unlockDownload(c.var.ctx, c.req.param('id'), { password, clientKey }))
      }),
    )
}

function send(c: Context<Env>, file: SharedFile): Response {
  const { ctx } = c.var
  return sendFile(c.req.raw, {
    name: file.name,
    mediaType: file.mediaType,
    sizeBytes: file.sizeBytes,
    sha256: file.sha256,
    modifiedAt: file.createdAt,
    isCacheable: file.passwordHash === null,
    open: () => openDownload(ctx, file),
    onDownloaded: () => countDownload(ctx, file),
  })
}

/** Refusals that people meet are pages for browsers; programs get them as the API's other errors. */
async function answer(c: Context<Env>, respond: () => Promise<Response>): Promise<Response> {
  try {
    return await respond()
  } catch (error) {
    const isBrowser = c.req.header('accept')?.includes('text/html') === true
    const page = isBrowser && error instanceof DomainError ? pageFor(error) : undefined
    if (page === undefined) throw error
    return page
  }
}

function pageFor(error: DomainError): Response | undefined {
  if (isRefusal(error, 'file-not-found')) return missingPage()
  if (isRefusal(error, 'file-password-wrong')) return passwordPage({ isWrong: true })
  if (isRefusal(error, 'rate-limited')) return lockedPage(error.details.retryAfterS)
  return undefined
}

function isRefusal<C extends DomainError['code']>(error: DomainError, code: C): error is DomainError<C> {
  return error.code === code
}

/**
 * The password of a form, as `curl -d`, `curl -F` and browsers send it.
 *
 * @throws DomainError `body-too-large` or `malformed-request`
 */
async function readPassword(request: Request): Promise<string> {
  const body = await readBody(request, MAX_FORM_BYTES)
  const headers = { 'content-type': request.headers.get('content-type') ?? '' }
  const form = await new Response(body.slice(), { headers }).formData().catch(() => {
    throw new DomainError('malformed-request', { problem: 'the body must be a form with a password' })
  })
  const password = form.get('password')
  if (typeof password === 'string') return password
  throw new DomainError('malformed-request', { problem: 'the form has no field "password"' })
}
