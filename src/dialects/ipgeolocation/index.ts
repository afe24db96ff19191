import { type LookupAccess, type LookupCaller, requireIpgeolocation } from '#core/billing/lookup-access.ts'
import type { LookupCredits } from '#core/billing/lookup-credits.ts'
import type { Services } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import { bearerToken } from '#http/credentials.ts'
import type { ApiHandler, RequestScope } from '#http/dialect.ts'
import { lookUpAsn, readAsnQuery } from './asn-lookup.ts'
import {
  clientGone,
  crash,
  invalidCharacter,
  type Refusal,
  renderRefusal,
  unknownEndpoint,
  wrongMethod,
} from './errors.ts'
import { chooseFormat, type Format } from './formats.ts'
import { readTarget } from './request-target.ts'

export interface IpgeolocationOptions {
  readonly services: Services
  readonly access: LookupAccess
  readonly credits: LookupCredits
}

const ENDPOINT = '/v3/asn'
const CREDITS_PER_LOOKUP = '1'
const CORS = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'X-Credits-Charged, X-Request-Id, Retry-After',
}
const PREFLIGHT = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET',
  'access-control-max-age': '86400',
}

/**
 * The ipgeolocation API over our core: what is known of an autonomous system, in JSON or XML, at a credit each.
 *
 * It has one endpoint, errors in whichever format was asked for, and thousands of requests a second to answer: it does
 * its own routing.
 */
export function ipgeolocationDialect(options: IpgeolocationOptions): ApiHandler {
  const { services, credits } = options

  async function lookUp(request: Request, scope: RequestScope, parameters: URLSearchParams) {
    const caller = await callerOf(options, request, parameters)
    scope.logged.actor = caller.actor
    const { teamId } = requireIpgeolocation(caller)
    const found = await lookUpAsn(services, readAsnQuery(parameters, scope.client.ip))
    // A registry may have taken its time. Nobody is charged for what nobody gets.
    if (request.signal.aborted) return undefined
    await credits.take(teamId, true)
    return found
  }

  return {
    async fetch(request, scope) {
      const { path, parameters, isMalformed } = readTarget(request.url)
      const format = chooseFormat(parameters.get('output') ?? '', request.headers.get('accept'))
      if (isMalformed) return refuse(format, invalidCharacter)
      if (path !== ENDPOINT) return refuse(format, unknownEndpoint(request.method, path))
      if (request.method !== 'GET')
        return isPreflight(request)
          ? new Response(null, { status: 204, headers: PREFLIGHT })
          : refuse(format, wrongMethod(request.method))
      try {
        const found = await lookUp(request, scope, parameters)
        if (found === undefined) return refuse(format, clientGone)
        return new Response(format.write(found), {
          headers: { ...CORS, 'content-type': format.contentType, 'x-credits-charged': CREDITS_PER_LOOKUP },
        })
      } catch (error) {
        if (error instanceof DomainError) return refuse(format, renderRefusal(error))
        scope.logged.error = error
        return refuse(format, crash)
      }
    },
  }
}

/** By the key or, where none is shown, by the page that asks. */
function callerOf(
  { access }: IpgeolocationOptions,
  request: Request,
  parameters: URLSearchParams,
): LookupCaller | Promise<LookupCaller> {
  const key = parameters.getAll('apiKey').join(',').trim() || bearerToken(request.headers)
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
    headers: { ...CORS, ...headers, 'content-type': format.contentType },
  })
}
