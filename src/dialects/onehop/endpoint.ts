import type { Context, Hono } from 'hono'
import type { z } from 'zod'
import type { Ctx } from '#core/context.ts'
import { DomainError, renderError } from '#core/errors.ts'
import { answerOnce, type IdempotencyKey, parseIdempotencyKey } from '#core/idempotency/answer-once.ts'
import {
  type Ability,
  requireAbility,
  requireMember,
  requireOperator,
  requireOwnAccount,
} from '#core/permissions.ts'
import type { Client } from '#http/client.ts'
import type { Env, Reply } from '#http/dialect.ts'
import { JSON_LIMIT_BYTES, parseJson, readBody } from '#http/read-json.ts'
import { errors } from './errors.ts'
import type { ProblemCode } from './wire/problem.ts'

/** The sections of the reference. */
export const TAGS = {
  Account: 'Who is signed in, the second factor, and what is told by mail.',
  Sessions: 'Signing in and out, and what this installation is.',
  Teams: 'Teams, their members and invitations.',
  Links: 'Short and typed links, one by one and in bulk.',
  'QR codes': 'A QR code for each link, with its colours and logo.',
  Reports: 'What was clicked, when, where and from where.',
  Files: 'Shared files.',
  Keys: 'API keys, and the pages that need none.',
  Webhooks: 'Events sent to other servers.',
  Billing: 'Plans, the subscription, orders and what is used.',
  Lookups: 'Networks, addresses and domains.',
  Operator: 'What the operator of the installation sees and decides.',
} as const
export type Tag = keyof typeof TAGS

/**
 * Who may call an endpoint: everybody, whoever is signed in, whoever may change the own account whatever the role in the
 * acting team, whoever has an ability, or the operator.
 */
export type Access = 'public' | 'signed-in' | 'own-account' | 'operator' | Ability

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** The names in braces of a path. */
export type ParametersOf<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParametersOf<Rest>
  : never

/** What an endpoint is called with, parsed. */
export interface Call<Path extends string, Query extends z.ZodRawShape, Body> {
  readonly ctx: Ctx
  readonly params: Readonly<Record<ParametersOf<Path>, string>>
  readonly query: z.output<z.ZodObject<Query>>
  readonly body: Body
  readonly client: Client
  /** The token of the session the actor is known by; undefined for a key. */
  readonly session: string | undefined
  /** As it came; its body is still to be read where the endpoint declares none. */
  readonly request: Request
  /** With `isOnceByPart`: the key by which parts are not to be done twice. */
  readonly idempotencyKey: IdempotencyKey | undefined
  /** Log a bug that shows when a streamed answer has begun. */
  readonly reportBug: (error: unknown) => void
  /** Set a header of the answer. */
  readonly setHeader: (name: string, value: string) => void
}

/** What an answer besides the usual one looks like. */
export interface OtherAnswer {
  readonly description: string
  /** Of text or bytes; none has no body. */
  readonly mediaTypes?: MediaTypes
}

/** Types of content, and what each holds where that can be said. */
export type MediaTypes = Readonly<Record<string, z.ZodType | undefined>>

/** A body that is read as it arrives. */
export interface StreamedBody {
  readonly mediaType: string
  readonly description: string
  /** What each line, or the form, holds. */
  readonly schema?: z.ZodType
}

/** What a handler returns: the value of the documented answer, or a whole answer of its own making. */
type Handled<Answer extends z.ZodType> = ReadonlyDeep<z.input<Answer>> | Response

type ReadonlyDeep<T> = T extends object ? { readonly [K in keyof T]: ReadonlyDeep<T[K]> } : T

/** All that is said of an endpoint: the route and its page in the reference are made from it. */
export interface Declaration<
  Path extends string,
  Query extends z.ZodRawShape,
  Body extends z.ZodType,
  Answer extends z.ZodType,
