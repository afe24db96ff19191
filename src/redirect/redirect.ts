import type { Click } from '#core/clicks/spool-record.ts'
import { clientOf } from '#http/client.ts'
import type { LinkSource } from './link-source.ts'
import type { RedirectLink } from './link-cache.ts'
import { expiredPage, notFoundPage, unavailablePage } from './pages.ts'

export interface RedirectOptions {
  readonly links: LinkSource
  /** Makes a click durable; called before the answer leaves. */
  readonly record: (click: Click) => void
  readonly nowMs: () => number
  readonly trustedProxies: number
  /** Told of a link that could not be read. */
  readonly onError: (error: unknown) => void
}

/** How often each answer was given, since the start. */
export interface RedirectCounts {
  redirected: number
  notFound: number
  expired: number
  failed: number
}

export interface Redirect {
  /** Answer `GET` or `HEAD` of a link that is in memory. */
  follow(request: Request, link: RedirectLink, ip: string): Response
  /**
   * Answer `GET` or `HEAD` of any slug. The answer is there at once, not promised, whenever the database is in this
   * process: a pipelined request would otherwise lose the connection (Bun 1.4).
   */
  answer(request: Request, slug: string, ip: string): Response | Promise<Response>
  readonly counts: Readonly<RedirectCounts>
}

/** The product's hot path: slug to `302`, with the click recorded. */
export function createRedirect({ links, record, nowMs, trustedProxies, onError }: RedirectOptions): Redirect {
  const counts: RedirectCounts = { redirected: 0, notFound: 0, expired: 0, failed: 0 }

  function follow(request: Request, link: RedirectLink | undefined, socketIp: string): Response {
    if (link === undefined || !link.isActive) {
      counts.notFound++
      return notFoundPage()
    }
    const atMs = nowMs()
    if (atMs >= link.expiresAtMs) {
      counts.expired++
      return expiredPage()
    }
    const { headers } = request
    const query = queryOf(request.url)
    record({
      atMs,
      linkId: link.linkId,
      teamId: link.teamId,
      isHead: request.method === 'HEAD',
      isPrefetch: isPrefetch(headers),
      isScan: query !== '' && isScan(query),
      ip: isPlain(socketIp, trustedProxies) ? socketIp : clientOf(headers, socketIp, trustedProxies).ip,
      userAgent: headers.get('user-agent') ?? '',
      referrer: headers.get('referer') ?? '',
      acceptLanguage: headers.get('accept-language') ?? '',
      query,
    })
    counts.redirected++
    return Response.redirect(link.location, 302)
  }

  function fail(error: unknown): Response {
    counts.failed++
    onError(error)
    return unavailablePage()
  }

  return {
    counts,
    follow,
    answer(request, slug, ip) {
      try {
        const found = links.peek(slug) ?? links.find(slug)
        if (!(found instanceof Promise)) return follow(request, found, ip)
        return found.then((link) => follow(request, link, ip), fail)
      } catch (error) {
        return fail(error)
      }
    },
  }
}

/** Whether the connection's address is the client's, in its own notation, as nearly always where no proxy is in front. */
function isPlain(socketIp: string, trustedProxies: number): boolean {
  return trustedProxies === 0 && !socketIp.startsWith('::')
}

/** Everything after the first `?`, without it. */
function queryOf(url: string): string {
  const start = url.indexOf('?')
  return start === -1 ? '' : url.slice(start + 1)
}

/** Whether the address came from the link's QR code, which carries `qr=1`. */
function isScan(query: string): boolean {
  return /(?:^|&)qr=1(?:&|$)/.test(query)
}

/** Whether the client says that nobody has asked for the page yet. Source: Fetch standard, `Sec-Purpose`. */
function isPrefetch(headers: Headers): boolean {
  return headers.get('sec-purpose')?.includes('prefetch') ?? false
}
