import { join } from 'node:path'
import pino from 'pino'
import { parseEmail, parsePassword, type User } from '#core/accounts/account.ts'
import { type IssuedKey, issueOperatorKey, type NewKey } from '#core/accounts/api-keys.ts'
import { createAccount } from '#core/accounts/create-account.ts'
import { DEFAULT_PLANS } from '#core/billing/default-plans.ts'
import type { PlanCatalogue } from '#core/billing/plan.ts'
import { openClickConsumption } from '#core/clicks/consume-clicks.ts'
import { spoolDirOf } from '#core/clicks/spool-segments.ts'
import { clickPlaces } from '#core/clicks/click-places.ts'
import { clickEnricher } from '#core/clicks/enrich-click.ts'
import { openBlocklists } from '#core/intelligence/blocklists.ts'
import type { ActiveZone } from '#core/intelligence/dnsbl-health.ts'
import { secureRandom } from '#core/random.ts'
import { secretsOf } from '#core/secrets.ts'
import type { InstanceMonitor } from '#core/operator/instance-monitor.ts'
import type { NetworkData, NetworkView } from '#core/network/network.ts'
import type { ClickStore } from '#ports/click-store/click-store.ts'
import { clickStoreOver } from '#ports/click-store/open-click-store.ts'
import { createDnsClient } from '#ports/dns/dns-client.ts'
import { directoryFileStore } from '#ports/file-store/directory-file-store.ts'
import type { FileStore } from '#ports/file-store/file-store.ts'
import { OutgoingError } from '#ports/outgoing/outgoing-error.ts'
import { createRequestSlots } from '#ports/outgoing/request-slots.ts'
import {
  createOutgoingClient,
  type OutgoingClient,
  type OutgoingClientOptions,
} from '#ports/outgoing/outgoing-client.ts'
import type { PaymentProvider } from '#ports/payments/payment-provider.ts'
import { argon2idHasher } from '#ports/password-hasher.ts'
import type { RdapClient } from '#ports/rdap/rdap-client.ts'
import { RdapError } from '#ports/rdap/rdap-error.ts'
import { createTlsProbe, type TlsProbe } from '#ports/tls-probe/tls-probe.ts'
import { createWhoisClient, type WhoisClient } from '#ports/whois/whois-client.ts'
import { openClickSpool } from '#redirect/click-spool.ts'
import { dashboardPages } from '#web/dashboard-pages.ts'
import { openDashboard } from '#web/open-dashboard.ts'
import { type App, type AppConfig, createApp } from '#app.ts'
import { type DocumentedAnswers, documentedAnswers } from './documented-answers.ts'
import { TEST_CA_CERTIFICATE } from './test-certificates.ts'
import { testDatabases } from './test-database.ts'
import { rangeOf, type TestSource, testNetwork } from './test-network.ts'

/** When tests happen, unless they move the clock. */
export const NOW = new Date('2026-01-02T03:04:05.000Z')
/** Where short links live in tests. */
export const BASE = 'http://s.test'

/** The discard service's, which no machine runs any more. */
const NOBODY_PORT = 9
/** Servers of tests are near. */
const DNS_ATTEMPT_MS = 300

export interface TestAppOptions {
  readonly config?: Partial<AppConfig>
  readonly plans?: PlanCatalogue
  readonly payments?: PaymentProvider
  /** A WHOIS server on this machine that answers for every registry; without one, none answers. */
  readonly whoisPort?: number
  /** A DNS server on this machine, of `startDnsServer`; without one, none answers. */
  readonly dnsPort?: number
  /** Instead of it, what asks registries by WHOIS. */
  readonly whois?: WhoisClient
  /** What asks registries by RDAP; without it, none can be asked. */
  readonly rdap?: RdapClient
  /** A TLS server on this machine that stands at port 443 of every address; without one, each is asked itself. */
  readonly tlsPort?: number
  /** The blocklists that are asked; none otherwise. */
  readonly blocklists?: readonly ActiveZone[]
  /** 8.8.8.0/24 is Google's in the United States unless a test says otherwise; see `testNetwork`. */
  readonly network?: NetworkView
  /** Instead of it, data that may not be there. */
  readonly networkData?: NetworkData
  /** How names are resolved and which private addresses may be reached. */
  readonly outgoing?: Partial<OutgoingClientOptions>
  readonly onDeliveryQueued?: () => void
  /** What keeps files; a directory of its own otherwise. */
  readonly files?: FileStore
  readonly maxFileBytes?: number
  /** Nothing is known of the running server unless a test says otherwise. */
  readonly monitor?: InstanceMonitor
}

