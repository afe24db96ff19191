import { expect, test } from 'bun:test'
import { createDnsClient, type DnsClient, type DnsClientOptions } from './dns-client.ts'
import { DnsError } from './dns-error.ts'
import type { RecordType } from './dns-record.ts'
import { answerOf, type DnsTestServer, startDnsServer, zoneAnswers } from '#testing/dns-server.ts'

const never = new AbortController().signal

function clientOf(server: DnsTestServer, options: DnsClientOptions = {}): DnsClient {
  return createDnsClient({ servers: [server.server], attemptMs: 300, ...options })
}

/** The data of an answer without owners and lifetimes, or how it failed. */
async function outcome(client: DnsClient, name: string, type: RecordType = 'A', signal = never) {
  return client.query(name, type, signal).then(
    ({ rcode, records }) => ({
      rcode,
      records: records.map((record) => ({ ...record, name: undefined, ttlS: undefined })),
    }),
    (error: unknown) => (error instanceof DnsError ? error.reason : error),
  )
}

/** A port that nobody listens on. */
async function deadServer() {
  const server = await startDnsServer(() => undefined)
  await server[Symbol.asyncDispose]()
  return server.server
}

test('records of every type are read', async () => {
  await using server = await startDnsServer(
    zoneAnswers({
      'all.example A': ['192.0.2.1', '192.0.2.2'],
      'all.example AAAA': '2001:db8::1',
      'all.example NS': ['NS1.Example'],
      'all.example MX': [{ preference: 10, exchange: 'MX.All.Example' }],
      'all.example TXT': [
        ['v=spf1 include:', 'spf.example -all'],
        ['grüße', ''],
      ],
      'all.example SOA': {
        mname: 'ns1.example',
        rname: 'root.example',
        serial: 2_026_010_203,
        refresh: 1,
        retry: 2,
        expire: 3,
        minimum: 4,
      },
      'all.example CAA': [
        { flags: 0, tag: 'issue', value: 'ca.example' },
        { flags: 128, tag: 'iodef', value: 'mailto:a@b' },
      ],
      'all.example DS': { keyTag: 7, algorithm: 13, digestType: 2, digest: Buffer.from('c0ffee', 'hex') },
      'all.example DNSKEY': { flags: 257, algorithm: 13, key: Buffer.from('key') },
      '1.2.0.192.in-addr.arpa PTR': 'Host.All.Example',
    }),
  )
  const client = clientOf(server)

  const of = async (type: RecordType, name = 'all.example') => (await client.query(name, type, never)).records

  expect(await of('A')).toEqual([
    { type: 'A', name: 'all.example', ttlS: 300, address: '192.0.2.1' },
    { type: 'A', name: 'all.example', ttlS: 300, address: '192.0.2.2' },
  ])
  expect(await of('AAAA')).toMatchObject([{ address: '2001:db8::1' }])
  expect(await of('NS')).toMatchObject([{ target: 'ns1.example' }])
  expect(await of('MX')).toMatchObject([{ preference: 10, exchange: 'mx.all.example' }])
  expect(await of('TXT')).toMatchObject([{ text: 'v=spf1 include:spf.example -all' }, { text: 'grüße' }])
  expect(await of('SOA')).toMatchObject([
    { primary: 'ns1.example', responsible: 'root.example', serial: 2_026_010_203, minimumS: 4 },
  ])
  expect(await of('CAA')).toMatchObject([
    { isCritical: false, tag: 'issue', value: 'ca.example' },
    { isCritical: true, tag: 'iodef', value: 'mailto:a@b' },
  ])
  expect(await of('DS')).toMatchObject([{ keyTag: 7, algorithm: 13, digestType: 2, digest: 'c0ffee' }])
  expect(await of('DNSKEY')).toMatchObject([{ flags: 257, algorithm: 13 }])
  expect(await of('PTR', '1.2.0.192.IN-ADDR.ARPA.')).toMatchObject([{ target: 'host.all.example' }])
})

test('an alias is followed, and records of strangers in an answer are not believed', async () => {
  await using server = await startDnsServer(() => ({
    answers: [
      answerOf('www.a.example', 'CNAME', 'a.example'),
      answerOf('a.example', 'A', '192.0.2.1'),
      answerOf('stranger.example', 'A', '203.0.113.66'),
    ],
  }))

  const { records } = await clientOf(server).query('www.a.example', 'A', never)

  expect(records.map((record) => record.name)).toEqual(['www.a.example', 'a.example'])
})

test.each(['NXDOMAIN', 'SERVFAIL', 'REFUSED', 'NOTIMP'] as const)('%s is an answer', async (rcode) => {
  await using server = await startDnsServer(() => ({ rcode }))

  expect(await outcome(clientOf(server), 'a.example')).toEqual({ rcode, records: [] })
  expect(server.queries).toHaveLength(1)
})

