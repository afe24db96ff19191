import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '#config/config.ts'
import { DEFAULT_PLANS } from '#core/billing/default-plans.ts'
import { parsePlans } from '#core/billing/parse-plans.ts'
import { findPlan, type PlanCatalogue } from '#core/billing/plan.ts'
import type { Services } from '#core/context.ts'
import { type Blocklists, openBlocklists } from '#core/intelligence/blocklists.ts'
import { builtInZones, parseDnsblFile } from '#core/intelligence/parse-dnsbl-file.ts'
import { MAX_FILE_BYTES } from '#core/files/file.ts'
import { LookupMemory } from '#core/intelligence/lookup-memory.ts'
import type { NetworkData } from '#core/network/network.ts'
import { DomainError } from '#core/errors.ts'
import { renderQr } from '#core/qr/render-qr.ts'
import { secureRandom } from '#core/random.ts'
import { type Secrets, secretsOf } from '#core/secrets.ts'
import { migrate } from '#db/migrate.ts'
import { CLICK_MIGRATIONS, MAIN_MIGRATIONS } from '#db/migration-sets.ts'
import { type DatabaseLocation, type Databases, openDatabases } from '#db/open-database.ts'
import type { ClickStore } from '#ports/click-store/click-store.ts'
import { clickStoreOver } from '#ports/click-store/open-click-store.ts'
import { createDnsClient, type DnsClient } from '#ports/dns/dns-client.ts'
import { directoryFileStore } from '#ports/file-store/directory-file-store.ts'
import type { FileStore } from '#ports/file-store/file-store.ts'
import { s3FileStore } from '#ports/file-store/s3-file-store.ts'
import { loadMasterKey } from '#ports/master-key.ts'
import {
  createOutgoingClient,
  type OutgoingClient,
  type OutgoingClientOptions,
} from '#ports/outgoing/outgoing-client.ts'
import { manualPayments } from '#ports/payments/payment-provider.ts'
import { argon2idHasher } from '#ports/password-hasher.ts'
import { memoryRateLimiter } from '#ports/rate-limiter.ts'
import { createRequestSlots } from '#ports/outgoing/request-slots.ts'
import { createRdapClient, type RdapClient } from '#ports/rdap/rdap-client.ts'
import { createTlsProbe, type TlsProbe } from '#ports/tls-probe/tls-probe.ts'
import { createWhoisClient, type WhoisClient } from '#ports/whois/whois-client.ts'
import manifest from '#package.json' with { type: 'json' }
import { CommandError } from './command-error.ts'

/** Services over the installation's own databases, for one command. */
export interface OpenServices extends AsyncDisposable {
  readonly services: Services
  readonly databases: Databases
  /** What `services` reads clicks from. */
  readonly clicks: ClickStore
}

export function databaseLocation(config: Config): DatabaseLocation {
  return config.databaseUrl === undefined
    ? { kind: 'sqlite', dir: config.dataDir }
    : { kind: 'postgres', url: config.databaseUrl }
}

/** Make the data directory, open the databases and bring them up to date. */
export async function openMigrated(config: Config): Promise<Databases> {
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 })
  const databases = openDatabases(databaseLocation(config))
  try {
    await migrate(databases.db, MAIN_MIGRATIONS)
    await migrate(databases.clickDb, CLICK_MIGRATIONS)
    return databases
  } catch (error) {
    await databases[Symbol.asyncDispose]()
    throw error
  }
}

/**
 * The operator's plans, or the built-in ones.
 *
 * @throws CommandError when the file cannot be used, or lacks the plan of new accounts
 */
export function loadPlans(config: Config): PlanCatalogue {
  const plans = config.plansFile === undefined ? DEFAULT_PLANS : readPlans(config.plansFile)
  if (findPlan(plans, config.signupPlan) === undefined)
    throw new CommandError(
      `ONEHOP_SIGNUP_PLAN=${config.signupPlan} is no plan; there are ${plans.plans.map((plan) => plan.name).join(', ')}`,
      2,
    )
  return plans
}

