import type { Email } from '#core/accounts/account.ts'
import type { Db } from '#db/database.ts'

/** Somebody who may get the report of a team. */
export interface Recipient {
  readonly teamId: number
  readonly teamName: string
  readonly isPersonalTeam: boolean
  readonly userId: number
  readonly email: Email
}

/** A place in the order of recipients. */
export type RecipientPlace = Pick<Recipient, 'teamId' | 'userId'>

/**
 * Owners of teams, behind a place in the order of teams: those who want reports, are not blocked, and did not get the
 * one of that week.
 */
export async function findRecipients(
  db: Db,
  weekStart: Date,
  { after, limit }: { readonly after: RecipientPlace; readonly limit: number },
): Promise<readonly Recipient[]> {
  const rows = await db
    .selectFrom('membership')
    .innerJoin('team', 'team.id', 'membership.team_id')
    .innerJoin('user_account', 'user_account.id', 'membership.user_id')
    .leftJoin('mail_opt_out', (join) =>
      join
        .onRef('mail_opt_out.user_id', '=', 'membership.user_id')
        .on('mail_opt_out.kind', '=', 'weekly-report'),
    )
    .leftJoin('weekly_report', (join) =>
      join
        .onRef('weekly_report.team_id', '=', 'membership.team_id')
        .onRef('weekly_report.user_id', '=', 'membership.user_id')
        .on('weekly_report.week_start_ms', '=', weekStart.getTime()),
    )
    .select([
      'membership.team_id',
      'membership.user_id',
      'team.name as team_name',
      'team.personal_user_id',
      'user_account.email',
    ])
    .where('membership.role', '=', 'owner')
    .where('user_account.status', '=', 'active')
    .where('mail_opt_out.user_id', 'is', null)
    .where('weekly_report.user_id', 'is', null)
    .where((eb) =>
      eb(eb.refTuple('membership.team_id', 'membership.user_id'), '>', eb.tuple(after.teamId, after.userId)),
    )
    .orderBy('membership.team_id')
    .orderBy('membership.user_id')
    .limit(limit)
    .execute()
  return rows.map((row) => ({
    teamId: row.team_id,
    teamName: row.team_name,
    isPersonalTeam: row.personal_user_id === row.user_id,
    userId: row.user_id,
    // Only parsed addresses are ever stored.
    email: row.email as Email,
  }))
}

/** Claim the report of a week for somebody. @returns false when it is claimed already */
export async function insertReportMark(
  db: Db,
  { teamId, userId }: RecipientPlace,
  weekStart: Date,
): Promise<boolean> {
  const result = await db
    .insertInto('weekly_report')
    .values({ team_id: teamId, user_id: userId, week_start_ms: weekStart.getTime() })
    .onConflict((oc) => oc.doNothing())
    .executeTakeFirst()
  return result.numInsertedOrUpdatedRows === 1n
}

/** @returns how many marks of weeks that began before an instant were deleted */
export async function deleteReportMarksBefore(db: Db, before: Date): Promise<number> {
  const result = await db
    .deleteFrom('weekly_report')
    .where('week_start_ms', '<', before.getTime())
    .executeTakeFirst()
  return Number(result.numDeletedRows)
}

/** Whether somebody wants no reports. */
export async function isOptedOut(db: Db, userId: number): Promise<boolean> {
  const row = await db
    .selectFrom('mail_opt_out')
    .select('user_id')
    .where('user_id', '=', userId)
    .where('kind', '=', 'weekly-report')
    .executeTakeFirst()
  return row !== undefined
}

/** Send somebody no more reports. Nothing happens when the account is gone. */
export async function insertOptOut(db: Db, userId: number, now: Date): Promise<void> {
  await db
    .insertInto('mail_opt_out')
    .columns(['user_id', 'kind', 'at_ms'])
    .expression((eb) =>
      eb
        .selectFrom('user_account')
        .select((inner) => [
          'user_account.id',
          inner.val('weekly-report').as('kind'),
          inner.cast<number>(inner.val(now.getTime()), 'bigint').as('at_ms'),
        ])
        .where('user_account.id', '=', userId),
    )
    .onConflict((oc) => oc.columns(['user_id', 'kind']).doNothing())
    .execute()
}

export async function deleteOptOut(db: Db, userId: number): Promise<void> {
  await db
    .deleteFrom('mail_opt_out')
    .where('user_id', '=', userId)
    .where('kind', '=', 'weekly-report')
    .execute()
}
