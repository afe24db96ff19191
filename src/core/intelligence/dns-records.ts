import { getDomain } from 'tldts'
import type { DnsClient } from '#ports/dns/dns-client.ts'
import { type DnsRecord, type DnsRecordOf, type RecordType, recordsOf } from '#ports/dns/dns-record.ts'
import { askDns, type DnsFailure, type DnsOutcome } from './ask-dns.ts'

/** A mail server of a domain. */
export interface MailServer {
  readonly preference: number
  /** Empty for "no mail here" (RFC 7505). */
  readonly exchange: string
}

/** Who looks after a zone, and how its secondary servers keep up. */
export type StartOfAuthority = Omit<DnsRecordOf<'SOA'>, 'type' | 'name' | 'ttlS'>

/** Who may issue certificates. */
export type CertificateAuthorization = Omit<DnsRecordOf<'CAA'>, 'type' | 'name' | 'ttlS'>

/** What could not be found out. */
export interface DnsRecordFailure {
  /** The type of a record, or what a TXT record of its own name is for. */
  readonly type: RecordType | 'DMARC' | 'MTA-STS' | 'BIMI'
  readonly reason: DnsFailure
}

/** What DNS says about a domain. A list is empty when there is nothing, and when `failures` names its type. */
export interface DnsRecords {
  /** Whether there is such a name; undefined when no resolver could tell. */
  readonly isExisting: boolean | undefined
  readonly a: readonly string[]
  readonly aaaa: readonly string[]
  /** The most preferred first. */
  readonly mx: readonly MailServer[]
  /** Of the zone: where the name has none of its own, of the domain that was registered. So are the following. */
  readonly ns: readonly string[]
  readonly soa: StartOfAuthority | undefined
  readonly caa: readonly CertificateAuthorization[]
  /** The parent vouches for keys of the zone, and the zone has keys; undefined when it could not be asked. */
  readonly hasDs: boolean | undefined
  readonly hasDnskey: boolean | undefined
  /** The resolver has checked the signatures; worth what it is worth. */
  readonly isAuthenticated: boolean
  readonly txt: readonly string[]
  /** Sending policy (RFC 7208): the whole record. */
  readonly spf: string | undefined
  /** What becomes of mail that fails (RFC 7489): of the name, or of the domain that was registered. */
  readonly dmarc: string | undefined
  /** Strict transport for mail is announced (RFC 8461 §3.1). */
  readonly mtaSts: string | undefined
  /** A logo for mail clients is announced. */
  readonly bimi: string | undefined
  readonly failures: readonly DnsRecordFailure[]
}

/** Of one type; an answer could hold thousands. */
const MAX_RECORDS = 100
const SPF = /^v=spf1(?: |$)/i
const DMARC = /^v=DMARC1\s*(?:;|$)/i
const MTA_STS = /^v=STSv1\s*;/i
const BIMI = /^v=BIMI1\s*(?:;|$)/i

/**
 * Ask everything about a domain at once. What fails is named and keeps nothing else from being told.
 *
 * @param domain in its ASCII form
 */
