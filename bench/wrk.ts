import { join } from 'node:path'

export interface LoadOptions {
  readonly port: number
  /** A file with a slug a line, and behind a tab perhaps the client it comes from; they are asked for in turn. */
  readonly slugFile: string
  /** How many slugs to leave out first; none by default. */
  readonly skip?: number
  /** How long a connection rests after an answer, on average; by default it asks again at once. */
  readonly restMs?: number
  readonly connections: number
  readonly seconds: number
  readonly core: number
}

/** What the load generator saw. */
export interface LoadResult {
  readonly answers: number
  readonly requestsPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Answers that were no redirect, and connections that broke. */
  readonly errors: number
  /** Processor time of the load generator itself. */
  readonly cpuSeconds: number
}

const SCRIPT = join(import.meta.dir, 'wrk.lua')

/** Press a server on 127.0.0.1 as hard as it answers, with the headers a browser sends. */
export async function runWrk(options: LoadOptions): Promise<LoadResult> {
  const { port, slugFile, skip = 0, restMs = 0, connections, seconds, core } = options
  const wrk = Bun.spawn(
    [
      'taskset',
      '-c',
      String(core),
      'wrk',
      '-t1',
      `-c${connections}`,
      `-d${seconds}s`,
      '--latency',
      '-s',
      SCRIPT,
      `http://127.0.0.1:${port}/`,
      '--',
      slugFile,
      String(skip),
      String(restMs),
    ],
    { stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' },
  )
  const [stdout, stderr] = await Promise.all([
    new Response(wrk.stdout).text(),
    new Response(wrk.stderr).text(),
    wrk.exited,
  ])
  const line = /^result (.*)$/m.exec(stdout)?.[1]
  if (wrk.exitCode !== 0 || line === undefined) throw new Error(`wrk failed: ${stdout}${stderr}`)
  const { answers, micros, p50, p99, errors } = JSON.parse(line)
  return {
    answers,
    requestsPerSecond: answers / (micros / 1e6),
    p50Ms: p50 / 1000,
    p99Ms: p99 / 1000,
    errors,
    cpuSeconds: Number(wrk.resourceUsage()?.cpuTime.total ?? 0) / 1e6,
  }
}
