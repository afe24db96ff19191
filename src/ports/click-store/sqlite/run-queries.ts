import type { Database } from 'bun:sqlite'

/** A run as reports see it. */
export interface Run {
  readonly id: number
  /** When its month began; its rows tell times from there. */
  readonly monthMs: number
  /** The first and the last click, at most as far apart as this. */
  readonly fromMs: number
  readonly toMs: number
  readonly clicks: number
}

/** How far a run that is being written is safe on disk. */
export interface RunProgress {
  readonly fromMs: number
  readonly toMs: number
  readonly clicks: number
  /** Blobs of this number and above are not part of the run yet. */
  readonly nextSeq: number
  /** The last link that is written. */
  readonly lastTeamId: number
  readonly lastLinkId: number
}

/** A run that is being written from others. */
export interface BuildingRun extends RunProgress {
  readonly id: number
  readonly monthMs: number
}

/** One pack or one big link, by the first and the last link in it. */
export interface Block {
  readonly teamId: number
  readonly linkId: number
  readonly lastTeamId: number
  readonly lastLinkId: number
  readonly blobId: number
}

/** Blobs of run `r` have the numbers from `r` times this on. */
export const BLOBS_PER_RUN = 2 ** 24

const RUN_COLUMNS = 'id, month_ms as monthMs, from_ms as fromMs, to_ms as toMs, clicks'
const BLOCK_COLUMNS =
  'team_id as teamId, link_id as linkId, last_team_id as lastTeamId, last_link_id as lastLinkId, blob_id as blobId'

/** The runs with clicks from a time to before another. */
export function findRuns(db: Database, fromMs: number, toMs: number): Run[] {
  return db
    .query<Run, [number, number]>(
      `select ${RUN_COLUMNS} from click_run where state = 'live' and to_ms >= ?1 and from_ms < ?2 order by from_ms, id`,
    )
    .all(fromMs, toMs)
}

/** All runs that reports see. */
export function findLiveRuns(db: Database): Run[] {
  return db
    .query<Run, []>(`select ${RUN_COLUMNS} from click_run where state = 'live' order by month_ms, id`)
    .all()
}

export function findBlob(db: Database, id: number): Uint8Array | undefined {
  return (
    db.query<{ bytes: Uint8Array }, [number]>('select bytes from click_blob where id = ?1').get(id)?.bytes ??
    undefined
  )
}

/** The block of a run that a link is in, if it is in any. */
export function findBlock(db: Database, runId: number, teamId: number, linkId: number): Block | undefined {
  const block = db
    .query<Block, [number, number, number]>(
      `select ${BLOCK_COLUMNS} from click_block
        where run_id = ?1 and (team_id, link_id) <= (?2, ?3) order by team_id desc, link_id desc limit 1`,
    )
    .get(runId, teamId, linkId)
  if (block === null) return undefined
  const { lastTeamId, lastLinkId } = block
  return lastTeamId > teamId || (lastTeamId === teamId && lastLinkId >= linkId) ? block : undefined
}

/** The blocks of a run that begin behind a link, in order, at most so many. */
export function findBlocksAfter(
  db: Database,
  runId: number,
  after: { readonly teamId: number; readonly linkId: number },
  limit: number,
): Block[] {
  return db
    .query<Block, [number, number, number, number]>(
      `select ${BLOCK_COLUMNS} from click_block
        where run_id = ?1 and (team_id, link_id) > (?2, ?3) order by team_id, link_id limit ?4`,
    )
    .all(runId, after.teamId, after.linkId, limit)
}

/** The blocks of a run with links of a team, in order. */
export function findTeamBlocks(db: Database, runId: number, teamId: number): Block[] {
  const before = db
    .query<Block, [number, number]>(
      `select ${BLOCK_COLUMNS} from click_block
        where run_id = ?1 and team_id < ?2 order by team_id desc, link_id desc limit 1`,
    )
    .get(runId, teamId)
  const own = db
    .query<Block, [number, number]>(
      `select ${BLOCK_COLUMNS} from click_block where run_id = ?1 and team_id = ?2 order by link_id`,
    )
    .all(runId, teamId)
  return before !== null && before.lastTeamId >= teamId ? [before, ...own] : own
}

/** Begin a run that nobody sees; `inputs` are to be replaced by it. */
export function insertBuildingRun(db: Database, monthMs: number, inputs: readonly Run[]): BuildingRun {
  const progress = {
    fromMs: monthMs,
    toMs: monthMs,
    clicks: 0,
    nextSeq: 0,
    lastTeamId: -1,
    lastLinkId: -1,
  }
  const row = db
    .query<{ id: number }, [number]>(
      `insert into click_run (state, month_ms, from_ms, to_ms, clicks, next_seq, last_team_id, last_link_id)
        values ('building', ?1, ?1, ?1, 0, 0, -1, -1) returning id`,
    )
    .get(monthMs)
  if (row === null) throw new Error('a run of clicks could not be begun')
  const merge = db.query<unknown, [number, number]>('update click_run set merged_into = ?2 where id = ?1')
  for (const input of inputs) merge.run(input.id, row.id)
  return { id: row.id, monthMs, ...progress }
}

