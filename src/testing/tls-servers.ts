import type { TLSSocket } from 'node:tls'
import { createServer } from 'node:tls'

/** A TLS server on 127.0.0.1 that shows a certificate of the test's choice. */
export interface TlsTestServer extends AsyncDisposable {
  readonly port: number
  /** The server name of each handshake, in order; an empty text where none was sent. */
  readonly serverNames: readonly string[]
  /** What clients sent after the handshake, all together. */
  readonly received: () => string
  /** Connections that are open now. */
  readonly openConnections: () => number
}

export interface TlsTestServerOptions {
  /** PEM, the server's own first. */
  readonly cert: string
  readonly key: string
  readonly maxVersion?: 'TLSv1.2' | 'TLSv1.3'
}

export async function startTlsServer(options: TlsTestServerOptions): Promise<TlsTestServer> {
  const serverNames: string[] = []
  const sockets = new Set<TLSSocket>()
  let received = ''
  const server = createServer(options, (socket) => {
    sockets.add(socket)
    const { servername } = socket as { servername?: string | false }
    serverNames.push(typeof servername === 'string' ? servername : '')
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    socket.on('data', (chunk: Buffer) => (received += chunk.toString('latin1')))
  })
  server.on('tlsClientError', () => {})
  const { promise, resolve } = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', () => resolve())
  await promise
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    serverNames,
    received: () => received,
    openConnections: () => sockets.size,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      const closed = Promise.withResolvers<void>()
      server.close(() => closed.resolve())
      await closed.promise
    },
  }
}
