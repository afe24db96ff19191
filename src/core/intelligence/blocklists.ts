import { getDomain } from 'tldts'
import { DomainError } from '#core/errors.ts'
import { recordsOf } from '#ports/dns/dns-record.ts'
import { askDns } from './ask-dns.ts'
import { type ActiveZone, askZone, type DnsblDeps, type DnsblFailure, DnsblHealth } from './dnsbl-health.ts'
import { reverseLabels } from './reverse-labels.ts'

/** The lists that are asked, and what is known of how they do. */
export interface Blocklists {
  readonly zones: readonly ActiveZone[]
  readonly health: DnsblHealth
}

/** One list that has the address or the domain. */
export interface Listing {
  readonly zone: string
  readonly name: string
  /** The addresses it answered with, sorted. */
  readonly codes: readonly string[]
  /** What they stand for, where that is known. */
  readonly meaning?: string
  /** What the list itself says of it, at most 300 characters: text of a stranger. */
  readonly reason?: string
}

/** What the lists say. Only of those that answered is it known that they do not list something. */
export interface BlocklistReport {
  /** In the catalogue's order. */
  readonly listings: readonly Listing[]
  readonly zones: {
    /** Every list that there is for such an address or domain: the sum of the other three. */
    readonly asked: number
    readonly answered: number
    /** No answer, or a refusal. */
    readonly failed: number
    /** Not believed: they do not pass their controls. */
    readonly distrusted: number
  }
  /** Of the failed and the distrusted. */
  readonly failures: readonly { readonly zone: string; readonly reason: DnsblFailure }[]
}

export interface BlocklistDeps extends DnsblDeps {
  readonly blocklists: Blocklists
}

type ZoneResult =
  | { readonly kind: 'clean' }
  | { readonly kind: 'listed'; readonly listing: Listing }
  | { readonly kind: 'failed' | 'distrusted'; readonly reason: DnsblFailure }

const MAX_REASON_CHARACTERS = 300

/** Lists of which nothing is known yet. */
export function openBlocklists(zones: readonly ActiveZone[]): Blocklists {
  return { zones, health: new DnsblHealth() }
}

/**
 * Ask every list of IP addresses about one. What has no answer when the signal aborts has failed.
 *
 * @throws DomainError `address-invalid`
 */
export async function checkIpBlocklists(
  deps: BlocklistDeps,
  ip: string,
  signal: AbortSignal,
): Promise<BlocklistReport> {
  const reversed = reverseLabels(ip)
  if (reversed === undefined) throw new DomainError('address-invalid', { text: ip })
  const { version, labels } = reversed
  const zones = deps.blocklists.zones.filter(
    (zone) => zone.kind !== 'domain' && (version === 4 ? zone.ipv4 : zone.ipv6),
  )
  return checkZones(deps, zones, labels, signal)
}

/**
 * Ask every list of domains about the one that was registered: of `mail.example.co.uk`, `example.co.uk`. What has no
 * answer when the signal aborts has failed.
 *
 * @param domain in its ASCII form
 */
export function checkDomainBlocklists(
  deps: BlocklistDeps,
  domain: string,
  signal: AbortSignal,
): Promise<BlocklistReport> {
  const registered = getDomain(domain, { allowPrivateDomains: true }) ?? domain
  const zones = deps.blocklists.zones.filter((zone) => zone.kind !== 'ip')
  return checkZones(deps, zones, registered, signal)
}

async function checkZones(
  deps: BlocklistDeps,
  zones: readonly ActiveZone[],
  labels: string,
  signal: AbortSignal,
): Promise<BlocklistReport> {
  deps.blocklists.health.noteLookup(deps.now())
  const results = await Promise.all(zones.map((zone) => checkZone(deps, zone, labels, signal)))
  const count = (kind: ZoneResult['kind']) => results.filter((result) => result.kind === kind).length
  const failed = count('failed')
  const distrusted = count('distrusted')
  return {
    listings: results.flatMap((result) => (result.kind === 'listed' ? [result.listing] : [])),
    zones: { asked: zones.length, answered: zones.length - failed - distrusted, failed, distrusted },
    failures: results.flatMap((result, index) =>
      result.kind === 'failed' || result.kind === 'distrusted'
        ? [{ zone: zones[index]?.zone ?? '', reason: result.reason }]
        : [],
    ),
  }
}

async function checkZone(
  deps: BlocklistDeps,
  zone: ActiveZone,
  labels: string,
  signal: AbortSignal,
): Promise<ZoneResult> {
  const { health } = deps.blocklists
  const known = health.stateOf(zone, deps.now())
  if (known?.kind === 'distrusted') return known
  if (known?.kind === 'unanswered') return { kind: 'failed', reason: known.reason }
  const [answer, state] = await Promise.all([
    askZone(deps, zone, labels, signal),
    known ?? health.check(deps, zone, signal),
  ])
  if (state.kind === 'distrusted') return state
  if (answer.kind === 'failed') {
    const isZoneSilent = answer.reason === 'timeout' || answer.reason === 'unreachable'
    if (known !== undefined && isZoneSilent && !signal.aborted)
      health.noteFailure(zone, answer.reason, deps.now())
    return answer
  }
  if (state.kind === 'unanswered') return { kind: 'failed', reason: state.reason }
  const { reading } = answer
  if (reading.kind === 'refused') return { kind: 'failed', reason: 'refused' }
  if (reading.kind === 'nonsense') return { kind: 'distrusted', reason: 'nonsense' }
  if (reading.kind === 'clean') return reading
  const reason = await reasonOf(deps, zone, labels, signal)
  return {
    kind: 'listed',
    listing: {
      zone: zone.zone,
      name: zone.name,
      codes: reading.codes,
      ...(reading.meaning !== undefined && { meaning: reading.meaning }),
      ...(reason !== undefined && { reason }),
    },
  }
}

/** What a list says of something it has (RFC 5782 §2.1); undefined when it says nothing, or not in time. */
async function reasonOf(
  { dns }: DnsblDeps,
  zone: ActiveZone,
  labels: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const outcome = await askDns(dns, `${labels}.${zone.suffix}`, 'TXT', signal)
  const texts = outcome.kind === 'failed' ? [] : recordsOf(outcome.answer, 'TXT').map(({ text }) => text)
  const plain = texts
    .join(' ')
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
  const readable = zone.key === undefined ? plain : plain.replaceAll(zone.suffix, zone.zone)
  return readable.slice(0, MAX_REASON_CHARACTERS) || undefined
}
