/**
 * `npm run bench:redirect`: redirects of the whole server against a bare server of our runtime and against nginx.
 *
 * npm run bench:redirect -- [--links 100000] [--rounds 5] [--seconds 6] [--connections 64] [--write]
 *
 * Each server has core 0 for all its threads, the load generator core 1. With `--write` the section of
 * docs/benchmarks.md is replaced. Exit code 0 when every target is met, 1 when one is not, 2 when it cannot be run.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { compileNetworkData } from '#core/network/compile-network-data.ts'
import { openClickDatabase } from '#db/open-database.ts'
import { describeMachine, writeSection } from './benchmarks-page.ts'
import { benchLinks, storeLinks, writeSlugs } from './links.ts'
import { awaitCatchUp, type CatchUp, clickFigures, type LoadFigures, measureLoad } from './measure.ts'
import { memoryFigures } from './process-figures.ts'
import { quietRounds } from './quiet-rounds.ts'
import {
  type Contestant,
  CONTESTANTS,
  type Findings,
  renderFindings,
  type Round,
  verdicts,
} from './report.ts'
import { type BenchServer, startBareServer, startNginx, startOnehop } from './servers.ts'

interface Settings {
  readonly links: number
  readonly rounds: number
  readonly seconds: number
  readonly connections: number
  readonly isWriting: boolean
}

const SERVER_CORE = 0
const LOAD_CORE = 1
/**
 * A round is quiet when no more than this was used beside server and load during any of its loads. At a hundred thousand
 * requests a second the system's own work for them, which it books to nobody, is up to a fifth of a core.
 */
const QUIET_CORES = 0.25

process.exit(await main())

