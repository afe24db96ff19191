import { expect, test } from 'bun:test'
import type { ActiveZone } from '#core/intelligence/dnsbl-health.ts'
import { listRecords, testZone } from '#testing/blocklist-zones.ts'
import { type TestDnsBehaviour, type TestDnsZone, zoneAnswers } from '#testing/dns-server.ts'
import { type OutsideBehaviour, startOutside } from '#testing/outside.ts'
import { ANSWERED, type RdapAnswering } from '#testing/rdap-server.ts'
import { testApp, type TestAppOptions } from '#testing/test-app.ts'

const LISTS: readonly ActiveZone[] = [
  testZone('spam.list', { codes: { '127.0.0.2': 'spam source' } }),
  testZone('proxy.list', { codes: { '127.0.0.9': 'open HTTP proxy' } }),
  testZone('bad-names.list', { kind: 'domain', ipv4: false }),
]

const ZONE: TestDnsZone = {
  '8.8.8.8.in-addr.arpa PTR': 'dns.google',
  'dns.google A': '8.8.8.8',
  'localhost.test A': ['8.8.8.8', '8.8.8.9'],
  'localhost.test AAAA': '2001:4860:4860::8888',
  'localhost.test MX': [
    { preference: 20, exchange: 'backup.localhost.test' },
    { preference: 10, exchange: 'aspmx.l.google.com' },
  ],
  'localhost.test NS': ['ns2.localhost.test', 'ns1.localhost.test'],
  'localhost.test TXT': ['v=spf1 include:_spf.google.com -all', 'hello'],
  '_dmarc.localhost.test TXT': 'v=DMARC1; p=reject',
  'aspmx.l.google.com A': '8.8.8.7',
  'backup.localhost.test A': '10.0.0.7',
  'inside.test A': ['8.8.8.8', '10.0.0.1'],
  'inside.test MX': { preference: 10, exchange: 'aspmx.l.google.com' },
  ...listRecords('spam.list', { '7.8.8.8': '127.0.0.2' }),
  ...listRecords('proxy.list'),
  ...listRecords('bad-names.list'),
}

const REGISTERED: Readonly<Record<string, unknown>> = {
  '/domain/localhost.test': {
    objectClassName: 'domain',
    handle: 'D1',
    ldhName: 'LOCALHOST.TEST',
    status: ['client transfer prohibited'],
    events: [
      { eventAction: 'registration', eventDate: '2007-10-09T18:20:50Z' },
      { eventAction: 'expiration', eventDate: '2027-10-09T18:20:50Z' },
    ],
    nameservers: [{ ldhName: 'NS1.LOCALHOST.TEST' }],
    entities: [
      {
        objectClassName: 'entity',
        roles: ['registrar'],
        vcardArray: [
          'vcard',
          [
            ['version', {}, 'text', '4.0'],
            ['fn', {}, 'text', 'MarkMonitor'],
          ],
        ],
      },
    ],
  },
  '/ip/8.8.8.8': {
    objectClassName: 'ip network',
    handle: 'NET-8-8-8-0-2',
    name: 'GOGL',
    startAddress: '8.8.8.0',
    endAddress: '8.8.8.255',
    country: 'US',
    ipVersion: 'v4',
    status: ['active'],
  },
}

const registry: RdapAnswering = (path) => REGISTERED[path]

