import { Hono } from 'hono'
import { DomainError } from '#core/errors.ts'
import { authorizeCron } from '#core/schedule/authorize-cron.ts'
import type { TaskReport } from '#core/schedule/task.ts'
import type { Env } from '#http/dialect.ts'
import { queryText } from '#http/read-query.ts'

/** Runs tasks now; one that takes long is reported as it goes on. */
export type RunTasks = (names: readonly string[]) => Promise<readonly TaskReport[]>

/** Source: contract "Scheduled jobs (cron)". */
const TASKS = ['renew', 'weekly'] as const

/** The door for external schedulers, by GET or POST. */
export function cron(runTasks: RunTasks): Hono<Env> {
  return new Hono<Env>().on(['GET', 'POST'], '/', async (c) => {
    await authorizeCron(c.var.ctx, {
      secret: queryText(c.req, 'secret'),
      clientKey: c.env.client.limitKey,
    })
    const reports = await runTasks(parseTasks(queryText(c.req, 'task') ?? 'all'))
    const data = Object.fromEntries(
      reports.map(({ task, outcome, counts }) => [task, { status: outcome, ...counts }]),
    )
    if (reports.every(({ outcome }) => outcome !== 'failed')) return c.json({ data })
    const message = 'A task failed; the log says why, and it is tried again.'
    return c.json({ error: 'task_failed', code: 'task_failed', message, data }, 500)
  })
}

function parseTasks(text: string): readonly string[] {
  if (text === 'all') return TASKS
  const task = TASKS.find((known) => known === text)
  if (task !== undefined) return [task]
  throw new DomainError('invalid-parameter', {
    parameter: 'task',
    problem: `must be ${TASKS.join(', ')} or all`,
  })
}
