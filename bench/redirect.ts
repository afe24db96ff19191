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
import { openClickDatabase } from '#db/open-database.ts'
import { describeMachine, writeSection } from './benchmarks-page.ts'
import { benchLinks, storeLinks, writeSlugs } from './links.ts'
import { awaitCatchUp, type CatchUp, clickFigures, type LoadFigures, measureLoad } from './measure.ts'
import { memoryFigures } from './process-figures.ts'
import { type Contestant, CONTESTANTS, type Findings, renderFindings, verdicts } from './report.ts'
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

  const measured = await (async () => {
    await using onehop = await startOnehop({ dir: dataDir, core: SERVER_CORE })
    await using bare = await startBareServer(SERVER_CORE)
    await using nginx = await startNginx({ dir: nginxDir, core: SERVER_CORE }, links)
    return await pressInTurn(settings, slugFile, { Onehop: onehop, 'bare Bun.serve': bare, 'nginx map': nginx })
  })()
  return { ...settings, ...measured, ...(await storedClicks(dataDir)) }
}

async function pressInTurn(
  settings: Settings,
  slugFile: string,
  servers: Readonly<Record<Contestant, BenchServer>>,
): Promise<Pick<Findings, 'rounds' | 'memory' | 'catchUps' | 'clicks' | 'answers' | 'maxUnanswered'>> {
  const { connections, seconds } = settings
  const press = (server: BenchServer) =>
    measureLoad(server, { slugFile, connections, seconds, core: LOAD_CORE })
  const onehop = servers['Onehop']
  const rounds: Record<Contestant, LoadFigures>[] = []
  const catchUps: CatchUp[] = []
  let answers = 0
  let loads = 0

  const pressOnehop = async () => {
    const figures = await press(onehop)
    answers += figures.answers
    loads++
    // The clicks of one server's load must not be stored at the expense of the next.
    const catchUp = await awaitCatchUp(onehop.port)
    return { figures, catchUp }
  }

  say('warming up')
  while (answers < settings.links) await pressOnehop()
  await press(servers['bare Bun.serve'])
  await press(servers['nginx map'])
  for (let round = 0; round < settings.rounds; round++) {
    const results: Partial<Record<Contestant, LoadFigures>> = {}
    for (let turn = 0; turn < CONTESTANTS.length; turn++) {
      const name = CONTESTANTS[(round + turn) % CONTESTANTS.length] ?? 'Onehop'
      let figures: LoadFigures
      if (name === 'Onehop') {
        const pressed = await pressOnehop()
        ;({ figures } = pressed)
        catchUps.push(pressed.catchUp)
      } else figures = await press(servers[name])
      results[name] = figures
      const { requestsPerSecond, cpuMicrosPerRequest } = figures
      say(
        `round ${round + 1}: ${name.padEnd(14)} ${requestsPerSecond.toFixed(0).padStart(7)}/s ${cpuMicrosPerRequest.toFixed(1).padStart(5)} µs`,
      )
    }
    rounds.push(results as Record<Contestant, LoadFigures>)
  }

  const memoryOf = (name: Contestant) => memoryFigures(servers[name].pids())
  return {
    rounds,
    catchUps,
    answers,
    maxUnanswered: loads * connections,
    clicks: await clickFigures(onehop.port),
    memory: {
      Onehop: memoryOf('Onehop'),
      'bare Bun.serve': memoryOf('bare Bun.serve'),
      'nginx map': memoryOf('nginx map'),
    },
  }
}

async function storedClicks(dataDir: string): Promise<Pick<Findings, 'rows' | 'totals'>> {
  await using clickDb = openClickDatabase({ kind: 'sqlite', dir: dataDir })
  const { rows } = await clickDb
    .selectFrom('click')
    .select((eb) => eb.fn.countAll<number>().as('rows'))
    .executeTakeFirstOrThrow()
  const { totals } = await clickDb
    .selectFrom('click_total')
    .select((eb) => eb.fn.sum<number>('clicks').as('totals'))
    .executeTakeFirstOrThrow()
  return { rows, totals }
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
