import { DomainError } from '#core/errors.ts'
import type { DnsClient } from '#ports/dns/dns-client.ts'
import { DnsError } from '#ports/dns/dns-error.ts'
import { dnsName } from '#ports/dns/dns-message.ts'
import { recordsOf } from '#ports/dns/dns-record.ts'
import { askDns } from './ask-dns.ts'
import { reverseLabels } from './reverse-labels.ts'

/** The name that the holder of an address gives it. */
export interface ReverseName {
  readonly name: string
  /** That name leads back to the address, so that the holders of both agree; false too where it could not be asked. */
  readonly isConfirmed: boolean
}

/** Names of one address that are looked at; hosts of many names give nearly as many. */
const MAX_NAMES = 5

/**
 * The name of an address by reverse DNS: of several, the first that leads back to it.
 *
 * @returns undefined when it has none
 * @throws DomainError `address-invalid`; DnsError when there is no telling, `unreachable` also for a resolver's failure
 */
export async function reverseDns(
  { dns }: { readonly dns: DnsClient },
  ip: string,
  signal: AbortSignal,
): Promise<ReverseName | undefined> {
  const reversed = reverseLabels(ip)
  if (reversed === undefined) throw new DomainError('address-invalid', { text: ip })
  const { version, labels } = reversed
  const answer = await dns.query(`${labels}.${version === 4 ? 'in-addr' : 'ip6'}.arpa`, 'PTR', signal)
  if (answer.rcode !== 'NOERROR' && answer.rcode !== 'NXDOMAIN')
    throw new DnsError('unreachable', `the resolver has no answer (${answer.rcode})`)
  const names = recordsOf(answer, 'PTR')
    .map(({ target }) => dnsName(target))
    .filter((name) => name !== undefined)
    .slice(0, MAX_NAMES)
  const type = version === 4 ? 'A' : 'AAAA'
  const areConfirmed = await Promise.all(
    names.map(async (name) => {
      const outcome = await askDns(dns, name, type, signal)
      return (
        outcome.kind === 'answered' &&
        recordsOf(outcome.answer, type).some(({ address }) => reverseLabels(address)?.labels === labels)
      )
    }),
  )
  const confirmed = areConfirmed.indexOf(true)
  const name = names[Math.max(0, confirmed)]
  return name === undefined ? undefined : { name, isConfirmed: confirmed >= 0 }
}
