import { expect, test } from 'bun:test'
import { LEASE_MS } from '#core/deliveries/attempt-delivery.ts'
import type { Channel, ClaimedDelivery } from '#core/deliveries/delivery.ts'
import { enqueueDeliveries } from '#core/deliveries/enqueue-deliveries.ts'
import { findQueueStates } from '#core/deliveries/delivery-queries.ts'
import type { Services } from '#core/context.ts'
import { NOW, testApp } from '#testing/test-app.ts'
import { TEST_DB } from '#testing/test-database.ts'
import { until } from '#testing/until.ts'
import { type DeliveryJobOptions, startDeliveries } from './deliver.ts'

const DELIVERED = { result: 'delivered', statusCode: 200, error: null, answer: null } as const
const FAILED = { result: 'failed', statusCode: 500, error: 'no', answer: null } as const

function channelOf(send: Channel['send'], rest: Partial<Channel> = {}): Channel {
  return { keepsContent: true, conclude: () => Promise.resolve(), send, ...rest }
}

function start(services: Services, send: Channel['send'], rest: Partial<DeliveryJobOptions> = {}) {
  const channel = channelOf(send)
  return startDeliveries({
    services,
    channels: { webhook: channel, mail: channel },
    onError: (error) => {
      throw error
    },
    ...rest,
  })
}

/** Webhooks of one team, with so many deliveries waiting for each. */
async function given(services: Services, counts: readonly number[]): Promise<readonly number[]> {
  const { id: teamId } = await services.db
    .insertInto('team')
    .values({ name: 'team', personal_user_id: null, created_at_ms: 0 })
    .returning('id')
    .executeTakeFirstOrThrow()
  const ids: number[] = []
  for (const [index, count] of counts.entries()) {
    const { id } = await services.db
      .insertInto('webhook')
      .values({
        public_id: `wh_${index}`,
        team_id: teamId,
        url: 'https://localhost.test/',
        events: '[]',
        secret: '',
        old_secret: null,
        old_secret_until_ms: null,
        status: 'active',
        pause_reason: null,
        failing_since_ms: null,
        created_at_ms: 0,
        updated_at_ms: 0,
      })
      .returning('id')
      .executeTakeFirstOrThrow()
    ids.push(id)
    await enqueueDeliveries(
      services,
      Array.from({ length: count }, (_, n) => ({
        kind: 'webhook' as const,
        webhookId: id,
        event: 'link.created',
        content: `${index}-${n}`,
      })),
    )
  }
  return ids
}

async function statuses(services: Services) {
  const rows = await services.db.selectFrom('delivery').select('status').execute()
  return Object.fromEntries(
    Object.entries(Object.groupBy(rows, (row) => row.status)).map(([key, of]) => [key, of.length]),
  )
}

test('receivers that hang hold up nobody else, however much waits for them', async () => {
  await using app = await testApp()
  const { services } = app.app
  const [dead, alsoDead] = await given(services, [100, 100, ...Array(10).fill(5)])
  const sent: string[] = []
  const hanging = new Set<string>()
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  await using job = start(services, async (_, delivery) => {
    if (delivery.lane === dead || delivery.lane === alsoDead) {
      hanging.add(delivery.content)
      await released
      return FAILED
    }
    sent.push(delivery.content)
    return DELIVERED
  })
  await until(() => sent.length === 50)

  expect(new Set(sent).size).toBe(50)
  expect(hanging.size).toBe(8)
  job.stop()
  release()
})

test('receivers that are known to fail are asked one thing at a time, and all together leave room', async () => {
  await using app = await testApp()
  const { services } = app.app
  await given(services, Array(20).fill(3))
  await services.db.updateTable('webhook').set({ failing_since_ms: 0 }).execute()
  const underWay = new Map<number, number>()
  let most = 0
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  await using job = start(services, async (_, { lane }) => {
    underWay.set(lane, (underWay.get(lane) ?? 0) + 1)
    most = Math.max(most, underWay.size)
    await released
    return FAILED
  })
  await until(() => most === 8)
  await Bun.sleep(50)

  expect([...underWay.values()]).toEqual(Array(8).fill(1))
  job.stop()
  release()
})

test('every receiver has its turn before one has its second', async () => {
  await using app = await testApp()
  const { services } = app.app
  await given(services, [40, 2, 2, 2])
  const sent: string[] = []
  await using _ = start(services, async (_services, delivery) => {
    sent.push(delivery.content)
    return DELIVERED
  })
  await until(() => sent.length === 46)

  const others = sent.flatMap((content, index) => (content.startsWith('0-') ? [] : [index]))
  expect(Math.max(...others)).toBeLessThan(12)
})

test('several processes share the work, and none is done twice', async () => {
  await using app = await testApp()
  const { services } = app.app
  await given(services, [60, 60, 60])
  const sent: string[] = []
  const byJob = [0, 0, 0]
  const send = (index: number) => async (_: Services, delivery: ClaimedDelivery) => {
    sent.push(delivery.content)
    byJob[index] = (byJob[index] ?? 0) + 1
    await Bun.sleep(1)
    return DELIVERED
  }
  await using _a = start(services, send(0))
  await using _b = start(services, send(1))
  await using _c = start(services, send(2))
  await until(async () => (await statuses(services))['delivered'] === 180)

  expect([sent.length, new Set(sent).size]).toEqual([180, 180])
  expect(Math.min(...byJob)).toBeGreaterThan(0)
})

