import type { Database } from 'bun:sqlite'
import type { EnrichedClick, LiveClick, LiveClickQuery } from '#ports/click-store/click-store.ts'
import {
  dimensionsText,
  LIVE_CLICKS_KEPT,
  LIVE_LINGER_MS,
  type LiveClickRow,
  liveClicksOf,
  toLiveClick,
} from '#ports/click-store/live-clicks.ts'

/** Keep a team's clicks until a time, and forget those that nobody has followed for long. @returns the last click's number */
export function watchLive(
  db: Database,
  teamId: number,
  { nowMs, untilMs }: { readonly nowMs: number; readonly untilMs: number },
): number {
  db.query<unknown, [number, number]>(
    `insert into live_watch (team_id, until_ms) values (?1, ?2)
      on conflict do update set until_ms = max(until_ms, excluded.until_ms)`,
  ).run(teamId, untilMs)
  const left = nowMs - LIVE_LINGER_MS
  db.query<unknown, [number]>(
    'delete from live_click where team_id in (select team_id from live_watch where until_ms < ?1)',
  ).run(left)
  db.query<unknown, [number]>('delete from live_watch where until_ms < ?1').run(left)
  return db.query<{ id: number | null }, []>('select max(id) as id from live_click').get()?.id ?? 0
}

/** Keep clicks of teams that somebody follows, in the transaction that stores them. */
export function addLiveClicks(db: Database, clicks: readonly EnrichedClick[], nowMs: number): void {
  const watched = db
    .query<{ teamId: number }, [number]>('select team_id as teamId from live_watch where until_ms > ?1')
    .all(nowMs)
  if (watched.length === 0) return
  const insert = db.query<unknown, (number | string)[]>(
    `insert into live_click (team_id, link_id, at_ms, is_bot, is_scan, dimensions)
      values (?1, ?2, ?3, ?4, ?5, ?6)`,
  )
  for (const [teamId, own] of liveClicksOf(clicks, new Set(watched.map((row) => row.teamId)))) {
    for (const click of own)
      insert.run(
        teamId,
        click.linkId,
        click.atMs,
        click.isBot ? 1 : 0,
        click.isScan ? 1 : 0,
        dimensionsText(click),
      )
    db.query<unknown, [number, number]>(
      `delete from live_click where team_id = ?1 and id <=
        (select id from live_click where team_id = ?1 order by id desc limit 1 offset ?2)`,
    ).run(teamId, LIVE_CLICKS_KEPT)
  }
}

/** Clicks of a team behind one of them, in the order they were stored. */
export function findLiveClicks(db: Database, query: LiveClickQuery): LiveClick[] {
  const { teamId, linkId = null, afterId, limit } = query
  return db
    .query<LiveClickRow, [number, number, number | null, number]>(
      `select id, link_id, at_ms, is_bot, is_scan, dimensions from live_click
        where team_id = ?1 and id > ?2 and (?3 is null or link_id = ?3) order by id limit ?4`,
    )
    .all(teamId, afterId, linkId, limit)
    .map(toLiveClick)
}

export function deleteLiveClicks(db: Database, linkId: number): void {
  db.query<unknown, [number]>('delete from live_click where link_id = ?1').run(linkId)
}
