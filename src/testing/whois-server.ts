import { createServer, type Socket } from 'node:net'

/** A WHOIS server on 127.0.0.1, with a behaviour of the test's choice. */
export interface WhoisTestServer extends AsyncDisposable {
  readonly port: number
  /** The lines that were asked, in order. */
  readonly queries: readonly string[]
  /** Connections that are open now. */
  readonly openConnections: () => number
}

/** @param answer what to do with a connection that has asked a line; a text is sent, and the connection ended */
export async function startWhoisServer(
  answer: (query: string, socket: Socket) => string | Uint8Array | undefined,
): Promise<WhoisTestServer> {
  const queries: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      if (!text.endsWith('\r\n')) return
      const query = text.trimEnd()
      text = ''
      queries.push(query)
      const reply = answer(query, socket)
      if (reply !== undefined) socket.end(reply)
    })
  })
  const { promise, resolve } = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', () => resolve())
  await promise
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    queries,
    openConnections: () => sockets.size,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      const closed = Promise.withResolvers<void>()
      server.close(() => closed.resolve())
      await closed.promise
    },
  }
}
