import type { Selectable } from 'kysely'
import type { Db, Tables } from '#db/database.ts'
import type { Subscription } from './subscription.ts'

/** Undefined for a team that never was given a plan. */
export async function findSubscription(db: Db, teamId: number): Promise<Subscription | undefined> {
  const row = await db.selectFrom('subscription').selectAll().where('team_id', '=', teamId).executeTakeFirst()
  return row && toSubscription(row)
}

/**
 * A team's subscription, which no other transaction changes until this one ends; `plan` is granted where there is none.
 */
export async function lockSubscription(
  db: Db,
  granted: { readonly teamId: number; readonly plan: string; readonly now: Date },
): Promise<Subscription> {
  const { teamId, plan, now } = granted
  await db
    .insertInto('subscription')
    .values({ team_id: teamId, plan, started_at_ms: now.getTime() })
    .onConflict((oc) => oc.column('team_id').doNothing())
    .execute()
  // Writing a row is the lock that both databases have.
  const row = await db
    .updateTable('subscription')
    .set({ team_id: teamId })
    .where('team_id', '=', teamId)
    .returningAll()
    .executeTakeFirstOrThrow()
  return toSubscription(row)
}

/** Write a subscription over the one that the team has. */
export async function updateSubscription(
  db: Db,
  subscription: Subscription,
  times: { readonly startedAt?: Date; readonly loweredAt?: Date } = {},
): Promise<void> {
  const { teamId, plan, term, next, isEnding } = subscription
  await db
    .updateTable('subscription')
    .set({
      plan,
      interval: term?.interval ?? null,
      anchor_ms: term?.anchor.getTime() ?? null,
      paid_until_ms: term?.paidUntil.getTime() ?? null,
      term_cents: term?.cents ?? null,
      next_plan: next?.plan ?? null,
      next_interval: next?.interval ?? null,
      is_ending: isEnding ? 1 : 0,
      ...(times.startedAt && { started_at_ms: times.startedAt.getTime() }),
      ...(times.loweredAt && { lowered_at_ms: times.loweredAt.getTime() }),
    })
    .where('team_id', '=', teamId)
    .execute()
}

/** When what a team paid for came to its end, if that is why it has the plan it has. */
export async function findSubscriptionEnd(db: Db, teamId: number, now: Date): Promise<Date | undefined> {
  const row = await db
    .selectFrom('subscription')
    .select(['started_at_ms', 'paid_until_ms', 'lowered_at_ms'])
    .where('team_id', '=', teamId)
    .executeTakeFirst()
  if (row === undefined) return undefined
  const { started_at_ms: startedMs, paid_until_ms: paidUntilMs, lowered_at_ms: loweredMs } = row
  if (paidUntilMs !== null) return paidUntilMs <= now.getTime() ? new Date(paidUntilMs) : undefined
  // A plan that was given since began later.
  return loweredMs === startedMs ? new Date(loweredMs) : undefined
}

/** Teams of a higher id than `afterTeamId` whose term ends before an instant or has ended, in the order of their ids. */
export async function findTeamsDue(
  db: Db,
  before: Date,
  { afterTeamId, limit }: { readonly afterTeamId: number; readonly limit: number },
): Promise<readonly number[]> {
  const rows = await db
    .selectFrom('subscription')
    .select('team_id')
    .where('paid_until_ms', '<=', before.getTime())
    .where('team_id', '>', afterTeamId)
    .orderBy('team_id')
    .limit(limit)
    .execute()
  return rows.map((row) => row.team_id)
}

/** The plan of every team, and when a larger one came to its end. */
export async function findTeamPlans(
  db: Db,
): Promise<readonly { readonly teamId: number; readonly plan: string; readonly loweredAt: Date | null }[]> {
  const rows = await db.selectFrom('subscription').select(['team_id', 'plan', 'lowered_at_ms']).execute()
  return rows.map((row) => ({
    teamId: row.team_id,
    plan: row.plan,
    loweredAt: row.lowered_at_ms === null ? null : new Date(row.lowered_at_ms),
  }))
}

function toSubscription(row: Selectable<Tables['subscription']>): Subscription {
  const { interval, anchor_ms: anchorMs, paid_until_ms: paidUntilMs, term_cents: cents } = row
  return {
    teamId: row.team_id,
    plan: row.plan,
    term:
      interval === null || anchorMs === null || paidUntilMs === null
        ? null
        : { interval, anchor: new Date(anchorMs), paidUntil: new Date(paidUntilMs), cents: cents ?? 0 },
    next: row.next_plan === null ? null : { plan: row.next_plan, interval: row.next_interval },
    isEnding: row.is_ending === 1,
  }
}
