import type { OutgoingClient } from '#ports/outgoing/outgoing-client.ts'
import { OutgoingError } from '#ports/outgoing/outgoing-error.ts'
import { defaultFaviconUrl, type PageInfo, parsePageInfo } from './parse-page-info.ts'

export interface PageLimits {
  /** For everything, redirects included. */
  readonly timeoutMs: number
  /** Of the page, decoded; what comes after is not looked at. */
  readonly maxBytes: number
}

const PAGE_LIMITS: PageLimits = { timeoutMs: 2_000, maxBytes: 512 * 1024 }
const MAX_REDIRECTS = 5

/**
 * Fetch a page and read its title and favicon. What is not HTML has no title, and the favicon of its site.
 *
 * @returns undefined when there is no page: not reachable, not allowed, not in time, or answered with an error
 */
export async function fetchPageInfo(
  client: OutgoingClient,
  url: string,
  limits: PageLimits = PAGE_LIMITS,
): Promise<PageInfo | undefined> {
  try {
    const page = await client.request({
      url,
      headers: { accept: 'text/html, application/xhtml+xml, */*;q=0.1' },
      maxRedirects: MAX_REDIRECTS,
      truncate: true,
      ...limits,
    })
    if (page.status < 200 || page.status > 299) return undefined
    const contentType = page.headers.get('content-type') ?? undefined
    if (contentType !== undefined && !/^\s*(?:text\/html|application\/xhtml\+xml)\b/i.test(contentType))
      return { title: undefined, faviconUrl: defaultFaviconUrl(page.url) }
    return parsePageInfo({ bytes: page.body, contentType, url: page.url })
  } catch (error) {
    if (error instanceof OutgoingError) return undefined
    throw error
  }
}
