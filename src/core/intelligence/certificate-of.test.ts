import { expect, test } from 'bun:test'
import { createServer, type Socket } from 'node:net'
import { createOutgoingClient } from '#ports/outgoing/outgoing-client.ts'
import { createRequestSlots } from '#ports/outgoing/request-slots.ts'
import { createTlsProbe, type TlsProbeOptions, type TlsTarget } from '#ports/tls-probe/tls-probe.ts'
import { TlsProbeError } from '#ports/tls-probe/tls-probe-error.ts'
import {
  TEST_CA_CERTIFICATE,
  TEST_EXPIRED_CERTIFICATE,
  TEST_SELF_SIGNED_CERTIFICATE,
  TEST_SERVER_CERTIFICATE,
  TEST_SERVER_KEY,
} from '#testing/test-certificates.ts'
import { startTlsServer } from '#testing/tls-servers.ts'
import { until } from '#testing/until.ts'
import { certificateOf } from './certificate-of.ts'
import type { CertificateProblem } from './certificate.ts'

const NOW = new Date('2026-01-02T03:04:05Z')
const GOOD = { cert: TEST_SERVER_CERTIFICATE + TEST_CA_CERTIFICATE, key: TEST_SERVER_KEY }

function depsOf(options: Partial<TlsProbeOptions> & { readonly allowPrivate?: readonly string[] } = {}) {
  const { allowPrivate = ['127.0.0.1'], ...rest } = options
  const tlsProbe = createTlsProbe({
    outgoing: createOutgoingClient({ allowPrivate, contactUrl: 'http://s.test', version: '0' }),
    slots: createRequestSlots({ total: 20, perHost: 4 }),
    ca: [TEST_CA_CERTIFICATE],
    ...rest,
  })
  return { tlsProbe, now: () => NOW }
}

function look(target: Partial<TlsTarget> & { readonly port: number }, deps = depsOf(), signal = never()) {
  return certificateOf(deps, { ip: '127.0.0.1', host: 'localhost.test', ...target }, signal)
}

function never(): AbortSignal {
  return new AbortController().signal
}

async function failure(looked: Promise<unknown>) {
  return looked.then(
    () => 'none',
    (error: unknown) => (error instanceof TlsProbeError ? error.code : error),
  )
}

