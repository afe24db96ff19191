import { expect, test } from 'bun:test'
import { testApp } from '#testing/test-app.ts'
import { parsePlans } from './parse-plans.ts'
import { DEFAULT_PLANS } from './default-plans.ts'
import { setPlan, setRemaining } from './set-plan.ts'
import { getPlan, getUsage, useAllowance } from './usage.ts'
import { addCredits, findCredits, setOverride } from './usage-queries.ts'

async function teamOn(plan: string) {
  const app = await testApp()
  const { user } = await app.givenAccount({ plan })
  const { services } = app.app
  const { id } = await services.db
    .selectFrom('team')
    .select('id')
    .where('personal_user_id', '=', user.id)
    .executeTakeFirstOrThrow()
  return { app, services, teamId: id }
}

/** What a promise was rejected with. */
async function refusal(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  )
}

test('a limit is never overrun by requests that come together', async () => {
  const { app, services, teamId } = await teamOn('Free')
  await using _ = app

  const results = await Promise.allSettled(
    Array.from({ length: 40 }, () => useAllowance(services, teamId, 'links')),
  )

  expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(5)
  expect(await getUsage(services, teamId, 'links')).toEqual({ used: 5, limit: 5, credits: 0 })
})

test('bought credits are used after the allowance, one for each, and never below zero', async () => {
  const { app, services, teamId } = await teamOn('Free')
  await using _ = app
  await addCredits(services.db, teamId, 'links', 3)

  const results = await Promise.allSettled(
    Array.from({ length: 20 }, () => useAllowance(services, teamId, 'links')),
  )

  expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(8)
  expect(await findCredits(services.db, teamId, 'links')).toBe(0)
})

test('a refusal says what was reached and which plan is the cheapest that allows more', async () => {
  const { app, services, teamId } = await teamOn('Free')
  await using _ = app
  const attempt = useAllowance(services, teamId, 'lookup-credits', 101)
  expect(await refusal(attempt)).toMatchObject({
    code: 'limit-reached',
    details: {
      metric: 'lookup-credits',
      limit: 100,
      plan: 'Free',
      recommended: { name: 'Starter', priceMonthly: 5, limit: 150_000 },
    },
  })
  expect((await getUsage(services, teamId, 'lookup-credits')).used).toBe(0)
})

test('usage begins anew with each calendar month of UTC', async () => {
  const { app, services, teamId } = await teamOn('Free')
  await using _ = app
  app.setNow(new Date('2026-01-31T23:59:59Z'))
  await useAllowance(services, teamId, 'links', 5)
  app.setNow(new Date('2026-02-01T00:00:00Z'))
  expect(await getUsage(services, teamId, 'links')).toEqual({ used: 0, limit: 5, credits: 0 })
})

test("a team's override goes before its plan, in both directions and to unlimited", async () => {
  const { app, services, teamId } = await teamOn('Free')
  await using _ = app
  await setOverride(services.db, teamId, 'links', null)
  await useAllowance(services, teamId, 'links', 500)
  await setOverride(services.db, teamId, 'links', 500)
  expect(await refusal(useAllowance(services, teamId, 'links'))).toMatchObject({
    code: 'limit-reached',
    details: { limit: 500 },
  })
})

test('an operator can leave a team exactly so much for the month, on an unlimited plan too', async () => {
  const { app, services, teamId } = await teamOn('Enterprise')
  await using _ = app
  await useAllowance(services, teamId, 'lookup-credits', 10)
  await setRemaining(services, teamId, 'lookup-credits', 2)
  await useAllowance(services, teamId, 'lookup-credits', 2)
  expect(await refusal(useAllowance(services, teamId, 'lookup-credits'))).toMatchObject({
    code: 'limit-reached',
  })
})

test('a plan that is not in the catalogue changes nothing', async () => {
  const { app, services, teamId } = await teamOn('Pro')
  await using _ = app
  expect(await setPlan(services, teamId, 'Gold')).toBeUndefined()
  expect((await setPlan(services, teamId, 'business'))?.name).toBe('Business')
  expect((await getPlan(services, teamId)).name).toBe('Business')
})

test('a plan file has the shape of the built-in catalogue, and says what is wrong with it', () => {
  expect(parsePlans(JSON.stringify(DEFAULT_PLANS))).toEqual(DEFAULT_PLANS)
  expect(() => parsePlans('{"plans": []}')).toThrow()
  const [free] = DEFAULT_PLANS.plans
  expect(() => parsePlans(JSON.stringify({ plans: [free, { ...free, name: 'FREE' }] }))).toThrow(
    'two plans are called "free"',
  )
  expect(() => parsePlans(JSON.stringify({ plans: [{ ...free, apiCallsPerMinute: 0 }] }))).toThrow(
    'apiCallsPerMinute',
  )
})
