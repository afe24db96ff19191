import { expect, test } from 'bun:test'
import { existsSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createOutgoingClient } from '#ports/outgoing/outgoing-client.ts'
import { createRequestSlots } from '#ports/outgoing/request-slots.ts'
import { createRdapClient, type RdapClientOptions } from '#ports/rdap/rdap-client.ts'
import { DOMAIN_SERVERS } from '#ports/whois/domain-servers.ts'
import { INTERNET_REGISTRIES, type WhoisServer } from '#ports/whois/registries.ts'
import { createWhoisClient, type WhoisClientOptions } from '#ports/whois/whois-client.ts'
import { ANSWERED, bootstrapFile, type RdapAnswering, startRdapServer } from '#testing/rdap-server.ts'
import { temporaryDir } from '#testing/temporary-dir.ts'
import { until } from '#testing/until.ts'
import { startWhoisServer } from '#testing/whois-server.ts'
import { type RegistrationDeps, registrationOf } from './registration-of.ts'
import { RegistrationError, type RegistrationTarget } from './registration.ts'

const NOW_MS = Date.parse('2026-01-02T03:04:05Z')
/** Nobody listens there. */
const NOWHERE = 1

const RDAP_DOMAIN = {
  objectClassName: 'domain',
  handle: '1234_DOMAIN_EX',
  ldhName: 'EXAMPLE.EX',
  status: ['client transfer prohibited', 'active', 'active'],
  events: [
    { eventAction: 'registration', eventDate: '1995-08-14T04:00:00Z' },
    { eventAction: 'expiration', eventDate: '2027-08-13T04:00:00Z' },
    { eventAction: 'last changed', eventDate: '2026-01-16T23:30:00-05:00' },
    { eventAction: 'last update of RDAP database', eventDate: '2026-01-20T00:00:00Z' },
  ],
  nameservers: [{ ldhName: 'NS1.EXAMPLE.EX.' }, { ldhName: 'ns2.example.ex' }, { ldhName: 7 }],
  secureDNS: { delegationSigned: false },
  entities: [
    {
      roles: ['registrar'],
      vcardArray: [
        'vcard',
        [
          ['version', {}, 'text', '4.0'],
          ['fn', {}, 'text', 'Example Registrar, Inc.'],
        ],
      ],
      entities: [
        {
          roles: ['abuse'],
          vcardArray: ['vcard', [['email', {}, 'text', 'abuse@registrar.test']]],
        },
      ],
    },
  ],
}
const DOMAIN = {
  source: 'rdap',
  server: 'rdap.ex.test',
  handle: '1234_DOMAIN_EX',
  registrar: 'Example Registrar, Inc.',
  created: '1995-08-14',
  updated: '2026-01-17',
  expires: '2027-08-13',
  status: ['client transfer prohibited', 'active'],
  nameServers: ['ns1.example.ex', 'ns2.example.ex'],
  abuseContact: 'abuse@registrar.test',
  dnssec: false,
}
const REGISTRANT = {
  roles: ['registrant'],
  vcardArray: [
    'vcard',
    [
      ['fn', {}, 'text', 'REDACTED FOR PRIVACY'],
      ['org', {}, 'text', 'Example Org'],
      ['adr', { cc: 'de' }, 'text', ['', '', '', '', '', '', '']],
    ],
  ],
}
const WHOIS_TEXT = 'Domain Name: example.ex\nRegistrar: By WHOIS\nCreation Date: 2001-02-03\n'

function at(port: number) {
  return ({ host }: WhoisServer): WhoisServer => ({ host, port })
}

function mapValues<K extends string, V>(record: Readonly<Record<K, V>>, map: (value: V) => V): Record<K, V> {
  const mapped = Object.entries<V>(record).map(([key, value]) => [key, map(value)])
  return Object.fromEntries(mapped) as Record<K, V>
}

const unavailable: RdapAnswering = (_, _request, response) => {
  response.writeHead(503).end()
  return ANSWERED
}

interface World extends AsyncDisposable {
  readonly deps: RegistrationDeps
  readonly rdapPaths: readonly string[]
  readonly ianaPaths: readonly string[]
  readonly whoisQueries: readonly string[]
  look(target: string, signal?: AbortSignal): Promise<unknown>
}

