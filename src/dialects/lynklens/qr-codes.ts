import { Hono, type Context } from 'hono'
import { actInTeamOfLink } from '#core/accounts/act-in-team.ts'
import { scanSeries, scanTotal, scanTotals } from '#core/clicks/reports.ts'
import { DomainError } from '#core/errors.ts'
import { linkDestination } from '#core/links/link-address.ts'
import { linkTitle } from '#core/links/link-title.ts'
import { contrastWarning } from '#core/qr/contrast.ts'
import { createQrCode } from '#core/qr/create-qr-code.ts'
import { deleteQrCode, getQrCode, listQrCodes, type QrCode, updateQrCode } from '#core/qr/manage-qr-codes.ts'
import { renderPublicQr, renderQrCode } from '#core/qr/qr-images.ts'
import { parseQrFormat, parseQrStyle } from '#core/qr/qr-style.ts'
import type { QrImage } from '#core/qr/render-qr.ts'
import type { Env } from '#http/dialect.ts'
import { readJson } from '#http/read-json.ts'
import { queryInt, queryText } from '#http/read-query.ts'
import { page, success, timestamp } from './envelope.ts'
import { body, requiredText, text, wholeNumber } from './fields.ts'
import { periodName, reportBots, reportWindow } from './report-query.ts'

/** Source: contract "/v1/qr-codes"; `error_correction` is ours. */
const STYLE = {
  color: text.nullish(),
  background_color: text.nullish(),
  size: wholeNumber.nullish(),
  format: text.nullish(),
  error_correction: text.nullish(),
}
const CreateBody = body({ link_slug: requiredText, ...STYLE })
const UpdateBody = body(STYLE)

/** @param baseUrl what addresses of images begin with, without a slash at the end */
export function qrCodes(baseUrl: string): Hono<Env> {
  const toWire = ({ link, style, createdAt, updatedAt }: QrCode) => ({
    link_slug: link.slug,
    link_url: `${baseUrl}/${link.slug}`,
    long_url: linkDestination(baseUrl, link),
    title: linkTitle(link),
    qr_image_url: `${baseUrl}/storage/qr/${link.slug}.${style.format}`,
    color: style.color,
    background_color: style.background,
    size: style.sizePx,
    format: style.format,
    error_correction: style.errorCorrection,
    warnings: [contrastWarning(style.color, style.background)].filter((warning) => warning !== undefined),
    created_at: timestamp(createdAt),
    updated_at: timestamp(updatedAt),
  })

  return new Hono<Env>()
    .post('/', async (c) => {
      const { link_slug: slug, ...style } = await readJson(c.req, CreateBody)
      const created = await createQrCode(await actInTeamOfLink(c.var.ctx, slug), {
        slug,
        style: parseStyle(style),
      })
      return c.json(success(toWire(created), 'QR code created successfully.'), 201)
    })
    .get('/', async (c) => {
      const position = {
        page: queryInt(c.req, 'page', { min: 1, max: 1_000_000, default: 1 }),
        perPage: queryInt(c.req, 'per_page', { min: 1, max: 100, default: 25 }),
      }
      const slice = { offset: (position.page - 1) * position.perPage, limit: position.perPage }
      const found = await listQrCodes(c.var.ctx, slice)
      const scans = await scanTotals(
        c.var.ctx,
        found.qrCodes.map((code) => code.link.id),
      )
      const rows = found.qrCodes.map((code) => ({
        ...toWire(code),
        total_scans: scans.get(code.link.id) ?? 0,
      }))
      return c.json(page(rows, { ...position, total: found.total }))
    })
    .get('/:slug', async (c) => {
      const { ctx, slug } = await inTeamOfQrCode(c)
      const code = await getQrCode(ctx, slug)
      const scans = await scanTotals(ctx, [code.link.id])
      return c.json(success({ ...toWire(code), total_scans: scans.get(code.link.id) ?? 0 }))
    })
    .on(['PUT', 'PATCH'], '/:slug', async (c) => {
      const style = parseStyle(await readJson(c.req, UpdateBody))
      const { ctx, slug } = await inTeamOfQrCode(c)
      return c.json(success(toWire(await updateQrCode(ctx, slug, style)), 'QR code updated successfully.'))
    })
    .delete('/:slug', async (c) => {
      const { ctx, slug } = await inTeamOfQrCode(c)
      await deleteQrCode(ctx, slug)
      return c.json(success([], 'QR code deleted successfully.'))
    })
    .get('/:slug/image', async (c) => {
      const { ctx, slug } = await inTeamOfQrCode(c)
      const encoding = queryText(c.req, 'encoding')
      if (encoding !== undefined && encoding !== 'base64')
        throw new DomainError('invalid-parameter', { parameter: 'encoding', problem: 'must be base64' })
      const image = await renderQrCode(ctx, slug)
      if (encoding === undefined) return imageResponse(image, c.req.raw, 'private, no-cache')
      const base64 = Buffer.from(image.body).toString('base64')
      return c.json(success({ image: `data:${image.contentType};base64,${base64}` }))
    })
    .get('/:slug/scans', async (c) => {
      const { ctx, slug } = await inTeamOfQrCode(c)
      const window = reportWindow(c.req, { unit: 'day', units: 7 })
      const series = await scanSeries(ctx, slug, { window, bots: reportBots(c.req) })
      const scans = series.map(({ startMs, clicks }) => ({
        date: periodName(window.unit, startMs),
        scans: clicks,
      }))
      return c.json(success({ scans, ...window }))
    })
    .get('/:slug/scans/summary', async (c) => {
      const { ctx, slug } = await inTeamOfQrCode(c)
      const window = reportWindow(c.req, { unit: 'month', units: 1 })
      return c.json(
        success({ total_scans: await scanTotal(ctx, slug, { window, bots: reportBots(c.req) }), ...window }),
      )
    })
}

