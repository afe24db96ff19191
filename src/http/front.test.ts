import { expect, test } from 'bun:test'
import { createHash, randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { until } from '#testing/until.ts'
import type { AnswerAtOnce, Follow } from './front-connection.ts'
import { type Front, type FrontOptions, startFront } from './front.ts'
import { internalAddress, takePeer } from './internal-server.ts'
import { latin1 } from './request-head.ts'

const MIB = 1024 * 1024
const GET_ECHO = 'GET /echo HTTP/1.1\r\nHost: s.test\r\n\r\n'
/** 8 KiB of characters that take nine bytes each. */
const LONG_LOCATION = `https://to.test/${'%E6%97%A5'.repeat(8_192)}`
const GET_REDIRECT = 'GET /r1 HTTP/1.1\r\nHost: s.test\r\n\r\n'

test('redirects and other requests share a connection, each answered in its turn', async () => {
  await using fixture = await aFront()
  const client = await fixture.connect()

  for (const path of ['/r1', '/echo?1', '/r2', '/r3', '/echo?2', '/r4'])
    client.send(`GET ${path} HTTP/1.1\r\nHost: s.test\r\n\r\n`)
  const answers = await client.answers(6)

  expect(
    answers.map(({ status, headers, body }) => [status, headers['location'] ?? JSON.parse(body).url]),
  ).toEqual([
    [302, 'https://to.test/r1'],
    [200, 'http://s.test/echo?1'],
    [302, 'https://to.test/r2'],
    [302, 'https://to.test/r3'],
    [200, 'http://s.test/echo?2'],
    [302, 'https://to.test/r4'],
  ])
  expect(fixture.followed).toEqual(['/r1', '/r2', '/r3', '/r4'])
  client.send(GET_REDIRECT)
  expect((await client.answers(7)).at(-1)?.status).toBe(302)
})

test('the longest location there can be is sent whole, between others', async () => {
  await using fixture = await aFront()
  const client = await fixture.connect()

  client.send(`${GET_REDIRECT}GET /r-long HTTP/1.1\r\nHost: s.test\r\n\r\n${GET_REDIRECT}`)
  const answers = await client.answers(3)

  expect(answers.map((answer) => answer.headers['location'])).toEqual([
    'https://to.test/r1',
    LONG_LOCATION,
    'https://to.test/r1',
  ])
  client.send('GET /r-long HTTP/1.1\r\nHost: s.test\r\nConnection: close\r\n\r\n')
  expect((await client.answers(4)).at(-1)?.headers['connection']).toBe('close')
})

test('a redirect says where, when, and that nothing follows', async () => {
  await using fixture = await aFront()
  const client = await fixture.connect()

  client.send(`HEAD /r1 HTTP/1.1\r\nHost: s.test\r\n\r\n`)
  client.send(GET_REDIRECT)
  await client.answers(2)

  const answer =
    /^HTTP\/1\.1 302 Found\r\nLocation: https:\/\/to\.test\/r1\r\nDate: ([^\r]+ GMT)\r\nContent-Length: 0\r\n\r\n/
  expect(client.text).toMatch(new RegExp(`${answer.source}${answer.source.slice(1)}$`))
  expect(Math.abs(Date.parse(answer.exec(client.text)?.[1] ?? '') - Date.now())).toBeLessThan(5_000)
})

test.each([
  { name: 'in one piece', step: Infinity },
  { name: 'byte by byte', step: 1 },
  { name: 'in sevens', step: 7 },
])('requests that come $name are answered alike', async ({ step }) => {
  await using fixture = await aFront()
  const client = await fixture.connect()
  const requests = [
    GET_REDIRECT,
    'POST /echo HTTP/1.1\r\nHost: s.test\r\nContent-Length: 5\r\n\r\nhello',
    'POST /echo HTTP/1.1\r\nHost: s.test\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\nX: y\r\n\r\n',
    'GET /r2 HTTP/1.1\r\nHost: s.test\r\nContent-Length: 0\r\n\r\n',
    'GET /stream HTTP/1.1\r\nHost: s.test\r\n\r\n',
    'HEAD /echo HTTP/1.1\r\nHost: s.test\r\n\r\n',
    'GET /r3 HTTP/1.1\r\nHost: s.test\r\nConnection: close\r\n\r\n',
  ].join('')

  for (let at = 0; at < requests.length; at += step) {
    client.send(requests.slice(at, at + step))
    if (step < Infinity) await Bun.sleep(0)
  }
  const text = await client.all()

  const statuses = [...text.matchAll(/HTTP\/1\.1 (\d+) /g)].map((match) => Number(match[1]))
  expect(statuses).toEqual([302, 200, 200, 302, 200, 200, 302])
  expect(text.match(/"body":"hello"/g)).toHaveLength(2)
  expect(text).toContain('\r\n\r\n4\r\none,\r\n3\r\ntwo\r\n0\r\n\r\nHTTP/1.1 200')
  expect(fixture.followed).toEqual(['/r1', '/r2', '/r3'])
})

test('the internal server is told who asks, and nobody else can tell it', async () => {
  await using fixture = await aFront()
  const client = await fixture.connect()

  client.send(
    'GET /echo HTTP/1.1\r\nHost: s.test\r\nX-Onehop-Peer: secret 6.6.6.6\r\nx-onehop-PEER: 6.6.6.6\r\nX-Other: kept \r\n\r\n',
  )
  const [answer] = await client.answers(1)

  const { ip, headers } = JSON.parse(answer?.body ?? '')
  expect(ip).toBe('127.0.0.1')
  expect(headers).toEqual({ host: 's.test', 'x-other': 'kept' })
})

test('a request that did not come through the front is known by that', () => {
  using internal = internalAddress()
  using other = internalAddress()
  const headers = (value: string) => new Headers({ 'x-onehop-peer': value })

  expect(takePeer(headers(`${internal.secret} 2001:db8::1`), internal)).toBe('2001:db8::1')
  for (const value of [
    '',
    '192.0.2.1',
    `${other.secret} 192.0.2.1`,
    `${internal.secret}x 192.0.2.1`,
    internal.secret,
  ])
    expect(takePeer(headers(value), internal)).toBeUndefined()
  expect(takePeer(new Headers(), internal)).toBeUndefined()
})

test('what says its end in two ways, or in a way of its own, is refused and ends the connection', async () => {
  await using fixture = await aFront()
  const smuggled = 'GET /r-smuggled HTTP/1.1\r\nHost: s.test\r\n\r\n'
  const post = 'POST /echo HTTP/1.1\r\nHost: s.test\r\n'
  const requests = [
    `${post}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
    `${post}Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n${smuggled}`,
    `${post}Content-Length: 0\r\nContent-Length: 44\r\n\r\n${smuggled}`,
    `${post}Content-Length : 44\r\n\r\n${smuggled}`,
    `${post}Content-Length:\r\n 44\r\n\r\n${smuggled}`,
    `${post}Transfer-Encoding: chunked\r\n\r\n0\n\n${smuggled}`,
    `${post}Transfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n${smuggled}`,
    `${post}Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n${smuggled}`,
    `${post}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${smuggled}`,
    `GET /echo HTTP/1.1\nHost: s.test\nContent-Length: 44\n\n${smuggled}`,
    `GET /echo HTTP/1.1\r\nHost: s.test\r\nHost: t.test\r\n\r\n${smuggled}`,
    `GET /echo\r\nHost: s.test\r\n\r\n${smuggled}`,
  ]

  for (const request of requests) {
    const client = await fixture.connect()
    client.send(request)
    const text = await client.all()
    expect([request, text]).toEqual([
      request,
      expect.stringMatching(
        /^HTTP\/1\.1 (400 Bad Request|501 Not Implemented)\r\nConnection: close\r\nDate: .*\r\nContent-Length: 0\r\n\r\n$/,
      ),
    ])
  }
  expect(fixture.followed).toEqual([])
})

test('a body that only looks like a request is a body', async () => {
  await using fixture = await aFront()
  const client = await fixture.connect()

  client.send(
    `POST /echo HTTP/1.1\r\nHost: s.test\r\nContent-Length: ${GET_REDIRECT.length}\r\n\r\n${GET_REDIRECT}`,
  )
  client.send(
    `GET /echo HTTP/1.1\r\nHost: s.test\r\nContent-Length: ${GET_REDIRECT.length}\r\n\r\n${GET_REDIRECT}`,
  )
  const answers = await client.answers(2)

  expect(JSON.parse(answers[0]?.body ?? '').body).toBe(GET_REDIRECT)
  expect(answers[1]?.status).toBe(200)
  expect(fixture.followed).toEqual([])
})

test.each([
  '',
  'a b',
  'u:p@h',
  'h/x',
  'h\\x',
  'h?x',
  'h#x',
  'h\u00e9',
  'h:99999',
  '1.2.3.4.5',
  '[::1',
  'h%41',
])('a Host of "%s" is refused, on a redirect too', async (host) => {
  await using fixture = await aFront()

  for (const path of ['/r1', '/echo']) {
    const client = await fixture.connect()
    client.send(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
    expect(await client.all()).toStartWith('HTTP/1.1 400 ')
  }
  expect(fixture.followed).toEqual([])
})

test('an older client has its answers without chunks, and the connection to itself', async () => {
  await using fixture = await aFront()
  const ask = async (path: string) => {
    const client = await fixture.connect()
    client.send(`GET ${path} HTTP/1.0\r\nHost: s.test\r\nConnection: keep-alive\r\n\r\n`)
    return client.all()
  }

  expect(await ask('/r1')).toMatch(
    /^HTTP\/1\.1 302 Found\r\nLocation: .*\r\nConnection: close\r\nDate: .*\r\nContent-Length: 0\r\n\r\n$/,
  )
  const streamed = await ask('/stream')
  expect(streamed.toLowerCase()).not.toContain('transfer-encoding')
  expect(streamed).toMatch(/\r\nConnection: close\r\n\r\none,two$/)
  expect(await ask('/echo')).toMatch(/\r\nConnection: close\r\n\r\n\{.*\}$/)
})

test('a client that waits for leave to send its body has it', async () => {
  await using fixture = await aFront()
  const client = await fixture.connect()

  client.send('POST /echo HTTP/1.1\r\nHost: s.test\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n')
  await until(() => client.text === 'HTTP/1.1 100 Continue\r\n\r\n')
  client.send('hello')
  await until(() => client.text.includes('"body":"hello"'))

  expect(client.text).toStartWith('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n')
})

test('a body that says it is too long is refused before it comes', async () => {
  await using fixture = await aFront({ maxBodyBytes: 1_000 })
  const client = await fixture.connect()

  client.send('POST /echo HTTP/1.1\r\nHost: s.test\r\nExpect: 100-continue\r\nContent-Length: 1001\r\n\r\n')

  expect(await client.all()).toStartWith('HTTP/1.1 413 ')
})

test.each([
  { name: 'with a length', isChunked: false },
  { name: 'in chunks', isChunked: true },
])('an upload $name and a download arrive whole, however slowly they are taken', async ({ isChunked }) => {
  await using fixture = await aFront()
  const content = randomBytes(24 * MIB)
  const sum = createHash('sha256').update(content).digest('hex')
  const client = await fixture.connect()
  const pieces = Array.from({ length: 24 }, (_, n) => content.subarray(n * MIB, (n + 1) * MIB))

  client.send(
    `POST /keep HTTP/1.1\r\nHost: s.test\r\n${isChunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${content.length}`}\r\n\r\n`,
  )
  for (const piece of pieces) {
    if (isChunked) client.send(`${piece.length.toString(16)}\r\n`)
    await client.sendBytes(piece)
    if (isChunked) client.send('\r\n')
  }
  if (isChunked) client.send('0\r\n\r\n')
  const [uploaded] = await client.answers(1)
  expect(uploaded?.body).toBe(sum)

  const download = await fixture.connect({ isReading: false })
  download.send(
    `GET ${isChunked ? '/kept-in-chunks' : '/kept'} HTTP/1.1\r\nHost: s.test\r\nConnection: close\r\n\r\n`,
  )
  await Bun.sleep(50)
  download.read()
  const response = await download.allBytes()
  const body = response.subarray(response.indexOf('\r\n\r\n') + 4)
  const received = isChunked ? unchunk(body) : body
  expect(createHash('sha256').update(received).digest('hex')).toBe(sum)
})

test('what there is of an answer is passed on at once', async () => {
  await using fixture = await aFront()
  const client = await fixture.connect()

  client.send('GET /events HTTP/1.1\r\nHost: s.test\r\n\r\n')
  await until(() => client.text.endsWith('\r\n9\r\ndata: 1\n\n\r\n'))
  fixture.held[0]?.answer('data: 2\n\n')
  await until(() => client.text.endsWith('\r\n9\r\ndata: 2\n\n\r\n0\r\n\r\n'))

  expect(client.text).toContain('HTTP/1.1 200 OK\r\n')
})

test('a client that does not read is not read for: nothing piles up', async () => {
  await using fixture = await aFront()
  const redirects = await fixture.connect({ isReading: false })
  const download = await fixture.connect({ isReading: false })
  const batch = Buffer.from(GET_REDIRECT.repeat(20_000))
  // What the system took of the client; all, if it were read.
  let taken = 0

  download.send('GET /endless HTTP/1.1\r\nHost: s.test\r\n\r\n')
  void (async () => {
    for (; taken < 100; taken++) await redirects.sendBytes(batch)
  })()
  let moved = -1
  await until(async () => {
    const last = moved
    await Bun.sleep(50)
    moved = fixture.produced() + fixture.followed.length + taken
    return moved === last
  })

  expect(taken * batch.length).toBeLessThan(32 * MIB)
  expect(fixture.produced()).toBeLessThan(32 * MIB)
  expect(fixture.followed.length).toBeLessThan(200_000)
})

test('a request whose answer waits for something is answered in its turn when that has settled', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  let isSettled = false
  await using fixture = await aFront({
    answerAtOnce(head, bytes) {
      if (latin1(bytes, head.targetStart, head.targetEnd) !== '/soon') return undefined
      return isSettled ? aReadyAnswer('now') : promise
    },
  })
  const client = await fixture.connect()
  const soon = 'GET /soon HTTP/1.1\r\nHost: s.test\r\n\r\n'

  client.send(`${GET_REDIRECT}${soon}${GET_REDIRECT}${soon}`)
  await client.answers(1)
  client.send(GET_ECHO)
  await Bun.sleep(30)
  expect(readAnswers(client.text)).toHaveLength(1)
  isSettled = true
  resolve()

  const answers = await client.answers(5)
  expect(answers.map(({ status, body }) => [status, body.slice(0, 10)])).toEqual([
    [302, ''],
    [200, 'now'],
    [302, ''],
    [200, 'now'],
    [200, '{"method":'],
  ])
})

test('one that cannot be answered at once after all is passed on, and waited with no more than twice', async () => {
  const asked: boolean[] = []
  await using fixture = await aFront({
    answerAtOnce(_, __, ___, mayWait) {
      asked.push(mayWait)
      return mayWait ? Promise.reject(new Error('nothing')) : undefined
    },
  })
  const client = await fixture.connect()

  for (let n = 1; n <= 2; n++) {
    client.send(GET_ECHO)
    expect((await client.answers(n)).at(-1)?.status).toBe(200)
  }

  expect(asked).toEqual([true, true, false, true, true, false])
})

test('a client that goes away while its answer is waited for is gone, and no stop waits for it', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const asked: boolean[] = []
  await using fixture = await aFront({
    answerAtOnce(_, __, ___, mayWait) {
      asked.push(mayWait)
      return promise
    },
  })
  const gone = await fixture.connect()
  const staying = await fixture.connect()

  gone.send(GET_ECHO)
  staying.send(GET_ECHO)
  await until(() => asked.length === 2)
  gone.destroy()
  await fixture.front.stop({ farewellMs: 0, finishMs: 50 })
  resolve()
  await Bun.sleep(10)

  expect(fixture.front.connections).toBe(0)
  expect(await staying.all()).toBe('')
  expect(asked).toEqual([true, true])
})