const NO_MONITOR: InstanceMonitor = {
  status: () => Promise.reject(new Error('nothing is watched')),
  taskTurns: () => [],
  dataSources: () => [],
  dataTerms: () => [],
  acceptDataTerms: () => false,
  dataUpdate: () => ({ isRunning: false, problem: undefined }),
  startDataUpdate: () => false,
}

const NO_RDAP: RdapClient = {
  ask: () => Promise.reject(new RdapError('no-server', 'no registry in tests')),
  askRegistrar: () => Promise.resolve(undefined),
}

const USUAL_SOURCES: readonly TestSource[] = [
  {
    name: 'iptoasn',
    rows: [{ ...rangeOf('8.8.8.0/24'), kind: 'as-range', asn: 15_169, country: 'US', name: 'Google LLC' }],
  },
  {
    name: 'sapics-country',
    rows: [{ ...rangeOf('8.8.8.0/24'), kind: 'country-range', country: 'US' }],
  },
]
/** Compiled once for all tests of a process. */
let usualNetwork: Promise<NetworkView> | undefined

/** The document of our own API, which every answer of every test is checked against: the same for all of them. */
let documented: Promise<DocumentedAnswers> | undefined

async function documentOf(app: App): Promise<DocumentedAnswers> {
  const response = await app.fetch(new Request(`${BASE}/openapi.json`), '192.0.2.1')
  return documentedAnswers(await response.json())
}

/** An account of a test, with a key that may do everything. */
export interface TestAccount {
  readonly user: User
  readonly email: string
  readonly password: string
  readonly key: IssuedKey
}

export interface TestApp extends AsyncDisposable {
  readonly app: App
  readonly clicks: ClickStore
  readonly dir: string
  /** What was logged, a JSON object a line. */
  readonly logged: string[]
  /** Send a request as a client would: a path and what `fetch` takes. */
  request(path: string, init?: RequestInit & { readonly ip?: string }): Promise<Response>
  /** Send JSON with a bearer token. */
  call(method: string, path: string, options?: CallOptions): Promise<Response>
  /** An account on a plan; the first is the installation's operator, so a first one nobody uses is made before it. */
  givenAccount(options?: {
    readonly email?: string
    readonly plan?: string
    readonly key?: Partial<NewKey>
  }): Promise<TestAccount>
  /** Write every click answered so far to the database. */
  settleClicks(): Promise<void>
  /** Move the clock. */
  setNow(now: Date): void
}

export interface CallOptions {
  readonly token?: string | undefined
  readonly body?: unknown
  /** The body as it is, instead of `body`. */
  readonly rawBody?: BodyInit
  readonly headers?: Readonly<Record<string, string>>
}

