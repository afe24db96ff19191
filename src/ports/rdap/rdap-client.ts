import { LRUCache } from 'lru-cache'
import { getDomain } from 'tldts'
import type { OutgoingClient, OutgoingResponse } from '#ports/outgoing/outgoing-client.ts'
import { OutgoingError } from '#ports/outgoing/outgoing-error.ts'
import type { RequestSlots } from '#ports/outgoing/request-slots.ts'
import { unlessAborted } from '#ports/outgoing/unless-aborted.ts'
import { memoryRateLimiter } from '#ports/rate-limiter.ts'
import { isRegistrarHost } from '#ports/registrars.ts'
import { type Bootstrap, isRegistryHost, serverFor } from './bootstrap.ts'
import { createBootstrapStore } from './bootstrap-store.ts'
import { RdapError } from './rdap-error.ts'
import type { RdapTarget } from './rdap-target.ts'

/** An object of RDAP (RFC 9083), nothing of which has been checked but that it is one. */
export interface RdapAnswer {
  readonly object: Readonly<Record<string, unknown>>
  /** The host that said it. */
  readonly server: string
}

/** Asks registries by RDAP (RFC 7480). */
export interface RdapClient {
  /**
   * What the registry has on record, now or some hours ago.
   *
   * @returns undefined when it says that there is nothing
   * @throws RdapError with any of its codes, after 4 s at the latest (14 s while IANA's files, of which none is there
   *   yet, are waited for); the signal's reason when it aborts first
   */
  ask(target: RdapTarget, signal: AbortSignal): Promise<RdapAnswer | undefined>
  /**
   * What a registrar says about a domain it has sold, at the address that the registry's answer gives.
   *
   * @returns undefined when the address is no known registrar's, or the registrar knows nothing
   * @throws as `ask`
   */
  askRegistrar(url: string, signal: AbortSignal): Promise<RdapAnswer | undefined>
}

export interface RdapClientOptions {
  readonly outgoing: Pick<OutgoingClient, 'request'>
  /** The turns of connections to servers that lookups ask. */
  readonly slots: RequestSlots
  /** Where the bootstrap files are kept; in memory alone when undefined. */
  readonly bootstrapDir?: string | undefined
  /** Where they come from, with a slash at the end; IANA by default. */
  readonly bootstrapUrl?: string
  /** For waiting, names, connections and answers together; 4 s by default. */
  readonly timeoutMs?: number
  /** Questions a minute to one server; 60 by default. */
  readonly questionsPerMinute?: number
  /** The clock that answers and files age by, in milliseconds since 1970. */
  readonly nowMs?: () => number
}

const BOOTSTRAP_URL = 'https://data.iana.org/rdap/'
const TIMEOUT_MS = 4_000
const MAX_ANSWER_BYTES = 256 * 1024
const MAX_REDIRECTS = 3
const QUESTIONS_PER_MINUTE = 60
const REMEMBER_MS = 6 * 60 * 60 * 1000
const REMEMBER_NOTHING_MS = 10 * 60 * 1000
/** How long a server that cannot be reached is left alone, and one that did not answer with the same question. */
const REMEMBER_FAILURE_MS = 10_000
/** For how long a server may ask to be left alone, and what it gets when it does not say. */
const MAX_PAUSE_MS = 60 * 60 * 1000
const PAUSE_MS = 60_000
const CACHE_BYTES = 16 * 1024 * 1024
/** What is read from a text takes several times its room. */
const MEMORY_PER_BYTE = 4
const MAX_FAILURES = 10_000
/** Servers whose questions are counted: more than there are registries and registrars. */
const MAX_SERVERS = 4_096

interface Deadline {
  /** Aborts when the time is over. */
  readonly signal: AbortSignal
  /** By `performance.now()`. */
  readonly atMs: number
}

interface Kept {
  readonly answer: RdapAnswer | undefined
  readonly sizeBytes: number
}

