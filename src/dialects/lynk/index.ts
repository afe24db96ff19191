import type { LookupCredits } from '#core/billing/lookup-credits.ts'
import type { Services } from '#core/context.ts'
import { bearerToken } from '#http/credentials.ts'
import { type ApiHandler, dialectApp } from '#http/dialect.ts'
import { bgp } from './bgp.ts'
import { downloads } from './downloads.ts'
import { crash, errors, unknownRoute, wrongMethod } from './errors.ts'
import { files } from './files.ts'

export interface LynkOptions {
  readonly services: Services
  readonly credits: LookupCredits
}

/** The key everybody knows: as good as none, and none is as good as it. */
const PUBLIC_KEY = 'openusage'

/** The lynk API over our core: systems and their neighbours, and files that are shared. */
export function lynkDialect({ services, credits }: LynkOptions): ApiHandler {
  return dialectApp({ services, credential, errors, crash, unknownRoute, wrongMethod }, (app) =>
    app.route('/bgp/v1', bgp(credits)).route('/api/files', files()).route('/dl', downloads()),
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
