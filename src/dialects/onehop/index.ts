import type { Hono } from 'hono'
import type { Services } from '#core/context.ts'
import { apiKeyHeader, bearerToken } from '#http/credentials.ts'
import { dialectApp, type Env } from '#http/dialect.ts'
import { account } from './account.ts'
import { files } from './files.ts'
import { notifications } from './notifications.ts'
import { orders, subscriptions } from './subscriptions.ts'
import { crash, errors, unknownRoute, wrongMethod } from './errors.ts'
import { lookupUsage } from './lookup-usage.ts'
import { origins } from './origins.ts'
import { webhooks } from './webhooks.ts'

export interface OnehopOptions {
  readonly services: Services
}

/** Our own API: everything the product can do. */
export function onehopDialect({ services }: OnehopOptions): Hono<Env> {
  const credential = ({ headers }: Request) => bearerToken(headers) ?? apiKeyHeader(headers)
  return dialectApp({ services, credential, errors, crash, unknownRoute, wrongMethod }, (app) =>
    app
      .route('/api/v2/account', account())
      .route('/api/v2/webhooks', webhooks())
      .route('/api/v2/files', files())
      .route('/api/v2', subscriptions())
      .route('/api/v2', orders())
      .route('/api/v2', notifications())
      .route('/api/v2', origins())
      .route('/api/v2', lookupUsage()),
  )
}
