import { expect, test } from 'bun:test'
import { testApp } from '#testing/test-app.ts'
import { findPersonalTeamId } from '#core/accounts/account-queries.ts'
import { LookupCredits, reportAbandonedLeases } from './lookup-credits.ts'
import { setRemaining } from './set-plan.ts'
import { setSurcharge } from './surcharge.ts'
import { getUsage, usageMonth } from './usage.ts'
import { addCredits, findCredits, findUsage, setOverride } from './usage-queries.ts'

async function aTeam(plan: string) {
  const app = await testApp()
  const { user } = await app.givenAccount({ plan })
  const { services } = app.app
  const teamId = (await findPersonalTeamId(services.db, user.id)) ?? 0
  return {
    app,
    services,
    teamId,
    used: async () => (await getUsage(services, teamId, 'lookup-credits')).used,
    surcharged: async () =>
      (
        await findUsage(services.db, {
          teamId,
          month: usageMonth(services.now()),
          metric: 'lookup-surcharge',
        })
      ).used,
    leases: () => services.db.selectFrom('credit_lease').selectAll().execute(),
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  }
}

/** Make lookups at the same time. @returns how many went through, and the code the others were refused with */
async function lookUp(credits: LookupCredits, teamId: number, count: number, withSurcharge = false) {
  const results = await Promise.allSettled(
    Array.from({ length: count }, async () => credits.take(teamId, withSurcharge)),
  )
  const refused = results.filter((result) => result.status === 'rejected')
  return {
    charged: count - refused.length,
    codes: [...new Set(refused.map(({ reason }) => reason.code as unknown))],
  }
}

/** Make lookups one after the other. */
async function lookUpInTurn(credits: LookupCredits, teamId: number, count: number): Promise<void> {
  for (let i = 0; i < count; i++) await credits.take(teamId, false)
}

test('each lookup is in the books before it is answered, and no more than that while there are few', async () => {
  await using team = await aTeam('Starter')
  const credits = new LookupCredits(team.services)

  for (let count = 1; count <= 32; count++) {
    await credits.take(team.teamId, false)
    expect(await team.used()).toBe(count)
  }
})

test('many lookups are charged from memory, and what they did not use is given back', async () => {
  await using team = await aTeam('Starter')
  const credits = new LookupCredits(team.services)

  await lookUpInTurn(credits, team.teamId, 1_000)

  expect(await team.used()).toBeGreaterThanOrEqual(1_000)
  expect(await team.leases()).toHaveLength(1)
  // The first settlement sees that there were bookings, the second that there were none.
  await credits.settle()
  await credits.settle()
  expect(await team.used()).toBe(1_000)
  expect(await team.leases()).toEqual([])
})

test('lookups that wait together are booked together, and a credit nobody came back for is given back', async () => {
  await using team = await aTeam('Starter')
  const credits = new LookupCredits(team.services)
  expect(credits.takeAtOnce(team.teamId)).toBe(false)

  await Promise.all(Array.from({ length: 20 }, async () => credits.provide(team.teamId)))

  for (let count = 0; count < 19; count++) expect(credits.takeAtOnce(team.teamId)).toBe(true)
  expect(await team.used()).toBe(20)
  await credits.settle()
  await credits.settle()
  expect(await team.used()).toBe(19)
  expect(credits.takeAtOnce(team.teamId)).toBe(false)
})

test('of a team that has used up its credits none are booked again for those who would wait', async () => {
  await using team = await aTeam('Free')
  await setOverride(team.services.db, team.teamId, 'lookup-credits', 1)
  const credits = new LookupCredits(team.services)

  await Promise.all(Array.from({ length: 2 }, async () => credits.provide(team.teamId)))

  expect(credits.takeAtOnce(team.teamId)).toBe(true)
  expect(credits.takeAtOnce(team.teamId)).toBe(false)
  await credits.provide(team.teamId)
  expect(credits.provide(team.teamId)).toBeUndefined()
})

test('while lookups go on there is always a credit at hand, and what they do not use is given back', async () => {
  await using team = await aTeam('Starter')
  const credits = new LookupCredits(team.services)
  await lookUpInTurn(credits, team.teamId, 3_000)
  let charged = 3_000

  for (let round = 0; round < 60; round++) {
    for (let count = 0; count < 100; count++) expect(credits.takeAtOnce(team.teamId)).toBe(true)
    charged += 100
    await credits.settle()
    expect(await team.used()).toBeGreaterThanOrEqual(charged)
  }
  await credits.settle()
  await credits.settle()
  expect(await team.used()).toBe(charged)
  expect(await team.leases()).toEqual([])
})

