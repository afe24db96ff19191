import type { Database } from 'bun:sqlite'
import type { UntoldClicks } from '#ports/click-store/click-store.ts'

/** Count for a team from now on. */
export function watchTeam(db: Database, teamId: number, nowMs: number): void {
  db.query<unknown, [number, number]>(
    `insert into click_watch (team_id, is_active, open_batch, since_ms) values (?1, 1, 1, ?2)
      on conflict do update set is_active = 1, since_ms = excluded.since_ms`,
  ).run(teamId, nowMs)
}

/** Count for these teams, and no longer for others that have been watched since before an instant. */
export function watchOnly(
  db: Database,
  teamIds: readonly number[],
  { beforeMs, nowMs }: { readonly beforeMs: number; readonly nowMs: number },
): void {
  const teams = JSON.stringify(teamIds)
  for (const teamId of teamIds)
    db.query<unknown, [number, number]>(
      `insert into click_watch (team_id, is_active, open_batch, since_ms) values (?1, 1, 1, ?2)
        on conflict do update set is_active = 1 where is_active = 0`,
    ).run(teamId, nowMs)
  db.query<unknown, [string, number]>(
    `update click_watch set is_active = 0
      where is_active = 1 and since_ms < ?2 and team_id not in (select value from json_each(?1))`,
  ).run(teams, beforeMs)
  db.query<unknown, []>(
    'delete from click_untold where team_id in (select team_id from click_watch where is_active = 0)',
  ).run()
}

export function findUntoldTeams(db: Database): number[] {
  return db
    .query<{ teamId: number }, []>(
      `select team_id as teamId from click_watch where is_active = 1
        and exists (select 1 from click_untold where click_untold.team_id = click_watch.team_id)
        order by team_id`,
    )
    .all()
    .map((row) => row.teamId)
}

/** Count clicks for those of the teams that are watched, in the transaction that stores them. */
export function addUntold(
  db: Database,
  rows: Iterable<{ readonly teamId: number; readonly linkId: number; readonly clicks: number }>,
): void {
  const watched = db
    .query<{ teamId: number; batch: number }, []>(
      'select team_id as teamId, open_batch as batch from click_watch where is_active = 1',
    )
    .all()
  if (watched.length === 0) return
  const batches = new Map(watched.map(({ teamId, batch }) => [teamId, batch]))
  const add = db.query<unknown, number[]>(
    `insert into click_untold (team_id, batch, link_id, clicks) values (?1, ?2, ?3, ?4)
      on conflict do update set clicks = clicks + excluded.clicks`,
  )
  for (const { teamId, linkId, clicks } of rows) {
    const batch = batches.get(teamId)
    if (batch !== undefined) add.run(teamId, batch, linkId, clicks)
  }
}

/** End a team's batch, drop what was told, and take the rest. */
export function takeUntold(db: Database, teamId: number, toldBatch: number): UntoldClicks {
  const watch = db
    .query<{ batch: number }, [number]>('select open_batch as batch from click_watch where team_id = ?1')
    .get(teamId)
  // A store that was put back from a backup may be behind what was told.
  const batch = Math.max(watch?.batch ?? 0, toldBatch)
  db.query<unknown, [number, number]>('update click_watch set open_batch = ?2 where team_id = ?1').run(
    teamId,
    batch + 1,
  )
  db.query<unknown, [number, number]>('delete from click_untold where team_id = ?1 and batch <= ?2').run(
    teamId,
    toldBatch,
  )
  const links = db
    .query<{ linkId: number; clicks: number }, [number]>(
      `select link_id as linkId, sum(clicks) as clicks from click_untold where team_id = ?1
        group by link_id order by link_id`,
    )
    .all(teamId)
  return { batch, links }
}
