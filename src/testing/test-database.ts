import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { migrate } from '#db/migrate.ts'
import { CLICK_MIGRATIONS, MAIN_MIGRATIONS } from '#db/migration-sets.ts'
import {
  CLICK_SQLITE_FILE,
  type DatabaseLocation,
  type Databases,
  openDatabases,
  SQLITE_FILE,
} from '#db/open-database.ts'

/** The databases the tests run on, each a lane of its own. */
export const TEST_LANES = ['sqlite', 'pglite', 'postgres'] as const

/** One of {@link TEST_LANES}. */
export type TestLane = (typeof TEST_LANES)[number]

/** The lane of this process, from the environment variable of the same name; `sqlite` without one. */
export const TEST_DB: TestLane = laneNamed(process.env['TEST_DB'])

/** Databases of one test, gone when they are disposed. */
export interface TestDatabases extends AsyncDisposable {
  readonly databases: Databases
  /** Where a second thread or process can open them; undefined on PGlite, which lives in this thread alone. */
  readonly location: DatabaseLocation | undefined
  /** A data directory of the test's own. */
  readonly dir: string
}

/** A database that serves one test after another. */
export interface ReusableDatabase {
  readonly location: DatabaseLocation | undefined
  /** Open it for a test. */
  open(): Databases
  /** Remove the rows of the last test and begin ids at 1 again. */
  empty(): Promise<void>
  /** Remove every table. */
  clear(): Promise<void>
}

/** What a test needs its databases to be. */
export interface TestDatabaseOptions {
  /** False for databases without tables; a test that changes the schema asks for those. */
  readonly migrated?: boolean
  /** True for databases with a location: on the PGlite lane SQLite files take the place of the server. */
  readonly located?: boolean
}

/** Fresh databases on this process's lane, with every migration run. */
export async function testDatabases(options: TestDatabaseOptions = {}): Promise<TestDatabases> {
  const { migrated = true, located = false } = options
  const dir = await mkdtemp(join(tmpdir(), 'onehop-test-'))
  const isFiles = TEST_DB === 'sqlite' || (TEST_DB === 'pglite' && located)
  return isFiles ? filesIn(dir, migrated) : onServer(dir, migrated)
}

async function filesIn(dir: string, migrated: boolean): Promise<TestDatabases> {
  if (migrated) {
    const files = await (migratedFiles ??= migrateFiles())
    await Promise.all(files.map((file) => writeFile(join(dir, file.name), file.bytes)))
  }
  const location = { kind: 'sqlite', dir } as const
  const databases = openDatabases(location)
  return {
    databases,
    location,
    dir,
    async [Symbol.asyncDispose]() {
      await databases[Symbol.asyncDispose]()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

interface FileImage {
  readonly name: string
  readonly bytes: Uint8Array
}

/** The files every test begins with, made once per process: migrating takes ten times as long as writing them. */
let migratedFiles: Promise<readonly FileImage[]> | undefined

async function migrateFiles(): Promise<readonly FileImage[]> {
  const dir = await mkdtemp(join(tmpdir(), 'onehop-test-'))
  try {
    const databases = openDatabases({ kind: 'sqlite', dir })
    await migrateAll(databases)
    await databases[Symbol.asyncDispose]()
    return await Promise.all(
      [SQLITE_FILE, CLICK_SQLITE_FILE].map(async (name) => ({
        name,
        bytes: await readFile(join(dir, name)),
      })),
    )
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

/** Databases that no test is using, emptied and ready, and those without tables. */
const idle: Record<'migrated' | 'cleared', ReusableDatabase[]> = { migrated: [], cleared: [] }

async function onServer(dir: string, migrated: boolean): Promise<TestDatabases> {
  const reusable = migrated ? await takeMigrated() : await takeCleared()
  const databases = reusable.open()
  return {
    databases,
    location: reusable.location,
    dir,
    async [Symbol.asyncDispose]() {
      await databases[Symbol.asyncDispose]()
      await rm(dir, { recursive: true, force: true })
      await (migrated ? reusable.empty() : reusable.clear())
      idle[migrated ? 'migrated' : 'cleared'].push(reusable)
    },
  }
}

async function takeMigrated(): Promise<ReusableDatabase> {
  const ready = idle.migrated.pop()
  if (ready !== undefined) return ready
  const reusable = idle.cleared.pop() ?? (await createReusable())
  await using databases = reusable.open()
  await migrateAll(databases)
  return reusable
}

async function takeCleared(): Promise<ReusableDatabase> {
  const ready = idle.cleared.pop()
  if (ready !== undefined) return ready
  const migrated = idle.migrated.pop()
  if (migrated === undefined) return createReusable()
  await migrated.clear()
  return migrated
}

/** Only the lane in use is loaded: PGlite alone is 20 MB of WebAssembly. */
async function createReusable(): Promise<ReusableDatabase> {
  return TEST_DB === 'pglite'
    ? (await import('./pglite-database.ts')).createPgliteDatabase()
    : (await import('./postgres-database.ts')).createPostgresDatabase()
}

async function migrateAll(databases: Databases): Promise<void> {
  await migrate(databases.db, MAIN_MIGRATIONS)
  await migrate(databases.clickDb, CLICK_MIGRATIONS)
}

function laneNamed(name = 'sqlite'): TestLane {
  const lane = TEST_LANES.find((known) => known === name)
  if (lane === undefined) throw new Error(`TEST_DB=${name} is not one of ${TEST_LANES.join(', ')}`)
  return lane
}
