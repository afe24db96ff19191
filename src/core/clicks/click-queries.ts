import { type CompiledQuery, type Insertable, type Transaction } from 'kysely'
import type { ClickDb, ClickTables } from '#db/database.ts'
import type { SpoolPosition } from './spool-segments.ts'

/** A spool as the database knows it. */
export interface SpoolState {
  readonly id: number
  /** Everything before it is in the database. */
  readonly position: SpoolPosition
}

export type ClickRow = Insertable<ClickTables['click']>

/** Clicks of one spool, in its order, and where it goes on after them. */
export interface ClickBatch {
  readonly spoolId: number
  readonly from: SpoolPosition
  readonly to: SpoolPosition
  readonly clicks: readonly ClickRow[]
}

/** @returns how many clicks were new; undefined, and nothing is written, when the spool does not stand at `from` */
export type ClickBatchWriter = (batch: ClickBatch) => Promise<number | undefined>

type Column<T extends keyof ClickTables> = keyof Insertable<ClickTables[T]>
type ClickTx = Transaction<ClickTables>

const CLICK_COLUMNS = [
  'spool_id',
  'position',
  'link_id',
  'team_id',
  'at_ms',
  'visitor',
  'user_agent',
  'referrer',
  'language',
  'query',
  'is_head',
  'is_prefetch',
  'is_scan',
] as const satisfies readonly Column<'click'>[]
const TOTAL_COLUMNS = ['link_id', 'clicks'] as const satisfies readonly Column<'click_total'>[]
const USAGE_COLUMNS = ['team_id', 'month', 'clicks'] as const satisfies readonly Column<'click_usage'>[]

/** Rows of one insert, largest first; the largest stays far below SQLite's 32,766 parameters. */
const INSERT_SIZES = [128, 16, 1] as const
/** Ids of one `in` list. */
const MAX_IDS = 10_000
const DAY_MS = 86_400_000

/** The spool of that name, entered at `start` when the database has not met it. */
export async function findOrCreateSpool(
  clickDb: ClickDb,
  name: string,
  start: SpoolPosition = { segment: 0, offset: 0 },
): Promise<SpoolState> {
  await clickDb
    .insertInto('spool')
    .values({ name, segment: start.segment, offset_bytes: start.offset })
    .onConflict((oc) => oc.column('name').doNothing())
    .execute()
  const row = await clickDb.selectFrom('spool').selectAll().where('name', '=', name).executeTakeFirstOrThrow()
  return { id: row.id, position: { segment: row.segment, offset: row.offset_bytes } }
}

/**
 * A function that writes batches, each in one transaction with the spool's new position. Whoever moves the position
 * first holds its row until the commit, so that two consumers of one spool never write the same clicks; clicks that are
 * there already, whatever the position says, are left out of the totals too.
 */
export function clickBatchWriter(clickDb: ClickDb): ClickBatchWriter {
  const insertClicks = chunkedInsert(CLICK_COLUMNS, (rows: readonly ClickRow[]) =>
    clickDb
      .insertInto('click')
      .values(rows)
      .onConflict((oc) => oc.columns(['spool_id', 'position']).doNothing())
      .compile(),
  )
  const addTotals = chunkedInsert(TOTAL_COLUMNS, (rows: readonly Insertable<ClickTables['click_total']>[]) =>
    clickDb
      .insertInto('click_total')
      .values(rows)
      .onConflict((oc) =>
        oc
          .column('link_id')
          .doUpdateSet((eb) => ({ clicks: eb('click_total.clicks', '+', eb.ref('excluded.clicks')) })),
      )
      .compile(),
  )
  const addUsage = chunkedInsert(USAGE_COLUMNS, (rows: readonly Insertable<ClickTables['click_usage']>[]) =>
    clickDb
      .insertInto('click_usage')
      .values(rows)
      .onConflict((oc) =>
        oc
          .columns(['team_id', 'month'])
          .doUpdateSet((eb) => ({ clicks: eb('click_usage.clicks', '+', eb.ref('excluded.clicks')) })),
      )
      .compile(),
  )

  return (batch) =>
    clickDb.transaction().execute(async (tx) => {
      if (!(await moveSpool(tx, batch))) return undefined
      const known = await findPositions(tx, batch)
      const clicks = known.size === 0 ? batch.clicks : batch.clicks.filter((row) => !known.has(row.position))
      await insertClicks(tx, clicks)
      await addTotals(tx, totalsOf(clicks))
      await addUsage(tx, usageOf(clicks))
      return clicks.length
    })
}

