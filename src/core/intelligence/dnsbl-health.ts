import type { DnsClient } from '#ports/dns/dns-client.ts'
import { recordsOf } from '#ports/dns/dns-record.ts'
import { askDns, type DnsFailure } from './ask-dns.ts'
import { type DnsblZone, type DnsblReading, readDnsblCodes } from './dnsbl-zone.ts'
import { reverseLabels } from './reverse-labels.ts'

/** A zone that may be asked. */
export interface ActiveZone extends DnsblZone {
  /** What follows the labels of a question: the zone, with the key before it where there is one. A secret then. */
  readonly suffix: string
}

/** Why a zone has no answer that counts. By an answer of its own too, it may refuse: a public resolver, a wrong key. */
export type DnsblFailure =
  | DnsFailure
  /** It does not list its own test point: empty, gone, or silent to us. */
  | 'lists-nothing'
  /** It lists what nobody lists. */
  | 'lists-everything'
  /** It answers with addresses that no list has. */
  | 'nonsense'

/** What is known of a zone by its controls. */
export type ZoneState =
  | { readonly kind: 'trusted' }
  | { readonly kind: 'distrusted'; readonly reason: DnsblFailure }
  /** Its controls have no answer, so that nothing else it says has a meaning. */
  | { readonly kind: 'unanswered'; readonly reason: DnsblFailure }

/** What a question of a zone came to. */
export type ZoneAnswer =
  /** With what the answer held, whatever it means. */
  | { readonly kind: 'answered'; readonly reading: DnsblReading; readonly addresses: readonly string[] }
  | { readonly kind: 'failed'; readonly reason: DnsblFailure }

interface KnownState {
  readonly state: ZoneState
  /** When it is to be found out again, and when it is worth nothing any more. */
  readonly dueMs: number
  readonly staleMs: number
  /** How often in a row there was no answer. */
  readonly unanswered: number
}

/** What zone checks need. */
export interface DnsblDeps {
  readonly dns: DnsClient
  readonly now: () => Date
}

/** Source: RFC 5782 §5. */
const IPV4_CONTROLS = { listed: '127.0.0.2', unlisted: '127.0.0.1' }
const V6_CONTROL_REST = `0.0.0.0.0.f.7.f.f.f.f${'.0'.repeat(20)}`
/** The labels of ::FFFF:7F00:2 and ::FFFF:7F00:1, which would be read as the IPv4 addresses they clothe. */
const IPV6_CONTROLS = { listed: `2.${V6_CONTROL_REST}`, unlisted: `1.${V6_CONTROL_REST}` }
const DOMAIN_CONTROLS = { listed: 'test', unlisted: 'invalid' }

const MINUTE_MS = 60 * 1000
/** Between two checks, give or take a fifth, so that they spread out. */
const CHECK_MS = 5 * 60 * MINUTE_MS
const JITTER = 0.2
/** Longer than any interval: a check that comes late makes no lookup wait. */
const TRUST_MS = 9 * 60 * MINUTE_MS
/** How long a zone that did not answer is left alone at first, and at last: each time twice as long. */
const FIRST_REST_MS = MINUTE_MS / 2
const LAST_REST_MS = 15 * MINUTE_MS
/** An installation that has looked nothing up for so long asks nobody anything. */
const INTEREST_MS = 24 * 60 * MINUTE_MS
/** Of the two hundred questions that may be under way, lookups are to have nearly all. */
const CHECKS_AT_ONCE = 2

/** What is known of zones, in this process's memory. */
export class DnsblHealth {
  readonly #states = new Map<string, KnownState>()
  #wantedMs = Number.NEGATIVE_INFINITY

  /** @returns undefined when a check has to tell */
  stateOf(zone: ActiveZone, now: Date): ZoneState | undefined {
    const known = this.#states.get(zone.zone)
    return known !== undefined && now.getTime() < known.staleMs ? known.state : undefined
  }

  /** Note that somebody looks something up: states are kept fresh for a day from now on. */
  noteLookup(now: Date): void {
    this.#wantedMs = now.getTime()
  }

  /** Leave a zone alone for a while that has left a lookup without an answer. */
  noteFailure(zone: ActiveZone, reason: DnsblFailure, now: Date): void {
    this.#remember(zone, { kind: 'unanswered', reason }, now)
  }

  /**
   * Ask a zone for what it must list and must not (RFC 5782 §5). What a signal cuts short is not remembered.
   */
  async check(deps: DnsblDeps, zone: ActiveZone, signal: AbortSignal): Promise<ZoneState> {
    const state = await stateByControls(deps, zone, signal)
    if (!signal.aborted) this.#remember(zone, state, deps.now())
    return state
  }

