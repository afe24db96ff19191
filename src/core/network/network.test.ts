import { expect, test } from 'bun:test'
import { DomainError } from '#core/errors.ts'
import { rangeOf, type TestSource, testNetwork } from '#testing/test-network.ts'
import {
  getAs,
  getAsOfIp,
  getGraph,
  getNeighbours,
  getRoutes,
  lookUpIp,
  lookUpPrefix,
  searchCompanies,
  searchNetworks,
} from './look-up.ts'
import type { NetworkView } from './network.ts'
import type { AsLinkRow, Row } from './sources/rows.ts'

const RANGES: TestSource = {
  name: '@ip-location-db/asn',
  date: '2026-06-17',
  rows: [
    asRange('1.0.0.0/24', 13335, 'Cloudflare, Inc.'),
    { ...asRange('8.8.4.0/24', 15169, 'Google LLC'), last: 0x0808_08ff } as Row,
    asRange('9.9.9.0/24', 19281, 'Quad9'),
    asRange('2001:4860::/32', 15169, 'Google LLC'),
    asRange('223.255.255.0/24', 64_000, 'The last of them'),
  ],
}
const ROUTES: TestSource = {
  name: 'caida-pfx2as',
  date: '2026-06-01',
  rows: [prefix('8.0.0.0/9', [3356]), prefix('8.8.8.0/24', [15169, 36040]), prefix('8.8.8.128/25', [6432])],
}

test('an address is in the network that contains it most closely, by the source whose word on routing counts', async () => {
  const ctx = contextOf(await testNetwork([RANGES, ROUTES]))

  const network = lookUpIp(ctx, '8.8.8.8').network
  expect({ ...network, prefix: network?.prefix, first: network?.first, last: network?.last }).toEqual({
    prefix: '8.8.8.0/24',
    first: '8.8.8.0',
    last: '8.8.8.255',
    origins: [
      { asn: 15169, name: '', organization: 'Google LLC', country: '' },
      { asn: 36040, name: '', organization: '', country: '' },
    ],
    source: {
      name: 'caida-pfx2as',
      title: 'Title of caida-pfx2as',
      license: 'CC0-1.0',
      date: '2026-06-01',
      rows: 3,
    },
  })
  expect(networkOf(ctx, '8.8.8.200')).toBe('8.8.8.128/25 AS6432')
  expect(networkOf(ctx, '8.8.9.1')).toBe('8.0.0.0/9 AS3356')
  // Where nobody announces anything by the better source, the other is asked.
  expect(networkOf(ctx, '1.0.0.1')).toBe('1.0.0.0/24 AS13335')
  expect(networkOf(ctx, '2001:4860:4860::8888')).toBe('2001:4860::/32 AS15169')
  expect(lookUpIp(ctx, '11.0.0.1').network).toBeUndefined()
})

test('of a range that is no network the prefix is the largest in it around the address', async () => {
  const ctx = contextOf(await testNetwork([RANGES]))

  const { network } = lookUpIp(ctx, '8.8.8.1')

  expect(network).toMatchObject({ prefix: '8.8.8.0/24', first: '8.8.4.0', last: '8.8.8.255' })
})

test.each([
  { ip: '::ffff:8.8.8.8', answer: '8.8.8.0/24 AS15169', canonical: '8.8.8.8' },
  { ip: '2002:808:808::1', answer: '8.8.8.0/24 AS15169', canonical: '2002:808:808::1' },
  { ip: '64:ff9b::909:909', answer: '9.9.9.0/24 AS19281', canonical: '64:ff9b::909:909' },
  { ip: '2001:0:808:808::f6f6:f6f6', answer: '9.9.9.0/24 AS19281', canonical: '2001:0:808:808::f6f6:f6f6' },
])('$ip is asked about as the IPv4 address it carries', async ({ ip, answer, canonical }) => {
  const ctx = contextOf(await testNetwork([RANGES, ROUTES]))

  expect(networkOf(ctx, ip)).toBe(answer)
  expect(lookUpIp(ctx, ip).ip).toBe(canonical)
})

