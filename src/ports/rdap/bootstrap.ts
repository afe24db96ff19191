import { isIP } from 'node:net'
import { parseIp } from '#ports/geo/parse-ip.ts'
import { registryOfIp, type AddressRegistry } from '#ports/whois/registry-of-ip.ts'
import type { RdapTarget } from './rdap-target.ts'

/** The files of the bootstrap registry that are kept, as IANA names them. */
export const BOOTSTRAP_FILES = ['dns', 'ipv4', 'ipv6'] as const

export type BootstrapFile = (typeof BOOTSTRAP_FILES)[number]

/** What one file says: for each entry (a top-level domain, a network) the address of the server, ending in a slash. */
export type BootstrapEntries = ReadonlyMap<string, string>

export type Bootstrap = Readonly<Partial<Record<BootstrapFile, BootstrapEntries>>>

/** A file has some 1,500 entries. */
const MAX_ENTRIES = 100_000

/**
 * Read a file of the bootstrap registry (RFC 9224 §3). Of several servers for an entry, the first with https counts.
 *
 * @returns undefined when it is none, or has nothing in it
 */
export function parseBootstrap(text: string): BootstrapEntries | undefined {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return undefined
  }
  const services = (json as { readonly services?: unknown } | null)?.services
  if (!Array.isArray(services)) return undefined
  const entries = new Map<string, string>()
  for (const service of services as unknown[]) {
    const [names, urls] = Array.isArray(service) ? (service as unknown[]) : []
    if (!Array.isArray(names) || !Array.isArray(urls)) continue
    const url = serverUrl(urls)
    if (url === undefined) continue
    for (const name of names as unknown[])
      if (typeof name === 'string' && entries.size < MAX_ENTRIES) entries.set(name.toLowerCase(), url)
  }
  return entries.size === 0 ? undefined : entries
}

function serverUrl(urls: readonly unknown[]): string | undefined {
  const parsed = urls.flatMap((text) => (typeof text === 'string' ? (URL.parse(text) ?? []) : []))
  const url =
    parsed.find(({ protocol }) => protocol === 'https:') ??
    parsed.find(({ protocol }) => protocol === 'http:')
  return url === undefined ? undefined : url.href.replace(/\/?$/, '/')
}

/**
 * The server to ask about a target: by the files where they are there, by what is built in where one is not, or where
 * the registry of domains has a server that IANA does not know of.
 *
 * @returns undefined when there is none
 */
export function serverFor(target: RdapTarget, bootstrap: Bootstrap): string | undefined {
  if (target.kind === 'ip') return serverOfIp(target.ip, bootstrap)
  for (let suffix = target.domain; suffix !== ''; suffix = suffix.replace(/^[^.]*\.?/, '')) {
    const url = bootstrap.dns?.get(suffix) ?? BUILT_IN_DOMAINS.get(suffix)
    if (url !== undefined) return url
  }
  return undefined
}

function serverOfIp(ip: string, bootstrap: Bootstrap): string | undefined {
  const words = new Uint32Array(4)
  const version = parseIp(ip, words)
  if (version === undefined) return undefined
  const entries = version === 4 ? bootstrap.ipv4 : bootstrap.ipv6
  let found: string | undefined
  let longest = -1
  for (const [prefix, url] of entries ?? []) {
    const [network = '', length] = prefix.split('/')
    const bits = Number(length ?? Number.NaN)
    if (bits <= longest || isIP(network) !== version || !covers(network, bits, words)) continue
    longest = bits
    found = url
  }
  return found ?? BUILT_IN_REGISTRIES[registryOfIp(ip)]
}

function covers(network: string, bits: number, address: Uint32Array): boolean {
  const words = new Uint32Array(4)
  const version = parseIp(network, words)
  // An IPv4 address stands in the last word.
  const first = version === 4 ? 3 : 0
  for (let word = first, left = bits; left > 0 && word < 4; word++, left -= 32) {
    const shift = Math.max(0, 32 - left)
    if ((words[word] ?? 0) >>> shift !== (address[word] ?? 0) >>> shift) return false
  }
  return bits >= 0
}

const BUILT_IN_REGISTRIES: Readonly<Record<AddressRegistry, string>> = {
  AFRINIC: 'https://rdap.afrinic.net/rdap/',
  APNIC: 'https://rdap.apnic.net/',
  ARIN: 'https://rdap.arin.net/registry/',
  LACNIC: 'https://rdap.lacnic.net/rdap/',
  RIPE: 'https://rdap.db.ripe.net/',
}

/**
 * The large registries, so that they can be asked before a file has come, and registries that answer although no file
 * lists them (.de, .ch, .li).
 *
 * Source: https://data.iana.org/rdap/dns.json and the registries' own pages
 */
const BUILT_IN_DOMAINS: BootstrapEntries = new Map(
  Object.entries({
    'https://rdap.verisign.com/com/v1/': 'com',
    'https://rdap.verisign.com/net/v1/': 'net',
    'https://tld-rdap.verisign.com/cc/v1/': 'cc',
    'https://tld-rdap.verisign.com/name/v1/': 'name',
    'https://rdap.publicinterestregistry.org/rdap/': 'org',
    'https://rdap.identitydigital.services/rdap/':
      'info mobi pro io ai ac sh me live world digital email agency media news today life solutions network company',
    'https://rdap.nic.biz/': 'biz',
    'https://pubapi.registry.google/rdap/': 'app dev page new foo zip google',
    'https://rdap.centralnic.com/xyz/': 'xyz',
    'https://rdap.centralnic.com/icu/': 'icu',
    'https://rdap.radix.host/rdap/': 'online site store tech website space fun host press pw uno',
    'https://rdap.gmoregistry.net/rdap/': 'shop tokyo',
    'https://rdap.nominet.uk/uk/': 'uk',
    'https://rdap.denic.de/': 'de',
    'https://rdap.nic.fr/': 'fr',
    'https://rdap.sidn.nl/': 'nl',
    'https://rdap.nic.ch/': 'ch li',
    'https://rdap.nic.cz/': 'cz',
    'https://rdap.dns.pl/': 'pl',
    'https://rdap.norid.no/': 'no',
    'https://rdap.fi/rdap/rdap/': 'fi',
    'https://rdap.registro.br/': 'br',
    'https://rdap.ca.fury.ca/rdap/': 'ca',
    'https://rdap.cctld.au/rdap/': 'au',
    'https://rdap.nixiregistry.in/rdap/': 'in',
    'https://rdap.pandi.id/rdap/': 'id',
    'https://rdap.sgnic.sg/rdap/': 'sg',
    'https://ccrdap.twnic.tw/tw/': 'tw',
    'https://rdap.hostmaster.ua/': 'ua',
  }).flatMap(([url, names]) => names.split(' ').map((name) => [name, url] as const)),
)

/** Whether a host is that of a registry which the files or what is built in name. */
export function isRegistryHost(host: string, bootstrap: Bootstrap): boolean {
  const tables = [...Object.values(bootstrap), BUILT_IN_DOMAINS]
  return (
    Object.values(BUILT_IN_REGISTRIES).some((url) => hostnameOf(url) === host) ||
    tables.some((entries) => [...(entries?.values() ?? [])].some((url) => hostnameOf(url) === host))
  )
}

function hostnameOf(url: string): string {
  return new URL(url).hostname
}
