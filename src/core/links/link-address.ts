import type { Link } from './link.ts'

/** Where a typed link shows itself, on this server: `/l/` and the slug. */
export function pagePath(slug: string): string {
  return `/l/${slug}`
}

/**
 * What is printed and passed on for a link: its short address, or that of its page.
 *
 * @param baseUrl where short links live, without a slash at the end
 */
export function linkAddress(baseUrl: string, { kind, slug }: Pick<Link, 'kind' | 'slug'>): string {
  return `${baseUrl}${kind === 'url' ? `/${slug}` : pagePath(slug)}`
}

/**
 * Where a link leads in the end: its target, or its page.
 *
 * @param baseUrl where short links live, without a slash at the end
 */
export function linkDestination(baseUrl: string, link: Pick<Link, 'kind' | 'slug' | 'target'>): string {
  return link.target ?? linkAddress(baseUrl, link)
}