/** A client with limits and a memory of its own. */
export function createRdapClient(options: RdapClientOptions): RdapClient {
  const { outgoing, slots, timeoutMs = TIMEOUT_MS, questionsPerMinute = QUESTIONS_PER_MINUTE } = options
  const nowMs = options.nowMs ?? Date.now
  const clock = { perf: { now: nowMs }, ttlResolution: 0 }
  const rateLimiter = memoryRateLimiter({ maxKeys: MAX_SERVERS })
  const bootstraps = createBootstrapStore({
    outgoing,
    nowMs,
    dir: options.bootstrapDir,
    url: options.bootstrapUrl ?? BOOTSTRAP_URL,
  })
  /** By host, and by address. */
  const failures = new LRUCache<string, RdapError>({ ...clock, max: MAX_FAILURES, ttl: REMEMBER_FAILURE_MS })
  const answers = new LRUCache<string, Kept, undefined>({
    ...clock,
    maxSize: CACHE_BYTES,
    sizeCalculation: ({ sizeBytes }, url) => MEMORY_PER_BYTE * sizeBytes + 2 * url.length + 200,
    ttl: REMEMBER_MS,
    // Whoever asks while the same question is under way waits for its answer.
    ignoreFetchAbort: true,
    fetchMethod: async (url, _stale, { options }) => {
      const kept = await askWithin(url)
      // eslint-disable-next-line no-param-reassign -- this is how the cache is told
      if (kept.answer === undefined) options.ttl = REMEMBER_NOTHING_MS
      return kept
    },
  })

  async function askWithin(url: string): Promise<Kept> {
    const controller = new AbortController()
    const late = new RdapError('timeout', `${hostOf(url)} did not answer within ${timeoutMs} ms`)
    const timer = setTimeout(() => controller.abort(late), timeoutMs)
    const deadline = { signal: controller.signal, atMs: performance.now() + timeoutMs }
    try {
      return await follow(url, await bootstraps.current(), deadline)
    } finally {
      clearTimeout(timer)
    }
  }

  /** Ask, and go where a registry sends on to: to another registry or registrar, or to another host of its own. */
  async function follow(first: string, bootstrap: Bootstrap, deadline: Deadline): Promise<Kept> {
    let url = first
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      const response = await askOne(url, deadline)
      const location = isRedirect(response.status) ? response.headers.get('location') : null
      if (location === null) return readAnswer(url, response)
      const next = URL.parse(location, url)
      if (next === null || !mayFollow(new URL(url), next, bootstrap))
        throw new RdapError('malformed', `${hostOf(url)} leads to a server that is no registry's`)
      url = next.href
    }
    throw new RdapError('malformed', `${hostOf(first)} redirects more than ${MAX_REDIRECTS} times`)
  }

  async function askOne(url: string, { signal, atMs }: Deadline): Promise<OutgoingResponse> {
    const host = hostOf(url)
    const failure = failures.get(host) ?? failures.get(url)
    if (failure !== undefined) throw failure
    const limit = { name: 'rdap', points: questionsPerMinute, windowS: 60 }
    if (!(await rateLimiter.take(limit, host)).allowed)
      throw new RdapError('too-many', `${host} has been asked ${questionsPerMinute} times this minute`)
    try {
      using _slot = await slots.take(host, signal)
      const response = await outgoing.request({
        url,
        headers: { accept: 'application/rdap+json, application/json;q=0.9' },
        // The turn is over when the connection is.
        timeoutMs: Math.max(1, Math.ceil(atMs - performance.now())),
        maxBytes: MAX_ANSWER_BYTES,
        maxRedirects: 0,
      })
      requireAnswer(host, response)
      return response
    } catch (error) {
      const failed = error instanceof OutgoingError ? failureOf(host, error) : error
      if (failed instanceof RdapError && failed.code !== 'too-many')
        failures.set(failed.code === 'unreachable' && error instanceof OutgoingError ? host : url, failed)
      throw failed
    }
  }

  /** @throws RdapError for a status that is none about what was asked for */
  function requireAnswer(host: string, { status, headers }: OutgoingResponse): void {
    if (status === 200 || status === 404 || isRedirect(status)) return
    if (status !== 429) throw new RdapError('unreachable', `${host} answered with status ${status}`)
    const failure = new RdapError('too-many', `${host} wants to be left alone`)
    failures.set(host, failure, { ttl: pauseMs(headers.get('retry-after'), nowMs()) })
    throw failure
  }

  async function ask(url: string, signal: AbortSignal): Promise<RdapAnswer | undefined> {
    const { answer } = await unlessAborted(answers.forceFetch(url), signal)
    return answer
  }

  return {
    async ask(target, signal) {
      const server =
        serverFor(target, await bootstraps.current()) ??
        serverFor(target, await unlessAborted(bootstraps.renewed(), signal))
      if (server === undefined) throw new RdapError('no-server', 'its registry has no RDAP server')
      return ask(
        target.kind === 'domain'
          ? `${server}domain/${encodeURIComponent(target.domain)}`
          : `${server}ip/${encodeURIComponent(target.ip).replaceAll('%3A', ':')}`,
        signal,
      )
    },
    async askRegistrar(text, signal) {
      const url = URL.parse(text)
      if (url === null || !isWeb(url) || !isRegistrarHost(url.hostname)) return undefined
      return url.pathname.includes('/domain/') ? ask(url.href, signal) : undefined
    },
  }
}

