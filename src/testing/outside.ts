import { writeFileSync } from 'node:fs'
import { mkdtempDisposable } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createOutgoingClient } from '#ports/outgoing/outgoing-client.ts'
import { createRequestSlots } from '#ports/outgoing/request-slots.ts'
import { createRdapClient } from '#ports/rdap/rdap-client.ts'
import { type DnsTestServer, startDnsServer, type TestDnsBehaviour } from './dns-server.ts'
import { bootstrapFile, type RdapAnswering, type RdapTestServer, startRdapServer } from './rdap-server.ts'
import type { TestAppOptions } from './test-app.ts'
import { TEST_SERVER_CERTIFICATE, TEST_SERVER_KEY } from './test-certificates.ts'
import { startTlsServer, type TlsTestServer } from './tls-servers.ts'

/** What a lookup can ask: a resolver, registries, and a TLS server that stands at port 443 of every address. */
export interface Outside extends AsyncDisposable {
  readonly dns: DnsTestServer
  readonly rdap: RdapTestServer
  readonly tls: TlsTestServer
  /** To give to `testApp`. */
  readonly options: ReturnType<typeof outsideOptions>
}

export interface OutsideBehaviour {
  readonly dns: TestDnsBehaviour
  /** Nothing is registered unless it says so. */
  readonly rdap?: RdapAnswering
  /** A server that accepts connections and never says a word stands in the place of the TLS server. */
  readonly isTlsSilent?: boolean
}

export async function startOutside(behaviour: OutsideBehaviour): Promise<Outside> {
  const { dns, rdap = () => undefined, isTlsSilent = false } = behaviour
  const stack = new AsyncDisposableStack()
  const dnsServer = stack.use(await startDnsServer(dns))
  const rdapServer = stack.use(await startRdapServer(rdap))
  const tlsServer = stack.use(await startTlsServer({ cert: TEST_SERVER_CERTIFICATE, key: TEST_SERVER_KEY }))
  const silent = stack.use(await startSilentServer())
  const dir = stack.use(await mkdtempDisposable(join(tmpdir(), 'outside-')))
  return {
    dns: dnsServer,
    rdap: rdapServer,
    tls: tlsServer,
    options: outsideOptions(dir.path, {
      dnsPort: dnsServer.port,
      rdapPort: rdapServer.port,
      tlsPort: isTlsSilent ? silent.port : tlsServer.port,
    }),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

/** Where servers are, on 127.0.0.1. */
export interface OutsidePorts {
  readonly dnsPort: number
  readonly rdapPort: number
  readonly tlsPort: number
}

/**
 * What makes an application ask those servers alone.
 *
 * @param dir a directory that the bootstrap files of RDAP are kept in
 */
export function outsideOptions(
  dir: string,
  { dnsPort, rdapPort, tlsPort }: OutsidePorts,
): Pick<TestAppOptions, 'dnsPort' | 'tlsPort' | 'rdap'> {
  const registry = `http://127.0.0.1:${rdapPort}/`
  for (const [file, names] of [
    ['dns', ['com', 'test']],
    ['ipv4', ['0.0.0.0/0']],
    ['ipv6', ['::/0']],
  ] as const)
    writeFileSync(join(dir, `${file}.json`), JSON.stringify(bootstrapFile([[names, [registry]]])))
  const outgoing = createOutgoingClient({
    allowPrivate: ['127.0.0.1'],
    contactUrl: 'http://s.test',
    version: 'test',
  })
  const rdap = createRdapClient({
    outgoing,
    slots: createRequestSlots({ total: 20, perHost: 4 }),
    bootstrapDir: dir,
    bootstrapUrl: `${registry}bootstrap/`,
    questionsPerMinute: 100_000,
  })
  return { dnsPort, tlsPort, rdap }
}

async function startSilentServer() {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    // Whatever comes is taken, and not answered.
    socket.resume()
  })
  const { promise, resolve } = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', () => resolve())
  await promise
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    async [Symbol.asyncDispose]() {
      const closed = Promise.withResolvers<void>()
      for (const socket of sockets) socket.destroy()
      server.close(() => closed.resolve())
      await closed.promise
    },
  }
}
