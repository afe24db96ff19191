import { clientIp } from '#http/client.ts'
import type { Follow } from '#http/front-connection.ts'
import { byteSet, latin1, type RequestHead } from '#http/request-head.ts'
import type { ClickSpool } from './click-spool.ts'
import type { LinkSource } from './link-source.ts'
import type { LinkFacts, LinkInPlace, RedirectLink } from './link-cache.ts'
import { expiredPage, notFoundPage, unavailablePage } from './pages.ts'
import type { LinkPages } from './link-pages.ts'

export interface RedirectOptions {
  readonly links: LinkSource
  readonly pages: LinkPages
  /** Makes clicks durable, before their answers leave. */
  readonly spool: Pick<ClickSpool, 'append' | 'appendInPlace'>
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
  /**
   * Record the click of a `GET` or `HEAD` as it came from the wire, when it is for a link that leads somewhere
   * and need not be waited for.
   *
   * @returns where it leads; undefined, with nothing recorded, for every request that {@link Redirect.answer} or
   *   something else has to answer
   */
  readonly follow: Follow
  /** Answer `GET` or `HEAD` of any slug. */
  answer(request: Request, slug: string, ip: string): Response | Promise<Response>
  /** Answer `GET` or `HEAD` of what is below `/l/`: a typed link's page and its files; any other link is followed. */
  show(request: Request, name: string, ip: string): Promise<Response>
  readonly counts: Readonly<RedirectCounts>
}

/** The product's hot path: slug to `302`, with the click recorded. */
export function createRedirect(options: RedirectOptions): Redirect {
  const { links, pages, spool, nowMs, trustedProxies, onError } = options
  /** The click under way; one object stands for all. */
  const followed = {
    atMs: 0,
    linkId: 0,
    teamId: 0,
    isHead: false,
    isPrefetch: false,
    isScan: false,
    ip: '',
    bytes: Buffer.alloc(0) as Buffer,
    acceptLanguage: { start: 0, end: 0 },
    userAgent: { start: 0, end: 0 },
    referrer: { start: 0, end: 0 },
    query: { start: 0, end: 0 },
  }
  const counts: RedirectCounts = { redirected: 0, shown: 0, notFound: 0, expired: 0, failed: 0 }

  function follow(head: RequestHead, bytes: Buffer, socketIp: string): LinkInPlace | undefined {
    if (head.hasRepeated) return undefined
    const slugStart = head.targetStart + 1
    const slugEnd = endOf(SLUG_BYTES, bytes, slugStart, head.targetEnd)
    if (slugEnd < head.targetEnd && !isPlainQuery(bytes, slugEnd, head.targetEnd)) return undefined
    const link = links.findAtOnce(bytes, slugStart, slugEnd)
    const atMs = nowMs()
    if (!isLive(link, atMs) || link.hasPage) return undefined
    const queryStart = Math.min(slugEnd + 1, head.targetEnd)
    followed.atMs = atMs
    followed.linkId = link.linkId
    followed.teamId = link.teamId
    followed.isHead = head.isHead
    followed.isPrefetch = head.secPurpose !== -1 && isPrefetch(head.value(bytes, head.secPurpose))
    followed.isScan = queryStart < head.targetEnd && isScan(latin1(bytes, queryStart, head.targetEnd))
    followed.ip =
      trustedProxies === 0
        ? socketIp
        : clientIp(head.value(bytes, head.forwardedFor), socketIp, trustedProxies)
    followed.bytes = bytes
    spanOf(head, head.userAgent, followed.userAgent)
    spanOf(head, head.referrer, followed.referrer)
    spanOf(head, head.acceptLanguage, followed.acceptLanguage)
    followed.query.start = queryStart
    followed.query.end = head.targetEnd
    spool.appendInPlace(followed)
    counts.redirected++
    return link
  }

  function respond(request: Request, link: RedirectLink | undefined, socketIp: string): Response {
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
      if (!link.hasPage && form === undefined) return respond(request, link, socketIp)
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
    spool.append({
      atMs,
      linkId: link.linkId,
      teamId: link.teamId,
      isHead: request.method === 'HEAD',
      isPrefetch: isPrefetch(headers.get('sec-purpose') ?? ''),
      isScan: isScan(query),
      ip: clientIp(headers.get('x-forwarded-for') ?? '', socketIp, trustedProxies),
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
        if (!(found instanceof Promise)) return respond(request, found, ip)
        return found.then((link) => respond(request, link, ip), fail)
      } catch (error) {
        return fail(error)
      }
    },
  }
}

/** A slug, and what of its page is asked for. */
const PAGE_NAME = /^([\w-]+)(\.vcf)?$/

/** Whether a link is there, switched on, and has not expired. */
function isLive<L extends LinkFacts>(link: L | undefined, atMs: number): link is L {
  return link?.isActive === true && atMs < link.expiresAtMs
}

/** To a page of ours, which counts the click: what the address said goes along. */
function toPage(request: Request, link: RedirectLink): Response {
  return new Response(null, {
    status: 302,
    headers: { location: `${link.location}${new URL(request.url).search}` },
  })
}

const QUESTION = 63
const SLUG_BYTES = byteSet('-_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz')
/** What the URL Standard leaves in a query as it is; {@link Redirect.answer} has the rest percent-encoded. */
const PLAIN_QUERY_BYTES = byteSet(
  '!$%&()*+,-./0123456789:;=?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~',
)

/** Note where a header's value is; nowhere for the index of no header. */
function spanOf(head: RequestHead, header: number, span: { start: number; end: number }): void {
  const isThere = header !== -1
  span.start = isThere ? head.valueStart(header) : 0
  span.end = isThere ? head.valueEnd(header) : 0
}

/** Where the first byte stands that is not of a set. */
function endOf(set: Uint8Array, bytes: Buffer, from: number, to: number): number {
  let at = from
  while (at < to && set[bytes[at] ?? 0] === 1) at++
  return at
}

function isPlainQuery(bytes: Buffer, from: number, to: number): boolean {
  return bytes[from] === QUESTION && endOf(PLAIN_QUERY_BYTES, bytes, from + 1, to) === to
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
function isPrefetch(secPurpose: string): boolean {
  return secPurpose.includes('prefetch')
}
