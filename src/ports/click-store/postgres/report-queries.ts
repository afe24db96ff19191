import { type Expression, type SqlBool, sql } from 'kysely'
import type { ClickDb } from '#db/database.ts'
import {
  type ClickQuery,
  type Dimension,
  type LinkClicks,
  storableValue,
  type ValueClicks,
} from '#ports/click-store/click-store.ts'
import { wholeMs } from '#ports/click-store/time.ts'

/** How many clicks answer a query. */
export async function countClicks(db: ClickDb, query: ClickQuery): Promise<number> {
  const row = await clicksOf(db, query)
    .select((eb) => eb.fn.countAll<number>().as('clicks'))
    .executeTakeFirstOrThrow()
  return row.clicks
}

/** Clicks per period, given by ascending boundaries. */
export async function countPeriods(
  db: ClickDb,
  query: ClickQuery,
  bounds: readonly number[],
): Promise<number[]> {
  const counts = Array.from({ length: Math.max(0, bounds.length - 1) }, () => 0)
  if (counts.length === 0) return counts
  const bucket = sql<number>`width_bucket(at_ms, ${bounds.map(wholeMs)}::bigint[])`
  const rows = await clicksOf(db, query)
    .select((eb) => [bucket.as('bucket'), eb.fn.countAll<number>().as('clicks')])
    .groupBy('bucket')
    .execute()
  for (const row of rows)
    if (row.bucket >= 1 && row.bucket <= counts.length) counts[row.bucket - 1] = row.clicks
  return counts
}

/** The most frequent values of a dimension. */
export async function countValues(
  db: ClickDb,
  query: ClickQuery,
  dimension: Dimension,
  size: number,
): Promise<ValueClicks[]> {
  if (size < 1) return []
  return clicksOf(db, query)
    .select((eb) => [eb.ref(dimension).as('value'), eb.fn.countAll<number>().as('clicks')])
    .groupBy(dimension)
    .orderBy('clicks', 'desc')
    .orderBy(sql`${sql.ref(dimension)} collate "C"`)
    .limit(size)
    .execute()
}

/** The links that were clicked most. */
export async function countLinks(db: ClickDb, query: ClickQuery, size: number): Promise<LinkClicks[]> {
  if (size < 1) return []
  return clicksOf(db, query)
    .select((eb) => ['link_id as linkId', eb.fn.countAll<number>().as('clicks')])
    .groupBy('link_id')
    .orderBy('clicks', 'desc')
    .orderBy('link_id')
    .limit(size)
    .execute()
}

/** How many different visitors there were. */
export async function countVisitors(db: ClickDb, query: ClickQuery): Promise<number> {
  const row = await clicksOf(db, query)
    .select((eb) => eb.fn.count<number>('visitor').distinct().as('visitors'))
    .executeTakeFirstOrThrow()
  return row.visitors
}

function clicksOf(db: ClickDb, query: ClickQuery) {
  const { teamId, linkId } = query.scope
  return db.selectFrom('click').where((eb) => {
    const conditions: Expression<SqlBool>[] = [
      eb('team_id', '=', teamId),
      eb('at_ms', '>=', wholeMs(query.fromMs)),
      eb('at_ms', '<', wholeMs(query.toMs)),
      sql<SqlBool>`at_ms >= coalesce((select before_ms from click_cutoff where click_cutoff.team_id = ${teamId}), 0)`,
      sql<SqlBool>`not exists (select 1 from deleted_link where deleted_link.link_id = click.link_id)`,
    ]
    if (linkId !== undefined) conditions.push(eb('link_id', '=', linkId))
    if (query.bots !== 'include') conditions.push(eb('is_bot', '=', query.bots === 'only' ? 1 : 0))
    if (query.kind !== 'all') conditions.push(eb('is_scan', '=', query.kind === 'scans' ? 1 : 0))
    for (const { dimension, values } of query.filters)
      conditions.push(sql<SqlBool>`${sql.ref(dimension)} = any(${values.map(storableValue)}::text[])`)
    return eb.and(conditions)
  })
}