test('an upload nobody takes is left with the client', async () => {
  await using fixture = await aFront()
  const client = await fixture.connect()

  client.send(`POST /hold HTTP/1.1\r\nHost: s.test\r\nContent-Length: ${64 * MIB}\r\n\r\n`)
  let isSent = false
  void client.sendBytes(Buffer.alloc(64 * MIB)).then(() => {
    isSent = true
  })
  await until(() => fixture.held.length === 1)
  await Bun.sleep(100)

  expect(isSent).toBe(false)
})

test('an answer that comes before the whole request ends the connection after it', async () => {
  await using fixture = await aFront()
  const client = await fixture.connect()

  client.send('POST /early HTTP/1.1\r\nHost: s.test\r\nContent-Length: 1000\r\n\r\nbegun')
  const text = await client.all()

  expect(text).toStartWith('HTTP/1.1 401 ')
  expect(text).toContain('\r\nConnection: close\r\n')
})

test('a client that goes away has its request given up', async () => {
  await using fixture = await aFront()
  const client = await fixture.connect()

  client.send('GET /hold HTTP/1.1\r\nHost: s.test\r\n\r\n')
  await until(() => fixture.held.length === 1)
  client.destroy()

  await until(() => fixture.held[0]?.signal.aborted === true)
  await until(() => fixture.front.connections === 0)
})

