import { expect, test } from 'bun:test'
import type { Task } from '#core/schedule/task.ts'
import { LEASE_MS } from '#core/schedule/task-lease.ts'
import { type TestApp, testApp } from '#testing/test-app.ts'
import { until } from '#testing/until.ts'
import { createTaskRunner, runForAWhile, startSchedule, type TaskRunner } from './task-runner.ts'

const MINUTE_MS = 60_000
/** A Monday. */
const START = new Date('2026-03-02T08:30:00Z')

/** A task that counts its runs, and can be held and made to fail. */
function aTask(pattern = '0 * * * *') {
  const held = {
    gate: Promise.resolve(),
    problem: undefined as string | undefined,
    runs: 0,
    atOnce: 0,
    mostAtOnce: 0,
  }
  const task: Task = {
    name: 'test',
    pattern,
    async run(_, signal) {
      held.runs++
      held.atOnce++
      held.mostAtOnce = Math.max(held.mostAtOnce, held.atOnce)
      try {
        const stopped = new Promise<never>((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error))
        })
        await Promise.race([held.gate, stopped])
        if (held.problem !== undefined) throw new Error(held.problem)
        return { number: held.runs }
      } finally {
        held.atOnce--
      }
    },
  }
  return { task, held }
}

function aRunner(app: TestApp, task: Task, keepEveryMs = MINUTE_MS) {
  const failures: string[] = []
  const runner = createTaskRunner({
    services: app.app.services,
    tasks: [task],
    keepEveryMs,
    onFailure: (name, error) => failures.push(`${name}: ${(error as Error).message}`),
  })
  return { runner, failures }
}

async function knownAt(app: TestApp, runner: TaskRunner, now: Date): Promise<void> {
  app.setNow(now)
  await runner.runDue()
}

function runsOf(app: TestApp) {
  return app.app.services.db
    .selectFrom('task_run')
    .select(['outcome', 'counts', 'problem', 'started_at_ms', 'finished_at_ms'])
    .where('task', '=', 'test')
    .orderBy('id')
    .execute()
}

function minutes(count: number, from = START): Date {
  return new Date(from.getTime() + count * MINUTE_MS)
}

test('a task is run when it is due, once a period, however many processes look', async () => {
  await using app = await testApp()
  const { task, held } = aTask()
  const runners = Array.from({ length: 4 }, () => aRunner(app, task).runner)
  const look = () => Promise.all(runners.map((runner) => runner.runDue()))
  app.setNow(START)
  await look()
  expect(held.runs).toBe(0)

  app.setNow(minutes(29.99))
  await look()
  expect(held.runs).toBe(0)
  app.setNow(minutes(30))
  await look()
  await look()
  expect(held.runs).toBe(1)
  app.setNow(minutes(89))
  await look()
  expect(held.runs).toBe(1)
  app.setNow(minutes(91))
  await look()

  expect(held.runs).toBe(2)
  expect(await runsOf(app)).toEqual([
    {
      outcome: 'done',
      counts: '{"number":1}',
      problem: null,
      started_at_ms: minutes(30).getTime(),
      finished_at_ms: minutes(30).getTime(),
    },
    {
      outcome: 'done',
      counts: '{"number":2}',
      problem: null,
      started_at_ms: minutes(91).getTime(),
      finished_at_ms: minutes(91).getTime(),
    },
  ])
})

test('every task says when it is next due', async () => {
  await using app = await testApp()
  app.setNow(START)
  const { task } = aTask('5 * * * *')
  const { runner } = aRunner(app, task)

  expect(runner.turns()).toEqual([{ name: 'test', nextAt: new Date('2026-03-02T09:05:00Z') }])
})

test('what was missed while no server ran is run once, however often it was due', async () => {
  await using app = await testApp()
  const { task, held } = aTask('0 8 * * 1')
  await knownAt(app, aRunner(app, task).runner, START)
  const later = aRunner(app, task).runner
  app.setNow(minutes(24 * 24 * 60))

  await later.runDue()
  await later.runDue()

  expect(held.runs).toBe(1)
})

test('runs never overlap, asked for or due, and the second is told that the task is busy', async () => {
  await using app = await testApp()
  const { task, held } = aTask()
  const [one, two] = [aRunner(app, task).runner, aRunner(app, task).runner]
  await knownAt(app, one, START)
  const { promise, resolve } = Promise.withResolvers<void>()
  held.gate = promise

  const first = one.run('test')
  await until(() => held.runs === 1)
  expect(await two.run('test')).toEqual({ task: 'test', outcome: 'busy', counts: {} })
  expect((await one.run('test')).outcome).toBe('busy')
  app.setNow(new Date(START.getTime() + LEASE_MS - 1))
  await two.runDue()
  resolve()

  expect(await first).toEqual({ task: 'test', outcome: 'done', counts: { number: 1 } })
  expect(held).toMatchObject({ runs: 1, mostAtOnce: 1 })
})