interface WorldOptions {
  readonly rdap?: RdapAnswering
  /** What the WHOIS server of whatever registry, of IANA and of every registrar says. */
  readonly whois?: Parameters<typeof startWhoisServer>[0]
  readonly services?: (port: number) => Parameters<typeof bootstrapFile>[0]
  readonly rdapOptions?: Partial<RdapClientOptions>
  readonly whoisOptions?: Partial<WhoisClientOptions>
  readonly noWhois?: boolean
  readonly allowPrivate?: readonly string[]
}

/** Registries of .ex, whose RDAP server is rdap.ex.test, and of addresses; all names lead to this machine. */
async function world(options: WorldOptions = {}): Promise<World> {
  const { rdap: answering = () => undefined, whois: answer = () => '', noWhois = false } = options
  const rdapServer = await startRdapServer(answering)
  const whoisServer = await startWhoisServer(answer)
  const services =
    options.services ??
    ((port: number) => [
      [['ex', 'jp', '192.0.0.0/8', '2001:db8::/32'], [`http://rdap.ex.test:${port}/`]] as const,
      [['elsewhere'], [`http://rdap.elsewhere.test:${port}/`]] as const,
    ])
  const iana = await startRdapServer(() => bootstrapFile(services(rdapServer.port)))
  const outgoing = createOutgoingClient({
    allowPrivate: options.allowPrivate ?? ['127.0.0.1'],
    contactUrl: 'http://s.test',
    version: '0',
    resolve: () => Promise.resolve(['127.0.0.1']),
  })
  const slots = createRequestSlots({ total: 20, perHost: 4 })
  const whoisPort = noWhois ? NOWHERE : whoisServer.port
  const deps = {
    rdap: createRdapClient({
      outgoing,
      slots,
      bootstrapUrl: `http://iana.test:${iana.port}/rdap/`,
      nowMs: () => NOW_MS,
      ...options.rdapOptions,
    }),
    whois: createWhoisClient({
      outgoing,
      slots,
      registries: {
        servers: mapValues(INTERNET_REGISTRIES.servers, at(whoisPort)),
        referrals: new Map([...INTERNET_REGISTRIES.referrals].map(([name, to]) => [name, at(whoisPort)(to)])),
      },
      domainServers: new Map([...DOMAIN_SERVERS, ['ex', 'whois.ex.test']]),
      portOf: () => whoisPort,
      ...options.whoisOptions,
    }),
  }
  return {
    deps,
    rdapPaths: rdapServer.paths,
    ianaPaths: iana.paths,
    whoisQueries: whoisServer.queries,
    async look(target, signal = new AbortController().signal) {
      const asked: RegistrationTarget = /^[\d.]+$|:/.test(target)
        ? { kind: 'ip', ip: target }
        : { kind: 'domain', domain: target }
      return registrationOf(deps, asked, signal).catch((error: unknown) =>
        error instanceof RegistrationError ? error.code : error,
      )
    },
    async [Symbol.asyncDispose]() {
      await rdapServer[Symbol.asyncDispose]()
      await whoisServer[Symbol.asyncDispose]()
      await iana[Symbol.asyncDispose]()
    },
  }
}

const BY_WHOIS = { source: 'whois', registrar: 'By WHOIS' }

test('the registry of a domain is asked by RDAP where IANA says, and its answer read', async () => {
  await using registry = await world({ rdap: () => RDAP_DOMAIN })

  expect(await registry.look('example.ex')).toEqual(DOMAIN)
  expect(registry.rdapPaths).toEqual(['/domain/example.ex'])
  expect(registry.ianaPaths.toSorted()).toEqual(['/rdap/dns.json', '/rdap/ipv4.json', '/rdap/ipv6.json'])
  expect(registry.whoisQueries).toEqual([])
})

test.each([
  ['www.deep.Example.EX.', '/domain/example.ex'],
  ['bücher.ex', '/domain/xn--bcher-kva.ex'],
  ['www.example.co.jp', '/domain/example.co.jp'],
])('of %s the part below the public suffix is asked for', async (domain, path) => {
  await using registry = await world({ rdap: () => RDAP_DOMAIN })

  await registry.look(domain)

  expect(registry.rdapPaths).toEqual([path])
})

test.each(['ex', 'co.uk', 'exa mple.ex', 'example.ex\r\nhelp', ''])(
  'nothing is asked about %j, which nobody can have',
  async (domain) => {
    await using registry = await world({ rdap: () => RDAP_DOMAIN })

    expect(await registry.look(domain)).toBeUndefined()
    expect(registry.rdapPaths).toEqual([])
    expect(registry.whoisQueries).toEqual([])
  },
)

