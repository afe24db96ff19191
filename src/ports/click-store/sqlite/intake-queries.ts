import type { Database } from 'bun:sqlite'
import type { LinkTotals, StoredPosition, StoredSpool } from '#ports/click-store/click-store.ts'

/** What a batch adds to the all-time counts of a link. */
export interface TotalsRow {
  readonly linkId: number
  readonly teamId: number
  clicks: number
  humanClicks: number
  scans: number
  humanScans: number
}

/** What a team's retention has come to. */
export interface Cutoff {
  readonly teamId: number
  /** Clicks before it are forgotten. */
  readonly beforeMs: number
  /** Up to here they are gone from disk. */
  readonly sweptMs: number
}

interface SpoolRow {
  readonly id: number
  readonly segment: number
  readonly offset: number
}

/** Ids of one statement's list. */
const MAX_IDS = 10_000

export function findOrInsertSpool(db: Database, name: string, start: StoredPosition): StoredSpool {
  db.query<unknown, [string, number, number]>(
    'insert into spool (name, segment, offset_bytes, next_click_id) values (?1, ?2, ?3, 0) on conflict do nothing',
  ).run(name, start.segment, start.offset)
  const row = db
    .query<SpoolRow, [string]>('select id, segment, offset_bytes as offset from spool where name = ?1')
    .get(name)
  if (row === null) throw new Error(`the spool ${name} was not entered`)
  return { id: row.id, position: { segment: row.segment, offset: row.offset } }
}

/** @returns the id below which clicks are in the store; undefined when the spool does not stand at `from` */
export function moveSpool(
  db: Database,
  spoolId: number,
  from: StoredPosition,
  to: StoredPosition,
): number | undefined {
  return (
    db
      .query<{ next: number }, number[]>(
        `update spool set segment = ?4, offset_bytes = ?5 where id = ?1 and segment = ?2 and offset_bytes = ?3
          returning next_click_id as next`,
      )
      .get(spoolId, from.segment, from.offset, to.segment, to.offset)?.next ?? undefined
  )
}

export function setNextClickId(db: Database, spoolId: number, next: number): void {
  db.query<unknown, [number, number]>('update spool set next_click_id = ?2 where id = ?1').run(spoolId, next)
}

export function findOrInsertVisitorSecret(db: Database, day: string, proposal: string): string {
  db.query<unknown, [string, string]>(
    'insert into visitor_key (day, secret) values (?1, ?2) on conflict do nothing',
  ).run(day, proposal)
  const row = db.query<{ secret: string }, [string]>('select secret from visitor_key where day = ?1').get(day)
  if (row === null) throw new Error(`the visitor secret of ${day} was not stored`)
  return row.secret
}

export function deleteVisitorSecrets(db: Database, beforeDay: string): void {
  db.query<unknown, [string]>('delete from visitor_key where day < ?1').run(beforeDay)
}

export function addTotals(db: Database, rows: Iterable<TotalsRow>): void {
  const add = db.query<unknown, number[]>(
    `insert into click_total (link_id, team_id, clicks, human_clicks, scans, human_scans)
      values (?1, ?2, ?3, ?4, ?5, ?6)
      on conflict do update set clicks = clicks + excluded.clicks, human_clicks = human_clicks + excluded.human_clicks,
        scans = scans + excluded.scans, human_scans = human_scans + excluded.human_scans`,
  )
  for (const row of rows)
    add.run(row.linkId, row.teamId, row.clicks, row.humanClicks, row.scans, row.humanScans)
}

export function addUsage(db: Database, teamId: number, month: string, clicks: number): void {
  db.query<unknown, [number, string, number]>(
    `insert into click_usage (team_id, month, clicks) values (?1, ?2, ?3)
      on conflict do update set clicks = clicks + excluded.clicks`,
  ).run(teamId, month, clicks)
}

export function findUsage(db: Database, teamId: number, month: string): number {
  return (
    db
      .query<{ clicks: number }, [number, string]>(
        'select clicks from click_usage where team_id = ?1 and month = ?2',
      )
      .get(teamId, month)?.clicks ?? 0
  )
}