function readAnswer(url: string, { status, body }: OutgoingResponse): Kept {
  const server = new URL(url).hostname
  const text = Buffer.from(body).toString('utf8').trim()
  const object = parseObject(text)
  // A page that says "not found" is that of a server which knows nothing of this address, domains apart.
  if (status === 404 && (text === '' || object !== undefined)) return { answer: undefined, sizeBytes: 0 }
  if (status === 404 || object === undefined || 'errorCode' in object)
    throw new RdapError('malformed', `${server} did not answer with RDAP`)
  return { answer: { object, server }, sizeBytes: body.length }
}

/** @returns undefined when it is no JSON, or no object */
function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const json: unknown = JSON.parse(text)
    return typeof json === 'object' && json !== null && !Array.isArray(json)
      ? (json as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}

function mayFollow(from: URL, to: URL, bootstrap: Bootstrap): boolean {
  if (!isWeb(to) || (from.protocol === 'https:' && to.protocol !== 'https:')) return false
  const domain = getDomain(from.hostname)
  return (
    to.hostname === from.hostname ||
    (domain !== null && domain === getDomain(to.hostname)) ||
    isRegistryHost(to.hostname, bootstrap) ||
    isRegistrarHost(to.hostname)
  )
}

function isWeb({ protocol }: URL): boolean {
  return protocol === 'https:' || protocol === 'http:'
}

function isRedirect(status: number): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308
}

function failureOf(host: string, error: OutgoingError): RdapError {
  switch (error.code) {
    case 'timeout':
      return new RdapError('timeout', `${host} did not answer in time`, { cause: error })
    case 'too-large':
      return new RdapError('malformed', `the answer of ${host} is too large`, { cause: error })
    case 'address-refused':
    case 'unresolvable':
    case 'too-many-redirects':
    case 'tls':
    case 'connection':
    case 'bad-url':
      return new RdapError('unreachable', `${host} cannot be asked now`, { cause: error })
  }
}

/** Of a `Retry-After` (RFC 9110 §10.2.3): seconds, or a day and time. */
function pauseMs(text: string | null, nowMs: number): number {
  if (text === null) return PAUSE_MS
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs
  return Number.isNaN(ms) ? PAUSE_MS : Math.min(MAX_PAUSE_MS, Math.max(1_000, ms))
}

function hostOf(url: string): string {
  return new URL(url).host
}