test('a known registrar is asked who a domain belongs to where the registry does not say', async () => {
  await using registry = await world({
    rdap: (path, { headers }) =>
      path === '/rdap/domain/example.ex'
        ? {
            objectClassName: 'domain',
            status: ['locked'],
            events: [{ eventAction: 'expiration', eventDate: '2030-01-01T00:00:00Z' }],
            entities: [REGISTRANT],
          }
        : {
            ...RDAP_DOMAIN,
            links: [
              { rel: 'self', type: 'application/rdap+json', href: 'http://evil.example/domain/x' },
              {
                rel: 'related',
                type: 'application/rdap+json',
                href: `http://rdap.markmonitor.com:${headers.host?.split(':')[1]}/rdap/domain/example.ex`,
              },
            ],
          },
  })

  expect(await registry.look('example.ex')).toEqual({ ...DOMAIN, organization: 'Example Org', country: 'DE' })
  expect(registry.rdapPaths).toEqual(['/domain/example.ex', '/rdap/domain/example.ex'])
})

test.each([
  'http://rdap.unknown.example:PORT/domain/example.ex',
  'http://169.254.169.254/domain/example.ex',
  'http://127.0.0.1:PORT/domain/example.ex',
  'http://markmonitor.com.evil.example:PORT/domain/example.ex',
  'file:///domain/',
  'http://rdap.markmonitor.com:1/domain/example.ex',
])('a registrar at %s is not asked or has no answer, and what the registry said stands', async (href) => {
  await using registry = await world({
    rdap: (_, { headers }) => ({
      ...RDAP_DOMAIN,
      links: [
        {
          rel: 'related',
          type: 'application/rdap+json',
          href: href.replace('PORT', headers.host?.split(':')[1] ?? ''),
        },
      ],
    }),
  })

  expect(await registry.look('example.ex')).toEqual(DOMAIN)
  expect(registry.rdapPaths).toEqual(['/domain/example.ex'])
})

test('a domain that is not registered is nothing, and WHOIS is not asked', async () => {
  await using registry = await world({ whois: () => WHOIS_TEXT })

  expect(await registry.look('example.ex')).toBeUndefined()
  expect(registry.whoisQueries).toEqual([])
})

test.each<{ what: string; rdap: RdapAnswering }>([
  { what: 'is a page', rdap: (_, _request, response) => (response.end('<html>'), ANSWERED) },
  { what: 'is a list', rdap: () => [] },
  { what: 'is about something else', rdap: () => ({ objectClassName: 'entity' }) },
  { what: 'is an error', rdap: () => ({ errorCode: 418, title: 'teapot' }) },
  {
    what: 'is a page that is not there',
    rdap: (_, _r, response) => (response.writeHead(404).end('<html>'), ANSWERED),
  },
  { what: 'is a failure', rdap: (_, _r, response) => (response.writeHead(503).end('{}'), ANSWERED) },
  { what: 'is huge', rdap: () => ({ ...RDAP_DOMAIN, remarks: 'x'.repeat(300 * 1024) }) },
  { what: 'breaks off', rdap: (_, { socket }) => (socket.resetAndDestroy(), ANSWERED) },
  { what: 'is half a text', rdap: (_, _r, response) => (response.end('{"objectClassName":"dom'), ANSWERED) },
  { what: 'leads to a private address', rdap: redirectTo(() => 'http://169.254.169.254/latest/meta-data') },
  { what: 'leads to another port here', rdap: redirectTo((port) => `http://127.0.0.1:${port}/x`) },
  { what: 'leads to a stranger', rdap: redirectTo((port) => `http://evil.example:${port}/x`) },
  { what: 'leads nowhere', rdap: redirectTo(() => 'http://') },
  { what: 'leads to itself', rdap: redirectTo((port) => `http://rdap.ex.test:${port}/domain/example.ex`) },
])('WHOIS is asked where the answer of RDAP $what', async ({ rdap }) => {
  await using registry = await world({ rdap, whois: () => WHOIS_TEXT })

  expect(await registry.look('example.ex')).toMatchObject({ ...BY_WHOIS, created: '2001-02-03' })
  expect(registry.whoisQueries).toEqual(['example.ex'])
  expect(registry.rdapPaths.length).toBeLessThanOrEqual(4)
})

function redirectTo(location: (port: string) => string): RdapAnswering {
  return (_, { headers }, response) => {
    response.writeHead(302, { location: location(headers.host?.split(':')[1] ?? '') }).end()
    return ANSWERED
  }
}

