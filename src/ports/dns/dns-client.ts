import { LRUCache } from 'lru-cache'
import { unlessAborted } from '#ports/outgoing/unless-aborted.ts'
import { askDnsServer } from './ask-dns-server.ts'
import { DnsError } from './dns-error.ts'
import { type DnsQuestion, type DnsReply, dnsName } from './dns-message.ts'
import type { DnsAnswer, DnsRecord, RecordType } from './dns-record.ts'
import { type DnsServer, systemDnsServers } from './dns-servers.ts'
import { createFairSlots } from './fair-slots.ts'
import { createUdpSockets } from './udp-sockets.ts'

/** Asks recursive resolvers. */
export interface DnsClient {
  /**
   * What a name has of a type, now or as long ago as its zone lets answers be kept. A name that does not exist and a
   * server that refuses are answers too: see `rcode`.
   *
   * Queries with the same signal are one asker's: where many wait, askers take turns.
   *
   * @param name in its ASCII form, in any case, with or without a dot at its end
   * @throws DnsError with any of its reasons, after 5 s at the latest
   */
  query(name: string, type: RecordType, signal: AbortSignal): Promise<DnsAnswer>
}

export interface DnsClientOptions {
  /** Asked in this order; the system's own when it is empty or missing. */
  readonly servers?: readonly DnsServer[] | undefined
  /** For one attempt at one server; 1.5 s by default. */
  readonly attemptMs?: number
  /** For everything, waiting for a turn included; 5 s by default. */
  readonly timeoutMs?: number
  /** Queries under way at once; 200 by default. */
  readonly maxQueries?: number
  /** The clock that answers age by. */
  readonly nowMs?: () => number
}

const ATTEMPT_MS = 1_500
const TIMEOUT_MS = 5_000
const MAX_QUERIES = 200
/** A datagram may be lost, and a server down. */
const MIN_ATTEMPTS = 2
const MAX_ATTEMPTS = 4
/** A server that has left so many questions in a row unanswered is asked last, for so long. */
const DOWN_AFTER_FAILURES = 4
const DOWN_MS = 10_000
/** How often the system's list of resolvers is read again. */
const REREAD_MS = 30_000
const CACHE_BYTES = 8 * 1024 * 1024
const MAX_TTL_S = 60 * 60
/** For names that do not exist or lack a type: those appear. */
const MAX_NEGATIVE_TTL_S = 15 * 60
/** For refusals and failures, which name no time (RFC 2308 §7 allows up to five minutes). */
const FAILURE_TTL_S = 10
const RECORD_BYTES = 300

