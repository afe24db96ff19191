import { fileURLToPath } from 'node:url'
import type { Task } from '#core/schedule/task.ts'
import { readManifest } from '#ports/network/source-store.ts'

/** How much of what a failed update said is kept. */
const MAX_PROBLEM_CHARACTERS = 2_000

/**
 * Keeps network data fresh: every night `onehop data update`, in a process of its own, for an installation whose operator
 * has downloaded some before. One that never has asks nobody for anything.
 *
 * @param env what the process is configured by
 */
export function networkDataTask(
  dataDir: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Task {
  return {
    name: 'network-data',
    pattern: '52 4 * * *',
    async run(_, signal) {
      if (countDownloads(dataDir) > 0) await update({ ...env, ONEHOP_DATA_DIR: dataDir }, signal)
      return { files: countDownloads(dataDir) }
    },
  }
}

/** Updates network data when an operator says so. Disposing ends what is under way. */
export interface DataUpdater extends AsyncDisposable {
  /** @returns false when an update is under way */
  start(): boolean
  /** Of the update that was started last. */
  state(): { readonly isRunning: boolean; readonly problem: string | undefined }
}

/**
 * Runs `onehop data update` in a process of its own whenever it is asked to, one at a time.
 *
 * @param env what the process is configured by
 */
export function createDataUpdater(
  dataDir: string,
  onProblem: (problem: string) => void,
  env: Readonly<Record<string, string | undefined>> = process.env,
): DataUpdater {
  const stopping = new AbortController()
  let running: Promise<void> | undefined
  let problem: string | undefined

  async function run(): Promise<void> {
    try {
      await update({ ...env, ONEHOP_DATA_DIR: dataDir }, stopping.signal)
    } catch (error) {
      if (stopping.signal.aborted) return
      problem = error instanceof Error ? error.message : String(error)
      onProblem(problem)
    }
  }

  return {
    start() {
      if (running !== undefined || stopping.signal.aborted) return false
      problem = undefined
      running = run().finally(() => {
        running = undefined
      })
      return true
    },
    state: () => ({ isRunning: running !== undefined, problem }),
    async [Symbol.asyncDispose]() {
      stopping.abort(new Error('the server is stopping'))
      await running
    },
  }
}

function countDownloads(dataDir: string): number {
  return readManifest(dataDir).files.filter(({ isDownload }) => isDownload).length
}

/** @throws Error with what the command said, when not everything could be updated */
async function update(env: Record<string, string | undefined>, signal: AbortSignal): Promise<void> {
  const child = Bun.spawn({
    cmd: [process.execPath, '--no-install', '--no-env-file', PROGRAM, 'data', 'update'],
    env,
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'pipe',
    signal,
  })
  const [problem, exitCode] = await Promise.all([new Response(child.stderr).text(), child.exited])
  signal.throwIfAborted()
  if (exitCode !== 0)
    throw new Error(problem.trim().slice(0, MAX_PROBLEM_CHARACTERS) || `data update ended with ${exitCode}`)
}

const PROGRAM = fileURLToPath(new URL('../main.ts', import.meta.url))
