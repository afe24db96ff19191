import { createSocket } from 'node:dgram'
import { createServer, type Socket } from 'node:net'
import { type Answer, decode, encode, type Packet } from 'dns-packet'
import type { RecordType } from '#ports/dns/dns-record.ts'

/** What a test server is asked. */
export interface TestDnsQuestion {
  /** In lower case, without a dot at its end. */
  readonly name: string
  readonly type: RecordType
  readonly transport: 'udp' | 'tcp'
  readonly hasEdns: boolean
}

/** What it says: an empty `NOERROR` unless something else is named. */
export interface TestDnsReply {
  /** By name. */
  readonly rcode?: 'NOERROR' | 'FORMERR' | 'SERVFAIL' | 'NXDOMAIN' | 'NOTIMP' | 'REFUSED'
  readonly answers?: readonly Answer[]
  readonly authorities?: readonly Answer[]
  readonly isAuthenticated?: boolean
  readonly delayMs?: number
  /** Say by UDP that the answer does not fit, and leave its records out. */
  readonly isTruncated?: boolean
  /** What came before it, or instead of it: an answer to another query, to another question, or no DNS message. */
  readonly forged?: readonly ('id' | 'question' | 'garbage')[]
  /** Leave the real answer out. */
  readonly onlyForged?: boolean
}

/** A DNS server on 127.0.0.1, by UDP and TCP on one port, with a behaviour of the test's choice. */
export interface DnsTestServer extends AsyncDisposable {
  readonly port: number
  /** To give to `createDnsClient`. */
  readonly server: { readonly address: string; readonly port: number }
  /** `NAME TYPE` of what was asked, in order. */
  readonly queries: readonly string[]
  /** Of each query by UDP, the port it came from. */
  readonly sourcePorts: readonly number[]
  /** The most queries that waited for an answer at once. */
  readonly busiest: () => number
}

/** What a server does with a question; undefined is silence. */
export type TestDnsBehaviour = (question: TestDnsQuestion) => TestDnsReply | undefined

/** Data of records by `NAME TYPE`; written as dns-packet takes them, one or several. */
export type TestDnsZone = Readonly<
  Record<string, Answer extends infer A ? DataOf<A> | readonly DataOf<A>[] : never>
>
type DataOf<A> = A extends { readonly data: infer D } ? D : never

const RCODES = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 } as const
const RECURSION = 0x180
const TRUNCATED = 0x200
const AUTHENTIC = 0x20
/** How many ports are tried. */
const MAX_PORTS = 20
const TTL_S = 300

/**
 * What a server that knows these records says: a name with an asterisk for its first label stands for all below it, a name
 * that is not there does not exist.
 */
export function zoneAnswers(zone: TestDnsZone): TestDnsBehaviour {
  const records = new Map(Object.entries(zone).map(([key, data]) => [key.toLowerCase(), data]))
  const names = new Set([...records.keys()].map((key) => key.split(' ')[0]))
  return (question) => {
    const { name, type } = question
    const wildcards = [...name.matchAll(/\./g)].map(({ index }) => `*${name.slice(index)}`)
    const owner = [name, ...wildcards].find((candidate) => names.has(candidate))
    if (owner === undefined) return { rcode: 'NXDOMAIN' }
    const alias = type === 'CNAME' ? undefined : records.get(`${owner} cname`)
    if (typeof alias === 'string') {
      const target = zoneAnswers(zone)({ ...question, name: alias })
      return { ...target, answers: [answerOf(name, 'CNAME', alias), ...(target?.answers ?? [])] }
    }
    const data = records.get(`${owner} ${type.toLowerCase()}`)
    const list = data === undefined ? [] : Array.isArray(data) ? data : [data]
    return { answers: list.map((value) => answerOf(name, type, value)) }
  }
}

/** A record with the usual time to live. */
export function answerOf(name: string, type: RecordType, data: unknown, ttl = TTL_S): Answer {
  // What belongs to a type is for the test that writes it.
  return { name, type, ttl, class: 'IN', data } as Answer
}

