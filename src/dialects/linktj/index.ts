import type { Hono } from 'hono'
import { takeKeyCall } from '#core/billing/api-calls.ts'
import type { Services } from '#core/context.ts'
import { apiKeyHeader, bearerToken } from '#http/credentials.ts'
import { dialectApp, type Env } from '#http/dialect.ts'
import { auth } from './auth.ts'
import { cron, type RunTasks } from './cron.ts'
import { crash, errors, unknownRoute, wrongMethod } from './errors.ts'
import { links } from './links.ts'
import { me } from './me.ts'

export interface LinktjOptions {
  readonly services: Services
  /** Runs tasks of the schedule for whoever may ask for it. */
  readonly runTasks: RunTasks
}

/** The linktj API over our core: links of every kind, the account, its token and the schedule. */
export function linktjDialect({ services, runTasks }: LinktjOptions): Hono<Env> {
  const credential = ({ headers }: Request) => bearerToken(headers) ?? apiKeyHeader(headers)
  return dialectApp({ services, credential, errors, crash, unknownRoute, wrongMethod }, (app) =>
    app
      .route('/api/auth', auth())
      .route('/api/cron', cron(runTasks))
      .use('/api/v1/*', async (c, next) => {
        await takeKeyCall(c.var.ctx)
        await next()
      })
      .route('/api/v1/links', links(services.settings.baseUrl))
      .route('/api/v1/me', me()),
  )
}
