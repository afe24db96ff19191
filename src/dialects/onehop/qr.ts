import { z } from 'zod'
import { scanTotals } from '#core/clicks/reports.ts'
import type { Ctx } from '#core/context.ts'
import { slugOfLink } from '#core/links/link-names.ts'
import { contrastWarning } from '#core/qr/contrast.ts'
import {
  deleteQrCode,
  deleteQrLogo,
  getQrCode,
  hasLogo,
  type QrCode as LinkQrCode,
  setQrLogo,
} from '#core/qr/manage-qr-codes.ts'
import { putQrCode } from '#core/qr/put-qr-code.ts'
import { previewQrCode } from '#core/qr/qr-images.ts'
import { MAX_LOGO_BYTES, parseLogo } from '#core/qr/qr-logo.ts'
import { parseQrStyle } from '#core/qr/qr-style.ts'
import { listsTag } from '#http/entity-tags.ts'
import { readBody } from '#http/read-json.ts'
import { endpoint } from './endpoint.ts'
import { integerParameter } from './wire/fields.ts'
import { QrCode, QrStyle } from './wire/qr.ts'

const PATH = '/links/{link}/qr'
const PARAMETERS = { link: 'The id of a link, or its slug.' }

/** The QR code of a link. */
export const qrEndpoints = [
  endpoint({
    method: 'GET',
    path: PATH,
    summary: 'The QR code of a link',
    tag: 'QR codes',
    access: 'qr:read',
    parameters: PARAMETERS,
    answer: QrCode,
    problems: ['link-not-found', 'qr-code-not-found'],
    handle: async ({ ctx, params }) => toWire(ctx, await getQrCode(ctx, await slugOfLink(ctx, params.link))),
  }),
  endpoint({
    method: 'PUT',
    path: PATH,
    summary: 'Give a link its QR code, or draw it differently',
    description: 'What is absent stays as it is. A new code is counted against the month’s allowance.',
    tag: 'QR codes',
    access: 'qr:write',
    parameters: PARAMETERS,
    body: QrStyle,
    answer: QrCode,
    problems: ['link-not-found', 'limit-reached'],
    handle: async ({ ctx, params, body }) => {
      const changes = parseQrStyle({ ...body, sizePx: body.size_px, errorCorrection: body.error_correction })
      const { code } = await putQrCode(ctx, await slugOfLink(ctx, params.link), changes)
      return toWire(ctx, code)
    },
  }),
  endpoint({
    method: 'DELETE',
    path: PATH,
    summary: 'Take the QR code from a link',
    tag: 'QR codes',
    access: 'qr:write',
    parameters: PARAMETERS,
    status: 204,
    problems: ['link-not-found', 'qr-code-not-found'],
    handle: async ({ ctx, params }) => deleteQrCode(ctx, await slugOfLink(ctx, params.link)),
  }),
  endpoint({
    method: 'PUT',
    path: `${PATH}/logo`,
    summary: 'Put a logo in the middle of the QR code',
    description:
      'The code is then drawn with the most error correction that has room for its text. Only the pixels are kept, at 240 by 240.',
    tag: 'QR codes',
    access: 'qr:write',
    parameters: PARAMETERS,
    streamedBody: {
      mediaType: 'image/png',
      description: 'A PNG of at most 256 KiB and 1,024 pixels a side.',
    },
    answer: QrCode,
    problems: ['link-not-found', 'qr-code-not-found'],
    handle: async ({ ctx, params, request }) => {
      const slug = await slugOfLink(ctx, params.link)
      const logo = parseLogo(await readBody(request, MAX_LOGO_BYTES))
      return toWire(ctx, await setQrLogo(ctx, slug, logo))
    },
  }),
  endpoint({
    method: 'DELETE',
    path: `${PATH}/logo`,
    summary: 'Take the logo from the QR code',
    tag: 'QR codes',
    access: 'qr:write',
    parameters: PARAMETERS,
    status: 204,
    problems: ['link-not-found', 'qr-code-not-found'],
    handle: async ({ ctx, params }) => deleteQrLogo(ctx, await slugOfLink(ctx, params.link)),
  }),
  endpoint({
    method: 'GET',
    path: `${PATH}/image`,
    summary: 'The QR code as a file, or what it would look like',
    description:
      'The parameters change the style of this one image. For a link without a QR code it is a sample, which leads to this installation.',
    tag: 'QR codes',
    access: 'qr:read',
    parameters: PARAMETERS,
    query: {
      color: z.string().optional(),
      background: z.string().optional(),
      size_px: integerParameter(100, 1000).optional(),
      format: z.string().optional(),
      error_correction: z.string().optional(),
    },
    headers: { 'If-None-Match': 'The `ETag` of the image as it is known.' },
    mediaTypes: { 'image/png': undefined, 'image/svg+xml': undefined },
    otherAnswers: { 304: { description: 'It is the same.' } },
    problems: ['link-not-found', 'invalid-input'],
    handle: async ({ ctx, params, query, request }) => {
      const changes = parseQrStyle({
        ...query,
        sizePx: query.size_px,
        errorCorrection: query.error_correction,
      })
      const image = await previewQrCode(ctx, await slugOfLink(ctx, params.link), changes)
      const headers = {
        etag: `"${image.digest}"`,
        'cache-control': 'private, no-cache',
        // A drawing is opened as a picture, and not as a page of ours.
        'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox",
      }
      const known = request.headers.get('if-none-match')
      if (known !== null && listsTag(known, headers.etag, true))
        return new Response(null, { status: 304, headers })
      return new Response(image.body, { headers: { ...headers, 'content-type': image.contentType } })
    },
  }),
]

async function toWire(ctx: Ctx, code: LinkQrCode): Promise<QrCode> {
  const { link, style } = code
  const warning = contrastWarning(style.color, style.background)
  return {
    color: style.color,
    background: style.background,
    size_px: style.sizePx,
    format: style.format,
    error_correction: style.errorCorrection,
    has_logo: await hasLogo(ctx, code),
    scans: (await scanTotals(ctx, [link.id])).get(link.id) ?? 0,
    image_url: `${ctx.settings.baseUrl}/storage/qr/${link.slug}.${style.format}`,
    warnings: warning === undefined ? [] : [warning],
  }
}