test('a client that closes its side after a redirect has the answer', async () => {
  await using fixture = await aFront()
  const client = await fixture.connect()

  client.end(GET_REDIRECT)

  expect(await client.all()).toStartWith('HTTP/1.1 302 ')
  await until(() => fixture.front.connections === 0)
})

test('who is silent, slow or deaf is given up in time', async () => {
  await using fixture = await aFront({
    secondMs: 10,
    deadlines: { request: 10, head: 5, body: 5, answer: 20, client: 10, end: 5 },
  })
  const silent = await fixture.connect()
  const dripping = await fixture.connect()
  const stalled = await fixture.connect()
  const waiting = await fixture.connect()
  const deaf = await fixture.connect({ isReading: false })
  const lingering = await fixture.connect({ isHalfOpen: true })

  deaf.send('GET /endless HTTP/1.1\r\nHost: s.test\r\n\r\n')
  stalled.send('POST /echo HTTP/1.1\r\nHost: s.test\r\nContent-Length: 10\r\n\r\n12345')
  waiting.send('GET /hold HTTP/1.1\r\nHost: s.test\r\n\r\n')
  lingering.send('GET /r1 HTTP/1.1\r\nHost: s.test\r\nConnection: close\r\n\r\n')
  const drip = setInterval(() => dripping.send('GET /r1 HTTP/1.1\r\nX: '[dripping.sent % 21] ?? 'x'), 5)

  expect(await dripping.all()).toStartWith('HTTP/1.1 408 ')
  clearInterval(drip)
  expect(await silent.all()).toBe('')
  expect(await stalled.all()).toBe('')
  expect(await waiting.all()).toBe('')
  await until(() => fixture.front.connections === 0)
  expect(fixture.held[0]?.signal.aborted).toBe(true)
})

