import type { Logger } from 'pino'
import { LookupAccess } from '#core/billing/lookup-access.ts'
import { LookupCredits } from '#core/billing/lookup-credits.ts'
import type { PlanCatalogue } from '#core/billing/plan.ts'
import type { Services } from '#core/context.ts'
import type { Blocklists } from '#core/intelligence/blocklists.ts'
import { MAX_FILE_BYTES } from '#core/files/file.ts'
import { LookupMemory } from '#core/intelligence/lookup-memory.ts'
import { isSlug } from '#core/links/link.ts'
import type { NetworkData } from '#core/network/network.ts'
import { pagePath } from '#core/links/link-address.ts'
import { type RedirectRow, redirectStatement } from '#core/links/link-queries.ts'
import type { InstanceMonitor } from '#core/operator/instance-monitor.ts'
import { rememberQrImages, renderQr } from '#core/qr/render-qr.ts'
import { type Random, secureRandom } from '#core/random.ts'
import type { Secrets } from '#core/secrets.ts'
import type { Databases } from '#db/open-database.ts'
import { ipgeolocationDialect } from '#dialects/ipgeolocation/index.ts'
import { lnk7Dialect } from '#dialects/lnk7/index.ts'
import { linktjDialect } from '#dialects/linktj/index.ts'
import { lynkDialect } from '#dialects/lynk/index.ts'
import { lynklensDialect } from '#dialects/lynklens/index.ts'
import { onehopDialect } from '#dialects/onehop/index.ts'
import { createApiServer, type RequestFacts } from '#http/api-server.ts'
import type { AnswerAtOnce, Follow } from '#http/front-connection.ts'
import { answerOperations, methodNotAllowed, type Operations } from '#http/operations.ts'
import type { DialectName } from '#http/path-table.ts'
import { SCHEDULE } from '#jobs/schedule.ts'
import { createTaskRunner, runForAWhile, type TaskRunner } from '#jobs/task-runner.ts'
import type { Task } from '#core/schedule/task.ts'
import type { ClickArchive } from '#ports/click-store/click-store.ts'
import type { DnsClient } from '#ports/dns/dns-client.ts'
import type { FileStore } from '#ports/file-store/file-store.ts'
import type { RdapClient } from '#ports/rdap/rdap-client.ts'
import type { TlsProbe } from '#ports/tls-probe/tls-probe.ts'
import type { WhoisClient } from '#ports/whois/whois-client.ts'
import type { OutgoingClient } from '#ports/outgoing/outgoing-client.ts'
import { manualPayments, type PaymentProvider } from '#ports/payments/payment-provider.ts'
import { argon2idHasher, type PasswordHasher } from '#ports/password-hasher.ts'
import { memoryRateLimiter } from '#ports/rate-limiter.ts'
import { createLinkPages } from '#redirect/link-pages.ts'
import type { ClickSpool } from '#redirect/click-spool.ts'
import { LinkSource } from '#redirect/link-source.ts'
import { notFoundPage } from '#redirect/pages.ts'
import { createRedirect, type RedirectCounts } from '#redirect/redirect.ts'
import type { DashboardPages } from '#web/dashboard-pages.ts'

/** What the links in memory may take: 100,000 links of ordinary length fit several times. */
const LINK_CACHE_BYTES = 64 * 1024 * 1024
/** What the QR codes in memory may take: a few thousand. */
const QR_CACHE_BYTES = 8 * 1024 * 1024

/** Where the pages of typed links are. */
const PAGES_PATH = pagePath('')

/** The choices of the operator that answering requests depends on. */
export interface AppConfig {
  /** `href` has no slash at the end. */
  readonly baseUrl: { readonly host: string; readonly href: string }
  readonly apiHosts: ReadonlyMap<string, DialectName>
  readonly trustProxy: number
  readonly signup: 'open' | 'closed'
  readonly signupPlan: string
  readonly cronSecret?: string | undefined
}

export interface AppOptions {
  readonly config: AppConfig
  readonly databases: Databases
  readonly clicks: ClickArchive
  readonly plans: PlanCatalogue
  readonly network: NetworkData
  readonly outgoing: OutgoingClient
  readonly files: FileStore
  readonly secrets: Secrets
  /** The product's, as the API tells it. */
  readonly version: string
  /** Whether mails are sent. */
  readonly hasMail: boolean
  /** What operators are told of the running server. */
  readonly monitor: InstanceMonitor
  readonly whois: WhoisClient
  /** Aborted when the server stops, and answers without an end are to end. */
  readonly closing?: AbortSignal
  readonly dns: DnsClient
  readonly rdap: RdapClient
  readonly tlsProbe: TlsProbe
  readonly blocklists: Blocklists
  /** Makes a click durable; called before its redirect is answered. */
  readonly spool: Pick<ClickSpool, 'append' | 'appendInPlace'>
  readonly logger: Logger
  readonly operations: Operations
  readonly dashboard: DashboardPages
  readonly onAnswered: (facts: RequestFacts) => void
  /** What the schedule has to do beyond the database. */
  readonly furtherTasks?: readonly Task[]
  /** A link was deleted, and its clicks may be erased. */
  readonly onLinkDeleted: () => void
  /** Bytes of files are to be erased. */
  readonly onFileDeleted: () => void
  /** A team was deleted, and what it has may be erased. */
  readonly onTeamDeleted: () => void
  /** Something waits in the queue of deliveries. */
  readonly onDeliveryQueued: () => void
  /** Time, chance and the cost of passwords are the machine's own unless a test holds them still, and files as large as they may be. */
  readonly now?: () => Date
  readonly random?: Random
  readonly passwords?: PasswordHasher
  readonly maxFileBytes?: number
  readonly payments?: PaymentProvider
}

