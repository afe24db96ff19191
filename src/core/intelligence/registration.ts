/** What a registry knows of a domain or of the network an address belongs to. Days are `YYYY-MM-DD`, in UTC. */
export interface Registration {
  readonly source: 'rdap' | 'whois'
  /** The host that said most of it. */
  readonly server: string
  /** The registry's own name for the record. */
  readonly handle?: string
  /** Of a domain. */
  readonly registrar?: string
  readonly created?: string
  readonly updated?: string
  readonly expires?: string
  /** In RDAP's words, such as `client transfer prohibited`; without repetition. */
  readonly status: readonly string[]
  /** In lower case, without a dot at the end. */
  readonly nameServers: readonly string[]
  /** The registrant of a domain or the holder of a network; absent where it is not public. */
  readonly organization?: string
  /** Two capital letters (ISO 3166-1); the registrant's, or that of the network. */
  readonly country?: string
  /** Of an address: the smallest network on record, as `192.0.2.0/24`, or `192.0.2.0 - 192.0.2.99` where that is none. */
  readonly network?: { readonly range: string; readonly name?: string }
  /** A mail address: the registrar's for a domain, the holder's for a network. */
  readonly abuseContact?: string
  /** Whether the delegation is signed; absent where the registry does not say. */
  readonly dnssec?: boolean
}

/** What can be registered. */
export type RegistrationTarget =
  | { readonly kind: 'domain'; readonly domain: string }
  | { readonly kind: 'ip'; readonly ip: string }

/** Why nobody said what is registered; see {@link RegistrationError}. */
export type RegistrationErrorCode =
  /** Not within the time allowed. */
  | 'timeout'
  /** No server could be reached, or it broke off. */
  | 'unreachable'
  /** The registry has no server that can be asked. */
  | 'unsupported'
  /** The servers have been asked as often as they allow for now. */
  | 'too-many'
  /** What was answered cannot be made sense of. */
  | 'malformed'

/** A lookup of a registration that has no answer. The message names servers at most. */
export class RegistrationError extends Error {
  override readonly name = 'RegistrationError'
  readonly code: RegistrationErrorCode

  constructor(code: RegistrationErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
