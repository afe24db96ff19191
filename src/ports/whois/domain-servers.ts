import { isIP } from 'node:net'

/**
 * The WHOIS servers of large registries by top-level domain, so that IANA need not be asked for each. Registries that
 * have switched theirs off are not here.
 *
 * Source: https://www.iana.org/domains/root/db
 */
export const DOMAIN_SERVERS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'whois.verisign-grs.com': 'com net',
    'whois.publicinterestregistry.org': 'org',
    'whois.educause.edu': 'edu',
    'whois.denic.de': 'de',
    'whois.nic.uk': 'uk',
    'whois.nic.fr': 'fr re pm tf wf yt',
    'whois.eu': 'eu',
    'whois.domain-registry.nl': 'nl',
    'whois.jprs.jp': 'jp',
    'whois.registro.br': 'br',
    'whois.tcinet.ru': 'ru su xn--p1ai',
    'whois.nic.it': 'it',
    'whois.dns.pl': 'pl',
    'whois.nic.cz': 'cz',
    'whois.nic.at': 'at',
    'whois.dns.be': 'be',
    'whois.punktum.dk': 'dk',
    'whois.iis.se': 'se nu',
    'whois.norid.no': 'no',
    'whois.fi': 'fi',
    'whois.dns.pt': 'pt',
    'whois.weare.ie': 'ie',
    'whois.cira.ca': 'ca',
    'whois.auda.org.au': 'au',
    'whois.irs.net.nz': 'nz',
    'whois.cnnic.cn': 'cn',
    'whois.kr': 'kr',
    'whois.twnic.net.tw': 'tw',
    'whois.hkirc.hk': 'hk',
    'whois.nixiregistry.in': 'in',
    'whois.ua': 'ua',
    'whois.trabis.gov.tr': 'tr',
    'whois.nic.mx': 'mx',
    'whois.nic.io': 'io',
    'whois.nic.ai': 'ai',
    'whois.nic.co': 'co',
    'whois.nic.me': 'me',
    'whois.nic.us': 'us',
  }).flatMap(([host, domains]) => domains.split(' ').map((domain) => [domain, host] as const)),
)

const HOST = /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/

/** The server that IANA names for a top-level domain; undefined when it names none, or an address. */
export function serverOfTld(text: string): string | undefined {
  return hostIn(/^whois[ \t]*:[ \t]*(\S+)/im.exec(text)?.[1])
}

/** The server of the registrar that a registry's answer names; undefined when it names none. */
export function serverOfRegistrar(text: string): string | undefined {
  return hostIn(/^[ \t]*(?:registrar )?whois server[ \t]*:[ \t]*(\S+)/im.exec(text)?.[1])
}

function hostIn(value: string | undefined): string | undefined {
  const host = value
    ?.toLowerCase()
    .replace(/^[a-z]+:\/\//, '')
    .replace(/(?::43)?\/*$/, '')
  return host !== undefined && HOST.test(host) && isIP(host) === 0 ? host : undefined
}

/** How a registry's server wants to be asked about a domain. */
export function domainQuery(host: string, domain: string): string {
  switch (host) {
    case 'whois.verisign-grs.com':
      // Without it, hosts and registrars are looked for too.
      return `domain ${domain}`
    case 'whois.denic.de':
      return `-T dn,ace ${domain}`
    case 'whois.jprs.jp':
      // In English.
      return `${domain}/e`
    default:
      return domain
  }
}

/** How a registry's server wants to be asked about an address. */
export function ipQuery(host: string, ip: string): string {
  // ARIN: networks, and each in full where there are several.
  return host === 'whois.arin.net' ? `n + ${ip}` : ip
}
