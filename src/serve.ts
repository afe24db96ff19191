import { mkdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import pino, { type Logger } from 'pino'
import {
  databaseLocation,
  filesDirOf,
  loadBlocklists,
  loadPlans,
  loadSecrets,
  openDns,
  openFileStore,
  openMigrated,
  openOutgoing,
  openRegistries,
} from '#cli/open-services.ts'
import type { Config } from '#config/config.ts'
import { isLocal } from '#config/is-local.ts'
import type { Databases } from '#db/open-database.ts'
import { startFront } from '#http/front.ts'
import { announceLength, internalAddress, takePeer } from '#http/internal-server.ts'
import type { Check } from '#http/operations.ts'
import { startBlocklistChecks } from '#jobs/check-blocklists.ts'
import { type ClickConsumer, startClickConsumer } from '#jobs/click-consumer.ts'
import { startClickReports } from '#jobs/click-reports.ts'
import { type DeliveryJob, MAX_AT_ONCE, startDeliveries } from '#jobs/deliver.ts'
import { startPageInfoJob } from '#jobs/fetch-page-info.ts'
import { startCreditSettlement } from '#jobs/settle-credits.ts'
import { serveNetworkData } from '#jobs/serve-network-data.ts'
import { startErasing } from '#jobs/erase-links.ts'
import { ERASE_TEAMS } from '#jobs/schedule.ts'
import { startSchedule } from '#jobs/task-runner.ts'
import { createDataUpdater, networkDataTask } from '#jobs/update-network-data.ts'
import { startClickEvents } from '#jobs/publish-click-events.ts'
import { startFileSweeps } from '#jobs/sweep-files.ts'
import { watchLinkChanges } from '#jobs/watch-link-changes.ts'
import { lockDataDir } from '#ports/data-dir-lock.ts'
import { removeDrafts } from '#ports/file-store/directory-file-store.ts'
import { clickStoreOver } from '#ports/click-store/open-click-store.ts'
import { logMailer } from '#ports/mailer/log-mailer.ts'
import type { Mailer } from '#ports/mailer/mailer.ts'
import { smtpMailer } from '#ports/mailer/smtp-mailer.ts'
import { type ClickSpool, openClickSpool, type SpoolIncident } from '#redirect/click-spool.ts'
import { spoolDirOf } from '#core/clicks/spool-segments.ts'
import { findQueueStates } from '#core/deliveries/delivery-queries.ts'
import { mailChannel } from '#core/mail/mail-channel.ts'
import { webhookChannel } from '#core/webhooks/webhook-channel.ts'
import { findLinkChanges } from '#core/links/link-queries.ts'
import { dashboardPages } from '#web/dashboard-pages.ts'
import { openDashboard } from '#web/open-dashboard.ts'
import manifest from '#package.json' with { type: 'json' }
import { createApp } from './app.ts'
import { startInstanceMonitor } from './instance-monitor.ts'
import { createMetrics } from './metrics.ts'

/**
 * The largest body the server reads at all. Each API sets its own, far smaller bounds, and says so in its own words; here
 * a request would be refused without any.
 */
const MAX_BODY_BYTES = 64 * 1024 * 1024 * 1024
/**
 * How long a request may do nothing before it is cut off: the longest the runtime knows, because it also cuts off a body
 * that comes slowly. Clients are held to the front's deadlines.
 */
const IDLE_TIMEOUT_S = 255
/** While stopping: how long answers tell clients to open no further requests on their connection. */
const FAREWELL_MS = 300
/** While stopping: how long requests under way may take. */
const FINISH_MS = 4_000
/** While stopping: how long clicks are still brought from the spool to the database; the rest waits there. */
const DRAIN_MS = 2_000
/** Whatever hangs, the process is gone after this long; the spool has every click. */
const STOP_LIMIT_MS = 9_500
/** A database that does not answer a readiness check for this long is not ready. */
const CHECK_TIMEOUT_MS = 2_000

/** A server that is up. */
export interface RunningServer {
  readonly port: number
  /** Stop accepting, finish what is under way, store what is spooled. Safe to call twice. */
  stop(): Promise<void>
}

/**
 * Start the server of a configuration: data directory, databases, click spool and its consumer, then the port.
 *
 * @throws when the data directory is another server's, a database is newer than this program, or the port is taken
 */
export async function startServer(
  config: Config,
  logger: Logger = createLogger(config),
): Promise<RunningServer> {
  const plans = loadPlans(config)
  const blocklists = loadBlocklists(config)
  await using started = new AsyncDisposableStack()
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 })
  const lock = lockDataDir(config.dataDir)
  started.defer(() => lock.release())
  const databases = started.use(await openMigrated(config))

  const location = databaseLocation(config)
  const clicks = started.use(
    location.kind === 'sqlite'
      ? startClickReports({ location })
      : clickStoreOver(location, databases.clickDb),
  )

  const spoolDir = spoolDirOf(config.dataDir)
  const spool = openClickSpool({ dir: spoolDir, onIncident: (incident) => logIncident(logger, incident) })
  const consumer = startClickConsumer({
    location,
    spoolDir,
    dataDir: config.dataDir,
    spoolStats: () => spool.stats(),
    onTrouble: (message) =>
      message === undefined
        ? logger.info('clicks are being stored again')
        : logger.error({ problem: message }, 'clicks cannot be stored now; they wait in the spool'),
    onWarning: (message) => logger.warn(message),
    onDamage: (position) =>
      logger.error({ position }, 'a part of the click spool cannot be read and was given up'),
  })
  started.defer(async () => {
    await consumer.stop({ drainMs: DRAIN_MS })
  })
  // Closed before the consumer is stopped, so that it can read the spool to its very end.
  started.use(spool)

  const network = started.use(
    serveNetworkData({
      dataDir: config.dataDir,
      usesStarterData: config.starterData,
      onProgress: (message) => logger.info(message),
      onProblem: (message) => logger.error(message),
    }),
  )

  let isStopping = false
  const metrics = createMetrics(manifest.version, () => ({
    redirects: () => app.redirectCounts,
    linksInMemory: () => app.links.size,
    spool: () => spool.stats(),
    queue: () => findQueueStates(databases.db),
    consumer: () => {
      const { consumed, bytesBehind } = consumer.lag()
      return { consumed, behindBytes: bytesBehind ?? 0 }
    },
  }))
  const dashboard = started.use(
    openDashboard({
      dataDir: config.dataDir,
      onProgress: (message) => logger.info(message),
      onProblem: (problem) => logger.error(problem),
      followsSources: process.execArgv.includes('--watch'),
    }),
  )
  const outgoing = openOutgoing(config)
  const dataUpdater = started.use(
    createDataUpdater(config.dataDir, (problem) =>
      logger.error({ problem }, 'network data could not be updated'),
    ),
  )
  const monitor = started.use(
    startInstanceMonitor({
      version: manifest.version,
      dataDir: config.dataDir,
      databases,
      location,
      tasks: () => app.tasks,
      spool: () => {
        const { bytesBehind, lastError } = consumer.lag()
        return { waitingBytes: bytesBehind ?? 0, problem: lastError }
      },
      dataUpdater,
    }),
  )
  if (config.s3 === undefined) removeDrafts(filesDirOf(config))
  const closing = new AbortController()
  const app = createApp({
    config,
    dns: openDns(config),
    ...openRegistries(config, outgoing),
    blocklists,
    databases,
    clicks,
    plans,
    network,
    outgoing,
    files: openFileStore(config),
    secrets: loadSecrets(config),
    version: manifest.version,
    monitor,
    hasMail: config.smtpUrl !== undefined,
    closing: closing.signal,
    spool,
    logger,
    operations: {
      checks: async () => [
        { name: 'accepting', problem: isStopping ? 'the server is stopping' : undefined },
        await checkDatabase(databases),
        checkSpool(spool),
        checkConsumer(consumer),
        checkDeliveries(deliveries),
      ],
      metrics: metrics.render,
    },
    dashboard: dashboardPages(dashboard),
    onAnswered: metrics.onAnswered,
    furtherTasks: [networkDataTask(config.dataDir)],
    onLinkDeleted: () => erasing.wake(),
    onFileDeleted: () => fileSweeps.wake(),
    onTeamDeleted: () =>
      void app.tasks
        .run(ERASE_TEAMS)
        .catch((error: unknown) =>
          logger.error({ err: error }, 'what a deleted team had cannot be erased now; it is tried again'),
        ),
    onDeliveryQueued: () => deliveries.wake(),
  })
  const fileSweeps = started.use(
    await startFileSweeps(app.services, (error) =>
      logger.error({ err: error }, 'files cannot be removed now; it is tried again'),
    ),
  )
  const erasing = started.use(
    startErasing(app.services, (error) =>
      logger.error({ err: error }, 'clicks of deleted links cannot be erased now; it is tried again'),
    ),
  )
  started.use(
    startSchedule(app.tasks, (error) => logger.error({ err: error }, 'the schedule cannot be read now')),
  )
  started.use(
    startPageInfoJob({
      db: databases.db,
      client: outgoing,
      onError: (error) => logger.error({ err: error }, 'titles of pages cannot be kept now'),
    }),
  )
  started.use(
    watchLinkChanges({
      db: databases.db,
      onChanged: (slug) => app.links.forget(slug),
      onLook: () => app.links.forgetUnknown(),
      onError: (error) => logger.error({ err: error }, 'changes by other processes cannot be read now'),
    }),
  )

  started.use(
    startBlocklistChecks(app.services, (error) =>
      logger.error({ err: error }, 'blocklists cannot be checked now; it is tried again'),
    ),
  )
  started.use(
    startCreditSettlement({
      services: app.services,
      credits: app.lookupCredits,
      onAbandoned: ({ teamId, amount, source }) =>
        logger.warn(
          { teamId, amount, source },
          'a server ended while it held lookup credits; at most so many are counted that nobody used',
        ),
      onError: (error) => logger.error({ err: error }, 'lookup credits cannot be settled now'),
    }),
  )
  const deliveries = started.use(
    startDeliveries({
      services: app.services,
      channels: {
        webhook: webhookChannel({
          client: openOutgoing(config, { maxRequests: MAX_AT_ONCE, maxRequestsPerHost: MAX_AT_ONCE }),
        }),
        mail: mailChannel(openMailer(config, logger)),
      },
      onAttempt: (delivery, { outcome, isFinal, fault }) => {
        metrics.onAttempt(delivery, outcome)
        if (outcome.result === 'delivered') return
        const { publicId, kind } = delivery
        const { statusCode, error } = outcome
        const isOurs = kind === 'mail' || fault !== undefined
        logger[isOurs ? 'warn' : 'debug'](
          { delivery: publicId, kind, status: statusCode, problem: error, isFinal, err: fault },
          'a delivery failed',
        )
      },
      onError: (error) => logger.error({ err: error }, 'deliveries cannot be made now; they wait'),
    }),
  )
  started.use(
    startClickEvents(app.services, (error) =>
      logger.error({ err: error }, 'webhooks cannot be told of clicks now; they wait'),
    ),
  )

  const internal = started.use(internalAddress())
  const server = Bun.serve({
    unix: internal.path,
    // The runtime's error page of development shows source code.
    development: false,
    // Denied to a Unix socket by the types alone.
    idleTimeout: IDLE_TIMEOUT_S as never,
    maxRequestBodySize: MAX_BODY_BYTES,
    async fetch(request) {
      const ip = takePeer(request.headers, internal)
      return ip === undefined
        ? new Response(null, { status: 403 })
        : announceLength(await app.fetch(request, ip))
    },
    error: (error) => {
      logger.error({ err: error }, 'a request failed outside every API')
      return new Response('Internal server error.\n', { status: 500 })
    },
  })
  started.defer(() => server.stop(true))
  const front = startFront({
    hostname: config.host,
    port: config.port,
    internal,
    follow: app.follow,
    answerAtOnce: app.answerAtOnce,
    maxBodyBytes: MAX_BODY_BYTES,
    onError: (error) => logger.error({ err: error }, 'a connection failed'),
  })
  // Made while nobody asks for it yet; what goes wrong is told there.
  void dashboard.bundle()
  const rest = started.move()
  const stop = async () => {
    isStopping = true
    deliveries.stop()
    closing.abort()
    await front.stop({ farewellMs: FAREWELL_MS, finishMs: FINISH_MS })
    await rest.disposeAsync()
  }
  let stopped: Promise<void> | undefined
  return { port: front.port, stop: () => (stopped ??= stop()) }
}