test('a connection in use is kept however long it lasts', async () => {
  await using fixture = await aFront({
    secondMs: 5,
    deadlines: { request: 20, head: 20, body: 20, answer: 20, client: 20 },
  })
  const client = await fixture.connect()

  for (let n = 1; n <= 12; n++) {
    client.send(n % 2 === 0 ? GET_REDIRECT : GET_ECHO)
    await client.answers(n)
    await Bun.sleep(30)
  }

  expect(fixture.front.connections).toBe(1)
})

test('as many clients at once as there are, each has its answer', async () => {
  await using fixture = await aFront()
  const clients = await Promise.all(Array.from({ length: 1_000 }, () => fixture.connect()))

  for (const client of clients) client.send(GET_ECHO)
  const answers = await Promise.all(clients.map((client) => client.answers(1)))

  expect(new Set(answers.map(([answer]) => answer?.status))).toEqual(new Set([200]))
})

test('connections beyond the limit are closed at once, and there is room again after others end', async () => {
  await using fixture = await aFront({ maxConnections: 2 })
  const first = await fixture.connect()
  const second = await fixture.connect()
  const third = await fixture.connect()

  expect(await third.all()).toBe('')
  first.destroy()
  await until(() => fixture.front.connections === 1)
  const fourth = await fixture.connect()
  for (const client of [second, fourth]) {
    client.send(GET_REDIRECT)
    expect((await client.answers(1))[0]?.status).toBe(302)
  }
})

