/** How an outgoing request can fail; see {@link OutgoingError}. */
export type OutgoingErrorCode =
  /** The name has an address, or the URL is one, that may not be reached. */
  | 'address-refused'
  /** The name has no address, or no name server said. */
  | 'unresolvable'
  /** Not done within the time allowed, waiting for a turn included. */
  | 'timeout'
  /** The body, decoded, is larger than allowed. */
  | 'too-large'
  | 'too-many-redirects'
  /** No TLS connection came about: certificate not trusted, expired or for another name, or no TLS there at all. */
  | 'tls'
  /** No connection, one that broke, or an answer that is not HTTP. */
  | 'connection'
  /** Not an http(s) URL, not https where that is required, with credentials, or with a port that is never HTTP. */
  | 'bad-url'

/**
 * An outgoing request that failed in a way that is the other end's doing, or the URL's.
 *
 * The message names the host at most: no path, no query, no address a name resolved to. The cause, where there is
 * one, is for the log alone.
 */
export class OutgoingError extends Error {
  override readonly name = 'OutgoingError'
  readonly code: OutgoingErrorCode

  constructor(code: OutgoingErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
