import { type Selectable, sql, type Transaction } from 'kysely'
import type { ClickDb, ClickTables } from '#db/database.ts'
import {
  type ClickBatch,
  DIMENSIONS,
  type EnrichedClick,
  type LinkTotals,
  storableValue,
  type StoredPosition,
  type StoredSpool,
} from '#ports/click-store/click-store.ts'
import { monthNames } from '#ports/click-store/time.ts'
import { addLiveClicks } from './live-queries.ts'
import { addUntold } from './untold-queries.ts'

type ClickTx = Transaction<ClickTables>
type TotalRow = Selectable<ClickTables['click_total']>
type UsageRow = Selectable<ClickTables['click_usage']>

const DIMENSION_COLUMNS = sql.join(DIMENSIONS.map((dimension) => sql.ref(dimension)))
const monthOf = monthNames()

/** The spool of that name, entered at `start` when it is new. */
export async function findOrInsertSpool(
  db: ClickDb,
  name: string,
  start: StoredPosition,
): Promise<StoredSpool> {
  await db
    .insertInto('spool')
    .values({ name, segment: start.segment, offset_bytes: start.offset, next_click_id: 0 })
    .onConflict((oc) => oc.column('name').doNothing())
    .execute()
  const row = await db.selectFrom('spool').selectAll().where('name', '=', name).executeTakeFirstOrThrow()
  return { id: row.id, position: { segment: row.segment, offset: row.offset_bytes } }
}

/**
 * Store a batch in one transaction. Whoever moves the spool first holds its row until the commit, so that two consumers
 * of one spool never write the same clicks.
 *
 * @returns how many clicks were new; undefined when the spool does not stand at `from`
 */
export function insertBatch(db: ClickDb, batch: ClickBatch): Promise<number | undefined> {
  return db.transaction().execute(async (tx) => {
    const known = await moveSpool(tx, batch)
    if (known === undefined) return undefined
    const last = batch.clicks.at(-1)
    if (last === undefined || last.id < known) return 0
    await tx
      .updateTable('spool')
      .set({ next_click_id: last.id + 1 })
      .where('id', '=', batch.spoolId)
      .execute()
    const fresh = batch.clicks.filter((click) => click.id >= known)
    const deleted = await findDeleted(tx, [...new Set(fresh.map((click) => click.linkId))])
    const clicks = fresh.filter((click) => !deleted.has(click.linkId))
    if (clicks.length === 0) return 0
    await insertClicks(tx, batch.spoolId, clicks)
    const totals = totalsOf(clicks)
    await addTotals(tx, totals)
    await addUntold(tx, totals)
    await addLiveClicks(tx, clicks, Date.now())
    await addUsage(tx, usageOf(clicks))
    return clicks.length
  })
}

export async function findOrInsertVisitorSecret(db: ClickDb, day: string, proposal: string): Promise<string> {
  await db
    .insertInto('visitor_key')
    .values({ day, secret: proposal })
    .onConflict((oc) => oc.column('day').doNothing())
    .execute()
  const row = await db
    .selectFrom('visitor_key')
    .select('secret')
    .where('day', '=', day)
    .executeTakeFirstOrThrow()
  return row.secret
}

export async function deleteVisitorSecrets(db: ClickDb, beforeDay: string): Promise<void> {
  await db.deleteFrom('visitor_key').where('day', '<', beforeDay).execute()
}

export async function findUsage(db: ClickDb, teamId: number, month: string): Promise<number> {
  const row = await db
    .selectFrom('click_usage')
    .select('clicks')
    .where('team_id', '=', teamId)
    .where('month', '=', month)
    .executeTakeFirst()
  return row?.clicks ?? 0
}

/** All-time counts of links, of their scans alone where `scansOnly`; deleted links have none. */
export async function findTotals(
  db: ClickDb,
  linkIds: readonly number[],
  scansOnly: boolean,
): Promise<Map<number, LinkTotals>> {
  const [all, human] = scansOnly ? (['scans', 'human_scans'] as const) : (['clicks', 'human_clicks'] as const)
  const { rows } = await sql<{ link_id: number } & Record<'all_clicks' | 'human', number>>`
    select link_id, sum(${sql.ref(all)})::bigint as all_clicks, sum(${sql.ref(human)})::bigint as human
      from click_total
      where link_id = any(${linkIds}::bigint[])
        and not exists (select 1 from deleted_link where deleted_link.link_id = click_total.link_id)
      group by link_id having sum(${sql.ref(all)}) > 0`.execute(db)
  return new Map(rows.map((row) => [row.link_id, { clicks: row.all_clicks, humanClicks: row.human }]))
}

