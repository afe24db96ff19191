import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { sql } from 'kysely'
import type { Config } from '#config/config.ts'
import { isLocal } from '#config/is-local.ts'
import { findQueueStates } from '#core/deliveries/delivery-queries.ts'
import type { Db } from '#db/database.ts'
import { spoolDirOf } from '#core/clicks/spool-segments.ts'
import { pendingMigrations, unknownMigrations } from '#db/migrate.ts'
import { CLICK_MIGRATIONS, MAIN_MIGRATIONS } from '#db/migration-sets.ts'
import { type DatabaseLocation, type Databases, openDatabases, SQLITE_FILE } from '#db/open-database.ts'
import { databaseKind } from '#db/portable.ts'
import { dataDirHolder } from '#ports/data-dir-lock.ts'

/** What one check found. */
export interface Finding {
  /** `broken` keeps the server from working; `warning` is for the operator to judge. */
  readonly state: 'fine' | 'warning' | 'broken'
  readonly what: string
  readonly detail: string
  /** What to do about it. */
  readonly repair?: string
}

/** The directory of clicks that are not counted yet, in the data directory. */
const GIB = 1024 ** 3
/** With less than this, a burst of clicks fills the disk before anybody looks. */
const LOW_DISK_BYTES = GIB
/** What is due for longer waits for a server that does not run, or cannot keep up. */
const LATE_DELIVERY_S = 15 * 60
const MAX_CLOCK_WARNING_MS = 5_000
const MAX_CLOCK_BROKEN_MS = 60_000

/** Check an installation from outside, changing nothing, while its server runs or not. */
export async function doctor(config: Config): Promise<readonly Finding[]> {
  return [
    checkBaseUrl(config),
    checkWritable('data directory', config.dataDir, 'ONEHOP_DATA_DIR'),
    checkWritable('click spool', spoolDirOf(config.dataDir), 'ONEHOP_DATA_DIR'),
    await checkDisk(config.dataDir),
    checkServer(config.dataDir),
    checkMail(config),
    ...(await checkDatabase(config)),
  ]
}

/** The findings as lines for a terminal, repairs below what they repair. */
export function renderFindings(findings: readonly Finding[]): string {
  const marks = { fine: '✓', warning: '!', broken: '✗' }
  return findings
    .flatMap((finding) => [
      `${marks[finding.state]} ${finding.what}: ${finding.detail}`,
      ...(finding.repair === undefined ? [] : [`    → ${finding.repair}`]),
    ])
    .join('\n')
}

/** 1 when anything is broken, else 0. */
export function doctorExitCode(findings: readonly Finding[]): number {
  return findings.some((finding) => finding.state === 'broken') ? 1 : 0
}

function checkBaseUrl({ baseUrl }: Config): Finding {
  const what = 'base URL'
  if (isLocal(baseUrl))
    return {
      state: 'warning',
      what,
      detail: `${baseUrl.href} is reached from this machine only; short links and QR codes lead nowhere for others`,
      repair: 'Set ONEHOP_BASE_URL to the address the world uses, such as https://go.example.com.',
    }
  if (baseUrl.href.startsWith('http:'))
    return {
      state: 'warning',
      what,
      detail: `${baseUrl.href} is not encrypted; passwords and keys can be read on the way`,
      repair: 'Put a TLS proxy in front, set ONEHOP_BASE_URL to https:// and ONEHOP_TRUST_PROXY to 1.',
    }
  return { state: 'fine', what, detail: baseUrl.href }
}

/** A file is written to see: permissions alone know nothing of read-only mounts and quotas. */
function checkWritable(what: string, dir: string, variable: string): Finding {
  const repair = `Make it a directory that this user may write to, or name another with ${variable}.`
  const probe = join(dir, `.doctor-${process.pid}`)
  try {
    if (statSync(dir, { throwIfNoEntry: false }) === undefined)
      return {
        state: 'warning',
        what,
        detail: `${dir} does not exist yet; the server makes it when it starts`,
      }
    writeFileSync(probe, 'written by onehop doctor\n', { flush: true })
    return { state: 'fine', what, detail: `${dir} is writable` }
  } catch (error) {
    return { state: 'broken', what, detail: `${dir} is not writable (${reasonOf(error)})`, repair }
  } finally {
    if (existsSync(probe)) rmSync(probe)
  }
}

async function checkDisk(dataDir: string): Promise<Finding> {
  const what = 'disk'
  const { bavail, bsize } = await statfs(nearestExisting(dataDir))
  const freeBytes = bavail * bsize
  const detail = `${(freeBytes / GIB).toFixed(1)} GiB free for the data directory`
  if (freeBytes >= LOW_DISK_BYTES) return { state: 'fine', what, detail }
  return { state: 'warning', what, detail, repair: 'Free at least 1 GiB, or move the data directory.' }
}

function nearestExisting(path: string): string {
  return existsSync(path) ? path : nearestExisting(dirname(path))
}

function checkServer(dataDir: string): Finding {
  const what = 'server'
  try {
    const holder = dataDirHolder(dataDir)
    if (holder === undefined) return { state: 'fine', what, detail: 'none is running on this data directory' }
    return {
      state: 'fine',
      what,
      detail: `running${holder.pid === undefined ? '' : ` as process ${holder.pid}`}`,
    }
  } catch (error) {
    return {
      state: 'broken',
      what,
      detail: `whether one is running cannot be told (${reasonOf(error)})`,
      repair: 'Keep the data directory on a local disk: network file systems often cannot lock files.',
    }
  }
}

