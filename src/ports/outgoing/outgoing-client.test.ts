import { afterEach, expect, test } from 'bun:test'
import { once } from 'node:events'
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import {
  TEST_CA_CERTIFICATE,
  TEST_EXPIRED_CERTIFICATE,
  TEST_SERVER_CERTIFICATE,
  TEST_SERVER_KEY,
} from '#testing/test-certificates.ts'
import {
  createOutgoingClient,
  type OutgoingClientOptions,
  type OutgoingRequest,
  type OutgoingResponse,
} from './outgoing-client.ts'
import { OutgoingError } from './outgoing-error.ts'

/** Where the tests' servers listen; of loopback, this address alone is allowed unless a test says otherwise. */
const SERVER_IP = '127.0.0.1'
/** Far more than anything here takes, and less than a test may. */
const AMPLE_MS = 5_000

const cleanups: (() => void)[] = []
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup()
})

test('a request says who asks, and what the caller wants said', async () => {
  const { port, requests } = await serve((request, response) => {
    request.pipe(response)
  })

  const response = await client().request({
    ...GET,
    url: `http://name.test:${port}/path?query=1#fragment`,
    method: 'post',
    headers: {
      'X-Signature': 'abc',
      Host: 'other.test',
      'User-Agent': 'curl',
      Cookie: 'a=b',
      Connection: 'upgrade',
    },
    body: 'Grüße',
  })

  expect(textOf(response)).toBe('Grüße')
  expect(response).toMatchObject({
    status: 200,
    isTruncated: false,
    url: `http://name.test:${port}/path?query=1#fragment`,
    address: SERVER_IP,
  })
  expect(requests).toEqual([
    {
      method: 'POST',
      url: '/path?query=1',
      headers: {
        host: `name.test:${port}`,
        'user-agent': 'Onehop/1.2.3 (+https://go.test)',
        'accept-encoding': 'gzip, deflate, br',
        'x-signature': 'abc',
        'content-length': '7',
        connection: 'close',
      },
    },
  ])
})

test('any status is an answer', async () => {
  const { port } = await serve((_, response) => {
    response.writeHead(500, { 'X-Reason': 'why not' }).end('oh')
  })

  const response = await client().request({ ...GET, url: `http://name.test:${port}/` })

  expect([response.status, response.headers.get('x-reason'), textOf(response)]).toEqual([
    500,
    'why not',
    'oh',
  ])
})

test.each([
  'http://10.0.0.1/',
  'http://127.0.0.2/',
  'http://localhost/',
  'http://localhost./',
  'http://0/',
  'http://0x7f.2/',
  'http://0x7f000002/',
  'http://2130706434/',
  'http://127.2/',
  'http://0177.0.0.2/',
  'http://127.0.0.2./',
  'http://①②⑦.0.0.2/',
  'http://%31%32%37.0.0.2/',
  'http://169.254.169.254/latest/meta-data/',
  'http://[::1]/',
  'http://[::]/',
  'http://[::ffff:127.0.0.2]/',
  'http://[::127.0.0.2]/',
  'http://[64:ff9b::7f00:2]/',
  'http://[2002:7f00:2::1]/',
  'http://[fe80::1]/',
  'https://[fd00::1]/',
])('%s is refused without connecting', async (url) => {
  // The system's own resolver, for localhost.
  const outgoing = createOutgoingClient({ ...OPTIONS, allowPrivate: [] })

  expect(await failureOf(outgoing.request({ ...GET, url }))).toBe('address-refused')
  expect(await failureOf(outgoing.checkUrl(url))).toBe('address-refused')
})

test.each([
  'ftp://name.test/',
  'file:///etc/passwd',
  'gopher://name.test/',
  '//name.test/',
  'name.test',
  '',
  'http://',
  'http://1.2.3.4.5/',
  'http://foo.0x4/',
  'http://[fe80::1%25eth0]/',
  'http://user@name.test/',
  'http://user:secret@name.test/',
  'http://:secret@name.test/',
  'http://name.test:0/',
  'http://name.test:22/',
  'http://name.test:25/',
  'https://name.test:6667/',
  'http://name.test:65536/',
  `http://name.test/${'a'.repeat(8192)}`,
])('%p is no URL for a request', async (url) => {
  const outgoing = client({ resolve: unexpected })

  expect(await failureOf(outgoing.request({ ...GET, url }))).toBe('bad-url')
  expect(await failureOf(outgoing.checkUrl(url))).toBe('bad-url')
})