async function moveSpool(tx: ClickTx, { spoolId, from, to }: ClickBatch): Promise<number | undefined> {
  const row = await tx
    .updateTable('spool')
    .set({ segment: to.segment, offset_bytes: to.offset })
    .where('id', '=', spoolId)
    .where('segment', '=', from.segment)
    .where('offset_bytes', '=', from.offset)
    .returning('next_click_id')
    .executeTakeFirst()
  return row?.next_click_id
}

async function findDeleted(tx: ClickTx, linkIds: readonly number[]): Promise<ReadonlySet<number>> {
  const { rows } = await sql<{ link_id: number }>`
    select link_id from deleted_link where link_id = any(${linkIds}::bigint[])`.execute(tx)
  return new Set(rows.map((row) => row.link_id))
}

async function insertClicks(tx: ClickTx, spoolId: number, clicks: readonly EnrichedClick[]): Promise<void> {
  const values = DIMENSIONS.map(
    (dimension) => sql`${clicks.map((click) => storableValue(click.values[dimension]))}::text[]`,
  )
  await sql`
    insert into click (spool_id, position, link_id, team_id, at_ms, visitor, is_bot, is_scan, ${DIMENSION_COLUMNS})
      select ${spoolId}::bigint, * from unnest(
        ${clicks.map((click) => click.id)}::bigint[],
        ${clicks.map((click) => click.linkId)}::bigint[],
        ${clicks.map((click) => click.teamId)}::bigint[],
        ${clicks.map((click) => click.atMs)}::bigint[],
        ${clicks.map((click) => click.visitor)}::text[],
        ${clicks.map((click) => (click.isBot ? 1 : 0))}::integer[],
        ${clicks.map((click) => (click.isScan ? 1 : 0))}::integer[],
        ${sql.join(values)})
      on conflict do nothing`.execute(tx)
}

async function addTotals(tx: ClickTx, rows: readonly TotalRow[]): Promise<void> {
  await sql`
    insert into click_total (link_id, team_id, clicks, human_clicks, scans, human_scans)
      select * from unnest(
        ${rows.map((row) => row.link_id)}::bigint[],
        ${rows.map((row) => row.team_id)}::bigint[],
        ${rows.map((row) => row.clicks)}::bigint[],
        ${rows.map((row) => row.human_clicks)}::bigint[],
        ${rows.map((row) => row.scans)}::bigint[],
        ${rows.map((row) => row.human_scans)}::bigint[])
      on conflict (link_id, team_id) do update set
        clicks = click_total.clicks + excluded.clicks,
        human_clicks = click_total.human_clicks + excluded.human_clicks,
        scans = click_total.scans + excluded.scans,
        human_scans = click_total.human_scans + excluded.human_scans`.execute(tx)
}

async function addUsage(tx: ClickTx, rows: readonly UsageRow[]): Promise<void> {
  await sql`
    insert into click_usage (team_id, month, clicks)
      select * from unnest(
        ${rows.map((row) => row.team_id)}::bigint[],
        ${rows.map((row) => row.month)}::text[],
        ${rows.map((row) => row.clicks)}::bigint[])
      on conflict (team_id, month) do update set clicks = click_usage.clicks + excluded.clicks`.execute(tx)
}

/** Ascending, so that servers that count the same links never wait for one another in a circle. */
function totalsOf(clicks: readonly EnrichedClick[]): TotalRow[] {
  const totals = new Map<string, TotalRow>()
  for (const { linkId, teamId, isBot, isScan } of clicks) {
    const key = `${linkId} ${teamId}`
    const row = totals.get(key) ?? {
      link_id: linkId,
      team_id: teamId,
      clicks: 0,
      human_clicks: 0,
      scans: 0,
      human_scans: 0,
    }
    row.clicks++
    if (!isBot) row.human_clicks++
    if (isScan) row.scans++
    if (isScan && !isBot) row.human_scans++
    totals.set(key, row)
  }
  return [...totals.values()].sort((a, b) => a.link_id - b.link_id || a.team_id - b.team_id)
}

/** Ascending, as {@link totalsOf}. */
function usageOf(clicks: readonly EnrichedClick[]): UsageRow[] {
  const usage = new Map<string, UsageRow>()
  for (const { teamId, atMs } of clicks) {
    const month = monthOf(atMs)
    const row = usage.get(`${teamId} ${month}`) ?? { team_id: teamId, month, clicks: 0 }
    row.clicks++
    usage.set(`${teamId} ${month}`, row)
  }
  return [...usage.values()].sort((a, b) => a.team_id - b.team_id || (a.month < b.month ? -1 : 1))
}
