/**
 * `npm run bench:clicks`: how fast clicks are stored, what they take on disk, and how fast reports are.
 *
 * npm run bench:clicks -- [--clicks 10000000] [--links 100000] [--hot 0.2] [--days 730] [--rounds 60] [--write]
 * npm run bench:clicks -- --ingest [--clicks 500000] [--write]
 *
 * Exits with 1 when an answer is wrong or a target is missed.
 */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { migrate } from '#db/migrate.ts'
import { CLICK_MIGRATIONS } from '#db/migration-sets.ts'
import { CLICK_SQLITE_FILE, openDatabases } from '#db/open-database.ts'
import { openSqliteFile } from '#db/sqlite.ts'
import type { ClickQuery, ClickStore } from '#ports/click-store/click-store.ts'
import { openClickStore } from '#ports/click-store/open-click-store.ts'
import { describeMachine, writeSection } from './benchmarks-page.ts'
import { DirectClicks, isSameAnswer, REPORTS } from './click-answers.ts'
import { measureIngest } from './click-ingest.ts'
import { whole } from './figures.ts'
import { machineCpuSeconds } from './process-figures.ts'
import { BIG_TEAM, type ClickSet, type ClickSetOptions, clickSet, generator } from './click-set.ts'

interface Settings extends ClickSetOptions {
  readonly rounds: number
  readonly isIngest: boolean
  readonly isWriting: boolean
}

interface LoadFigures {
  readonly perSecond: number
  readonly bytesPerClick: number
  readonly bytesWrittenPerClick: number
  readonly longestAppendMs: number
  readonly longestSliceMs: number
  readonly appendMicros: number
  readonly maintainMicros: number
}

/** Links whose reports are measured together. */
interface LinkClass {
  readonly name: string
  readonly scopeOf: (random: (bound: number) => number) => ClickQuery['scope']
}

interface ClassFigures {
  readonly name: string
  /** In milliseconds, a pair for each report. */
  readonly reports: readonly { readonly p50: number; readonly p95: number }[]
}

/** As the consumer stores them. */
const BATCH = 1_000
const SLICE_MS = 50
const DAY_MS = 86_400_000
const MAX_P95_MS = 10
const MAX_TEAM_P95_MS = 300
const MIN_INGEST_PER_SECOND = 20_000

const settings = parseSettings()
process.exit(settings === undefined ? 2 : settings.isIngest ? await ingest(settings) : await main(settings))

