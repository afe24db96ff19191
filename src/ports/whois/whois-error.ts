/** How a WHOIS lookup can fail; see {@link WhoisError}. */
export type WhoisErrorCode =
  /** The answer was not whole within the time allowed, waiting for a turn included. */
  | 'timeout'
  /** No connection to the server, one that broke, or no address of it that may be reached. */
  | 'unreachable'
  /** The server said nothing. */
  | 'empty'
  /** Nobody knows a server to ask. */
  | 'no-server'
  /** This server has been asked as often as we allow ourselves for now. */
  | 'too-many'

/** A WHOIS lookup that has no answer. The message names the server at most. */
export class WhoisError extends Error {
  override readonly name = 'WhoisError'
  readonly code: WhoisErrorCode

  constructor(code: WhoisErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