async function checkDatabase(config: Config): Promise<readonly Finding[]> {
  const location: DatabaseLocation =
    config.databaseUrl === undefined
      ? { kind: 'sqlite', dir: config.dataDir }
      : { kind: 'postgres', url: config.databaseUrl }
  const what = 'database'
  if (location.kind === 'sqlite' && !existsSync(join(location.dir, SQLITE_FILE)))
    return [{ state: 'warning', what, detail: 'SQLite, not made yet; the server makes it when it starts' }]
  try {
    await using databases = openDatabases(location)
    return [
      { state: 'fine', what, detail: await versionOf(databases.db) },
      await checkMigrations(databases),
      await checkClock(databases.db),
      ...(await checkDeliveries(databases.db)),
    ]
  } catch (error) {
    const repair =
      location.kind === 'sqlite'
        ? `Restore a backup of ${join(location.dir, SQLITE_FILE)} if the file is damaged; keep the damaged one.`
        : 'See that the server runs and that user, password and database of DATABASE_URL are right.'
    return [{ state: 'broken', what, detail: `it does not answer (${reasonOf(error)})`, repair }]
  }
}

async function versionOf(db: Db): Promise<string> {
  const isSqlite = databaseKind(db) === 'sqlite'
  const query = isSqlite
    ? sql<{ version: string }>`select sqlite_version() as version`
    : sql<{ version: string }>`select current_setting('server_version') as version`
  const { rows } = await query.execute(db)
  return `${isSqlite ? 'SQLite' : 'PostgreSQL'} ${rows[0]?.version ?? ''}`
}

async function checkMigrations({ db, clickDb }: Databases): Promise<Finding> {
  const what = 'migrations'
  const sets = [
    { handle: db, set: MAIN_MIGRATIONS },
    { handle: clickDb, set: CLICK_MIGRATIONS },
  ]
  const unknown = (await Promise.all(sets.map(({ handle, set }) => unknownMigrations(handle, set)))).flat()
  if (unknown.length > 0)
    return {
      state: 'broken',
      what,
      detail: `the database was written by a newer release (it has had ${unknown.join(', ')})`,
      repair: 'Start that release, or restore a backup made before the upgrade.',
    }
  const pending = (await Promise.all(sets.map(({ handle, set }) => pendingMigrations(handle, set)))).flat()
  if (pending.length > 0)
    return {
      state: 'warning',
      what,
      detail: `${pending.join(', ')} still to be run; the server runs them when it starts`,
      repair: 'Make a backup, then restart the server.',
    }
  return { state: 'fine', what, detail: 'up to date' }
}

/** The clock against the database server's, and against the newest account, which cannot be from the future. */
async function checkClock(db: Db): Promise<Finding> {
  const what = 'clock'
  const offsets = [await serverClockOffsetMs(db), await futureOfNewestMs(db)]
  const offsetMs = Math.max(...offsets.map(Math.abs))
  if (offsetMs <= MAX_CLOCK_WARNING_MS) return { state: 'fine', what, detail: new Date().toISOString() }
  return {
    state: offsetMs > MAX_CLOCK_BROKEN_MS ? 'broken' : 'warning',
    what,
    detail: `${new Date().toISOString()} is ${Math.round(offsetMs / 1000)} s off what the database says`,
    repair: 'Let both machines keep time by NTP; analytics, expiry and sessions go by this clock.',
  }
}

/** How far this clock is ahead of the database server's; SQLite has none of its own. */
async function serverClockOffsetMs(db: Db): Promise<number> {
  if (databaseKind(db) === 'sqlite') return 0
  const askedAt = Date.now()
  const { rows } = await sql<{ now: Date }>`select clock_timestamp() as now`.execute(db)
  const between = (askedAt + Date.now()) / 2
  return between - (rows[0]?.now.getTime() ?? between)
}

/** How far the newest account is in the future, 0 when it is not or there is none. */
async function futureOfNewestMs(db: Db): Promise<number> {
  const tables = await db.introspection.getTables()
  if (!tables.some((table) => table.name === 'user_account')) return 0
  const newest = await db
    .selectFrom('user_account')
    .select('created_at_ms')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  return Math.max(0, (newest?.created_at_ms ?? 0) - Date.now())
}

function checkMail({ smtpUrl, baseUrl, mailFrom }: Config): Finding {
  const what = 'mail'
  if (smtpUrl !== undefined)
    return { state: 'fine', what, detail: `from ${mailFrom} by ${new URL(smtpUrl).host}` }
  if (isLocal(baseUrl)) return { state: 'fine', what, detail: 'no mail server; mails are written to the log' }
  return {
    state: 'warning',
    what,
    detail: 'no mail server; mails wait in the queue for a day and then fail',
    repair: 'Set SMTP_URL, and ONEHOP_MAIL_FROM to an address that the mail server accepts.',
  }
}

/** What waits to be delivered, and for how long it should have been. */
async function checkDeliveries(db: Db): Promise<readonly Finding[]> {
  const tables = await db.introspection.getTables()
  if (!tables.some((table) => table.name === 'delivery')) return []
  return (await findQueueStates(db)).map(({ kind, waiting, oldestDueAt }) => {
    const what = kind === 'mail' ? 'mails' : 'webhook deliveries'
    if (oldestDueAt === undefined) return { state: 'fine', what, detail: 'none waiting' }
    const lateS = Math.max(0, Math.round((Date.now() - oldestDueAt.getTime()) / 1000))
    const detail = `${waiting} waiting, the oldest ${lateS === 0 ? 'not due yet' : `due for ${lateS} s`}`
    if (lateS <= LATE_DELIVERY_S) return { state: 'fine', what, detail }
    return {
      state: 'warning',
      what,
      detail,
      repair: 'See that the server runs, and what its log says of deliveries.',
    }
  })
}

/** The code of an error, else its first line: neither holds a password. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error'
  return (error as NodeJS.ErrnoException).code ?? error.message.split('\n', 1)[0] ?? error.name
}
