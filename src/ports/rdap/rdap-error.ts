/** How an RDAP lookup can fail; see {@link RdapError}. */
export type RdapErrorCode =
  /** No server is known for it. */
  | 'no-server'
  /** The answer was not whole within the time allowed, waiting for a turn included. */
  | 'timeout'
  /** No connection, one that broke, no address of it that may be reached, or an answer that says it failed. */
  | 'unreachable'
  /** The answer is no RDAP, is too large, or leads to a server that is no registry's. */
  | 'malformed'
  /** The server wants to be left alone for now, or has been asked as often as we allow ourselves. */
  | 'too-many'

/** An RDAP lookup that has no answer. The message names the server at most. */
export class RdapError extends Error {
  override readonly name = 'RdapError'
  readonly code: RdapErrorCode

  constructor(code: RdapErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
