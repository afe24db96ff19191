import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'

/** Where a recursive resolver listens. */
export interface DnsServer {
  /** An IP address. */
  readonly address: string
  /** 53 unless an operator says otherwise. */
  readonly port: number
}

/** The port of the service's own. */
export const DNS_PORT = 53
/** As many as the C library's resolver takes. */
const MAX_SERVERS = 3

/**
 * The resolvers of the system: `nameserver` lines of `/etc/resolv.conf`, the first three; this machine where there are
 * none, as resolv.conf(5) has it.
 */
export function systemDnsServers(file = '/etc/resolv.conf'): readonly DnsServer[] {
  let text = ''
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    // Where it is missing, the default of resolv.conf(5) holds; anything else leaves nobody to ask either.
    if ((error as NodeJS.ErrnoException).code === undefined) throw error
  }
  const addresses = [...text.matchAll(/^[ \t]*nameserver[ \t]+(\S+)/gm)]
    .map(([, address = '']) => address)
    .filter((address) => isIP(address) !== 0)
    .slice(0, MAX_SERVERS)
  return (addresses.length > 0 ? addresses : ['127.0.0.1']).map((address) => ({ address, port: DNS_PORT }))
}
