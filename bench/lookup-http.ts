/**
 * `npm run bench:lookup`, the second half: `/v3/asn?ip=` over HTTP, key checked and credits counted, against a bare server
 * of our runtime.
 *
 * bun bench/lookup-http.ts [--rounds 5] [--seconds 6] [--connections 64] [--addresses 20000] [--write]
 *
 * Each server has core 0 for all its threads, the load generator core 1. With `--write` the section of
 * docs/benchmarks.md is replaced. Exit code 0 when every target is met, 1 when one is not, 2 when it cannot be run.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseEmail, parsePassword } from '#core/accounts/account.ts'
import { findPersonalTeamId } from '#core/accounts/account-queries.ts'
import { issueOperatorKey } from '#core/accounts/api-keys.ts'
import { createAccount } from '#core/accounts/create-account.ts'
import { getUsage } from '#core/billing/usage.ts'
import { compileNetworkData, networkFile } from '#core/network/compile-network-data.ts'
import { openNetworkView } from '#core/network/flat-view.ts'
import { openServices } from '#cli/open-services.ts'
import { parseConfig } from '#config/parse-config.ts'
import { openFlatFile } from '#ports/network/flat-file.ts'
import { isGlobalAddress } from '#ports/geo/special-addresses.ts'
import { describeMachine, writeSection } from './benchmarks-page.ts'
import { countFlags } from './count-flags.ts'
import { median, whole } from './figures.ts'
import { type LoadFigures, measureLoad } from './measure.ts'
import { memoryFigures } from './process-figures.ts'
import { type BenchServer, startBareServer, startOnehop } from './servers.ts'

interface Settings {
  readonly rounds: number
  readonly seconds: number
  readonly connections: number
  readonly addresses: number
}

interface Round {
  readonly onehop: LoadFigures
  readonly bare: LoadFigures
}

interface Findings {
  readonly rounds: readonly Round[]
  /** Answers the load generator received, of the measured loads and those before. */
  readonly answers: number
  readonly maxUnanswered: number
  readonly charged: number
  readonly memoryMib: number
}

const SERVER_CORE = 0
const LOAD_CORE = 1
const MIN_OF_BARE = 0.5
const SETTLE_MS = 2_000
/** Answers before the measured ones: until then the runtime is still compiling what answers them. */
const WARM_UP_ANSWERS = 200_000

process.exit(await main())

