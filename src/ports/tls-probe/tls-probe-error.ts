/** How looking at a TLS server can fail; see {@link TlsProbeError}. */
export type TlsProbeErrorCode =
  /** The address is one that outgoing connections must not reach. */
  | 'address-refused'
  /** The handshake was not done within the time allowed, waiting for a turn included. */
  | 'timeout'
  /** The address accepts no connection. */
  | 'unreachable'
  /** What answers speaks no TLS, none that we do, or shows no certificate for that host. */
  | 'no-tls'

/** A TLS server that cannot be looked at. The message names host and port at most. */
export class TlsProbeError extends Error {
  override readonly name = 'TlsProbeError'
  readonly code: TlsProbeErrorCode

  constructor(code: TlsProbeErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
