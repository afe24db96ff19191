import type { Services } from '#core/context.ts'
import { linkDestination } from '#core/links/link-address.ts'
import type { Link } from '#core/links/link.ts'
import type { LinkFacts } from './webhook-event.ts'

/** What receivers are told of a link; nothing of what a typed one holds. Source: contract "Webhooks", `link.created`. */
export function linkFacts({ settings }: Services, link: Link): LinkFacts {
  return { id: link.publicId, slug: link.slug, url: linkDestination(settings.baseUrl, link) }
}