test('http is refused where https is required', async () => {
  const outgoing = client({ resolve: unexpected })

  expect(await failureOf(outgoing.request({ ...GET, url: 'http://name.test/', httpsOnly: true }))).toBe(
    'bad-url',
  )
  expect(await failureOf(outgoing.checkUrl('http://name.test/', { httpsOnly: true }))).toBe('bad-url')
})

test('the connection goes to the address that was checked, whatever the name means a moment later', async () => {
  const { port, requests } = await serve(answerOk)
  const forbidden = await serve(answerOk, { host: '127.0.0.2', port })
  const answers = [[SERVER_IP], ['127.0.0.2']]
  const outgoing = client({ resolve: async () => answers.shift() ?? [] })

  const response = await outgoing.request({ ...GET, url: `http://rebinding.test:${port}/` })
  const second = await failureOf(outgoing.request({ ...GET, url: `http://rebinding.test:${port}/` }))

  expect(response.address).toBe(SERVER_IP)
  expect(second).toBe('address-refused')
  expect([requests.length, forbidden.requests.length]).toEqual([1, 0])
})

test.each([
  [[SERVER_IP, '10.0.0.1']],
  [['10.0.0.1', SERVER_IP]],
  [['2606:4700::1111', '::1']],
  [[SERVER_IP, '::ffff:10.0.0.1']],
  [[SERVER_IP, 'fe80::1%eth0']],
  [[SERVER_IP, 'not an address']],
])('a name with the addresses %j is refused', async (addresses) => {
  const { port, requests } = await serve(answerOk)
  const outgoing = client({ resolve: async () => addresses })

  expect(await failureOf(outgoing.request({ ...GET, url: `http://mixed.test:${port}/` }))).toBe(
    'address-refused',
  )
  expect(await failureOf(outgoing.checkUrl('https://mixed.test/'))).toBe('address-refused')
  expect(await failureOf(outgoing.checkHost('mixed.test'))).toBe('address-refused')
  expect(requests).toEqual([])
})

test('a name without an address is unresolvable', async () => {
  const failing = client({ resolve: () => Promise.reject(new Error('SERVFAIL')) })
  const empty = client({ resolve: async () => [] })

  expect(await failureOf(failing.request({ ...GET, url: 'http://name.test/' }))).toBe('unresolvable')
  expect(await failureOf(empty.request({ ...GET, url: 'http://name.test/' }))).toBe('unresolvable')
})

test('a check resolves and does not connect', async () => {
  const outgoing = client({ resolve: async () => ['2606:4700::1111', '1.1.1.1'] })

  expect(await outgoing.checkUrl('HTTPS://Name.test:8443/hook')).toEqual({
    url: 'https://name.test:8443/hook',
    addresses: ['1.1.1.1', '2606:4700::1111'],
  })
  expect(await outgoing.checkHost('name.test')).toEqual(['1.1.1.1', '2606:4700::1111'])
  expect(await outgoing.checkHost('1.1.1.1')).toEqual(['1.1.1.1'])
  expect(await failureOf(outgoing.checkHost('fe80::1%eth0'))).toBe('address-refused')
})

test('a name server that does not answer is not waited for', async () => {
  const outgoing = client({ resolve: () => new Promise(() => {}) })

  expect(await failureOf(outgoing.checkUrl('https://name.test/', { timeoutMs: 50 }))).toBe('timeout')
  expect(await failureOf(outgoing.request({ ...GET, url: 'http://name.test/', timeoutMs: 50 }))).toBe(
    'timeout',
  )
})

test('an address that accepts no connection is passed over for the next that was checked', async () => {
  const { port } = await serve(answerOk)
  const outgoing = client({ allowPrivate: ['127.0.0.0/8'], resolve: async () => ['127.0.0.9', SERVER_IP] })

  const response = await outgoing.request({ ...GET, url: `http://name.test:${port}/` })

  expect(response.address).toBe(SERVER_IP)
})

test.skipIf(!hasIpv6Loopback())('an IPv6 address in a URL is connected to as it is', async () => {
  const { port } = await serve(answerOk, { host: '::1' })
  const outgoing = client({ allowPrivate: ['::1'], resolve: unexpected })

  const response = await outgoing.request({ ...GET, url: `http://[0:0::1]:${port}/` })

  expect([response.status, response.address]).toEqual([200, '::1'])
})