/** The real application over fresh databases and a real spool, with time held still. */
export async function testApp(options: TestAppOptions = {}): Promise<TestApp> {
  const database = await testDatabases()
  const { databases, dir } = database
  const clicks = clickStoreOver(database.location, databases.clickDb)
  const spoolDir = spoolDirOf(dir)
  const spool = openClickSpool({ dir: spoolDir, segmentBytes: 256 * 1024 })
  const logged: string[] = []
  let now = NOW
  let accounts = 0

  const network = options.network ?? (await (usualNetwork ??= testNetwork(USUAL_SOURCES)))
  const outgoing = createOutgoingClient({
    allowPrivate: [],
    contactUrl: BASE,
    version: 'test',
    ...options.outgoing,
  })
  const app = createApp({
    config: {
      baseUrl: { host: 's.test', href: BASE },
      apiHosts: new Map(),
      trustProxy: 0,
      signup: 'open',
      signupPlan: 'Free',
      ...options.config,
    },
    databases,
    clicks,
    plans: options.plans ?? DEFAULT_PLANS,
    ...(options.payments && { payments: options.payments }),
    whois:
      options.whois ??
      createWhoisClient({
        outgoing: {
          checkHost: () => Promise.reject(new OutgoingError('unresolvable', 'no registry in tests')),
        },
        server: options.whoisPort === undefined ? undefined : { host: '127.0.0.1', port: options.whoisPort },
      }),
    rdap: options.rdap ?? NO_RDAP,
    tlsProbe: testTlsProbe(outgoing, options.tlsPort),
    dns: createDnsClient({
      servers: [{ address: '127.0.0.1', port: options.dnsPort ?? NOBODY_PORT }],
      attemptMs: DNS_ATTEMPT_MS,
    }),
    blocklists: openBlocklists(options.blocklists ?? []),
    network: options.networkData ?? { view: () => network },
    version: '0.0.0-test',
    monitor: options.monitor ?? NO_MONITOR,
    hasMail: true,
    secrets: secretsOf('the master key of every test, 32+ characters'),
    spool,
    logger: pino({ level: 'debug' }, { write: (line: string) => void logged.push(line) }),
    operations: {
      checks: () => Promise.resolve([{ name: 'database' }]),
      metrics: () => Promise.resolve({ text: '', contentType: 'text/plain' }),
    },
    // Bundled when a test asks for a page, once for all of them.
    dashboard: dashboardPages(
      openDashboard({
        dataDir: dir,
        onProgress: () => {},
        onProblem: (problem) => logged.push(JSON.stringify({ msg: problem })),
      }),
    ),
    onAnswered: () => {},
    outgoing,
    files: options.files ?? directoryFileStore(join(dir, 'files')),
    onLinkDeleted: () => {},
    onFileDeleted: () => {},
    onTeamDeleted: () => {},
    ...(options.maxFileBytes !== undefined && { maxFileBytes: options.maxFileBytes }),
    onDeliveryQueued: () => options.onDeliveryQueued?.(),
    now: () => now,
    // The smallest cost argon2 allows: tests make many accounts.
    passwords: argon2idHasher({ memoryKib: 8, passes: 1 }),
  })

  async function request(path: string, init: RequestInit & { readonly ip?: string } = {}): Promise<Response> {
    const { ip = '192.0.2.1', ...rest } = init
    const sent = new Request(path.startsWith('/') ? `${BASE}${path}` : path, { redirect: 'manual', ...rest })
    const { method, url } = sent
    const response = await app.fetch(sent, ip)
    const { pathname } = URL.parse(url) ?? { pathname: '' }
    if (pathname.startsWith('/api/v2/')) {
      documented ??= documentOf(app)
      await (await documented).check(method, pathname, response)
    }
    return response
  }

  return {
    app,
    clicks,
    dir,
    logged,
    request,
    call(method, path, { token, body, rawBody, headers } = {}) {
      return request(path, {
        method,
        headers: {
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        ...(rawBody !== undefined && { body: rawBody }),
      })
    },
    async givenAccount({ email = `user${++accounts}@example.com`, plan = 'Pro', key = {} } = {}) {
      const password = 'correct horse'
      if (accounts <= 1) await ensureOperator(app)
      const user = await createAccount(
        app.services,
        { email: parseEmail(email), password: parsePassword(password) },
        { plan },
      )
      const issued = await issueOperatorKey(app.services, user, {
        dialect: 'lnk7',
        name: 'test',
        abilities: ['*'],
        ...key,
      })
      return { user, email, password, key: issued }
    },
    async settleClicks() {
      using consumption = await openClickConsumption({
        store: clicks,
        spoolDir,
        now: () => now,
        random: secureRandom,
        enrich: clickEnricher({ placeOf: clickPlaces(() => network) }),
      })
      while (!(await consumption.consumeBatch()).isAtEnd);
    },
    setNow(instant) {
      now = instant
    },
    async [Symbol.asyncDispose]() {
      await spool[Symbol.asyncDispose]()
      await clicks[Symbol.asyncDispose]()
      await database[Symbol.asyncDispose]()
    },
  }
}

function testTlsProbe(outgoing: OutgoingClient, port: number | undefined): TlsProbe {
  const options = { slots: createRequestSlots({ total: 20, perHost: 4 }), ca: [TEST_CA_CERTIFICATE] }
  if (port === undefined) return createTlsProbe({ ...options, outgoing })
  // The address that was asked for is checked as ever; the server is the test's, wherever it is taken to be.
  const probe = createTlsProbe({ ...options, outgoing: { checkHost: (host) => Promise.resolve([host]) } })
  return {
    async look(target, signal) {
      await outgoing.checkHost(target.ip)
      return probe.look({ ...target, ip: '127.0.0.1', port }, signal)
    },
  }
}

/** Accounts of a test are ordinary ones: the operator's role goes to one that no test uses. */
async function ensureOperator(app: App): Promise<void> {
  const operator = { email: parseEmail('operator@example.com'), password: parsePassword('operator password') }
  await createAccount(app.services, operator, {}).catch((error: unknown) => {
    if (!(error instanceof Error && error.message === 'email-taken')) throw error
  })
}
