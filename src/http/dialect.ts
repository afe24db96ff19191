import { Hono, type MiddlewareHandler } from 'hono'
import { cors } from 'hono/cors'
import { methodNotAllowed } from 'hono/method-not-allowed'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { authenticate } from '#core/accounts/authenticate.ts'
import type { Ctx, Services } from '#core/context.ts'
import { DomainError, type ErrorMap, renderError } from '#core/errors.ts'
import { type Actor, requireMember } from '#core/permissions.ts'
import { authenticateSession } from '#core/accounts/sessions.ts'
import type { Client } from './client.ts'
import { observeRateLimiter, setRateLimitHeaders } from './rate-limit-headers.ts'
import type { ReadyAnswer } from './ready-answer.ts'
import type { RequestHead } from './request-head.ts'
import { requireSameSite } from './same-site.ts'

/** What the server knows of a request besides the request, and what the request's log line is told. */
export interface RequestScope {
  readonly client: Client
  readonly requestId: string
  /** Filled while the request is answered. */
  readonly logged: { actor?: Actor; error?: unknown }
  /** Log a bug that shows when the answer has begun. */
  readonly reportLate: (error: unknown) => void
}

/** An API behind the door: {@link dialectApp} makes one, and so can whoever has other needs. */
export interface ApiHandler {
  /** Never rejects but by a bug. */
  fetch(request: Request, scope: RequestScope): Response | Promise<Response>
  /** What can be answered from the wire; whatever cannot is for `fetch`. */
  readonly atOnce?: AnswersAtOnce
}

/** A `GET` without a body, as it came. */
export interface RawRequest {
  /** Where things stand in the bytes, until it is answered. */
  readonly head: RequestHead
  readonly bytes: Buffer
  /** Path and query, one character for each byte. */
  readonly target: string
  /** Whether its client may wait for what is missing, and the request be looked at again then. */
  readonly mayWait: boolean
  /** The value of a header whose name is given in small letters, as `Headers` would have it; undefined without one. */
  header(name: string): string | undefined
}

/** Answers of an API that wait for nothing, or for little. */
export interface AnswersAtOnce {
  /** What the targets of such requests begin with. */
  readonly prefix: string
  /**
   * @returns undefined, with nothing done, for what has to be answered otherwise; a promise, where the client may wait,
   *   when it can be answered once that has settled
   */
  readonly answer: (request: RawRequest, scope: RequestScope) => ReadyAnswer | Promise<unknown> | undefined
}

export interface Env {
  Bindings: RequestScope
  Variables: {
    ctx: Ctx
    /** The token of the session that the actor is known by; undefined when it is by something else, or not at all. */
    session?: string
  }
}

/** A failure as one dialect writes it on the wire. */
export interface Reply {
  readonly status: ContentfulStatusCode
  readonly body: object
  readonly headers?: Readonly<Record<string, string>>
}

export interface Dialect {
  readonly services: Services
  /** The key or JWT a request shows, wherever the dialect expects it. */
  readonly credential: (request: Request) => string | undefined
  /** The token of the session a browser is signed in with, looked at where no credential is shown. */
  readonly session?: (request: Request) => string | undefined
  readonly errors: ErrorMap<Reply>
  readonly crash: Reply
  readonly unknownRoute: Reply
  readonly wrongMethod: Reply
}

/**
 * A sub-application whose every answer, failures included, is in one dialect's format.
 *
 * Browsers may call it from any origin, without cookies: its credentials are keys that a page must hold. Where a
 * session is one as well, only this site's own pages change anything by it.
 *
 * Hono ignores a mounted app's `notFound`, so the unknown route is a last `all` handler instead.
 */
export function dialectApp(dialect: Dialect, routes: (app: Hono<Env>) => unknown): Hono<Env> {
  const app = new Hono<Env>()
  app.use(cors({ origin: '*', exposeHeaders: EXPOSED_HEADERS, maxAge: 86_400 }))
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (_, methods) => send(dialect.wrongMethod, { allow: methods.join(', ') }),
    }),
  )
  app.use(contextMiddleware(dialect))
  routes(app)
  app.all('*', () => send(dialect.unknownRoute))
  app.onError((error, c) => {
    if (error instanceof DomainError) return send(renderError(dialect.errors, error))
    c.env.logged.error = error
    return send(dialect.crash)
  })
  return app
}

/** Lets only signed-in actors pass. @throws DomainError `unauthenticated` or `account-blocked` */
export const signedIn: MiddlewareHandler<Env> = async (c, next) => {
  requireMember(c.var.ctx.actor)
  await next()
}

/** What pages of other sites may read of an answer. */
export const EXPOSED_HEADERS = [
  'X-Request-Id',
  'RateLimit-Limit',
  'RateLimit-Remaining',
  'RateLimit-Reset',
  'Retry-After',
  'ETag',
  'Idempotent-Replayed',
]

function contextMiddleware(dialect: Dialect): MiddlewareHandler<Env> {
  return async (c, next) => {
    requireDecodable(c.req.url)
    const { limiter, tightest } = observeRateLimiter(dialect.services.rateLimiter)
    const secret = dialect.credential(c.req.raw)
    const session = secret === undefined ? dialect.session?.(c.req.raw) : undefined
    if (session !== undefined) {
      requireSameSite(c.req.raw)
      c.set('session', session)
    }
    const actor = await actorOf(dialect.services, secret, session)
    c.env.logged.actor = actor
    c.set('ctx', { ...dialect.services, rateLimiter: limiter, actor, clientIp: c.env.client.ip })
    await next()
    const state = tightest()
    if (state !== undefined) setRateLimitHeaders(c.res.headers, state)
  }
}

function actorOf(
  services: Services,
  secret: string | undefined,
  session: string | undefined,
): Actor | Promise<Actor> {
  if (secret !== undefined) return authenticate(services, secret)
  if (session !== undefined) return authenticateSession(services, session)
  return { kind: 'anonymous', credential: 'missing' }
}

/**
 * Refuse a request target that is not percent-encoded UTF-8 without NUL: what could not be decoded would be
 * guessed at, differently in each place.
 *
 * @throws DomainError `malformed-request`
 */
function requireDecodable(url: string): void {
  let decoded: string
  try {
    decoded = decodeURIComponent(url.slice(url.indexOf('/', 8)))
  } catch {
    throw new DomainError('malformed-request', { problem: 'the URL is not valid percent-encoded UTF-8' })
  }
  if (decoded.includes('\0'))
    throw new DomainError('malformed-request', { problem: 'the URL must not contain NUL characters' })
}

function send(reply: Reply, headers: Readonly<Record<string, string>> = {}): Response {
  return Response.json(reply.body, { status: reply.status, headers: { ...reply.headers, ...headers } })
}