test('an answer that breaks off breaks the connection off, and one that never begins is 503', async () => {
  await using fixture = await aFront()
  const broken = await fixture.connect()
  const held = await fixture.connect()

  broken.send('GET /endless HTTP/1.1\r\nHost: s.test\r\n\r\n')
  held.send('GET /hold HTTP/1.1\r\nHost: s.test\r\n\r\n')
  await until(() => fixture.held.length === 1 && broken.text !== '')
  await fixture.stopInternal()

  expect(await broken.all()).not.toEndWith('0\r\n\r\n')
  expect(await held.all()).toStartWith('HTTP/1.1 503 ')
  const client = await fixture.connect()
  client.send(`${GET_REDIRECT}${GET_ECHO}`)
  expect(await client.all()).toMatch(/^HTTP\/1\.1 302 .*HTTP\/1\.1 503 /s)
})

test('stopping lets answers under way end, says good-bye in all others, and accepts nobody new', async () => {
  await using fixture = await aFront()
  const idle = await fixture.connect()
  const busy = await fixture.connect()
  const redirected = await fixture.connect()
  busy.send('GET /hold HTTP/1.1\r\nHost: s.test\r\n\r\n')
  await until(() => fixture.held.length === 1)

  const stopped = fixture.front.stop({ farewellMs: 50, finishMs: 5_000 })
  redirected.send(GET_REDIRECT)
  expect(await redirected.all()).toMatch(/302 Found\r\n.*\r\nConnection: close\r\n/)
  expect(await idle.all()).toBe('')
  const refused = await fixture.connect().catch((error: unknown) => error)
  fixture.held[0]?.answer('done')
  const text = await busy.all()
  await stopped

  expect(refused).toBeInstanceOf(Error)
  expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n.*Connection: close\r\n.*done$/s)
})

