import { sql } from 'kysely'
import type { ClickDb } from '#db/database.ts'
import { wholeMs } from '#ports/click-store/time.ts'

/** Rows that one statement deletes. */
const ROWS_AT_ONCE = 5_000
/** A transaction that began before a link was deleted, and may add clicks of it, is over after this long. */
const PURGED_AFTER_MS = 300_000

/** Forget a link: no report shows it from now on. */
export async function insertDeletedLink(db: ClickDb, linkId: number, nowMs: number): Promise<void> {
  await db
    .insertInto('deleted_link')
    .values({ link_id: linkId, deleted_at_ms: nowMs, is_purged: 0 })
    .onConflict((oc) => oc.column('link_id').doNothing())
    .execute()
}

/** Move cut-offs, but not back. */
export async function raiseCutoffs(db: ClickDb, cutoffs: ReadonlyMap<number, number>): Promise<void> {
  const rows = [...cutoffs].sort(([a], [b]) => a - b)
  await sql`
    insert into click_cutoff (team_id, before_ms, swept_ms)
      select team_id, before_ms, 0 from unnest(
        ${rows.map(([teamId]) => teamId)}::bigint[],
        ${rows.map(([, beforeMs]) => wholeMs(beforeMs))}::bigint[]) as cutoff (team_id, before_ms)
      on conflict (team_id) do update set before_ms = greatest(click_cutoff.before_ms, excluded.before_ms)`.execute(
    db,
  )
}

/**
 * Delete some clicks of deleted links.
 *
 * @returns whether there may be more
 */
export async function deleteClicksOfDeletedLinks(db: ClickDb, nowMs: number): Promise<boolean> {
  const { numAffectedRows } = await sql`
    delete from click where ctid = any(array(
      select click.ctid from click join deleted_link on deleted_link.link_id = click.link_id
        where deleted_link.is_purged = 0 limit ${ROWS_AT_ONCE}))`.execute(db)
  if (Number(numAffectedRows ?? 0) === ROWS_AT_ONCE) return true
  const purged = sql<number>`(
    select link_id from deleted_link where is_purged = 0 and deleted_at_ms < ${nowMs - PURGED_AFTER_MS})`
  await sql`delete from click_total where link_id in ${purged}`.execute(db)
  await sql`update deleted_link set is_purged = 1 where link_id in ${purged}
    and not exists (select 1 from click where click.link_id = deleted_link.link_id)`.execute(db)
  return false
}

/**
 * Delete some clicks of a team that are before its cut-off.
 *
 * @returns whether there may be more, of this team or another
 */
export async function deleteExpiredClicks(db: ClickDb): Promise<boolean> {
  const cutoff = await db
    .selectFrom('click_cutoff')
    .selectAll()
    .whereRef('swept_ms', '<', 'before_ms')
    .limit(1)
    .executeTakeFirst()
  if (cutoff === undefined) return false
  const { numAffectedRows } = await sql`
    delete from click where ctid = any(array(
      select ctid from click
        where team_id = ${cutoff.team_id} and at_ms < ${cutoff.before_ms} limit ${ROWS_AT_ONCE}))`.execute(db)
  if (Number(numAffectedRows ?? 0) < ROWS_AT_ONCE)
    await db
      .updateTable('click_cutoff')
      .set({ swept_ms: cutoff.before_ms })
      .where('team_id', '=', cutoff.team_id)
      .execute()
  return true
}