test('a proxy of the environment is not used', async () => {
  const { port } = await serve(answerOk)
  const proxy = await serve(answerOk)
  for (const name of ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'all_proxy', 'ALL_PROXY'])
    setVariable(name, `http://${SERVER_IP}:${proxy.port}`)

  await client().request({ ...GET, url: `http://name.test:${port}/` })

  expect(proxy.requests).toEqual([])
})

test('nobody answering is a failure that names the host alone', async () => {
  const { port, server } = await serve(answerOk)
  server.close()
  const error = await errorOf(
    client().request({ ...GET, url: `http://name.test:${port}/secret?token=secret` }),
  )

  expect(error.code).toBe('connection')
  expect(error.message).toBe('no connection to name.test (ECONNREFUSED)')
})

test('what follows a redirect has nothing that was meant for the first host', async () => {
  const last = await serve(answerOk)
  const { port } = await serve((request, response) => {
    const location = request.url === '/a' ? '/b' : `http://other.test:${last.port}/c`
    response.writeHead(307, { location, 'set-cookie': 'a=b' }).end('moved')
  })

  const response = await client().request({
    ...GET,
    url: `http://name.test:${port}/a`,
    method: 'POST',
    headers: {
      Authorization: 'Bearer secret',
      'X-Api-Key': 'secret',
      Accept: 'text/html',
      'Content-Type': 'text/plain',
    },
    body: 'body',
    maxRedirects: 2,
  })

  expect(response.url).toBe(`http://other.test:${last.port}/c`)
  expect(last.requests).toEqual([
    {
      method: 'POST',
      url: '/c',
      headers: {
        host: `other.test:${last.port}`,
        'user-agent': 'Onehop/1.2.3 (+https://go.test)',
        'accept-encoding': 'gzip, deflate, br',
        accept: 'text/html',
        'content-type': 'text/plain',
        'content-length': '4',
        connection: 'close',
      },
    },
  ])
})

test.each([
  [301, 'POST', 'GET'],
  [302, 'POST', 'GET'],
  [303, 'POST', 'GET'],
  [303, 'PUT', 'GET'],
  [303, 'HEAD', 'HEAD'],
  [301, 'PUT', 'PUT'],
  [308, 'POST', 'POST'],
])('after %d a %s continues as %s', async (status, method, next) => {
  const { port, requests } = await serve((request, response) => {
    if (request.url === '/a') response.writeHead(status, { location: 'b' }).end()
    else response.end()
  })

  await client().request({
    ...GET,
    url: `http://name.test:${port}/a`,
    method,
    headers: { 'Content-Type': 'text/plain', 'X-Kept': 'yes' },
    body: 'body',
    maxRedirects: 1,
  })

  expect(requests.map((request) => `${request.method} ${request.url}`)).toEqual([
    `${method} /a`,
    `${next} /b`,
  ])
  const { 'content-length': length, 'content-type': type, 'x-kept': kept } = requests[1]?.headers ?? {}
  expect([length, type, kept]).toEqual([
    ...(next === 'GET' ? [undefined, undefined] : ['4', 'text/plain']),
    'yes',
  ])
})

test('a redirect is an answer when none is to be followed', async () => {
  const { port, requests } = await serve((_, response) => {
    response.writeHead(302, { location: 'http://169.254.169.254/' }).end('moved')
  })

  const response = await client().request({ ...GET, url: `http://name.test:${port}/` })

  expect([response.status, response.headers.get('location'), textOf(response)]).toEqual([
    302,
    'http://169.254.169.254/',
    'moved',
  ])
  expect(requests).toHaveLength(1)
})

test.each([
  ['http://169.254.169.254/latest/meta-data/', 'address-refused'],
  ['http://localhost:8080/', 'address-refused'],
  ['http://0x7f.2/', 'address-refused'],
  ['//[::ffff:7f00:2]/', 'address-refused'],
  ['http://rebound.test/', 'address-refused'],
  ['http://user:secret@name.test/', 'bad-url'],
  ['http://name.test:25/', 'bad-url'],
  ['file:///etc/passwd', 'bad-url'],
  ['javascript:alert(1)', 'bad-url'],
  ['http://', 'bad-url'],
])('a redirect to %s is not followed', async (location, code) => {
  const { port } = await serve((_, response) => response.writeHead(302, { location }).end())
  const outgoing = client({
    resolve: async (host) => (host === 'name.test' ? [SERVER_IP] : [SERVER_IP, '127.0.0.2']),
  })

  expect(
    await failureOf(outgoing.request({ ...GET, url: `http://name.test:${port}/`, maxRedirects: 3 })),
  ).toBe(code as never)
})

