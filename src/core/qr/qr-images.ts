import type { Ctx, Services } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import { getQrCode } from './manage-qr-codes.ts'
import { qrAddress } from './qr-address.ts'
import { findPublicQrCode } from './qr-queries.ts'
import type { QrFormat } from './qr-style.ts'
import type { QrImage } from './render-qr.ts'

/**
 * The QR code of a link of the acting team, in its own format.
 *
 * @throws DomainError `unauthenticated`, `forbidden` or `qr-code-not-found`
 */
export async function renderQrCode(ctx: Ctx, slug: string): Promise<QrImage> {
  const { link, style } = await getQrCode(ctx, slug)
  return ctx.renderQr(qrAddress(ctx, link), style)
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
  return services.renderQr(qrAddress(services, code.link), { ...code.style, format })
}
