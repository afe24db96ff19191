import { expect, test } from 'bun:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openServices } from '#cli/open-services.ts'
import { parseConfig } from '#config/parse-config.ts'
import { parseEmail, parsePassword } from '#core/accounts/account.ts'
import { findPersonalTeamId } from '#core/accounts/account-queries.ts'
import { createAccount } from '#core/accounts/create-account.ts'
import { listSegments } from '#core/clicks/spool-segments.ts'
import { parseSlug, parseTargetUrl } from '#core/links/link.ts'
import { insertLink } from '#core/links/link-queries.ts'
import type { ClickDb } from '#db/database.ts'
import { type ServerProcess, startServerProcess } from '#testing/server-process.ts'
import { TEST_DB, testDatabases } from '#testing/test-database.ts'

const ROUNDS = Number(process.env['ONEHOP_KILL_ROUNDS'] ?? (process.env['CI'] ? 20 : 3))
const ROUNDS_ON_POSTGRES = 2
/** In a round every link is asked for at most once, so that the count of a link tells of one click. */
const LINKS = 20_000
const CONNECTIONS = 32
/** Requests each connection has under way; no more than one where the database is not in the server's process (Bun 1.4). */
const PIPELINED = TEST_DB === 'sqlite' ? 2 : 1
const MIN_LOAD_MS = 50
const MAX_LOAD_MS = 400
/** In every so manieth round the server is killed again, while it stores what the first one left behind. */
const KILL_TWICE_EVERY = 2
const CATCH_UP_LIMIT_MS = 10_000

test.skipIf(TEST_DB !== 'sqlite')(
  'a server that is killed loses no answered click and counts none twice',
  () => killRepeatedly(ROUNDS),
  20_000 + ROUNDS * 5_000,
)

test.skipIf(TEST_DB !== 'postgres')(
  'a server on PostgreSQL that is killed loses no answered click and counts none twice',
  () => killRepeatedly(ROUNDS_ON_POSTGRES),
  60_000,
)

async function killRepeatedly(rounds: number): Promise<void> {
  await using database = await testDatabases()
  const { dir, location } = database
  const { clickDb } = database.databases
  const databaseUrl: Record<string, string> =
    location?.kind === 'postgres' ? { DATABASE_URL: location.url } : {}
  const linkIds = await givenLinks({ ...databaseUrl, ONEHOP_DATA_DIR: dir })
  const start = () => startServerProcess({ dataDir: dir, env: databaseUrl })

  let answeredInAll = 0
  let before = await clickTotals(clickDb)
  for (let round = 0; round < rounds; round++) {
    await using killed = await start()
    const { answered, asked } = await pressUntilKilled(killed)
    answeredInAll += answered.size
    if (round % KILL_TWICE_EVERY === 1) await killSoon(await start())

    await using survivor = await start()
    await untilStored(clickDb, dir)
    const { exitCode } = await survivor.end('SIGTERM')

    const after = await clickTotals(clickDb)
    const counted = linkIds.map((linkId) => (after.get(linkId) ?? 0) - (before.get(linkId) ?? 0))
    expect(exitCode).toBe(0)
    expect([...answered].filter((n) => counted[n] !== 1)).toEqual([])
    expect(counted.flatMap((count, n) => (count > (n < asked ? 1 : 0) ? [n] : []))).toEqual([])
    expect(sum(after.values())).toBe(await monthlyClicks(clickDb))
    before = after
  }
  expect(answeredInAll).toBeGreaterThan(0)
}

/** @returns the ids of links 0, 1, 2 and so on */
async function givenLinks(env: Record<string, string>): Promise<readonly number[]> {
  await using open = await openServices(parseConfig(env).config)
  const { services } = open
  const account = { email: parseEmail('owner@example.com'), password: parsePassword('correct horse') }
  const user = await createAccount(services, account, {})
  const teamId = (await findPersonalTeamId(services.db, user.id)) ?? 0
  const ids: number[] = []
  await services.db.transaction().execute(async (tx) => {
    for (let n = 0; n < LINKS; n++) {
      const link = await insertLink(tx, {
        publicId: services.random.base62(24),
        teamId,
        userId: user.id,
        slug: parseSlug(slugOf(n)),
        target: parseTargetUrl(`https://example.com/${n}`),
        title: null,
        status: 'active',
        source: 'api',
        expiresAt: null,
        createdAt: services.now(),
      })
      ids.push(link?.id ?? 0)
    }
  })
  return ids
}