test('a registry may send on to another registry, and to another host of its own', async () => {
  await using registry = await world({
    rdap: (path, { headers }, response) => {
      const [host = '', port = ''] = headers.host?.split(':') ?? []
      if (host === 'rdap.ex.test')
        return redirectTo(() => `http://other.ex.test:${port}${path}`)(path, { headers } as never, response)
      if (host === 'other.ex.test')
        return redirectTo(() => `http://rdap.elsewhere.test:${port}${path}`)(
          path,
          { headers } as never,
          response,
        )
      return RDAP_DOMAIN
    },
  })

  expect(await registry.look('example.ex')).toMatchObject({ server: 'rdap.elsewhere.test' })
})

test('a server that wants to be left alone is, for as long as it says', async () => {
  let nowMs = NOW_MS
  await using registry = await world({
    rdap: (_, _request, response) => (response.writeHead(429, { 'retry-after': '120' }).end(), ANSWERED),
    whois: () => WHOIS_TEXT,
    rdapOptions: { nowMs: () => nowMs },
  })

  expect(await registry.look('one.ex')).toMatchObject(BY_WHOIS)
  nowMs += 119_000
  expect(await registry.look('two.ex')).toMatchObject(BY_WHOIS)
  expect(registry.rdapPaths).toEqual(['/domain/one.ex'])

  nowMs += 2_000
  await registry.look('three.ex')
  expect(registry.rdapPaths).toEqual(['/domain/one.ex', '/domain/three.ex'])
})

test('WHOIS is asked beside a server that says nothing, and a silent world has an end', async () => {
  await using registry = await world({
    rdap: () => ANSWERED,
    whois: (query) => (query === 'example.ex' ? WHOIS_TEXT : undefined),
    rdapOptions: { timeoutMs: 1_400 },
    whoisOptions: { timeoutMs: 300 },
  })

  const startedMs = performance.now()
  const [answered, silent] = await Promise.all([registry.look('example.ex'), registry.look('silent.ex')])
  expect(answered).toMatchObject(BY_WHOIS)
  expect(silent).toBe('timeout')
  expect(performance.now() - startedMs).toBeLessThan(2_500)
})

test('whoever asked may give up, and is told so at once', async () => {
  await using registry = await world({ rdap: () => ANSWERED })
  const controller = new AbortController()

  const looked = registry.look('example.ex', controller.signal)
  await until(() => registry.rdapPaths.length === 1)
  controller.abort('enough')

  expect(await looked).toBe('enough')
})

test('what the registry said stands when the time is over before the registrar has answered', async () => {
  const controller = new AbortController()
  await using registry = await world({
    rdap: (path, { headers }) => {
      if (path !== '/domain/example.ex') return (setTimeout(() => controller.abort('enough'), 20), ANSWERED)
      const href = `http://rdap.godaddy.com:${headers.host?.split(':')[1]}/v1/domain/example.ex`
      return { ...RDAP_DOMAIN, links: [{ rel: 'related', type: 'application/rdap+json', href }] }
    },
  })

  expect(await registry.look('example.ex', controller.signal)).toEqual(DOMAIN)
})

test('a registry without RDAP is asked by WHOIS, at the server that IANA names', async () => {
  await using registry = await world({
    whois: (query) =>
      query === 'unknown' ? 'domain: UNKNOWN\nwhois:        whois.nic.unknown\n' : WHOIS_TEXT,
  })

  expect(await registry.look('example.unknown')).toMatchObject({ ...BY_WHOIS, server: 'whois.nic.unknown' })
  await registry.look('other.unknown')
  expect(registry.whoisQueries).toEqual(['unknown', 'example.unknown', 'other.unknown'])
})

test.each(['domain: UNKNOWN\nwhois:\n', 'whois: 169.254.169.254\n', 'whois: [::1]\n', 'whois: localhost\n'])(
  'a registry of which IANA says %j cannot be asked',
  async (text) => {
    await using registry = await world({ whois: (query) => (query === 'unknown' ? text : WHOIS_TEXT) })

    expect(await registry.look('example.unknown')).toBe('unsupported')
    expect(registry.whoisQueries).toEqual(['unknown'])
  },
)