/** A TCP server that does as the test says with each connection. */
async function startTcpServer(onConnection: (socket: Socket) => void) {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    // An end is noticed by whoever reads.
    socket.resume()
    onConnection(socket)
  })
  const { promise, resolve } = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', () => resolve())
  await promise
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    openConnections: () => sockets.size,
    [Symbol.dispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

test('a good certificate is described whole, its server asked by name and told nothing', async () => {
  await using server = await startTlsServer(GOOD)

  const certificate = await look({ port: server.port })

  const authority = { commonName: 'Onehop test-only authority' }
  const validTo = new Date('2099-01-01T00:00:00Z')
  expect(certificate).toEqual({
    subject: { commonName: 'localhost.test' },
    issuer: authority,
    sans: ['localhost.test', '127.0.0.1'],
    validFrom: new Date('2020-01-01T00:00:00Z'),
    validTo,
    daysRemaining: 26_661,
    chain: [
      { subject: { commonName: 'localhost.test' }, issuer: authority, validTo },
      { subject: authority, issuer: authority, validTo },
    ],
    protocol: 'TLSv1.3',
    cipher: 'TLS_AES_128_GCM_SHA256',
    key: { type: 'ec', curve: 'prime256v1' },
    isTrusted: true,
    isHostMatch: true,
    fingerprint256: '015e6e152b781dc74890c70dbe30013ad3e056c542ac148cdabfa68107ae47c4',
  })
  await until(() => server.serverNames.length === 1 && server.openConnections() === 0)
  expect(server.serverNames).toEqual(['localhost.test'])
  expect(server.received()).toBe('')
})

test.each<{
  what: string
  cert: string
  host?: string
  problem: CertificateProblem
  isTrusted: boolean
  isHostMatch: boolean
}>([
  {
    what: 'expired',
    cert: TEST_EXPIRED_CERTIFICATE,
    problem: 'expired',
    isTrusted: false,
    isHostMatch: true,
  },
  {
    what: 'self-signed',
    cert: TEST_SELF_SIGNED_CERTIFICATE,
    host: 'www.self-signed.test',
    problem: 'self-signed',
    isTrusted: false,
    isHostMatch: true,
  },
  {
    what: "another host's",
    cert: TEST_SERVER_CERTIFICATE,
    host: 'other.test',
    problem: 'wrong-host',
    isTrusted: true,
    isHostMatch: false,
  },
  {
    what: "expired and another host's",
    cert: TEST_EXPIRED_CERTIFICATE,
    host: 'other.test',
    problem: 'expired',
    isTrusted: false,
    isHostMatch: false,
  },
])('a certificate that is $what is described, and what is wrong with it', async (given) => {
  const { cert, host = 'localhost.test', problem, isTrusted, isHostMatch } = given
  await using server = await startTlsServer({ cert, key: TEST_SERVER_KEY })

  const certificate = await look({ port: server.port, host })

  expect(certificate).toMatchObject({ problem, isTrusted, isHostMatch })
  expect(certificate.daysRemaining).toBe(problem === 'expired' ? -2_193 : 26_661)
})

test('one that an authority nobody trusts has signed is not trusted', async () => {
  await using server = await startTlsServer(GOOD)

  expect(await look({ port: server.port }, depsOf({ ca: [TEST_SELF_SIGNED_CERTIFICATE] }))).toMatchObject({
    problem: 'untrusted-issuer',
    isTrusted: false,
    isHostMatch: true,
  })
})

test('an address is asked for without a name, and compared with the addresses of the certificate', async () => {
  await using server = await startTlsServer(GOOD)

  expect(await look({ port: server.port, host: '127.0.0.1' })).toMatchObject({ isHostMatch: true })
  await until(() => server.serverNames.length > 0)
  expect(server.serverNames).toEqual([''])
})

test('an older version of TLS is named', async () => {
  await using server = await startTlsServer({ ...GOOD, maxVersion: 'TLSv1.2' })

  expect(await look({ port: server.port })).toMatchObject({ protocol: 'TLSv1.2', isTrusted: true })
})

test('a private address is not connected to, and a name is no address', async () => {
  using server = await startTcpServer(() => {})
  const deps = depsOf({ allowPrivate: [] })

  for (const ip of ['127.0.0.1', '169.254.169.254', '::1', '::ffff:127.0.0.1', 'localhost'])
    expect(await failure(look({ ip, port: server.port }, deps))).toBe('address-refused')
  expect(server.openConnections()).toBe(0)
})

test('silence ends at the deadline, and the connection with it', async () => {
  using server = await startTcpServer(() => {})

  const startedMs = performance.now()
  expect(await failure(look({ port: server.port }, depsOf({ timeoutMs: 100 })))).toBe('timeout')
  expect(performance.now() - startedMs).toBeLessThan(1_000)
  await until(() => server.openConnections() === 0)
})

test('whoever asked may give up before that', async () => {
  using server = await startTcpServer(() => {})
  const controller = new AbortController()

  const looked = failure(look({ port: server.port }, depsOf(), controller.signal))
  await until(() => server.openConnections() === 1)
  controller.abort('enough')

  expect(await looked).toBe('enough')
  await until(() => server.openConnections() === 0)
})

test('what speaks no TLS, breaks off or never ends its handshake shows no certificate', async () => {
  using plain = await startTcpServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  using broken = await startTcpServer((socket) => socket.on('data', () => socket.resetAndDestroy()))
  using endless = await startTcpServer((socket) => {
    const write = () => {
      // A handshake record whose message claims 16 MiB.
      const record = Buffer.alloc(5 + 16_384)
      record.set([22, 3, 3, 64, 0, 2, 255, 255, 255])
      while (!socket.destroyed && socket.write(record));
    }
    socket.on('drain', write)
    socket.once('data', write)
  })

  expect(await failure(look({ port: plain.port }))).toBe('no-tls')
  expect(await failure(look({ port: broken.port }))).toBe('no-tls')
  expect(await failure(look({ port: endless.port }))).toBe('no-tls')
  await until(() => endless.openConnections() === 0)
})

test('a port that nobody listens at is unreachable', async () => {
  const server = await startTlsServer(GOOD)
  await server[Symbol.asyncDispose]()

  expect(await failure(look({ port: server.port }))).toBe('unreachable')
})

test('connections wait for their turn within their time', async () => {
  using server = await startTcpServer(() => {})
  const deps = depsOf({ slots: createRequestSlots({ total: 2, perHost: 2 }), timeoutMs: 600 })

  const outcomes = Promise.all(Array.from({ length: 6 }, () => failure(look({ port: server.port }, deps))))
  while (server.openConnections() < 2) await Bun.sleep(1)
  await Bun.sleep(50)

  expect(server.openConnections()).toBe(2)
  expect(await outcomes).toEqual(Array.from({ length: 6 }, () => 'timeout'))
})