  /** Check the zones whose turn it is, a few at a time. */
  async recheck(deps: DnsblDeps, zones: readonly ActiveZone[], signal: AbortSignal): Promise<void> {
    const nowMs = deps.now().getTime()
    if (nowMs - this.#wantedMs > INTEREST_MS) return
    const due = zones.filter((zone) => (this.#states.get(zone.zone)?.dueMs ?? Infinity) <= nowMs)
    const checkInTurn = async () => {
      for (let zone = due.pop(); zone !== undefined && !signal.aborted; zone = due.pop())
        await this.check(deps, zone, signal)
    }
    await Promise.all(Array.from({ length: CHECKS_AT_ONCE }, checkInTurn))
  }

  #remember(zone: ActiveZone, state: ZoneState, now: Date): void {
    const nowMs = now.getTime()
    if (state.kind === 'unanswered') {
      const known = this.#states.get(zone.zone)
      // Lookups at the same time find the same out: that is one time, not many.
      if (known?.state.kind === 'unanswered' && nowMs < known.dueMs) return
      const unanswered = known?.unanswered ?? 0
      const dueMs = nowMs + Math.min(LAST_REST_MS, FIRST_REST_MS * 2 ** unanswered)
      this.#states.set(zone.zone, { state, dueMs, staleMs: dueMs, unanswered: unanswered + 1 })
      return
    }
    const dueMs = nowMs + CHECK_MS * (1 + JITTER * (2 * Math.random() - 1))
    this.#states.set(zone.zone, { state, dueMs, staleMs: nowMs + TRUST_MS, unanswered: 0 })
  }
}

/** Ask a zone about labels: a reversed address, or a domain. */
export async function askZone(
  { dns }: DnsblDeps,
  zone: ActiveZone,
  labels: string,
  signal: AbortSignal,
): Promise<ZoneAnswer> {
  const outcome = await askDns(dns, `${labels}.${zone.suffix}`, 'A', signal)
  if (outcome.kind === 'failed') return outcome
  const addresses = recordsOf(outcome.answer, 'A').map(({ address }) => address)
  return { kind: 'answered', reading: readDnsblCodes(zone, addresses), addresses }
}

async function stateByControls(deps: DnsblDeps, zone: ActiveZone, signal: AbortSignal): Promise<ZoneState> {
  const usual = zone.kind === 'domain' ? DOMAIN_CONTROLS : zone.ipv4 ? IPV4_CONTROLS : IPV6_CONTROLS
  const { listed, unlisted } = { ...usual, ...zone.controls }
  const [good, bad] = await Promise.all([
    listed === null ? seeZone(deps, zone, signal) : askZone(deps, zone, labelsOf(listed), signal),
    askZone(deps, zone, labelsOf(unlisted), signal),
  ])
  const distrusted = distrustOf(good, bad)
  if (distrusted !== undefined) return { kind: 'distrusted', reason: distrusted }
  for (const answer of [good, bad]) {
    if (answer.kind === 'failed') return { kind: 'unanswered', reason: answer.reason }
    if (answer.reading.kind === 'refused') return { kind: 'unanswered', reason: 'refused' }
  }
  return { kind: 'trusted' }
}

/** Why what was said to the test points is not to be believed, if so. */
function distrustOf(good: ZoneAnswer, bad: ZoneAnswer): DnsblFailure | undefined {
  for (const answer of [good, bad])
    if (answer.kind === 'answered' && answer.reading.kind === 'nonsense') return 'nonsense'
  if (bad.kind === 'answered' && bad.reading.kind === 'listed') return 'lists-everything'
  // A test point may have an answer of its own, which means nothing elsewhere.
  if (good.kind === 'answered' && good.addresses.length === 0) return 'lists-nothing'
  return undefined
}

/** A zone without a test point is only seen to be there. */
async function seeZone({ dns }: DnsblDeps, { zone }: ActiveZone, signal: AbortSignal): Promise<ZoneAnswer> {
  const outcome = await askDns(dns, zone, 'NS', signal)
  if (outcome.kind === 'failed') return outcome
  const addresses = outcome.answer.rcode === 'NXDOMAIN' ? [] : [zone]
  return { kind: 'answered', reading: { kind: 'clean' }, addresses }
}

/** The labels of a control: an address, or a domain. */
function labelsOf(control: string): string {
  return reverseLabels(control)?.labels ?? control
}
