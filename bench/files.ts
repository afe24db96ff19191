/**
 * `npm run bench:files`: how long a file of 500 MiB takes up and down over loopback beside copying and hashing it, and
 * what eight such uploads at once take of memory. Needs `curl`.
 *
 * npm run bench:files -- [--mib 500] [--rounds 3] [--write]
 *
 * Exits with 1 when a file is not what was sent, or a target is missed.
 */
import { createHash, randomBytes } from 'node:crypto'
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openServices } from '#cli/open-services.ts'
import { parseConfig } from '#config/parse-config.ts'
import { parseEmail, parsePassword } from '#core/accounts/account.ts'
import { issueOperatorKey } from '#core/accounts/api-keys.ts'
import { createAccount } from '#core/accounts/create-account.ts'
import { type ServerProcess, startServerProcess } from '#testing/server-process.ts'
import { describeMachine, writeSection } from './benchmarks-page.ts'
import { cpuSeconds, machineCpuSeconds, memoryFigures } from './process-figures.ts'

/** Of copying and hashing. */
const MAX_RATIO = 1.5
const AT_ONCE = 8
const MAX_GROWTH_MIB = 64

interface Settings {
  readonly sizeMib: number
  readonly rounds: number
  readonly isWriting: boolean
}

/** One thing done once. */
interface Figures {
  readonly seconds: number
  /** Processor time of the server, or for the yardstick of its own programs. */
  readonly cpuSeconds: number
  /** Cores that other programs of the machine kept busy. */
  readonly othersCores: number
}

interface Round {
  readonly yardstick: Figures
  readonly up: Figures
  readonly down: Figures
}

/** A server and what it is asked with. */
interface Bench {
  readonly dir: string
  readonly file: string
  readonly server: ServerProcess
  readonly base: string
  readonly key: string
}

/** Processor time of the programs that were run and have ended. */
let childSeconds = 0

const { values } = parseArgs({
  options: {
    mib: { type: 'string', default: '500' },
    rounds: { type: 'string', default: '3' },
    write: { type: 'boolean', default: false },
  },
})
process.exit(
  await main({ sizeMib: Number(values.mib), rounds: Number(values.rounds), isWriting: values.write }),
)

