import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { OutgoingClientOptions } from '#ports/outgoing/outgoing-client.ts'
import { TEST_CA_CERTIFICATE, TEST_SERVER_CERTIFICATE, TEST_SERVER_KEY } from './test-certificates.ts'

/** A request as the receiver of a webhook gets it. */
export interface ReceivedRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** As it came. */
  readonly body: string
}

export interface WebhookReceiver extends AsyncDisposable {
  readonly port: number
  /** Its address by a name that {@link RECEIVER_CLIENT} knows. */
  readonly url: string
  readonly requests: readonly ReceivedRequest[]
  /** How it answers from now on. */
  answer(respond: Respond): void
}

export type Respond = (response: ServerResponse, request: ReceivedRequest) => void

/** How the outgoing client finds and trusts receivers on loopback. */
export const RECEIVER_CLIENT = {
  allowPrivate: ['127.0.0.1'],
  resolve: (host) => Promise.resolve(host.endsWith('.test') ? ['127.0.0.1'] : []),
  ca: [TEST_CA_CERTIFICATE],
} as const satisfies Partial<OutgoingClientOptions>

/** Answer with a status. */
export function status(code: number, body = ''): Respond {
  return (response) => void response.writeHead(code).end(body)
}

/** A real HTTPS server that keeps what it is sent, and answers 200 unless told otherwise. */
export async function startWebhookReceiver(): Promise<WebhookReceiver> {
  const requests: ReceivedRequest[] = []
  let respond = status(200, 'thank you')
  const server = createServer(
    { key: TEST_SERVER_KEY, cert: TEST_SERVER_CERTIFICATE },
    (request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('error', () => {})
      request.on('end', () => {
        const received = {
          method: request.method ?? '',
          path: request.url ?? '',
          headers: request.headers as Record<string, string>,
          body: Buffer.concat(chunks).toString('utf8'),
        }
        requests.push(received)
        response.on('error', () => {})
        respond(response, received)
      })
    },
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    port,
    url: `https://localhost.test:${port}/hook`,
    requests,
    answer(next) {
      respond = next
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
    },
  }
}