test('stopping does not wait for ever', async () => {
  await using fixture = await aFront()
  const busy = await fixture.connect()
  busy.send('GET /hold HTTP/1.1\r\nHost: s.test\r\n\r\n')
  await until(() => fixture.held.length === 1)

  await fixture.front.stop({ farewellMs: 0, finishMs: 50 })

  expect(await busy.all()).toBe('')
})

test('a port that is taken is an error', async () => {
  await using fixture = await aFront()

  expect(() =>
    startFront({
      hostname: '127.0.0.1',
      port: fixture.front.port,
      internal: internalAddress(),
      follow: () => undefined,
      maxBodyBytes: 1,
      onError: () => {},
    }),
  ).toThrow(expect.objectContaining({ code: 'EADDRINUSE' }))
})

interface Held {
  readonly signal: AbortSignal
  answer(text: string): void
}

interface FrontFixture extends AsyncDisposable {
  readonly front: Front
  /** Targets that were redirected: all that begin with `/r`. */
  readonly followed: readonly string[]
  /** Requests for `/hold` and `/events`, which are answered, or to the end, by the test. */
  readonly held: readonly Held[]
  /** Bytes that `/endless` has made so far. */
  produced(): number
  connect(options?: { readonly isReading?: boolean; readonly isHalfOpen?: boolean }): Promise<Client>
  stopInternal(): Promise<void>
}

