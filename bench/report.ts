import { median, whole } from './figures.ts'
import type { CatchUp, ClickFigures, LoadFigures } from './measure.ts'
import type { MemoryFigures } from './process-figures.ts'

/** The servers that are compared, ours first. */
export const CONTESTANTS = ['Onehop', 'bare Bun.serve', 'nginx map'] as const

export type Contestant = (typeof CONTESTANTS)[number]

/** Each server under load once. */
export interface Round {
  readonly loads: Readonly<Record<Contestant, LoadFigures>>
  /** What became of the clicks of Onehop's load. */
  readonly catchUp: CatchUp
}

/** Everything one run of the benchmark found out. */
export interface Findings {
  readonly links: number
  readonly connections: number
  readonly seconds: number
  readonly rounds: readonly Round[]
  /** Rounds that were measured and left out because somebody else used the machine. */
  readonly repeated: number
  readonly memory: Readonly<Record<Contestant, MemoryFigures>>
  readonly clicks: ClickFigures
  /** Answers the load generator received from Onehop, warm-up included. */
  readonly answers: number
  /** Requests it may have had under way when it stopped. */
  readonly maxUnanswered: number
  /** The sum of the clicks the database has counted for each link. */
  readonly clicksByLink: number
  /** And of those it has counted for each month. */
  readonly clicksByMonth: number
}

/** A figure that must hold. */
export interface Verdict {
  readonly isMet: boolean
  readonly text: string
}

const MIN_OF_BARE = 0.7
const MIN_OF_NGINX = 0.5
const MAX_P99_MS = 10
const MAX_MEMORY_MIB = 250
const MIN_CATCH_UP_PER_SECOND = 20_000
/** Fewer clicks than these say nothing about the speed of catching up: the consumer kept up with the load. */
const MIN_LEFT_BEHIND = 20_000

/** The findings as Markdown. */
export function renderFindings(findings: Findings): string {
  const { rounds, clicks } = findings
  const rows = CONTESTANTS.map((name) => {
    const of = (figure: keyof LoadFigures) => rounds.map(({ loads }) => loads[name][figure])
    const { peakMib, nowMib } = findings.memory[name]
    return [
      name,
      whole(median(of('requestsPerSecond'))),
      whole(Math.max(...of('requestsPerSecond'))),
      median(of('p50Ms')).toFixed(2),
      median(of('p99Ms')).toFixed(2),
      median(of('cpuMicrosPerRequest')).toFixed(1),
      median(of('mainThreadMicrosPerRequest')).toFixed(1),
      peakMib.toFixed(0),
      nowMib.toFixed(0),
    ]
  })
  const errors = CONTESTANTS.map((name) => `${name} ${sum(rounds.map(({ loads }) => loads[name].errors))}`)
  return [
    `${whole(findings.links)} links, ${findings.connections} connections, ${rounds.length} rounds of ${findings.seconds} s for each server, in turn; ${findings.repeated} more rounds were left out because other programs were busy.`,
    '',
    ...table(
      [
        ['server', 'requests/s, median', 'best', 'p50 ms', 'p99 ms', 'CPU µs/request', 'main thread alone'],
        ['peak MiB', 'MiB after'],
      ].flat(),
      rows,
    ),
    '',
    ...table(
      [
        'round',
        'Onehop / bare',
        'Onehop / nginx',
        'cores others used',
        'clicks left behind',
        'caught up in s',
        'clicks/s',
      ],
      rounds.map((round, index) => [
        String(index + 1),
        ratio(round, 'bare Bun.serve').toFixed(2),
        ratio(round, 'nginx map').toFixed(2),
        CONTESTANTS.map((name) => round.loads[name].othersCores.toFixed(2)).join(', '),
        whole(round.catchUp.clicks),
        round.catchUp.seconds.toFixed(1),
        whole(perSecond(round.catchUp)),
      ]),
    ),
    '',
    `Answers received from Onehop, warm-up included: ${whole(findings.answers)}; redirected according to \`/metrics\`: ${whole(clicks.redirected)}, of which up to ${findings.maxUnanswered} were on their way when the load generator stopped; clicks in the database: ${whole(findings.clicksByLink)} by link, ${whole(findings.clicksByMonth)} by month. Links in memory: ${whole(clicks.linksInMemory)}. Failed requests: ${errors.join(', ')}.`,
    '',
    ...verdicts(findings).map(({ isMet, text }) => `- **${isMet ? 'PASS' : 'SHORT'}** ${text}`),
  ].join('\n')
}

/** What was aimed at, and whether it was reached. */
export function verdicts(findings: Findings): readonly Verdict[] {
  const { rounds, clicks, answers, clicksByLink, clicksByMonth } = findings
  const ofBare = median(rounds.map((round) => ratio(round, 'bare Bun.serve')))
  const ofNginx = median(rounds.map((round) => ratio(round, 'nginx map')))
  const p99Ms = median(rounds.map(({ loads }) => loads['Onehop'].p99Ms))
  const { peakMib } = findings.memory['Onehop']
  const behind = rounds.filter(({ catchUp }) => catchUp.clicks >= MIN_LEFT_BEHIND)
  const caughtUp = behind.length === 0 ? Infinity : median(behind.map((round) => perSecond(round.catchUp)))
  const unanswered = clicks.redirected - answers
  return [
    {
      isMet: ofBare >= MIN_OF_BARE,
      text: `${ofBare.toFixed(2)} of bare Bun.serve (at least ${MIN_OF_BARE})`,
    },
    { isMet: ofNginx >= MIN_OF_NGINX, text: `${ofNginx.toFixed(2)} of nginx (at least ${MIN_OF_NGINX})` },
    {
      isMet: p99Ms < MAX_P99_MS,
      text: `p99 ${p99Ms.toFixed(2)} ms at ${findings.connections} connections (below ${MAX_P99_MS})`,
    },
    {
      isMet: peakMib < MAX_MEMORY_MIB && clicks.linksInMemory >= findings.links,
      text: `${peakMib.toFixed(0)} MiB at most with ${whole(clicks.linksInMemory)} links in memory (below ${MAX_MEMORY_MIB} with ${whole(findings.links)})`,
    },
    {
      isMet: caughtUp >= MIN_CATCH_UP_PER_SECOND,
      text:
        behind.length === 0
          ? 'no clicks to catch up with: they were stored during the load'
          : `${whole(caughtUp)} clicks/s of catching up (at least ${whole(MIN_CATCH_UP_PER_SECOND)})`,
    },
    {
      isMet:
        clicksByLink === clicks.redirected &&
        clicksByMonth === clicksByLink &&
        unanswered >= 0 &&
        unanswered <= findings.maxUnanswered,
      text: `every answer is one click in the database, and nothing else is (${whole(answers)} answered, ${unanswered} under way, ${whole(clicksByLink)} stored)`,
    },
  ]
}

function ratio({ loads }: Round, other: Contestant): number {
  return loads['Onehop'].requestsPerSecond / loads[other].requestsPerSecond
}

function perSecond({ clicks, seconds }: CatchUp): number {
  return clicks / seconds
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map((_, index) => (index === 0 ? '---' : '---:'))), ...rows.map(line)]
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
