import { setTimeout as sleep } from 'node:timers/promises'
import { cpuSeconds, machineCpuSeconds, mainThreadCpuSeconds, stolenCpuSeconds } from './process-figures.ts'
import type { BenchServer } from './servers.ts'
import { type LoadOptions, runWrk } from './wrk.ts'

/** One server under load once. */
export interface LoadFigures {
  readonly answers: number
  readonly requestsPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly errors: number
  /** Processor time of all threads of the server. */
  readonly cpuMicrosPerRequest: number
  /** Of which the first thread of its first process took. */
  readonly mainThreadMicrosPerRequest: number
  /** Cores that neither the server nor the load generator kept busy, but somebody else. */
  readonly othersCores: number
  /** Of which the host of a virtual machine gave to other machines. */
  readonly stolenCores: number
}

/** What our server says of itself. */
export interface ClickFigures {
  readonly redirected: number
  readonly spooled: number
  readonly dropped: number
  readonly stored: number
  readonly linksInMemory: number
}

/** How the clicks of a load reached the database after it. */
export interface CatchUp {
  readonly clicks: number
  readonly seconds: number
}

const POLL_MS = 100
const CATCH_UP_LIMIT_MS = 10 * 60_000

/** Put a server under load and look at what it takes. */
export async function measureLoad(
  server: BenchServer,
  load: Omit<LoadOptions, 'port'>,
): Promise<LoadFigures> {
  const before = usage(server)
  const startedMs = performance.now()
  const result = await runWrk({ ...load, port: server.port })
  const seconds = (performance.now() - startedMs) / 1000
  const after = usage(server)

  const serverSeconds = after.server - before.server
  const othersSeconds = after.machine - before.machine - serverSeconds - result.cpuSeconds
  return {
    answers: result.answers,
    requestsPerSecond: result.requestsPerSecond,
    p50Ms: result.p50Ms,
    p99Ms: result.p99Ms,
    errors: result.errors,
    cpuMicrosPerRequest: (serverSeconds * 1e6) / result.answers,
    mainThreadMicrosPerRequest: ((after.mainThread - before.mainThread) * 1e6) / result.answers,
    othersCores: Math.max(0, othersSeconds / seconds),
    stolenCores: (after.stolen - before.stolen) / seconds,
  }
}

function usage(server: BenchServer) {
  const pids = server.pids()
  return {
    server: cpuSeconds(pids),
    mainThread: mainThreadCpuSeconds(pids[0] ?? 0),
    machine: machineCpuSeconds(),
    stolen: stolenCpuSeconds(),
  }
}

/** The click figures of our server's `/metrics`. */
export async function clickFigures(port: number): Promise<ClickFigures> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  const value = (name: string) => {
    const found = text.split('\n').find((line) => line.startsWith(`${name} `))
    if (found === undefined) throw new Error(`/metrics has no ${name}`)
    return Number(found.slice(name.length))
  }
  return {
    redirected: value('onehop_redirects_total{outcome="redirected"}'),
    spooled: value('onehop_clicks_spooled_total'),
    dropped: value('onehop_clicks_dropped_total'),
    stored: value('onehop_clicks_stored_total'),
    linksInMemory: value('onehop_links_in_memory'),
  }
}

/** Wait until every click is in the database. */
export async function awaitCatchUp(port: number): Promise<CatchUp> {
  const startedMs = performance.now()
  const first = await clickFigures(port)
  for (let last = first; ; last = await clickFigures(port)) {
    const elapsedMs = performance.now() - startedMs
    if (last.stored === last.spooled)
      return { clicks: first.spooled - first.stored, seconds: elapsedMs / 1000 }
    if (elapsedMs > CATCH_UP_LIMIT_MS)
      throw new Error(`${last.spooled - last.stored} clicks are still not stored`)
    await sleep(POLL_MS)
  }
}
