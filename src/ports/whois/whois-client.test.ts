import { expect, test } from 'bun:test'
import { createOutgoingClient } from '#ports/outgoing/outgoing-client.ts'
import { until } from '#testing/until.ts'
import { startWhoisServer, type WhoisTestServer } from '#testing/whois-server.ts'
import { INTERNET_REGISTRIES, referredServer, type RegistryName } from './registries.ts'
import { createWhoisClient, type WhoisAnswer, type WhoisClientOptions } from './whois-client.ts'
import { WhoisError } from './whois-error.ts'

const RECORD = 'aut-num:        AS24940\nas-name:        HETZNER-AS\n'

/** Registries whose servers are names that resolve to 127.0.0.1, which the client is allowed to reach. */
function clientOf(
  servers: Partial<Record<RegistryName, WhoisTestServer>>,
  options: Partial<WhoisClientOptions> = {},
) {
  const named = Object.entries(servers).map(
    ([name, { port }]) => [name, { host: `${name.toLowerCase()}.test`, port }] as const,
  )
  return createWhoisClient({
    outgoing: createOutgoingClient({
      allowPrivate: ['127.0.0.1'],
      contactUrl: 'http://s.test',
      version: '0',
      resolve: (host) => Promise.resolve(host.endsWith('.test') ? ['127.0.0.1'] : []),
    }),
    registries: {
      servers: { ...INTERNET_REGISTRIES.servers, ...Object.fromEntries(named) },
      referrals: new Map(named.map(([, server]) => [server.host, server])),
    },
    ...options,
  })
}

async function outcome(asked: Promise<WhoisAnswer>) {
  return asked.then(
    ({ text, server }) => ({ text, server }),
    (error: unknown) => (error instanceof WhoisError ? error.code : error),
  )
}

test('a registry is asked the query on a line, and says everything until it closes the connection', async () => {
  await using ripe = await startWhoisServer((_, socket) => {
    socket.write('% The RIPE Database\r\n\r\n')
    setTimeout(() => socket.end(RECORD), 20)
    return undefined
  })
  const client = clientOf({ RIPE: ripe })

  const answer = await client.ask('RIPE', 'AS24940')

  expect(answer).toEqual({
    text: `% The RIPE Database\n\n${RECORD}`,
    server: 'ripe.test',
    isTruncated: false,
  })
  expect(ripe.queries).toEqual(['AS24940'])
})

test('text is read as UTF-8, and as Latin-1 where it is none', async () => {
  await using ripe = await startWhoisServer((query) =>
    Buffer.from('Müller\n', query === 'AS1' ? 'utf8' : 'latin1'),
  )
  const client = clientOf({ RIPE: ripe })

  expect((await client.ask('RIPE', 'AS1')).text).toBe('Müller\n')
  expect((await client.ask('RIPE', 'AS2')).text).toBe('Müller\n')
})

test('a slow drip is cut off at the deadline, and the connection with it', async () => {
  await using slow = await startWhoisServer((_, socket) => {
    const timer = setInterval(() => socket.write('x'), 20)
    socket.on('close', () => clearInterval(timer))
    return undefined
  })
  const client = clientOf({ RIPE: slow }, { timeoutMs: 150 })

  const startedMs = performance.now()
  expect(await outcome(client.ask('RIPE', 'AS1'))).toBe('timeout')
  expect(performance.now() - startedMs).toBeLessThan(1_000)
  await until(() => slow.openConnections() === 0)
})

test('an endless answer is cut at 256 KiB, behind a whole line', async () => {
  const line = `remarks: ${'ü'.repeat(100)}\n`
  await using endless = await startWhoisServer((_, socket) => {
    const write = () => {
      while (!socket.destroyed && socket.write(line.repeat(50)));
    }
    socket.on('drain', write)
    write()
    return undefined
  })
  const client = clientOf({ RIPE: endless })

  const answer = await client.ask('RIPE', 'AS1')

  expect(answer.isTruncated).toBe(true)
  expect(Buffer.byteLength(answer.text)).toBeLessThanOrEqual(256 * 1024)
  expect(answer.text).toBe(line.repeat(Math.floor((256 * 1024) / Buffer.byteLength(line))))
  await until(() => endless.openConnections() === 0)
})

test('a server that closes at once, one that breaks off and one that is not there have no answer', async () => {
  await using mute = await startWhoisServer(() => '')
  await using broken = await startWhoisServer((_, socket) => {
    socket.write('half a rec')
    setTimeout(() => socket.resetAndDestroy(), 20)
    return undefined
  })
  const gone = await startWhoisServer(() => '')
  await gone[Symbol.asyncDispose]()
  const client = clientOf({ RIPE: mute, ARIN: broken, APNIC: gone })

  expect(await outcome(client.ask('RIPE', 'AS1'))).toBe('empty')
  expect(await outcome(client.ask('ARIN', 'AS1'))).toBe('unreachable')
  expect(await outcome(client.ask('APNIC', 'AS1'))).toBe('unreachable')
})

test('a referral to another registry is followed', async () => {
  await using ripe = await startWhoisServer(() => RECORD)
  await using arin = await startWhoisServer(() => 'ReferralServer:  whois://ripe.test\n')
  await using iana = await startWhoisServer(() => 'refer:        arin.test\n')
  const client = clientOf({ RIPE: ripe, ARIN: arin, IANA: iana })

  expect(await outcome(client.ask('IANA', 'AS24940'))).toEqual({ text: RECORD, server: 'ripe.test' })
})

