import { linkDestination } from '#core/links/link-address.ts'
import type { Link } from '#core/links/link.ts'
import type { LinkFacts } from './webhook-event.ts'

/**
 * What receivers are told of a link. Source: contract "Webhooks", `link.created`.
 *
 * @param baseUrl where short links live, without a slash at the end
 */
export function linkFacts(baseUrl: string, link: Link): LinkFacts {
  return { id: link.publicId, slug: link.slug, url: linkDestination(baseUrl, link) }
}