async function main(): Promise<number> {
  const { settings, isWriting } = countFlags({ rounds: 5, seconds: 6, connections: 64, addresses: 20_000 })
  if (process.platform !== 'linux' || availableParallelism() < 2 || Bun.which('wrk') === null) {
    console.error('bench:lookup cannot run: it needs Linux, two cores, wrk and taskset')
    return 2
  }
  const dir = mkdtempSync(join(tmpdir(), 'onehop-bench-'))
  try {
    const findings = await run(settings, dir)
    const markdown = render(settings, findings)
    console.log(`\n${markdown}`)
    if (isWriting) writeSection('lookup-http', `## Lookups over HTTP\n\n${markdown}`)
    return verdicts(findings).every(({ isMet }) => isMet) ? 0 : 1
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

async function run(settings: Settings, dir: string): Promise<Findings> {
  const dataDir = join(dir, 'data')
  const slugFile = join(dir, 'targets')
  mkdirSync(dataDir)
  say('compiling the data that npm install brings')
  await compileNetworkData(dataDir, { now: new Date() })
  const { config } = parseConfig({ ONEHOP_DATA_DIR: dataDir })
  const key = await makeKey(config)
  const addresses = await knownAddresses(dataDir, settings.addresses)
  writeFileSync(slugFile, addresses.map((ip) => `v3/asn?apiKey=${key.secret}&ip=${ip}\n`).join(''))

  const { connections, seconds } = settings
  const load = { slugFile, connections, seconds, core: LOAD_CORE }
  const rounds: Round[] = []
  let answers = 0
  let loads = 0
  const press = async (server: BenchServer, isOurs: boolean): Promise<LoadFigures> => {
    const figures = await measureLoad(server, load)
    if (!isOurs) return figures
    if (figures.errors > 0) throw new Error(`${figures.errors} lookups failed`)
    answers += figures.answers
    loads++
    return figures
  }

  const memoryMib = await (async () => {
    await using onehop = await startOnehop({ dir: dataDir, core: SERVER_CORE })
    await using bare = await startBareServer(SERVER_CORE)
    await untilAnswering(`http://127.0.0.1:${onehop.port}/v3/asn?asn=1&apiKey=${key.secret}`)
    say('warming up')
    while (answers < WARM_UP_ANSWERS) await press(onehop, true)
    await press(bare, false)
    while (rounds.length < settings.rounds) {
      const ours = await press(onehop, true)
      rounds.push({ onehop: ours, bare: await press(bare, false) })
      say(describeRound(rounds.at(-1)))
    }
    await sleep(SETTLE_MS)
    return memoryFigures(onehop.pids()).nowMib
  })()
  return {
    rounds,
    answers,
    memoryMib,
    maxUnanswered: loads * connections,
    charged: await chargedTo(config, key),
  }
}

/** An account without limits, and its key. */
async function makeKey(config: Parameters<typeof openServices>[0]) {
  await using open = await openServices(config)
  const account = { email: parseEmail('bench@example.com'), password: parsePassword('correct horse') }
  const user = await createAccount(open.services, account, { plan: 'Enterprise' })
  const { secret } = await issueOperatorKey(open.services, user, {
    dialect: 'ipgeolocation',
    name: 'bench',
    abilities: ['*'],
  })
  return { secret, userId: user.id }
}

async function chargedTo(
  config: Parameters<typeof openServices>[0],
  { userId }: { readonly userId: number },
): Promise<number> {
  await using open = await openServices(config)
  const teamId = await findPersonalTeamId(open.services.db, userId)
  return (await getUsage(open.services, teamId ?? 0, 'lookup-credits')).used
}

/** Addresses all over the address space of which the data know the system. */
async function knownAddresses(dataDir: string, count: number): Promise<readonly string[]> {
  using file = await openFlatFile(networkFile(dataDir))
  const view = openNetworkView(file)
  const words = new Uint32Array(4)
  const found: string[] = []
  while (found.length < count) {
    words[3] = Math.floor(Math.random() * 2 ** 32)
    if (!isGlobalAddress(4, words) || view.asnOf(4, words) === 0) continue
    const [word = 0] = words.subarray(3)
    found.push([word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255].join('.'))
  }
  return found
}

async function untilAnswering(url: string): Promise<void> {
  for (;;) {
    const { status } = await fetch(url)
    if (status === 200 || status === 404) return
    if (status !== 503) throw new Error(`${url} answered ${status}`)
    await sleep(100)
  }
}

function verdicts(findings: Findings) {
  const { answers, charged, maxUnanswered } = findings
  const ofBare = median(findings.rounds.map(ratio))
  return [
    {
      isMet: ofBare >= MIN_OF_BARE,
      text: `${ofBare.toFixed(2)} of the bare server's requests/s (at least ${MIN_OF_BARE})`,
    },
    {
      isMet: charged >= answers && charged <= answers + maxUnanswered,
      text: `every answer is one credit in the database, and nothing else is (${whole(answers)} answered, ${whole(charged)} charged, of which up to ${maxUnanswered} were on their way when the load generator stopped)`,
    },
  ]
}

function render({ rounds: count, seconds, connections, addresses }: Settings, findings: Findings): string {
  const { rounds, memoryMib } = findings
  const row = (name: string, of: readonly LoadFigures[]) =>
    `| ${[
      name,
      whole(median(of.map((load) => load.requestsPerSecond))),
      whole(Math.max(...of.map((load) => load.requestsPerSecond))),
      median(of.map((load) => load.p50Ms)).toFixed(2),
      median(of.map((load) => load.p99Ms)).toFixed(2),
      median(of.map((load) => load.cpuMicrosPerRequest)).toFixed(1),
    ].join(' | ')} |`
  return [
    describeMachine(),
    `Command: \`npm run bench:lookup\`, which runs \`bench/lookup-http.ts --rounds ${count} --seconds ${seconds} --connections ${connections} --addresses ${addresses}\`.`,
    '',
    `\`/v3/asn?ip=\` for ${whole(addresses)} random addresses, asked with a key of an account on SQLite, each answer charged a credit, by the whole server over the data that \`npm install\` brings; beside it a bare \`Bun.serve\` that answers one constant redirect. Each has core 0 for all its threads, wrk core 1; they take turns.`,
    '',
    '| server | requests/s, median | best | p50 ms | p99 ms | CPU µs/request |',
    '| --- | ---: | ---: | ---: | ---: | ---: |',
    row(
      'Onehop',
      rounds.map(({ onehop }) => onehop),
    ),
    row(
      'bare Bun.serve',
      rounds.map(({ bare }) => bare),
    ),
    '',
    `Onehop to bare, by round: ${rounds.map((round) => ratio(round).toFixed(2)).join(', ')}. Cores that others used meanwhile: ${rounds.map(({ onehop, bare }) => Math.max(onehop.othersCores, bare.othersCores).toFixed(2)).join(', ')}. Resident memory of Onehop after the last load: ${memoryMib.toFixed(0)} MiB.`,
    '',
    ...verdicts(findings).map(({ isMet, text }) => `- **${isMet ? 'PASS' : 'SHORT'}** ${text}`),
  ].join('\n')
}

function ratio({ onehop, bare }: Round): number {
  return onehop.requestsPerSecond / bare.requestsPerSecond
}

function describeRound(round: Round | undefined): string {
  if (round === undefined) return ''
  const { onehop, bare } = round
  const of = ({ requestsPerSecond, cpuMicrosPerRequest, othersCores }: LoadFigures) =>
    `${requestsPerSecond.toFixed(0)}/s ${cpuMicrosPerRequest.toFixed(1)} µs (others ${othersCores.toFixed(2)})`
  return `  Onehop ${of(onehop)}, bare ${of(bare)}, ratio ${ratio(round).toFixed(2)}`
}

function say(text: string): void {
  console.error(text)
}