/** Public images at `/storage/qr/{slug}.png` and `.svg`. */
export function qrImages(): Hono<Env> {
  return new Hono<Env>().get('/:file{[A-Za-z0-9_-]+\\.(?:png|svg)}', async (c) => {
    const [slug = '', format = ''] = c.req.param('file').split('.')
    const image = await renderPublicQr(c.var.ctx, slug, parseQrFormat(format))
    return imageResponse(image, c.req.raw, `public, max-age=${PUBLIC_TTL_S}`)
  })
}

/** How long a copy of a public image may go unasked: a new style is seen after this long at most. */
const PUBLIC_TTL_S = 300

function imageResponse(image: QrImage, request: Request, caching: string): Response {
  const etag = `"${image.digest}"`
  const headers = { etag, 'cache-control': caching }
  // RFC 9110 §13.1.2: a list of tags, weak ones compare alike.
  const known = request.headers
    .get('if-none-match')
    ?.split(',')
    .map((tag) => tag.trim().replace(/^W\//, ''))
  if (known?.includes(etag) === true || known?.includes('*') === true)
    return new Response(null, { status: 304, headers })
  return new Response(image.body, {
    headers: {
      ...headers,
      'content-type': image.contentType,
      // An SVG opened by itself is a document; nothing in it may run or load.
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    },
  })
}

/** The team of the link whose code is named; without one there is no such code. */
async function inTeamOfQrCode(c: Context<Env>) {
  const slug = c.req.param('slug') ?? ''
  const ctx = await actInTeamOfLink(c.var.ctx, slug).catch((error: unknown) => {
    if (error instanceof DomainError && error.code === 'link-not-found')
      throw new DomainError('qr-code-not-found', { slug })
    throw error
  })
  return { ctx, slug }
}

function parseStyle(fields: {
  readonly color?: string | null | undefined
  readonly background_color?: string | null | undefined
  readonly size?: number | null | undefined
  readonly format?: string | null | undefined
  readonly error_correction?: string | null | undefined
}) {
  return parseQrStyle({
    color: fields.color ?? undefined,
    background: fields.background_color ?? undefined,
    sizePx: fields.size ?? undefined,
    format: fields.format ?? undefined,
    errorCorrection: fields.error_correction ?? undefined,
  })
}