/** A front over a server that says what it was asked. */
async function aFront(options: Partial<FrontOptions> = {}): Promise<FrontFixture> {
  const internal = internalAddress()
  const followed: string[] = []
  const held: Held[] = []
  const clients: Client[] = []
  const errors: unknown[] = []
  let produced = 0
  let kept = Buffer.alloc(0)

  const answers: Record<string, (request: Request, ip: string) => Response | Promise<Response>> = {
    '/echo': async (request, ip) =>
      Response.json({
        method: request.method,
        url: request.url,
        headers: request.headers.toJSON(),
        body: await request.text(),
        ip,
      }),
    '/stream': () => new Response(streamOf(['one,', 'two'].map((text) => Buffer.from(text)))),
    '/keep': async (request) => {
      const parts: Uint8Array[] = []
      for await (const part of request.body ?? []) {
        parts.push(part)
        if (parts.length % 50 === 0) await Bun.sleep(1)
      }
      kept = Buffer.concat(parts)
      return new Response(createHash('sha256').update(kept).digest('hex'))
    },
    '/kept': () => new Response(kept),
    '/kept-in-chunks': () =>
      new Response(streamOf(Array.from({ length: 24 }, (_, n) => kept.subarray(n * MIB, (n + 1) * MIB)))),
    '/endless': () =>
      new Response(
        new ReadableStream({
          pull(controller) {
            produced += 64 * 1024
            controller.enqueue(new Uint8Array(64 * 1024))
          },
        }),
      ),
    '/events': (request) =>
      new Response(
        new ReadableStream({
          start(controller) {
            controller.enqueue(Buffer.from('data: 1\n\n'))
            held.push({
              signal: request.signal,
              answer(text) {
                controller.enqueue(Buffer.from(text))
                controller.close()
              },
            })
          },
        }),
      ),
    '/early': () => new Response(null, { status: 401 }),
    '/hold': (request) => {
      const { promise, resolve } = Promise.withResolvers<Response>()
      held.push({ signal: request.signal, answer: (text) => resolve(new Response(text)) })
      return promise
    },
  }
  const server = Bun.serve({
    unix: internal.path,
    development: false,
    maxRequestBodySize: 256 * MIB,
    fetch(request) {
      const ip = takePeer(request.headers, internal)
      if (ip === undefined) return new Response(null, { status: 403 })
      return answers[new URL(request.url).pathname]?.(request, ip) ?? new Response(null, { status: 404 })
    },
  })
  const follow: Follow = (head, bytes) => {
    const target = latin1(bytes, head.targetStart, head.targetEnd)
    if (!target.startsWith('/r')) return undefined
    followed.push(target)
    const location = Buffer.from(target === '/r-long' ? LONG_LOCATION : `https://to.test${target}`)
    return { bytes: location, locationStart: 0, locationEnd: location.length }
  }
  const front = startFront({
    hostname: '127.0.0.1',
    port: 0,
    internal,
    follow,
    maxBodyBytes: 256 * MIB,
    onError: (error) => errors.push(error),
    ...options,
  })
  return {
    front,
    followed,
    held,
    produced: () => produced,
    async connect(how) {
      const client = await openClient(front.port, how)
      clients.push(client)
      return client
    },
    stopInternal: () => server.stop(true),
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.destroy()
      await front.stop({ farewellMs: 0, finishMs: 0 })
      await server.stop(true)
      internal[Symbol.dispose]()
      expect(errors).toEqual([])
    },
  }
}

