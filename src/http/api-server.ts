import type { Logger } from 'pino'
import { type Client, clientAt, clientIp, clientOf } from './client.ts'
import type { ApiHandler, RawRequest, RequestScope } from './dialect.ts'
import type { AnswerAtOnce } from './front-connection.ts'
import { type DialectName, type PathOwner, pathOwner } from './path-table.ts'
import { latin1, type RequestHead, startsWith } from './request-head.ts'

/** Told of each answered request of an API. */
export interface RequestFacts {
  readonly dialect: string
  readonly method: string
  readonly status: number
  readonly durationMs: number
}

export interface ApiServerOptions {
  readonly dialects: Readonly<Partial<Record<DialectName, ApiHandler>>>
  /** Hosts on which every path is one dialect's. */
  readonly hosts: ReadonlyMap<string, DialectName>
  readonly trustedProxies: number
  readonly logger: Logger
  readonly onAnswered: (facts: RequestFacts) => void
}

/** The APIs behind one door. */
export interface ApiServer {
  /** Who answers a path; undefined when no API does. */
  owner(path: string, headers: Headers): PathOwner | undefined
  /** Answer in the owner's format, at once where the API does, and log it. Never rejects. */
  answer(owner: PathOwner, request: Request, socketIp: string): Response | Promise<Response>
  /** Answer from the wire what needs no waiting, and log it. */
  readonly answerAtOnce: AnswerAtOnce
}

export function createApiServer(options: ApiServerOptions): ApiServer {
  const { dialects, hosts, logger } = options
  const atOnce = Object.entries(dialects).flatMap(([name, { atOnce: answers }]) =>
    // The keys are the names.
    answers === undefined
      ? []
      : [{ owner: name as DialectName, prefix: Buffer.from(answers.prefix), answer: answers.answer }],
  )

  function dispatch(owner: PathOwner, request: Request, scope: RequestScope): Response | Promise<Response> {
    if (owner === 'anonymous-links') {
      // A browser's preflight shows no credential; both APIs answer it alike.
      const preflight = request.method === 'OPTIONS' ? dialects.lnk7 : undefined
      return preflight === undefined ? anonymousLinks() : preflight.fetch(request, scope)
    }
    const dialect = dialects[owner]
    return dialect === undefined ? notServed(owner) : dialect.fetch(request, scope)
  }

  return {
    owner(path, headers) {
      if (hosts.size > 0) {
        const bound = hosts.get(hostName(headers.get('host') ?? ''))
        if (bound !== undefined) return bound
      }
      return pathOwner(path, headers)
    },

    answer(owner, request, socketIp) {
      const startedMs = performance.now()
      const scope = scopeOf(
        clientOf(request.headers, socketIp, options.trustedProxies),
        request.headers.get('x-request-id') ?? '',
      )
      const finish = (response: Response): Response => {
        const { headers, status } = response
        headers.set('x-request-id', scope.requestId)
        headers.set('x-content-type-options', 'nosniff')
        if (!headers.has('cache-control')) headers.set('cache-control', 'no-store')
        const path = () => new URL(request.url).pathname
        report({ owner, method: request.method, path, scope, status, startedMs })
        return response
      }
      const crash = (error: unknown): Response => {
        scope.logged.error = error
        return Response.json({ error: 'internal_error', detail: 'Internal server error.' }, { status: 500 })
      }
      let response: Response | Promise<Response>
      try {
        response = dispatch(owner, request, scope)
      } catch (error) {
        response = crash(error)
      }
      return response instanceof Promise ? response.catch(crash).then(finish) : finish(response)
    },

    answerAtOnce(head, bytes, socketIp, mayWait) {
      // A bound host may be another API's. What stands behind a target is in no prefix.
      const found =
        hosts.size > 0 ? undefined : atOnce.find(({ prefix }) => startsWith(bytes, head.targetStart, prefix))
      if (found === undefined || head.hasRepeated) return undefined
      const startedMs = performance.now()
      const { trustedProxies } = options
      const forwarded = trustedProxies === 0 ? '' : head.value(bytes, head.forwardedFor)
      const request = new WireRequest(head, bytes, mayWait)
      const client = clientAt(clientIp(forwarded, socketIp, trustedProxies))
      const scope = scopeOf(client, request.header('x-request-id') ?? '')
      const answer = found.answer(request, scope)
      if (answer === undefined || answer instanceof Promise) return answer
      report({ owner: found.owner, method: 'GET', path: () => request.path, scope, status: 200, startedMs })
      return { requestId: scope.requestId, answer }
    },
  }

  function scopeOf(client: Client, givenId: string): RequestScope {
    const id = requestId(givenId)
    const reportLate = (err: unknown) => logger.error({ requestId: id, err }, 'an answer broke off')
    return { client, requestId: id, logged: {}, reportLate }
  }

  function report(answered: Answered): void {
    const durationMs = performance.now() - answered.startedMs
    const { owner, method, status } = answered
    options.onAnswered({ dialect: owner, method, status, durationMs })
    logAnswer(logger, answered, durationMs)
  }
}

