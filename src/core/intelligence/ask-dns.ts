import type { DnsClient } from '#ports/dns/dns-client.ts'
import { DnsError } from '#ports/dns/dns-error.ts'
import type { DnsAnswer, RecordType } from '#ports/dns/dns-record.ts'

/** Why DNS says nothing about a name. */
export type DnsFailure =
  /** No answer in time; nobody there; an answer that is none. */
  | 'timeout'
  | 'unreachable'
  | 'malformed'
  /** The resolver found no answer: the zone's servers are gone or broken, or its signatures are wrong. */
  | 'server-failure'
  /** The resolver will not ask for us. */
  | 'refused'

/** What a question came to. That a name does not exist, or has nothing of a type, is an answer. */
export type DnsOutcome =
  | { readonly kind: 'answered'; readonly answer: DnsAnswer }
  | { readonly kind: 'failed'; readonly reason: DnsFailure }

/** Ask DNS, with what goes wrong for a value: one failure among many questions is no reason to stop. */
export async function askDns(
  dns: DnsClient,
  name: string,
  type: RecordType,
  signal: AbortSignal,
): Promise<DnsOutcome> {
  try {
    const answer = await dns.query(name, type, signal)
    if (answer.rcode === 'NOERROR' || answer.rcode === 'NXDOMAIN') return { kind: 'answered', answer }
    return { kind: 'failed', reason: answer.rcode === 'REFUSED' ? 'refused' : 'server-failure' }
  } catch (error) {
    if (!(error instanceof DnsError)) throw error
    return { kind: 'failed', reason: error.reason === 'aborted' ? 'timeout' : error.reason }
  }
}