test('a server that does not understand EDNS is asked without', async () => {
  await using server = await startDnsServer(({ hasEdns }) =>
    hasEdns ? { rcode: 'FORMERR' } : { answers: [answerOf('a.example', 'A', '192.0.2.1')] },
  )

  expect(await outcome(clientOf(server), 'a.example')).toMatchObject({ rcode: 'NOERROR', records: [{}] })
})

test('that the resolver has checked the answer is told', async () => {
  await using server = await startDnsServer(({ name }) => ({ isAuthenticated: name === 'signed.example' }))
  const client = clientOf(server)

  expect((await client.query('signed.example', 'A', never)).isAuthenticated).toBe(true)
  expect((await client.query('plain.example', 'A', never)).isAuthenticated).toBe(false)
})

test('an answer that does not fit is asked for by TCP', async () => {
  const answers = Array.from({ length: 1_000 }, (_, index) =>
    answerOf('a.example', 'A', `192.0.${index >> 8}.${index & 255}`),
  )
  await using server = await startDnsServer(() => ({ isTruncated: true, answers }))

  const { records } = await clientOf(server).query('a.example', 'A', never)

  expect(records).toHaveLength(1_000)
  expect(server.queries).toEqual(['a.example A', 'a.example A'])
})

test('answers to another id, to another question and what is no DNS message are passed over', async () => {
  await using server = await startDnsServer(() => ({
    forged: ['id', 'question', 'garbage'],
    answers: [answerOf('a.example', 'A', '192.0.2.1')],
  }))

  expect(await outcome(clientOf(server), 'a.example')).toEqual({
    rcode: 'NOERROR',
    records: [{ type: 'A', address: '192.0.2.1' }],
  })
})

test.each([
  { forged: ['id'] as const, reason: 'timeout' },
  { forged: ['question'] as const, reason: 'timeout' },
  { forged: ['garbage'] as const, reason: 'malformed' },
])('nothing but forged answers ($forged) is none', async ({ forged, reason }) => {
  await using server = await startDnsServer(() => ({ forged, onlyForged: true }))

  expect(await outcome(clientOf(server, { attemptMs: 40 }), 'a.example')).toBe(reason)
})

test('queries that are under way at once go out from a port of their own each', async () => {
  await using server = await startDnsServer(() => ({}))
  const client = clientOf(server)

  await Promise.all(Array.from({ length: 50 }, (_, index) => outcome(client, `n${index}.example`)))

  expect(new Set(server.sourcePorts).size).toBeGreaterThan(45)
})

test('a port is given up after as long as an attempt may take, and when a query was not answered', async () => {
  await using server = await startDnsServer(({ name }) => (name === 'silent.example' ? undefined : {}))
  const client = clientOf(server, { attemptMs: 100 })
  const portOf = async (name: string) => {
    await outcome(client, name)
    return server.sourcePorts.at(-1)
  }

  const first = await portOf('a.example')
  expect(await portOf('b.example')).toBe(first)
  await Bun.sleep(120)
  const second = await portOf('c.example')
  expect(second).not.toBe(first)

  await outcome(client, 'silent.example')
  const afterSilence = await portOf('d.example')
  expect(server.sourcePorts.indexOf(afterSilence ?? 0)).toBe(server.sourcePorts.length - 1)
})

test('what comes late for one query is no answer to the next on its port', async () => {
  await using server = await startDnsServer(({ name }) => ({
    answers: [answerOf(name, 'A', '192.0.2.1')],
    forged: ['id', 'question'],
    ...(name === 'late.example' && { delayMs: 20 }),
  }))
  const client = clientOf(server)

  for (const name of ['a.example', 'b.example', 'late.example'])
    expect(await outcome(client, name)).toMatchObject({ records: [{ address: '192.0.2.1' }] })
})

test('silence ends at the deadline, a second attempt made', async () => {
  await using server = await startDnsServer(() => undefined)
  const startedMs = performance.now()

  expect(await outcome(clientOf(server, { attemptMs: 50 }), 'a.example')).toBe('timeout')
  expect(performance.now() - startedMs).toBeLessThan(1_000)
  expect(server.queries).toHaveLength(2)
})

test('where nobody listens is told from silence', async () => {
  const client = createDnsClient({ servers: [await deadServer()], attemptMs: 300 })
  const startedMs = performance.now()

  expect(await outcome(client, 'a.example')).toBe('unreachable')
  expect(performance.now() - startedMs).toBeLessThan(250)
})