/** All-time counts of links, of their scans alone where `scansOnly`; deleted links have none. */
export function findTotals(
  db: Database,
  linkIds: readonly number[],
  scansOnly: boolean,
): Map<number, LinkTotals> {
  const [all, human] = scansOnly ? ['scans', 'human_scans'] : ['clicks', 'human_clicks']
  const statement = db.query<{ linkId: number } & LinkTotals, [string]>(
    `select link_id as linkId, sum(${all}) as clicks, sum(${human}) as humanClicks from click_total
      where link_id in (select value from json_each(?1))
        and not exists (select 1 from deleted_link where deleted_link.link_id = click_total.link_id)
      group by link_id having sum(${all}) > 0`,
  )
  const totals = new Map<number, LinkTotals>()
  for (let done = 0; done < linkIds.length; done += MAX_IDS)
    for (const { linkId, clicks, humanClicks } of statement.all(
      JSON.stringify(linkIds.slice(done, done + MAX_IDS)),
    ))
      totals.set(linkId, { clicks, humanClicks })
  return totals
}

export function insertDeletedLink(db: Database, linkId: number, nowMs: number): void {
  db.query<unknown, [number, number]>(
    'insert into deleted_link (link_id, deleted_at_ms, is_purged) values (?1, ?2, 0) on conflict do nothing',
  ).run(linkId, nowMs)
}

export function isDeletedLink(db: Database, linkId: number): boolean {
  return db.query<unknown, [number]>('select 1 from deleted_link where link_id = ?1').get(linkId) !== null
}

/** The links that are deleted and may still have clicks on disk. */
export function findUnpurgedLinks(db: Database): number[] {
  return db
    .query<{ linkId: number }, []>(
      'select link_id as linkId from deleted_link where is_purged = 0 order by link_id',
    )
    .all()
    .map((row) => row.linkId)
}

/** The teams that a link has had clicks for. */
export function findTeamsOfLink(db: Database, linkId: number): number[] {
  return db
    .query<{ teamId: number }, [number]>('select team_id as teamId from click_total where link_id = ?1')
    .all(linkId)
    .map((row) => row.teamId)
}

/** Nothing of a deleted link is left. */
export function setPurged(db: Database, linkId: number): void {
  db.query<unknown, [number]>('delete from click_total where link_id = ?1').run(linkId)
  db.query<unknown, [number]>('update deleted_link set is_purged = 1 where link_id = ?1').run(linkId)
}

/** Before when the clicks of a team are forgotten. */
export function findCutoff(db: Database, teamId: number): number {
  return (
    db
      .query<{ beforeMs: number }, [number]>(
        'select before_ms as beforeMs from click_cutoff where team_id = ?1',
      )
      .get(teamId)?.beforeMs ?? 0
  )
}

export function findCutoffs(db: Database): Cutoff[] {
  return db
    .query<Cutoff, []>(
      'select team_id as teamId, before_ms as beforeMs, swept_ms as sweptMs from click_cutoff',
    )
    .all()
}

/** A team whose forgotten clicks may still be on disk. */
export function findUnsweptCutoff(db: Database): Cutoff | undefined {
  return (
    db
      .query<Cutoff, []>(
        `select team_id as teamId, before_ms as beforeMs, swept_ms as sweptMs from click_cutoff
          where swept_ms < before_ms limit 1`,
      )
      .get() ?? undefined
  )
}

/** Move a team's cut-off, but not back. */
export function raiseCutoff(db: Database, teamId: number, beforeMs: number): void {
  db.query<unknown, [number, number]>(
    `insert into click_cutoff (team_id, before_ms, swept_ms) values (?1, ?2, 0)
      on conflict do update set before_ms = max(before_ms, excluded.before_ms)`,
  ).run(teamId, beforeMs)
}

export function setSwept(db: Database, teamId: number, sweptMs: number): void {
  db.query<unknown, [number, number]>('update click_cutoff set swept_ms = ?2 where team_id = ?1').run(
    teamId,
    sweptMs,
  )
}
