import { recordChange } from '#core/audit/record-change.ts'
import { type Ctx, inTransaction } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import type { SourceStatus } from '#core/network/sources/source-status.ts'
import type { TermsStatus } from '#core/network/sources/source-terms.ts'
import { requireOperator } from '#core/permissions.ts'
import type { InstanceMonitor, InstanceStatus } from './instance-monitor.ts'
import { type DeliveryHealth, findDeliveryHealth, findLastRuns, type LastRun } from './operator-queries.ts'

/** What of the queue's failures is told. */
const FAILURES_OF_MS = 24 * 60 * 60 * 1000

/** How the installation is. */
export interface InstanceHealth {
  readonly status: InstanceStatus
  /** `failed` are those of the last 24 hours. */
  readonly deliveries: DeliveryHealth
  readonly tasks: readonly TaskHealth[]
}

export interface TaskHealth {
  readonly name: string
  readonly nextAt: Date | null
  /** Undefined for a task that never ran. */
  readonly lastRun: LastRun | undefined
}

/** Where the network data are from, and how old they are. */
export interface NetworkDataHealth {
  /** When what lookups answer from was compiled; null while there is nothing. */
  readonly builtAt: Date | null
  readonly sources: readonly SourceStatus[]
  readonly terms: readonly TermsStatus[]
  readonly isUpdating: boolean
  /** What was wrong with the last update. */
  readonly problem: string | undefined
}

/**
 * How the installation is; an operator's.
 *
 * @throws DomainError `unauthenticated`, `account-blocked`, `forbidden` or `role-required`
 */
export async function getInstanceHealth(ctx: Ctx, monitor: InstanceMonitor): Promise<InstanceHealth> {
  requireOperator(ctx.actor)
  const runs = new Map((await findLastRuns(ctx.db)).map((run) => [run.task, run]))
  return {
    status: await monitor.status(),
    deliveries: await findDeliveryHealth(ctx.db, new Date(ctx.now().getTime() - FAILURES_OF_MS)),
    tasks: monitor.taskTurns().map(({ name, nextAt }) => ({ name, nextAt, lastRun: runs.get(name) })),
  }
}

/**
 * Where the network data are from; an operator's.
 *
 * @throws DomainError `unauthenticated`, `account-blocked`, `forbidden` or `role-required`
 */
export function getNetworkDataHealth(ctx: Ctx, monitor: InstanceMonitor): NetworkDataHealth {
  requireOperator(ctx.actor)
  const { isRunning, problem } = monitor.dataUpdate()
  const sources = monitor.dataSources()
  return { builtAt: builtAt(ctx), sources, terms: monitor.dataTerms(), isUpdating: isRunning, problem }
}

/**
 * Update the network data, as an operator: what has no terms to accept, or whose terms were accepted. It goes on in the
 * background; {@link getNetworkDataHealth} tells how.
 *
 * @throws DomainError `unauthenticated`, `account-blocked`, `forbidden`, `role-required` or `data-update-busy`
 */
export async function updateNetworkData(ctx: Ctx, monitor: InstanceMonitor): Promise<void> {
  requireOperator(ctx.actor)
  if (!monitor.startDataUpdate()) throw new DomainError('data-update-busy', {})
  await inTransaction(ctx, (tx) =>
    recordChange(tx, { action: 'data.update-started', teamId: null, subject: 'network data' }),
  )
}

/**
 * Accept the terms that network data come with, as an operator; the next update fetches what comes with them. To do so
 * again changes nothing.
 *
 * @throws DomainError `unauthenticated`, `account-blocked`, `forbidden`, `role-required`, `invalid-parameter` for terms that
 *   nothing comes with, or `data-update-busy`
 */
export async function acceptNetworkDataTerms(
  ctx: Ctx,
  monitor: InstanceMonitor,
  name: string,
): Promise<void> {
  requireOperator(ctx.actor)
  const all = monitor.dataTerms()
  const found = all.find(({ terms }) => terms.name === name)
  if (found === undefined)
    throw new DomainError('invalid-parameter', {
      parameter: 'terms',
      problem: `must be one of ${all.map(({ terms }) => terms.name).join(', ')}`,
    })
  const { terms, sources, acceptedAt } = found
  if (acceptedAt !== undefined) return
  await inTransaction(ctx, async (tx) => {
    const change = { action: 'data.terms-accepted', teamId: null, subject: `terms ${name}` } as const
    await recordChange(tx, { ...change, after: { url: terms.url, sources } })
    // The last thing that can be refused: what is written down is done.
    if (!monitor.acceptDataTerms(terms)) throw new DomainError('data-update-busy', {})
  })
}

function builtAt({ network }: Ctx): Date | null {
  try {
    return network.view().builtAt
  } catch (error) {
    if (error instanceof DomainError && error.code === 'network-data-loading') return null
    throw error
  }
}
