/**
 * `npm test`: every test on SQLite, those that use a database again on a PostgreSQL server, or on PGlite where none answers,
 * and those of the dashboard in Chromium.
 *
 * npm test -- [--lane sqlite|pglite|postgres|browser] [-t PATTERN] [any other option of bun test] [PART-OF-A-PATH …]
 *
 * The last line is `N passed, N failed`, followed by `, N skipped` when there are some.
 */
import pg from 'pg'
import { dropAbandonedDatabases, TEST_POSTGRES_URL } from '#testing/postgres-database.ts'
import { findChromium } from '#testing/find-chromium.ts'
import { TEST_LANES } from '#testing/test-database.ts'
import { type CommandResult, ROOT, runCommand } from './run-command.ts'

const LANES = [...TEST_LANES, 'browser'] as const
type Lane = (typeof LANES)[number]

/** The tests that drive a browser, and what is loaded before them. */
const BROWSER_TESTS = 'src/e2e/'
const BROWSER_PRELOAD = './src/e2e/close-browser-lane.ts'
/** A test uses a database when it imports one of these helpers. */
const USES_DATABASE = /from '(?:#testing|\.)\/test-(?:database|app)\.ts'/
/** A test may take longer than Bun's 5 s when both cores are busy and PGlite starts. */
const TEST_TIMEOUT_MS = 20_000
const LANE_LIMIT_MS = 15 * 60_000
/** It has the machine to itself, for the tests that measure time, and a process for each of two cores. */
const FIRST_LANE: Lane = 'sqlite'
const PROCESSES = 2
/** So many that the processes end at about the same time; a part of few files is not worth a start. */
const PARTS = 7
const MIN_FILES = 8
/** The settings of a server that happens to run from the same shell are not the tests'. */
const SERVER_VARIABLE = /^(?:ONEHOP_(?!KILL_ROUNDS$).*|DATABASE_URL(?:_FILE)?|PORT|HOST)$/

interface Arguments {
  readonly lanes: readonly Lane[]
  readonly isLaneChosen: boolean
  /** Passed to `bun test` as they are. */
  readonly options: readonly string[]
  /** Only files whose path contains one of these; all without any. */
  readonly filters: readonly string[]
}

interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

const NOTHING: Counts = { passed: 0, failed: 0, skipped: 0 }

process.exit(await main(parseArguments(process.argv.slice(2))))

async function main(args: Arguments): Promise<number> {
  const files = (await testFiles()).filter(
    (file) => args.filters.length === 0 || args.filters.some((filter) => file.path.includes(filter)),
  )
  // The others repeat a part of the first.
  const [first, ...others] = args.lanes
  const firstCounts = first === undefined ? NOTHING : await runLane(first, files, args)
  const otherCounts = await Promise.all(others.map((lane) => runLane(lane, files, args)))

  const total = otherCounts.reduce(sum, firstCounts)
  if (total.passed + total.failed === 0) console.log('No test ran: no test file matches the arguments.')
  console.log(summary(total))
  return total.failed === 0 && total.passed > 0 ? 0 : 1
}

async function runLane(lane: Lane, files: readonly TestFile[], args: Arguments): Promise<Counts> {
  const paths = files.filter((file) => isOfLane(file, lane)).map((file) => `./${file.path}`)
  if (paths.length === 0) return NOTHING
  const refusal = await refusalOf(lane, args.isLaneChosen)
  if (refusal !== undefined) {
    console.log(`${lane.padEnd(9)} left out: ${refusal}`)
    const mustRun = args.isLaneChosen || (lane === 'browser' && process.env['CI'] !== undefined)
    return mustRun ? { ...NOTHING, failed: 1 } : NOTHING
  }

  const startedMs = performance.now()
  const counts: Counts[] = []
  const waiting = partsOf(paths, lane)
  const takeTurns = async () => {
    for (let part = waiting.shift(); part !== undefined; part = waiting.shift())
      counts.push(await runPart(lane, part, args))
  }
  await Promise.all(Array.from({ length: lane === FIRST_LANE ? PROCESSES : 1 }, takeTurns))
  if (lane === 'postgres') await dropAbandonedDatabases()
  const seconds = (performance.now() - startedMs) / 1000
  const total = counts.reduce(sum, NOTHING)
  console.log(`${lane.padEnd(9)} ${summary(total)} in ${paths.length} files, ${seconds.toFixed(1)} s`)
  return total
}

/** The first lane goes through its files in several processes, each of which takes the next part when it is done. */
function partsOf(paths: readonly string[], lane: Lane): (readonly string[])[] {
  const count = lane === FIRST_LANE ? Math.max(1, Math.min(PARTS, Math.floor(paths.length / MIN_FILES))) : 1
  return Array.from({ length: count }, (_, part) => paths.filter((_, index) => index % count === part))
}

