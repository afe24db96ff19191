import { randomInt } from 'node:crypto'
import { connect } from 'node:net'
import { DnsError } from './dns-error.ts'
import { decodeReply, type DnsQuestion, type DnsReply, encodeQuery } from './dns-message.ts'
import type { DnsServer } from './dns-servers.ts'
import type { UdpSockets } from './udp-sockets.ts'

const LENGTH_BYTES = 2

/** How an attempt is made, and how long it may take: by what costs less than a signal of its own. */
export interface Attempt {
  readonly sockets: UdpSockets
  readonly signal: AbortSignal
  /** By `performance.now()`. */
  readonly endMs: number
}

/**
 * Ask one server once: by UDP, and by TCP when the answer does not fit (RFC 7766). What is no answer to this question is
 * passed over, as a forged one has to be (RFC 5452).
 *
 * @throws DnsError `timeout` or `unreachable`, or the signal's reason when it aborts; `malformed` when nothing but that had
 *   come by then
 */
export async function askDnsServer(
  server: DnsServer,
  question: DnsQuestion,
  attempt: Attempt,
): Promise<DnsReply> {
  const first = await askByUdp(server, question, attempt)
  // A server from before EDNS says that it does not understand (RFC 6891 §7).
  const reply = first.rcode === 'FORMERR' ? await askByUdp(server, question, attempt, false) : first
  return reply.isTruncated ? askByTcp(server, question, attempt) : reply
}

async function askByUdp(
  server: DnsServer,
  question: DnsQuestion,
  { sockets, signal, endMs }: Attempt,
  hasEdns = true,
): Promise<DnsReply> {
  signal.throwIfAborted()
  const id = randomInt(0x1_0000)
  const { promise, resolve, reject } = Promise.withResolvers<DnsReply>()
  let isMalformed = false
  let isAnswered = false
  const abort = () => reject(isMalformed ? malformed(server) : signal.reason)
  const expire = () => reject(isMalformed ? malformed(server) : late(server))
  const onError = (cause: unknown) => reject(unreachable(server, cause))
  const onMessage = (bytes: Uint8Array) => {
    try {
      const reply = decodeReply(bytes, question, id)
      if (reply !== undefined) resolve(reply)
    } catch {
      isMalformed = true
    }
  }
  // What fails before it is waited for is still waited for.
  promise.catch(() => {})
  const socket = await sockets.take(server, { onMessage, onError }).catch((cause: unknown) => {
    throw unreachable(server, cause)
  })
  const timer = setTimeout(expire, endMs - performance.now())
  signal.addEventListener('abort', abort)
  try {
    if (signal.aborted) abort()
    else socket.send(encodeQuery(question, id, hasEdns))
    const reply = await promise
    isAnswered = true
    return reply
  } catch (error) {
    // What sending throws: the network is down, or has no way to that address.
    throw error instanceof DnsError || error === signal.reason ? error : unreachable(server, error)
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', abort)
    socket.giveBack(isAnswered && !isMalformed)
  }
}

function askByTcp(server: DnsServer, question: DnsQuestion, { signal, endMs }: Attempt): Promise<DnsReply> {
  signal.throwIfAborted()
  const id = randomInt(0x1_0000)
  const { promise, resolve, reject } = Promise.withResolvers<DnsReply>()
  const query = encodeQuery(question, id)
  const length = Buffer.alloc(LENGTH_BYTES)
  length.writeUInt16BE(query.length)
  let received = Buffer.alloc(0)

  const socket = connect({ host: server.address, port: server.port })
  const abort = () => {
    reject(signal.reason)
    socket.destroy()
  }
  const timer = setTimeout(() => {
    reject(late(server))
    socket.destroy()
  }, endMs - performance.now())
  signal.addEventListener('abort', abort)
  socket.on('connect', () => socket.write(Buffer.concat([length, query])))
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk])
    const size = received.length < LENGTH_BYTES ? Infinity : received.readUInt16BE(0)
    if (received.length < LENGTH_BYTES + size) return
    try {
      const reply = decodeReply(received.subarray(LENGTH_BYTES, LENGTH_BYTES + size), question, id)
      if (reply === undefined) reject(malformed(server))
      else resolve(reply)
    } catch {
      reject(malformed(server))
    }
    socket.destroy()
  })
  socket.on('error', (cause) => reject(unreachable(server, cause)))
  socket.on('close', () => {
    clearTimeout(timer)
    signal.removeEventListener('abort', abort)
    reject(unreachable(server, undefined))
  })
  return promise
}

function unreachable({ address, port }: DnsServer, cause: unknown): DnsError {
  return new DnsError('unreachable', `the DNS server ${address}:${port} cannot be asked now`, { cause })
}

function late({ address, port }: DnsServer): DnsError {
  return new DnsError('timeout', `the DNS server ${address}:${port} did not answer in time`)
}

function malformed({ address, port }: DnsServer): DnsError {
  return new DnsError('malformed', `the DNS server ${address}:${port} sends no DNS answers`)
}