export async function dnsRecords(
  { dns }: { readonly dns: DnsClient },
  domain: string,
  signal: AbortSignal,
): Promise<DnsRecords> {
  const registered = getDomain(domain, { allowPrivateDomains: true }) ?? domain
  const ask = (type: RecordType, name = domain) => askDns(dns, name, type, signal)
  /** Of the name, else of the domain that was registered, whose zone most names are in. */
  const askZone = async (
    type: RecordType,
    prefix = '',
    isWanted: (record: DnsRecord) => boolean = () => true,
  ) => {
    const own = await ask(type, `${prefix}${domain}`)
    const isEmpty =
      own.kind === 'answered' &&
      !own.answer.records.some((record) => record.type === type && isWanted(record))
    return isEmpty && registered !== domain ? ask(type, `${prefix}${registered}`) : own
  }
  /** A wildcard may have put other text at that name (RFC 7489 §6.6.3). */
  const askPolicy = (prefix: string, policy: RegExp) =>
    askZone('TXT', prefix, (record) => record.type === 'TXT' && policy.test(record.text))
  const [a, aaaa, mx, txt, ns, soa, caa, ds, dnskey, dmarc, mtaSts, bimi] = await Promise.all([
    ask('A'),
    ask('AAAA'),
    ask('MX'),
    ask('TXT'),
    askZone('NS'),
    askZone('SOA'),
    askZone('CAA'),
    askZone('DS'),
    askZone('DNSKEY'),
    askPolicy('_dmarc.', DMARC),
    ask('TXT', `_mta-sts.${domain}`),
    askPolicy('default._bimi.', BIMI),
  ])
  const asked: readonly (readonly [DnsRecordFailure['type'], DnsOutcome])[] = [
    ['A', a],
    ['AAAA', aaaa],
    ['MX', mx],
    ['TXT', txt],
    ['NS', ns],
    ['SOA', soa],
    ['CAA', caa],
    ['DS', ds],
    ['DNSKEY', dnskey],
    ['DMARC', dmarc],
    ['MTA-STS', mtaSts],
    ['BIMI', bimi],
  ]
  return {
    isExisting: isExisting([a, aaaa, mx, txt]),
    a: recordsIn(a, 'A').map(({ address }) => address),
    aaaa: recordsIn(aaaa, 'AAAA').map(({ address }) => address),
    mx: mailServersIn(mx),
    ns: recordsIn(ns, 'NS')
      .map(({ target }) => target)
      .toSorted(),
    soa: recordsIn(soa, 'SOA').map(bare)[0],
    caa: recordsIn(caa, 'CAA').map(bare),
    hasDs: hasAny(ds, 'DS'),
    hasDnskey: hasAny(dnskey, 'DNSKEY'),
    isAuthenticated: soa.kind === 'answered' && soa.answer.isAuthenticated,
    txt: textsIn(txt),
    spf: spfIn(txt),
    dmarc: textsIn(dmarc).find((text) => DMARC.test(text)),
    mtaSts: textsIn(mtaSts).find((text) => MTA_STS.test(text)),
    bimi: textsIn(bimi).find((text) => BIMI.test(text)),
    failures: asked.flatMap(([type, outcome]) =>
      outcome.kind === 'failed' ? [{ type, reason: outcome.reason }] : [],
    ),
  }
}

/** The mail servers in an answer, the most preferred first. */
export function mailServersIn(outcome: DnsOutcome): readonly MailServer[] {
  return recordsIn(outcome, 'MX')
    .map(({ preference, exchange }) => ({ preference, exchange }))
    .toSorted((one, other) => one.preference - other.preference || (one.exchange < other.exchange ? -1 : 1))
}

/** The sending policy in an answer to a question for TXT (RFC 7208 §4.5). */
export function spfIn(outcome: DnsOutcome): string | undefined {
  return textsIn(outcome).find((text) => SPF.test(text))
}

function recordsIn<T extends RecordType>(outcome: DnsOutcome, type: T): readonly DnsRecordOf<T>[] {
  return outcome.kind === 'answered' ? recordsOf(outcome.answer, type).slice(0, MAX_RECORDS) : []
}

function textsIn(outcome: DnsOutcome): readonly string[] {
  return recordsIn(outcome, 'TXT').map(({ text }) => text)
}

function hasAny(outcome: DnsOutcome, type: RecordType): boolean | undefined {
  return outcome.kind === 'answered' ? recordsOf(outcome.answer, type).length > 0 : undefined
}

function isExisting(outcomes: readonly DnsOutcome[]): boolean | undefined {
  const known = outcomes.find((outcome) => outcome.kind === 'answered')
  return known === undefined ? undefined : known.answer.rcode !== 'NXDOMAIN'
}

/** A record without what all records have. */
function bare<R extends DnsRecordOf<RecordType>>(record: R): Omit<R, 'type' | 'name' | 'ttlS'> {
  const { type: _type, name: _name, ttlS: _ttlS, ...data } = record
  return data
}