/**
 * Run the server until it is told to stop (SIGTERM, SIGINT).
 *
 * @returns the process's exit code
 */
export async function serve(config: Config): Promise<number> {
  const logger = createLogger(config)
  const { promise: toldToStop, resolve: tellToStop } = Promise.withResolvers<number>()
  process.on('SIGTERM', () => tellToStop(0))
  process.on('SIGINT', () => tellToStop(0))
  // A bug outside every request: say so, and leave in good order; a supervisor starts the process again.
  for (const event of ['uncaughtException', 'unhandledRejection'] as const)
    process.on(event, (error: unknown) => {
      logger.fatal({ err: error }, event)
      tellToStop(1)
    })

  const server = await startServer(config, logger)
  process.stdout.write(
    `Onehop ${manifest.version} at ${config.baseUrl.href} (listening on ${config.host}:${server.port}, data in ${config.dataDir})\n`,
  )
  tellOfMail(config, logger)
  const exitCode = await toldToStop
  setTimeout(() => process.exit(exitCode), STOP_LIMIT_MS).unref()
  await server.stop()
  return exitCode
}

/** One JSON object a line on standard output; the ways a secret could get in are closed where lines are written. */
function createLogger(config: Config): Logger {
  return pino({ level: config.logLevel, base: null, timestamp: pino.stdTimeFunctions.isoTime })
}

