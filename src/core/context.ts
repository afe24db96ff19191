import type { Db } from '#db/database.ts'
import type { ClickArchive } from '#ports/click-store/click-store.ts'
import type { DnsClient } from '#ports/dns/dns-client.ts'
import type { FileStore } from '#ports/file-store/file-store.ts'
import type { OutgoingClient } from '#ports/outgoing/outgoing-client.ts'
import type { PaymentProvider } from '#ports/payments/payment-provider.ts'
import type { PasswordHasher } from '#ports/password-hasher.ts'
import type { RateLimiter } from '#ports/rate-limiter.ts'
import type { RdapClient } from '#ports/rdap/rdap-client.ts'
import type { TlsProbe } from '#ports/tls-probe/tls-probe.ts'
import type { WhoisClient } from '#ports/whois/whois-client.ts'
import type { PlanCatalogue } from './billing/plan.ts'
import type { CoreEvent } from './events.ts'
import type { LookupMemory } from './intelligence/lookup-memory.ts'
import type { Blocklists } from './intelligence/blocklists.ts'
import type { NetworkData } from './network/network.ts'
import type { Actor } from './permissions.ts'
import type { RenderQr } from './qr/render-qr.ts'
import type { Random } from './random.ts'
import type { Secrets } from './secrets.ts'

/** Choices of the operator that domain rules depend on. */
export interface CoreSettings {
  readonly signup: 'open' | 'closed'
  /** The plan of a new account's personal team. */
  readonly signupPlan: string
  /** Where short links live, without a slash at the end. */
  readonly baseUrl: string
  /** The largest file that can be shared. */
  readonly maxFileBytes: number
  /** What opens `/api/cron`; undefined for the installation's own. */
  readonly cronSecret?: string | undefined
}

/** What domain operations need of the process they run in. */
export interface Services {
  readonly db: Db
  readonly clicks: ClickArchive
  readonly now: () => Date
  readonly random: Random
  readonly secrets: Secrets
  readonly passwords: PasswordHasher
  readonly rateLimiter: RateLimiter
  readonly plans: PlanCatalogue
  readonly payments: PaymentProvider
  readonly renderQr: RenderQr
  readonly network: NetworkData
  readonly whois: WhoisClient
  /** What lookups of addresses and domains share. */
  readonly lookups: LookupMemory
  readonly rdap: RdapClient
  readonly tlsProbe: TlsProbe
  readonly dns: DnsClient
  readonly blocklists: Blocklists
  /** What every request to an address that somebody named goes through. */
  readonly outgoing: OutgoingClient
  /** The bytes of shared files. */
  readonly files: FileStore
  readonly settings: CoreSettings
  readonly emit: (event: CoreEvent) => void
}

/** What every domain operation is given: the services, and who asks. */
export interface Ctx extends Services {
  readonly actor: Actor
  /** The address the request came from, for the audit log; absent where there is no request. */
  readonly clientIp?: string
}

/**
 * Run an operation in one transaction, or in the one that is already open. Its events are told after the
 * commit, and not at all when it fails. Inside, use only the given context: the outer one waits for ever.
 */
export async function inTransaction<C extends Services, T>(
  ctx: C,
  operation: (ctx: C) => Promise<T>,
): Promise<T> {
  if (ctx.db.isTransaction) return operation(ctx)
  const events: CoreEvent[] = []
  const result = await ctx.db
    .transaction()
    .execute((db) => operation({ ...ctx, db, emit: (event) => events.push(event) }))
  for (const event of events) ctx.emit(event)
  return result
}
