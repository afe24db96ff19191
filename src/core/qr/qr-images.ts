import type { Ctx, Services } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import { findLink } from '#core/links/link-queries.ts'
import { requireAbility } from '#core/permissions.ts'
import { getQrCode } from './manage-qr-codes.ts'
import { qrAddress } from './qr-address.ts'
import { findPublicQrCode, findQrCode, findQrLogo } from './qr-queries.ts'
import { changeQrStyle, DEFAULT_QR_STYLE, type QrFormat, type QrStyleChanges } from './qr-style.ts'
import type { QrImage } from './render-qr.ts'

/**
 * The QR code of a link of the acting team, in its own format.
 *
 * @throws DomainError `unauthenticated`, `forbidden` or `qr-code-not-found`
 */
export async function renderQrCode(ctx: Ctx, slug: string): Promise<QrImage> {
  const { link, style } = await getQrCode(ctx, slug)
  return ctx.renderQr(qrAddress(ctx, link), style, await findQrLogo(ctx.db, link.id))
}

/**
 * What the QR code of a link of the acting team would look like with some of its style changed. A link that has none is
 * shown a sample in the usual style, which leads to this installation: a code of its own is counted against the allowance.
 *
 * @throws DomainError `unauthenticated`, `forbidden`, `link-not-found` or `qr-style-invalid`
 */
export async function previewQrCode(ctx: Ctx, slug: string, changes: QrStyleChanges): Promise<QrImage> {
  const { teamId } = requireAbility(ctx.actor, 'qr:read')
  const link = await findLink(ctx.db, teamId, { slug })
  if (link === undefined) throw new DomainError('link-not-found', { link: slug })
  const code = await findQrCode(ctx.db, link.id)
  if (code === undefined)
    return ctx.renderQr(`${ctx.settings.baseUrl}/?sample`, changeQrStyle(DEFAULT_QR_STYLE, changes))
  const logo = await findQrLogo(ctx.db, link.id)
  return ctx.renderQr(qrAddress(ctx, link), changeQrStyle(code.style, changes), logo)
}

/**
 * The QR code of any link, in any format, for whoever asks: it is there to be printed on posters, and says no more
 * than its short link.
 *
 * @throws DomainError `qr-code-not-found`
 */
export async function renderPublicQr(services: Services, slug: string, format: QrFormat): Promise<QrImage> {
  const code = await findPublicQrCode(services.db, slug)
  if (code === undefined) throw new DomainError('qr-code-not-found', { slug })
  return services.renderQr(qrAddress(services, code.link), { ...code.style, format }, code.logo)
}
