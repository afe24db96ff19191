import { type LookupAccess, type LookupCaller, requireIpgeolocation } from '#core/billing/lookup-access.ts'
import type { LookupCredits } from '#core/billing/lookup-credits.ts'
import type { Services } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import { bearerToken } from '#http/credentials.ts'
import type { ApiHandler, RawRequest, RequestScope } from '#http/dialect.ts'
import type { WrittenBytes } from '#http/byte-buffer.ts'
import type { ReadyAnswer } from '#http/ready-answer.ts'
import { latin1 } from '#http/request-head.ts'
import { AnswerBodies } from './answer-bodies.ts'
import { type AsnQuery, lookUpAsn, lookUpLocally, readAsnQuery } from './asn-lookup.ts'
import {
  clientGone,
  crash,
  invalidCharacter,
  type Refusal,
  renderRefusal,
  unknownEndpoint,
  wrongMethod,
} from './errors.ts'
import { chooseFormat, type Format, type MediaType } from './formats.ts'
import { readPlainLookup } from './plain-lookup.ts'
import { type Parameters, readTarget, readUrl } from './request-target.ts'
import type { ValueRecord } from './selection.ts'

export interface IpgeolocationOptions {
  readonly services: Services
  readonly access: LookupAccess
  readonly credits: LookupCredits
}

const ENDPOINT = '/v3/asn'
const PREFIX = `${ENDPOINT}?`
const CREDITS_PER_LOOKUP = '1'
const PREFLIGHT = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET',
  'access-control-max-age': '86400',
}

/**
 * The ipgeolocation API over our core: what is known of an autonomous system, in JSON or XML, at a credit each.
 *
 * It has one endpoint, errors in whichever format was asked for, and tens of thousands of requests a second to answer. So
 * it does its own routing, and answers at once, without a request object or a promise, when it knows the key and has
 * credits in hand.
 */
export function ipgeolocationDialect(options: IpgeolocationOptions): ApiHandler {
  const { services, credits } = options
  const bodies = new AnswerBodies(services)

  function answer(request: Request, scope: RequestScope, asked: Asked): Response | Promise<Response> {
    const caller = callerOf(options, request, asked.parameters)
    return caller instanceof Promise
      ? caller.then((known) => answerTo(known, request, scope, asked))
      : answerTo(caller, request, scope, asked)
  }

  function answerTo(
    caller: LookupCaller,
    request: Request,
    scope: RequestScope,
    asked: Asked,
  ): Response | Promise<Response> {
    scope.logged.actor = caller.actor
    const { teamId } = requireIpgeolocation(caller)
    const found = lookUpAsn(
      services,
      readAsnQuery(asked.parameters, () => scope.client.ip),
    )
    if (!(found instanceof Promise)) return charged(teamId, found, asked.format)
    return found.then((record) =>
      // A registry may have taken its time. Nobody is charged for what nobody gets.
      request.signal.aborted ? refuse(asked.format, clientGone) : charged(teamId, record, asked.format),
    )
  }

  function charged(teamId: number, record: ValueRecord, format: Format): Response | Promise<Response> {
    const taken = credits.take(teamId, true)
    return taken === undefined ? answerOf(record, format) : taken.then(() => answerOf(record, format))
  }

  function failed(error: unknown, scope: RequestScope, format: Format): Response {
    if (error instanceof DomainError) return refuse(format, renderRefusal(error))
    scope.logged.error = error
    return refuse(format, crash)
  }

  /** The body of an answer that no registry has to be asked for. */
  function write(query: AsnQuery, format: Format): ReadyAnswer['body'] {
    const { fields, excludes } = query.filter
    if (format.contentType === 'application/json' && fields === undefined && excludes === undefined)
      return bodies.write(query.target)
    return format.write(lookUpLocally(services, query))
  }

  type AnswerSoon = ReadyAnswer | Promise<void> | undefined

  function answerAtOnce(request: RawRequest, scope: RequestScope): AnswerSoon {
    try {
      return answerPlain(request, scope) ?? answerWritten(request, scope)
    } catch {
      // Whatever it is, it happens again on the other way, which tells the client and the log.
      return undefined
    }
  }

  /** A lookup as nearly all are, read and answered without making texts of it. */
  function answerPlain(request: RawRequest, scope: RequestScope): AnswerSoon {
    const { head, bytes, mayWait } = request
    const lookup = readPlainLookup(head, bytes, head.targetStart + PREFIX.length)
    if (lookup === undefined) return undefined
    const format = chooseFormat('', request.header('accept') ?? '')
    if (format.contentType !== 'application/json') return undefined
    const caller = options.access.knownByKeyBytes(bytes, lookup.keyStart, lookup.keyEnd)
    if (caller === undefined)
      return mayWait ? options.access.renewKey(latin1(bytes, lookup.keyStart, lookup.keyEnd)) : undefined
    const { teamId } = requireIpgeolocation(caller)
    const body = bodies.writeIpv4(bytes, lookup.ipStart, lookup.ipEnd)
    if (body === undefined) return undefined
    if (!credits.takeAtOnce(teamId)) return mayWait ? credits.provide(teamId) : undefined
    scope.logged.actor = caller.actor
    return { headers: READY_HEADERS[format.contentType], body }
  }

  function answerWritten(request: RawRequest, scope: RequestScope): AnswerSoon {
    const { path, parameters, isMalformed } = readTarget(request.target)
    const key = parameters.get('apiKey')?.trim() ?? ''
    if (isMalformed || path !== ENDPOINT || key === '' || parameters.has('include')) return undefined
    const caller = options.access.knownByKey(key)
    if (caller === undefined) return request.mayWait ? options.access.renewKey(key) : undefined
    const format = chooseFormat(parameters.get('output') ?? '', request.header('accept') ?? '')
    const { teamId } = requireIpgeolocation(caller)
    const query = readAsnQuery(parameters, () => scope.client.ip)
    const body = write(query, format)
    if (!credits.takeAtOnce(teamId)) return request.mayWait ? credits.provide(teamId) : undefined
    scope.logged.actor = caller.actor
    return { headers: READY_HEADERS[format.contentType], body }
  }

  return {
    atOnce: { prefix: PREFIX, answer: answerAtOnce },
    fetch(request, scope) {
      const { path, parameters, isMalformed } = readUrl(request.url)
      const format = chooseFormat(parameters.get('output') ?? '', request.headers.get('accept') ?? '')
      if (isMalformed) return refuse(format, invalidCharacter)
      if (path !== ENDPOINT) return refuse(format, unknownEndpoint(request.method, path))
      if (request.method !== 'GET')
        return isPreflight(request)
          ? new Response(null, { status: 204, headers: PREFLIGHT })
          : refuse(format, wrongMethod(request.method))
      try {
        const response = answer(request, scope, { parameters, format })
        return response instanceof Promise
          ? response.catch((error: unknown) => failed(error, scope, format))
          : response
      } catch (error) {
        return failed(error, scope, format)
      }
    },
  }
}