/** How often each of the links was clicked, ever; those without clicks are absent. */
export async function findClickTotals(
  clickDb: ClickDb,
  linkIds: readonly number[],
): Promise<Map<number, number>> {
  const totals = new Map<number, number>()
  for (let i = 0; i < linkIds.length; i += MAX_IDS) {
    const rows = await clickDb
      .selectFrom('click_total')
      .select(['link_id', 'clicks'])
      .where('link_id', 'in', linkIds.slice(i, i + MAX_IDS))
      .execute()
    for (const row of rows) totals.set(row.link_id, row.clicks)
  }
  return totals
}

/** How many clicks a team had in a month, `2026-11` (UTC). */
export async function findClickUsage(clickDb: ClickDb, teamId: number, month: string): Promise<number> {
  const row = await clickDb
    .selectFrom('click_usage')
    .select('clicks')
    .where('team_id', '=', teamId)
    .where('month', '=', month)
    .executeTakeFirst()
  return row?.clicks ?? 0
}

/** The secret that a day's visitors are hashed with, the proposed one where the day, `2026-11-21` (UTC), has none yet. */
export async function findOrCreateVisitorSecret(
  clickDb: ClickDb,
  day: string,
  proposal: string,
): Promise<string> {
  await clickDb
    .insertInto('visitor_key')
    .values({ day, secret: proposal })
    .onConflict((oc) => oc.column('day').doNothing())
    .execute()
  const row = await clickDb
    .selectFrom('visitor_key')
    .select('secret')
    .where('day', '=', day)
    .executeTakeFirstOrThrow()
  return row.secret
}

/** Forget the visitor secrets of the days before `day`: their hashes can then be made by nobody. */
export async function deleteVisitorSecretsBefore(clickDb: ClickDb, day: string): Promise<void> {
  await clickDb.deleteFrom('visitor_key').where('day', '<', day).execute()
}

/** @returns false when somebody else has moved the spool */
async function moveSpool(tx: ClickTx, { spoolId, from, to }: ClickBatch): Promise<boolean> {
  const result = await tx
    .updateTable('spool')
    .set({ segment: to.segment, offset_bytes: to.offset })
    .where('id', '=', spoolId)
    .where('segment', '=', from.segment)
    .where('offset_bytes', '=', from.offset)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

async function findPositions(tx: ClickTx, { spoolId, clicks }: ClickBatch): Promise<Set<number>> {
  const first = clicks[0]
  const last = clicks.at(-1)
  if (first === undefined || last === undefined) return new Set()
  const rows = await tx
    .selectFrom('click')
    .select('position')
    .where('spool_id', '=', spoolId)
    .where('position', '>=', first.position)
    .where('position', '<=', last.position)
    .execute()
  return new Set(rows.map((row) => row.position))
}

/** Ascending, so that servers that count the same links never wait for one another in a circle. */
function totalsOf(clicks: readonly ClickRow[]): Insertable<ClickTables['click_total']>[] {
  const totals = new Map<number, number>()
  for (const { link_id } of clicks) totals.set(link_id, (totals.get(link_id) ?? 0) + 1)
  return [...totals]
    .map(([link_id, count]) => ({ link_id, clicks: count }))
    .sort((a, b) => a.link_id - b.link_id)
}

/** Ascending, as {@link totalsOf}. */
function usageOf(clicks: readonly ClickRow[]): Insertable<ClickTables['click_usage']>[] {
  const months = new Map<number, string>()
  const usage = new Map<string, { team_id: number; month: string; clicks: number }>()
  for (const { team_id, at_ms } of clicks) {
    const day = Math.floor(at_ms / DAY_MS)
    const month = months.get(day) ?? new Date(at_ms).toISOString().slice(0, 7)
    months.set(day, month)
    const key = `${team_id} ${month}`
    const row = usage.get(key)
    if (row === undefined) usage.set(key, { team_id, month, clicks: 1 })
    else row.clicks++
  }
  return [...usage.values()].sort((a, b) => a.team_id - b.team_id || (a.month < b.month ? -1 : 1))
}

/**
 * Inserts of any number of rows in few statements, whose texts are made once for each size: building one takes longer
 * than running it.
 */
function chunkedInsert<Row extends object>(
  columns: readonly (keyof Row)[],
  compile: (rows: readonly Row[]) => CompiledQuery,
): (tx: ClickTx, rows: readonly Row[]) => Promise<void> {
  const compiled = new Map<number, CompiledQuery>()
  return async (tx, rows) => {
    let done = 0
    for (const size of INSERT_SIZES) {
      while (rows.length - done >= size) {
        const chunk = rows.slice(done, done + size)
        const query = compiled.get(size) ?? compile(chunk)
        compiled.set(size, query)
        const parameters = chunk.flatMap((row) => columns.map((column) => row[column]))
        await tx.executeQuery({ ...query, parameters })
        done += size
      }
    }
  }
}