test('every hop is resolved and checked anew', async () => {
  const { port, requests } = await serve((_, response) =>
    response.writeHead(302, { location: '/next' }).end(),
  )
  const answers = [[SERVER_IP], ['127.0.0.2']]
  const outgoing = client({ resolve: async () => answers.shift() ?? [] })

  expect(
    await failureOf(outgoing.request({ ...GET, url: `http://name.test:${port}/`, maxRedirects: 3 })),
  ).toBe('address-refused')
  expect(requests).toHaveLength(1)
})

test('a circle of redirects ends', async () => {
  const { port, requests } = await serve((_, response) => response.writeHead(302, { location: '/' }).end())

  expect(
    await failureOf(client().request({ ...GET, url: `http://name.test:${port}/`, maxRedirects: 3 })),
  ).toBe('too-many-redirects')
  expect(requests).toHaveLength(4)
})

test('redirects cross from http to https, and back unless https is required', async () => {
  const plain = await serve((request, response) => {
    if (request.url === '/up')
      response.writeHead(302, { location: `https://localhost.test:${secure.port}/ok` }).end()
    else answerOk(request, response)
  })
  const secure = await serveTls((request, response) => {
    if (request.url === '/down')
      response.writeHead(302, { location: `http://name.test:${plain.port}/ok` }).end()
    else answerOk(request, response)
  })
  const outgoing = client({ ca: [TEST_CA_CERTIFICATE] })
  const down = { ...GET, url: `https://localhost.test:${secure.port}/down`, maxRedirects: 1 }

  const up = await outgoing.request({ ...GET, url: `http://name.test:${plain.port}/up`, maxRedirects: 1 })

  expect(up.url).toBe(`https://localhost.test:${secure.port}/ok`)
  expect((await outgoing.request(down)).url).toBe(`http://name.test:${plain.port}/ok`)
  expect(await failureOf(outgoing.request({ ...down, httpsOnly: true }))).toBe('bad-url')
})

test('a redirect in UTF-8 leads where a browser would go', async () => {
  const { port, requests } = await serveRaw((socket, path) => {
    if (path === '/') socket.end('HTTP/1.1 302 Found\r\nLocation: /grüße\r\nContent-Length: 0\r\n\r\n')
    else socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
  })

  await client().request({ ...GET, url: `http://name.test:${port}/`, maxRedirects: 1 })

  expect(requests).toEqual(['/', '/gr%C3%BC%C3%9Fe'])
})

test('the certificate must be for the name in the URL, though the connection is to an address', async () => {
  const { port, requests } = await serveTls(answerOk)
  const outgoing = client({ ca: [TEST_CA_CERTIFICATE] })

  const named = await outgoing.request({ ...GET, url: `https://localhost.test:${port}/` })
  const rooted = await outgoing.request({ ...GET, url: `https://localhost.test.:${port}/` })
  const numbered = await outgoing.request({ ...GET, url: `https://${SERVER_IP}:${port}/` })
  const other = await failureOf(outgoing.request({ ...GET, url: `https://name.test:${port}/` }))

  expect([named.status, rooted.status, numbered.status, other]).toEqual([200, 200, 200, 'tls'])
  expect(requests).toHaveLength(3)
})

test.each(['0', '1'])(
  'a certificate that nobody vouches for is refused (NODE_TLS_REJECT_UNAUTHORIZED=%s)',
  async (value) => {
    setVariable('NODE_TLS_REJECT_UNAUTHORIZED', value)
    const { port, requests } = await serveTls(answerOk)

    const error = await errorOf(
      client().request({ ...GET, url: `https://localhost.test:${port}/`, method: 'POST', body: 'secret' }),
    )

    expect(error.code).toBe('tls')
    expect(requests).toEqual([])
  },
)