interface Answered {
  readonly owner: PathOwner
  readonly method: string
  /** Without the query. */
  readonly path: () => string
  readonly scope: RequestScope
  readonly status: number
  readonly startedMs: number
}

/** One line a request: never its query, headers or body, which may hold keys and passwords. */
function logAnswer(
  logger: Logger,
  { owner, method, path, scope, status }: Answered,
  durationMs: number,
): void {
  const { actor, error } = scope.logged
  if (error === undefined && !logger.isLevelEnabled('info')) return
  const facts = {
    requestId: scope.requestId,
    api: owner,
    method,
    path: path(),
    status,
    durationMs: Math.round(durationMs * 10) / 10,
    ip: scope.client.ip,
    ...(actor?.kind === 'member' && { teamId: actor.teamId, userId: actor.userId, keyId: actor.keyId }),
  }
  if (error === undefined) logger.info(facts, 'request')
  else logger.error({ ...facts, err: error }, 'request failed')
}

/** A request as it came, whose parts become texts when they are asked for. */
class WireRequest implements RawRequest {
  readonly head: RequestHead
  readonly bytes: Buffer
  readonly mayWait: boolean

  constructor(head: RequestHead, bytes: Buffer, mayWait: boolean) {
    this.head = head
    this.bytes = bytes
    this.mayWait = mayWait
  }

  get target(): string {
    return latin1(this.bytes, this.head.targetStart, this.head.targetEnd)
  }

  get path(): string {
    const { target } = this
    const mark = target.indexOf('?')
    return mark === -1 ? target : target.slice(0, mark)
  }

  header(name: string): string | undefined {
    const { head, bytes } = this
    let found: string | undefined
    for (let index = 0; index < head.headerCount; index++) {
      if (!head.isNamed(bytes, index, name)) continue
      const value = head.value(bytes, index)
      found = found === undefined ? value : `${found}, ${value}`
    }
    return found
  }
}

/** The caller's own id of a request when it is short and plain, else a new one. */
function requestId(given: string): string {
  return given !== '' && /^[\w.-]{1,64}$/.test(given) ? given : crypto.randomUUID()
}

/** `a.example` of `A.example:8080`; an IPv6 address keeps its brackets. */
function hostName(host: string): string {
  return host.toLowerCase().replace(/:\d*$/, '')
}

/**
 * `/api/v1/links` without any credential: nothing tells which of two APIs is meant, so the answer has what a client
 * of either looks for.
 */
function anonymousLinks(): Response {
  return Response.json(
    {
      detail: 'Missing Bearer token.',
      error: 'unauthorized',
      code: 'unauthorized',
      message: 'Missing API key.',
    },
    { status: 401, headers: { 'www-authenticate': 'Bearer', 'access-control-allow-origin': '*' } },
  )
}

function notServed(dialect: DialectName): Response {
  const text = `This server does not offer the ${dialect} API.`
  return Response.json({ error: 'not_found', detail: text, message: text }, { status: 404 })
}
