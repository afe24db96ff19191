import type { NetworkView } from '#core/network/network.ts'
import type { Row } from '#core/network/sources/rows.ts'
import { rangeOf, testNetwork, type TestSource } from './test-network.ts'

/** The systems that the contracts' examples show, and what stands around them. */
export const NAMES: TestSource = {
  name: 'caida-as-org',
  title: 'CAIDA AS Organizations',
  date: '2026-01-01',
  rows: (
    [
      [24940, 'HETZNER-AS', 'Hetzner Online GmbH', 'DE'],
      [34309, 'LINK11', 'Link11 GmbH', 'DE'],
      [1299, 'TWELVE99', 'Arelion Sweden AB', 'SE'],
      [174, 'COGENT-174', 'Cogent Communications', 'US'],
      [6939, 'HURRICANE', 'Hurricane Electric LLC', 'US'],
      [12552, 'GLOBALCONNECT', 'GlobalConnect AB', 'SE'],
      [28792, 'PUBLICINTERNET', 'Public Internet Ltd', 'GB'],
      [58057, 'SECUREBIT', 'Securebit AG', 'CH'],
      [198167, 'APPTC', 'Apptc.me s.r.o.', 'CZ'],
      [209148, 'SECUREPOINT', 'Securepoint GmbH', 'DE'],
      [65600, 'AMP-AS', 'Fish & Chips <Ltd>', 'GB'],
      [65601, 'GEMUESE', 'Gemüse & Söhne 🥕', 'DE'],
    ] as const
  ).flatMap(([asn, name, organization, country]): Row[] => [
    {
      kind: 'organization',
      id: `ORG-${organization}`,
      name: organization,
      country,
      day: 20260101,
      registry: 'RIPE',
    },
    {
      kind: 'as-organization',
      asn,
      name,
      organizationId: `ORG-${organization}`,
      opaqueId: '',
      day: 20260101,
      registry: 'RIPE',
    },
  ]),
}

export const ALLOCATIONS: TestSource = {
  name: 'delegated',
  title: 'Registries: delegated-extended',
  date: '2026-01-01',
  rows: (
    [
      [24940, 'DE', 20020603],
      [34309, 'DE', 20050110],
    ] as const
  ).map(([asn, country, day]) => ({
    kind: 'as-allocation',
    first: asn,
    last: asn,
    registry: 'ripencc',
    country,
    day,
    status: 'assigned',
    opaqueId: '',
  })),
}

export const CLASSES: TestSource = {
  name: 'bgptools-tag:vpsh',
  title: 'bgp.tools: vpsh',
  date: '2026-01-01',
  rows: [{ kind: 'as-tag', asn: 24940, tag: 'vpsh' }],
}

export const ROUTES: TestSource = {
  name: 'caida-pfx2as',
  title: 'CAIDA RouteViews Prefix-to-AS',
  date: '2026-01-01',
  rows: [
    announced('78.46.0.0/15', 24940),
    announced('138.199.128.0/17', 24940),
    announced('5.1.100.0/24', 34309),
    announced('9.9.9.0/24', 65600),
  ],
}

export const ROUTES_V6: TestSource = {
  name: 'caida-pfx2as-v6',
  title: 'CAIDA RouteViews Prefix-to-AS, IPv6',
  date: '2026-01-01',
  rows: [announced('2a01:4f8::/32', 24940)],
}

export const RELATIONSHIPS: TestSource = {
  name: 'caida-as-rel',
  title: 'CAIDA AS relationships (serial-2)',
  date: '2026-01-01',
  rows: [
    ...transit(4, [
      [12552, 24940],
      [58057, 24940],
      [24940, 209148],
      [24940, 198167],
      [1299, 34309],
      [174, 34309],
      [34309, 209148],
    ]),
    ...peering(4, [
      [24940, 58057],
      [24940, 28792],
      [34309, 24940],
    ]),
  ],
}

export const RELATIONSHIPS_V6: TestSource = {
  name: 'caida-as-rel-v6',
  title: 'CAIDA AS relationships, IPv6',
  date: '2026-01-01',
  rows: transit(6, [[6939, 34309]]),
}

export const SAMPLE: readonly TestSource[] = [
  NAMES,
  ALLOCATIONS,
  CLASSES,
  ROUTES,
  ROUTES_V6,
  RELATIONSHIPS,
  RELATIONSHIPS_V6,
]

let sample: Promise<NetworkView> | undefined

/** All of the above, compiled once for all tests of a process. */
export function sampleNetwork(): Promise<NetworkView> {
  return (sample ??= testNetwork(SAMPLE))
}

function announced(prefix: string, asn: number): Row {
  const prefixLength = Number(prefix.slice(prefix.indexOf('/') + 1))
  return { kind: 'prefix-origin', prefixLength, origins: [asn], hasSet: false, ...rangeOf(prefix) }
}

function transit(version: 4 | 6, links: readonly (readonly [provider: number, customer: number])[]): Row[] {
  return links.map(([left, right]) => link(version, left, right, 'transit'))
}

function peering(version: 4 | 6, links: readonly (readonly [number, number])[]): Row[] {
  return links.map(([left, right]) => link(version, left, right, 'peering'))
}

function link(version: 4 | 6, left: number, right: number, relation: 'transit' | 'peering'): Row {
  return { kind: 'as-link', version, left, right, relation, isInBgp: true, isInMlp: false }
}
