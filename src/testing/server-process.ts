import { join } from 'node:path'
import manifest from '#package.json' with { type: 'json' }

export interface ServerProcessOptions {
  readonly dataDir: string
  /** Configuration beside the data directory, the address 127.0.0.1 and a port that the system picks. */
  readonly env?: Readonly<Record<string, string>>
  /** A program, with its arguments, that turns itself into the server, such as `taskset -c 0`. */
  readonly launcher?: readonly string[]
}

/** How a process of ours ended. */
export interface ProcessEnd {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A server that runs as users run it, in a process of its own. Disposing kills it. */
export interface ServerProcess extends AsyncDisposable {
  readonly pid: number
  readonly port: number
  /** What it printed when it was up. */
  readonly greeting: string
  /** Send a signal and wait for the end. */
  end(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): Promise<ProcessEnd>
}

const ROOT = join(import.meta.dir, '..', '..')
const ONEHOP = [process.execPath, '--no-install', '--no-env-file', join(ROOT, 'src/main.ts')]
/** What `npm start` runs, as npm runs it; the shell gives way to the server, which has its process id then. */
const START = ['sh', '-c', manifest.scripts.start]
const LISTENING = /listening on \S*:(\d+)/

/**
 * Start `onehop serve` and wait until it listens.
 *
 * @throws Error with what it wrote when it ends instead
 */
export async function startServerProcess(options: ServerProcessOptions): Promise<ServerProcess> {
  const { dataDir, env = {}, launcher = [] } = options
  const child = spawnOnehop([...launcher, ...START], {
    PORT: '0',
    HOST: '127.0.0.1',
    ONEHOP_LOG_LEVEL: 'warn',
    ONEHOP_DATA_DIR: dataDir,
    // Compiling them takes longer than all tests.
    ONEHOP_STARTER_DATA: 'off',
    ...env,
  })
  const { promise: greeted, resolve: greet } = Promise.withResolvers<string>()
  const stdout = collect(child.stdout, (text) => {
    if (text.includes('\n')) greet(text)
  })
  const stderr = collect(child.stderr)
  const finished = Promise.all([stdout, stderr, child.exited])

  const greeting = await Promise.race([greeted, finished.then(() => '')])
  const port = Number(LISTENING.exec(greeting)?.[1])
  if (!(port > 0)) {
    child.kill('SIGKILL')
    throw new Error(`the server did not start: ${await stdout}${await stderr}`)
  }
  return {
    pid: child.pid,
    port,
    greeting,
    async end(signal) {
      child.kill(signal)
      await finished
      return { exitCode: child.exitCode, stdout: await stdout, stderr: await stderr }
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await finished
    },
  }
}

/** Run one `onehop` command to its end. */
export async function runOnehop(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<ProcessEnd> {
  const child = startOnehop(args, env)
  const [stdout, stderr] = await Promise.all([collect(child.stdout), collect(child.stderr), child.exited])
  return { exitCode: child.exitCode, stdout, stderr }
}

/** Start one `onehop` command, whose outputs must be read or are lost. */
export function startOnehop(args: readonly string[], env: Readonly<Record<string, string>>) {
  return spawnOnehop([...ONEHOP, ...args], env)
}

/** Settings of a server that happens to run from the same shell are not handed on. */
function spawnOnehop(command: readonly string[], env: Readonly<Record<string, string>>) {
  const { PATH = '', HOME = '' } = process.env
  return Bun.spawn([...command], {
    cwd: ROOT,
    env: { PATH: `${join(ROOT, 'node_modules/.bin')}:${PATH}`, HOME, ...env },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  })
}

async function collect(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  onText: (textSoFar: string) => void = () => {},
): Promise<string> {
  let text = ''
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
    text += chunk
    onText(text)
  }
  return text
}
