import type { ActiveZone } from '#core/intelligence/dnsbl-health.ts'
import type { DnsblZone } from '#core/intelligence/dnsbl-zone.ts'
import type { TestDnsZone } from './dns-server.ts'

/** A blocklist for tests: of IPv4 addresses unless something else is said. */
export function testZone(zone: string, details: Partial<DnsblZone> = {}): ActiveZone {
  const name = `The ${zone} list`
  const usual = { name, kind: 'ip', ipv4: true, ipv6: false, terms: 'open' } as const
  return { ...usual, zone, suffix: zone, ...details }
}

/**
 * Records of a list that passes its controls.
 *
 * @param listed codes by what is listed, as it stands before the zone's name: `10.2.0.192`, `bad.example`
 */
export function listRecords(
  zone: string,
  listed: Readonly<Record<string, string | readonly string[]>> = {},
): TestDnsZone {
  const all = { '2.0.0.127': '127.0.0.2', test: '127.0.0.2', ...listed }
  return Object.fromEntries(Object.entries(all).map(([labels, codes]) => [`${labels}.${zone} A`, codes]))
}
