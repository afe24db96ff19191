/** Whose certificate it is, or who signed it (RFC 5280 §4.1.2.4), as far as it says. */
export interface CertificateName {
  readonly commonName?: string
  readonly organization?: string
  readonly country?: string
}

/** What a TLS server showed, and what is to be thought of it. */
export interface Certificate {
  readonly subject: CertificateName
  readonly issuer: CertificateName
  /** Host names and IP addresses it is for; the first 500. */
  readonly sans: readonly string[]
  readonly validFrom: Date
  readonly validTo: Date
  /** Whole days until `validTo`, rounded down; negative when it is over. */
  readonly daysRemaining: number
  /** From the server's own to the authority's, as far as they are known; 10 at most. */
  readonly chain: readonly ChainLink[]
  /** `TLSv1.3`. */
  readonly protocol: string
  /** `TLS_AES_128_GCM_SHA256`. */
  readonly cipher?: string
  readonly key: CertificateKey
  /** Whether an authority this machine trusts vouches for it, now. */
  readonly isTrusted: boolean
  /** Whether it is for the host that was asked for. */
  readonly isHostMatch: boolean
  /** The first thing that is wrong with it; absent when nothing is. */
  readonly problem?: CertificateProblem
  /** SHA-256 of the certificate: 64 hexadecimal digits in lower case. */
  readonly fingerprint256: string
}

export interface ChainLink {
  readonly subject: CertificateName
  readonly issuer: CertificateName
  readonly validTo: Date
}

/** The public key: its kind (`rsa`, `ec`, `ed25519`), and its length in bits or its curve (`prime256v1`). */
export interface CertificateKey {
  readonly type: string
  readonly bits?: number
  readonly curve?: string
}

export type CertificateProblem =
  | 'expired'
  | 'not-yet-valid'
  | 'self-signed'
  /** Nobody this machine trusts has signed it, directly or through others. */
  | 'untrusted-issuer'
  | 'revoked'
  /** Another flaw of the certificate or its chain. */
  | 'invalid'
  /** It is sound, but for other hosts. */
  | 'wrong-host'
