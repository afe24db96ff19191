import { accessSync, constants, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Bundle, readBundle } from './bundle.ts'
import { sourceHash } from './source-hash.ts'

export interface DashboardOptions {
  /** Where bundles are kept when the installation itself cannot be written to. */
  readonly dataDir: string
  readonly onProgress: (message: string) => void
  /** The dashboard cannot be bundled; it is tried again when the next page is asked for, after a while. */
  readonly onProblem: (problem: string) => void
  /** Look at the sources again for every page: for those who work on them. */
  readonly followsSources?: boolean
}

/** Where the dashboard comes from. Disposing ends what is being bundled. */
export interface DashboardSource extends Disposable {
  /** The bundle of the sources as they are; it is made when it is not there. Undefined when that failed. */
  bundle(): Promise<Bundle | undefined>
}

const CACHE_DIR = fileURLToPath(new URL('../../node_modules/.cache/onehop/dashboard', import.meta.url))
const PROGRAM = fileURLToPath(new URL('bundle-process.ts', import.meta.url))
const RETRY_MS = 10_000
/** A machine that takes longer does not get a dashboard, rather than pages that wait for ever. */
const TIME_LIMIT_MS = 120_000
/** Bundles of other sources, and drafts of killed processes, are kept this long. */
const KEPT_MS = 7 * 24 * 3_600_000

/**
 * The dashboard as these sources make it. A bundle is made once for an installation, in a process of its own, and read
 * from the disk by every start after that; nothing happens before the first call.
 */
export function openDashboard(options: DashboardOptions): DashboardSource {
  const stopping = new AbortController()
  let opened: { readonly hash: string; readonly bundle: Promise<Bundle | undefined> } | undefined
  let retryAtMs = Infinity

  const open = async (hash: string): Promise<Bundle | undefined> => {
    try {
      return await findOrMake(hash, options, stopping.signal)
    } catch (error) {
      if (stopping.signal.aborted) return undefined
      options.onProblem(
        `the dashboard cannot be bundled: ${error instanceof Error ? error.message : String(error)}`,
      )
      retryAtMs = Date.now() + RETRY_MS
      return undefined
    }
  }

  return {
    bundle() {
      const hash = opened === undefined || options.followsSources === true ? sourceHash() : opened.hash
      if (opened?.hash !== hash || Date.now() >= retryAtMs) {
        retryAtMs = Infinity
        opened = { hash, bundle: open(hash) }
      }
      return opened.bundle
    },
    [Symbol.dispose]: () => stopping.abort(),
  }
}

async function findOrMake(hash: string, options: DashboardOptions, signal: AbortSignal): Promise<Bundle> {
  const parent = writable(CACHE_DIR) ?? join(options.dataDir, 'dashboard')
  mkdirSync(parent, { recursive: true })
  const dir = join(parent, hash)
  const found = readBundle(dir)
  if (found !== undefined) return found

  const startedMs = performance.now()
  options.onProgress('bundling the dashboard; its pages wait for it')
  await runBundler(dir, signal)
  const made = readBundle(dir)
  if (made === undefined) throw new Error(`nothing was written to ${dir}`)
  removeOld(parent, hash)
  options.onProgress(`the dashboard is ready after ${((performance.now() - startedMs) / 1000).toFixed(1)} s`)
  return made
}

async function runBundler(dir: string, signal: AbortSignal): Promise<void> {
  const child = Bun.spawn({
    cmd: [process.execPath, '--no-install', '--no-env-file', PROGRAM, dir],
    env: { ...process.env, NODE_ENV: 'production' },
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'pipe',
    timeout: TIME_LIMIT_MS,
    signal,
  })
  const [problem, exitCode] = await Promise.all([new Response(child.stderr).text(), child.exited])
  if (exitCode !== 0) throw new Error(problem.trim() || `the bundler ended with code ${exitCode}`)
}

/** The directory, made where it is missing; undefined when it cannot be written to. */
function writable(dir: string): string | undefined {
  try {
    mkdirSync(dir, { recursive: true })
    accessSync(dir, constants.W_OK)
    return dir
  } catch {
    // A read-only installation is a usual one.
    return undefined
  }
}

function removeOld(parent: string, current: string): void {
  for (const name of readdirSync(parent)) {
    const dir = join(parent, name)
    const age = Date.now() - (statSync(dir, { throwIfNoEntry: false })?.mtimeMs ?? Date.now())
    if (name !== current && age > KEPT_MS) rmSync(dir, { recursive: true, force: true })
  }
}
