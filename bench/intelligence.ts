/**
 * `npm run bench:intelligence`: lookups of addresses in local data over HTTP, with key, limit and charge, and whole lookups
 * with everybody outside answering late, or not at all.
 *
 * npm run bench:intelligence -- [--rounds 5] [--seconds 6] [--connections 64] [--rest 20] [--lookups 400] [--write]
 *
 * The server has core 0 for all its threads, the load generator core 1. Each connection rests `--rest` ms after an answer,
 * on average, as clients do; without a rest, what would be measured is how long a queue of `--connections` takes. Exit code 0
 * when every target is met, 1 when one is not, 2 when it cannot be run.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openServices } from '#cli/open-services.ts'
import { parseConfig } from '#config/parse-config.ts'
import { parseEmail, parsePassword } from '#core/accounts/account.ts'
import { issueOperatorKey } from '#core/accounts/api-keys.ts'
import { createAccount } from '#core/accounts/create-account.ts'
import { builtInZones } from '#core/intelligence/parse-dnsbl-file.ts'
import { compileNetworkData } from '#core/network/compile-network-data.ts'
import { type OutsidePorts, outsideOptions } from '#testing/outside.ts'
import { testApp } from '#testing/test-app.ts'
import { describeMachine, writeSection } from './benchmarks-page.ts'
import { countFlags } from './count-flags.ts'
import { median, whole } from './figures.ts'
import { type LoadFigures, measureLoad } from './measure.ts'
import { type QuietRounds, quietRounds } from './quiet-rounds.ts'
import { type BenchServer, startBareServer, startOnehop } from './servers.ts'

interface Settings {
  readonly rounds: number
  readonly seconds: number
  readonly connections: number
  readonly rest: number
  readonly lookups: number
}

/** How long whole lookups took, in milliseconds, and how many of the lists had answered. */
interface FullFigures {
  readonly p50: number
  readonly p95: number
  readonly worst: number
  readonly asked: number
  readonly answered: number
}

interface LiteRound {
  readonly lite: LoadFigures
  /** A server of the same runtime that does nothing, at the same pace. */
  readonly bare: LoadFigures
}

interface Findings {
  readonly lite: QuietRounds<LiteRound>
  readonly hard: LoadFigures
  readonly full: Readonly<Record<'ip' | 'domain', FullFigures>>
  /** The longest of an address and a domain with everybody silent, in milliseconds. */
  readonly silentMs: number
}

const SERVER_CORE = 0
const LOAD_CORE = 1
const TARGETS = 100_000
const OUTSIDE_MS = 20
const LOOKUPS_AT_ONCE = 4
/**
 * A round is quiet when no more than this was taken from the machine by others on the same host while lookups were
 * measured. What is taken comes in pieces of several milliseconds: a hundredth of the time is all of a p99.
 */
const QUIET_CORES = 0.01
const MAX_TRIES = 8
const MAX_LITE_P99_MS = 2
const MAX_FULL_P95_MS = 150
const MAX_SILENT_MS = 5_000

process.exit(await main())

