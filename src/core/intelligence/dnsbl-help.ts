import { DNSBL_CATALOGUE } from './dnsbl-catalogue.ts'
import type { DnsblTerms, DnsblZone } from './dnsbl-zone.ts'

const TERMS: Readonly<Record<DnsblTerms, string>> = {
  open: 'open',
  'fair-use': 'fair use',
  registration: '**registration**',
  key: '**key**',
}

/** The table of built-in blocklists for a Markdown page. */
export function blocklistsMarkdown(): string {
  const rows = DNSBL_CATALOGUE.map(
    (zone) =>
      `| \`${zone.zone}\` | ${zone.name} | ${listedBy(zone)} | ${termsOf(zone)} | ${controlOf(zone)} |`,
  )
  return ['| zone | list | lists | terms | control |', '|---|---|---|---|---|', ...rows, ''].join('\n')
}

function listedBy({ kind, ipv4, ipv6 }: DnsblZone): string {
  const addresses = [ipv4 ? 'IPv4' : '', ipv6 ? 'IPv6' : ''].filter((version) => version !== '')
  if (kind === 'domain') return 'domains'
  return [...addresses, ...(kind === 'both' ? ['domains'] : [])].join(', ')
}

function termsOf({ terms, key }: DnsblZone): string {
  return key === undefined ? TERMS[terms] : `${TERMS[terms]} \`${key}\``
}

function controlOf({ controls }: DnsblZone): string {
  if (controls?.listed === undefined) return 'RFC 5782'
  return controls.listed === null ? 'that it exists' : `\`${controls.listed}\``
}
