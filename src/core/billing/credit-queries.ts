import type { Db } from '#db/database.ts'

/** Where a credit comes from, in the order in which they are used. */
export type CreditSource = 'allowance' | 'bought' | 'surcharge'

export interface LeaseKey {
  readonly holder: string
  readonly teamId: number
  /** `2026-11` */
  readonly month: string
  readonly source: CreditSource
}

export interface CreditLease extends LeaseKey {
  readonly amount: number
  readonly leasedAt: Date
}

/** Note how many booked credits a process may still hold, in place of what was noted before. */
export async function putLease(db: Db, lease: CreditLease): Promise<void> {
  const { holder, teamId, month, source, amount } = lease
  const leased_at_ms = lease.leasedAt.getTime()
  await db
    .insertInto('credit_lease')
    .values({ holder, team_id: teamId, month, source, amount, leased_at_ms })
    .onConflict((oc) =>
      oc.columns(['holder', 'team_id', 'month', 'source']).doUpdateSet({ amount, leased_at_ms }),
    )
    .execute()
}

/** @returns false when there was none any more */
export async function deleteLease(db: Db, key: LeaseKey): Promise<boolean> {
  const result = await db
    .deleteFrom('credit_lease')
    .where('holder', '=', key.holder)
    .where('team_id', '=', key.teamId)
    .where('month', '=', key.month)
    .where('source', '=', key.source)
    .executeTakeFirst()
  return result.numDeletedRows === 1n
}

/** Delete the leases that no process has renewed since an instant. */
export async function deleteLeasesBefore(db: Db, before: Date): Promise<readonly CreditLease[]> {
  const rows = await db
    .deleteFrom('credit_lease')
    .where('leased_at_ms', '<', before.getTime())
    .returningAll()
    .execute()
  return rows.map((row) => ({
    holder: row.holder,
    teamId: row.team_id,
    month: row.month,
    source: row.source,
    amount: row.amount,
    leasedAt: new Date(row.leased_at_ms),
  }))
}

/** How many lookups a month a team may make beyond its credits: undefined is none, null is any number. */
export async function findSurcharge(db: Db, teamId: number): Promise<number | null | undefined> {
  const row = await db
    .selectFrom('surcharge')
    .select('monthly_limit')
    .where('team_id', '=', teamId)
    .executeTakeFirst()
  return row?.monthly_limit
}

export async function putSurcharge(db: Db, teamId: number, monthlyLimit: number | null): Promise<void> {
  await db
    .insertInto('surcharge')
    .values({ team_id: teamId, monthly_limit: monthlyLimit })
    .onConflict((oc) => oc.column('team_id').doUpdateSet({ monthly_limit: monthlyLimit }))
    .execute()
}

export async function deleteSurcharge(db: Db, teamId: number): Promise<void> {
  await db.deleteFrom('surcharge').where('team_id', '=', teamId).execute()
}
