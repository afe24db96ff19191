import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import { compileNetwork } from '#core/network/compile-network.ts'
import { networkFile } from '#core/network/compile-network-data.ts'
import { writeFlatFile } from '#ports/network/flat-file.ts'
import { SAMPLE } from '#testing/network-sample.ts'
import { sourceOf } from '#testing/test-network.ts'
import { runOnehop, type ServerProcess, startServerProcess } from '#testing/server-process.ts'
import { type SmtpReceiver, startSmtpReceiver } from '#testing/smtp-receiver.ts'
import { TEST_CA_CERTIFICATE } from '#testing/test-certificates.ts'
import { findChromium } from '#testing/find-chromium.ts'

/** What all browser tests of a process share: one server, one browser. */
export interface BrowserLane {
  readonly browser: Browser
  /** Where the server is, without a slash at the end. */
  readonly origin: string
  readonly server: ServerProcess
  /** Takes the server's mails. */
  readonly mails: SmtpReceiver
}

/** Without a sandbox, because tests may run as root; without anything that looks for hosts of the browser's maker. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
/** The plan of every account that a test signs up: all features, and limits to show. */
const PLAN = 'Business'
/** Of the demo: the operator, who has something of everything. */
const OPERATOR = { email: 'ada@example.com', password: 'the password of the demo' }
/** Enough for every chart. */
const DEMO_CLICKS = 4_000

const closers: (() => Promise<void>)[] = []
let lane: Promise<BrowserLane> | undefined

/** The shared server and browser, started when the first test asks for them. */
export function browserLane(): Promise<BrowserLane> {
  return (lane ??= open())
}

/** End what {@link browserLane} started. */
export async function closeBrowserLane(): Promise<void> {
  for (const close of closers.splice(0).toReversed()) await close()
}

/** The account of the demo's operator; what tests change of it, all of them see. */
export function operatorAccount(): { readonly email: string; readonly password: string } {
  return OPERATOR
}

async function open(): Promise<BrowserLane> {
  const executablePath = findChromium()
  if (executablePath === undefined)
    throw new Error(
      'There is no Chromium: install it (apt-get install chromium), or name it by CHROMIUM_PATH.',
    )
  const dataDir = await mkdtemp(join(tmpdir(), 'onehop-e2e-'))
  closers.push(() => rm(dataDir, { recursive: true, force: true }))
  const mails = await startSmtpReceiver()
  closers.push(async () => {
    await mails[Symbol.asyncDispose]()
  })
  const ca = join(dataDir, 'ca.pem')
  await writeFile(ca, TEST_CA_CERTIFICATE)
  const port = freePort()
  const origin = `http://localhost:${port}`
  const env = {
    PORT: String(port),
    ONEHOP_BASE_URL: origin,
    ONEHOP_SIGNUP_PLAN: PLAN,
    // Each visitor has an address, and so limits, of its own.
    ONEHOP_TRUST_PROXY: '1',
    // Receivers of webhooks are on loopback.
    ONEHOP_ALLOW_PRIVATE_TARGETS: '127.0.0.1',
    NODE_EXTRA_CA_CERTS: ca,
    SMTP_URL: `smtp://127.0.0.1:${mails.port}`,
  }
  const [server, browser] = await Promise.all([
    startSeeded(dataDir, env),
    chromium.launch({ executablePath, args: FLAGS }),
  ])
  closers.push(async () => void (await server.end('SIGTERM')))
  closers.push(async () => {
    await browser.close()
  })
  return { browser, origin, server, mails }
}

/** A port that is free now: the server has to know how it is reached before it listens. */
function freePort(): number {
  const probe = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data() {} } })
  const { port } = probe
  probe.stop(true)
  return port
}

/** What lookups are answered from: the systems, prefixes and relationships that the server's own tests have. */
async function storeNetworkSample(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  writeFlatFile(path, await compileNetwork({ sources: SAMPLE.map(sourceOf), now: new Date() }))
}

async function startSeeded(dataDir: string, env: Readonly<Record<string, string>>): Promise<ServerProcess> {
  const { exitCode, stderr } = await runOnehop(
    ['seed', '--demo', '--password', OPERATOR.password, '--clicks', String(DEMO_CLICKS)],
    { ...env, ONEHOP_DATA_DIR: dataDir },
  )
  if (exitCode !== 0) throw new Error(`the demo could not be made: ${stderr}`)
  // After the demo, which would take its clicks from these few networks.
  await storeNetworkSample(networkFile(dataDir))
  return startServerProcess({ dataDir, env })
}