test('a known registrar is asked by WHOIS where the registry names it, and no other', async () => {
  for (const [registrar, queries] of [
    ['whois.markmonitor.com', 2],
    ['whois.unknown.example', 1],
    ['169.254.169.254', 1],
    ['127.0.0.1', 1],
    ['whois.notsold.test', 1],
  ] as const) {
    let asked = 0
    await using registry = await world({
      whois: () =>
        asked++ === 0
          ? `   Domain Name: EXAMPLE.SOLD\n   Registrar WHOIS Server: ${registrar}\n   Registrar: Thin\n   Creation Date: 2001-02-03T00:00:00Z\n`
          : `Domain Name: example.sold\nRegistrar: Thick\nCreation Date: 1999-01-01\nRegistrant Organization: Example Org\nRegistrant Country: FR\n`,
      whoisOptions: { domainServers: new Map([['sold', 'whois.notsold.test']]) },
    })

    const known = { source: 'whois', server: 'whois.notsold.test', registrar: 'Thin', created: '2001-02-03' }
    const added = queries === 2 ? { organization: 'Example Org', country: 'FR' } : {}
    expect(await registry.look('example.sold')).toEqual({ ...known, ...added, status: [], nameServers: [] })
    expect(registry.whoisQueries).toHaveLength(queries)
  }
})

test('a referral in a circle ends', async () => {
  let asked = 0
  await using registry = await world({
    rdap: unavailable,
    whois: () =>
      `ReferralServer: whois://whois.${asked++ % 2 === 0 ? 'ripe' : 'apnic'}.net\nNetRange: 192.0.2.0 - 192.0.2.255\n`,
  })

  expect(await registry.look('192.0.2.1')).toMatchObject({
    server: 'whois.apnic.net',
    network: { range: '192.0.2.0/24' },
  })
  expect(registry.whoisQueries).toEqual(['n + 192.0.2.1', '192.0.2.1', '192.0.2.1'])
})

test.each([
  ['example.com', 'domain example.com'],
  ['example.de', '-T dn,ace example.de'],
  ['example.co.jp', 'example.co.jp/e'],
  ['example.co.uk', 'example.co.uk'],
  ['193.0.0.1', '193.0.0.1'],
  ['2001:4860::1', 'n + 2001:4860::1'],
])('the WHOIS server for %s is asked %j', async (target, query) => {
  await using registry = await world({ rdap: unavailable })

  await registry.look(target)

  expect(registry.whoisQueries).toEqual([query])
})

test('the network of an address is asked for by RDAP, and its holder told from maintainers', async () => {
  await using registry = await world({
    rdap: (path) =>
      path === '/ip/192.0.2.77'
        ? {
            objectClassName: 'ip network',
            handle: '192.0.2.0 - 192.0.2.255',
            startAddress: '192.0.2.0',
            endAddress: '192.0.2.255',
            ipVersion: 'v4',
            name: 'EXAMPLE-NET',
            type: 'ASSIGNED PA',
            country: 'DE',
            status: ['active'],
            events: [
              { eventAction: 'registration', eventDate: '2004-05-06T07:08:09Z' },
              { eventAction: 'last changed', eventDate: '2025-05-06T07:08:09Z' },
            ],
            entities: [
              {
                handle: 'EXAMPLE-MNT',
                roles: ['registrant'],
                vcardArray: [
                  'vcard',
                  [
                    ['fn', {}, 'text', 'EXAMPLE-MNT'],
                    ['kind', {}, 'text', 'individual'],
                  ],
                ],
              },
              {
                handle: 'ORG-EX1',
                roles: ['registrant'],
                vcardArray: [
                  'vcard',
                  [
                    ['fn', {}, 'text', 'Example GmbH'],
                    ['kind', {}, 'text', 'org'],
                  ],
                ],
                entities: [
                  { roles: ['abuse'], vcardArray: ['vcard', [['email', {}, 'text', 'abuse@example.net']]] },
                ],
              },
            ],
          }
        : {
            objectClassName: 'ip network',
            startAddress: '2001:DB8:0:0::',
            endAddress: '2001:db8:0:1:0:0:0:7',
          },
  })

  await registry.deps.rdap.ask({ kind: 'domain', domain: 'files.ex' }, new AbortController().signal)
  expect(await registry.look('192.0.2.77')).toEqual({
    source: 'rdap',
    server: 'rdap.ex.test',
    handle: '192.0.2.0 - 192.0.2.255',
    created: '2004-05-06',
    updated: '2025-05-06',
    status: ['active'],
    nameServers: [],
    organization: 'Example GmbH',
    country: 'DE',
    network: { range: '192.0.2.0/24', name: 'EXAMPLE-NET' },
    abuseContact: 'abuse@example.net',
  })
  expect(await registry.look('2001:db8::1')).toMatchObject({
    network: { range: '2001:db8:: - 2001:db8:0:1::7' },
  })
  expect(registry.rdapPaths).toEqual(['/domain/files.ex', '/ip/192.0.2.77', '/ip/2001:db8::1'])
})

