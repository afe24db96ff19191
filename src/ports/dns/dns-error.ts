/** How a DNS query can end without an answer; see {@link DnsError}. */
export type DnsErrorReason =
  /** No server answered within the time allowed, waiting for a turn included. */
  | 'timeout'
  /** No server can be reached. */
  | 'unreachable'
  /** The name is none that can be asked for, or what came back is no DNS message. */
  | 'malformed'
  /** Whoever asked no longer wants to know. */
  | 'aborted'

/** A DNS query that has no answer. A server's refusal is an answer (`rcode`), and no error. */
export class DnsError extends Error {
  override readonly name = 'DnsError'
  readonly reason: DnsErrorReason

  constructor(reason: DnsErrorReason, message: string, options?: ErrorOptions) {
    super(message, options)
    this.reason = reason
  }
}