test('of a lease that lasts, what is not used is given back while the rest is spent', async () => {
  await using team = await aTeam('Starter')
  const credits = new LookupCredits(team.services)
  await lookUpInTurn(credits, team.teamId, 3_000)

  for (let count = 1; count <= 10; count++) {
    expect(credits.takeAtOnce(team.teamId)).toBe(true)
    await credits.settle()
  }

  const held = (await team.used()) - 3_010
  expect(held).toBeGreaterThan(0)
  expect(held).toBeLessThan(20)
  expect(await team.leases()).toMatchObject([{ amount: expect.any(Number) }])
})

test('a lease that was written off as a dead process’s is not given back when that one goes on', async () => {
  await using team = await aTeam('Starter')
  const credits = new LookupCredits(team.services)
  await lookUpInTurn(credits, team.teamId, 100)
  // What goes on in the background has come to its end then.
  await credits.settle()
  const booked = await team.used()
  team.app.setNow(new Date('2026-01-02T03:06:00.000Z'))
  expect(await reportAbandonedLeases(team.services)).toHaveLength(1)

  await lookUpInTurn(credits, team.teamId, 1_000)
  await credits[Symbol.asyncDispose]()

  expect(await team.used()).toBeGreaterThanOrEqual(1_100)
  expect(await team.used()).toBeLessThanOrEqual(booked + 1_000)
  expect(await team.leases()).toEqual([])
})

test('several processes never overrun a limit together, and use it to the last credit', async () => {
  await using team = await aTeam('Free')
  await setOverride(team.services.db, team.teamId, 'lookup-credits', 500)
  const processes = Array.from({ length: 3 }, () => new LookupCredits(team.services))

  let charged = 0
  for (let round = 0; round < 10; round++) {
    const results = await Promise.all(processes.map((process) => lookUp(process, team.teamId, 30)))
    charged += results.reduce((sum, result) => sum + result.charged, 0)
    for (const process of processes) await process.settle()
    expect(await team.used()).toBeGreaterThanOrEqual(charged)
  }

  expect(charged).toBe(500)
  expect(await team.used()).toBe(500)
})

test('whatever lookups, settlements and processes come together, what was charged is what the books say', async () => {
  await using team = await aTeam('Free')
  await setOverride(team.services.db, team.teamId, 'lookup-credits', 2_000)
  await addCredits(team.services.db, team.teamId, 'lookup-credits', 300)
  await setSurcharge(team.services, team.teamId, { isOn: true, limit: 200 })
  const processes = Array.from({ length: 3 }, () => new LookupCredits(team.services))
  let charged = 0

  for (let round = 0; round < 40; round++)
    await Promise.all(
      processes.map(async (process, index) => {
        const count = ((round * 7 + index * 31) % 97) + 1
        const [{ charged: now }] = await Promise.all([
          lookUp(process, team.teamId, count, index > 0),
          round % (index + 2) === 0 ? process.settle() : undefined,
        ])
        charged += now
      }),
    )
  for (const process of processes) await process[Symbol.asyncDispose]()

  const left = await findCredits(team.services.db, team.teamId, 'lookup-credits')
  expect(charged).toBe((await team.used()) + (300 - left) + (await team.surcharged()))
  expect(charged).toBe(2_500)
  expect(await team.leases()).toEqual([])
})

test('a refusal names limit and plan, and changes nothing', async () => {
  await using team = await aTeam('Free')
  const credits = new LookupCredits(team.services)
  await setRemaining(team.services, team.teamId, 'lookup-credits', 0)

  const refused = await Promise.resolve(credits.take(team.teamId, true)).catch((error: unknown) => error)

  expect(refused).toMatchObject({
    code: 'limit-reached',
    details: { metric: 'lookup-credits', limit: 0, plan: 'Free' },
  })
  expect(await team.used()).toBe(0)
})

