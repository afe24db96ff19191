import { sql } from 'kysely'
import type { Metric } from '#core/errors.ts'
import type { Db } from '#db/database.ts'

/** What is counted per month: what plans limit, and lookups beyond the credits. */
export type UsageMetric = Metric | 'lookup-surcharge'

export interface UsageKey {
  readonly teamId: number
  /** `2026-11` */
  readonly month: string
  readonly metric: UsageMetric
}

/**
 * Count an amount unless that would go over the limit (null: none). An allowance stored for the month goes
 * before the limit. Concurrent calls never get over it together: the database decides in one statement.
 *
 * @returns false when it would go over; nothing is counted then
 */
export async function addUsageWithin(
  db: Db,
  key: UsageKey,
  amount: number,
  limit: number | null,
): Promise<boolean> {
  await ensureUsageRow(db, key)
  const result = await db
    .updateTable('usage')
    .set((eb) => ({ used: eb('used', '+', amount) }))
    .where('team_id', '=', key.teamId)
    .where('month', '=', key.month)
    .where('metric', '=', key.metric)
    .where(
      sql<boolean>`(coalesce(allowance, cast(${limit} as bigint)) is null or used + ${amount} <= coalesce(allowance, cast(${limit} as bigint)))`,
    )
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

/** Take back an amount that was counted and not used. */
export async function subtractUsage(db: Db, key: UsageKey, amount: number): Promise<void> {
  await db
    .updateTable('usage')
    .set((eb) => ({ used: eb('used', '-', amount) }))
    .where('team_id', '=', key.teamId)
    .where('month', '=', key.month)
    .where('metric', '=', key.metric)
    .execute()
}

/** What was used, and the month's own allowance where one is set. */
export async function findUsage(db: Db, key: UsageKey): Promise<{ used: number; allowance: number | null }> {
  const row = await db
    .selectFrom('usage')
    .select(['used', 'allowance'])
    .where('team_id', '=', key.teamId)
    .where('month', '=', key.month)
    .where('metric', '=', key.metric)
    .executeTakeFirst()
  return row ?? { used: 0, allowance: null }
}

/** Set the month's allowance so that `left` may still be used. */
export async function setUsageLeft(db: Db, key: UsageKey, left: number): Promise<void> {
  await ensureUsageRow(db, key)
  await db
    .updateTable('usage')
    .set((eb) => ({ allowance: eb('used', '+', left) }))
    .where('team_id', '=', key.teamId)
    .where('month', '=', key.month)
    .where('metric', '=', key.metric)
    .execute()
}

async function ensureUsageRow(db: Db, key: UsageKey): Promise<void> {
  await db
    .insertInto('usage')
    .values({ team_id: key.teamId, month: key.month, metric: key.metric, used: 0, allowance: null })
    .onConflict((oc) => oc.columns(['team_id', 'month', 'metric']).doNothing())
    .execute()
}

/** @returns false when fewer bought credits are left than the amount; none is taken then */
export async function takeCredits(db: Db, teamId: number, metric: Metric, amount: number): Promise<boolean> {
  const result = await db
    .updateTable('credit')
    .set((eb) => ({ balance: eb('balance', '-', amount) }))
    .where('team_id', '=', teamId)
    .where('metric', '=', metric)
    .where('balance', '>=', amount)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

export async function addCredits(db: Db, teamId: number, metric: Metric, amount: number): Promise<void> {
  await db
    .insertInto('credit')
    .values({ team_id: teamId, metric, balance: amount })
    .onConflict((oc) =>
      oc.columns(['team_id', 'metric']).doUpdateSet((eb) => ({ balance: eb('credit.balance', '+', amount) })),
    )
    .execute()
}

export async function findCredits(db: Db, teamId: number, metric: Metric): Promise<number> {
  const row = await db
    .selectFrom('credit')
    .select('balance')
    .where('team_id', '=', teamId)
    .where('metric', '=', metric)
    .executeTakeFirst()
  return row?.balance ?? 0
}

/** A team's own limit instead of its plan's: undefined when it has none, null when it is unlimited. */
export async function findOverride(
  db: Db,
  teamId: number,
  metric: Metric,
): Promise<number | null | undefined> {
  const row = await db
    .selectFrom('plan_override')
    .select('value')
    .where('team_id', '=', teamId)
    .where('metric', '=', metric)
    .executeTakeFirst()
  return row?.value
}

export async function setOverride(
  db: Db,
  teamId: number,
  metric: Metric,
  value: number | null,
): Promise<void> {
  await db
    .insertInto('plan_override')
    .values({ team_id: teamId, metric, value })
    .onConflict((oc) => oc.columns(['team_id', 'metric']).doUpdateSet({ value }))
    .execute()
}

/** Let a team's limit be its plan's again. */
export async function deleteOverride(db: Db, teamId: number, metric: Metric): Promise<void> {
  await db.deleteFrom('plan_override').where('team_id', '=', teamId).where('metric', '=', metric).execute()
}

/** Set how many bought credits are left. */
export async function setCredits(db: Db, teamId: number, metric: Metric, balance: number): Promise<void> {
  await db
    .insertInto('credit')
    .values({ team_id: teamId, metric, balance })
    .onConflict((oc) => oc.columns(['team_id', 'metric']).doUpdateSet({ balance }))
    .execute()
}
