import type { CatchUp, ClickFigures, LoadFigures } from './measure.ts'
import type { MemoryFigures } from './process-figures.ts'

/** The servers that are compared, ours first. */
export const CONTESTANTS = ['Onehop', 'bare Bun.serve', 'nginx map'] as const

export type Contestant = (typeof CONTESTANTS)[number]

/** Everything one run of the benchmark found out. */
export interface Findings {
  readonly links: number
  readonly connections: number
  readonly seconds: number
  readonly rounds: readonly Readonly<Record<Contestant, LoadFigures>>[]
  readonly memory: Readonly<Record<Contestant, MemoryFigures>>
  readonly catchUps: readonly CatchUp[]
  readonly clicks: ClickFigures
  /** Answers the load generator received from Onehop, warm-up included. */
  readonly answers: number
  /** Requests it may have had under way when it stopped. */
  readonly maxUnanswered: number
  /** Rows of clicks in the database. */
  readonly rows: number
  /** The sum of the clicks counted per link. */
  readonly totals: number
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

/** The findings as Markdown. */
export function renderFindings(findings: Findings): string {
  const { rounds, clicks } = findings
  const rows = CONTESTANTS.map((name) => {
    const of = (figure: keyof LoadFigures) => rounds.map((round) => round[name][figure])
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
  const errors = CONTESTANTS.map((name) => `${name} ${sum(rounds.map((round) => round[name].errors))}`)
  return [
    `${whole(findings.links)} links, ${findings.connections} connections, ${rounds.length} rounds of ${findings.seconds} s for each server, in turn.`,
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
      rounds.map((round, index) => {
        const catchUp = findings.catchUps[index]
        return [
          String(index + 1),
          ratio(round, 'bare Bun.serve').toFixed(2),
          ratio(round, 'nginx map').toFixed(2),
          CONTESTANTS.map((name) => round[name].othersCores.toFixed(2)).join(', '),
          whole(catchUp?.clicks ?? 0),
          (catchUp?.seconds ?? 0).toFixed(1),
          whole(perSecond(catchUp)),
        ]
      }),
    ),
    '',
    `Answers received from Onehop, warm-up included: ${whole(findings.answers)}; redirected according to \`/metrics\`: ${whole(clicks.redirected)}, of which up to ${findings.maxUnanswered} were on their way when the load generator stopped; clicks in the database: ${whole(findings.rows)}; sum of the links' totals: ${whole(findings.totals)}; lost: ${clicks.dropped}. Links in memory: ${whole(clicks.linksInMemory)}. Failed requests: ${errors.join(', ')}.`,
    '',
    ...verdicts(findings).map(({ isMet, text }) => `- **${isMet ? 'PASS' : 'SHORT'}** ${text}`),
  ].join('\n')
}

/** What was aimed at, and whether it was reached. */
export function verdicts(findings: Findings): readonly Verdict[] {
  const { rounds, clicks, answers, rows, totals } = findings
  const ofBare = median(rounds.map((round) => ratio(round, 'bare Bun.serve')))
  const ofNginx = median(rounds.map((round) => ratio(round, 'nginx map')))
  const p99Ms = median(rounds.map((round) => round['Onehop'].p99Ms))
  const { peakMib } = findings.memory['Onehop']
  const caughtUp = median(findings.catchUps.map(perSecond))
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
      text: `${whole(caughtUp)} clicks/s of catching up (at least ${whole(MIN_CATCH_UP_PER_SECOND)})`,
    },
    {
      isMet:
        rows === clicks.redirected &&
        totals === rows &&
        unanswered >= 0 &&
        unanswered <= findings.maxUnanswered,
      text: `every answer is one click in the database, and nothing else is (${whole(answers)} answered, ${unanswered} under way, ${whole(rows)} stored)`,
    },
  ]
}

function ratio(round: Findings['rounds'][number], other: Contestant): number {
  return round['Onehop'].requestsPerSecond / round[other].requestsPerSecond
}

function perSecond(catchUp: CatchUp | undefined): number {
  return catchUp === undefined ? 0 : catchUp.clicks / catchUp.seconds
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map((_, index) => (index === 0 ? '---' : '---:'))), ...rows.map(line)]
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const upper = sorted[sorted.length >> 1] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[(sorted.length >> 1) - 1] ?? Number.NaN)) / 2
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}