interface Asked {
  readonly parameters: Parameters
  readonly format: Format
}

function answerOf(record: ValueRecord, format: Format): Response {
  return new Response(format.write(record), { headers: ANSWER_HEADERS[format.contentType] })
}

/** Copied for each answer, which takes half the time of making them. */
const ANSWER_HEADERS: Readonly<Record<MediaType, Headers>> = {
  'application/json': answerHeaders('application/json'),
  'application/xml': answerHeaders('application/xml'),
  'text/xml;charset=UTF-8': answerHeaders('text/xml;charset=UTF-8'),
}

/** The same as lines. */
const READY_HEADERS: Readonly<Record<MediaType, WrittenBytes>> = {
  'application/json': headerLines('application/json'),
  'application/xml': headerLines('application/xml'),
  'text/xml;charset=UTF-8': headerLines('text/xml;charset=UTF-8'),
}

function headerLines(contentType: MediaType): WrittenBytes {
  const bytes = Buffer.from(
    [...answerHeaders(contentType)].map(([name, value]) => `\r\n${name}: ${value}`).join(''),
    'latin1',
  )
  return { bytes, length: bytes.length }
}

function answerHeaders(contentType: MediaType): Headers {
  return new Headers({ ...commonHeaders(contentType), 'x-credits-charged': CREDITS_PER_LOOKUP })
}

function commonHeaders(contentType: MediaType) {
  return {
    'access-control-allow-origin': '*',
    'access-control-expose-headers': 'X-Credits-Charged, X-Request-Id, Retry-After',
    'cache-control': 'no-store',
    'content-type': contentType,
  }
}

/** By the key or, where none is shown, by the page that asks. */
function callerOf(
  { access }: IpgeolocationOptions,
  request: Request,
  parameters: Parameters,
): LookupCaller | Promise<LookupCaller> {
  const key = parameters.get('apiKey')?.trim() || bearerToken(request.headers)
  if (key !== undefined) return access.byKey(key)
  const page = request.headers.get('origin') ?? request.headers.get('referer')
  return page === null ? NOBODY : access.byOrigin(page)
}

const NOBODY: LookupCaller = { actor: { kind: 'anonymous', credential: 'missing' }, plan: undefined }

function isPreflight(request: Request): boolean {
  return request.method === 'OPTIONS' && request.headers.has('access-control-request-method')
}

function refuse(format: Format, { status, message, headers }: Refusal): Response {
  return new Response(format.write({ message }), {
    status,
    headers: { ...commonHeaders(format.contentType), ...headers },
  })
}