/** Note how far a run is written. */
export function updateProgress(db: Database, runId: number, progress: RunProgress): void {
  db.query<unknown, number[]>(
    `update click_run set from_ms = ?2, to_ms = ?3, clicks = ?4, next_seq = ?5, last_team_id = ?6, last_link_id = ?7
      where id = ?1`,
  ).run(
    runId,
    progress.fromMs,
    progress.toMs,
    progress.clicks,
    progress.nextSeq,
    progress.lastTeamId,
    progress.lastLinkId,
  )
}

/** From now on reports see the run, and those it was merged from no more. A run without clicks is dropped itself. */
export function publishRun(db: Database, runId: number): void {
  db.query<unknown, [number]>(
    `update click_run set state = case when clicks > 0 then 'live' else 'dropped' end where id = ?1`,
  ).run(runId)
  db.query<unknown, [number]>(
    `update click_run set state = 'dropped', merged_into = null where merged_into = ?1`,
  ).run(runId)
}

/** The merge that was under way, if any, and its inputs. */
export function findMerge(
  db: Database,
): { readonly output: BuildingRun; readonly inputs: readonly Run[] } | undefined {
  const output = db
    .query<BuildingRun, []>(
      `select ${RUN_COLUMNS}, next_seq as nextSeq, last_team_id as lastTeamId, last_link_id as lastLinkId
        from click_run where state = 'building' and id in (select merged_into from click_run) limit 1`,
    )
    .get()
  if (output === null) return undefined
  const inputs = db
    .query<Run, [number]>(`select ${RUN_COLUMNS} from click_run where merged_into = ?1 order by from_ms, id`)
    .all(output.id)
  return { output, inputs }
}

/** Give up the runs that were being made from a tail: the tail still has every row. */
export function dropUnfinishedFlushes(db: Database): void {
  db.query<unknown, []>(
    `update click_run set state = 'dropped'
      where state = 'building' and id not in (select merged_into from click_run where merged_into is not null)`,
  ).run()
}

/** Delete the blobs of a run that were written behind its progress. */
export function deleteBlobsFrom(db: Database, runId: number, seq: number): void {
  db.query<unknown, [number, number]>('delete from click_blob where id >= ?1 and id < ?2').run(
    runId * BLOBS_PER_RUN + seq,
    (runId + 1) * BLOBS_PER_RUN,
  )
}

/** A run that nobody sees any more and that is still on disk. */
export function findDroppedRun(db: Database): number | undefined {
  return (
    db.query<{ id: number }, []>(`select id from click_run where state = 'dropped' order by id limit 1`).get()
      ?.id ?? undefined
  )
}

/** @returns whether the run is gone; otherwise `limit` of its blobs are */
export function deleteDroppedRun(db: Database, runId: number, limit: number): boolean {
  const { changes } = db
    .query<unknown, [number, number, number]>(
      'delete from click_blob where id in (select id from click_blob where id >= ?1 and id < ?2 order by id limit ?3)',
    )
    .run(runId * BLOBS_PER_RUN, (runId + 1) * BLOBS_PER_RUN, limit)
  if (changes >= limit) return false
  db.query<unknown, [number]>('delete from click_block where run_id = ?1').run(runId)
  db.query<unknown, [number]>('delete from click_run where id = ?1').run(runId)
  return true
}

export function insertBlob(db: Database, id: number, bytes: Uint8Array): void {
  db.query<unknown, [number, Uint8Array]>('insert into click_blob (id, bytes) values (?1, ?2)').run(id, bytes)
}

export function insertBlock(db: Database, runId: number, block: Block): void {
  db.query<unknown, number[]>(
    `insert into click_block (run_id, team_id, link_id, last_team_id, last_link_id, blob_id)
      values (?1, ?2, ?3, ?4, ?5, ?6)`,
  ).run(runId, block.teamId, block.linkId, block.lastTeamId, block.lastLinkId, block.blobId)
}

/** Replace a pack by one with fewer links. */
export function updateBlob(db: Database, id: number, bytes: Uint8Array): void {
  db.query<unknown, [number, Uint8Array]>('update click_blob set bytes = ?2 where id = ?1').run(id, bytes)
}

/** Delete a block and the blobs it is made of. */
export function deleteBlock(db: Database, runId: number, block: Block, blobIds: readonly number[]): void {
  db.query<unknown, [number, number, number]>(
    'delete from click_block where run_id = ?1 and team_id = ?2 and link_id = ?3',
  ).run(runId, block.teamId, block.linkId)
  const blob = db.query<unknown, [number]>('delete from click_blob where id = ?1')
  for (const id of blobIds) blob.run(id)
}

/** Count clicks as gone from a run, which is dropped when it has none left. */
export function subtractClicks(db: Database, runId: number, clicks: number): void {
  db.query<unknown, [number, number]>(
    `update click_run set clicks = clicks - ?2, state = case when clicks > ?2 then state else 'dropped' end where id = ?1`,
  ).run(runId, clicks)
}
