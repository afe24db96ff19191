import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { connect, type DetailedPeerCertificate, type TLSSocket } from 'node:tls'
import type { OutgoingClient } from '#ports/outgoing/outgoing-client.ts'
import { OutgoingError } from '#ports/outgoing/outgoing-error.ts'
import type { RequestSlots } from '#ports/outgoing/request-slots.ts'
import { TlsProbeError } from './tls-probe-error.ts'

/** The server to look at: an address, and the name to ask it for. */
export interface TlsTarget {
  readonly ip: string
  /** A domain in ASCII, or the address itself. */
  readonly host: string
  readonly port: number
}

/** What a server showed in its handshake. */
export interface TlsFindings {
  /** From the server's own to the authority's, as far as they are known; 1 to 10. */
  readonly chain: readonly X509Certificate[]
  /** `TLSv1.3`. */
  readonly protocol: string
  /** As the TLS registry of IANA names it: `TLS_AES_128_GCM_SHA256`. */
  readonly cipher?: string
  /**
   * What the verification has against the chain, as OpenSSL names it (`CERT_HAS_EXPIRED`); absent when nothing. The
   * host's name plays no part in it.
   */
  readonly chainProblem?: string
}

/** Looks at the certificates of TLS servers. */
export interface TlsProbe {
  /**
   * Shake hands with a server and leave; nothing is sent or followed.
   *
   * @throws TlsProbeError with any of its codes, after 4 s at the latest; the signal's reason when it aborts first
   */
  look(target: TlsTarget, signal: AbortSignal): Promise<TlsFindings>
}

export interface TlsProbeOptions {
  /** Whose rules about addresses hold. */
  readonly outgoing: Pick<OutgoingClient, 'checkHost'>
  /** The turns of connections to servers that lookups ask. */
  readonly slots: RequestSlots
  /** Certificate authorities to trust instead of the usual ones, PEM. */
  readonly ca?: readonly string[]
  /** For waiting, connecting and the handshake together; 4 s by default. */
  readonly timeoutMs?: number
}

const TIMEOUT_MS = 4_000
const MAX_CHAIN = 10

/** A probe with a deadline of its own. */
export function createTlsProbe(options: TlsProbeOptions): TlsProbe {
  const { outgoing, slots, ca, timeoutMs = TIMEOUT_MS } = options

  async function checkAddress({ ip, host, port }: TlsTarget): Promise<void> {
    if (isIP(ip) === 0)
      throw new TlsProbeError('address-refused', `${host}:${port} is to be asked at no address`)
    await outgoing.checkHost(ip).catch((cause: unknown) => {
      if (!(cause instanceof OutgoingError)) throw cause
      throw new TlsProbeError('address-refused', `${host} has an address that must not be reached`, { cause })
    })
  }

  return {
    async look(target, signal) {
      await checkAddress(target)
      const late = new TlsProbeError(
        'timeout',
        `${target.host}:${target.port} took more than ${timeoutMs} ms to shake hands`,
      )
      const deadline = new AbortController()
      const timer = setTimeout(() => deadline.abort(late), timeoutMs)
      const either = AbortSignal.any([signal, deadline.signal])
      try {
        using _slot = await slots.take(target.ip, either)
        return await shakeHands(target, ca, either)
      } finally {
        clearTimeout(timer)
      }
    },
  }
}

function shakeHands(
  { ip, host, port }: TlsTarget,
  ca: readonly string[] | undefined,
  signal: AbortSignal,
): Promise<TlsFindings> {
  const { promise, resolve, reject } = Promise.withResolvers<TlsFindings>()
  signal.throwIfAborted()
  let isConnected = false
  const socket = connect({
    host: ip,
    port,
    // An IP address must not be sent as a server name (RFC 6066 §3).
    servername: isIP(host) === 0 ? host : '',
    // What is wrong with the certificate is what is asked for; the name is compared by whoever asks.
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
    minVersion: 'TLSv1',
    ALPNProtocols: ['http/1.1'],
    ...(ca && { ca: [...ca] }),
  })
  const abort = () => {
    reject(signal.reason)
    socket.destroy()
  }
  const fail = (cause?: unknown) =>
    reject(
      isConnected
        ? new TlsProbeError('no-tls', `${host}:${port} does not shake hands`, { cause })
        : new TlsProbeError('unreachable', `${host}:${port} accepts no connection`, { cause }),
    )
  signal.addEventListener('abort', abort, { once: true })
  socket.once('connect', () => (isConnected = true))
  socket.once('secureConnect', () => {
    try {
      resolve(findingsOf(socket))
    } catch (error) {
      fail(error)
    }
    // With a good-bye, so that no server counts it as an attempt that failed.
    socket.end(() => socket.destroy())
  })
  socket.on('error', fail)
  socket.on('close', () => {
    signal.removeEventListener('abort', abort)
    fail()
  })
  return promise
}

/** @throws Error when the server showed no certificate, or one that cannot be read */
function findingsOf(socket: TLSSocket): TlsFindings {
  const chain = chainOf(socket.getPeerCertificate(true))
  if (chain.length === 0) throw new Error('no certificate')
  const problem = socket.authorized ? undefined : problemOf(socket.authorizationError)
  const cipher = socket.getCipher().standardName
  return {
    chain,
    protocol: socket.getProtocol() ?? 'unknown',
    ...(cipher && { cipher }),
    ...(problem !== undefined && { chainProblem: problem }),
  }
}

/** An authority's own certificate names itself as its issuer, and ends the chain. */
function chainOf(own: DetailedPeerCertificate): X509Certificate[] {
  const chain: X509Certificate[] = []
  let next: DetailedPeerCertificate | undefined = own
  const seen = new Set<string>()
  while (next?.raw !== undefined && chain.length < MAX_CHAIN) {
    const certificate = new X509Certificate(next.raw)
    if (seen.has(certificate.fingerprint256)) break
    seen.add(certificate.fingerprint256)
    chain.push(certificate)
    next = next.issuerCertificate
  }
  return chain
}

/** The types say an Error, the runtime a code. */
function problemOf(error: unknown): string {
  if (typeof error === 'string') return error
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : 'UNKNOWN'
}