/** A client with limits and a memory of its own. Nothing is asked until something is. */
export function createDnsClient(options: DnsClientOptions = {}): DnsClient {
  const { attemptMs = ATTEMPT_MS, timeoutMs = TIMEOUT_MS, nowMs = () => performance.now() } = options
  const servers = serverList(options.servers ?? [], nowMs)
  // No older than an unanswered question's would be.
  const sockets = createUdpSockets(attemptMs)
  const slots = createFairSlots(options.maxQueries ?? MAX_QUERIES)
  const answers = new LRUCache<string, DnsAnswer>({
    perf: { now: nowMs },
    ttlResolution: 0,
    maxSize: CACHE_BYTES,
    sizeCalculation: ({ records }, key) =>
      records.reduce((size, record) => size + sizeOf(record), RECORD_BYTES + 2 * key.length),
  })
  const running = new Map<string, Run>()

  /** Start asking; whoever asks the same meanwhile waits for the same answer. */
  function start(key: string, question: DnsQuestion, owner: AbortSignal): Run {
    const controller = new AbortController()
    const timer = setTimeout(
      () => controller.abort(new DnsError('timeout', `no DNS server answered within ${timeoutMs} ms`)),
      timeoutMs,
    )
    const answer = askWithSlot(question, owner, controller.signal)
      .then(({ ttlS, rcode, records, isAuthenticated }) => {
        const found: DnsAnswer = { rcode, records, isAuthenticated }
        const keptS = keptFor(found, ttlS)
        if (keptS > 0) answers.set(key, found, { ttl: keptS * 1000 })
        return found
      })
      .finally(() => {
        clearTimeout(timer)
        if (running.get(key) === run) running.delete(key)
      })
    // Everybody who waited may have left.
    answer.catch(() => {})
    const run: Run = { answer, controller, askers: 0 }
    running.set(key, run)
    return run
  }

  async function askWithSlot(
    question: DnsQuestion,
    owner: AbortSignal,
    signal: AbortSignal,
  ): Promise<DnsReply> {
    using _slot = await slots.take(owner, signal)
    const order = servers.inOrder()
    const attempts = Math.min(MAX_ATTEMPTS, Math.max(MIN_ATTEMPTS, order.length))
    let refusal: DnsReply | undefined
    let failure: unknown
    for (let attempt = 0; attempt < attempts; attempt++) {
      const server = order[attempt % order.length]
      // A server that has refused says the same again.
      if (server === undefined || (refusal !== undefined && attempt >= order.length)) break
      try {
        const reply = await askDnsServer(server, question, {
          sockets,
          signal,
          endMs: performance.now() + attemptMs,
        })
        servers.onAnswer(server)
        if (reply.rcode === 'NOERROR' || reply.rcode === 'NXDOMAIN') return reply
        refusal ??= reply
      } catch (error) {
        if (signal.aborted || !(error instanceof DnsError)) throw error
        servers.onFailure(server)
        failure = error
      }
    }
    if (refusal !== undefined) return refusal
    throw failure
  }

  return {
    async query(text, type, signal) {
      const name = dnsName(text)
      if (name === undefined) throw new DnsError('malformed', 'what was asked for is no domain name')
      if (signal.aborted) throw aborted(signal)
      const key = `${type} ${name}`
      const known = answers.get(key)
      if (known !== undefined) return known
      const run = running.get(key) ?? start(key, { name, type }, signal)
      run.askers++
      try {
        return await unlessAborted(run.answer, signal)
      } catch (error) {
        throw signal.aborted ? aborted(signal) : error
      } finally {
        run.askers--
        if (run.askers === 0 && running.get(key) === run) {
          running.delete(key)
          run.controller.abort(new DnsError('aborted', 'nobody wants the answer any more'))
        }
      }
    },
  }
}

interface Run {
  readonly answer: Promise<DnsAnswer>
  readonly controller: AbortController
  /** How many wait for it. */
  askers: number
}

function aborted(signal: AbortSignal): DnsError {
  return new DnsError('aborted', 'the answer is no longer wanted', { cause: signal.reason })
}

function keptFor({ rcode, records }: DnsAnswer, ttlS = 0): number {
  if (rcode !== 'NOERROR' && rcode !== 'NXDOMAIN') return FAILURE_TTL_S
  return Math.min(ttlS, records.length > 0 ? MAX_TTL_S : MAX_NEGATIVE_TTL_S)
}

function sizeOf(record: DnsRecord): number {
  const text = record.type === 'TXT' ? record.text : record.type === 'CAA' ? record.value : ''
  return RECORD_BYTES + 2 * text.length
}

/** The servers and how they have done lately. */
function serverList(own: readonly DnsServer[], nowMs: () => number) {
  interface Standing {
    failures: number
    failedAtMs: number
  }
  let servers = own
  let readAtMs: number | undefined
  let standings = new Map<DnsServer, Standing>()

  const standingOf = (server: DnsServer): Standing => {
    const standing = standings.get(server) ?? { failures: 0, failedAtMs: 0 }
    standings.set(server, standing)
    return standing
  }
  const isDown = (server: DnsServer) => {
    const { failures, failedAtMs } = standingOf(server)
    return failures >= DOWN_AFTER_FAILURES && nowMs() - failedAtMs < DOWN_MS
  }

  return {
    inOrder(): readonly DnsServer[] {
      if (own.length === 0 && (readAtMs === undefined || nowMs() - readAtMs >= REREAD_MS)) {
        servers = systemDnsServers()
        standings = new Map()
        readAtMs = nowMs()
      }
      return servers.some(isDown)
        ? [...servers.filter((server) => !isDown(server)), ...servers.filter(isDown)]
        : servers
    },
    onAnswer(server: DnsServer): void {
      standingOf(server).failures = 0
    },
    onFailure(server: DnsServer): void {
      const standing = standingOf(server)
      standing.failures++
      standing.failedAtMs = nowMs()
    },
  }
}
