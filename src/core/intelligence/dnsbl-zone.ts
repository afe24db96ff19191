/** What a zone lists. */
export type DnsblKind = 'ip' | 'domain' | 'both'

/** On what terms a list may be asked; see `docs/blocklists.md`. */
export type DnsblTerms =
  /** Anybody may ask, within reason. */
  | 'open'
  /** Free for small, non-commercial use, from a resolver of one's own. */
  | 'fair-use'
  /** Asking is free for those who have registered the address of their resolver. */
  | 'registration'
  /** Every customer has a key, which is a part of the name that is asked for. */
  | 'key'

/** One list that is asked over DNS, as a catalogue knows it. */
export interface DnsblZone {
  /** Where it is asked, in lower case; a key stands as a label before it. */
  readonly zone: string
  readonly name: string
  readonly kind: DnsblKind
  /** Which addresses it knows, of a zone for addresses. */
  readonly ipv4: boolean
  readonly ipv6: boolean
  readonly terms: DnsblTerms
  /** The name of the key that opens it; a zone without its key is not asked. */
  readonly key?: string
  /** What an answer means, by the address that stands for it: `127.0.0.2`. Others mean a listing and say no more. */
  readonly codes?: Readonly<Record<string, string>>
  /** What the bits of the last octet mean, by their value, in place of `codes`. Other bits mean nothing. */
  readonly bits?: Readonly<Record<string, string>>
  /** Only answers that `codes` names are listings. */
  readonly isStrict?: boolean
  /** Answers that say that we may not ask, beside those of 127.255.255.0/24, which say so everywhere. */
  readonly refusals?: readonly string[]
  /** Answers that are no accusation: of the good, of the unknown. */
  readonly harmless?: readonly string[]
  /** What it must list and must not, where that is not the test points of RFC 5782 §5. */
  readonly controls?: DnsblControls
}

/** IP addresses or domains that show whether a zone works. */
export interface DnsblControls {
  /** Always listed; null where a zone has no such point, and is only seen to exist. */
  readonly listed?: string | null
  /** Never listed. */
  readonly unlisted?: string
}

/** What an answer of a zone says. */
export type DnsblReading =
  | { readonly kind: 'clean' }
  | { readonly kind: 'listed'; readonly codes: readonly string[]; readonly meaning: string | undefined }
  /** We may not ask. */
  | { readonly kind: 'refused'; readonly codes: readonly string[] }
  /** No list answers so: a parked name, or a resolver that makes answers up. */
  | { readonly kind: 'nonsense' }

const ERROR_CODES = /^127\.255\.255\./
const LIST_CODES = /^127\./

/**
 * Read the addresses that a zone answers with.
 *
 * Source: RFC 5782 §2.3 (listings are addresses of 127.0.0.0/8); Spamhaus and others for 127.255.255.0/24.
 */
export function readDnsblCodes(zone: DnsblZone, addresses: readonly string[]): DnsblReading {
  if (addresses.some((address) => !LIST_CODES.test(address))) return { kind: 'nonsense' }
  const refusals = addresses.filter(
    (address) => ERROR_CODES.test(address) || zone.refusals?.includes(address) === true,
  )
  if (refusals.length > 0) return { kind: 'refused', codes: refusals }
  const codes = addresses.filter((address) => isAccusation(zone, address)).toSorted()
  if (codes.length === 0) return { kind: 'clean' }
  const meanings = new Set(codes.flatMap((code) => meaningsOf(zone, code)))
  return { kind: 'listed', codes, meaning: meanings.size === 0 ? undefined : [...meanings].join('; ') }
}

function isAccusation(zone: DnsblZone, address: string): boolean {
  if (zone.harmless?.includes(address) === true) return false
  if (zone.bits !== undefined) return meaningsOf(zone, address).length > 0
  return zone.isStrict !== true || zone.codes?.[address] !== undefined
}

function meaningsOf(zone: DnsblZone, address: string): readonly string[] {
  const meaning = zone.codes?.[address]
  if (meaning !== undefined) return [meaning]
  const octet = Number(address.slice(address.lastIndexOf('.') + 1))
  return Object.entries(zone.bits ?? {})
    .filter(([bit]) => (octet & Number(bit)) !== 0)
    .map(([, text]) => text)
}
