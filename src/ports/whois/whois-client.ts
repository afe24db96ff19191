import { lookup } from 'node:dns/promises'
import { LRUCache } from 'lru-cache'
import type { OutgoingClient } from '#ports/outgoing/outgoing-client.ts'
import { createRequestSlots, type RequestSlots } from '#ports/outgoing/request-slots.ts'
import { unlessAborted } from '#ports/outgoing/unless-aborted.ts'
import { memoryRateLimiter } from '#ports/rate-limiter.ts'
import { isRegistrarHost } from '#ports/registrars.ts'
import { askServer, type ServerAnswer } from './ask-server.ts'
import {
  INTERNET_REGISTRIES,
  type Registries,
  type RegistryName,
  referredServer,
  type WhoisServer,
} from './registries.ts'
import { DOMAIN_SERVERS, domainQuery, ipQuery, serverOfRegistrar, serverOfTld } from './domain-servers.ts'
import { registryOfIp } from './registry-of-ip.ts'
import { WhoisError } from './whois-error.ts'

/** What a registry says. */
export interface WhoisAnswer {
  /** With line feeds alone at the ends of lines. */
  readonly text: string
  /** The host that said it. */
  readonly server: string
  /** It went on beyond what is kept. */
  readonly isTruncated: boolean
}

/** Asks registries what they have on record. */
export interface WhoisClient {
  /**
   * What the registry says to a query such as `AS24940`, today or at most a day ago.
   *
   * @throws WhoisError with any of its codes, after 4 s at the latest
   */
  ask(registry: RegistryName, query: string): Promise<WhoisAnswer>
  /**
   * What the registry of a domain says of it, today or at most a day ago.
   *
   * @param domain in ASCII, as it is registered
   * @throws WhoisError with any of its codes, after 4 s at the latest (8 s for the first domain of a registry that IANA
   *   has to be asked for); the signal's reason when it aborts first
   */
  askDomain(domain: string, signal: AbortSignal): Promise<WhoisAnswer>
  /**
   * What the registrar that a registry's answer names says of the domain.
   *
   * @returns undefined when the answer names none, or one that is not known
   * @throws WhoisError with any of its codes, after 4 s at the latest; the signal's reason when it aborts first
   */
  askRegistrar(registry: WhoisAnswer, domain: string, signal: AbortSignal): Promise<WhoisAnswer | undefined>
  /**
   * What the registry of an address says of it, or the registry it refers to.
   *
   * @throws WhoisError with any of its codes, after 4 s at the latest; the signal's reason when it aborts first
   */
  askIp(ip: string, signal: AbortSignal): Promise<WhoisAnswer>
}

export interface WhoisClientOptions {
  /** Whose rules about addresses hold. */
  readonly outgoing: Pick<OutgoingClient, 'checkHost'>
  /**
   * A server that is asked everything instead of the registries', on the operator's word: it may have any address, and
   * its referrals are not followed.
   */
  readonly server?: WhoisServer | undefined
  readonly registries?: Registries
  /** The servers of registries of domains, by what names end with; IANA is asked for those of others. */
  readonly domainServers?: ReadonlyMap<string, string>
  /** Where a server that is known by its name alone listens; at port 43 by default. */
  readonly portOf?: (host: string) => number
  /** The turns of connections to servers that lookups ask; turns of its own otherwise. */
  readonly slots?: RequestSlots
  /** For waiting, names, connections and answers together; 4 s by default. */
  readonly timeoutMs?: number
  /** Questions a minute to one registry's server; 60 by default. */
  readonly questionsPerMinute?: number
  /** The clock that answers age by. */
  readonly nowMs?: () => number
}

