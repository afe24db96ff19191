import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '#config/config.ts'
import { DEFAULT_PLANS } from '#core/billing/default-plans.ts'
import { parsePlans } from '#core/billing/parse-plans.ts'
import { findPlan, type PlanCatalogue } from '#core/billing/plan.ts'
import type { Services } from '#core/context.ts'
import { MAX_FILE_BYTES } from '#core/files/file.ts'
import type { NetworkData } from '#core/network/network.ts'
import { DomainError } from '#core/errors.ts'
import { renderQr } from '#core/qr/render-qr.ts'
import { secureRandom } from '#core/random.ts'
import { type Secrets, secretsOf } from '#core/secrets.ts'
import { migrate } from '#db/migrate.ts'
import { CLICK_MIGRATIONS, MAIN_MIGRATIONS } from '#db/migration-sets.ts'
import { type DatabaseLocation, type Databases, openDatabases } from '#db/open-database.ts'
import { clickStoreOver } from '#ports/click-store/open-click-store.ts'
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
import { createWhoisClient, type WhoisClient } from '#ports/whois/whois-client.ts'
import manifest from '#package.json' with { type: 'json' }
import { CommandError } from './command-error.ts'

/** Services over the installation's own databases, for one command. */
export interface OpenServices extends AsyncDisposable {
  readonly services: Services
  readonly databases: Databases
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

export function openWhois(config: Config, outgoing = openOutgoing(config)): WhoisClient {
  return createWhoisClient({ outgoing, server: config.whoisServer })
}

/** Open what a command needs to run core's verbs beside a running server, which sees their effect. */
export async function openServices(config: Config): Promise<OpenServices> {
  const plans = loadPlans(config)
  const databases = await openMigrated(config)
  const clicks = clickStoreOver(databaseLocation(config), databases.clickDb)
  return {
    databases,
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
      whois: openWhois(config),
      network: NO_NETWORK_DATA,
      outgoing: openOutgoing(config),
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