test('another server is asked where one is silent, gone or fails', async () => {
  await using silent = await startDnsServer(() => undefined)
  await using failing = await startDnsServer(() => ({ rcode: 'SERVFAIL' }))
  await using good = await startDnsServer(zoneAnswers({ '*.example A': '192.0.2.1' }))
  for (const bad of [silent.server, failing.server, await deadServer()]) {
    const client = createDnsClient({ servers: [bad, good.server], attemptMs: 40 })
    expect(await outcome(client, 'a.example')).toEqual({
      rcode: 'NOERROR',
      records: [{ type: 'A', address: '192.0.2.1' }],
    })
  }
})

test('a server that stays silent is asked last, and again after a while', async () => {
  let nowMs = 0
  await using silent = await startDnsServer(() => undefined)
  await using good = await startDnsServer(() => ({}))
  const client = createDnsClient({
    servers: [silent.server, good.server],
    attemptMs: 20,
    nowMs: () => nowMs,
  })

  for (let name = 0; name < 10; name++) await outcome(client, `n${name}.example`)
  expect(silent.queries).toHaveLength(4)

  nowMs += 11_000
  await outcome(client, 'again.example')
  expect(silent.queries).toHaveLength(5)
})

test('who no longer wants the answer is told at once, and nobody is asked for nobody', async () => {
  await using server = await startDnsServer(() => undefined)
  const client = clientOf(server)
  const controller = new AbortController()

  const asked = outcome(client, 'a.example', 'A', controller.signal)
  setTimeout(() => controller.abort(), 20)

  expect(await asked).toBe('aborted')
  expect(await outcome(client, 'b.example', 'A', AbortSignal.abort())).toBe('aborted')
  expect(server.queries).toEqual(['a.example A'])
})

test('the same question is asked once, and one who leaves does not end it for the others', async () => {
  await using server = await startDnsServer(() => ({
    delayMs: 50,
    answers: [answerOf('a.example', 'A', '192.0.2.1')],
  }))
  const client = clientOf(server)
  const controller = new AbortController()

  const first = outcome(client, 'a.example', 'A', controller.signal)
  const others = [outcome(client, 'A.example.'), outcome(client, 'a.example')]
  controller.abort()

  expect(await first).toBe('aborted')
  for (const other of others) expect(await other).toMatchObject({ rcode: 'NOERROR', records: [{}] })
  expect(server.queries).toHaveLength(1)
})

test('an answer is kept as long as its zone allows, an hour at most', async () => {
  let nowMs = 1_000
  const soa = answerOf('example', 'SOA', { mname: 'ns.example', rname: 'root.example', minimum: 60 })
  await using server = await startDnsServer(({ name }) => {
    if (name === 'gone.example') return { rcode: 'NXDOMAIN', authorities: [soa] }
    return { answers: [answerOf(name, 'A', '192.0.2.1', name === 'short.example' ? 30 : 999_999)] }
  })
  const client = clientOf(server, { nowMs: () => nowMs })
  const names = ['short.example', 'long.example', 'gone.example']
  const askAll = async () => {
    for (const name of names) await outcome(client, name)
    return server.queries.length
  }

  expect(await askAll()).toBe(3)
  nowMs = 30_000
  expect(await askAll()).toBe(3)
  nowMs = 32_000
  expect(await askAll()).toBe(4)
  nowMs = 63_000
  expect(await askAll()).toBe(6)
  nowMs = 3_602_000
  expect(await askAll()).toBe(9)
})

test('so many are asked at once and no more, and askers take turns', async () => {
  await using server = await startDnsServer(() => ({ delayMs: 10 }))
  const client = clientOf(server, { maxQueries: 4 })
  const order: string[] = []
  const ask = (asker: string, count: number) => {
    const { signal } = new AbortController()
    return Array.from({ length: count }, async (_, index) => {
      await client.query(`${asker}${index}.example`, 'A', signal)
      order.push(asker)
    })
  }

  await Promise.all([...ask('greedy', 40), ...ask('modest', 2)])

  expect(server.busiest()).toBeLessThanOrEqual(4)
  expect(order.lastIndexOf('modest')).toBeLessThan(12)
})

test('waiting for a turn ends at the deadline', async () => {
  await using server = await startDnsServer(() => undefined)
  const client = clientOf(server, { maxQueries: 1, attemptMs: 1_000, timeoutMs: 80 })

  expect(await Promise.all([outcome(client, 'a.example'), outcome(client, 'b.example')])).toEqual([
    'timeout',
    'timeout',
  ])
  expect(server.queries).toHaveLength(1)
})

test.each([
  '',
  '.',
  'a..b',
  `${'x'.repeat(64)}.example`,
  `${'a.'.repeat(130)}example`,
  'münchen.example',
  'a b',
])('%p is no name that could be asked for', async (name) => {
  await using server = await startDnsServer(() => ({}))

  expect(await outcome(clientOf(server), name)).toBe('malformed')
  expect(server.queries).toEqual([])
})