/** Start a server; it is up when the promise is settled. */
export async function startDnsServer(behave: TestDnsBehaviour): Promise<DnsTestServer> {
  const queries: string[] = []
  const sourcePorts: number[] = []
  const timers = new Set<NodeJS.Timeout>()
  const sockets = new Set<Socket>()
  let pending = 0
  let busiest = 0

  function take(bytes: Buffer, transport: 'udp' | 'tcp', send: (message: Buffer) => void): void {
    const packet = decode(bytes)
    const [asked] = packet.questions ?? []
    if (asked === undefined) return
    const hasEdns = packet.additionals?.some(({ type }) => type === 'OPT') ?? false
    const question = { name: asked.name.toLowerCase(), type: asked.type as RecordType, transport, hasEdns }
    queries.push(`${question.name} ${question.type}`)
    pending++
    busiest = Math.max(busiest, pending)
    const reply = behave(question)
    if (reply === undefined) return
    const timer = setTimeout(() => {
      timers.delete(timer)
      pending--
      for (const message of messagesOf(packet, reply, transport)) send(message)
    }, reply.delayMs ?? 0)
    timers.add(timer)
  }

  const { tcp, udp, port } = await listen((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    let received = Buffer.alloc(0)
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk])
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return
      take(received.subarray(2), 'tcp', (message) => {
        const length = Buffer.alloc(2)
        length.writeUInt16BE(message.length)
        socket.end(Buffer.concat([length, message]))
      })
    })
  })
  udp.on('message', (bytes, { port: source }) => {
    sourcePorts.push(source)
    take(bytes, 'udp', (message) => udp.send(message, source, '127.0.0.1'))
  })
  return {
    port,
    server: { address: '127.0.0.1', port },
    queries,
    sourcePorts,
    busiest: () => busiest,
    async [Symbol.asyncDispose]() {
      for (const timer of timers) clearTimeout(timer)
      for (const socket of sockets) socket.destroy()
      const closed = Promise.withResolvers<void>()
      tcp.close(() => closed.resolve())
      await closed.promise
      udp.close()
    },
  }
}

/** Listen by TCP and by UDP at the same port: one that is free for the one may be taken for the other. */
async function listen(onConnection: (socket: Socket) => void) {
  for (let attempt = 1; ; attempt++) {
    const { tcp, port } = await listenTcp(onConnection)
    const udp = createSocket('udp4')
    try {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      udp.once('error', reject)
      udp.bind(port, '127.0.0.1', resolve)
      await promise
      return { tcp, udp, port }
    } catch (error) {
      tcp.close()
      if (attempt === MAX_PORTS) throw error
    }
  }
}

async function listenTcp(onConnection: (socket: Socket) => void) {
  const tcp = createServer(onConnection)
  const { promise, resolve } = Promise.withResolvers<void>()
  tcp.listen(0, '127.0.0.1', resolve)
  await promise
  const address = tcp.address()
  return { tcp, port: typeof address === 'object' && address !== null ? address.port : 0 }
}

function messagesOf(query: Packet, reply: TestDnsReply, transport: 'udp' | 'tcp'): Buffer[] {
  const isCut = reply.isTruncated === true && transport === 'udp'
  const packet: Packet = {
    type: 'response',
    id: query.id ?? 0,
    flags:
      RECURSION |
      RCODES[reply.rcode ?? 'NOERROR'] |
      (isCut ? TRUNCATED : 0) |
      (reply.isAuthenticated ? AUTHENTIC : 0),
    questions: query.questions ?? [],
    answers: isCut ? [] : [...(reply.answers ?? [])],
    authorities: [...(reply.authorities ?? [])],
  }
  const forged = (reply.forged ?? []).map((kind) => {
    const lie = { ...packet, answers: [answerOf('forged.example', 'A', '203.0.113.66')] }
    if (kind === 'garbage') return Buffer.from('this is no DNS message')
    if (kind === 'id') return encode({ ...lie, id: ((query.id ?? 0) + 1) % 0x1_0000 })
    return encode({ ...lie, questions: [{ name: 'forged.example', type: 'A' }] })
  })
  return reply.onlyForged ? forged : [...forged, encode(packet)]
}