async function main(options: Settings): Promise<number> {
  const dir = mkdtempSync(join(tmpdir(), 'onehop-bench-'))
  try {
    await makeTables(dir)
    const set = clickSet(options)
    const checked = new Map(checkedLinks(options.links).map((linkId) => [linkId, new DirectClicks()]))
    const loadFigures = await load(dir, options, set, checked)
    say(
      `stored ${whole(loadFigures.perSecond)} clicks/s, ${loadFigures.bytesPerClick.toFixed(1)} bytes/click`,
    )
    await using store = openClickStore({ kind: 'sqlite', dir })
    const wrong = await check(store, set, checked)
    for (const line of wrong) say(line)
    const answers = checked.size * REPORTS.length
    // Millions of texts in memory would make every collection of garbage, and so every report, slower than in a server.
    checked.clear()
    Bun.gc(true)
    const classes: ClassFigures[] = []
    const busy = busyCores()
    for (const linkClass of linkClasses(options, set)) {
      classes.push(await measure(store, set, linkClass, options.rounds))
      say(describe(classes.at(-1)))
    }
    const findings = {
      loadFigures,
      classes,
      wrong,
      checked: answers,
      othersCores: busy(),
    }
    const markdown = render(options, findings)
    console.log(markdown)
    if (options.isWriting) writeSection('clicks', markdown)
    return wrong.length === 0 && slowest(classes) < MAX_P95_MS ? 0 : 1
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

async function makeTables(dir: string): Promise<void> {
  await using databases = openDatabases({ kind: 'sqlite', dir })
  await migrate(databases.clickDb, CLICK_MIGRATIONS)
}

/** Store the set as the consumer does: a batch, then as much time for upkeep as the batch took. */
async function load(
  dir: string,
  { clicks }: Settings,
  set: ClickSet,
  checked: ReadonlyMap<number, DirectClicks>,
): Promise<LoadFigures> {
  await using store = openClickStore({ kind: 'sqlite', dir })
  const spool = await store.findOrCreateSpool('bench')
  const writtenBefore = writtenBytes()
  let [appendMs, maintainMs, longestAppendMs, longestSliceMs, offset] = [0, 0, 0, 0, 0]
  while (offset < clicks) {
    const count = Math.min(BATCH, clicks - offset)
    const batch = Array.from({ length: count }, () => set.next())
    for (const click of batch) checked.get(click.linkId)?.add(click)

    const startedMs = performance.now()
    const [from, to] = [
      { segment: 0, offset },
      { segment: 0, offset: offset + count },
    ]
    await store.append({ spoolId: spool.id, from, to, clicks: batch })
    const appendedMs = performance.now()
    await store.maintain(appendedMs - startedMs)
    const doneMs = performance.now()
    appendMs += appendedMs - startedMs
    maintainMs += doneMs - appendedMs
    longestAppendMs = Math.max(longestAppendMs, appendedMs - startedMs)
    longestSliceMs = Math.max(longestSliceMs, doneMs - appendedMs)
    offset += count
    if (offset % 1_000_000 === 0) say(`${whole(offset)} clicks`)
  }
  for (let isMore = true; isMore;) {
    const startedMs = performance.now()
    isMore = await store.maintain(SLICE_MS)
    longestSliceMs = Math.max(longestSliceMs, performance.now() - startedMs)
    maintainMs += performance.now() - startedMs
  }
  return {
    perSecond: (clicks * 1000) / (appendMs + maintainMs),
    bytesPerClick: storedBytes(dir) / clicks,
    bytesWrittenPerClick: (writtenBytes() - writtenBefore) / clicks,
    longestAppendMs,
    longestSliceMs,
    appendMicros: (appendMs * 1000) / clicks,
    maintainMicros: (maintainMs * 1000) / clicks,
  }
}

/** What the store takes on disk, its log brought home and the room it may use again included. */
function storedBytes(dir: string): number {
  const path = join(dir, CLICK_SQLITE_FILE)
  const db = openSqliteFile(path)
  db.exec('pragma wal_checkpoint(truncate)')
  db.close()
  return statSync(path).size
}

/** Bytes this process has had written to disks. */
function writtenBytes(): number {
  return Number(/^wchar: (\d+)$/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1] ?? 0)
}

function checkedLinks(links: number): number[] {
  return [1, 2, 3, 5, 11, 100, 1_000, 1_001, 5_000, 30_000, 60_000, 99_999].filter(
    (linkId) => linkId <= links,
  )
}

/** @returns a line for each answer that is wrong */
async function check(
  store: ClickStore,
  set: ClickSet,
  checked: ReadonlyMap<number, DirectClicks>,
): Promise<string[]> {
  const random = generator(99)
  const wrong: string[] = []
  for (const [linkId, clicks] of checked) {
    for (const report of REPORTS) {
      const endMs = set.endMs - random(40 * DAY_MS)
      const answer = await report.ask(store, { linkId, teamId: set.teamOf(linkId) }, endMs)
      const counted = report.count(clicks, endMs)
      if (!isSameAnswer(report, answer, counted))
        wrong.push(
          `WRONG: ${report.name} of link ${linkId} before ${endMs}: ${JSON.stringify(answer)}, counted ${JSON.stringify(counted)}`,
        )
    }
  }
  return wrong
}

function linkClasses({ links }: Settings, set: ClickSet): readonly LinkClass[] {
  const link = (linkId: number) => ({ linkId, teamId: set.teamOf(linkId) })
  return [
    { name: 'hot', scopeOf: () => link(1) },
    { name: 'head10', scopeOf: (random) => link(2 + random(10)) },
    { name: 'mid', scopeOf: (random) => link(Math.min(links, 950 + random(100))) },
    { name: 'tail', scopeOf: (random) => link(Math.floor(links / 2) + random(Math.floor(links / 2))) },
    { name: 'team', scopeOf: () => ({ teamId: BIG_TEAM }) },
  ]
}

async function measure(
  store: ClickStore,
  set: ClickSet,
  { name, scopeOf }: LinkClass,
  rounds: number,
): Promise<ClassFigures> {
  const random = generator(7)
  const figures = []
  for (const report of REPORTS) {
    const times: number[] = []
    for (let round = -3; round < (name === 'team' ? Math.ceil(rounds / 4) : rounds); round++) {
      const [scope, endMs] = [scopeOf(random), set.endMs - random(30 * DAY_MS)]
      const startedMs = performance.now()
      await report.ask(store, scope, endMs)
      if (round >= 0) times.push(performance.now() - startedMs)
    }
    times.sort((a, b) => a - b)
    figures.push({
      p50: times[Math.floor(times.length / 2)] ?? 0,
      p95: times[Math.ceil(times.length * 0.95) - 1] ?? 0,
    })
  }
  return { name, reports: figures }
}

function describe(figures: ClassFigures | undefined): string {
  const cells = figures?.reports.map(
    ({ p50, p95 }, index) => `${REPORTS[index]?.name} ${p50.toFixed(2)}/${p95.toFixed(2)}`,
  )
  return `${figures?.name ?? ''}: ${(cells ?? []).join(', ')}`
}

/** A function that tells how many cores other processes have used since. */
function busyCores(): () => number {
  const [startedMs, machine, own] = [performance.now(), machineCpuSeconds(), process.cpuUsage()]
  return () => {
    const { user, system } = process.cpuUsage(own)
    const others = machineCpuSeconds() - machine - (user + system) / 1e6
    return Math.max(0, (others * 1000) / (performance.now() - startedMs))
  }
}

/** The slowest p95 of any report of one link. */
function slowest(classes: readonly ClassFigures[]): number {
  return Math.max(
    ...classes.filter(({ name }) => name !== 'team').flatMap(({ reports }) => reports.map(({ p95 }) => p95)),
  )
}

interface Findings {
  readonly loadFigures: LoadFigures
  readonly classes: readonly ClassFigures[]
  readonly wrong: readonly string[]
  readonly checked: number
  /** Cores that somebody else kept busy while reports were measured. */
  readonly othersCores: number
}

function render(options: Settings, findings: Findings): string {
  const { loadFigures, classes, wrong, checked, othersCores } = findings
  const { clicks, links, hot, days, rounds } = options
  const team = classes.find(({ name }) => name === 'team')
  const teamP95 = Math.max(...(team?.reports.map(({ p95 }) => p95) ?? []))
  const linkP95 = slowest(classes)
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [
    '## Click reports',
    '',
    describeMachine(),
    `Command: \`npm run bench:clicks -- --clicks ${clicks} --links ${links} --hot ${hot} --days ${days}\`.`,
    '',
    `${whole(clicks)} generated clicks over ${days} days on ${whole(links)} links, 14 dimensions each, stored on SQLite through \`append\` in batches of ${whole(BATCH)} with as much time for \`maintain\`. *hot* is one link with ${hot * 100} % of all clicks, *head10* the next ten, *mid* about the thousandth by popularity, *tail* the less popular half; *team* is all clicks of a team with a quarter of the other links. Reports end at a random instant of the last 30 days. p50/p95 of ${rounds} each in ms, with nothing being stored; other processes used ${othersCores.toFixed(2)} cores meanwhile.`,
    '',
    line(['report', ...classes.map(({ name }) => name)]),
    line(['---', ...classes.map(() => '---:')]),
    ...REPORTS.map(({ name }, index) =>
      line([
        name,
        ...classes.map(({ reports }) => {
          const { p50 = 0, p95 = 0 } = reports[index] ?? {}
          return `${p50.toFixed(2)} / ${p95.toFixed(2)}`
        }),
      ]),
    ),
    '',
    `Stored: ${whole(loadFigures.perSecond)} clicks/s on one thread (${loadFigures.appendMicros.toFixed(1)} µs a click to append, ${loadFigures.maintainMicros.toFixed(1)} µs of upkeep); ${loadFigures.bytesPerClick.toFixed(1)} bytes a click on disk, ${whole(loadFigures.bytesWrittenPerClick)} written; longest batch ${loadFigures.longestAppendMs.toFixed(0)} ms, longest slice of upkeep ${loadFigures.longestSliceMs.toFixed(0)} ms. ${whole(checked)} answers were compared with a direct count; ${wrong.length} differed.`,
    '',
    verdict(
      linkP95 < MAX_P95_MS,
      `every report of one link p95 ${linkP95.toFixed(2)} ms or less (below ${MAX_P95_MS})`,
    ),
    verdict(
      teamP95 < MAX_TEAM_P95_MS,
      `every report of a big team p95 ${teamP95.toFixed(0)} ms or less (below ${MAX_TEAM_P95_MS})`,
    ),
    verdict(wrong.length === 0, `every answer that was checked is right`),
  ].join('\n')
}

async function ingest({ clicks, isWriting }: Settings): Promise<number> {
  const dir = mkdtempSync(join(tmpdir(), 'onehop-bench-'))
  try {
    const figures = await measureIngest(dir, clicks)
    const isMet = figures.clicksPerSecond >= MIN_INGEST_PER_SECOND
    const markdown = [
      '## Storing clicks while redirects go on',
      '',
      describeMachine(),
      `Command: \`npm run bench:clicks -- --ingest --clicks ${clicks}\`.`,
      '',
      `A server that starts with ${whole(clicks)} clicks in its spool; the consumer's thread has core 1, everything else of the server shares core 0 with wrk. The ${whole(figures.stored)} clicks that were stored while wrk ran took ${figures.seconds.toFixed(1)} s: ${whole(figures.clicksPerSecond)} clicks/s, ${figures.consumerMicrosPerClick.toFixed(1)} µs of the consumer's thread each, while ${whole(figures.redirectsPerSecond)} redirects/s were answered (p99 ${figures.p99Ms.toFixed(1)} ms).`,
      '',
      verdict(
        isMet,
        `${whole(figures.clicksPerSecond)} clicks/s stored on one core (at least ${whole(MIN_INGEST_PER_SECOND)})`,
      ),
    ].join('\n')
    console.log(markdown)
    if (isWriting) writeSection('clicks-ingest', markdown)
    return isMet ? 0 : 1
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

function verdict(isMet: boolean, text: string): string {
  return `- **${isMet ? 'PASS' : 'SHORT'}** ${text}`
}

function parseSettings(): Settings | undefined {
  const { values } = parseArgs({
    options: {
      clicks: { type: 'string' },
      links: { type: 'string', default: '100000' },
      hot: { type: 'string', default: '0.2' },
      days: { type: 'string', default: '730' },
      rounds: { type: 'string', default: '60' },
      ingest: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
    },
  })
  const counts = {
    clicks: Number(values.clicks ?? (values.ingest ? '500000' : '10000000')),
    links: Number(values.links),
    days: Number(values.days),
    rounds: Number(values.rounds),
  }
  const hot = Number(values.hot)
  const isSound =
    Object.values(counts).every((count) => Number.isSafeInteger(count) && count >= 1) && hot >= 0 && hot < 1
  if (!isSound || counts.links < 2) {
    console.error('--clicks, --links (2 or more), --days and --rounds are whole numbers, --hot is below 1')
    return undefined
  }
  return { ...counts, hot, isIngest: values.ingest, isWriting: values.write }
}

function say(text: string): void {
  console.error(text)
}