function slugOf(n: number): string {
  return `link-${n}`
}

interface Load {
  /** Numbers of the links whose redirect arrived in full. */
  readonly answered: ReadonlySet<number>
  /** All links below this number were asked for. */
  readonly asked: number
}

/** Ask for one link after the other, as fast as the server answers, and kill it at a random moment. */
async function pressUntilKilled(server: ServerProcess): Promise<Load> {
  const answered = new Set<number>()
  let next = 0
  const ask = (socket: Bun.Socket<Conversation>) => {
    if (next === LINKS) return
    socket.data.waiting.push(next)
    socket.write(`GET /${slugOf(next)}?n=${next} HTTP/1.1\r\nHost: s.test\r\nUser-Agent: kill-9\r\n\r\n`)
    next++
  }
  const connect = () =>
    Bun.connect<Conversation>({
      hostname: '127.0.0.1',
      port: server.port,
      data: { waiting: [], unread: '' },
      socket: {
        open: ask,
        data(socket, bytes) {
          const { data } = socket
          data.unread += bytes.toString('latin1')
          for (const answer of takeAnswers(data)) {
            const n = data.waiting.shift()
            if (n === undefined || !answer.includes(`\r\nLocation: https://example.com/${n}\r\n`))
              throw new Error(`${n}: ${answer}`)
            answered.add(n)
          }
          while (data.waiting.length < PIPELINED && next < LINKS) ask(socket)
        },
        error() {},
      },
    })
  const sockets = await Promise.all(Array.from({ length: CONNECTIONS }, connect))
  await sleep(MIN_LOAD_MS + Math.random() * (MAX_LOAD_MS - MIN_LOAD_MS))
  await server.end('SIGKILL')
  // What had left the server before its end may still be on its way.
  await sleep(20)
  for (const socket of sockets) socket.end()
  return { answered, asked: next }
}

interface Conversation {
  /** What was asked for and is not answered, in order. */
  readonly waiting: number[]
  unread: string
}

/** Cut off the answers that are complete; a redirect has no body. */
function takeAnswers(conversation: Conversation): readonly string[] {
  const parts = conversation.unread.split('\r\n\r\n')
  conversation.unread = parts.pop() ?? ''
  return parts.map((part) => `${part}\r\n`)
}

async function killSoon(server: ServerProcess): Promise<void> {
  await sleep(Math.random() * 100)
  await server.end('SIGKILL')
}

/** Wait until the consumer has come to the newest segment, in which the server that is running now writes. */
async function untilStored(clickDb: ClickDb, dir: string): Promise<void> {
  const giveUpAtMs = Date.now() + CATCH_UP_LIMIT_MS
  for (;;) {
    const spool = await clickDb.selectFrom('spool').select('segment').executeTakeFirst()
    if (spool !== undefined && spool.segment === listSegments(`${dir}/spool`).at(-1)) return
    if (Date.now() > giveUpAtMs) throw new Error('the consumer does not come to the end of the spool')
    await sleep(10)
  }
}

async function clickTotals(clickDb: ClickDb): Promise<ReadonlyMap<number, number>> {
  const rows = await clickDb.selectFrom('click_total').select(['link_id', 'clicks']).execute()
  return new Map(rows.map((row) => [row.link_id, row.clicks]))
}

/** Clicks as they are counted by team and month, in the same transactions as by link. */
async function monthlyClicks(clickDb: ClickDb): Promise<number> {
  const rows = await clickDb.selectFrom('click_usage').select('clicks').execute()
  return sum(rows.map((row) => row.clicks))
}

function sum(values: Iterable<number>): number {
  let total = 0
  for (const value of values) total += value
  return total
}
