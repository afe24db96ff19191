import type { Link } from './link.ts'
import { payloadSummary } from './payload.ts'

/** What a link is called where a title is shown: its own title, else its page's, else where it leads or what it holds. */
export function linkTitle(link: Link): string {
  return link.title ?? link.pageTitle ?? linkSummary(link) ?? new URL(link.target ?? '').host
}

/** What a typed link is about, in one line; null for one that redirects. */
export function linkSummary({ payload }: Pick<Link, 'payload'>): string | null {
  return payload === null ? null : payloadSummary(payload)
}
