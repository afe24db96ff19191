import { lookup } from 'node:dns/promises'
import { isIP, isIPv4 } from 'node:net'
import { addressPolicy } from './address-policy.ts'
import { exchange, type ExchangeAnswer, isRedirect, UnreachedError } from './exchange.ts'
import { OutgoingError } from './outgoing-error.ts'
import { bareHostname, parseOutgoingUrl } from './outgoing-url.ts'
import { createRequestSlots } from './request-slots.ts'
import { unlessAborted } from './unless-aborted.ts'

/**
 * The addresses of a name; an empty list and a rejection both mean that it has none. The signal aborts when the answer
 * is no longer wanted.
 */
export type ResolveHost = (host: string, signal: AbortSignal) => Promise<readonly string[]>

export interface OutgoingClientOptions {
  /** CIDR blocks and single addresses that may be reached although they are not public. */
  readonly allowPrivate: readonly string[]
  /** Where the administrator of a site we ask can read who we are: an absolute URL, sent with every request. */
  readonly contactUrl: string
  /** Of this product. */
  readonly version: string
  /** The system's resolver by default, `/etc/hosts` included. */
  readonly resolve?: ResolveHost
  /** Certificate authorities to trust instead of the system's, PEM. */
  readonly ca?: readonly string[]
  /** Requests under way at once, 64 by default; further ones wait within their time. */
  readonly maxRequests?: number
  /** Of those, to the same host name; 8 by default. */
  readonly maxRequestsPerHost?: number
}

export interface OutgoingRequest {
  readonly url: string
  /** `GET` by default. */
  readonly method?: string
  /** Names in any case. `Host`, `User-Agent`, `Connection` and what belongs to the coding of bodies are ours. */
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  /** For everything together: waiting for a turn, names, connections, TLS, headers and body of every hop. */
  readonly timeoutMs: number
  /** Of the body of the answer, decoded. */
  readonly maxBytes: number
  /** With 0, a redirect is an answer like any other. */
  readonly maxRedirects: number
  /** Refuse http:, at first and when redirected. */
  readonly httpsOnly?: boolean
  /** Return the first `maxBytes` of a larger body instead of refusing it. */
  readonly truncate?: boolean
  /**
   * Takes the body of a 200 answer piece by piece, for bodies too large to hold; `body` is then empty. A piece is the
   * taker's until it returns. The second argument is the length that the answer announces, undefined where it does not.
   * What it throws ends the request and is what the request throws.
   */
  readonly receive?: (bytes: Uint8Array, totalBytes: number | undefined) => void
  /** With `receive`: give up when nothing has come for so long. */
  readonly idleTimeoutMs?: number
}

export interface OutgoingResponse {
  readonly status: number
  readonly headers: Headers
  /** Decoded; empty for an answer without one. */
  readonly body: Uint8Array
  /** Whether more followed, which is possible with `truncate` alone. */
  readonly isTruncated: boolean
  /** Where the answer came from, after redirects. */
  readonly url: string
  /** The IP address it came from. */
  readonly address: string
}

export interface CheckLimits {
  readonly httpsOnly?: boolean
  /** For resolving the name; 5 s by default. */
  readonly timeoutMs?: number
}

/** A URL that may be requested, as of now. */
export interface CheckedUrl {
  /** As the URL standard writes it. */
  readonly url: string
  /** Every address of the host, IPv4 first; at least one. */
  readonly addresses: readonly string[]
}

/**
 * The client that every outgoing HTTP request goes through, so that nobody can make the server ask where it must not.
 *
 * Every request, and every hop of a redirect, resolves the host, checks all its addresses against the
 * {@link addressPolicy}, and connects to one that was checked. No cookies are kept, no proxy of the environment is used,
 * no connection is reused.
 */
export interface OutgoingClient {
  /**
   * Send a request. Any status is an answer.
   *
   * A redirect is followed as browsers do: 303, and 301 and 302 of a POST, continue as GET without the body; headers
   * other than `Accept`, `Accept-Language`, `Content-Type`, `If-None-Match` and `If-Modified-Since` are not sent on to
   * another origin.
   *
   * @throws OutgoingError with any of its codes
   */
  request(request: OutgoingRequest): Promise<OutgoingResponse>
  /**
   * Resolve and check a URL without connecting, as when somebody registers it for later. Requests check again.
   *
   * @throws OutgoingError `bad-url`, `unresolvable`, `address-refused` or `timeout`
   */
  checkUrl(url: string, limits?: CheckLimits): Promise<CheckedUrl>
  /**
   * Resolve and check a host name or IP address for another protocol, which must then connect to one of the addresses
   * returned and not to the name.
   *
   * @throws OutgoingError `unresolvable`, `address-refused` or `timeout`
   */
  checkHost(host: string, limits?: Pick<CheckLimits, 'timeoutMs'>): Promise<readonly string[]>
}

