import type { Services } from '#core/context.ts'
import type { Slug } from '#core/links/link.ts'

/** What a link's QR code says: the short link with the mark by which a redirect tells a scan from a click. */
export function qrAddress(services: Services, slug: Slug): string {
  return `${services.settings.baseUrl}/${slug}?qr=1`
}
