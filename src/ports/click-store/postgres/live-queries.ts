import { sql, type Transaction } from 'kysely'
import type { ClickDb, ClickTables } from '#db/database.ts'
import type { EnrichedClick, LiveClick, LiveClickQuery } from '#ports/click-store/click-store.ts'
import {
  dimensionsText,
  LIVE_CLICKS_KEPT,
  LIVE_LINGER_MS,
  liveClicksOf,
  toLiveClick,
} from '#ports/click-store/live-clicks.ts'

/** Names the lock under which clicks are numbered, so that nobody sees a number before a lower one. */
const NUMBERING_LOCK = 0x6c_69_76_65

/** Keep a team's clicks until a time, and forget those that nobody has followed for long. @returns the last click's number */
export async function watchLive(
  db: ClickDb,
  teamId: number,
  { nowMs, untilMs }: { readonly nowMs: number; readonly untilMs: number },
): Promise<number> {
  await sql`
    insert into live_watch (team_id, until_ms) values (${teamId}, ${untilMs})
      on conflict (team_id) do update set until_ms = greatest(live_watch.until_ms, excluded.until_ms)`.execute(
    db,
  )
  const { rows } = await sql<{ team_id: number }>`
    delete from live_watch where until_ms < ${nowMs - LIVE_LINGER_MS} returning team_id`.execute(db)
  if (rows.length > 0)
    await db
      .deleteFrom('live_click')
      .where(
        'team_id',
        'in',
        rows.map((row) => row.team_id),
      )
      .execute()
  const last = await db
    .selectFrom('live_click')
    .select((eb) => eb.fn.max('id').as('id'))
    .executeTakeFirst()
  return last?.id ?? 0
}

/** Keep clicks of teams that somebody follows, in the transaction that stores them. */
export async function addLiveClicks(
  tx: Transaction<ClickTables>,
  clicks: readonly EnrichedClick[],
  nowMs: number,
): Promise<void> {
  const { rows } = await sql<{ team_id: number }>`
    select team_id from live_watch where until_ms > ${nowMs}`.execute(tx)
  const kept = liveClicksOf(clicks, new Set(rows.map((row) => row.team_id)))
  if (kept.size === 0) return
  await sql`select pg_advisory_xact_lock(${NUMBERING_LOCK})`.execute(tx)
  for (const [teamId, own] of kept) {
    await tx
      .insertInto('live_click')
      .values(
        own.map((click) => ({
          team_id: teamId,
          link_id: click.linkId,
          at_ms: click.atMs,
          is_bot: click.isBot ? 1 : 0,
          is_scan: click.isScan ? 1 : 0,
          dimensions: dimensionsText(click),
        })),
      )
      .execute()
    await sql`
      delete from live_click where team_id = ${teamId} and id <=
        (select id from live_click where team_id = ${teamId} order by id desc limit 1 offset ${LIVE_CLICKS_KEPT})`.execute(
      tx,
    )
  }
}

/** Clicks of a team behind one of them, in the order they were stored. */
export async function findLiveClicks(db: ClickDb, query: LiveClickQuery): Promise<LiveClick[]> {
  const { teamId, linkId, afterId, limit } = query
  const rows = await db
    .selectFrom('live_click')
    .select(['id', 'link_id', 'at_ms', 'is_bot', 'is_scan', 'dimensions'])
    .where('team_id', '=', teamId)
    .where('id', '>', afterId)
    .$if(linkId !== undefined, (rest) => rest.where('link_id', '=', linkId ?? 0))
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map(toLiveClick)
}

export async function deleteLiveClicks(db: ClickDb, linkId: number): Promise<void> {
  await db.deleteFrom('live_click').where('link_id', '=', linkId).execute()
}