const MAX_REQUESTS = 64
const MAX_REQUESTS_PER_HOST = 8
const CHECK_TIMEOUT_MS = 5_000
/** Addresses that are tried in turn when none accepts a connection. */
const MAX_ADDRESSES = 3
/** Headers that are sent on to another origin. */
const HARMLESS_HEADERS = new Set([
  'accept',
  'accept-language',
  'content-type',
  'if-modified-since',
  'if-none-match',
])
/** Headers that are the client's own or concern one connection. */
const OWN_HEADERS = new Set([
  'host',
  'user-agent',
  'accept-encoding',
  'connection',
  'content-length',
  'cookie',
  'expect',
  'keep-alive',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/**
 * A client with limits of its own.
 *
 * @throws RangeError when `allowPrivate` has an entry that is neither a CIDR block nor an IP address
 */
export function createOutgoingClient(options: OutgoingClientOptions): OutgoingClient {
  const isAllowed = addressPolicy(options.allowPrivate)
  const resolve = options.resolve ?? systemResolve
  const slots = createRequestSlots({
    total: options.maxRequests ?? MAX_REQUESTS,
    perHost: options.maxRequestsPerHost ?? MAX_REQUESTS_PER_HOST,
  })
  const userAgent = `Onehop/${options.version} (+${options.contactUrl})`

  /**
   * All addresses of a host, refused as a whole when one of them is: an honest name has no public address beside a
   * private one, and to pick the good ones would leave an attacker's name server to say which they are next time.
   */
  async function checkedAddresses(host: string, signal: AbortSignal): Promise<readonly string[]> {
    const addresses = isIP(host) === 0 ? await resolved(host, signal) : [host]
    if (!addresses.every(isAllowed))
      throw new OutgoingError(
        'address-refused',
        `${host} has an address that outgoing requests must not reach`,
      )
    return addresses.toSorted((a, b) => Number(isIPv4(b)) - Number(isIPv4(a)))
  }

  async function resolved(host: string, signal: AbortSignal): Promise<readonly string[]> {
    const addresses = await unlessAborted(resolve(host, signal), signal).catch((cause: unknown) => {
      throw new OutgoingError('unresolvable', `${host} cannot be resolved`, { cause })
    })
    if (addresses.length === 0) throw new OutgoingError('unresolvable', `${host} has no address`)
    return addresses
  }

  async function answerTo(hop: Hop, request: OutgoingRequest, signal: AbortSignal): Promise<Answer> {
    const host = bareHostname(hop.url)
    using _slot = await slots.take(host, signal)
    const addresses = (await checkedAddresses(host, signal)).slice(0, MAX_ADDRESSES)
    for (const address of addresses) {
      try {
        const answer = await exchange({
          ...hop,
          headers: { ...hop.headers, 'user-agent': userAgent },
          address,
          signal,
          maxBytes: request.maxBytes,
          truncate: request.truncate ?? false,
          receive: request.receive,
          skipRedirectBody: request.maxRedirects > 0,
          ca: options.ca,
        })
        return { ...answer, address }
      } catch (error) {
        if (!(error instanceof UnreachedError) || address === addresses.at(-1)) throw error
      }
    }
    throw new OutgoingError('unresolvable', `${host} has no address`)
  }

  return {
    async request(request) {
      const { httpsOnly = false, maxRedirects } = request
      let hop = firstHop(request)
      return withDeadline(request, hop.url.hostname, async (signal, stillAlive) => {
        const receiving = { ...request, ...receiver(request, stillAlive) }
        for (let redirects = 0; ; redirects++) {
          const { status, headers, body, address } = await answerTo(hop, receiving, signal)
          if (maxRedirects === 0 || !isRedirect(status, headers))
            return {
              status,
              headers,
              body: body.bytes,
              isTruncated: body.isTruncated,
              url: hop.url.href,
              address,
            }
          if (redirects === maxRedirects)
            throw new OutgoingError(
              'too-many-redirects',
              `${hop.url.hostname} redirected more than ${maxRedirects} times`,
            )
          hop = redirectedHop(hop, status, parseOutgoingUrl(locationOf(hop, headers), httpsOnly))
        }
      })
    },
    async checkUrl(text, { httpsOnly = false, timeoutMs = CHECK_TIMEOUT_MS } = {}) {
      const url = parseOutgoingUrl(text, httpsOnly)
      const addresses = await withDeadline({ timeoutMs }, url.hostname, (signal) =>
        checkedAddresses(bareHostname(url), signal),
      )
      return { url: url.href, addresses }
    },
    checkHost(host, { timeoutMs = CHECK_TIMEOUT_MS } = {}) {
      return withDeadline({ timeoutMs }, host, (signal) => checkedAddresses(host, signal))
    },
  }
}

/** One request of a chain of redirects. */
interface Hop {
  readonly url: URL
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | undefined
}

interface Answer extends ExchangeAnswer {
  readonly address: string
}

function firstHop(request: OutgoingRequest): Hop {
  const headers = Object.entries(request.headers ?? {})
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => !OWN_HEADERS.has(name))
  return {
    url: parseOutgoingUrl(request.url, request.httpsOnly ?? false),
    method: (request.method ?? 'GET').toUpperCase(),
    headers: Object.fromEntries(headers),
    body: typeof request.body === 'string' ? new TextEncoder().encode(request.body) : request.body,
  }
}

/** Source: Fetch standard, "HTTP-redirect fetch"; sending on fewer headers than it does is ours. */
function redirectedHop(hop: Hop, status: number, url: URL): Hop {
  const becomesGet =
    (status === 303 && hop.method !== 'GET' && hop.method !== 'HEAD') ||
    ((status === 301 || status === 302) && hop.method === 'POST')
  const headers = Object.entries(hop.headers)
    .filter(([name]) => url.origin === hop.url.origin || HARMLESS_HEADERS.has(name))
    .filter(([name]) => !becomesGet || !name.startsWith('content-'))
  return {
    url,
    method: becomesGet ? 'GET' : hop.method,
    headers: Object.fromEntries(headers),
    body: becomesGet ? undefined : hop.body,
  }
}

/** Where a redirect leads, absolute if it can be; servers send UTF-8 in it, which headers show as Latin-1. */
function locationOf(hop: Hop, headers: Headers): string {
  const location = Buffer.from(headers.get('location') ?? '', 'latin1').toString('utf8')
  return URL.parse(location, hop.url)?.href ?? location
}

/** The request's own receiver, which also says that something has come. */
function receiver(request: OutgoingRequest, stillAlive: () => void): Pick<OutgoingRequest, 'receive'> {
  const { receive } = request
  if (receive === undefined) return {}
  return {
    receive(bytes, totalBytes) {
      stillAlive()
      receive(bytes, totalBytes)
    },
  }
}

/**
 * Run with a signal that aborts when the time is over, or when `stillAlive` was not called for too long; whatever fails
 * then failed for that reason.
 */
async function withDeadline<T>(
  limits: Pick<OutgoingRequest, 'timeoutMs' | 'idleTimeoutMs'>,
  host: string,
  run: (signal: AbortSignal, stillAlive: () => void) => Promise<T>,
): Promise<T> {
  const { timeoutMs, idleTimeoutMs } = limits
  const controller = new AbortController()
  let reason = ''
  const giveUp = (why: string) => {
    reason ||= why
    controller.abort()
  }
  const timer = setTimeout(giveUp, timeoutMs, `${host} took more than ${timeoutMs} ms`)
  const idleTimer =
    idleTimeoutMs === undefined
      ? undefined
      : setTimeout(giveUp, idleTimeoutMs, `${host} sent nothing for ${idleTimeoutMs} ms`)
  try {
    return await run(controller.signal, () => idleTimer?.refresh())
  } catch (cause) {
    if (!controller.signal.aborted) throw cause
    throw new OutgoingError('timeout', reason, { cause })
  } finally {
    clearTimeout(timer)
    clearTimeout(idleTimer)
  }
}

async function systemResolve(host: string): Promise<readonly string[]> {
  const answers = await lookup(host, { all: true })
  return answers.map(({ address }) => address)
}
