import { expect, test } from 'bun:test'
import { createDnsClient } from '#ports/dns/dns-client.ts'
import { listRecords, testZone } from '#testing/blocklist-zones.ts'
import { answerOf, startDnsServer, type TestDnsBehaviour, zoneAnswers } from '#testing/dns-server.ts'
import { checkDomainBlocklists, checkIpBlocklists, openBlocklists } from './blocklists.ts'
import { DNSBL_CATALOGUE } from './dnsbl-catalogue.ts'
import type { ActiveZone } from './dnsbl-health.ts'
import { builtInZones, parseDnsblFile } from './parse-dnsbl-file.ts'

const never = new AbortController().signal
const BAD_IP = '192.0.2.10'
const BAD = '10.2.0.192'

/** Lists over a DNS server, a clock that moves, and what was asked. */
async function givenLists(zones: readonly ActiveZone[], behave: TestDnsBehaviour, attemptMs = 40) {
  const server = await startDnsServer(behave)
  let nowMs = Date.UTC(2026, 0, 2)
  const now = () => new Date(nowMs)
  const dns = createDnsClient({ servers: [server.server], attemptMs, nowMs: () => nowMs })
  const deps = { dns, now, blocklists: openBlocklists(zones) }
  return {
    deps,
    server,
    checkIp: (ip = BAD_IP, signal = never) => checkIpBlocklists(deps, ip, signal),
    checkDomain: (domain: string) => checkDomainBlocklists(deps, domain, never),
    recheck: () => deps.blocklists.health.recheck(deps, zones, never),
    pass: (ms: number) => (nowMs += ms),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

const HOUR_MS = 60 * 60 * 1000

test('lists that have an address are named with codes, meaning and reason; the others answered too', async () => {
  await using lists = await givenLists(
    [
      testZone('one.test', { codes: { '127.0.0.3': 'spam source' } }),
      testZone('two.test'),
      testZone('three.test'),
    ],
    zoneAnswers({
      ...listRecords('one.test', { [BAD]: ['127.0.0.3', '127.0.0.2'] }),
      [`${BAD}.one.test TXT`]: 'see \u0007 https://one.test/ ',
      ...listRecords('two.test'),
      ...listRecords('three.test', { [BAD]: '127.0.0.9' }),
    }),
  )

  expect(await lists.checkIp()).toEqual({
    listings: [
      {
        zone: 'one.test',
        name: 'The one.test list',
        codes: ['127.0.0.2', '127.0.0.3'],
        meaning: 'spam source',
        reason: 'see https://one.test/',
      },
      { zone: 'three.test', name: 'The three.test list', codes: ['127.0.0.9'] },
    ],
    zones: { asked: 3, answered: 3, failed: 0, distrusted: 0 },
    failures: [],
  })
})

test.each<{
  readonly says: string
  readonly behave: TestDnsBehaviour
  readonly reason: string
  readonly kind: string
}>([
  {
    says: 'lists the world',
    behave: zoneAnswers({ '*.zone.test A': '127.0.0.2' }),
    kind: 'distrusted',
    reason: 'lists-everything',
  },
  { says: 'is empty', behave: () => ({ rcode: 'NXDOMAIN' }), kind: 'distrusted', reason: 'lists-nothing' },
  {
    says: 'is a parked name',
    behave: zoneAnswers({ '*.zone.test A': '203.0.113.80' }),
    kind: 'distrusted',
    reason: 'nonsense',
  },
  {
    says: 'refuses public resolvers',
    behave: zoneAnswers({ '*.zone.test A': '127.255.255.254' }),
    kind: 'failed',
    reason: 'refused',
  },
  {
    says: 'refuses in its own way',
    behave: zoneAnswers({ '*.zone.test A': '127.0.0.1' }),
    kind: 'failed',
    reason: 'refused',
  },
  { says: 'refuses by DNS', behave: () => ({ rcode: 'REFUSED' }), kind: 'failed', reason: 'refused' },
  { says: 'is broken', behave: () => ({ rcode: 'SERVFAIL' }), kind: 'failed', reason: 'server-failure' },
  { says: 'is silent', behave: () => undefined, kind: 'failed', reason: 'timeout' },
  {
    says: 'sends garbage',
    behave: () => ({ forged: ['garbage'], onlyForged: true }),
    kind: 'failed',
    reason: 'malformed',
  },
])('a zone that $says is neither a listing nor clean', async ({ behave, kind, reason }) => {
  await using lists = await givenLists([testZone('zone.test', { refusals: ['127.0.0.1'] })], behave)

  const report = await lists.checkIp()

  expect(report.listings).toEqual([])
  expect(report.zones).toEqual({ asked: 1, answered: 0, failed: 0, distrusted: 0, [kind]: 1 })
  expect(report.failures).toEqual([{ zone: 'zone.test', reason } as (typeof report.failures)[number]])
})

test('one silent zone does not keep the others from being told', async () => {
  const zone = zoneAnswers(listRecords('good.test', { [BAD]: '127.0.0.2' }))
  await using lists = await givenLists([testZone('good.test'), testZone('silent.test')], (question) =>
    question.name.endsWith('silent.test') ? undefined : zone(question),
  )

  const report = await lists.checkIp()

  expect(report.listings.map((listing) => listing.zone)).toEqual(['good.test'])
  expect(report.zones).toEqual({ asked: 2, answered: 1, failed: 1, distrusted: 0 })
})

test('when time is up, what is known by then is told', async () => {
  const zone = zoneAnswers(listRecords('good.test', { [BAD]: '127.0.0.2' }))
  await using lists = await givenLists(
    [testZone('good.test'), testZone('silent.test')],
    (question) => (question.name.endsWith('silent.test') ? undefined : zone(question)),
    5_000,
  )
  const startedMs = performance.now()

  const report = await lists.checkIp(BAD_IP, AbortSignal.timeout(150))

  expect(performance.now() - startedMs).toBeLessThan(1_000)
  expect(report.listings).toHaveLength(1)
  expect(report.failures).toEqual([{ zone: 'silent.test', reason: 'timeout' }])
})

test('answers that are no accusation are none, and bits are told apart', async () => {
  await using lists = await givenLists(
    [
      testZone('reputation.test', { isStrict: true, codes: { '127.0.0.10': 'worst' } }),
      testZone('colours.test', { harmless: ['127.0.0.1'] }),
      testZone('bits.test', { bits: { 2: 'black', 8: 'red' } }),
    ],
    zoneAnswers({
      ...listRecords('reputation.test', { [BAD]: '127.0.0.18', '11.2.0.192': '127.0.0.10' }),
      ...listRecords('colours.test', { [BAD]: '127.0.0.1' }),
      ...listRecords('bits.test', { [BAD]: '127.0.0.14', '11.2.0.192': '127.0.0.4' }),
    }),
  )

  expect((await lists.checkIp()).listings).toMatchObject([
    { zone: 'bits.test', codes: ['127.0.0.14'], meaning: 'black; red' },
  ])
  expect((await lists.checkIp('192.0.2.11')).listings).toMatchObject([
    { zone: 'reputation.test', meaning: 'worst' },
  ])
})

test('an IPv6 address is asked for by its nibbles, of the lists that know such', async () => {
  const nibbles = `1.0.0.0${'.0'.repeat(20)}.8.b.d.0.1.0.0.2`
  const controls = `2.0.0.0.0.0.f.7.f.f.f.f${'.0'.repeat(20)}`
  await using lists = await givenLists(
    [
      testZone('v4.test'),
      testZone('both.test', { ipv6: true }),
      testZone('v6.test', { ipv4: false, ipv6: true }),
    ],
    zoneAnswers({
      ...listRecords('both.test', { [nibbles]: '127.0.0.2' }),
      ...listRecords('v6.test', { [nibbles]: '127.0.0.3', [controls]: '127.0.0.2' }),
    }),
  )

  const report = await lists.checkIp('2001:DB8::1')

  expect(report.listings.map((listing) => listing.zone)).toEqual(['both.test', 'v6.test'])
  expect(report.zones).toEqual({ asked: 2, answered: 2, failed: 0, distrusted: 0 })
})

test('an IPv4 address in IPv6 clothing is an IPv4 address', async () => {
  await using lists = await givenLists(
    [testZone('v4.test')],
    zoneAnswers(listRecords('v4.test', { [BAD]: '127.0.0.2' })),
  )

  expect((await lists.checkIp(`::ffff:${BAD_IP}`)).listings).toHaveLength(1)
  expect(lists.checkIp('192.0.2.256')).rejects.toThrow('address-invalid')
})

test('a domain is asked for as it was registered, of the lists for domains', async () => {
  await using lists = await givenLists(
    [
      testZone('ip.test'),
      testZone('uri.test', { kind: 'domain', ipv4: false }),
      testZone('both.test', { kind: 'both' }),
    ],
    zoneAnswers({
      ...listRecords('uri.test', { 'bad.co.uk': '127.0.0.2' }),
      ...listRecords('both.test', { 'bad.co.uk': '127.0.0.4' }),
    }),
  )

  const report = await lists.checkDomain('mail.bad.co.uk')

  expect(report.listings.map((listing) => listing.zone)).toEqual(['uri.test', 'both.test'])
  expect(report.zones.asked).toBe(2)
  expect(lists.server.queries.some((query) => query.endsWith('ip.test A'))).toBe(false)
})

test('controls of its own and none at all are minded', async () => {
  await using lists = await givenLists(
    [
      testZone('own.test', { controls: { listed: '10.9.9.9', unlisted: '10.1.1.1' } }),
      testZone('none.test', { controls: { listed: null } }),
      testZone('gone.test', { controls: { listed: null } }),
    ],
    zoneAnswers({
      '9.9.9.10.own.test A': '127.0.0.7',
      '1.0.0.127.own.test A': '127.0.0.2',
      [`${BAD}.own.test A`]: '127.0.0.7',
      'none.test NS': 'ns.none.test',
      [`${BAD}.none.test A`]: '127.0.0.38',
    }),
  )

  const report = await lists.checkIp()

  expect(report.listings.map((listing) => listing.zone)).toEqual(['own.test', 'none.test'])
  expect(report.failures).toEqual([{ zone: 'gone.test', reason: 'lists-nothing' }])
})

test('controls are asked once and then every few hours in the background; a zone that turns bad is dropped', async () => {
  let isWild = false
  const good = zoneAnswers(listRecords('zone.test', { [BAD]: '127.0.0.2' }))
  await using lists = await givenLists([testZone('zone.test')], (question) =>
    isWild ? { answers: [answerOf(question.name, 'A', '127.0.0.2', 1)] } : good(question),
  )
  const controls = () => lists.server.queries.filter((query) => query.includes('127.zone.test')).length

  await lists.recheck()
  expect(controls()).toBe(0)

  await lists.checkIp()
  await lists.checkIp('192.0.2.11')
  await lists.recheck()
  expect(controls()).toBe(2)

  isWild = true
  lists.pass(7 * HOUR_MS)
  expect((await lists.checkIp()).listings).toHaveLength(1)
  await lists.recheck()
  expect(controls()).toBe(4)
  expect((await lists.checkIp()).zones).toMatchObject({ answered: 0, distrusted: 1 })

  lists.pass(30 * HOUR_MS)
  await lists.recheck()
  expect(controls()).toBe(4)
})

test('a zone that has left a lookup without an answer is left alone for a while', async () => {
  let isSilent = false
  const good = zoneAnswers(listRecords('zone.test'))
  await using lists = await givenLists([testZone('zone.test')], (question) =>
    isSilent ? undefined : good(question),
  )
  await lists.checkIp()

  isSilent = true
  expect((await lists.checkIp('192.0.2.11')).zones.failed).toBe(1)
  const asked = lists.server.queries.length
  const startedMs = performance.now()
  expect((await lists.checkIp('192.0.2.12')).failures).toEqual([{ zone: 'zone.test', reason: 'timeout' }])
  expect(performance.now() - startedMs).toBeLessThan(30)
  expect(lists.server.queries).toHaveLength(asked)

  isSilent = false
  lists.pass(60_000)
  expect((await lists.checkIp('192.0.2.12')).zones.answered).toBe(1)
})

test('a zone stays alone longer each time, however many lookups find it silent at once', async () => {
  await using lists = await givenLists([testZone('zone.test')], () => undefined, 10)
  const lookUpAtOnce = async () => {
    const before = lists.server.queries.length
    await Promise.all(['192.0.2.1', '192.0.2.2', '192.0.2.3'].map((ip) => lists.checkIp(ip)))
    return lists.server.queries.length > before
  }

  expect(await lookUpAtOnce()).toBe(true)
  lists.pass(29_000)
  expect(await lookUpAtOnce()).toBe(false)
  lists.pass(2_000)
  expect(await lookUpAtOnce()).toBe(true)
  lists.pass(59_000)
  expect(await lookUpAtOnce()).toBe(false)
  lists.pass(2_000)
  expect(await lookUpAtOnce()).toBe(true)
})

test('the catalogue has at least 73 zones that want no key, each once, whose codes are codes', () => {
  const zones = builtInZones()

  expect(zones.length).toBeGreaterThanOrEqual(73)
  expect(new Set(DNSBL_CATALOGUE.map(({ zone }) => zone)).size).toBe(DNSBL_CATALOGUE.length)
  for (const zone of DNSBL_CATALOGUE) {
    expect(zone.zone).toMatch(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/)
    const codes = [...Object.keys(zone.codes ?? {}), ...(zone.refusals ?? []), ...(zone.harmless ?? [])]
    for (const code of codes) expect(code).toMatch(/^127\.\d+\.\d+\.\d+$/)
    expect(zone.kind === 'domain').toBe(!zone.ipv4 && !zone.ipv6)
    expect(zone.terms === 'key').toBe(zone.key !== undefined)
  }
})

test('every zone of the catalogue can be asked at once', async () => {
  await using lists = await givenLists(
    builtInZones(),
    ({ name }) =>
      /^(?:[12]\.0\.0\.127|3\.2\.1\.10)\./.test(name)
        ? { answers: name.startsWith('1.') ? [] : [answerOf(name, 'A', '127.0.0.2')] }
        : { rcode: 'NXDOMAIN' },
    1_000,
  )

  const report = await lists.checkIp()

  expect(report.listings).toEqual([])
  expect(report.zones.asked).toBeGreaterThan(50)
  expect(report.failures.map(({ zone }) => zone)).toEqual(
    report.failures.map(({ zone }) => zone).filter((zone) => zone.includes('spamrats')),
  )
})

test("an operator's file takes zones away, adds some and opens those with a key, which is never told", async () => {
  const key = 'S3CRETKEY'
  const zones = parseDnsblFile(
    JSON.stringify({
      keys: { 'spamhaus-dqs': key, own: 'k2' },
      without: ['zen.spamhaus.org', 'dbl.spamhaus.org'],
      zones: [
        { zone: 'Keyed.Example.', kind: 'ip', ipv6: true, key: 'own', codes: { '127.0.0.5': 'five' } },
        { zone: 'bl.spamcop.net', name: 'Mine', kind: 'ip', controls: { listed: null } },
      ],
    }),
  )

  const names = zones.map(({ zone }) => zone)
  expect(names).not.toContain('zen.spamhaus.org')
  expect(names).toContain('zen.dq.spamhaus.net')
  expect(names).not.toContain('combined.mail.abusix.zone')
  expect(zones.find(({ zone }) => zone === 'zen.dq.spamhaus.net')?.suffix).toBe(
    's3cretkey.zen.dq.spamhaus.net',
  )
  expect(zones.filter(({ zone }) => zone === 'bl.spamcop.net').map(({ name }) => name)).toEqual(['Mine'])
  expect(zones.at(-2)).toEqual({
    zone: 'keyed.example',
    suffix: 'k2.keyed.example',
    name: 'keyed.example',
    kind: 'ip',
    ipv4: true,
    ipv6: true,
    terms: 'key',
    key: 'own',
    codes: { '127.0.0.5': 'five' },
  })

  await using lists = await givenLists(
    zones.filter(({ zone }) => zone === 'zen.dq.spamhaus.net'),
    zoneAnswers({
      ...listRecords('s3cretkey.zen.dq.spamhaus.net', { [BAD]: '127.0.0.4' }),
      [`${BAD}.s3cretkey.zen.dq.spamhaus.net TXT`]: 'asked as s3cretkey.zen.dq.spamhaus.net',
    }),
  )
  const report = await lists.checkIp()
  expect(report.listings).toMatchObject([
    { zone: 'zen.dq.spamhaus.net', reason: 'asked as zen.dq.spamhaus.net' },
  ])
  expect(JSON.stringify(report).toLowerCase()).not.toContain('s3cretkey')
})

test('a file of its own replaces the catalogue', () => {
  const zones = parseDnsblFile('{"builtIn": false, "zones": [{"zone": "uri.example", "kind": "domain"}]}')

  expect(zones).toEqual([
    {
      zone: 'uri.example',
      suffix: 'uri.example',
      name: 'uri.example',
      kind: 'domain',
      ipv4: false,
      ipv6: false,
      terms: 'open',
    },
  ])
})

test('everything that is wrong with a file is told at once, without its keys', () => {
  const messageOf = (file: unknown) => {
    try {
      parseDnsblFile(typeof file === 'string' ? file : JSON.stringify(file))
      return ''
    } catch (error) {
      return (error as Error).message
    }
  }

  expect(messageOf('{"keys": {"abusix": hunter2}}')).toBe('it is no JSON')
  const shapes = messageOf({
    keys: { abusix: 'hunter2.with.dots' },
    zones: [
      { zone: 'no name', kind: 'ip' },
      { zone: 'a.example', kind: 'mail', codes: { '10.0.0.1': 'x' }, bits: { 3: 'x' }, unknown: 1 },
    ],
  })
  for (const field of ['keys.abusix', 'zones[0].zone', 'zones[1].kind', 'codes', 'bits', 'unknown'])
    expect(shapes).toContain(field)
  expect(shapes).not.toContain('hunter2')
  const facts = messageOf({
    keys: { nobody: 'hunter2' },
    without: ['no.such.example'],
    zones: [
      { zone: 'a.example', kind: 'ip', key: 'lost' },
      { zone: 'a.example', kind: 'ip' },
    ],
  })
  expect(facts).toBe(
    'a.example is there twice; "without" names no.such.example, which is no built-in zone; a.example wants the key "lost", which is not in "keys"; no zone wants the key "nobody"',
  )
})