/**
 * What takes mails: the mail server, or the log where the installation is only tried out, or nothing: mails wait then.
 */
function openMailer({ smtpUrl, mailFrom, baseUrl }: Config, logger: Logger): Mailer | undefined {
  if (smtpUrl !== undefined) return smtpMailer({ url: smtpUrl, from: mailFrom })
  return isLocal(baseUrl)
    ? logMailer((mail) => logger.info({ mail }, 'a mail, which would be sent'))
    : undefined
}

/** Say once what becomes of mails where no mail server takes them. */
function tellOfMail({ smtpUrl, baseUrl }: Config, logger: Logger): void {
  if (smtpUrl !== undefined) return
  if (isLocal(baseUrl)) logger.info('SMTP_URL is not set: mails are written to this log, whole')
  else logger.warn('SMTP_URL is not set: mails wait in the queue for a day, and then fail')
}

async function checkDatabase(databases: Databases): Promise<Check> {
  const name = 'database'
  const answer = findLinkChanges(databases.db, new Date()).then(
    () => undefined,
    () => 'the database does not answer',
  )
  return {
    name,
    problem: await Promise.race([answer, sleep(CHECK_TIMEOUT_MS, 'the database does not answer in time')]),
  }
}

function checkSpool(spool: ClickSpool): Check {
  const { isInMemory } = spool.stats()
  return {
    name: 'spool',
    problem: isInMemory ? 'the disk has no room for clicks; they are kept in memory' : undefined,
  }
}

function checkConsumer(consumer: ClickConsumer): Check {
  return {
    name: 'clicks',
    problem: consumer.lag().lastError === undefined ? undefined : 'clicks cannot be stored now',
  }
}

function checkDeliveries(deliveries: DeliveryJob): Check {
  return {
    name: 'deliveries',
    problem: deliveries.isFailing() ? 'the queue of webhooks and mails cannot be read now' : undefined,
  }
}

function logIncident(logger: Logger, incident: SpoolIncident): void {
  switch (incident.kind) {
    case 'no-room':
      logger.error(
        { err: incident.error },
        'the disk has no room for the click spool; clicks are kept in memory',
      )
      break
    case 'dropping':
      logger.fatal('neither disk nor memory has room for clicks: they are being lost')
      break
    case 'recovered':
      logger.warn({ dropped: incident.dropped }, 'the click spool has room again')
      break
  }
}