async function runPart(lane: Lane, paths: readonly string[], args: Arguments): Promise<Counts> {
  const result = await runCommand(
    [
      process.execPath,
      '--no-install',
      '--no-env-file',
      'test',
      `--timeout=${TEST_TIMEOUT_MS}`,
      ...(lane === 'browser' ? ['--preload', BROWSER_PRELOAD] : []),
      ...args.options,
      ...paths,
    ],
    { env: testEnvironment(lane), limitMs: LANE_LIMIT_MS },
  )
  const counts = countsOf(result)
  if (counts.failed > 0) console.log(result.output.replace(/^\(pass\) .*\n/gm, ''))
  return counts
}

function isOfLane({ path, usesDatabase }: TestFile, lane: Lane): boolean {
  if (path.startsWith(BROWSER_TESTS)) return lane === 'browser'
  return lane === 'sqlite' || (lane !== 'browser' && usesDatabase)
}

interface TestFile {
  /** From the project's directory. */
  readonly path: string
  readonly usesDatabase: boolean
}

async function testFiles(): Promise<readonly TestFile[]> {
  const paths = await Array.fromAsync(new Bun.Glob('{src,bench}/**/*.test.ts').scan({ cwd: ROOT }))
  return Promise.all(
    paths.toSorted().map(async (path) => ({
      path,
      usesDatabase: USES_DATABASE.test(await Bun.file(`${ROOT}/${path}`).text()),
    })),
  )
}

/** What Bun counted; an end without a failed test that is still not a success counts as one. */
function countsOf(result: CommandResult): Counts {
  if (/The pattern .* matched 0 tests|regex .* matched 0 tests/i.test(result.output)) return NOTHING
  const counted = (word: string) =>
    Number(
      result.output
        .match(new RegExp(`^ *(\\d+) ${word}s?$`, 'gm'))
        ?.at(-1)
        ?.match(/\d+/)?.[0] ?? 0,
    )
  const failed = counted('fail')
  return {
    passed: counted('pass'),
    failed: failed === 0 && result.exitCode !== 0 ? 1 : failed,
    skipped: counted('skip') + counted('todo'),
  }
}

/** Why the tests of a lane cannot be run here, or need not be; undefined when they are. */
async function refusalOf(lane: Lane, isChosen: boolean): Promise<string | undefined> {
  switch (lane) {
    case 'sqlite':
      return undefined
    case 'pglite':
      // The same statements on the same database, but that a server has many connections.
      return isChosen || (await serverRefusal()) !== undefined ? undefined : 'a PostgreSQL server answers'
    case 'postgres':
      return serverRefusal()
    case 'browser':
      return findChromium() === undefined
        ? 'there is no Chromium (apt-get install chromium); CHROMIUM_PATH names another'
        : undefined
  }
}

/** Why the PostgreSQL server cannot be used; undefined when it answers. */
async function serverRefusal(): Promise<string | undefined> {
  const client = new pg.Client({ connectionString: TEST_POSTGRES_URL, connectionTimeoutMillis: 2000 })
  try {
    await client.connect()
    await client.query('select 1')
    return undefined
  } catch (error) {
    const { host } = new URL(TEST_POSTGRES_URL)
    const reason = (error as NodeJS.ErrnoException).code ?? (error as Error).message
    return `no PostgreSQL server answers at ${host} (${reason}); TEST_POSTGRES_URL names another`
  } finally {
    await client.end().catch(() => {})
  }
}

function testEnvironment(lane: Lane): Record<string, string | undefined> {
  const kept = Object.entries(process.env).filter(([name]) => !SERVER_VARIABLE.test(name))
  return { ...Object.fromEntries(kept), TEST_DB: lane === 'browser' ? 'sqlite' : lane }
}

function parseArguments(argv: readonly string[]): Arguments {
  const options: string[] = []
  const filters: string[] = []
  let lanes: readonly Lane[] = LANES
  const rest = argv.values()
  for (const argument of rest) {
    if (argument === '--lane') lanes = [laneNamed(rest.next().value)]
    else if (argument === '-t') options.push('-t', rest.next().value ?? '')
    else if (argument.startsWith('-')) options.push(argument)
    else filters.push(argument.replace(/^\.\//, ''))
  }
  return { lanes, isLaneChosen: lanes !== LANES, options, filters }
}

function laneNamed(name: string | undefined): Lane {
  const lane = LANES.find((known) => known === name)
  if (lane !== undefined) return lane
  console.error(`--lane ${name ?? ''} is not one of ${LANES.join(', ')}`)
  return process.exit(2)
}

function sum(a: Counts, b: Counts): Counts {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped }
}

function summary(counts: Counts): string {
  const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''
  return `${counts.passed} passed, ${counts.failed} failed${skipped}`
}
