import { setTimeout as sleep } from 'node:timers/promises'
import { plainAddress } from './client.ts'
import {
  type AnswerAtOnce,
  type Deadlines,
  type Follow,
  FrontConnection,
  type FrontShare,
} from './front-connection.ts'
import { internalLinks } from './internal-link.ts'
import type { InternalAddress } from './internal-server.ts'
import { RequestHead } from './request-head.ts'

export interface FrontOptions {
  readonly hostname: string
  /** 0 for one that the system picks. */
  readonly port: number
  /** The server that answers what is no redirect. */
  readonly internal: InternalAddress
  readonly follow: Follow
  /** Nothing is answered so by default. */
  readonly answerAtOnce?: AnswerAtOnce
  /** A request that says its body is longer is refused unread. */
  readonly maxBodyBytes: number
  /** Told of a bug, which has cost a connection. */
  readonly onError: (error: unknown) => void
  readonly deadlines?: Partial<Deadlines>
  /** Connections at one time; further ones are closed at once. */
  readonly maxConnections?: number
  /** How long a second of the deadlines takes; a test is in more of a hurry. */
  readonly secondMs?: number
}

/** The server's port. */
export interface Front {
  readonly port: number
  readonly connections: number
  /**
   * Tell clients, for `farewellMs`, to open no further requests on their connections; then accept none, let answers under
   * way take at most `finishMs`, and close everything.
   */
  stop(limits: { readonly farewellMs: number; readonly finishMs: number }): Promise<void>
}

const DEADLINES: Deadlines = { request: 30, head: 10, body: 30, answer: 300, client: 30, end: 5 }
const MAX_CONNECTIONS = 20_000
/** The largest redirect, with a location of 8 KiB, fits several times. */
const GATHERED_BYTES = 64 * 1024
const LOOK_EVERY_MS = 20

/**
 * Listen on the server's port and read the requests that come. Those that `follow` knows an answer to are answered at once,
 * from the bytes as they came, which takes less than half of what a general HTTP server does; all others are passed on
 * to the internal server. A connection may mix both.
 *
 * @throws when the port is taken
 */
export function startFront(options: FrontOptions): Front {
  const { maxConnections = MAX_CONNECTIONS } = options
  const connections = new Set<FrontConnection>()
  const share: FrontShare = {
    internal: options.internal,
    links: internalLinks(options.internal.path, options.onError),
    follow: options.follow,
    answerAtOnce: options.answerAtOnce ?? (() => undefined),
    maxBodyBytes: options.maxBodyBytes,
    deadlines: { ...DEADLINES, ...options.deadlines },
    seconds: 0,
    isStopping: false,
    date: dateLine(),
    answerEnd: Buffer.from(dateLine() + NO_BODY),
    head: new RequestHead(),
    gathered: Buffer.alloc(GATHERED_BYTES),
    soundHost: Buffer.from('localhost'),
  }
  const listener = Bun.listen<FrontConnection | undefined>({
    hostname: options.hostname,
    port: options.port,
    data: undefined,
    socket: {
      open(socket) {
        if (connections.size >= maxConnections) {
          socket.terminate()
          return
        }
        const connection = new FrontConnection(share, socket, plainAddress(socket.remoteAddress))
        // The socket is this connection's for good.
        // oxlint-disable-next-line no-param-reassign
        socket.data = connection
        connections.add(connection)
      },
      data: (socket, bytes) => socket.data?.receive(bytes),
      drain: (socket) => socket.data?.drain(),
      close(socket) {
        if (socket.data === undefined) return
        connections.delete(socket.data)
        socket.data.lose()
      },
      error(socket, error) {
        options.onError(error)
        socket.data?.terminate()
      },
    },
  })
  const clock = setInterval(() => {
    share.seconds++
    share.date = dateLine()
    share.answerEnd = Buffer.from(share.date + NO_BODY)
    for (const connection of connections) connection.tick()
  }, options.secondMs ?? 1_000)
  clock.unref()

  async function stop(farewellMs: number, finishMs: number): Promise<void> {
    share.isStopping = true
    await sleep(farewellMs)
    listener.stop()
    for (const connection of connections) if (connection.isIdle) connection.close()
    const giveUpAtMs = performance.now() + finishMs
    while (connections.size > 0 && performance.now() < giveUpAtMs) await sleep(LOOK_EVERY_MS)
    for (const connection of connections) connection.terminate()
    clearInterval(clock)
  }

  return {
    port: listener.port,
    get connections() {
      return connections.size
    },
    stop: ({ farewellMs, finishMs }) => stop(farewellMs, finishMs),
  }
}

const NO_BODY = '\r\nContent-Length: 0\r\n\r\n'

function dateLine(): string {
  return `\r\nDate: ${new Date().toUTCString()}`
}
