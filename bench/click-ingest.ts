import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openClickSpool } from '#redirect/click-spool.ts'
import { startServerProcess } from '#testing/server-process.ts'
import { benchLinks, storeLinks, writeSlugs } from './links.ts'
import { clickFigures } from './measure.ts'
import { runWrk } from './wrk.ts'

export interface IngestFigures {
  /** Clicks that reached the database while redirects went on. */
  readonly stored: number
  readonly seconds: number
  readonly clicksPerSecond: number
  readonly consumerMicrosPerClick: number
  readonly redirectsPerSecond: number
  readonly p99Ms: number
}

const LINKS = 20_000
const CONNECTIONS = 16
const SECONDS = 10
/** The consumer's thread is the one whose nice value is at least this. */
const CONSUMER_NICE = 10
const TICKS_PER_SECOND = 100
const AGENTS = [
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0',
  'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
]

/** Start a server over a spool that is full of clicks, put it under load, and see how fast they are stored. */
export async function measureIngest(dir: string, clicks: number): Promise<IngestFigures> {
  const links = benchLinks(LINKS)
  await storeLinks(dir, links)
  const slugFile = join(dir, 'slugs.txt')
  writeSlugs(slugFile, links)
  await spoolClicks(join(dir, 'spool'), clicks)

  await using server = await startServerProcess({ dataDir: dir, launcher: ['taskset', '-c', '0'] })
  const consumer = await consumerThread(server.pid)
  Bun.spawnSync(['taskset', '-p', '-c', '1', String(consumer)])
  const before = await clickFigures(server.port)
  const [startedMs, startedTicks] = [performance.now(), threadTicks(server.pid, consumer)]
  const load = runWrk({ port: server.port, slugFile, connections: CONNECTIONS, seconds: SECONDS, core: 0 })
  let after = before
  let [endedMs, endedTicks] = [startedMs, startedTicks]
  const isOver = load.then(() => true)
  while (!(await Promise.race([isOver, sleep(100, false)]))) {
    const now = await clickFigures(server.port)
    if (now.stored > after.stored)
      [endedMs, endedTicks] = [performance.now(), threadTicks(server.pid, consumer)]
    after = now
    if (now.stored >= clicks) break
  }
  const { requestsPerSecond, p99Ms } = await load
  const stored = after.stored - before.stored
  const seconds = (endedMs - startedMs) / 1000
  return {
    stored,
    seconds,
    clicksPerSecond: stored / seconds,
    consumerMicrosPerClick: ((endedTicks - startedTicks) * 1e6) / TICKS_PER_SECOND / Math.max(1, stored),
    redirectsPerSecond: requestsPerSecond,
    p99Ms,
  }
}

/** Clicks of the last minutes on all links, by a few thousand people. */
async function spoolClicks(dir: string, clicks: number): Promise<void> {
  mkdirSync(dir, { recursive: true })
  await using spool = openClickSpool({ dir })
  const startMs = Date.now() - 600_000
  for (let n = 0; n < clicks; n++)
    spool.append({
      atMs: startMs + (600_000 * n) / clicks,
      linkId: ((n * 7919) % LINKS) + 1,
      teamId: 1,
      isHead: false,
      isPrefetch: false,
      isScan: n % 20 === 0,
      ip: `203.0.${(n * 31) % 256}.${(n * 17) % 256}`,
      userAgent: AGENTS[n % AGENTS.length] ?? '',
      referrer: n % 3 === 0 ? '' : `https://site-${n % 500}.example/page`,
      acceptLanguage: 'en-US,en;q=0.9',
      query: n % 4 === 0 ? 'utm_source=newsletter&utm_medium=email' : '',
    })
}

async function consumerThread(pid: number): Promise<number> {
  for (let tries = 0; tries < 200; tries++) {
    const found = readdirSync(`/proc/${pid}/task`).find(
      (task) => Number(fields(pid, Number(task))[16]) >= CONSUMER_NICE,
    )
    if (found !== undefined) return Number(found)
    await sleep(10)
  }
  throw new Error('the server has no consumer thread')
}

function threadTicks(pid: number, thread: number): number {
  const stat = fields(pid, thread)
  return Number(stat[11]) + Number(stat[12])
}

function fields(pid: number, thread: number): string[] {
  return (readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8').split(') ')[1] ?? '').split(' ')
}