function readPlans(path: string): PlanCatalogue {
  try {
    return parsePlans(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new CommandError(`ONEHOP_PLANS_FILE=${path} cannot be used: ${(error as Error).message}`, 2)
  }
}

/**
 * The built-in blocklists, or what the operator's file makes of them.
 *
 * @throws CommandError when the file cannot be used
 */
export function loadBlocklists({ dnsblFile }: Config): Blocklists {
  if (dnsblFile === undefined) return openBlocklists(builtInZones())
  try {
    return openBlocklists(parseDnsblFile(readFileSync(dnsblFile, 'utf8')))
  } catch (error) {
    throw new CommandError(`ONEHOP_DNSBL_FILE=${dnsblFile} cannot be used: ${(error as Error).message}`, 2)
  }
}

/** The keys of the installation: of the master key that was configured, else of the data directory's own. */
export function loadSecrets(config: Config): Secrets {
  return secretsOf(config.secret ?? loadMasterKey(config.dataDir))
}

/** Commands over the databases look nothing up; the one that does opens the data itself. */
const NO_NETWORK_DATA: NetworkData = {
  view() {
    throw new DomainError('network-data-loading', { retryAfterS: 1 })
  },
}

/** The client for every request to an address that somebody named. */
export function openOutgoing(
  config: Config,
  limits: Pick<OutgoingClientOptions, 'maxRequests' | 'maxRequestsPerHost'> = {},
): OutgoingClient {
  return createOutgoingClient({
    allowPrivate: config.allowPrivateTargets,
    contactUrl: config.baseUrl.href,
    version: manifest.version,
    ...limits,
  })
}

/** The directory of the data directory that shared files are in, where no S3-compatible service is configured. */
export function filesDirOf(config: Config): string {
  return join(config.dataDir, 'files')
}

/** What keeps the bytes of shared files. */
export function openFileStore(config: Config): FileStore {
  return config.s3 === undefined ? directoryFileStore(filesDirOf(config)) : s3FileStore(config.s3)
}

/** What asks registries and looks at certificates, for lookups. */
export interface Registries {
  readonly whois: WhoisClient
  readonly rdap: RdapClient
  readonly tlsProbe: TlsProbe
}

/** Connections of lookups to registries and TLS servers at once, in all and to one host. */
const LOOKUP_SOCKETS = { total: 20, perHost: 4 }

/** The directory of the data directory that the bootstrap files of RDAP are kept in. */
function rdapDirOf(config: Config): string {
  return join(config.dataDir, 'rdap')
}

/** What asks registries and looks at certificates, all under one limit of connections. */
export function openRegistries(config: Config, outgoing = openOutgoing(config)): Registries {
  const slots = createRequestSlots(LOOKUP_SOCKETS)
  return {
    whois: createWhoisClient({ outgoing, slots, server: config.whoisServer }),
    rdap: createRdapClient({ outgoing, slots, bootstrapDir: rdapDirOf(config) }),
    tlsProbe: createTlsProbe({ outgoing, slots }),
  }
}

/** The client for everything that is asked of DNS resolvers. */
export function openDns(config: Config): DnsClient {
  return createDnsClient({ servers: config.dnsServers })
}

/** Open what a command needs to run core's verbs beside a running server, which sees their effect. */
export async function openServices(config: Config): Promise<OpenServices> {
  const plans = loadPlans(config)
  const blocklists = loadBlocklists(config)
  const databases = await openMigrated(config)
  const clicks = clickStoreOver(databaseLocation(config), databases.clickDb)
  const outgoing = openOutgoing(config)
  return {
    databases,
    clicks,
    services: {
      db: databases.db,
      clicks,
      now: () => new Date(),
      random: secureRandom,
      secrets: loadSecrets(config),
      passwords: argon2idHasher(),
      rateLimiter: memoryRateLimiter(),
      plans,
      payments: manualPayments,
      renderQr,
      lookups: new LookupMemory(),
      dns: openDns(config),
      ...openRegistries(config, outgoing),
      blocklists,
      network: NO_NETWORK_DATA,
      outgoing,
      files: openFileStore(config),
      settings: {
        signup: config.signup,
        signupPlan: config.signupPlan,
        baseUrl: config.baseUrl.href,
        maxFileBytes: MAX_FILE_BYTES,
        cronSecret: config.cronSecret,
      },
      emit: () => {},
    },
    async [Symbol.asyncDispose]() {
      await clicks[Symbol.asyncDispose]()
      await databases[Symbol.asyncDispose]()
    },
  }
}