async function aServer(behaviour: Partial<OutsideBehaviour> = {}, options: TestAppOptions = {}) {
  const stack = new AsyncDisposableStack()
  const outside = stack.use(await startOutside({ dns: zoneAnswers(ZONE), rdap: registry, ...behaviour }))
  const app = stack.use(await testApp({ ...outside.options, blocklists: LISTS, ...options }))
  const account = await app.givenAccount({ plan: 'Starter', key: { dialect: 'lynk' } })
  return {
    app,
    outside,
    async ask(target: string): Promise<Record<string, unknown>> {
      const response = await app.call('GET', `/ip/v1/lookup/${target}`, { token: account.key.secret })
      expect(response.status).toBe(200)
      return (await response.json()) as Record<string, unknown>
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

test('the documented lookup of an address', async () => {
  await using server = await aServer()

  expect(await server.ask('8.8.8.8')).toMatchObject({
    query: '8.8.8.8',
    type: 'ip',
    ip: '8.8.8.8',
    ip_version: 'IPv4',
    bogon: false,
    rdns: 'dns.google',
    rdns_confirmed: true,
    privacy: { vpn: false, proxy: false, tor: false, hosting: false, cloud_provider: null },
    risk: {
      ip_blacklisted: false,
      ip_blacklist_count: 0,
      ip_blacklists: [],
      ip_zones: { asked: 2, answered: 2, failed: 0, distrusted: 0 },
    },
    whois: { network: '8.8.8.0/24', network_name: 'GOGL', country: 'US', source: 'rdap' },
    errors: {},
    mode: 'full',
  })
  expect(server.outside.tls.serverNames).toEqual([])
})

test('the documented lookup of a domain', async () => {
  await using server = await aServer()

  expect(await server.ask('LocalHost.test.')).toMatchObject({
    query: 'LocalHost.test.',
    type: 'domain',
    domain: 'localhost.test',
    registrable_domain: 'localhost.test',
    public_suffix: 'test',
    ip: '8.8.8.8',
    ip_version: 'IPv4',
    bogon: false,
    rdns: 'dns.google',
    resolved_ips: { a: ['8.8.8.8', '8.8.8.9'], aaaa: ['2001:4860:4860::8888'] },
    dns: {
      mx: [
        { priority: 10, exchange: 'aspmx.l.google.com' },
        { priority: 20, exchange: 'backup.localhost.test' },
      ],
      ns: ['ns1.localhost.test', 'ns2.localhost.test'],
      txt: ['v=spf1 include:_spf.google.com -all', 'hello'],
      spf: 'v=spf1 include:_spf.google.com -all',
      dmarc: 'v=DMARC1; p=reject',
      dnssec: { ds: false, dnskey: false },
    },
    mail: {
      provider: 'Google Workspace',
      mx_records: [
        { priority: 10, exchange: 'aspmx.l.google.com' },
        { priority: 20, exchange: 'backup.localhost.test' },
      ],
      null_mx: false,
      disposable: false,
    },
    whois: {
      registrar: 'MarkMonitor',
      created: '2007-10-09',
      expires: '2027-10-09',
      name_servers: ['ns1.localhost.test'],
      source: 'rdap',
    },
    ssl: {
      issuer: 'Onehop test-only authority',
      sans: ['localhost.test', '127.0.0.1'],
      valid: true,
      trusted: true,
      host_match: true,
      protocol: 'TLSv1.3',
      days_remaining: expect.any(Number),
    },
    risk: {
      ip_blacklisted: false,
      domain_blacklisted: false,
      mx_blacklisted: true,
      domain_zones: { asked: 1, answered: 1, failed: 0, distrusted: 0 },
      mx: [{ host: 'aspmx.l.google.com', ip: '8.8.8.7', blacklisted: true }],
    },
    sources: { 'Title of sapics-country': { geo: { country: 'US' } } },
    network: { asn: 15169 },
    errors: {},
    mode: 'full',
  })
  expect(server.outside.tls.serverNames).toEqual(['localhost.test'])
})

test('a domain below the registered one is looked up itself, and its registration by that', async () => {
  await using server = await aServer({
    dns: zoneAnswers({ ...ZONE, 'www.localhost.test A': '8.8.8.8' }),
  })

  expect(await server.ask('www.localhost.test')).toMatchObject({
    domain: 'www.localhost.test',
    registrable_domain: 'localhost.test',
    resolved_ips: { a: ['8.8.8.8'], aaaa: [] },
    whois: { registrar: 'MarkMonitor' },
    ssl: { valid: false, problem: 'wrong_host', trusted: true, host_match: false },
  })
})

test.each(['müller.test', 'xn--mller-kva.test', 'M%C3%9CLLER.test', 'm%C3%BCller%E3%80%82test'])(
  'the domain %s is known in either form',
  async (target) => {
    await using server = await aServer({
      dns: zoneAnswers({ ...ZONE, 'xn--mller-kva.test A': '8.8.8.8' }),
    })

    expect(await server.ask(`${encodeURI(decodeURI(target))}?mode=lite`)).toMatchObject({
      type: 'domain',
      domain: 'xn--mller-kva.test',
      domain_unicode: 'müller.test',
      ip: '8.8.8.8',
    })
  },
)

test('in lite the resolver is asked for the addresses of a domain, and nobody else anything', async () => {
  await using server = await aServer()

  const answer = await server.ask('localhost.test?mode=lite')

  expect(answer).toMatchObject({ ip: '8.8.8.8', network: { asn: 15169 }, errors: {}, mode: 'lite' })
  for (const field of ['rdns', 'dns', 'mail', 'whois', 'ssl', 'risk'])
    expect(answer).not.toHaveProperty(field)
  expect(server.outside.dns.queries.toSorted()).toEqual(['localhost.test A', 'localhost.test AAAA'])
  expect(server.outside.rdap.paths).toEqual([])
  expect(server.outside.tls.serverNames).toEqual([])
})

test('lists that have an address are named; a proxy by their word is one', async () => {
  await using server = await aServer({
    dns: zoneAnswers({
      ...ZONE,
      ...listRecords('spam.list', { '8.8.8.8': '127.0.0.2' }),
      ...listRecords('proxy.list', { '8.8.8.8': '127.0.0.9' }),
    }),
  })

  expect(await server.ask('8.8.8.8')).toMatchObject({
    privacy: {
      proxy: true,
      evidence: [
        {
          flag: 'proxy',
          by: 'blocklist',
          matched: 'proxy.list',
          detail: 'open HTTP proxy',
          source: 'The proxy.list list',
        },
      ],
    },
    risk: {
      ip_blacklisted: true,
      ip_blacklist_count: 2,
      ip_blacklists: ['spam.list', 'proxy.list'],
      ip_listings: [
        { zone: 'spam.list', codes: ['127.0.0.2'], meaning: 'spam source' },
        { zone: 'proxy.list', codes: ['127.0.0.9'] },
      ],
    },
  })
})

test('nobody is asked about a bogon', async () => {
  await using server = await aServer()

  for (const bogon of [
    '10.0.0.1',
    '127.0.0.1',
    '169.254.169.254',
    'fd00::1',
    '::ffff:192.168.0.1',
    '64:ff9b::a00:1',
  ])
    expect(await server.ask(bogon)).toMatchObject({
      bogon: true,
      rdns: null,
      whois: null,
      risk: { ip_blacklisted: null, ip_blacklist_count: 0, ip_blacklists: [] },
      errors: {},
    })

  expect(server.outside.dns.queries).toEqual([])
  expect(server.outside.rdap.paths).toEqual([])
  expect(server.outside.tls.serverNames).toEqual([])
})

test('of a domain with a private address nobody but the DNS is asked', async () => {
  await using server = await aServer()

  expect(await server.ask('inside.test')).toMatchObject({
    resolved_ips: { a: ['8.8.8.8', '10.0.0.1'] },
    mail: { provider: 'Google Workspace' },
    whois: null,
    ssl: null,
    errors: {},
  })

  expect(server.outside.rdap.paths).toEqual([])
  expect(server.outside.tls.serverNames).toEqual([])
})

test('where the operator allows a private address, its server is looked at', async () => {
  await using server = await aServer(
    { dns: zoneAnswers({ ...ZONE, 'localhost.test A': '10.1.2.3', 'localhost.test AAAA': [] }) },
    { outgoing: { allowPrivate: ['10.1.0.0/16'] } },
  )

  expect(await server.ask('localhost.test')).toMatchObject({
    ip: '10.1.2.3',
    bogon: true,
    rdns: null,
    whois: { registrar: 'MarkMonitor' },
    ssl: { valid: true },
    risk: { ip_blacklisted: null },
  })
  expect(server.outside.tls.serverNames).toEqual(['localhost.test'])
})

test('a domain that does not exist is answered with what is known of it', async () => {
  await using server = await aServer()

  expect(await server.ask('nowhere.test')).toMatchObject({
    ip: null,
    resolved_ips: { a: [], aaaa: [] },
    dns: { exists: false, mx: [], ns: [] },
    mail: { provider: null, mx_records: [] },
    whois: null,
    ssl: null,
    risk: { ip_blacklisted: null, domain_blacklisted: false, mx_blacklisted: false },
    errors: {},
  })
})

test('a list that refuses, is silent or lists everything is no clean bill', async () => {
  const zones = zoneAnswers({
    ...ZONE,
    ...listRecords('refusing.list', { '8.8.8.8': '127.255.255.254' }),
    '*.parked.list A': '127.0.0.2',
  })
  const dns: TestDnsBehaviour = (question) =>
    question.name.endsWith('silent.list') ? undefined : zones(question)
  await using server = await aServer(
    { dns },
    { blocklists: [testZone('refusing.list'), testZone('silent.list'), testZone('parked.list')] },
  )

  expect(await server.ask('8.8.8.8')).toMatchObject({
    risk: {
      ip_blacklisted: null,
      ip_blacklist_count: 0,
      ip_blacklists: [],
      ip_zones: { asked: 3, answered: 0, failed: 2, distrusted: 1 },
    },
    errors: {
      'dnsbl:refusing.list': 'refused',
      'dnsbl:silent.list': 'timeout',
      'dnsbl:parked.list': 'lists_everything',
    },
  })
})

test('those who ask for the same at once share one run', async () => {
  const zones = zoneAnswers(ZONE)
  await using server = await aServer({ dns: (question) => ({ ...zones(question), delayMs: 30 }) })

  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, n) => server.ask(n % 2 === 0 ? 'localhost.test' : 'LOCALHOST.test')),
  )

  expect(new Set(answers.map((answer) => JSON.stringify({ ...answer, query: '' }))).size).toBe(1)
  expect(answers[1]?.['query']).toBe('LOCALHOST.test')
  expect(server.outside.tls.serverNames).toEqual(['localhost.test'])
  expect(server.outside.rdap.paths.filter((path) => path.startsWith('/domain/'))).toHaveLength(1)
  expect(server.outside.dns.queries.filter((query) => query === 'localhost.test A')).toHaveLength(1)
})

