import type { Database } from 'bun:sqlite'
import { DIMENSIONS } from '#ports/click-store/click-store.ts'

/** The two tables of recent clicks: one is filled while the other is made into runs. */
export const TAILS = [0, 1] as const

export type Tail = (typeof TAILS)[number]

/** A tail's row: team, link, time, spool, position, then every column of {@link TAIL_COLUMNS} but the time. */
export type TailRow = readonly number[]

/** How the columns of a run are called in a tail. */
const TAIL_COLUMNS: readonly string[] = [
  'at_ms',
  'kind',
  'visitor_high',
  'visitor_low',
  ...DIMENSIONS.map((dimension) => `"${dimension}"`),
]
const KEY = 'team_id, link_id, at_ms, spool_id, position'
/** Where the columns behind the time begin in a {@link TailRow}. */
export const TAIL_ROW_COLUMNS = 5 - 1

/** The tail that takes new clicks now. */
export function findFillingTail(db: Database): Tail {
  const row = db.query<{ tail: Tail }, []>('select filling_tail as tail from click_state where id = 1').get()
  if (row === null) throw new Error('The click store has no state: its tables were not made by this program.')
  return row.tail
}

export function setFillingTail(db: Database, tail: Tail): void {
  db.query<unknown, [number]>('update click_state set filling_tail = ?1 where id = 1').run(tail)
}

/** The maintainer that took over last. */
export function findMaintainer(db: Database): string {
  return (
    db.query<{ maintainer: string }, []>('select maintainer from click_state where id = 1').get()
      ?.maintainer ?? ''
  )
}

export function setMaintainer(db: Database, maintainer: string): void {
  db.query<unknown, [string]>('update click_state set maintainer = ?1 where id = 1').run(maintainer)
}

/** A function that adds one row to a tail, unless it is there. */
export function tailInsert(db: Database, tail: Tail): (row: TailRow) => void {
  const columns = TAIL_COLUMNS.slice(1)
  const marks = Array.from({ length: 5 + columns.length }, () => '?').join(', ')
  const insert = db.query<unknown, number[]>(
    `insert or ignore into click_tail_${tail} (${KEY}, ${columns.join(', ')}) values (${marks})`,
  )
  return (row) => void insert.run(...row)
}

export function countTail(db: Database, tail: Tail): number {
  return db.query<{ rows: number }, []>(`select count(*) as rows from click_tail_${tail}`).get()?.rows ?? 0
}

/** The times of all rows of a tail, in no order. */
export function findTailTimes(db: Database, tail: Tail): number[] {
  return db
    .query<unknown, []>(`select at_ms from click_tail_${tail}`)
    .values()
    .map((row) => Number(row[0]))
}

/** Rows of a tail from a time to before another behind a row, in the order of team, link, time; at most so many. */
export function findTailRows(
  db: Database,
  tail: Tail,
  options: {
    readonly fromMs: number
    readonly toMs: number
    readonly after: TailRow
    readonly limit: number
  },
): TailRow[] {
  const { fromMs, toMs, after, limit } = options
  const [team = -1, link = -1, at = -1, spool = -1, position = -1] = after
  return db
    .query<unknown, number[]>(
      `select ${KEY}, ${TAIL_COLUMNS.slice(1).join(', ')} from click_tail_${tail}
        where (${KEY}) > (?1, ?2, ?3, ?4, ?5) and at_ms >= ?6 and at_ms < ?7 order by ${KEY} limit ?8`,
    )
    .values(team, link, at, spool, position, fromMs, toMs, limit) as number[][]
}

/** Empty a tail. */
export function clearTail(db: Database, tail: Tail): void {
  db.query<unknown, []>(`delete from click_tail_${tail}`).run()
}

export function deleteLinkFromTail(db: Database, tail: Tail, teamId: number, linkId: number): void {
  db.query<unknown, [number, number]>(
    `delete from click_tail_${tail} where team_id = ?1 and link_id = ?2`,
  ).run(teamId, linkId)
}

/**
 * The chosen columns of a team's rows in a time, or of one of its links, each row with its link at the end; links that
 * are being deleted are left out.
 */
export function findScopeRows(
  db: Database,
  tail: Tail,
  scope: {
    readonly teamId: number
    readonly linkId?: number | undefined
    readonly fromMs: number
    readonly toMs: number
  },
  columns: readonly number[],
): TailRow[] {
  const names = columns.map((column) => TAIL_COLUMNS[column]).join(', ')
  const isLink = scope.linkId !== undefined
  return db
    .query<unknown, number[]>(
      `select ${names}, link_id from click_tail_${tail} as tail
        where team_id = ?1 and at_ms >= ?2 and at_ms < ?3 ${isLink ? 'and link_id = ?4' : ''}
          and not exists (select 1 from deleted_link where deleted_link.link_id = tail.link_id)`,
    )
    .values(scope.teamId, scope.fromMs, scope.toMs, ...(isLink ? [scope.linkId ?? 0] : [])) as number[][]
}