test('a referral to a private address, an unknown server or in a circle is not followed', async () => {
  await using inside = await startWhoisServer(() => 'a secret of the local network\n')
  for (const target of ['169.254.169.254', `127.0.0.1:${inside.port}`, 'evil.example', 'ripe.test']) {
    await using ripe = await startWhoisServer(() => `ReferralServer: whois://${target}\n`)
    const client = clientOf({ RIPE: ripe })
    expect(await outcome(client.ask('RIPE', 'AS1'))).toEqual({
      text: `ReferralServer: whois://${target}\n`,
      server: 'ripe.test',
    })
    expect(ripe.queries).toHaveLength(1)
  }
  expect(inside.queries).toEqual([])
})

test('a registry that has a private address is not asked', async () => {
  await using inside = await startWhoisServer(() => RECORD)
  const client = clientOf(
    { RIPE: inside },
    {
      outgoing: createOutgoingClient({
        allowPrivate: [],
        contactUrl: 'http://s.test',
        version: '0',
        resolve: () => Promise.resolve(['127.0.0.1']),
      }),
    },
  )

  expect(await outcome(client.ask('RIPE', 'AS1'))).toBe('unreachable')
  expect(inside.queries).toEqual([])
})

test("the operator's own server is asked instead of the registries, wherever it is, and not led astray", async () => {
  await using ripe = await startWhoisServer(() => RECORD)
  await using own = await startWhoisServer(() => 'ReferralServer: whois://ripe.test\n')
  const client = clientOf({ RIPE: ripe }, { server: { host: '127.0.0.1', port: own.port } })

  expect(await outcome(client.ask('RIPE', 'AS1'))).toEqual({
    text: 'ReferralServer: whois://ripe.test\n',
    server: '127.0.0.1',
  })
  expect(own.queries).toEqual(['AS1'])
})

test('a referral that leads nowhere leaves the answer that named it', async () => {
  const gone = await startWhoisServer(() => '')
  await gone[Symbol.asyncDispose]()
  await using iana = await startWhoisServer(() => 'refer: ripe.test\n')
  const client = clientOf({ RIPE: gone, IANA: iana })

  expect(await outcome(client.ask('IANA', 'AS1'))).toEqual({
    text: 'refer: ripe.test\n',
    server: 'iana.test',
  })
})

test('the same question is asked once, by however many at a time, and answered from memory for a day', async () => {
  let nowMs = 1_000
  await using ripe = await startWhoisServer((_, socket) => {
    setTimeout(() => socket.end(RECORD), 30)
    return undefined
  })
  const client = clientOf({ RIPE: ripe }, { nowMs: () => nowMs })

  const answers = await Promise.all(Array.from({ length: 20 }, () => client.ask('RIPE', 'AS24940')))
  nowMs += 23 * 60 * 60 * 1000
  await client.ask('RIPE', 'AS24940')
  expect(ripe.queries).toHaveLength(1)
  expect(new Set(answers.map(({ text }) => text))).toEqual(new Set([RECORD]))

  nowMs += 2 * 60 * 60 * 1000
  await client.ask('RIPE', 'AS24940')
  expect(ripe.queries).toHaveLength(2)
})

test('a server that failed is left alone for a moment', async () => {
  let nowMs = 1_000
  await using ripe = await startWhoisServer(() => '')
  const client = clientOf({ RIPE: ripe }, { nowMs: () => nowMs })

  await outcome(client.ask('RIPE', 'AS1'))
  expect(await outcome(client.ask('RIPE', 'AS1'))).toBe('empty')
  expect(ripe.queries).toHaveLength(1)

  nowMs += 11_000
  await outcome(client.ask('RIPE', 'AS1'))
  expect(ripe.queries).toHaveLength(2)
})

test('a registry is asked so often a minute and not more, and four questions at a time', async () => {
  let busiest = 0
  await using ripe = await startWhoisServer((_, socket) => {
    busiest = Math.max(busiest, ripe.openConnections())
    setTimeout(() => socket.end(RECORD), 10)
    return undefined
  })
  const client = clientOf({ RIPE: ripe }, { questionsPerMinute: 12 })

  const outcomes = await Promise.all(
    Array.from({ length: 15 }, (_, index) => outcome(client.ask('RIPE', `AS${index + 1}`))),
  )

  expect(outcomes.filter((found) => found === 'too-many')).toHaveLength(3)
  expect(ripe.queries).toHaveLength(12)
  expect(busiest).toBeLessThanOrEqual(4)
})

test.each([
  { text: 'refer:        whois.ripe.net', host: 'whois.ripe.net' },
  { text: 'ReferralServer:  whois://whois.apnic.net', host: 'whois.apnic.net' },
  { text: 'ReferralServer: rwhois://WHOIS.LACNIC.NET:43/', host: 'whois.lacnic.net' },
  { text: 'whois:        whois.nic.ad.jp', host: 'whois.nic.ad.jp' },
  { text: 'remarks: see refer: whois.ripe.net', host: null },
  { text: 'refer: whois.ripe.net.evil.example', host: null },
  { text: 'ReferralServer: whois://whois.ripe.net:4343', host: null },
])('the line "$text" refers to $host', ({ text, host }) => {
  expect(referredServer(`% a registry\n${text}\n`, INTERNET_REGISTRIES)?.host ?? null).toBe(host)
})