test('an address whose registry has no answer by RDAP is asked for by WHOIS', async () => {
  await using registry = await world({
    rdap: unavailable,
    whois: (query) => `inetnum: ${query.slice(4)}/32\nnetname: BY-WHOIS\n`,
  })

  expect(await registry.look('192.0.2.1')).toMatchObject({
    source: 'whois',
    server: 'whois.arin.net',
    network: { range: '192.0.2.1/32', name: 'BY-WHOIS' },
  })
})

test('a registry with a private address is not asked', async () => {
  await using registry = await world({ rdap: () => RDAP_DOMAIN, whois: () => WHOIS_TEXT, allowPrivate: [] })

  expect(await registry.look('example.ex')).toBe('unreachable')
  expect(await registry.look('192.0.2.1')).toBe('unreachable')
  expect(registry.rdapPaths).toEqual([])
  expect(registry.whoisQueries).toEqual([])
})

test('the same question is asked once, by however many at a time, and answered from memory for hours', async () => {
  let nowMs = NOW_MS
  await using registry = await world({ rdap: () => RDAP_DOMAIN, rdapOptions: { nowMs: () => nowMs } })

  await Promise.all(Array.from({ length: 20 }, (_, index) => registry.look(`www${index}.example.ex`)))
  nowMs += 5 * 60 * 60 * 1000
  await registry.look('example.ex')
  expect(registry.rdapPaths).toHaveLength(1)

  nowMs += 2 * 60 * 60 * 1000
  await registry.look('example.ex')
  expect(registry.rdapPaths).toHaveLength(2)
})

test('a registry is asked so often a minute and not more', async () => {
  await using registry = await world({
    rdap: () => RDAP_DOMAIN,
    noWhois: true,
    rdapOptions: { questionsPerMinute: 5 },
  })

  const outcomes = await Promise.all(Array.from({ length: 8 }, (_, index) => registry.look(`d${index}.ex`)))

  expect(registry.rdapPaths).toHaveLength(5)
  expect(outcomes.filter((outcome) => typeof outcome === 'object')).toHaveLength(5)
})

test('the files of IANA are kept on disk, used when IANA is away, and renewed when they are a day old', async () => {
  using dir = temporaryDir()
  const kept = join(dir.path, 'rdap')
  const look = async (options: Partial<RdapClientOptions>) => {
    await using registry = await world({
      rdap: () => RDAP_DOMAIN,
      noWhois: true,
      rdapOptions: { bootstrapDir: kept, nowMs: Date.now, ...options },
    })
    const found = await registry.look('example.ex')
    await until(() => existsSync(join(kept, 'ipv6.json')))
    return { found, ianaPaths: [...registry.ianaPaths] }
  }

  expect((await look({})).found).toEqual(DOMAIN)
  expect(JSON.parse(readFileSync(join(kept, 'dns.json'), 'utf8'))).toMatchObject({ version: '1.0' })

  expect((await look({ nowMs: () => Date.now() + 60_000 })).ianaPaths).toEqual([])
  const old = new Date(Date.now() - 25 * 60 * 60 * 1000)
  utimesSync(join(kept, 'dns.json'), old, old)
  expect((await look({})).ianaPaths).toEqual(['/rdap/dns.json'])

  writeFileSync(join(kept, 'dns.json'), '{"services": [[')
  expect(await look({})).toEqual({ found: DOMAIN, ianaPaths: ['/rdap/dns.json'] })
})

test('a registry is asked four questions at a time, by RDAP and WHOIS alike', async () => {
  let open = 0
  let busiest = 0
  const count = (change: number) => (busiest = Math.max(busiest, (open += change)))
  await using registry = await world({
    rdap: (_, _request, response) => {
      count(1)
      setTimeout(() => (count(-1), response.writeHead(503).end()), 5)
      return ANSWERED
    },
    whois: (_, socket) => {
      setTimeout(() => socket.end(WHOIS_TEXT), 5)
      return undefined
    },
  })

  const outcomes = await Promise.all(Array.from({ length: 24 }, (_, index) => registry.look(`d${index}.ex`)))

  expect(outcomes.every((outcome) => typeof outcome === 'object')).toBe(true)
  expect(busiest).toBe(4)
})