test('credits that are set count at once, also after a refusal', async () => {
  await using team = await aTeam('Free')
  const credits = new LookupCredits(team.services)
  await setRemaining(team.services, team.teamId, 'lookup-credits', 1)

  expect(await lookUp(credits, team.teamId, 3)).toEqual({ charged: 1, codes: ['limit-reached'] })
  await setRemaining(team.services, team.teamId, 'lookup-credits', 2)

  expect(await lookUp(credits, team.teamId, 3)).toEqual({ charged: 2, codes: ['limit-reached'] })
})

test('bought credits follow the allowance, each once', async () => {
  await using team = await aTeam('Free')
  const credits = new LookupCredits(team.services)
  await addCredits(team.services.db, team.teamId, 'lookup-credits', 40)

  const result = await lookUp(credits, team.teamId, 200)
  await credits[Symbol.asyncDispose]()

  expect(result).toEqual({ charged: 140, codes: ['limit-reached'] })
  expect(await findCredits(team.services.db, team.teamId, 'lookup-credits')).toBe(0)
})

test('a surcharge goes on up to its own limit and is booked apart, for those lookups that may use it', async () => {
  await using team = await aTeam('Free')
  const credits = new LookupCredits(team.services)
  await setRemaining(team.services, team.teamId, 'lookup-credits', 2)
  await setSurcharge(team.services, team.teamId, { isOn: true, limit: 3 })

  expect(await lookUp(credits, team.teamId, 4, false)).toEqual({ charged: 2, codes: ['limit-reached'] })
  expect(await lookUp(credits, team.teamId, 5, true)).toEqual({ charged: 3, codes: ['surcharge-reached'] })

  await credits[Symbol.asyncDispose]()
  expect([await team.used(), await team.surcharged()]).toEqual([2, 3])
})

test('a surcharge without a limit never ends, and is charged from memory too', async () => {
  await using team = await aTeam('Free')
  const credits = new LookupCredits(team.services)
  await setRemaining(team.services, team.teamId, 'lookup-credits', 0)
  await setSurcharge(team.services, team.teamId, { isOn: true, limit: null })

  for (let i = 0; i < 300; i++) await credits.take(team.teamId, true)
  await credits[Symbol.asyncDispose]()

  expect([await team.used(), await team.surcharged()]).toEqual([0, 300])
})

test('a lookup in a new month is charged to that month, and what was leased in the old one goes back', async () => {
  await using team = await aTeam('Starter')
  const credits = new LookupCredits(team.services)
  team.app.setNow(new Date('2026-01-31T23:59:59.999Z'))
  await lookUpInTurn(credits, team.teamId, 100)

  team.app.setNow(new Date('2026-02-01T00:00:00.000Z'))
  await credits.take(team.teamId, false)
  await credits[Symbol.asyncDispose]()

  const rows = await team.services.db.selectFrom('usage').select(['month', 'used']).orderBy('month').execute()
  expect(rows).toEqual([
    { month: '2026-01', used: 100 },
    { month: '2026-02', used: 1 },
  ])
})

test('what a killed process held stays counted, is reported once, and is not given back later', async () => {
  await using team = await aTeam('Starter')
  const killed = new LookupCredits(team.services)
  await lookUpInTurn(killed, team.teamId, 100)
  // What goes on in the background has come to its end then.
  await killed.settle()
  const booked = await team.used()

  expect(await reportAbandonedLeases(team.services)).toEqual([])
  team.app.setNow(new Date('2026-01-02T03:06:00.000Z'))
  const [lease] = await reportAbandonedLeases(team.services)

  expect(lease).toMatchObject({ teamId: team.teamId, month: '2026-01', source: 'allowance' })
  expect(booked).toBeGreaterThan(100)
  expect(await reportAbandonedLeases(team.services)).toEqual([])
  await killed[Symbol.asyncDispose]()
  expect(await team.used()).toBe(booked)
})

test('a database that fails charges nothing, and lookups go on when it is back', async () => {
  await using team = await aTeam('Starter')
  const { services } = team
  let isDown = true
  const credits = new LookupCredits({
    ...services,
    get db() {
      if (isDown) throw new Error('the database is down')
      return services.db
    },
  })

  const failed = await Promise.resolve(credits.take(team.teamId, false)).catch((error: unknown) => error)
  isDown = false
  await credits.take(team.teamId, false)

  expect(failed).toMatchObject({ message: 'the database is down' })
  expect(await team.used()).toBe(1)
})