function aReadyAnswer(body: string): ReturnType<AnswerAtOnce> {
  const headers = Buffer.from('\r\nContent-Type: text/plain')
  return { requestId: 'id', answer: { headers: { bytes: headers, length: headers.length }, body } }
}

function streamOf(parts: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  const left = [...parts]
  return new ReadableStream({
    async pull(controller) {
      const part = left.shift()
      // So that each part is one of its own.
      await Bun.sleep(2)
      if (part === undefined) controller.close()
      else controller.enqueue(part)
    },
  })
}

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

interface Client {
  /** What has come, one character for each byte. */
  readonly text: string
  /** How often something was sent. */
  readonly sent: number
  send(text: string): void
  /** Send, and wait until the system has taken it. */
  sendBytes(bytes: Uint8Array): Promise<void>
  /** Send the last. */
  end(text: string): void
  /** Wait for so many answers with a length. */
  answers(count: number): Promise<readonly Answer[]>
  /** Wait for the end of the connection. */
  all(): Promise<string>
  allBytes(): Promise<Buffer>
  /** Begin to read. */
  read(): void
  destroy(): void
}

async function openClient(
  port: number,
  {
    isReading = true,
    isHalfOpen = false,
  }: { readonly isReading?: boolean; readonly isHalfOpen?: boolean } = {},
): Promise<Client> {
  const chunks: Buffer[] = []
  let sent = 0
  const opened = Promise.withResolvers<void>()
  const closed = Promise.withResolvers<void>()
  const socket: Socket = connect({ port, host: '127.0.0.1', allowHalfOpen: isHalfOpen })
  socket.on('connect', () => opened.resolve())
  socket.on('error', (error) => opened.reject(error))
  socket.on('close', () => closed.resolve())
  const read = () => socket.on('data', (bytes: Buffer) => chunks.push(bytes))
  if (isReading) read()
  else socket.pause()
  await opened.promise
  const text = () => Buffer.concat(chunks).toString('latin1')
  return {
    get text() {
      return text()
    },
    get sent() {
      return sent
    },
    send(part) {
      sent++
      socket.write(part, 'latin1')
    },
    sendBytes: (bytes) => new Promise((resolve) => void socket.write(bytes, () => resolve())),
    end: (part) => void socket.end(part, 'latin1'),
    async answers(count) {
      let found: readonly Answer[] = []
      await until(() => (found = readAnswers(text())).length >= count)
      return found
    },
    all: () => closed.promise.then(text),
    allBytes: () => closed.promise.then(() => Buffer.concat(chunks)),
    read() {
      read()
      socket.resume()
    },
    destroy: () => void socket.destroy(),
  }
}

function readAnswers(text: string): readonly Answer[] {
  const answers: Answer[] = []
  for (let at = 0; ;) {
    const end = text.indexOf('\r\n\r\n', at)
    if (end === -1) return answers
    const [statusLine = '', ...lines] = text.slice(at, end).split('\r\n')
    const headers = Object.fromEntries(
      lines.map((line) => [
        line.slice(0, line.indexOf(':')).toLowerCase(),
        line.slice(line.indexOf(':') + 2),
      ]),
    )
    const bodyEnd = end + 4 + Number(headers['content-length'])
    if (bodyEnd > text.length) return answers
    answers.push({ status: Number(statusLine.split(' ')[1]), headers, body: text.slice(end + 4, bodyEnd) })
    at = bodyEnd
  }
}

function unchunk(bytes: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; ;) {
    const lineEnd = bytes.indexOf('\r\n', at)
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16)
    if (!(size > 0)) return Buffer.concat(parts)
    parts.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size))
    at = lineEnd + 2 + size + 2
  }
}
