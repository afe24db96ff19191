import type { Services } from '#core/context.ts'
import type { Link } from '#core/links/link.ts'
import { linkAddress } from '#core/links/link-address.ts'

/** What a link's QR code says: the link's address with the mark by which a scan is told from a click. */
export function qrAddress(services: Services, link: Pick<Link, 'kind' | 'slug'>): string {
  return `${linkAddress(services.settings.baseUrl, link)}?qr=1`
}
