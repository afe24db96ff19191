import type { Link } from '#core/links/link.ts'
import type { LinkFacts } from './webhook-event.ts'

/** What receivers are told of a link. Source: contract "Webhooks", `link.created`. */
export function linkFacts({ publicId, slug, target }: Link): LinkFacts {
  return { id: publicId, slug, url: target }
}
