import { connect } from 'node:net'
import { startFront } from '#http/front.ts'
import { internalAddress, takePeer } from '#http/internal-server.ts'
import type { TestApp } from './test-app.ts'

/** An application behind real sockets, as `serve` puts it there. */
export interface FrontServer extends AsyncDisposable {
  readonly port: number
  /** The targets of requests that were answered from the wire. */
  readonly atOnce: readonly string[]
  /** The URLs of those that were passed on. */
  readonly passedOn: readonly string[]
  /** Send bytes as they are, and read until the server closes the connection. */
  readonly send: (text: string) => Promise<string>
  /** Ask for a target; `headers` end with a line break each. */
  readonly get: (target: string, headers?: string) => Promise<string>
}

export function frontServer({ app }: TestApp): FrontServer {
  const stack = new AsyncDisposableStack()
  const internal = stack.use(internalAddress())
  const passedOn: string[] = []
  const server = Bun.serve({
    unix: internal.path,
    development: false,
    fetch(request) {
      passedOn.push(request.url)
      const ip = takePeer(request.headers, internal)
      return ip === undefined ? new Response(null, { status: 403 }) : app.fetch(request, ip)
    },
  })
  stack.defer(() => server.stop(true))
  const atOnce: string[] = []
  const front = startFront({
    hostname: '127.0.0.1',
    port: 0,
    internal,
    follow: app.follow,
    answerAtOnce(head, bytes, ip, mayWait) {
      const answer = app.answerAtOnce(head, bytes, ip, mayWait)
      if (answer !== undefined && !(answer instanceof Promise))
        atOnce.push(bytes.toString('latin1', head.targetStart, head.targetEnd))
      return answer
    },
    maxBodyBytes: 1024,
    onError: (error) => {
      throw error
    },
  })
  stack.defer(() => front.stop({ farewellMs: 0, finishMs: 100 }))

  async function send(text: string): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<string>()
    const chunks: Buffer[] = []
    const socket = connect(front.port, '127.0.0.1', () => socket.write(Buffer.from(text, 'latin1')))
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    socket.on('error', () => {})
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('utf8')))
    return promise
  }
  return {
    port: front.port,
    atOnce,
    passedOn,
    send,
    get: (target, headers = '') =>
      send(`GET ${target} HTTP/1.1\r\nHost: s.test\r\n${headers}Connection: close\r\n\r\n`),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

/** Status, headers by small name, and body of an answer. */
export function parseAnswer(answer: string) {
  const end = answer.indexOf('\r\n\r\n')
  const [line = '', ...lines] = answer.slice(0, end).split('\r\n')
  const headers = Object.fromEntries(
    lines.map((header) => {
      const colon = header.indexOf(':')
      return [header.slice(0, colon).toLowerCase(), header.slice(colon + 1).trim()]
    }),
  )
  return { status: Number(line.split(' ')[1]), headers, body: answer.slice(end + 4) }
}