> {
  readonly method: Method
  /** Below `/api/v2`, parameters in braces: `/links/{link}`. */
  readonly path: Path
  readonly summary: string
  readonly description?: string
  readonly tag: Tag
  readonly access: Access
  /** What the parameters of the path are. */
  readonly parameters?: Readonly<Partial<Record<ParametersOf<Path>, string>>>
  readonly query?: Query
  /** Refuse query parameters that are not declared, where one that is misspelt would be believed. */
  readonly isQueryStrict?: boolean
  /** Headers that the endpoint looks at, and what for. */
  readonly headers?: Readonly<Record<string, string>>
  /** A JSON body. */
  readonly body?: Body
  readonly bodyLimitBytes?: number
  /** Instead of it, a body that the handler reads. */
  readonly streamedBody?: StreamedBody
  /** What is created: the endpoint then honours `Idempotency-Key`. A streamed body is not compared. */
  readonly creates?: string
  /** The handler sees to it itself that no part of the request is done twice. */
  readonly isOnceByPart?: boolean
  /** 200 unless said otherwise. */
  readonly status?: 200 | 201 | 202 | 204
  /** The JSON answer; none is answered without a body. */
  readonly answer?: Answer
  /** Instead of it or beside it, other types of the usual answer. */
  readonly mediaTypes?: MediaTypes
  readonly otherAnswers?: Readonly<Record<number, OtherAnswer>>
  /** An answer to show. */
  readonly example?: z.input<Answer>
  /** Besides what every endpoint of its kind can refuse with. */
  readonly problems?: readonly ProblemCode[]
  readonly handle: (call: Call<Path, Query, z.output<Body>>) => Handled<Answer> | Promise<Handled<Answer>>
}

type AnyDeclaration = Omit<Declaration<string, z.ZodRawShape, z.ZodType, z.ZodType>, 'handle'>

/** An endpoint as the reference and the router see it. */
export interface Endpoint extends AnyDeclaration {
  readonly run: (c: Context<Env>) => Promise<Response>
}

/** Declare an endpoint. */
export function endpoint<
  const Path extends string,
  Query extends z.ZodRawShape = Record<never, never>,
  Body extends z.ZodType = z.ZodUndefined,
  Answer extends z.ZodType = z.ZodVoid,
>(declaration: Declaration<Path, Query, Body, Answer>): Endpoint {
  const { handle, ...rest } = declaration

  async function answer(c: Context<Env>, bytes: Uint8Array | undefined): Promise<Response> {
    const { body } = declaration
    const headers: [string, string][] = []
    const call: Call<Path, Query, z.output<Body>> = {
      ctx: c.var.ctx,
      // The route has these parameters, and no others.
      params: c.req.param() as Call<Path, Query, Body>['params'],
      query: readQuery(c, rest),
      // Without a schema the body's type is undefined.
      body: (bytes === undefined || body === undefined
        ? undefined
        : parseJson(bytes, body)) as z.output<Body>,
      client: c.env.client,
      session: c.var.session,
      request: c.req.raw,
      idempotencyKey: rest.isOnceByPart === true ? idempotencyKeyOf(c, rest) : undefined,
      reportBug: c.env.reportLate,
      setHeader: (name, value) => headers.push([name, value]),
    }
    const value = await handle(call)
    const status = declaration.status ?? 200
    const response =
      value instanceof Response
        ? value
        : declaration.answer === undefined
          ? new Response(null, { status })
          : Response.json(value, { status })
    for (const [name, header] of headers) response.headers.append(name, header)
    // The answer to HEAD is that to GET without its body, which nobody would come for.
    if (c.req.raw.method === 'HEAD') await response.body?.cancel()
    return response
  }

  return {
    // What is declared of one endpoint is read by the router and the reference as of any.
    ...(rest as unknown as AnyDeclaration),
    async run(c) {
      requireAccess(c.var.ctx, declaration.access)
      const bytes =
        declaration.body === undefined
          ? undefined
          : await readBody(c.req.raw, declaration.bodyLimitBytes ?? JSON_LIMIT_BYTES)
      const key = rest.isOnceByPart === true ? undefined : idempotencyKeyOf(c, rest)
      return key === undefined ? answer(c, bytes) : runOnce(c, { key, bytes }, () => answer(c, bytes))
    },
  }
}

/** Serve endpoints below a path. */
export function serveEndpoints(app: Hono<Env>, prefix: string, endpoints: readonly Endpoint[]): void {
  for (const { method, path, run } of endpoints)
    app.on(method, prefix + path.replaceAll(/\{(\w+)\}/g, ':$1'), (c) => run(c))
}

