import { connect } from 'node:net'
import { WhoisError } from './whois-error.ts'

export interface ServerQuestion {
  /** A checked IP address: a name could lead elsewhere by now. */
  readonly address: string
  readonly port: number
  /** For messages. */
  readonly host: string
  /** One line, without its end. */
  readonly query: string
  readonly maxBytes: number
  readonly signal: AbortSignal
}

/** What a server said until it closed the connection, or until it had said enough. */
export interface ServerAnswer {
  readonly bytes: Uint8Array
  readonly isTruncated: boolean
}

/**
 * One exchange of the WHOIS protocol (RFC 3912): a line there, everything until the connection's end back.
 *
 * @throws WhoisError `unreachable`, or the signal's reason when it aborts after the connection was made
 */
export function askServer(question: ServerQuestion): Promise<ServerAnswer> {
  const { address, port, host, query, maxBytes, signal } = question
  const { promise, resolve, reject } = Promise.withResolvers<ServerAnswer>()
  const chunks: Uint8Array[] = []
  let sizeBytes = 0

  signal.throwIfAborted()
  const socket = connect({ host: address, port })
  const abort = () => {
    reject(socket.connecting ? new WhoisError('unreachable', `${host} accepts no connection`) : signal.reason)
    socket.destroy()
  }
  signal.addEventListener('abort', abort, { once: true })
  socket.on('connect', () => socket.write(`${query}\r\n`))
  socket.on('data', (chunk: Uint8Array) => {
    const room = maxBytes - sizeBytes
    chunks.push(chunk.subarray(0, room))
    sizeBytes += Math.min(room, chunk.length)
    if (chunk.length <= room) return
    resolve({ bytes: Buffer.concat(chunks), isTruncated: true })
    socket.destroy()
  })
  socket.on('end', () => resolve({ bytes: Buffer.concat(chunks), isTruncated: false }))
  socket.on('error', (cause) =>
    reject(new WhoisError('unreachable', `${host} cannot be asked now`, { cause })),
  )
  socket.on('close', () => {
    signal.removeEventListener('abort', abort)
    reject(new WhoisError('unreachable', `${host} broke the connection`))
  })
  return promise
}
