import type { Hono } from 'hono'
import type { Services } from '#core/context.ts'
import { bearerToken } from '#http/credentials.ts'
import { dialectApp, type Env } from '#http/dialect.ts'
import { downloads } from './downloads.ts'
import { crash, errors, unknownRoute, wrongMethod } from './errors.ts'
import { files } from './files.ts'

export interface LynkOptions {
  readonly services: Services
}

/** The key everybody knows: as good as none, and none is as good as it. */
const PUBLIC_KEY = 'openusage'

/** The lynk API over our core: files that are shared. */
export function lynkDialect({ services }: LynkOptions): Hono<Env> {
  return dialectApp({ services, credential, errors, crash, unknownRoute, wrongMethod }, (app) =>
    app.route('/api/files', files()).route('/dl', downloads()),
  )
}

function credential(request: Request): string | undefined {
  const key = bearerToken(request.headers) ?? keyParameter(request.url)
  return key === PUBLIC_KEY ? undefined : key
}

function keyParameter(url: string): string | undefined {
  const mark = url.indexOf('?')
  if (mark === -1) return undefined
  return new URLSearchParams(url.slice(mark + 1)).get('key')?.trim() || undefined
}