test('an expired certificate is refused, and so is what is no TLS at all', async () => {
  const expired = await serveTls(answerOk, TEST_EXPIRED_CERTIFICATE)
  const plain = await serve(answerOk)
  const cut = await serveRaw((socket) => socket.destroy())
  const outgoing = client({ ca: [TEST_CA_CERTIFICATE] })

  for (const { port } of [expired, plain, cut])
    expect(await failureOf(outgoing.request({ ...GET, url: `https://localhost.test:${port}/` }))).toBe('tls')
})

test.each([
  ['until the end', ''],
  ['in chunks', 'Transfer-Encoding: chunked\r\n'],
  ['by its length', 'Content-Length: 999999999\r\n'],
])('a body that is too large, %s, is refused or cut', async (_, framing) => {
  const { port, closed } = await serveRaw((socket) => {
    const isChunked = framing.startsWith('Transfer')
    socket.write(`HTTP/1.1 200 OK\r\n${framing}\r\n`)
    repeat(socket, isChunked ? `1000\r\n${'a'.repeat(0x1000)}\r\n` : 'a'.repeat(0x1000))
  })
  const request = { ...GET, url: `http://name.test:${port}/`, maxBytes: 100_000 }

  const refused = await failureOf(client().request(request))
  const cut = await client().request({ ...request, truncate: true })

  expect(refused).toBe('too-large')
  expect([cut.body.length, cut.isTruncated]).toEqual([100_000, true])
  expect(await closed(2)).toBe(2)
})

test('a body of exactly the limit is whole', async () => {
  const { port } = await serve((_, response) => response.end('12345'))
  const request = { ...GET, url: `http://name.test:${port}/`, truncate: true }

  const exact = await client().request({ ...request, maxBytes: 5 })
  const cut = await client().request({ ...request, maxBytes: 4 })
  const none = await client().request({ ...request, maxBytes: 0 })

  expect([textOf(exact), exact.isTruncated]).toEqual(['12345', false])
  expect([textOf(cut), cut.isTruncated]).toEqual(['1234', true])
  expect([textOf(none), none.isTruncated]).toEqual(['', true])
})

test.each([
  ['gzip', gzipSync('Grüße')],
  ['X-GZIP', gzipSync('Grüße')],
  ['deflate', deflateSync('Grüße')],
  ['deflate', deflateRawSync('Grüße')],
  ['br', brotliCompressSync('Grüße')],
  ['identity', Buffer.from('Grüße')],
])('a body in %s is decoded', async (encoding, body) => {
  const { port } = await serve((_, response) =>
    response.writeHead(200, { 'content-encoding': encoding }).end(body),
  )

  expect(textOf(await client().request({ ...GET, url: `http://name.test:${port}/` }))).toBe('Grüße')
})

test.each([
  ['gzip', () => gzipSync(Buffer.alloc(100_000_000))],
  ['deflate', () => deflateSync(Buffer.alloc(100_000_000))],
  ['br', () => brotliCompressSync(Buffer.alloc(100_000_000), { params: { 1: 1 } })],
  // Empty gzip members: padding that decodes to nothing.
  ['gzip', () => Buffer.concat(Array<Buffer>(200_000).fill(gzipSync('')))],
] as const)('a bomb in %s does not go off', async (encoding, make) => {
  const bomb = make()
  const { port } = await serve((_, response) =>
    response.writeHead(200, { 'content-encoding': encoding }).end(bomb),
  )
  const request = { ...GET, url: `http://name.test:${port}/`, maxBytes: 100_000 }
  const before = process.memoryUsage.rss()

  expect(await failureOf(client().request(request))).toBe('too-large')
  expect((await client().request({ ...request, truncate: true })).isTruncated).toBe(true)
  expect(process.memoryUsage.rss() - before).toBeLessThan(60_000_000)
})

test.each([
  ['gzip', 'this is not gzip'],
  ['zstd', 'whatever'],
  ['gzip, br', 'whatever'],
])('a body in %s that cannot be decoded is a failure', async (encoding, body) => {
  const { port } = await serve((_, response) =>
    response.writeHead(200, { 'content-encoding': encoding }).end(body),
  )

  expect(await failureOf(client().request({ ...GET, url: `http://name.test:${port}/` }))).toBe('connection')
})