async function main(): Promise<number> {
  const settings = parseSettings()
  const problem = settings === undefined ? 'the flags take whole numbers from 1' : missingTool()
  if (settings === undefined || problem !== undefined) {
    console.error(`bench:redirect cannot run: ${problem}`)
    return 2
  }
  const dir = mkdtempSync(join(tmpdir(), 'onehop-bench-'))
  try {
    const findings = await run(settings, dir)
    const markdown = `${introduction(settings)}\n\n${renderFindings(findings)}`
    console.log(`\n${markdown}`)
    if (settings.isWriting) writeSection('redirect', `## Redirects\n\n${markdown}`)
    return verdicts(findings).every((verdict) => verdict.isMet) ? 0 : 1
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

async function run(settings: Settings, dir: string): Promise<Findings> {
  const dataDir = join(dir, 'data')
  const nginxDir = join(dir, 'nginx')
  const slugFile = join(dir, 'slugs')
  mkdirSync(nginxDir)
  const links = benchLinks(settings.links)
  writeSlugs(slugFile, links)
  say(`storing ${links.length} links`)
  await storeLinks(dataDir, links)
  // As on a machine that has been running for a while: everything a lookup asks is there.
  await compileNetworkData(dataDir, { now: new Date() })

  const measured = await (async () => {
    await using onehop = await startOnehop({ dir: dataDir, core: SERVER_CORE })
    await using bare = await startBareServer(SERVER_CORE)
    await using nginx = await startNginx({ dir: nginxDir, core: SERVER_CORE }, links)
    return await pressInTurn(settings, slugFile, {
      Onehop: onehop,
      'bare Bun.serve': bare,
      'nginx map': nginx,
    })
  })()
  return { ...settings, ...measured, ...(await storedClicks(dataDir)) }
}

type Servers = Readonly<Record<Contestant, BenchServer>>
type Pressed = Pick<Findings, 'rounds' | 'repeated' | 'memory' | 'clicks' | 'answers' | 'maxUnanswered'>

/** Measure rounds until enough of them were quiet, and keep the quietest. */
async function pressInTurn(settings: Settings, slugFile: string, servers: Servers): Promise<Pressed> {
  const { connections, seconds } = settings
  let answers = 0
  let loads = 0

  async function press(name: Contestant): Promise<LoadFigures> {
    const skip = answers % settings.links
    const load = { slugFile, skip, connections, seconds, core: LOAD_CORE }
    const figures = await measureLoad(servers[name], load)
    if (name !== 'Onehop') return figures
    answers += figures.answers
    loads++
    return figures
  }

  async function pressAll(turn: number): Promise<Round> {
    const loadsOf: Partial<Record<Contestant, LoadFigures>> = {}
    let catchUp: CatchUp = { clicks: 0, seconds: 0 }
    for (const index of CONTESTANTS.keys()) {
      const name = CONTESTANTS[(turn + index) % CONTESTANTS.length] ?? 'Onehop'
      const figures = await press(name)
      loadsOf[name] = figures
      // The clicks of this load must not be stored at the expense of the next server's.
      if (name === 'Onehop') catchUp = await awaitCatchUp(servers['Onehop'].port)
      say(describeLoad(name, figures))
    }
    return { loads: loadsOf as Record<Contestant, LoadFigures>, catchUp }
  }

  say('warming up')
  while (answers < settings.links) await press('Onehop')
  await pressAll(0)
  const quiet = await quietRounds({
    rounds: settings.rounds,
    measure(turn) {
      say(`round ${turn + 1}`)
      return pressAll(turn)
    },
    disturbance,
    quietCores: QUIET_CORES,
  })
  const memoryOf = (name: Contestant) => memoryFigures(servers[name].pids())
  return {
    ...quiet,
    answers,
    maxUnanswered: loads * connections,
    clicks: await clickFigures(servers['Onehop'].port),
    memory: {
      Onehop: memoryOf('Onehop'),
      'bare Bun.serve': memoryOf('bare Bun.serve'),
      'nginx map': memoryOf('nginx map'),
    },
  }
}

/** How many cores somebody else used, in the worst of a round's loads. */
function disturbance({ loads }: Round): number {
  return Math.max(...CONTESTANTS.map((name) => loads[name].othersCores))
}

function describeLoad(name: Contestant, figures: LoadFigures): string {
  const { requestsPerSecond, cpuMicrosPerRequest, othersCores } = figures
  return [
    `  ${name.padEnd(14)}`,
    `${requestsPerSecond.toFixed(0).padStart(7)}/s`,
    `${cpuMicrosPerRequest.toFixed(1).padStart(5)} µs`,
    `others ${othersCores.toFixed(2)}`,
  ].join('  ')
}

/** The clicks of a data directory, counted by link and by month; a transaction that stores some adds to both. */
async function storedClicks(dataDir: string): Promise<Pick<Findings, 'clicksByLink' | 'clicksByMonth'>> {
  await using clickDb = openClickDatabase({ kind: 'sqlite', dir: dataDir })
  const byLink = await clickDb
    .selectFrom('click_total')
    .select((eb) => eb.fn.sum<number>('clicks').as('clicks'))
    .executeTakeFirstOrThrow()
  const byMonth = await clickDb
    .selectFrom('click_usage')
    .select((eb) => eb.fn.sum<number>('clicks').as('clicks'))
    .executeTakeFirstOrThrow()
  return { clicksByLink: byLink.clicks, clicksByMonth: byMonth.clicks }
}

function introduction({ links, rounds, seconds, connections }: Settings): string {
  return [
    describeMachine(),
    `Command: \`npm run bench:redirect -- --links ${links} --rounds ${rounds} --seconds ${seconds} --connections ${connections}\`.`,
    '',
    '*Onehop* is the whole server as `npm start` runs it, on SQLite, every click kept and stored. *Bare Bun.serve* answers one constant `302` and does nothing else. *nginx map* has one worker, the same links in a `map`, and writes no log. Each has core 0 for all its threads; wrk has core 1 and asks for all slugs in a shuffled order with a browser’s User-Agent, Referer and Accept-Language. After each of its loads Onehop is given the time to store the clicks it had put off, before the next server’s turn.',
  ].join('\n')
}

function missingTool(): string | undefined {
  if (process.platform !== 'linux' || availableParallelism() < 2)
    return 'it needs Linux and two cores, one for the server and one for the load'
  if (Bun.which('wrk') !== null && Bun.which('taskset') !== null && existsSync('/usr/sbin/nginx'))
    return undefined
  return 'it needs wrk, nginx and taskset; install them with: apt-get install wrk nginx-light util-linux'
}

function parseSettings(): Settings | undefined {
  const { values } = parseArgs({
    options: {
      links: { type: 'string', default: '100000' },
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '6' },
      connections: { type: 'string', default: '64' },
      write: { type: 'boolean', default: false },
    },
  })
  const numbers = {
    links: Number(values.links),
    rounds: Number(values.rounds),
    seconds: Number(values.seconds),
    connections: Number(values.connections),
  }
  if (Object.values(numbers).some((value) => !Number.isSafeInteger(value) || value < 1)) return undefined
  return { ...numbers, isWriting: values.write }
}

function say(text: string): void {
  console.error(text)
}
