import type { Click } from '#core/clicks/spool-record.ts'
import { clientOf } from '#http/client.ts'
import type { LinkSource } from './link-source.ts'
import type { RedirectLink } from './link-cache.ts'
import { expiredPage, notFoundPage, unavailablePage } from './pages.ts'
import type { LinkPages } from './link-pages.ts'

export interface RedirectOptions {
  readonly links: LinkSource
  readonly pages: LinkPages
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
  /** A typed link's page, or a file of it. */
  shown: number
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
  /** Answer `GET` or `HEAD` of what is below `/l/`: a typed link's page and its files; any other link is followed. */
  show(request: Request, name: string, ip: string): Promise<Response>
  readonly counts: Readonly<RedirectCounts>
}

/** The product's hot path: slug to `302`, with the click recorded. */
export function createRedirect(options: RedirectOptions): Redirect {
  const { links, pages, record, nowMs, trustedProxies, onError } = options
  const counts: RedirectCounts = { redirected: 0, shown: 0, notFound: 0, expired: 0, failed: 0 }

  function follow(request: Request, link: RedirectLink | undefined, socketIp: string): Response {
    const atMs = nowMs()
    if (!isLive(link, atMs)) return refuse(link)
    counts.redirected++
    if (link.hasPage) return toPage(request, link)
    count(request, link, socketIp, atMs)
    return Response.redirect(link.location, 302)
  }

  async function show(request: Request, name: string, socketIp: string): Promise<Response> {
    const [, slug = '', form] = PAGE_NAME.exec(name) ?? []
    try {
      const link = await (links.peek(slug) ?? links.find(slug))
      const atMs = nowMs()
      if (!isLive(link, atMs)) return refuse(link)
      if (!link.hasPage && form === undefined) return follow(request, link, socketIp)
      const page = link.hasPage
        ? await pages.render(link.linkId, form === undefined ? 'page' : 'file')
        : undefined
      if (page === undefined) return refuse(undefined)
      counts.shown++
      if (form === undefined) count(request, link, socketIp, atMs)
      return page
    } catch (error) {
      return fail(error)
    }
  }

  /** Say what is wrong with a link that is not live. */
  function refuse(link: RedirectLink | undefined): Response {
    if (link?.isActive !== true) {
      counts.notFound++
      return notFoundPage()
    }
    counts.expired++
    return expiredPage()
  }

  /** Make a click durable. */
  function count(request: Request, link: RedirectLink, socketIp: string, atMs: number): void {
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
  }

  function fail(error: unknown): Response {
    counts.failed++
    onError(error)
    return unavailablePage()
  }

  return {
    counts,
    follow,
    show,
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

/** A slug, and what of its page is asked for. */
const PAGE_NAME = /^([\w-]+)(\.vcf)?$/

/** Whether a link is there, switched on, and has not expired. */
function isLive(link: RedirectLink | undefined, atMs: number): link is RedirectLink {
  return link?.isActive === true && atMs < link.expiresAtMs
}

/** To a page of ours, which counts the click: what the address said goes along. */
function toPage(request: Request, link: RedirectLink): Response {
  return new Response(null, {
    status: 302,
    headers: { location: `${link.location}${new URL(request.url).search}` },
  })
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