test.each([
  { ip: '0.0.0.0', purpose: 'this network' },
  { ip: '255.255.255.255', purpose: 'limited broadcast' },
  { ip: '10.1.2.3', purpose: 'private use' },
  { ip: '::', purpose: 'unspecified' },
  { ip: 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', purpose: 'multicast' },
  { ip: '2002:a00:1::', purpose: 'private use' },
  { ip: '64:ff9b::7f00:1', purpose: 'loopback' },
])('$ip is said to be special and never looked up', async ({ ip, purpose }) => {
  const ctx = contextOf(await testNetwork([RANGES, { name: 'x', rows: [asRange('0.0.0.0/0', 1, 'All')] }]))

  expect(lookUpIp(ctx, ip)).toMatchObject({ special: { purpose }, network: undefined, places: [] })
  expect(refusal(() => getAsOfIp(ctx, ip))).toMatchObject({ code: 'address-special', details: { purpose } })
})

test('the first and the last address of the space are in ranges that reach them', async () => {
  const view = await testNetwork([
    { name: 'x', rows: [asRange('0.0.0.0/0', 1, 'All'), asRange('::/0', 2, 'All of it')] },
  ])

  for (const last of [0, 0xffff_ffff]) {
    expect(view.asnOf(4, Uint32Array.of(0, 0, 0, last))).toBe(1)
    expect(view.asnOf(6, Uint32Array.of(last, last, last, last))).toBe(2)
  }
})

test('who announces an address is found with everything known about it; who does not is refused by name', async () => {
  const ctx = contextOf(await testNetwork([RANGES, ROUTES]))

  expect(getAsOfIp(ctx, '1.0.0.1')).toMatchObject({ ip: '1.0.0.1', as: { asn: 13335 } })
  expect(refusal(() => getAsOfIp(ctx, '11.0.0.1'))).toMatchObject({
    code: 'address-unknown',
    details: { ip: '11.0.0.1' },
  })
  expect(refusal(() => lookUpIp(ctx, '1.2.3'))).toMatchObject({ code: 'address-invalid' })
  expect(refusal(() => getAs(ctx, 'AS0'))).toMatchObject({ code: 'asn-invalid' })
  expect(refusal(() => getAs(ctx, '4294967296'))).toMatchObject({ code: 'asn-invalid' })
  expect(refusal(() => getAs(ctx, '4294967295'))).toMatchObject({ code: 'asn-unknown' })
})

test('a system has names, country, registration and routes of the source that knows each best', async () => {
  const ctx = contextOf(
    await testNetwork([
      RANGES,
      ROUTES,
      {
        name: 'caida-as-org',
        date: '2026-05-01',
        rows: [
          organization('GOGL', 'Google LLC (org)', 'US'),
          asOrganization(15169, 'GOOGLE', 'GOGL'),
          asOrganization(36040, 'YOUTUBE', 'GOGL'),
        ],
      },
      {
        name: 'delegated',
        rows: [
          {
            kind: 'as-allocation',
            first: 15169,
            last: 15169,
            registry: 'arin',
            country: 'US',
            day: 20000330,
            status: 'assigned',
            opaqueId: '',
          },
        ],
      },
    ]),
  )

  expect(getAs(ctx, 'as15169')).toMatchObject({
    asn: 15169,
    name: 'GOOGLE',
    organization: 'Google LLC (org)',
    country: 'US',
    sources: { name: { name: 'caida-as-org' }, country: { name: 'delegated' } },
    registration: { value: { rir: 'ARIN', allocatedOn: '2000-03-30', status: 'ASSIGNED', country: 'US' } },
    routes: { value: { ipv4: 1, ipv6: 1 }, source: { name: 'caida-pfx2as' } },
  })
  expect(getRoutes(ctx, 15169).routes).toEqual(['8.8.8.0/24', '2001:4860::/32'])
  expect(getRoutes(ctx, 15169, 1)).toMatchObject({ routes: ['8.8.8.0/24'], total: 2 })
})

test('a registered system that announces nothing is known; one that is merely available is not', async () => {
  const allocation = {
    kind: 'as-allocation',
    registry: 'ripencc',
    country: 'DE',
    day: 0,
    opaqueId: '',
  } as const
  const ctx = contextOf(
    await testNetwork([
      {
        name: 'delegated',
        rows: [
          { ...allocation, first: 200, last: 299, status: 'allocated' },
          { ...allocation, first: 300, last: 399, status: 'available', country: '' },
        ],
      },
    ]),
  )

  expect(getAs(ctx, '250')).toMatchObject({
    country: 'DE',
    registration: { value: { rir: 'RIPE', allocatedOn: undefined, status: 'ALLOCATED' } },
    routes: undefined,
  })
  expect(refusal(() => getAs(ctx, '350'))).toMatchObject({ code: 'asn-unknown' })
})

test('where no source names a system’s country, the one of most of its addresses stands for it', async () => {
  const ctx = contextOf(
    await testNetwork([
      {
        name: 'sapics-country',
        rows: [country('1.0.0.0/25', 'AU'), country('8.0.0.0/8', 'US'), country('1.0.0.128/26', 'NZ')],
      },
      RANGES,
    ]),
  )

  expect(getAs(ctx, '15169')).toMatchObject({
    country: 'US',
    sources: { country: { name: 'sapics-country' } },
  })
})

test('neighbours are told by kind, with counts and names; both ways of seeing one are joined', async () => {
  const ctx = contextOf(
    await testNetwork([
      RANGES,
      {
        name: 'caida-as-rel',
        rows: [
          link(3356, 15169, 'transit'),
          link(15169, 36040, 'transit'),
          link(13335, 15169, 'peering'),
          { ...link(15169, 13335, 'peering'), isInBgp: false, isInMlp: true },
          link(15169, 15169, 'peering'),
        ],
      },
    ]),
  )

  expect(getNeighbours(ctx, 15169)).toEqual({
    ipv4: {
      providers: [{ asn: 3356, name: '', organization: '', country: '', seen: 'bgp' }],
      customers: [{ asn: 36040, name: '', organization: '', country: '', seen: 'bgp' }],
      peers: [{ asn: 13335, name: '', organization: 'Cloudflare, Inc.', country: '', seen: 'bgp,mlp' }],
    },
    ipv6: undefined,
  })
  expect(getGraph(ctx, 3356).ipv4).toMatchObject({
    providers: 0,
    customers: 1,
    peers: 0,
    cone: { size: 3, isEstimate: true },
  })
  expect(getGraph(ctx, 99).ipv4).toMatchObject({ providers: 0, customers: 0, peers: 0, cone: { size: 1 } })
})

test('a file that was made to take for ever is done within a second, and its cones are still told', async () => {
  const length = 40_000
  const chain = Array.from({ length }, (_, i) => link(1_000_001 + i, 1_000_002 + i, 'transit'))
  const circle = [link(2_000_001, 2_000_002, 'transit'), link(2_000_002, 2_000_001, 'transit')]
  const rows = [...chain, ...circle, link(2_000_002, 2_000_003, 'transit')]

  const ctx = contextOf(await testNetwork([{ name: 'caida-as-rel', rows }]))

  const coneOf = (asn: number) => getGraph(ctx, asn).ipv4?.cone.size
  expect([1_000_001, 1_020_001, 1_040_000, 1_040_001].map(coneOf)).toEqual([40_001, 20_001, 2, 1])
  expect(coneOf(2_000_001)).toBeWithin(3, 5)
})

test('a relation by which a small network would provide for a large one does not make its cone large', async () => {
  const customers = Array.from({ length: 25 }, (_, i) => link(13335, 1000 + i, 'transit'))
  const rows = [...customers, link(7642, 13335, 'transit'), link(34309, 7642, 'transit')]
  const estimated = contextOf(await testNetwork([{ name: 'caida-as-rel', rows }]))
  const ofClique = contextOf(
    await testNetwork([
      { name: 'caida-as-rel', rows: [{ kind: 'as-role', version: 4, asn: 7642, role: 'clique' }, ...rows] },
    ]),
  )
  const observed = contextOf(
    await testNetwork([
      { name: 'caida-as-rel', rows },
      { name: 'caida-ppdc', rows: [{ kind: 'as-cone', asn: 7642, members: [7642, 1, 2] }] },
    ]),
  )

  expect(getGraph(estimated, 7642).ipv4?.cone).toMatchObject({ size: 1, isEstimate: true })
  expect(getGraph(estimated, 13335).ipv4?.cone.size).toBe(26)
  expect(getGraph(ofClique, 34309).ipv4?.cone.size).toBe(28)
  expect(getGraph(observed, 7642).ipv4?.cone).toMatchObject({
    size: 3,
    isEstimate: false,
    source: { name: 'caida-ppdc' },
  })
})

test('what takes data that are not loaded says which', async () => {
  const ctx = contextOf(await testNetwork([]))

  expect(refusal(() => getNeighbours(ctx, 1))).toMatchObject({
    code: 'network-data-missing',
    details: { data: 'relationships', sources: ['caida-as-rel', 'caida-as-rel-v6'] },
  })
  expect(refusal(() => getRoutes(ctx, 1))).toMatchObject({ code: 'network-data-missing' })
  expect(lookUpIp(ctx, '8.8.8.8').privacy).toMatchObject({
    vpn: undefined,
    tor: undefined,
    hosting: undefined,
  })
})

test('privacy flags come with what was matched, the closest of each list, and are off where a list is silent', async () => {
  const ctx = contextOf(
    await testNetwork([
      RANGES,
      {
        name: 'x4bnet-vpn',
        rows: [listed('8.8.0.0/16', 'vpn'), listed('8.8.8.0/24', 'vpn'), listed('8.8.8.0/24', 'vpn')],
      },
      {
        name: 'x4bnet-datacenter',
        rows: [listed('8.0.0.0/8', 'datacenter'), { kind: 'listed-as', asn: 13335, list: 'datacenter' }],
      },
      { name: 'tor-exits', rows: [listed('8.8.8.8/32', 'tor-exit'), listed('2001:4860::1/128', 'tor-exit')] },
      {
        name: 'cloud:gcp',
        rows: [
          {
            ...rangeOf('8.8.8.0/25'),
            kind: 'cloud-range',
            provider: 'gcp',
            service: 'Compute',
            region: 'us-east1',
            country: '',
          },
        ],
      },
    ]),
  )

  expect(lookUpIp(ctx, '8.8.8.8').privacy).toMatchObject({
    vpn: true,
    tor: true,
    hosting: true,
    cloudProvider: 'gcp',
    cloudService: 'Compute us-east1',
    evidence: [
      { flag: 'tor', by: 'address', matched: '8.8.8.8', source: { name: 'tor-exits' } },
      { flag: 'vpn', by: 'prefix', matched: '8.8.8.0/24', source: { name: 'x4bnet-vpn' } },
      { flag: 'cloud', by: 'prefix', matched: '8.8.8.0/25', detail: 'gcp Compute us-east1' },
      { flag: 'hosting', by: 'prefix', matched: '8.0.0.0/8' },
    ],
  })
  expect(lookUpIp(ctx, '1.0.0.1').privacy).toMatchObject({
    vpn: false,
    tor: false,
    hosting: true,
    cloudProvider: '',
    evidence: [{ flag: 'hosting', by: 'as', matched: 'AS13335', detail: 'list of datacenters' }],
  })
  expect(lookUpIp(ctx, '2001:4860::1').privacy.tor).toBe(true)
  expect(lookUpIp(ctx, '2001:4860::2').privacy).toMatchObject({ tor: false, hosting: false, evidence: [] })
})

test('a prefix is announced as it is, or within a larger one, with what is announced inside it', async () => {
  const ctx = contextOf(await testNetwork([ROUTES]))

  expect(lookUpPrefix(ctx, '8.8.8.8/24')).toMatchObject({
    prefix: '8.8.8.0/24',
    network: { prefix: '8.8.8.0/24' },
    moreSpecifics: [{ prefix: '8.8.8.128/25', origins: [{ asn: 6432 }] }],
    moreSpecificsCount: 1,
  })
  expect(lookUpPrefix(ctx, '8.9.0.0/16').network).toMatchObject({ prefix: '8.0.0.0/9' })
  expect(lookUpPrefix(ctx, '0.0.0.0/0')).toMatchObject({ network: undefined, moreSpecificsCount: 3 })
  expect(lookUpPrefix(ctx, '::ffff:8.8.8.0/120').network).toMatchObject({ prefix: '8.8.8.0/24' })
  for (const text of ['8.8.8.0', '8.8.8.0/33', '8.8.8.0/-1', 'x/8', '::/129', '::ffff:8.8.8.0/90'])
    expect(refusal(() => lookUpPrefix(ctx, text))).toMatchObject({ code: 'prefix-invalid' })
})

test('names are found exact first, then by their beginning, a word, a part; companies with all their systems', async () => {
  const named = (asn: number, handle: string, name: string, rows = ''): Row => ({
    kind: 'as-name',
    asn,
    handle,
    name,
    country: rows,
    networkClass: '',
  })
  const ctx = contextOf(
    await testNetwork([
      {
        name: 'ripe-asnames',
        rows: [
          named(1, 'BIGLINK', 'Biglinkage'),
          named(2, 'LINK', 'Link'),
          named(3, 'OTHER', 'The Link Company'),
          named(4, 'LINKAGE', 'Linkage Ltd.'),
          named(5, 'LINK-2', 'Link'),
          named(6, 'TELE', 'Télé Zürich'),
          named(7, 'O2', 'O2 Germany'),
        ],
      },
    ]),
  )

  const found = searchCompanies(ctx, ' LINK ', 10)
  expect(
    found.matches.map(({ organization, systems }) => [organization, systems.map(({ asn }) => asn)]),
  ).toEqual([
    ['Link', [2, 5]],
    ['Linkage Ltd.', [4]],
    ['The Link Company', [3]],
    ['Biglinkage', [1]],
  ])
  expect(found.total).toBe(4)
  expect(searchCompanies(ctx, 'link', 1)).toMatchObject({ matches: [{ organization: 'Link' }], total: 4 })
  expect(asnsOf(ctx, 'zurich')).toEqual([6])
  expect(asnsOf(ctx, 'company link')).toEqual([3])
  expect(asnsOf(ctx, 'o2')).toEqual([7])
  for (const nothing of ['x', 'qqqq', '%', '..', '\u0000']) expect(asnsOf(ctx, nothing)).toEqual([])
  expect(refusal(() => searchNetworks(ctx, '  ', 10))).toMatchObject({ code: 'invalid-parameter' })
})

test('whatever somebody types is searched as what it is', async () => {
  const ctx = contextOf(await testNetwork([RANGES, ROUTES]))

  expect(searchNetworks(ctx, 'AS15169', 5)).toMatchObject({
    kind: 'asn',
    matches: [{ kind: 'as', as: { asn: 15169 } }],
    total: 1,
  })
  expect(searchNetworks(ctx, '15169', 5).kind).toBe('asn')
  expect(searchNetworks(ctx, '64999', 5)).toEqual({ kind: 'asn', matches: [], total: 0 })
  expect(searchNetworks(ctx, '8.8.8.8', 5)).toMatchObject({
    kind: 'ip',
    matches: [{ kind: 'prefix', network: { prefix: '8.8.8.0/24' } }],
  })
  expect(searchNetworks(ctx, '8.8.8.128/25', 5)).toMatchObject({
    kind: 'prefix',
    matches: [{ network: { prefix: '8.8.8.128/25' } }],
  })
  expect(searchNetworks(ctx, 'google', 5)).toMatchObject({ kind: 'name', matches: [{ as: { asn: 15169 } }] })
})

type Context = ReturnType<typeof contextOf>

function contextOf(view: NetworkView) {
  return { network: { view: () => view } }
}

function networkOf(ctx: Context, ip: string): string {
  const { network } = lookUpIp(ctx, ip)
  return `${network?.prefix} AS${network?.origins[0]?.asn}`
}

function asnsOf(ctx: Context, query: string): number[] {
  return searchNetworks(ctx, query, 10).matches.flatMap((match) => (match.kind === 'as' ? match.as.asn : []))
}

function refusal(act: () => unknown): DomainError {
  try {
    act()
  } catch (error) {
    if (error instanceof DomainError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

function asRange(text: string, asn: number, name: string): Row {
  return { ...rangeOf(text), kind: 'as-range', asn, country: '', name }
}

function prefix(text: string, origins: number[]): Row {
  return {
    ...rangeOf(text),
    kind: 'prefix-origin',
    prefixLength: Number(text.split('/')[1]),
    origins,
    hasSet: false,
  }
}

function country(text: string, code: string): Row {
  return { ...rangeOf(text), kind: 'country-range', country: code }
}

function listed(text: string, list: 'vpn' | 'datacenter' | 'tor-exit'): Row {
  return { ...rangeOf(text), kind: 'listed-range', list }
}

function link(left: number, right: number, relation: AsLinkRow['relation']): AsLinkRow {
  return { kind: 'as-link', version: 4, left, right, relation, isInBgp: true, isInMlp: false }
}

function organization(id: string, name: string, code: string): Row {
  return { kind: 'organization', id, name, country: code, day: 0, registry: 'ARIN' }
}

function asOrganization(asn: number, name: string, organizationId: string): Row {
  return { kind: 'as-organization', asn, name, organizationId, opaqueId: '', day: 0, registry: 'ARIN' }
}
