import type { Hono } from 'hono'
import type { Services } from '#core/context.ts'
import { bearerToken } from '#http/credentials.ts'
import { dialectApp, type Env } from '#http/dialect.ts'
import { auth } from './auth.ts'
import { crash, errors, unknownRoute, wrongMethod } from './errors.ts'
import { links } from './links.ts'

export interface Lnk7Options {
  readonly services: Services
  /** Host and port of short links. */
  readonly shortHost: string
}

/** The lnk7 API over our core: accounts, tokens and short links. */
export function lnk7Dialect({ services, shortHost }: Lnk7Options): Hono<Env> {
  const credential = (request: Request) => bearerToken(request.headers)
  return dialectApp({ services, credential, errors, crash, unknownRoute, wrongMethod }, (app) =>
    app.route('/api/v1/auth', auth()).route('/api/v1/links', links(services.settings.baseUrl, shortHost)),
  )
}
