import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client'
import type { AttemptOutcome, ClaimedDelivery } from '#core/deliveries/delivery.ts'
import type { QueueState } from '#core/deliveries/delivery-queries.ts'
import type { RequestFacts } from '#http/api-server.ts'
import type { RedirectCounts } from '#redirect/redirect.ts'
import { DurationHistogram } from './duration-histogram.ts'

/** Figures that are kept elsewhere and read when they are asked for. */
export interface MetricSources {
  readonly redirects: () => Readonly<RedirectCounts>
  readonly linksInMemory: () => number
  readonly spool: () => { readonly appended: number; readonly dropped: number }
  readonly queue: () => Promise<readonly QueueState[]>
  readonly consumer: () => { readonly consumed: number; readonly behindBytes: number }
}

export interface Metrics {
  readonly onAnswered: (facts: RequestFacts) => void
  readonly onAttempt: (delivery: ClaimedDelivery, outcome: AttemptOutcome) => void
  /** Everything in the Prometheus text format. */
  readonly render: () => Promise<{ readonly text: string; readonly contentType: string }>
}

/** By itself prom-client looks ten times as often, which wakes a server that has nothing to do a hundred times a second. */
const LOOP_WATCHED_EVERY_MS = 100

/** The server's figures. The hot path only counts in plain numbers; they are gathered when somebody asks. */
export function createMetrics(version: string, sources: () => MetricSources): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LOOP_WATCHED_EVERY_MS })
  const registers = [registry]

  new Gauge({ name: 'onehop_info', help: 'The running release.', labelNames: ['version'], registers }).set(
    { version },
    1,
  )
  const requests = new DurationHistogram(
    {
      name: 'onehop_http_request_duration_seconds',
      help: 'API requests by API, method and status.',
      labelNames: ['api', 'method', 'status'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    },
    registry,
  )
  const counter = (name: string, help: string, value: () => number) =>
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset()
        this.inc(value())
      },
    })
  const gauge = (name: string, help: string, value: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value())
      },
    })

  new Counter({
    name: 'onehop_redirects_total',
    help: 'Answers to short links.',
    labelNames: ['outcome'],
    registers,
    collect() {
      const { redirected, shown, notFound, expired, failed } = sources().redirects()
      this.reset()
      for (const [outcome, count] of Object.entries({
        redirected,
        shown,
        not_found: notFound,
        expired,
        failed,
      }))
        this.inc({ outcome }, count)
    },
  })
  gauge('onehop_links_in_memory', 'Links held in memory.', () => sources().linksInMemory())
  counter('onehop_clicks_spooled_total', 'Clicks made durable.', () => sources().spool().appended)
  counter(
    'onehop_clicks_dropped_total',
    'Clicks lost for want of disk and memory.',
    () => sources().spool().dropped,
  )
  counter(
    'onehop_clicks_stored_total',
    'Clicks written to the database.',
    () => sources().consumer().consumed,
  )
  gauge(
    'onehop_spool_behind_bytes',
    'Clicks waiting to be written, in bytes of spool.',
    () => sources().consumer().behindBytes,
  )

  const attempts = new Counter({
    name: 'onehop_delivery_attempts_total',
    help: 'Attempts to deliver webhooks and mails.',
    labelNames: ['kind', 'result'],
    registers,
  })
  new Gauge({
    name: 'onehop_deliveries_waiting',
    help: 'Deliveries that are to go out, now or later.',
    labelNames: ['kind'],
    registers,
    async collect() {
      for (const { kind, waiting } of await sources().queue()) this.set({ kind }, waiting)
    },
  })
  new Gauge({
    name: 'onehop_delivery_oldest_due_seconds',
    help: 'For how long the oldest delivery that waits should have gone out.',
    labelNames: ['kind'],
    registers,
    async collect() {
      for (const { kind, oldestDueAt } of await sources().queue()) {
        const dueMs = oldestDueAt === undefined ? 0 : Date.now() - oldestDueAt.getTime()
        this.set({ kind }, Math.max(0, dueMs / 1000))
      }
    },
  })

  return {
    onAttempt: ({ kind }, { result }) => attempts.inc({ kind, result }),
    onAnswered: ({ dialect, method, status, durationMs }) =>
      requests.observe([dialect, KNOWN_METHODS.has(method) ? method : 'OTHER', status], durationMs / 1000),
    render: async () => ({ text: await registry.metrics(), contentType: registry.contentType }),
  }
}

/** Labels must be few; a client chooses its method freely. */
const KNOWN_METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
