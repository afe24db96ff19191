import { Agent as HttpAgent, type IncomingMessage, request as httpRequest } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { isIP } from 'node:net'
import type { OutgoingRequest } from './outgoing-client.ts'
import { OutgoingError } from './outgoing-error.ts'
import { bareHostname } from './outgoing-url.ts'
import { ACCEPTED_ENCODINGS, type BodyLimits, readBody, type ReceivedBody } from './read-body.ts'

/** One request to one address. */
export interface Exchange {
  readonly url: URL
  /** The IP address to connect to, whatever the URL's host resolves to by now. */
  readonly address: string
  readonly method: string
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | undefined
  readonly signal: AbortSignal
  /** Of the decoded body of the answer. */
  readonly maxBytes: number
  readonly truncate: boolean
  /** See `OutgoingRequest.receive`. */
  readonly receive: OutgoingRequest['receive']
  /** Leave the body of a redirect unread. */
  readonly skipRedirectBody: boolean
  /** Certificate authorities to trust instead of the usual ones, PEM. */
  readonly ca: readonly string[] | undefined
}

export interface ExchangeAnswer {
  readonly status: number
  readonly headers: Headers
  readonly body: ReceivedBody
}

/** The address did not accept a connection: nothing was sent, and another address may be tried. */
export class UnreachedError extends OutgoingError {
  constructor(host: string, cause: unknown) {
    super('connection', `no connection to ${host} (${codeOf(cause)})`, { cause })
  }
}

/** Of a whole header section, as Node limits it by default. */
const MAX_HEADER_BYTES = 16 * 1024
const MAX_EXPLANATION_BYTES = 16 * 1024
const REDIRECT_STATUSES = new Set([301, 302, 303, 307, 308])
const NO_BODY = { bytes: new Uint8Array(), isTruncated: false }

/** Whether an answer redirects somewhere. */
export function isRedirect(status: number, headers: Headers): boolean {
  return REDIRECT_STATUSES.has(status) && headers.has('location')
}

/**
 * Send one request over a connection of its own and read the answer. The name in the URL is what `Host` says, what the
 * server is asked for and what its certificate must be for; it is not resolved.
 *
 * Connections are never shared or kept: a pooled one would lead to an address that was checked for another request.
 *
 * @throws UnreachedError, or OutgoingError `tls`, `connection`, `too-large`; anything when the signal aborts
 */
export async function exchange(options: Exchange): Promise<ExchangeAnswer> {
  const { url, signal } = options
  const host = bareHostname(url)
  signal.throwIfAborted()
  const request = openRequest(options, host)
  const abort = () => request.destroy()
  signal.addEventListener('abort', abort, { once: true })
  try {
    const response = await responseTo(request, url.protocol === 'https:', host)
    const status = response.statusCode ?? 0
    const headers = headersOf(response)
    if (options.skipRedirectBody && isRedirect(status, headers)) {
      response.on('error', () => {})
      return { status, headers, body: NO_BODY }
    }
    const body = await readBody(response, { ...bodyLimits(options, status, headers), host })
    // A body that the server's closing ends looks whole when it is we who close.
    signal.throwIfAborted()
    return { status, headers, body }
  } finally {
    signal.removeEventListener('abort', abort)
    request.destroy()
  }
}

/** Only the body of a 200 answer is what was asked for; of another, the beginning is kept, for what it may explain. */
function bodyLimits(options: Exchange, status: number, headers: Headers): Omit<BodyLimits, 'host'> {
  const { receive, maxBytes, truncate } = options
  if (receive === undefined) return { maxBytes, truncate }
  if (status !== 200) return { maxBytes: MAX_EXPLANATION_BYTES, truncate: true }
  const length = Number(headers.get('content-length') ?? Number.NaN)
  const totalBytes = headers.has('content-encoding') || Number.isNaN(length) ? undefined : length
  return { maxBytes, truncate, take: (bytes) => receive(bytes, totalBytes) }
}

function openRequest(options: Exchange, host: string) {
  const { url, address, body } = options
  const common = {
    host: address,
    method: options.method,
    path: url.pathname + url.search,
    headers: {
      ...options.headers,
      host: url.host,
      'accept-encoding': ACCEPTED_ENCODINGS,
      ...(body !== undefined && { 'content-length': String(body.length) }),
    },
    maxHeaderSize: MAX_HEADER_BYTES,
  }
  const request =
    url.protocol === 'https:'
      ? httpsRequest({
          ...common,
          port: url.port || 443,
          agent: new HttpsAgent({ keepAlive: false }),
          // An IP address is verified by itself and must not be sent as a server name (RFC 6066 §3).
          servername: isIP(host) === 0 ? host : '',
          // Said aloud, because NODE_TLS_REJECT_UNAUTHORIZED=0 decides otherwise.
          rejectUnauthorized: true,
          ...(options.ca && { ca: [...options.ca] }),
        })
      : httpRequest({ ...common, port: url.port || 80, agent: new HttpAgent({ keepAlive: false }) })
  request.end(body)
  return request
}

/** The answer to a request, its body unread. */
function responseTo(
  request: ReturnType<typeof httpRequest>,
  isTls: boolean,
  host: string,
): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  let isConnected = false
  let isSecure = false
  request.on('socket', (socket) => {
    socket.once('connect', () => (isConnected = true))
    socket.once('secureConnect', () => (isSecure = true))
  })
  request.on('response', resolve)
  // Stays until the end: an error that nobody listens to would end the process.
  request.on('error', (cause) => {
    if (!isConnected) reject(new UnreachedError(host, cause))
    else if (isTls && !isSecure)
      reject(new OutgoingError('tls', `no TLS connection to ${host} (${codeOf(cause)})`, { cause }))
    else reject(new OutgoingError('connection', `no answer from ${host} (${codeOf(cause)})`, { cause }))
  })
  request.on('close', () => reject(new OutgoingError('connection', `no answer from ${host}`)))
  return promise
}

function headersOf(response: IncomingMessage): Headers {
  const headers = new Headers()
  for (let index = 0; index + 1 < response.rawHeaders.length; index += 2)
    headers.append(response.rawHeaders[index] ?? '', response.rawHeaders[index + 1] ?? '')
  return headers
}

function codeOf(error: unknown): string {
  const code = (error as { readonly code?: unknown } | null)?.code
  return typeof code === 'string' ? code : 'unknown error'
}
