import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

/** An RDAP server on 127.0.0.1, with a behaviour of the test's choice. */
export interface RdapTestServer extends AsyncDisposable {
  readonly port: number
  /** The paths that were asked for, in order. */
  readonly paths: readonly string[]
}

/** What to answer: a value as JSON, `undefined` as 404, or whatever the function does with the response itself. */
export type RdapAnswering = (path: string, request: IncomingMessage, response: ServerResponse) => unknown

/** Says that an answering function has answered, or never will. */
export const ANSWERED = Symbol('answered')

/** @param answer what to do with a request for a path */
export async function startRdapServer(answer: RdapAnswering): Promise<RdapTestServer> {
  const paths: string[] = []
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    paths.push(path)
    const value = answer(path, request, response)
    if (value === ANSWERED) return
    response.writeHead(value === undefined ? 404 : 200, { 'content-type': 'application/rdap+json' })
    response.end(JSON.stringify(value ?? { errorCode: 404, title: 'Not Found' }))
  })
  const { promise, resolve } = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', () => resolve())
  await promise
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    paths,
    async [Symbol.asyncDispose]() {
      const closed = Promise.withResolvers<void>()
      server.closeAllConnections()
      server.close(() => closed.resolve())
      await closed.promise
    },
  }
}

/** A bootstrap file (RFC 9224) of these entries. */
export function bootstrapFile(services: readonly (readonly [readonly string[], readonly string[]])[]) {
  return { version: '1.0', publication: '2026-01-01T00:00:00Z', services }
}
