import { decode, encode, type Answer, type DecodedPacket, type TxtData } from 'dns-packet'
import type { DnsAnswer, DnsRecord, RecordType } from './dns-record.ts'

/** What a message asks. */
export interface DnsQuestion {
  /** As `dnsName` gives it. */
  readonly name: string
  readonly type: RecordType
}

/** A message that answers a question, read. */
export interface DnsReply extends DnsAnswer {
  /** Not all of it fitted into the datagram. */
  readonly isTruncated: boolean
  /** How long the answer may be kept by its own word; undefined when it does not say. */
  readonly ttlS: number | undefined
}

const RECURSION_DESIRED = 1 << 8
const AUTHENTIC_DATA = 1 << 5
/** What a datagram may hold without being cut on the way: the recommendation of DNS Flag Day 2020. */
const UDP_PAYLOAD_BYTES = 1_232
const EDNS: Answer = {
  type: 'OPT',
  name: '.',
  udpPayloadSize: UDP_PAYLOAD_BYTES,
  extendedRcode: 0,
  ednsVersion: 0,
  flags: 0,
  flag_do: false,
  options: [],
}
const MAX_NAME_BYTES = 253
const MAX_LABEL_BYTES = 63
const CAA_CRITICAL = 128

/**
 * A name that can be asked for: in lower case, without a dot at its end.
 *
 * @returns undefined for what is no name of RFC 1035 §2.3.4: an empty or overlong label, an overlong name, other than
 *   printable ASCII characters. An internationalized name is asked for in its ASCII form.
 */
export function dnsName(text: string): string | undefined {
  const name = text.toLowerCase().replace(/\.$/, '')
  const isName = name.length > 0 && name.length <= MAX_NAME_BYTES && /^[!-~]+$/.test(name)
  return isName && name.split('.').every((label) => label.length > 0 && label.length <= MAX_LABEL_BYTES)
    ? name
    : undefined
}

/**
 * A query for recursion that asks to be told whether the answer was checked (RFC 6840 §5.7), with EDNS (RFC 6891) unless
 * `hasEdns` is false.
 */
export function encodeQuery(question: DnsQuestion, id: number, hasEdns = true): Uint8Array {
  return encode({
    type: 'query',
    id,
    flags: RECURSION_DESIRED | AUTHENTIC_DATA,
    questions: [{ ...question, class: 'IN' }],
    additionals: hasEdns ? [EDNS] : [],
  })
}

/**
 * Read a message as the answer to a question.
 *
 * @returns undefined when it answers another: another id, or other words (RFC 5452 §4)
 * @throws Error when it is no DNS message
 */
export function decodeReply(bytes: Uint8Array, question: DnsQuestion, id: number): DnsReply | undefined {
  const packet = decode(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  const [asked, ...others] = packet.questions ?? []
  const isOurs =
    packet.type === 'response' &&
    packet.id === id &&
    others.length === 0 &&
    asked?.type === question.type &&
    asked.class === 'IN' &&
    nameOf(asked.name) === question.name
  if (!isOurs) return undefined
  const records = chainOf(question.name, (packet.answers ?? []).flatMap(toRecord))
  return {
    rcode: rcodeOf(packet.flags ?? 0),
    records,
    isAuthenticated: packet.flag_ad,
    isTruncated: packet.flag_tc,
    ttlS: ttlOf(packet, records),
  }
}

/** Source: IANA DNS RCODEs, those that stand in the header of a message. */
const RCODES = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED']
const RCODE_BITS = 0xf

function rcodeOf(flags: number): string {
  const code = flags & RCODE_BITS
  return RCODES[code] ?? `RCODE${code}`
}

/** The records of a name and of those it is an alias of: nothing else belongs into an answer. */
function chainOf(name: string, records: readonly DnsRecord[]): readonly DnsRecord[] {
  if (records.length === 0) return records
  const names = new Set([name])
  for (const record of records)
    if (record.type === 'CNAME' && names.has(record.name)) names.add(record.target)
  return records.filter((record) => names.has(record.name))
}

/** The shortest life among the records; of an answer without any, what the zone says of names it lacks (RFC 2308 §5). */
function ttlOf(packet: DecodedPacket, records: readonly DnsRecord[]): number | undefined {
  if (records.length > 0) return Math.min(...records.map(({ ttlS }) => ttlS))
  const [soa] = (packet.authorities ?? []).flatMap(toRecord).filter((record) => record.type === 'SOA')
  return soa && Math.min(soa.ttlS, soa.minimumS)
}

function toRecord(answer: Answer): readonly DnsRecord[] {
  if (answer.type === 'OPT' || ('class' in answer && answer.class !== 'IN')) return []
  const own = { name: nameOf(answer.name), ttlS: 'ttl' in answer ? (answer.ttl ?? 0) : 0 }
  if (answer.type === 'A' || answer.type === 'AAAA')
    return [{ ...own, type: answer.type, address: answer.data }]
  if (answer.type === 'CNAME' || answer.type === 'NS' || answer.type === 'PTR')
    return [{ ...own, type: answer.type, target: nameOf(answer.data) }]
  if (answer.type === 'MX') {
    const { preference = 0, exchange } = answer.data
    return [{ ...own, type: 'MX', preference, exchange: nameOf(exchange) }]
  }
  if (answer.type === 'TXT') return [{ ...own, type: 'TXT', text: textOf(answer.data) }]
  if (answer.type === 'SOA') {
    const { mname, rname, serial = 0, refresh = 0, retry = 0, expire = 0, minimum = 0 } = answer.data
    const names = { primary: nameOf(mname), responsible: nameOf(rname) }
    const seconds = { refreshS: refresh, retryS: retry, expireS: expire, minimumS: minimum }
    return [{ ...own, type: 'SOA', ...names, serial, ...seconds }]
  }
  if (answer.type === 'CAA') {
    const { flags = 0, tag, value } = answer.data
    return [{ ...own, type: 'CAA', isCritical: (flags & CAA_CRITICAL) !== 0, tag, value }]
  }
  if (answer.type === 'DS') {
    const { keyTag, algorithm, digestType, digest } = answer.data
    return [{ ...own, type: 'DS', keyTag, algorithm, digestType, digest: digest.toString('hex') }]
  }
  if (answer.type === 'DNSKEY')
    return [{ ...own, type: 'DNSKEY', flags: answer.data.flags, algorithm: answer.data.algorithm }]
  return []
}

function textOf(data: TxtData): string {
  const strings = Array.isArray(data) ? data : [data]
  return Buffer.concat(strings.map((part) => Buffer.from(part as Uint8Array))).toString('utf8')
}

function nameOf(name: string): string {
  return name.toLowerCase().replace(/\.$/, '')
}