test('what a process had in hand when it died is taken up after its lease, and not before', async () => {
  await using app = await testApp()
  const { services } = app.app
  await given(services, [1])
  let first: ClaimedDelivery | undefined
  const dead = start(
    services,
    (_, delivery) => {
      first = delivery
      return new Promise(() => {})
    },
    { stopLimitMs: 0 },
  )
  await until(() => first !== undefined)
  await dead[Symbol.asyncDispose]()

  const sent: ClaimedDelivery[] = []
  await using job = start(services, async (_, delivery) => {
    sent.push(delivery)
    return DELIVERED
  })
  app.setNow(new Date(NOW.getTime() + LEASE_MS - 1))
  job.wake()
  await Bun.sleep(50)
  expect(sent).toEqual([])
  app.setNow(new Date(NOW.getTime() + LEASE_MS))
  job.wake()
  await until(async () => (await statuses(services))['delivered'] === 1)

  expect(sent.map(({ publicId }) => publicId)).toEqual([first?.publicId ?? ''])
})

test('an attempt that outlives its lease changes nothing that its successor wrote', async () => {
  await using app = await testApp()
  const { services } = app.app
  await given(services, [1])
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  let began = 0
  await using slow = start(services, async () => {
    began++
    await released
    return FAILED
  })
  await until(() => began === 1)
  slow.stop()
  app.setNow(new Date(NOW.getTime() + LEASE_MS))
  await using _ = start(services, async () => DELIVERED)
  await until(async () => (await statuses(services))['delivered'] === 1)
  release()
  await slow[Symbol.asyncDispose]()

  expect(await statuses(services)).toEqual({ delivered: 1 })
  expect(await services.db.selectFrom('delivery_attempt').select('status_code').execute()).toEqual([
    { status_code: 200 },
  ])
})

test('what a channel throws is told, recorded without what it says, and tried again', async () => {
  await using app = await testApp()
  const { services } = app.app
  await given(services, [1])
  const faults: unknown[] = []
  let tries = 0
  await using job = start(
    services,
    async () => {
      if (++tries === 1) throw new Error('the secret is 42')
      return DELIVERED
    },
    { chance: () => 0, onAttempt: (_, { fault }) => void (fault !== undefined && faults.push(fault)) },
  )
  await until(() => faults.length === 1)
  app.setNow(new Date(NOW.getTime() + 1_000))
  job.wake()
  await until(async () => (await statuses(services))['delivered'] === 1)

  const attempts = await services.db.selectFrom('delivery_attempt').select('error').orderBy('id').execute()
  expect(attempts.map(({ error }) => error)).toEqual(['internal error', null])
})

test('what another process queues is delivered within a second or so', async () => {
  await using app = await testApp()
  const { services } = app.app
  await using _ = start(services, async () => DELIVERED)
  await Bun.sleep(20)
  await given(services, [1])

  await until(async () => (await statuses(services))['delivered'] === 1)
})

test('a stop begins nothing more, and does not wait for what hangs', async () => {
  await using app = await testApp()
  const { services } = app.app
  await given(services, Array(40).fill(1))
  let began = 0
  const job = start(
    services,
    () => {
      began++
      return new Promise(() => {})
    },
    { stopLimitMs: 50 },
  )
  await until(() => began === 32)
  const startedMs = performance.now()
  await job[Symbol.asyncDispose]()

  expect(performance.now() - startedMs).toBeLessThan(1_000)
  expect(began).toBe(32)
  expect(await statuses(services)).toEqual({ waiting: 40 })
})

test('a database that cannot be read is told once, and the queue goes on when it can', async () => {
  await using app = await testApp()
  const { services } = app.app
  await given(services, [1])
  const errors: unknown[] = []
  let isBroken = true
  const flaky: Services = {
    ...services,
    now: () => {
      if (isBroken) throw new Error('as the test wishes')
      return services.now()
    },
  }
  await using job = start(flaky, async () => DELIVERED, { onError: (error) => errors.push(error) })
  await until(() => job.isFailing())
  job.wake()
  await Bun.sleep(20)
  expect(errors).toHaveLength(1)
  isBroken = false
  job.wake()
  await until(async () => (await statuses(services))['delivered'] === 1)

  expect(job.isFailing()).toBe(false)
})

test('a look costs little, however much waits for receivers that do not answer', async () => {
  if (TEST_DB !== 'sqlite') return
  await using app = await testApp()
  const { services } = app.app
  const [full = 0] = await given(services, [0, ...Array(50).fill(1)])
  await services.db.transaction().execute(async (tx) => {
    for (let n = 0; n < 20; n++)
      await enqueueDeliveries(
        { ...services, db: tx },
        Array.from({ length: 500 }, () => ({
          kind: 'webhook' as const,
          webhookId: full,
          event: 'e',
          content: '{}',
        })),
      )
  })
  const { findDueLanes } = await import('#core/deliveries/delivery-queries.ts')
  const startedMs = performance.now()
  for (let n = 0; n < 20; n++) await findDueLanes(services.db, NOW.getTime())

  expect((performance.now() - startedMs) / 20).toBeLessThan(20)
  expect(await findQueueStates(services.db)).toEqual([
    { kind: 'mail', waiting: 0, oldestDueAt: undefined },
    { kind: 'webhook', waiting: 10_050, oldestDueAt: NOW },
  ])
})
