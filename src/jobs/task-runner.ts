import { Cron } from 'croner'
import type { Services } from '#core/context.ts'
import { findTasks, insertTasks, type TaskState } from '#core/schedule/schedule-queries.ts'
import type { Task, TaskReport } from '#core/schedule/task.ts'
import { beginTask, type BegunRun, endTask, keepTask, LEASE_MS } from '#core/schedule/task-lease.ts'

export interface TaskRunnerOptions {
  readonly services: Services
  readonly tasks: readonly Task[]
  readonly onFailure: (task: string, error: unknown) => void
  /** How often a run says that it is under way. */
  readonly keepEveryMs?: number
}

/** Runs tasks, each in one process at a time. Disposing tells what is under way to stop, and waits for it. */
export interface TaskRunner extends AsyncDisposable {
  /** Run a task now, due or not. */
  run(name: string): Promise<TaskReport>
  /** Run every task that is due, was missed, failed a while ago, or was lost with a killed process. */
  runDue(): Promise<void>
  /** Every task, and when it is next due. */
  turns(): readonly { readonly name: string; readonly nextAt: Date | null }[]
}

/** Beyond what clocks of several machines differ by: a task done after it is written down under a wrong clock. */
const CLOCK_TOLERANCE_MS = 60 * 60 * 1000

export function createTaskRunner(options: TaskRunnerOptions): TaskRunner {
  const { services, onFailure, keepEveryMs = LEASE_MS / 3 } = options
  const tasks = new Map(options.tasks.map((task) => [task.name, task]))
  const patterns = new Map(
    options.tasks.map(({ name, pattern }) => [
      name,
      new Cron(pattern, { paused: true, timezone: 'UTC', mode: '5-part' }),
    ]),
  )
  const stopping = new AbortController()
  const underWay = new Set<Promise<unknown>>()

  /** The last instant up to now at which a task was due. */
  function lastDueMs(name: string, nowMs: number): number {
    // What comes before an instant leaves that instant out.
    return (
      patterns
        .get(name)
        ?.previousRuns(1, new Date(nowMs + 1))[0]
        ?.getTime() ?? 0
    )
  }

  function isDue(state: TaskState, nowMs: number): boolean {
    if (state.holder !== undefined || state.retryAtMs > nowMs) return false
    return (
      state.doneThroughMs < lastDueMs(state.name, nowMs) || state.doneThroughMs > nowMs + CLOCK_TOLERANCE_MS
    )
  }

  async function statesByName(): Promise<ReadonlyMap<string, TaskState>> {
    const now = services.now()
    const find = async () => new Map((await findTasks(services.db, now)).map((state) => [state.name, state]))
    const states = await find()
    const unknown = [...tasks.keys()].filter((name) => !states.has(name))
    if (unknown.length === 0) return states
    await insertTasks(services.db, unknown, now)
    return find()
  }

  async function perform(task: Task, failures: number, state?: TaskState): Promise<TaskReport> {
    const busy: TaskReport = { task: task.name, outcome: 'busy', counts: {} }
    if (stopping.signal.aborted) return { ...busy, outcome: 'stopped' }
    const run = await beginTask(services, task.name, state)
    if (run === undefined) return busy
    const lost = new AbortController()
    const keeper = setInterval(() => void keep(run, lost), keepEveryMs)
    try {
      const counts = await task.run(services, AbortSignal.any([stopping.signal, lost.signal]))
      await endTask(services, run, { outcome: 'done', counts })
      return { task: task.name, outcome: 'done', counts }
    } catch (error) {
      if (stopping.signal.aborted || lost.signal.aborted) {
        await endTask(services, run, { outcome: 'stopped' })
        return { ...busy, outcome: 'stopped' }
      }
      onFailure(task.name, error)
      const problem = error instanceof Error ? error.message : String(error)
      await endTask(services, run, { outcome: 'failed', problem, failures: failures + 1 })
      return { ...busy, outcome: 'failed' }
    } finally {
      clearInterval(keeper)
    }
  }

  async function keep(run: BegunRun, lost: AbortController): Promise<void> {
    try {
      if (!(await keepTask(services, run))) lost.abort(new Error('another process has taken the task'))
    } catch (error) {
      // The next time may succeed; if none does, the lease runs out and the task is another's.
      onFailure(run.name, error)
    }
  }

  function track<T>(work: Promise<T>): Promise<T> {
    underWay.add(work)
    const forget = () => underWay.delete(work)
    work.then(forget, forget)
    return work
  }

  return {
    run(name) {
      const task = tasks.get(name)
      if (task === undefined) throw new Error(`there is no task ${name}`)
      return track(statesByName().then((states) => perform(task, states.get(name)?.failures ?? 0)))
    },

    async runDue() {
      if (stopping.signal.aborted) return
      const states = await statesByName()
      const nowMs = services.now().getTime()
      const due = [...tasks.values()].flatMap((task) => {
        const state = states.get(task.name)
        return state !== undefined && isDue(state, nowMs) ? [{ task, state }] : []
      })
      const runs = due.map(async ({ task, state }) => {
        try {
          await perform(task, state.failures, state)
        } catch (error) {
          // The database cannot be reached: nothing is written down, and the next look tries again.
          onFailure(task.name, error)
        }
      })
      await track(Promise.all(runs))
    },

    turns() {
      const now = services.now()
      return [...patterns].map(([name, pattern]) => ({ name, nextAt: pattern.nextRun(now) }))
    },

    async [Symbol.asyncDispose]() {
      stopping.abort(new Error('the server is stopping'))
      await Promise.allSettled(underWay)
    },
  }
}

/** How long a run that somebody waits for is waited for; connections that stay silent longer are cut. */
const WAIT_MS = 20_000

/** Run tasks now, one after the other; once they take longer than is waited for, the rest goes on unwatched. */
export async function runForAWhile(
  runner: TaskRunner,
  names: readonly string[],
  waitMs = WAIT_MS,
): Promise<readonly TaskReport[]> {
  const reports = new Map(
    names.map((task): [string, TaskReport] => [task, { task, outcome: 'running', counts: {} }]),
  )
  const all = (async () => {
    for (const name of names) reports.set(name, await runner.run(name))
  })()
  let timer: ReturnType<typeof setTimeout> | undefined
  const tooLong = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, waitMs)
  })
  await Promise.race([all, tooLong])
  clearTimeout(timer)
  return [...reports.values()]
}

/** How often it is looked what is due: a task begins at most this late. */
const LOOK_PATTERN = '*/15 * * * * *'

/** Run tasks when they are due, from now on; what was missed while no server ran is run once, at once. */
export function startSchedule(runner: TaskRunner, onError: (error: unknown) => void): AsyncDisposable {
  const look = () => void runner.runDue().catch(onError)
  const clock = new Cron(LOOK_PATTERN, { timezone: 'UTC', unref: true }, look)
  look()
  return {
    async [Symbol.asyncDispose]() {
      clock.stop()
      await runner[Symbol.asyncDispose]()
    },
  }
}
