import type { Hono } from 'hono'
import type { LookupCredits } from '#core/billing/lookup-credits.ts'
import type { Services } from '#core/context.ts'
import { apiKeyHeader, bearerToken } from '#http/credentials.ts'
import { dialectApp, type Env } from '#http/dialect.ts'
import { sessionCookie } from '#http/session-cookie.ts'
import { allEndpoints } from './all-endpoints.ts'
import { serveEndpoints } from './endpoint.ts'
import { crash, errors, unknownRoute, wrongMethod } from './errors.ts'
import type { Instance } from './instance.ts'
import { API_PREFIX, openApiDocument } from './openapi.ts'

export interface OnehopOptions {
  readonly services: Services
  readonly instance: Instance
  readonly credits: LookupCredits
  /** Aborted when the server stops, and streams are to end. */
  readonly closing: AbortSignal
}

/** Our own API: everything the product can do, and the document that says so. */
export function onehopDialect({ services, instance, credits, closing }: OnehopOptions): Hono<Env> {
  const credential = ({ headers }: Request) => bearerToken(headers) ?? apiKeyHeader(headers)
  const cookie = sessionCookie(services.settings.baseUrl)
  const session = ({ headers }: Request) => cookie.read(headers)
  const endpoints = allEndpoints({ instance, credits, closing })
  let document: string | undefined
  return dialectApp({ services, credential, session, errors, crash, unknownRoute, wrongMethod }, (app) => {
    serveEndpoints(app, API_PREFIX, endpoints)
    app.get('/openapi.json', () => {
      // Made when it is first asked for: starting the server does not wait for it.
      document ??= JSON.stringify(openApiDocument(endpoints, instance.version))
      return new Response(document, {
        headers: { 'content-type': 'application/json', 'cache-control': 'public, max-age=300' },
      })
    })
  })
}
