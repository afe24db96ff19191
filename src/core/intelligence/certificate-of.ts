import type { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import type { TlsFindings, TlsProbe, TlsTarget } from '#ports/tls-probe/tls-probe.ts'
import type {
  Certificate,
  CertificateKey,
  CertificateName,
  CertificateProblem,
  ChainLink,
} from './certificate.ts'

/** What looking at a certificate takes: a whole `Ctx` has it. */
export interface CertificateDeps {
  readonly tlsProbe: TlsProbe
  readonly now: () => Date
}

const DAY_MS = 24 * 60 * 60 * 1000
const MAX_SANS = 500
/** Of a name in a certificate, which may be as long as its author likes. */
const MAX_NAME_LENGTH = 256

/**
 * The certificate that a server shows for a host, trusted or not.
 *
 * @throws TlsProbeError with any of its codes; the signal's reason when it aborts first
 */
export async function certificateOf(
  { tlsProbe, now }: CertificateDeps,
  target: TlsTarget,
  signal: AbortSignal,
): Promise<Certificate> {
  return describe(await tlsProbe.look(target, signal), target.host, now())
}

function describe(findings: TlsFindings, host: string, now: Date): Certificate {
  const { chain, protocol, cipher, chainProblem } = findings
  const [own] = chain
  if (own === undefined) throw new Error('a probe without a certificate')
  const { subject, issuer, validTo } = linkOf(own)
  const validFrom = new Date(own.validFrom)
  const isHostMatch = (isIP(host) === 0 ? own.checkHost(host) : own.checkIP(host)) !== undefined
  const problem =
    problemOf(chainProblem, { validFrom, validTo, now }) ?? (isHostMatch ? undefined : 'wrong-host')
  return {
    subject,
    issuer,
    sans: sansOf(own),
    validFrom,
    validTo,
    daysRemaining: Math.floor((validTo.getTime() - now.getTime()) / DAY_MS),
    chain: chain.map(linkOf),
    protocol,
    ...(cipher !== undefined && { cipher }),
    key: keyOf(own),
    isTrusted: problem === undefined || problem === 'wrong-host',
    isHostMatch,
    ...(problem !== undefined && { problem }),
    fingerprint256: own.fingerprint256.replaceAll(':', '').toLowerCase(),
  }
}

/** The certificate's own days decide before the chain's, by the clock that `daysRemaining` is counted from. */
function problemOf(
  chainProblem: string | undefined,
  { validFrom, validTo, now }: { readonly validFrom: Date; readonly validTo: Date; readonly now: Date },
): CertificateProblem | undefined {
  if (now > validTo) return 'expired'
  if (now < validFrom) return 'not-yet-valid'
  switch (chainProblem) {
    case undefined:
      return undefined
    case 'CERT_HAS_EXPIRED':
      return 'expired'
    case 'CERT_NOT_YET_VALID':
      return 'not-yet-valid'
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
      return 'self-signed'
    case 'CERT_REVOKED':
      return 'revoked'
    case 'CERT_UNTRUSTED':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
      return 'untrusted-issuer'
    default:
      return 'invalid'
  }
}

function linkOf(certificate: X509Certificate): ChainLink {
  const { subject, issuer } = certificate.toLegacyObject()
  return {
    subject: nameOf(subject),
    issuer: nameOf(issuer),
    validTo: new Date(certificate.validTo),
  }
}

/** Of the attributes of a name; one that is there more than once is a list, the first of which counts. */
function nameOf(attributes: Readonly<Record<string, unknown>> | undefined): CertificateName {
  const valueOf = (type: string) => {
    const found: unknown = [attributes?.[type]].flat()[0]
    return typeof found === 'string' && found !== '' ? found.slice(0, MAX_NAME_LENGTH) : undefined
  }
  const commonName = valueOf('CN')
  const organization = valueOf('O')
  const country = valueOf('C')
  return {
    ...(commonName !== undefined && { commonName }),
    ...(organization !== undefined && { organization }),
    ...(country !== undefined && { country }),
  }
}

/** Of `DNS:example.com, IP Address:192.0.2.1`; what needs quotes there is no name of a host. */
function sansOf({ subjectAltName }: X509Certificate): string[] {
  return (subjectAltName ?? '')
    .split(', ')
    .flatMap((entry) => /^(?:DNS|IP Address):([^"]{1,256})$/.exec(entry)?.[1] ?? [])
    .slice(0, MAX_SANS)
}

/** A key of a kind that the runtime cannot read is `unknown`. */
function keyOf(certificate: X509Certificate): CertificateKey {
  let key
  try {
    key = certificate.publicKey
  } catch {
    return { type: 'unknown' }
  }
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {}
  return {
    type: key.asymmetricKeyType ?? 'unknown',
    ...(modulusLength !== undefined && { bits: modulusLength }),
    ...(namedCurve !== undefined && { curve: namedCurve }),
  }
}