test('what was found lately is not asked for again', async () => {
  await using server = await aServer()
  await server.ask('localhost.test')
  const before = [...server.outside.dns.queries]
  const rest = () => server.outside.dns.queries.slice(before.length)

  await server.ask('localhost.test')

  for (const query of [
    'localhost.test A',
    'localhost.test MX',
    '8.8.8.8.in-addr.arpa PTR',
    '7.8.8.8.spam.list A',
  ])
    expect([before.includes(query), rest().includes(query)]).toEqual([true, false])
  expect(server.outside.rdap.paths.filter((path) => path.startsWith('/domain/'))).toHaveLength(1)
  expect(server.outside.tls.serverNames).toHaveLength(1)
})

test('with nobody answering there is an answer, and it says who did not', async () => {
  await using server = await aServer({ dns: () => undefined, rdap: () => undefined })

  const startedMs = performance.now()
  const answer = await server.ask('localhost.test')

  expect(performance.now() - startedMs).toBeLessThan(5_000)
  expect(answer).toMatchObject({
    type: 'domain',
    ip: null,
    resolved_ips: { a: [], aaaa: [] },
    ssl: null,
    risk: { ip_blacklisted: null, domain_blacklisted: null, mx_blacklisted: null },
    errors: {
      resolved_ips: 'timeout',
      mail: 'timeout',
      'dns:mx': 'timeout',
      'dns:ns': 'timeout',
      'dnsbl:bad-names.list': 'timeout',
    },
  })
})

test('with registries, servers and lists silent there is an answer within 5 s, with what is known', async () => {
  const zones = zoneAnswers(ZONE)
  await using server = await aServer({
    dns: (question) => (question.name.endsWith('.list') ? undefined : zones(question)),
    rdap: () => ANSWERED,
    isTlsSilent: true,
  })

  const startedMs = performance.now()
  const answer = await server.ask('localhost.test')

  expect(performance.now() - startedMs).toBeLessThan(5_000)
  expect(answer).toMatchObject({
    ip: '8.8.8.8',
    rdns: 'dns.google',
    mail: { provider: 'Google Workspace' },
    whois: null,
    ssl: null,
    risk: { ip_blacklisted: null, domain_blacklisted: null, mx_blacklisted: null },
    errors: {
      whois: 'timeout',
      ssl: 'timeout',
      'dnsbl:spam.list': 'timeout',
      'dnsbl:proxy.list': 'timeout',
      'dnsbl:bad-names.list': 'timeout',
    },
  })
})
