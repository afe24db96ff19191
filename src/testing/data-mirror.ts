import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What a mirror does with a request. */
export type MirrorAnswer = (request: IncomingMessage, response: ServerResponse) => void

/** A web server on loopback with files of network data. */
export interface DataMirror extends AsyncDisposable {
  /** For `ONEHOP_DATA_MIRROR`. */
  readonly url: string
  /** What was asked for: `tor-exits`, with the headers. */
  readonly requests: readonly { readonly path: string; readonly headers: IncomingMessage['headers'] }[]
  /** Answer a path below {@link url} from now on. */
  serve(path: string, answer: MirrorAnswer): void
  /** Serve a file as web servers do: with its length, an ETag, and 304 to whoever has it. */
  serveFile(path: string, body: string | Uint8Array): void
}

export async function dataMirror(): Promise<DataMirror> {
  const answers = new Map<string, MirrorAnswer>()
  const requests: { path: string; headers: IncomingMessage['headers'] }[] = []
  const server = createServer((request, response) => {
    const path = (request.url ?? '').replace(/^\/onehop\//, '')
    requests.push({ path, headers: request.headers })
    const answer = answers.get(path)
    if (answer === undefined) response.writeHead(404).end('there is no such file')
    else answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/onehop`,
    requests,
    serve: (path, answer) => void answers.set(path, answer),
    serveFile(path, body) {
      const bytes = Buffer.from(body)
      const etag = `"${Bun.hash(bytes).toString(16)}"`
      answers.set(path, (request, response) => {
        if (request.headers['if-none-match'] === etag) response.writeHead(304).end()
        else response.writeHead(200, { 'content-length': bytes.length, etag }).end(bytes)
      })
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** A list of so many different addresses. */
export function addressList(count: number): string {
  return Array.from(
    { length: count },
    (_, index) => `185.${index >> 16}.${(index >> 8) & 255}.${index & 255}\n`,
  ).join('')
}

/** AS relationships of so many pairs, of September 2025. */
export function relationsFile(count: number): string {
  const links = Array.from({ length: count }, (_, index) => `${(index % 500) + 1}|${index + 1_000}|-1|bgp\n`)
  return `# source:topology|BGP|20250901|ripe|rrc00\n${links.join('')}`
}