function requireAccess({ actor }: Ctx, access: Access): void {
  if (access === 'public') return
  if (access === 'signed-in') requireMember(actor)
  else if (access === 'own-account') requireOwnAccount(actor)
  else if (access === 'operator') requireOperator(actor)
  else requireAbility(actor, access)
}

function readQuery<Query extends z.ZodRawShape>(
  c: Context<Env>,
  {
    query,
    isQueryStrict = false,
  }: Pick<Declaration<string, Query, z.ZodType, z.ZodType>, 'query' | 'isQueryStrict'>,
): z.output<z.ZodObject<Query>> {
  const given = c.req.queries()
  if (isQueryStrict)
    for (const parameter of Object.keys(given))
      if (query?.[parameter] === undefined)
        throw new DomainError('invalid-parameter', { parameter, problem: 'is not known here' })
  const values: Record<string, unknown> = {}
  for (const [parameter, schema] of Object.entries(query ?? {})) {
    const isMany = isRepeatable(schema)
    // A blank is a value only among several; alone it is what a form sends of a field that nobody filled in.
    const texts = (given[parameter] ?? []).map((text) => text.trim()).filter((text) => isMany || text !== '')
    if (texts.length > 1 && !isMany)
      throw new DomainError('invalid-parameter', { parameter, problem: 'must be given once' })
    const value = isMany ? given[parameter] && texts : texts[0]
    const parsed = (schema as z.ZodType).safeParse(value)
    if (!parsed.success)
      throw new DomainError('invalid-parameter', { parameter, problem: firstProblem(parsed.error) })
    values[parameter] = parsed.data
  }
  // Each value was parsed by the schema of its name.
  return values as z.output<z.ZodObject<Query>>
}

/** A parameter that is an array may be given any number of times. */
function isRepeatable(schema: z.core.$ZodType): boolean {
  const { def } = schema._zod
  return (
    def.type === 'array' || (def.type === 'default' && isRepeatable((def as z.core.$ZodDefaultDef).innerType))
  )
}

function firstProblem({ issues: [issue] }: z.ZodError): string {
  return issue?.message ?? 'is not as documented'
}

/** An anonymous caller has no team that answers could be kept for. */
function idempotencyKeyOf(
  c: Context<Env>,
  { creates }: Pick<AnyDeclaration, 'creates'>,
): IdempotencyKey | undefined {
  const text = c.req.header('idempotency-key')
  if (creates === undefined || text === undefined || c.var.ctx.actor.kind !== 'member') return undefined
  return parseIdempotencyKey(text)
}

/** An answer as it is kept. */
interface KeptReply {
  readonly status: number
  readonly headers: readonly (readonly [string, string])[]
  readonly body: string
}

/** Headers that are part of an answer; all others are of the moment. */
const KEPT_HEADERS = ['content-type', 'etag', 'location']
/** Refusals that the next attempt need not meet. */
const PASSING_STATUSES = new Set([401, 403, 429])

async function runOnce(
  c: Context<Env>,
  { key, bytes }: { readonly key: IdempotencyKey; readonly bytes: Uint8Array | undefined },
  run: () => Promise<Response>,
): Promise<Response> {
  const { pathname, search } = new URL(c.req.url)
  const parts = [c.req.method, pathname, search, bytes ?? '']
  let given: Response | undefined
  const { answer, isReplayed } = await answerOnce(c.var.ctx, { key, parts }, async () => {
    given = await run().catch(refusal)
    const kept: KeptReply = {
      status: given.status,
      headers: [...given.headers].filter(([name]) => KEPT_HEADERS.includes(name)),
      body: await given.clone().text(),
    }
    const isFinal = given.status < 500 && !PASSING_STATUSES.has(given.status)
    return { answer: JSON.stringify(kept), isFinal }
  })
  if (!isReplayed && given !== undefined) return given
  // Nothing else is kept under this purpose.
  const kept = JSON.parse(answer) as KeptReply
  return new Response(kept.status === 204 ? null : kept.body, {
    status: kept.status,
    headers: { ...Object.fromEntries(kept.headers), 'idempotent-replayed': 'true' },
  })
}

/** An expected refusal as its answer; anything else goes on. */
function refusal(error: unknown): Response {
  if (!(error instanceof DomainError)) throw error
  return respond(renderError(errors, error))
}

/** A reply as it leaves. */
export function respond({ status, body, headers = {} }: Reply): Response {
  return Response.json(body, { status, headers })
}