/** The whole product behind one function. */
export interface App {
  /** Answer the request of a redirect from the bytes it came in; undefined when it is for `fetch` to answer. */
  readonly follow: Follow
  /** Answer other requests from the bytes they came in, likewise. */
  readonly answerAtOnce: AnswerAtOnce
  /** Answer any request. */
  fetch(request: Request, socketIp: string): Response | Promise<Response>
  readonly services: Services
  readonly links: LinkSource
  readonly lookupCredits: LookupCredits
  /** What the server does by the clock; nothing runs until it is told to. */
  readonly tasks: TaskRunner
  readonly redirectCounts: Readonly<RedirectCounts>
}

/** Put the product together. Nothing is started: no port, no thread, no timer. */
export function createApp(options: AppOptions): App {
  const { config, databases, logger } = options
  const now = options.now ?? (() => new Date())
  const links = new LinkSource({
    read: databases.prepareRead<RedirectRow>(redirectStatement(databases.db), 'redirect'),
    cacheBytes: LINK_CACHE_BYTES,
  })
  const services: Services = {
    db: databases.db,
    clicks: options.clicks,
    now,
    random: options.random ?? secureRandom,
    secrets: options.secrets,
    network: options.network,
    whois: options.whois,
    lookups: new LookupMemory(),
    dns: options.dns,
    rdap: options.rdap,
    tlsProbe: options.tlsProbe,
    blocklists: options.blocklists,
    passwords: options.passwords ?? argon2idHasher(),
    rateLimiter: memoryRateLimiter(),
    plans: options.plans,
    payments: options.payments ?? manualPayments,
    renderQr: rememberQrImages(renderQr, QR_CACHE_BYTES),
    outgoing: options.outgoing,
    files: options.files,
    settings: {
      signup: config.signup,
      signupPlan: config.signupPlan,
      baseUrl: config.baseUrl.href,
      maxFileBytes: options.maxFileBytes ?? MAX_FILE_BYTES,
      cronSecret: config.cronSecret,
    },
    emit: (event) => {
      switch (event.kind) {
        case 'link-changed':
          links.forget(event.slug)
          break
        case 'access-changed':
          lookupAccess.forget()
          break
        case 'delivery-queued':
          options.onDeliveryQueued()
          break
        case 'file-deleted':
          options.onFileDeleted()
          break
        case 'team-deleted':
          options.onTeamDeleted()
          break
        case 'download-not-counted':
          logger.error({ err: event.error }, 'a download could not be counted')
          break
        case 'link-deleted':
          options.onLinkDeleted()
          break
      }
    },
  }
  const lookupAccess = new LookupAccess(services)
  const lookupCredits = new LookupCredits(services)
  const redirect = createRedirect({
    links,
    pages: createLinkPages(services),
    spool: options.spool,
    nowMs: options.now === undefined ? Date.now : () => now().getTime(),
    trustedProxies: config.trustProxy,
    onError: (error) => logger.error({ err: error }, 'a link could not be read'),
  })
  const tasks = createTaskRunner({
    services,
    tasks: [...SCHEDULE, ...(options.furtherTasks ?? [])],
    onFailure: (task, error) => logger.error({ task, err: error }, 'a task failed; it is tried again'),
  })
  const api = createApiServer({
    dialects: {
      lnk7: lnk7Dialect({ services, shortHost: config.baseUrl.host }),
      lynklens: lynklensDialect({ services }),
      linktj: linktjDialect({ services, runTasks: (names) => runForAWhile(tasks, names) }),
      lynk: lynkDialect({ services, access: lookupAccess, credits: lookupCredits }),
      ipgeolocation: ipgeolocationDialect({ services, access: lookupAccess, credits: lookupCredits }),
      onehop: onehopDialect({
        services,
        instance: { version: options.version, hasMail: options.hasMail, monitor: options.monitor },
        credits: lookupCredits,
        closing: options.closing ?? new AbortController().signal,
      }),
    },
    hosts: config.apiHosts,
    trustedProxies: config.trustProxy,
    logger,
    onAnswered: options.onAnswered,
  })

  function answer(request: Request, path: string, socketIp: string): Response | Promise<Response> {
    const owner = api.owner(path, request.headers)
    if (owner !== undefined) return api.answer(owner, request, socketIp)
    const operation = answerOperations(options.operations, request.method, path)
    if (operation !== undefined) return operation
    if (request.method !== 'GET' && request.method !== 'HEAD') return methodNotAllowed()
    const page = options.dashboard.answer(request, path)
    if (page !== undefined) return page
    if (path.startsWith(PAGES_PATH)) return redirect.show(request, path.slice(PAGES_PATH.length), socketIp)
    const slug = path.slice(1)
    return isSlug(slug) ? redirect.answer(request, slug, socketIp) : notFoundPage()
  }

  return {
    services,
    links,
    lookupCredits,
    tasks,
    redirectCounts: redirect.counts,
    // A host may be an API's, on which no path is a link.
    follow: config.apiHosts.size > 0 ? () => undefined : redirect.follow,
    answerAtOnce: api.answerAtOnce,
    fetch(request, socketIp) {
      const { url } = request
      const start = pathStart(url)
      if (start === -1 || !URL.canParse(url)) return badRequest()
      const end = url.indexOf('?', start)
      return answer(request, url.slice(start, end === -1 ? undefined : end), socketIp)
    },
  }
}

function badRequest(): Response {
  return new Response('Bad request.\n', { status: 400 })
}

/**
 * Where the path begins in a request's URL; -1 in one that is not absolute, as the runtime hands it out when the Host
 * header is missing or no host name: routing by it would be guessing.
 */
function pathStart(url: string): number {
  return url.startsWith('/') ? -1 : url.indexOf('/', url.indexOf('://') + 3)
}
