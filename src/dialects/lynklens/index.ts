import type { Hono } from 'hono'
import { takeApiCall } from '#core/billing/api-calls.ts'
import type { Services } from '#core/context.ts'
import { bearerToken } from '#http/credentials.ts'
import { dialectApp, type Env } from '#http/dialect.ts'
import { analytics } from './analytics.ts'
import { crash, errors, unknownRoute, wrongMethod } from './errors.ts'
import { links } from './links.ts'
import { qrCodes, qrImages } from './qr-codes.ts'
import { user } from './user.ts'

export interface LynklensOptions {
  readonly services: Services
}

/** The lynklens API over our core: links, reports, QR codes, tokens and limits. */
export function lynklensDialect({ services }: LynklensOptions): Hono<Env> {
  const credential = (request: Request) => bearerToken(request.headers)
  const { baseUrl } = services.settings
  return dialectApp({ services, credential, errors, crash, unknownRoute, wrongMethod }, (app) =>
    app
      .route('/storage/qr', qrImages())
      .use('/v1/*', async (c, next) => {
        await takeApiCall(c.var.ctx)
        await next()
      })
      .route('/v1', links(baseUrl))
      .route('/v1', analytics())
      .route('/v1/qr-codes', qrCodes(baseUrl))
      .route('/v1', user()),
  )
}
