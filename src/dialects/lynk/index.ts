import type { LookupAccess } from '#core/billing/lookup-access.ts'
import type { LookupCredits } from '#core/billing/lookup-credits.ts'
import type { Services } from '#core/context.ts'
import { type ApiHandler, dialectApp } from '#http/dialect.ts'
import { bgp } from './bgp.ts'
import { credentialOf } from './credential.ts'
import { downloads } from './downloads.ts'
import { crash, errors, unknownRoute, wrongMethod } from './errors.ts'
import { files } from './files.ts'
import { ip, ipAtOnce } from './ip.ts'

export interface LynkOptions {
  readonly services: Services
  readonly access: LookupAccess
  readonly credits: LookupCredits
}

/** The lynk API over our core: systems and their neighbours, addresses and domains, and files that are shared. */
export function lynkDialect(options: LynkOptions): ApiHandler {
  const { services, credits } = options
  const app = dialectApp({ services, credential, errors, crash, unknownRoute, wrongMethod }, (routes) =>
    routes
      .route('/bgp/v1', bgp(credits))
      .route('/ip/v1', ip(options))
      .route('/api/files', files())
      .route('/dl', downloads()),
  )
  return { fetch: (request, scope) => app.fetch(request, scope), atOnce: ipAtOnce(options) }
}

function credential({ url, headers }: Request): string | undefined {
  return credentialOf(url, headers.get('authorization') ?? '')
}