test.each([
  ['HEAD', 200],
  ['GET', 204],
  ['GET', 304],
])('an answer to %s with status %d has no body, whatever its headers say', async (method, status) => {
  const { port } = await serve((_, response) =>
    response.writeHead(status, { 'content-encoding': 'gzip' }).end(),
  )

  const response = await client().request({ ...GET, url: `http://name.test:${port}/`, method })

  expect([response.status, response.body.length]).toEqual([status, 0])
})

test.each([
  ['breaks off', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc'],
  ['breaks off in chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc'],
  ['ends before it begins', ''],
  ['is not HTTP', 'SSH-2.0-OpenSSH_9.9\r\n'],
  ['has two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['has too many headers', `HTTP/1.1 200 OK\r\n${`a: ${'b'.repeat(1000)}\r\n`.repeat(20)}\r\n`],
  ['has control characters in a header', 'HTTP/1.1 200 OK\r\na: b\x01c\r\n\r\n'],
  ['changes the protocol', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'],
])('an answer that %s is a failure', async (_, answer) => {
  const { port } = await serveRaw((socket) => socket.end(answer))

  const outcome = await failureOf(client().request({ ...GET, url: `http://name.test:${port}/` }))

  expect(outcome).toBe('connection')
})

test('headers without end are cut off', async () => {
  const { port, closed } = await serveRaw((socket) => {
    socket.write('HTTP/1.1 200 OK\r\n')
    repeat(socket, `x-a: ${'b'.repeat(100)}\r\n`)
  })

  expect(await failureOf(client().request({ ...GET, url: `http://name.test:${port}/` }))).toBe('connection')
  expect(await closed(1)).toBe(1)
})

test.each([
  ['nothing', '', ''],
  ['a drip of status line', 'HTTP/1.1 200 ', 'a'],
  ['a drip of headers', 'HTTP/1.1 200 OK\r\n', 'a: b\r\n'],
  ['a drip of body', 'HTTP/1.1 200 OK\r\n\r\n', 'a'],
  ['a drip of chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', '1\r\na\r\n'],
  ['informational answers', '', 'HTTP/1.1 103 Early Hints\r\na: b\r\n\r\n'],
])('whoever sends %s is hung up on in time', async (_, start, drip) => {
  const { port, closed } = await serveRaw((socket) => {
    socket.write(start)
    const timer = setInterval(() => socket.write(drip), 20)
    socket.on('close', () => clearInterval(timer))
  })
  const startedAt = performance.now()

  const error = await errorOf(client().request({ ...GET, url: `http://name.test:${port}/`, timeoutMs: 200 }))

  expect([error.code, error.message]).toEqual(['timeout', 'name.test took more than 200 ms'])
  expect(performance.now() - startedAt).toBeLessThan(1_500)
  expect(await closed(1)).toBe(1)
})

test('a large body is handed over piece by piece, with its length, and none of it is kept', async () => {
  const sent = Buffer.alloc(3_000_000, 'network data ')
  const { port } = await serve((_, response) => response.end(sent))
  const pieces: Buffer[] = []
  const totals = new Set<number | undefined>()

  const response = await client().request({
    ...GET,
    url: `http://name.test:${port}/`,
    maxBytes: sent.length,
    receive(bytes, totalBytes) {
      pieces.push(Buffer.from(bytes))
      totals.add(totalBytes)
    },
  })

  expect(Buffer.concat(pieces).equals(sent)).toBe(true)
  expect([...totals]).toEqual([sent.length])
  expect(response.body.length).toBe(0)
})

test('a coded body is handed over decoded, of a length that is not known', async () => {
  const sent = Buffer.alloc(3_000_000, 'network data ')
  const { port } = await serve((_, response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(sent)),
  )
  const pieces: Buffer[] = []

  await client().request({
    ...GET,
    url: `http://name.test:${port}/`,
    maxBytes: sent.length,
    receive(bytes, totalBytes) {
      expect(totalBytes).toBeUndefined()
      pieces.push(Buffer.from(bytes))
    },
  })

  expect(Buffer.concat(pieces).equals(sent)).toBe(true)
})

test('a coded body that ends early is damaged when it is handed over', async () => {
  const { port } = await serve((_, response) => {
    const coded = gzipSync(Buffer.alloc(100_000, 'network data '))
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(coded.subarray(0, coded.length - 20))
  })

  const error = await errorOf(
    client().request({ ...GET, url: `http://name.test:${port}/`, receive: () => {} }),
  )

  expect([error.code, error.message]).toEqual(['connection', 'the answer of name.test cannot be decoded'])
})

test('no more than the limit is handed over', async () => {
  const closed = Promise.withResolvers<void>()
  const { port } = await serve((_, response) => {
    const write = () => {
      while (response.write(Buffer.alloc(10_000)));
    }
    response.on('close', closed.resolve)
    response.on('drain', write)
    write()
  })
  let size = 0

  const error = await errorOf(
    client().request({
      ...GET,
      url: `http://name.test:${port}/`,
      maxBytes: 100_000,
      receive: (bytes) => (size += bytes.length),
    }),
  )

  expect(error.code).toBe('too-large')
  expect(size).toBe(100_000)
  await closed.promise
})

test('of an answer that is not 200 nothing is handed over', async () => {
  const { port } = await serve((_, response) => response.writeHead(404).end('x'.repeat(100_000)))

  const response = await client().request({
    ...GET,
    url: `http://name.test:${port}/`,
    receive: () => expect.unreachable(),
  })

  expect(response.status).toBe(404)
  expect(response).toMatchObject({ isTruncated: true })
  expect(response.body.length).toBe(16 * 1024)
})

test('what the receiver throws ends the request', async () => {
  const closed = Promise.withResolvers<void>()
  const { port } = await serve((_, response) => {
    response.on('close', closed.resolve)
    response.write('first')
  })

  const error = await client()
    .request({
      ...GET,
      url: `http://name.test:${port}/`,
      receive() {
        throw new Error('no room')
      },
    })
    .catch((thrown: unknown) => thrown)

  expect(error).toEqual(new Error('no room'))
  await closed.promise
})

test('whoever falls silent is hung up on, whoever goes on slowly is not', async () => {
  const { port } = await serve((request, response) => {
    response.write('first')
    if (request.url === '/silent') return
    const timer = setInterval(() => response.write('.'), 20)
    setTimeout(() => {
      clearInterval(timer)
      response.end()
    }, 300)
  })
  const get = (path: string) =>
    client().request({
      ...GET,
      url: `http://name.test:${port}${path}`,
      receive: () => {},
      idleTimeoutMs: 150,
    })

  const [silent, slow] = await Promise.all([errorOf(get('/silent')), get('/slow')])

  expect([silent.code, silent.message]).toEqual(['timeout', 'name.test sent nothing for 150 ms'])
  expect(slow.status).toBe(200)
})

test('redirects share one deadline', async () => {
  const { port, requests } = await serve((_, response) => {
    setTimeout(() => response.writeHead(302, { location: '/' }).end(), 60)
  })

  const outcome = await failureOf(
    client().request({ ...GET, url: `http://name.test:${port}/`, timeoutMs: 200, maxRedirects: 100 }),
  )

  expect(outcome).toBe('timeout')
  expect(requests.length).toBeLessThan(5)
})

test('requests beyond the limits wait for a turn, and no longer than their time', async () => {
  let underWay = 0
  let most = 0
  const held: ServerResponse[] = []
  const { port, requests } = await serve((_, response) => {
    most = Math.max(most, ++underWay)
    held.push(response)
  })
  const letGo = () => {
    underWay--
    held.shift()?.end('ok')
  }
  const outgoing = client({ maxRequests: 3, maxRequestsPerHost: 2 })
  const get = (host: string, timeoutMs = AMPLE_MS) =>
    outgoing.request({ ...GET, url: `http://${host}:${port}/`, timeoutMs })

  const sameHost = Array.from({ length: 4 }, () => get('a.test'))
  await until(() => held.length === 2)
  const late = await failureOf(get('a.test', 50))
  expect([late, requests.length]).toEqual(['timeout', 2])
  const otherHosts = ['b.test', 'c.test'].map((host) => get(host))
  await until(() => held.length === 3)
  const timer = setInterval(letGo, 10)
  const responses = await Promise.all([...sameHost, ...otherHosts])
  clearInterval(timer)

  expect(responses.map(textOf)).toEqual(Array.from({ length: 6 }, () => 'ok'))
  expect([most, requests.length]).toEqual([3, 6])
})

test('failures give their turn back', async () => {
  const { port } = await serve(answerOk)
  const outgoing = client({ maxRequests: 1 })

  for (let round = 0; round < 5; round++) {
    await failureOf(outgoing.request({ ...GET, url: 'http://10.0.0.1/' }))
    await failureOf(outgoing.request({ ...GET, url: `https://name.test:${port}/` }))
  }

  expect((await outgoing.request({ ...GET, url: `http://name.test:${port}/` })).status).toBe(200)
})

const GET = { timeoutMs: AMPLE_MS, maxBytes: 1_000_000, maxRedirects: 0 } satisfies Partial<OutgoingRequest>
const OPTIONS = {
  allowPrivate: [SERVER_IP],
  contactUrl: 'https://go.test',
  version: '1.2.3',
} satisfies OutgoingClientOptions

/** A client for which every name is the tests' server. */
function client(options: Partial<OutgoingClientOptions> = {}) {
  return createOutgoingClient({ ...OPTIONS, resolve: async () => [SERVER_IP], ...options })
}

function hasIpv6Loopback(): boolean {
  return Object.values(networkInterfaces()).some((addresses) =>
    addresses?.some(({ address }) => address === '::1'),
  )
}

function unexpected(): never {
  throw new Error('nothing was to be resolved')
}

function textOf(response: OutgoingResponse): string {
  return new TextDecoder().decode(response.body)
}

async function errorOf(pending: Promise<unknown>): Promise<OutgoingError> {
  const outcome = await pending.catch((error: unknown) => error)
  if (outcome instanceof OutgoingError) return outcome
  throw new Error('it did not fail as outgoing requests do', { cause: outcome })
}

async function failureOf(pending: Promise<unknown>) {
  return (await errorOf(pending)).code
}

function answerOk(_: IncomingMessage, response: ServerResponse): void {
  response.end('ok')
}

interface SeenRequest {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly headers: IncomingMessage['headers']
}

async function serve(listener: RequestListener, where: { host?: string; port?: number } = {}) {
  const requests: SeenRequest[] = []
  const server = createHttpServer(noting(requests, listener))
  return { ...(await listening(server, where)), requests }
}

async function serveTls(listener: RequestListener, cert = TEST_SERVER_CERTIFICATE) {
  const requests: SeenRequest[] = []
  const server = createHttpsServer({ key: TEST_SERVER_KEY, cert }, noting(requests, listener))
  return { ...(await listening(server)), requests }
}

function noting(requests: SeenRequest[], listener: RequestListener): RequestListener {
  return (request, response) => {
    const { method, url, headers } = request
    requests.push({ method, url, headers })
    listener(request, response)
  }
}

/** A server that answers what no server should, once a whole request head has arrived. */
async function serveRaw(answer: (socket: Socket, path: string) => void) {
  const requests: string[] = []
  let closedSockets = 0
  const server = createTcpServer((socket) => {
    let head = ''
    socket.on('error', () => {})
    socket.on('close', () => closedSockets++)
    socket.on('data', (chunk) => {
      const isNew = !head.includes('\r\n\r\n')
      head += chunk.toString('latin1')
      // A TLS greeting has no end of a head; it is answered as it comes.
      if (!isNew || (!head.includes('\r\n\r\n') && head.charCodeAt(0) !== 0x16)) return
      const path = head.split(' ')[1] ?? ''
      requests.push(path)
      answer(socket, path)
    })
  })
  const closed = async (count: number) => {
    await until(() => closedSockets >= count)
    return closedSockets
  }
  return { ...(await listening(server)), requests, closed }
}

async function listening(server: Server, { host = SERVER_IP, port = 0 } = {}) {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket))
  server.listen(port, host)
  await once(server, 'listening')
  cleanups.push(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return { server, port: (server.address() as AddressInfo).port }
}

/** Send the same over and over, as fast as it is taken. */
function repeat(socket: Socket, text: string): void {
  const chunk = Buffer.from(text.repeat(10))
  const timer = setInterval(() => socket.write(chunk), 1)
  socket.on('close', () => clearInterval(timer))
}

function setVariable(name: string, value: string): void {
  const before = process.env[name]
  process.env[name] = value
  cleanups.push(() => {
    if (before === undefined) delete process.env[name]
    else process.env[name] = before
  })
}

async function until(isTrue: () => boolean): Promise<void> {
  const deadline = performance.now() + AMPLE_MS
  while (!isTrue() && performance.now() < deadline) await Bun.sleep(2)
}