async function main(): Promise<number> {
  const { settings, isWriting } = countFlags({
    rounds: 5,
    seconds: 6,
    connections: 64,
    rest: 20,
    lookups: 400,
  })
  if (process.platform !== 'linux' || availableParallelism() < 2 || Bun.which('wrk') === null) {
    console.error('bench:intelligence cannot run: it needs Linux, two cores, wrk and taskset')
    return 2
  }
  const dir = mkdtempSync(join(tmpdir(), 'onehop-bench-'))
  try {
    const { lite, hard } = await measureLite(settings, dir)
    const full = await withOutside(String(OUTSIDE_MS), dir, (ports) => measureFull(settings, ports, dir))
    const silentMs = await withOutside('silent', dir, (ports) => measureSilent(ports, dir))
    const findings = { lite, hard, full, silentMs }
    const markdown = render(settings, findings)
    console.log(`\n${markdown}`)
    if (isWriting) writeSection('intelligence', `## Intelligence about addresses and domains\n\n${markdown}`)
    return verdicts(findings).every(({ isMet }) => isMet) ? 0 : 1
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

async function measureLite({ rounds, seconds, connections, rest }: Settings, dir: string) {
  const dataDir = join(dir, 'data')
  const slugFile = join(dir, 'targets')
  mkdirSync(dataDir)
  say('compiling the data that npm install brings')
  await compileNetworkData(dataDir, { now: new Date() })
  const key = await makeKey(dataDir)
  // Each from a client of its own, of whom each may ask 30 times a minute.
  writeFileSync(
    slugFile,
    Array.from(
      { length: TARGETS },
      () => `ip/v1/lookup/${randomIp()}?mode=lite&key=${key}\t${randomIp()}\n`,
    ).join(''),
  )
  await using server = await startOnehop({
    dir: dataDir,
    core: SERVER_CORE,
    env: { ONEHOP_TRUST_PROXY: '1', ONEHOP_STARTER_DATA: 'on' },
  })
  await untilAnswering(`http://127.0.0.1:${server.port}/ip/v1/lookup/8.8.8.8?mode=lite&key=${key}`)
  await using bareServer = await startBareServer(SERVER_CORE)
  const press = async (restMs: number, of: BenchServer = server): Promise<LoadFigures> => {
    const figures = await measureLoad(of, { slugFile, connections, seconds, core: LOAD_CORE, restMs })
    if (figures.errors > 0) throw new Error(`${figures.errors} lookups failed`)
    say(
      `  ${figures.requestsPerSecond.toFixed(0)}/s, p50 ${figures.p50Ms} ms, p99 ${figures.p99Ms} ms, stolen ${figures.stolenCores.toFixed(3)} cores`,
    )
    return figures
  }
  say('looking up in local data')
  await press(0)
  await press(0)
  const hard = await press(0)
  const lite = await quietRounds({
    rounds,
    measure: async () => ({ lite: await press(rest), bare: await press(rest, bareServer) }),
    disturbance: (round) => round.lite.stolenCores,
    quietCores: QUIET_CORES,
    maxTries: MAX_TRIES,
  })
  return { lite, hard }
}

async function makeKey(dataDir: string): Promise<string> {
  const { config } = parseConfig({ ONEHOP_DATA_DIR: dataDir })
  await using open = await openServices(config)
  const account = { email: parseEmail('bench@example.com'), password: parsePassword('correct horse') }
  const user = await createAccount(open.services, account, { plan: 'Enterprise' })
  const key = { dialect: 'lynk', name: 'bench', abilities: ['*'] } as const
  return (await issueOperatorKey(open.services, user, key)).secret
}

/** Do something with the servers of `outside-servers.ts`. */
async function withOutside<T>(
  behaviour: string,
  dir: string,
  use: (ports: OutsidePorts) => Promise<T>,
): Promise<T> {
  const program = join(import.meta.dir, 'outside-servers.ts')
  const child = Bun.spawn(
    [
      'taskset',
      '-c',
      String(LOAD_CORE),
      process.execPath,
      '--no-install',
      '--no-env-file',
      program,
      behaviour,
    ],
    { stdin: 'ignore', stdout: 'pipe', stderr: 'inherit', cwd: dir },
  )
  try {
    const { value } = await child.stdout.getReader().read()
    return await use(JSON.parse(new TextDecoder().decode(value)) as OutsidePorts)
  } finally {
    child.kill('SIGKILL')
    await child.exited
  }
}

async function aLookup(ports: OutsidePorts, dir: string) {
  const rdapDir = mkdtempSync(join(dir, 'rdap-'))
  const app = await testApp({ ...outsideOptions(rdapDir, ports), blocklists: builtInZones() })
  const account = await app.givenAccount({ plan: 'Enterprise', key: { dialect: 'lynk' } })
  let client = 0
  return {
    async look(target: string) {
      const startedMs = performance.now()
      client++
      const response = await app.request(`/ip/v1/lookup/${target}?key=${account.key.secret}`, {
        ip: `198.51.${client >> 8}.${client & 255}`,
      })
      const answer = (await response.json()) as { risk: { ip_zones: FullFigures }; errors: object }
      return { tookMs: performance.now() - startedMs, answer }
    },
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  }
}

async function measureFull({ lookups }: Settings, ports: OutsidePorts, dir: string) {
  await using app = await aLookup(ports, dir)
  say('looking up everything, everybody outside taking 20 ms')
  const measure = async (targetOf: (n: number) => string): Promise<FullFigures> => {
    const times: number[] = []
    let zones: { readonly asked: number; readonly answered: number } = { asked: 0, answered: 0 }
    let next = 0
    const run = async () => {
      while (next < lookups) {
        const { tookMs, answer } = await app.look(targetOf(next++))
        times.push(tookMs)
        zones = answer.risk.ip_zones
      }
    }
    await Promise.all(Array.from({ length: LOOKUPS_AT_ONCE }, run))
    const sorted = times.toSorted((a, b) => a - b)
    const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
    return { p50: at(0.5), p95: at(0.95), worst: at(1), asked: zones.asked, answered: zones.answered }
  }
  // The first lookup asks what lists list, which the server has asked in the background long before.
  for (let n = 0; n < 20; n++) await app.look(n % 2 === 0 ? `8.7.7.${n}` : `warm${n}.com`)
  return {
    ip: await measure((n) => `8.${8 + (n >> 8)}.${n & 255}.1`),
    domain: await measure((n) => `bench${n}.com`),
  }
}

async function measureSilent(ports: OutsidePorts, dir: string): Promise<number> {
  await using app = await aLookup(ports, dir)
  say('looking up everything, everybody outside silent')
  const took = await Promise.all(['8.8.8.8', 'bench.com', 'www.bench.com'].map((target) => app.look(target)))
  return Math.max(...took.map(({ tookMs }) => tookMs))
}

async function untilAnswering(url: string): Promise<void> {
  for (;;) {
    const { status } = await fetch(url)
    if (status === 200) return
    if (status !== 503) throw new Error(`${url} answered ${status}`)
    await sleep(100)
  }
}

function randomIp(): string {
  const octet = (from: number, to: number) => from + Math.floor(Math.random() * (to - from + 1))
  return [octet(1, 223), octet(0, 255), octet(0, 255), octet(1, 254)].join('.')
}

function verdicts({ lite, full, silentMs }: Findings) {
  const p99 = median(lite.rounds.map((round) => round.lite.p99Ms))
  const p95 = Math.max(full.ip.p95, full.domain.p95)
  return [
    { isMet: p99 < MAX_LITE_P99_MS, text: `lite p99 ${p99.toFixed(2)} ms (below ${MAX_LITE_P99_MS})` },
    { isMet: p95 < MAX_FULL_P95_MS, text: `full p95 ${p95.toFixed(0)} ms (below ${MAX_FULL_P95_MS})` },
    {
      isMet: silentMs <= MAX_SILENT_MS,
      text: `with everybody silent an answer after ${(silentMs / 1000).toFixed(2)} s (at most ${MAX_SILENT_MS / 1000})`,
    },
  ]
}

function render(settings: Settings, findings: Findings): string {
  const { rounds, seconds, connections, rest, lookups } = settings
  const { lite, hard, full } = findings
  const liteRow = (name: string, of: readonly LoadFigures[]) =>
    `| ${[
      name,
      whole(median(of.map((load) => load.requestsPerSecond))),
      median(of.map((load) => load.p50Ms)).toFixed(2),
      median(of.map((load) => load.p99Ms)).toFixed(2),
      Math.min(...of.map((load) => load.p99Ms)).toFixed(2),
      median(of.map((load) => load.cpuMicrosPerRequest)).toFixed(1),
      median(of.map((load) => load.stolenCores)).toFixed(3),
    ].join(' | ')} |`
  const fullRow = (name: string, { p50, p95, worst, asked, answered }: FullFigures) =>
    `| ${[name, p50.toFixed(0), p95.toFixed(0), worst.toFixed(0), `${answered} of ${asked}`].join(' | ')} |`
  return [
    describeMachine(),
    `Command: \`npm run bench:intelligence -- --rounds ${rounds} --seconds ${seconds} --connections ${connections} --rest ${rest} --lookups ${lookups}\`.`,
    '',
    `\`/ip/v1/lookup/{ip}?mode=lite\` for random addresses over the data that \`npm install\` brings, each from a client of its own, with key, limit and charge, on ${connections} connections; the server has core 0, wrk core 1. First each connection rests ${rest} ms after an answer on average, in turn with a bare \`Bun.serve\` on the same core that answers one constant redirect, then none rests. Rounds are repeated until ${rounds} were quiet, and the quietest kept; ${lite.repeated} were left out, in which the host of this virtual machine gave its cores to others.`,
    '',
    '| lite | requests/s | p50 ms | p99 ms, median | best | CPU µs/request | cores stolen |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: |',
    liteRow(
      `${rounds} rounds`,
      lite.rounds.map((round) => round.lite),
    ),
    liteRow(
      'bare Bun.serve, the same',
      lite.rounds.map((round) => round.bare),
    ),
    liteRow('without rest', [hard]),
    '',
    `Full lookups, ${whole(lookups)} of each kind and ${LOOKUPS_AT_ONCE} at a time, none asked for before, with a resolver, a registry and a TLS server in a process of their own that take ${OUTSIDE_MS} ms over every answer (the TLS server over every flight), and all blocklists of the catalogue.`,
    '',
    '| full | p50 ms | p95 ms | worst | lists that answered |',
    '| --- | ---: | ---: | ---: | ---: |',
    fullRow('address', full.ip),
    fullRow('domain', full.domain),
    '',
    ...verdicts(findings).map(({ isMet, text }) => `- **${isMet ? 'PASS' : 'SHORT'}** ${text}`),
  ].join('\n')
}

function say(text: string): void {
  console.error(text)
}
