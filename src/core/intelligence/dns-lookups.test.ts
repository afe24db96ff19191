import { expect, test } from 'bun:test'
import { DomainError } from '#core/errors.ts'
import type { NetworkData } from '#core/network/network.ts'
import { createDnsClient } from '#ports/dns/dns-client.ts'
import { DnsError } from '#ports/dns/dns-error.ts'
import { startDnsServer, type TestDnsBehaviour, type TestDnsZone, zoneAnswers } from '#testing/dns-server.ts'
import { rangeOf, testNetwork } from '#testing/test-network.ts'
import { isDisposableDomain } from './disposable-domain.ts'
import { dnsRecords } from './dns-records.ts'
import { mailProvider } from './mail-provider.ts'
import { MAIL_PROVIDERS } from './mail-providers.ts'
import { reverseDns } from './reverse-dns.ts'

const never = new AbortController().signal
const NO_DATA: NetworkData = {
  view() {
    throw new DomainError('network-data-loading', { retryAfterS: 1 })
  },
}

async function givenDns(behave: TestDnsBehaviour | TestDnsZone, network = NO_DATA) {
  const server = await startDnsServer(typeof behave === 'function' ? behave : zoneAnswers(behave))
  const deps = { dns: createDnsClient({ servers: [server.server], attemptMs: 40 }), network }
  return { deps, server, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

test('a reverse name that leads back to its address is confirmed, before one that does not', async () => {
  await using dns = await givenDns({
    '1.2.0.192.in-addr.arpa PTR': ['liar.example', 'Host.Example'],
    'liar.example A': '203.0.113.1',
    'host.example A': ['203.0.113.2', '192.0.2.1'],
    '2.2.0.192.in-addr.arpa PTR': 'liar.example',
    [`1.0.0.0${'.0'.repeat(20)}.8.b.d.0.1.0.0.2.ip6.arpa PTR`]: 'six.example',
    'six.example AAAA': '2001:db8:0::1',
  })
  const of = (ip: string) => reverseDns(dns.deps, ip, never)

  expect(await of('192.0.2.1')).toEqual({ name: 'host.example', isConfirmed: true })
  expect(await of('::ffff:192.0.2.1')).toEqual({ name: 'host.example', isConfirmed: true })
  expect(await of('192.0.2.2')).toEqual({ name: 'liar.example', isConfirmed: false })
  expect(await of('2001:db8::1')).toEqual({ name: 'six.example', isConfirmed: true })
  expect(await of('192.0.2.3')).toBeUndefined()
  expect(of('host.example')).rejects.toThrow('address-invalid')
})

test('a reverse name that nobody can tell is no missing one', async () => {
  await using broken = await givenDns(() => ({ rcode: 'SERVFAIL' }))
  await using silent = await givenDns(() => undefined)

  for (const [dns, reason] of [
    [broken, 'unreachable'],
    [silent, 'timeout'],
  ] as const) {
    const error = await reverseDns(dns.deps, '192.0.2.1', never).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(DnsError)
    expect(error).toMatchObject({ reason })
  }
})

test('everything about a domain is asked at once and put in order', async () => {
  const soa = {
    mname: 'ns1.a.example',
    rname: 'root.a.example',
    serial: 7,
    refresh: 1,
    retry: 2,
    expire: 3,
    minimum: 4,
  }
  await using dns = await givenDns({
    'a.example A': '192.0.2.1',
    'a.example AAAA': '2001:db8::1',
    'a.example MX': [
      { preference: 20, exchange: 'b.a.example' },
      { preference: 10, exchange: 'a.a.example' },
    ],
    'a.example NS': ['ns2.a.example', 'ns1.a.example'],
    'a.example TXT': ['hello', 'v=spf1 -all'],
    'a.example SOA': soa,
    'a.example CAA': { flags: 128, tag: 'issue', value: 'ca.example' },
    'a.example DS': { keyTag: 1, algorithm: 13, digestType: 2, digest: Buffer.from('00', 'hex') },
    'a.example DNSKEY': { flags: 257, algorithm: 13, key: Buffer.from('k') },
    '_dmarc.a.example TXT': 'v=DMARC1; p=reject',
    '_mta-sts.a.example TXT': 'v=STSv1; id=1',
    'default._bimi.a.example TXT': 'v=BIMI1; l=https://a.example/l.svg',
  })

  expect(await dnsRecords(dns.deps, 'a.example', never)).toEqual({
    isExisting: true,
    a: ['192.0.2.1'],
    aaaa: ['2001:db8::1'],
    mx: [
      { preference: 10, exchange: 'a.a.example' },
      { preference: 20, exchange: 'b.a.example' },
    ],
    ns: ['ns1.a.example', 'ns2.a.example'],
    soa: {
      primary: 'ns1.a.example',
      responsible: 'root.a.example',
      serial: 7,
      refreshS: 1,
      retryS: 2,
      expireS: 3,
      minimumS: 4,
    },
    caa: [{ isCritical: true, tag: 'issue', value: 'ca.example' }],
    hasDs: true,
    hasDnskey: true,
    isAuthenticated: false,
    txt: ['hello', 'v=spf1 -all'],
    spf: 'v=spf1 -all',
    dmarc: 'v=DMARC1; p=reject',
    mtaSts: 'v=STSv1; id=1',
    bimi: 'v=BIMI1; l=https://a.example/l.svg',
    failures: [],
  })
})

test('what belongs to a zone is that of the registered domain for a name within it, and look-alikes are nothing', async () => {
  await using dns = await givenDns({
    'www.b.example A': '192.0.2.2',
    'www.b.example TXT': ['v=spf10 -all', 'v=SPF1'],
    '_dmarc.www.b.example TXT': ['v=DMARC12'],
    'b.example NS': 'ns1.b.example',
    'b.example CAA': { flags: 0, tag: 'issue', value: ';' },
    '_dmarc.b.example TXT': 'v=DMARC1;p=none',
  })

  const records = await dnsRecords(dns.deps, 'www.b.example', never)

  expect(records).toMatchObject({
    isExisting: true,
    a: ['192.0.2.2'],
    mx: [],
    ns: ['ns1.b.example'],
    caa: [{ tag: 'issue', value: ';' }],
    hasDs: false,
    spf: 'v=SPF1',
    dmarc: 'v=DMARC1;p=none',
    failures: [],
  })
})

test('a name that does not exist, one that cannot be asked, and one type that cannot, are told apart', async () => {
  await using none = await givenDns({})
  await using silent = await givenDns(() => undefined)
  await using partial = await givenDns(({ type }) =>
    type === 'MX' ? { rcode: 'SERVFAIL' } : type === 'CAA' ? undefined : {},
  )

  expect(await dnsRecords(none.deps, 'no.example', never)).toMatchObject({ isExisting: false, failures: [] })
  const nothing = await dnsRecords(silent.deps, 'a.example', never)
  expect(nothing).toMatchObject({ isExisting: undefined, a: [], hasDs: undefined })
  expect(nothing.failures).toHaveLength(12)
  expect(await dnsRecords(partial.deps, 'a.example', never)).toMatchObject({
    isExisting: true,
    failures: [
      { type: 'MX', reason: 'server-failure' },
      { type: 'CAA', reason: 'timeout' },
    ],
  })
})

test.each<{ readonly mx: readonly string[]; readonly txt?: string; readonly found: object }>([
  { mx: ['aspmx.l.google.com'], found: { provider: 'Google Workspace', by: 'mx' } },
  { mx: ['smtp.google.com'], found: { provider: 'Google Workspace', by: 'mx' } },
  { mx: ['a-example.mail.protection.outlook.com'], found: { provider: 'Microsoft 365', by: 'mx' } },
  { mx: ['inbound-smtp.eu-west-1.amazonaws.com'], found: { provider: 'Amazon WorkMail or SES', by: 'mx' } },
  { mx: ['ec2-1-2-3-4.compute.amazonaws.com'], found: { provider: undefined, by: undefined } },
  { mx: ['notgoogle.com'], found: { provider: undefined, by: undefined } },
  {
    mx: ['mx1-us1.ppe-hosted.com'],
    txt: 'v=spf1 include:spf.protection.outlook.com ~all',
    found: { provider: 'Microsoft 365', by: 'spf', gateway: 'Proofpoint' },
  },
  {
    mx: ['eu-smtp-inbound-1.mimecast.com'],
    txt: 'v=spf1 include:unknown.example -all',
    found: { provider: 'Mimecast', by: 'mx', gateway: 'Mimecast' },
  },
  {
    mx: ['mail.a.example'],
    txt: 'v=spf1 a ?include:_spf.google.com. -all',
    found: { provider: 'Google Workspace', by: 'spf', gateway: undefined },
  },
  {
    mx: ['mail.a.example'],
    txt: 'v=spf1 redirect=_spf.yandex.net',
    found: { provider: 'Yandex 360', by: 'spf' },
  },
  { mx: ['mail.a.example'], txt: 'v=spf1 include:evil_spf.google.com -all', found: { provider: undefined } },
])('mail to $mx with $txt is kept by $found', async ({ mx, txt, found }) => {
  await using dns = await givenDns({
    'a.example MX': mx.map((exchange) => ({ preference: 10, exchange })),
    ...(txt !== undefined && { 'a.example TXT': txt }),
  })

  expect(await mailProvider(dns.deps, 'a.example', never)).toMatchObject(found)
})

test('where names say nothing, the holder of the mail server is told', async () => {
  const view = await testNetwork([
    {
      name: 'iptoasn',
      rows: [
        { ...rangeOf('8.8.8.0/24'), kind: 'as-range', asn: 64_000, country: 'DE', name: 'Hosting GmbH' },
      ],
    },
  ])
  await using dns = await givenDns(
    { 'a.example MX': { preference: 10, exchange: 'mail.a.example' }, 'mail.a.example A': '8.8.8.8' },
    { view: () => view },
  )

  expect(await mailProvider(dns.deps, 'a.example', never)).toEqual({
    provider: 'Hosting GmbH',
    by: 'as',
    gateway: undefined,
    mx: [{ preference: 10, exchange: 'mail.a.example' }],
    isNullMx: false,
    failure: undefined,
  })
})

test('a domain without mail, one that wants none and one that cannot be asked are told apart', async () => {
  await using dns = await givenDns((question) => {
    if (question.name === 'broken.example') return { rcode: 'SERVFAIL' }
    return zoneAnswers({
      'null.example MX': { preference: 0, exchange: '.' },
      'web.example A': '192.0.2.1',
    })(question)
  })
  const of = (domain: string) => mailProvider(dns.deps, domain, never)

  expect(await of('null.example')).toMatchObject({ provider: undefined, isNullMx: true, failure: undefined })
  expect(await of('web.example')).toMatchObject({ mx: [], isNullMx: false, failure: undefined })
  expect(await of('broken.example')).toMatchObject({ mx: [], isNullMx: false, failure: 'server-failure' })
})

test('no mail server is of two providers', () => {
  const ends = MAIL_PROVIDERS.flatMap(({ mx }) => mx)

  expect(new Set(ends).size).toBe(ends.length)
  for (const end of ends)
    expect(ends.filter((other) => end.endsWith(`.${other}`) && !isOfOne(end, other))).toEqual([])
})

function isOfOne(one: string, other: string): boolean {
  return MAIL_PROVIDERS.some(({ mx }) => mx.includes(one) && mx.includes(other))
}

test.each([
  ['mailinator.com', true],
  ['Inbox.Mailinator.COM.', true],
  ['yopmail.com', true],
  ['gmail.com', false],
  ['example.com', false],
  ['com', false],
  ['', false],
])('%p is a disposable domain: %p', (domain, isDisposable) => {
  expect(isDisposableDomain(domain)).toBe(isDisposable)
})