async function main(settings: Settings): Promise<number> {
  const dir = mkdtempSync(join(tmpdir(), 'onehop-bench-'))
  try {
    const file = join(dir, 'file.bin')
    await writeRandom(file, settings.sizeMib)
    const dataDir = join(dir, 'data')
    const key = await givenKey(dataDir)
    await using server = await startServerProcess({ dataDir })
    const bench: Bench = { dir, file, server, key, base: `http://127.0.0.1:${server.port}` }

    const memory = await measureMemory(bench)
    console.log(
      `${AT_ONCE} uploads at once: ${memory.beforeMib.toFixed(0)} MiB before, ${memory.idleMib.toFixed(0)} idle, ${memory.peakMib.toFixed(0)} at most`,
    )
    const rounds: Round[] = []
    for (let n = 0; n < settings.rounds; n++) {
      const round = await measureRound(bench)
      rounds.push(round)
      console.log(
        `yardstick ${round.yardstick.seconds.toFixed(2)} s, up ${round.up.seconds.toFixed(2)} s, down ${round.down.seconds.toFixed(2)} s`,
      )
    }
    const verdicts = judge(rounds, memory)
    console.log(verdicts.map(({ isMet, text }) => `${isMet ? 'PASS ' : 'SHORT'} ${text}`).join('\n'))
    if (settings.isWriting) writeSection('files', report(settings, rounds, verdicts))
    return verdicts.every(({ isMet }) => isMet) ? 0 : 1
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

async function measureRound(bench: Bench): Promise<Round> {
  const { dir, file, server } = bench
  const copy = join(dir, 'copy.bin')
  const yardstick = await measure(undefined, async () => {
    await run('cp', file, copy)
    await run('sha256sum', file)
  })
  rmSync(copy)
  let id = ''
  const up = await measure(server.pid, async () => {
    id = await upload(bench)
  })
  const down = await measure(server.pid, () => run('curl', '-sf', '-o', copy, `${bench.base}/dl/${id}`))
  if ((await hashOf(copy)) !== (await hashOf(file))) throw new Error('what came back is not what was sent')
  rmSync(copy)
  await remove(bench, id)
  return { yardstick, up, down }
}

interface Memory {
  /** After small uploads only. */
  readonly idleMib: number
  /** After one whole upload. */
  readonly beforeMib: number
  readonly peakMib: number
}

/** What a server takes that has done little yet, that has taken in one file, and at most while it takes in several. */
async function measureMemory(bench: Bench): Promise<Memory> {
  const { pid } = bench.server
  const small = join(bench.dir, 'small.bin')
  writeFileSync(small, randomBytes(1024 * 1024))
  for (let n = 0; n < 20; n++) await remove(bench, await upload(bench, small))
  const { nowMib: idleMib } = memoryFigures([pid])
  await remove(bench, await upload(bench))
  const { nowMib: beforeMib } = memoryFigures([pid])
  // Begins the peak anew (proc(5), "clear_refs").
  writeFileSync(`/proc/${pid}/clear_refs`, '5')
  const ids = await Promise.all(Array.from({ length: AT_ONCE }, () => upload(bench)))
  const { peakMib } = memoryFigures([pid])
  await Promise.all(ids.map((id) => remove(bench, id)))
  return { idleMib, beforeMib, peakMib }
}

async function upload({ file, base, key }: Bench, path = file): Promise<string> {
  const form = ['-H', `Authorization: Bearer ${key}`, '-F', `file=@${path}`]
  const answer = JSON.parse(await run('curl', '-sf', ...form, `${base}/api/files`)) as { id: string }
  return answer.id
}

async function remove({ base, key }: Bench, id: string): Promise<void> {
  const { status } = await fetch(`${base}/api/files/${id}?key=${key}`, { method: 'DELETE' })
  if (status !== 200) throw new Error(`deleting answered ${status}`)
}

/** @param pid whose processor time counts; undefined for that of the programs this one runs */
async function measure(pid: number | undefined, action: () => Promise<unknown>): Promise<Figures> {
  const cpu = () => (pid === undefined ? childSeconds : cpuSeconds([pid]))
  const before = { cpu: cpu(), machine: machineCpuSeconds(), own: ownSeconds(), children: childSeconds }
  const startedMs = performance.now()
  await action()
  const seconds = (performance.now() - startedMs) / 1000
  const used = cpu() - before.cpu
  const ours = (pid === undefined ? 0 : used) + ownSeconds() - before.own + childSeconds - before.children
  const others = machineCpuSeconds() - before.machine - ours
  return { seconds, cpuSeconds: used, othersCores: Math.max(0, others / seconds) }
}

function ownSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

async function run(...command: readonly string[]): Promise<string> {
  const child = Bun.spawn([...command], { stdin: 'ignore', stdout: 'pipe', stderr: 'inherit' })
  const text = await new Response(child.stdout).text()
  if ((await child.exited) !== 0)
    throw new Error(`${command[0] ?? ''} ended with ${child.exitCode ?? 'a signal'}`)
  childSeconds += Number(child.resourceUsage()?.cpuTime.total ?? 0) / 1e6
  return text
}

async function givenKey(dataDir: string): Promise<string> {
  await using opened = await openServices(parseConfig({ ONEHOP_DATA_DIR: dataDir }).config)
  const email = parseEmail('bench@example.com')
  const user = await createAccount(opened.services, { email, password: parsePassword('bench password') }, {})
  const key = await issueOperatorKey(opened.services, user, {
    dialect: 'lynk',
    name: 'bench',
    abilities: ['*'],
  })
  return key.secret
}

async function writeRandom(path: string, sizeMib: number): Promise<void> {
  const handle = await open(path, 'w')
  for (let n = 0; n < sizeMib; n++) await handle.write(randomBytes(1024 * 1024))
  await handle.sync()
  await handle.close()
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

interface Verdict {
  readonly isMet: boolean
  readonly text: string
}

function judge(rounds: readonly Round[], memory: Memory): readonly Verdict[] {
  const ratio = (part: 'up' | 'down') =>
    median(rounds.map((round) => round[part].seconds / round.yardstick.seconds))
  const growthMib = memory.peakMib - memory.beforeMib
  return [
    {
      isMet: ratio('up') <= MAX_RATIO,
      text: `up in ${ratio('up').toFixed(2)} of the yardstick's time (at most ${MAX_RATIO})`,
    },
    {
      isMet: ratio('down') <= MAX_RATIO,
      text: `down in ${ratio('down').toFixed(2)} of the yardstick's time (at most ${MAX_RATIO})`,
    },
    {
      isMet: growthMib < MAX_GROWTH_MIB,
      text: `${AT_ONCE} uploads at once took ${growthMib.toFixed(0)} MiB more at most than the ${memory.beforeMib.toFixed(0)} MiB after one (below ${MAX_GROWTH_MIB}; ${memory.idleMib.toFixed(0)} MiB before any)`,
    },
  ]
}

function report(settings: Settings, rounds: readonly Round[], verdicts: readonly Verdict[]): string {
  const row = (name: string, pick: (round: Round) => Figures) => {
    const figures = rounds.map(pick)
    const seconds = figures.map((figure) => figure.seconds)
    return `| ${name} | ${median(seconds).toFixed(2)} | ${Math.min(...seconds).toFixed(2)} | ${median(figures.map((figure) => figure.cpuSeconds)).toFixed(2)} | ${median(figures.map((figure) => figure.othersCores)).toFixed(1)} |`
  }
  return `## Files

${describeMachine()}
Command: \`npm run bench:files -- --mib ${settings.sizeMib} --rounds ${settings.rounds}\`.

A file of ${settings.sizeMib} MiB of chance is copied with \`cp\` and hashed with \`sha256sum\`, which is the yardstick, uploaded to the server that \`npm start\` runs with \`curl -F\`, and downloaded with \`curl -o\`, in turn. The server hashes what comes and has forced it to the disk when it answers; \`cp\` has not.

| what | s, median | best | CPU s | cores others used |
| --- | ---: | ---: | ---: | ---: |
${[row('cp and sha256sum', (round) => round.yardstick), row('upload (CPU of the server)', (round) => round.up), row('download (CPU of the server)', (round) => round.down)].join('\n')}

${verdicts.map(({ isMet, text }) => `- **${isMet ? 'PASS' : 'SHORT'}** ${text}`).join('\n')}`
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