const PORT = 43
const TIMEOUT_MS = 4_000
const MAX_ANSWER_BYTES = 256 * 1024
/** Servers one question is sent on to. */
const MAX_REFERRALS = 2
/** Addresses of a server that are tried. */
const MAX_ADDRESSES = 2
/** Registries count a client's questions, and shut out who asks too many. */
const QUESTIONS_PER_MINUTE = 60
/** Questions under way, in all and to one server. */
const SLOTS = { total: 32, perHost: 4 }
const REMEMBER_MS = 24 * 60 * 60 * 1000
/** How long a server that cannot be reached is left alone, and one that did not answer with the same question. */
const REMEMBER_FAILURE_MS = 10_000
const CACHE_BYTES = 16 * 1024 * 1024
const MAX_FAILURES = 10_000
/** Servers whose questions are counted: more than there are registries and registrars. */
const MAX_SERVERS = 4_096
const LINE_FEED = 10

/** A client with limits and a memory of its own. */
export function createWhoisClient(options: WhoisClientOptions): WhoisClient {
  const { outgoing, server: ownServer, registries = INTERNET_REGISTRIES } = options
  const { timeoutMs = TIMEOUT_MS, questionsPerMinute = QUESTIONS_PER_MINUTE } = options
  const clock = { perf: { now: options.nowMs ?? (() => performance.now()) }, ttlResolution: 0 }
  const { domainServers = DOMAIN_SERVERS, portOf = () => PORT, slots = createRequestSlots(SLOTS) } = options
  const rateLimiter = memoryRateLimiter({ maxKeys: MAX_SERVERS })
  /** By server, and by server and query. */
  const failures = new LRUCache<string, WhoisError>({
    ...clock,
    max: MAX_FAILURES,
    ttl: REMEMBER_FAILURE_MS,
  })
  const answers = new LRUCache<string, WhoisAnswer, Question>({
    ...clock,
    maxSize: CACHE_BYTES,
    // A character may take two bytes.
    sizeCalculation: ({ text }, key) => 2 * (text.length + key.length) + 200,
    ttl: REMEMBER_MS,
    // Whoever asks while the same question is under way waits for its answer.
    ignoreFetchAbort: true,
    fetchMethod: (_key, _stale, { context }) => askWithin(context),
  })

  async function askWithin({ server, queryOf, follows }: Question): Promise<WhoisAnswer> {
    const controller = new AbortController()
    const late = new WhoisError('timeout', `${server.host} did not answer within ${timeoutMs} ms`)
    const timer = setTimeout(() => controller.abort(late), timeoutMs)
    try {
      return await (follows
        ? follow(server, queryOf, controller.signal)
        : askOne(server, queryOf(server.host), controller.signal))
    } finally {
      clearTimeout(timer)
    }
  }

  /** Ask a server, and those it refers to; a referral that leads nowhere leaves the answer that named it. */
  async function follow(
    first: WhoisServer,
    queryOf: Question['queryOf'],
    signal: AbortSignal,
  ): Promise<WhoisAnswer> {
    const asked = new Set([first.host])
    let answer = await askOne(first, queryOf(first.host), signal)
    for (let referrals = 0; referrals < MAX_REFERRALS; referrals++) {
      const next = first === ownServer ? undefined : referredServer(answer.text, registries)
      if (next === undefined || asked.has(next.host)) break
      asked.add(next.host)
      const referred = await askOne(next, queryOf(next.host), signal).catch((error: unknown) => {
        if (error instanceof WhoisError) return undefined
        throw error
      })
      if (referred === undefined) break
      answer = referred
    }
    return answer
  }

  async function askOne(server: WhoisServer, query: string, signal: AbortSignal): Promise<WhoisAnswer> {
    const { host, port } = server
    const failure = failures.get(host) ?? failures.get(`${host} ${query}`)
    if (failure !== undefined) throw failure
    const limit = { name: 'whois', points: questionsPerMinute, windowS: 60 }
    if (server !== ownServer && !(await rateLimiter.take(limit, host)).allowed)
      throw new WhoisError('too-many', `${host} has been asked ${questionsPerMinute} times this minute`)
    using _slot = await slots.take(host, signal)
    try {
      for (const address of await addressesOf(server, signal)) {
        const question = { address, port, host, query, maxBytes: MAX_ANSWER_BYTES, signal }
        const answer = await askServer(question).catch((error: unknown) => {
          if (error instanceof WhoisError && error.code === 'unreachable' && !signal.aborted) return undefined
          throw error
        })
        if (answer?.bytes.length === 0) throw new WhoisError('empty', `${host} said nothing`)
        if (answer !== undefined)
          return { text: decode(answer), server: host, isTruncated: answer.isTruncated }
      }
      throw new WhoisError('unreachable', `${host} cannot be asked now`)
    } catch (error) {
      if (error instanceof WhoisError)
        failures.set(error.code === 'unreachable' ? host : `${host} ${query}`, error)
      throw error
    }
  }

  async function addressesOf(server: WhoisServer, signal: AbortSignal): Promise<readonly string[]> {
    const { host } = server
    const addresses =
      server === ownServer
        ? lookup(host, { all: true }).then((found) => found.map(({ address }) => address))
        : outgoing.checkHost(host, { timeoutMs })
    const found = await unlessAborted(addresses, signal).catch((cause: unknown) => {
      throw new WhoisError('unreachable', `${host} has no address that may be asked`, { cause })
    })
    return found.slice(0, MAX_ADDRESSES)
  }

  function ask(question: Question): Promise<WhoisAnswer> {
    const { host } = question.server
    return answers.forceFetch(`${host} ${question.queryOf(host)}`, { context: question })
  }

  function askNamed(host: string, queryOf: Question['queryOf'], signal: AbortSignal): Promise<WhoisAnswer> {
    return unlessAborted(ask({ server: { host, port: portOf(host) }, queryOf, follows: false }), signal)
  }

  async function serverOfDomain(domain: string, signal: AbortSignal): Promise<string> {
    const tld = domain.slice(domain.lastIndexOf('.') + 1)
    const known = domainServers.get(tld)
    if (known !== undefined) return known
    const question = { server: registries.servers.IANA, queryOf: () => tld, follows: false }
    const { text } = await unlessAborted(ask(question), signal)
    const named = serverOfTld(text)
    if (named === undefined) throw new WhoisError('no-server', `the registry of .${tld} has no WHOIS server`)
    return named
  }

  return {
    ask(registry, query) {
      return ask({ server: ownServer ?? registries.servers[registry], queryOf: () => query, follows: true })
    },
    async askDomain(domain, signal) {
      if (ownServer !== undefined)
        return unlessAborted(ask({ server: ownServer, queryOf: () => domain, follows: false }), signal)
      return askNamed(await serverOfDomain(domain, signal), (host) => domainQuery(host, domain), signal)
    },
    async askRegistrar(registry, domain, signal) {
      const host = ownServer === undefined ? serverOfRegistrar(registry.text) : undefined
      if (host === undefined || host === registry.server || !isRegistrarHost(host)) return undefined
      return askNamed(host, () => domain, signal)
    },
    askIp(ip, signal) {
      const server = ownServer ?? registries.servers[registryOfIp(ip)]
      return unlessAborted(ask({ server, queryOf: (host) => ipQuery(host, ip), follows: true }), signal)
    },
  }
}

interface Question {
  readonly server: WhoisServer
  /** What to ask a server, which may be one that the first refers to. */
  readonly queryOf: (host: string) => string
  /** Whether to go where the answer refers to. */
  readonly follows: boolean
}

/** Most registries write UTF-8, some still Latin-1, none says which. A text that was cut ends with a whole line. */
function decode({ bytes, isTruncated }: ServerAnswer): string {
  const whole = isTruncated ? bytes.subarray(0, bytes.lastIndexOf(LINE_FEED) + 1) : bytes
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(whole)
  } catch {
    text = new TextDecoder('latin1').decode(whole)
  }
  return text.replaceAll('\r\n', '\n')
}