test('a killed process loses its task when its lease runs out, and the run is done again', async () => {
  await using app = await testApp()
  const { task, held } = aTask()
  // Its process says nothing more: as good as killed.
  const killed = aRunner(app, task).runner
  await knownAt(app, killed, START)
  const { promise, resolve } = Promise.withResolvers<void>()
  held.gate = promise
  app.setNow(minutes(30))
  const lost = killed.runDue()
  await until(() => held.runs === 1)
  const heir = aRunner(app, task).runner
  held.gate = Promise.resolve()

  app.setNow(new Date(minutes(30).getTime() + LEASE_MS - 1))
  await heir.runDue()
  expect(held.runs).toBe(1)
  app.setNow(new Date(minutes(30).getTime() + LEASE_MS))
  await heir.runDue()
  resolve()
  await lost

  expect(held.runs).toBe(2)
  expect((await runsOf(app)).map(({ outcome }) => outcome)).toEqual(['lost', 'done'])
})

test('a long run keeps its task, and one that has lost it is told to stop', async () => {
  await using app = await testApp()
  const { task, held } = aTask()
  const { runner } = aRunner(app, task, 2)
  await knownAt(app, runner, START)
  held.gate = new Promise(() => {})
  const run = runner.run('test')
  await until(() => held.runs === 1)
  const { db } = app.app.services
  const leaseUntil = async () =>
    (
      await db
        .selectFrom('scheduled_task')
        .select('lease_until_ms')
        .where('name', '=', 'test')
        .executeTakeFirstOrThrow()
    ).lease_until_ms

  app.setNow(minutes(10))
  await until(async () => (await leaseUntil()) === minutes(10).getTime() + LEASE_MS)
  await db.updateTable('scheduled_task').set({ holder: 'another' }).where('name', '=', 'test').execute()

  expect((await run).outcome).toBe('stopped')
  const row = await db
    .selectFrom('scheduled_task')
    .select('holder')
    .where('name', '=', 'test')
    .executeTakeFirst()
  expect(row).toEqual({ holder: 'another' })
})

test('a failed run is written down and tried again: after a minute, then after twice as long each time', async () => {
  await using app = await testApp()
  const { task, held } = aTask()
  const { runner, failures } = aRunner(app, task)
  await knownAt(app, runner, START)
  held.problem = 'no luck'
  const triedAt: number[] = []
  for (let minute = 30; minute < 38; minute += 0.25) {
    const before = held.runs
    await knownAt(app, runner, minutes(minute))
    if (held.runs > before) triedAt.push(minute)
  }
  held.problem = undefined
  await knownAt(app, runner, minutes(45))
  await knownAt(app, runner, minutes(46))

  expect(triedAt).toEqual([30, 31, 33, 37])
  expect(held.runs).toBe(5)
  expect(failures).toEqual(Array.from({ length: 4 }, () => 'test: no luck'))
  expect((await runsOf(app)).map(({ outcome, problem }) => [outcome, problem])).toEqual([
    ...Array.from({ length: 4 }, () => ['failed', 'no luck']),
    ['done', null],
  ])
})

test('a stop ends what is under way, and leaves it as due as it was', async () => {
  await using app = await testApp()
  const { task, held } = aTask()
  const { runner, failures } = aRunner(app, task)
  await knownAt(app, runner, START)
  held.gate = new Promise(() => {})
  app.setNow(minutes(30))
  const due = runner.runDue()
  await until(() => held.runs === 1)

  await runner[Symbol.asyncDispose]()
  await due
  expect((await runner.run('test')).outcome).toBe('stopped')
  held.gate = Promise.resolve()
  await aRunner(app, task).runner.runDue()

  expect(held.runs).toBe(2)
  expect(failures).toEqual([])
  expect((await runsOf(app)).map(({ outcome }) => outcome)).toEqual(['stopped', 'done'])
})

test('a task that was done under a clock that ran ahead is not lost until then', async () => {
  await using app = await testApp()
  const { task, held } = aTask()
  const { runner } = aRunner(app, task)
  await knownAt(app, runner, minutes(10_000))
  await runner.run('test')

  await knownAt(app, runner, START)
  await knownAt(app, runner, minutes(1))

  expect(held.runs).toBe(2)
})

test('the schedule looks at once when it starts, and stops clean', async () => {
  await using app = await testApp()
  const { task, held } = aTask()
  const { runner } = aRunner(app, task)
  await knownAt(app, runner, START)
  app.setNow(minutes(30))
  const errors: unknown[] = []

  const schedule = startSchedule(runner, (error) => errors.push(error))
  await until(() => held.runs === 1)
  await schedule[Symbol.asyncDispose]()

  expect(errors).toEqual([])
  expect((await runsOf(app)).map(({ outcome }) => outcome)).toEqual(['done'])
})

test('whoever waits for a long run is told that it goes on', async () => {
  await using app = await testApp()
  const { task, held } = aTask()
  const { runner } = aRunner(app, task)
  await knownAt(app, runner, START)
  const { promise, resolve } = Promise.withResolvers<void>()
  held.gate = promise

  const reports = await runForAWhile(runner, ['test'], 1)
  resolve()

  expect(reports).toEqual([{ task: 'test', outcome: 'running', counts: {} }])
  await until(async () => (await runsOf(app))[0]?.outcome === 'done')
})

test('the installation itself runs every task of its schedule without trouble', async () => {
  await using app = await testApp()
  await app.givenAccount()
  const { SCHEDULE } = await import('./schedule.ts')

  for (const { name } of SCHEDULE) expect((await app.app.tasks.run(name)).outcome).toBe('done')

  const known = await app.app.services.db
    .selectFrom('scheduled_task')
    .select('name')
    .orderBy('name')
    .execute()
  expect(known.map(({ name }) => name)).toEqual(SCHEDULE.map(({ name }) => name).toSorted())
})
