import { Database } from 'bun:sqlite'
import { expect, test } from 'bun:test'
import { copyFileSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { sql } from 'kysely'
import type { SpoolPosition } from '#core/clicks/spool-segments.ts'
import { CLICK_SQLITE_FILE } from '#db/open-database.ts'
import { clickStoreOver, openClickStore } from '#ports/click-store/open-click-store.ts'
import { type ClickSpool, openClickSpool } from '#redirect/click-spool.ts'
import { aClick, buildSegment, someClicks, writeSegment } from '#testing/clicks.ts'
import { diesAtFirst } from '#testing/dies-at-first.ts'
import { canMountDisks, smallDisk } from '#testing/small-disk.ts'
import { TEST_DB, testDatabases } from '#testing/test-database.ts'
import { until } from '#testing/until.ts'
import { type ClickConsumer, type ClickConsumerOptions, startClickConsumer } from './click-consumer.ts'

const SMALL = 64 * 1024
const WORKER = pathToFileURL(join(import.meta.dir, 'click-consumer-worker.ts')).href
/** PGlite lives in one thread; a consumer in another cannot open it. */
const needsSecondThread = test.skipIf(TEST_DB === 'pglite')

needsSecondThread(
  'clicks reach the database while they come in, and the lag says how far they are',
  async () => {
    await using fixture = await aConsumer()

    for (let round = 1; round <= 5; round++) {
      appendMany(fixture.spool, 200)
      await until(() => fixture.consumer.lag().consumed === round * 200)
    }

    expect(await fixture.total()).toBe(1_000)
    expect(fixture.consumer.lag()).toEqual({
      consumed: 1_000,
      bytesBehind: 0,
      lastError: undefined,
      damaged: 0,
      restarts: 0,
    })
  },
)

needsSecondThread(
  'stopping drains what is in the spool, and leaves no file that holds an address',
  async () => {
    await using fixture = await aConsumer()
    appendMany(fixture.spool, 20_000)
    await fixture.spool[Symbol.asyncDispose]()

    expect(await fixture.consumer.stop({ drainMs: 10_000 })).toEqual({ isDrained: true })

    expect(await fixture.total()).toBe(20_000)
    for (const file of readdirSync(fixture.spoolDir))
      expect(readFileSync(join(fixture.spoolDir, file)).includes(aClick().ip)).toBe(false)
  },
)

needsSecondThread(
  'a stop whose time is up leaves the rest for the next start, which loses and repeats nothing',
  async () => {
    await using fixture = await aConsumer({ batchSize: 100 })
    appendMany(fixture.spool, 30_000)

    const first = await fixture.consumer.stop({ drainMs: 1 })
    const written = await fixture.total()
    const next = fixture.start()
    const second = await next.stop({ drainMs: 10_000 })

    expect(first.isDrained).toBe(false)
    expect(written).toBeLessThan(30_000)
    expect(second.isDrained).toBe(true)
    expect(await fixture.total()).toBe(30_000)
  },
)

needsSecondThread(
  'a database that refuses is told once, and everything is written when it no longer does',
  async () => {
    await using fixture = await aConsumer({ isBroken: true })
    appendMany(fixture.spool, 100)
    await until(() => fixture.consumer.lag().lastError !== undefined)
    await Bun.sleep(300)

    await fixture.repair()
    await until(() => fixture.consumer.lag().consumed === 100)

    expect(fixture.troubles).toEqual([expect.stringContaining('spool'), undefined])
    expect(await fixture.total()).toBe(100)
  },
)

test.skipIf(TEST_DB !== 'sqlite')('a locked database is waited for', async () => {
  await using fixture = await aConsumer()
  const other = new Database(join(fixture.dir, CLICK_SQLITE_FILE))
  other.exec('begin immediate')

  appendMany(fixture.spool, 100)
  await Bun.sleep(300)
  const whileLocked = fixture.consumer.lag().consumed
  other.exec('rollback')
  other.close()
  await until(() => fixture.consumer.lag().consumed === 100)

  expect(whileLocked).toBe(0)
})

test.skipIf(TEST_DB !== 'sqlite' || !canMountDisks)(
  'a database whose disk is full is waited for',
  async () => {
    using disk = smallDisk('2m')
    await using fixture = await aConsumer({ startsLater: true })
    for (const file of readdirSync(fixture.dir).filter((name) => name.startsWith(CLICK_SQLITE_FILE)))
      copyFileSync(join(fixture.dir, file), join(disk.dir, file))
    const location = { kind: 'sqlite', dir: disk.dir } as const
    await using store = openClickStore(location)
    disk.fill()

    const consumer = fixture.start({ location })
    appendMany(fixture.spool, 1_000)
    await until(() => consumer.lag().lastError !== undefined)
    disk.free()
    await until(() => consumer.lag().consumed === 1_000)

    expect((await store.totals([1])).get(1)?.clicks).toBe(1_000)
    expect(consumer.lag()).toMatchObject({ lastError: undefined, restarts: 0 })
    await consumer.stop({ drainMs: 0 })
  },
)

test.skipIf(TEST_DB !== 'sqlite')('the thread does the upkeep of the store between batches', async () => {
  await using fixture = await aConsumer()
  const file = new Database(join(fixture.dir, CLICK_SQLITE_FILE))
  const runs = () =>
    file.query<{ runs: number }, []>(`select count(*) as runs from click_run where state = 'live'`).get()
      ?.runs
  appendMany(fixture.spool, 20_000)

  await until(() => fixture.consumer.lag().consumed === 20_000 && runs() === 1)
  file.close()

  expect(await fixture.total()).toBe(20_000)
})

needsSecondThread('a thread that dies is told and replaced, and the next one goes on', async () => {
  await using fixture = await aConsumer({ program: (dir) => diesAtFirst(dir, WORKER) })
  appendMany(fixture.spool, 100)

  await until(() => fixture.consumer.lag().consumed === 100)

  expect(fixture.consumer.lag()).toMatchObject({ restarts: 1, lastError: undefined })
  expect(fixture.troubles).toEqual([expect.stringContaining('died'), undefined])
})

needsSecondThread('a segment that cannot be read is told', async () => {
  await using fixture = await aConsumer({ startsLater: true })
  const torn = buildSegment(someClicks(3))
  torn.bytes.fill(0x11, 40, 60)
  await fixture.spool[Symbol.asyncDispose]()
  writeSegment(fixture.spoolDir, 3, torn)
  writeSegment(fixture.spoolDir, 4, buildSegment(someClicks(1)))

  const consumer = fixture.start()
  await until(() => consumer.lag().damaged === 1)

  expect(fixture.damages).toEqual([{ segment: 3, offset: 0 }])
  expect(await consumer.stop({ drainMs: 1_000 })).toEqual({ isDrained: true })
  expect(await fixture.total()).toBe(1)
})

needsSecondThread('a consumer that never came to work stops in time', async () => {
  await using fixture = await aConsumer({ isBroken: true })
  appendMany(fixture.spool, 10)
  await until(() => fixture.consumer.lag().lastError !== undefined)

  const began = performance.now()
  const { isDrained } = await fixture.consumer.stop({ drainMs: 200 })

  expect(isDrained).toBe(false)
  expect(performance.now() - began).toBeLessThan(2_000)
})

test.skipIf(TEST_DB === 'pglite' || process.platform !== 'linux')(
  'the thread works below the serving thread',
  async () => {
    await using fixture = await aConsumer()
    await until(() => nicenesses().includes(19))

    expect(nicenesses()[0]).toBeLessThan(19)
    await fixture.consumer.stop({ drainMs: 1_000 })
  },
)

interface FixtureOptions extends Partial<Omit<ClickConsumerOptions, 'program'>> {
  /** The database has no table of spools until it is repaired. */
  readonly isBroken?: boolean
  readonly startsLater?: boolean
  /** Writes the thread's program to a directory. */
  readonly program?: (dir: string) => URL
}

interface Fixture extends AsyncDisposable {
  readonly dir: string
  readonly spoolDir: string
  readonly spool: ClickSpool
  readonly consumer: ClickConsumer
  readonly troubles: (string | undefined)[]
  readonly damages: SpoolPosition[]
  start(changes?: Partial<ClickConsumerOptions>): ClickConsumer
  repair(): Promise<void>
  /** The clicks on link 1. */
  total(): Promise<number>
}

async function aConsumer(options: FixtureOptions = {}): Promise<Fixture> {
  const { isBroken = false, startsLater = false, program, ...settings } = options
  const test = await testDatabases()
  const { clickDb } = test.databases
  const { location } = test
  if (location === undefined) throw new Error('this lane has no second thread')
  const store = clickStoreOver(location, clickDb)
  if (isBroken) await sql`alter table spool rename to hidden`.execute(clickDb)
  const spoolDir = join(test.dir, 'spool')
  const spool = openClickSpool({ dir: spoolDir, segmentBytes: SMALL })
  const troubles: (string | undefined)[] = []
  const damages: SpoolPosition[] = []
  const started: ClickConsumer[] = []
  const start = (changes: Partial<ClickConsumerOptions> = {}) => {
    const consumer = startClickConsumer({
      location,
      spoolDir,
      dataDir: test.dir,
      pollMs: 5,
      spoolStats: () => spool.stats(),
      onTrouble: (message) => troubles.push(message),
      onDamage: (position) => damages.push(position),
      ...settings,
      ...(program && { program: program(test.dir) }),
      ...changes,
    })
    started.push(consumer)
    return consumer
  }
  const consumer = startsLater ? undefined : start()
  const repair = () => sql`alter table hidden rename to spool`.execute(clickDb).then(() => {})
  let needsRepair = isBroken
  return {
    dir: test.dir,
    spoolDir,
    spool,
    troubles,
    damages,
    start,
    get consumer() {
      if (consumer === undefined) throw new Error('it starts later')
      return consumer
    },
    repair() {
      needsRepair = false
      return repair()
    },
    total: async () => (await store.totals([1])).get(1)?.clicks ?? 0,
    async [Symbol.asyncDispose]() {
      for (const each of started) await each.stop({ drainMs: 0 })
      await spool[Symbol.asyncDispose]()
      if (needsRepair) await repair()
      await store[Symbol.asyncDispose]()
      await test[Symbol.asyncDispose]()
    },
  }
}

/** The nice values of this process's threads, the main one first. */
function nicenesses(): number[] {
  const tasks = '/proc/self/task'
  if (!existsSync(tasks)) return []
  return readdirSync(tasks)
    .map(Number)
    .sort((a, b) => a - b)
    .flatMap((id) => {
      try {
        return Number(readFileSync(`${tasks}/${id}/stat`, 'utf8').split(') ')[1]?.split(' ')[16])
      } catch {
        // A thread of the test before this one that has just ended.
        return []
      }
    })
}

function appendMany(spool: ClickSpool, count: number): void {
  for (let done = 0; done < count; done++) spool.append(aClick())
}
