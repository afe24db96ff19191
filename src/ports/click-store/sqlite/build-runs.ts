import type { Database } from 'bun:sqlite'
import { monthStartMs, nextMonthStartMs } from '#ports/click-store/time.ts'
import { AT, COLUMN_COUNT, lowerBound } from './columns.ts'
import { findCutoffs, findUnpurgedLinks } from './intake-queries.ts'
import { RowBuffer } from './row-buffer.ts'
import { RunCursor, type Segment } from './run-cursor.ts'
import { type BuildingRun, deleteBlobsFrom, insertBuildingRun, publishRun, type Run } from './run-queries.ts'
import { RunWriter } from './run-writer.ts'
import type { StoreSizes } from './store-sizes.ts'
import {
  clearTail,
  findTailRows,
  findTailTimes,
  type Tail,
  TAIL_ROW_COLUMNS,
  type TailRow,
} from './tail-queries.ts'

/**
 * Work in steps. Whoever drives it may commit after any step, and must drop it when a transaction failed: what is to be
 * done is in the database.
 */
export type Steps = Generator<undefined, void, undefined>

/** Tail rows of one step. */
const TAIL_PAGE_ROWS = 1024

/** Make the rows of a tail into runs, one for each month, and empty it. */
export function* flushTail(db: Database, tail: Tail, sizes: StoreSizes): Steps {
  const forgotten = findForgotten(db)
  const runs: BuildingRun[] = []
  for (const monthMs of new Set(findTailTimes(db, tail).map(monthStartMs))) {
    const run = insertBuildingRun(db, monthMs, [])
    runs.push(run)
    yield* writeTailRows(db, tail, run, new LinkWriter(db, run, forgotten, sizes))
  }
  for (const run of runs) publishRun(db, run.id)
  clearTail(db, tail)
}

/** Make one run of several of a month, from where the output stands. */
export function* mergeRuns(
  db: Database,
  output: BuildingRun,
  inputs: readonly Run[],
  sizes: StoreSizes,
): Steps {
  deleteBlobsFrom(db, output.id, output.nextSeq)
  const forgotten = findForgotten(db)
  const writer = new LinkWriter(db, output, forgotten, sizes)
  const after = { teamId: output.lastTeamId, linkId: output.lastLinkId }
  const cursors = inputs.map((run) => new RunCursor(db, run.id, after))
  for (;;) {
    const first = firstOf(cursors)
    if (first === undefined) break
    const { teamId, linkId } = first
    const segments: Segment[] = []
    for (const cursor of cursors) {
      if (cursor.isDone || cursor.teamId !== teamId || cursor.linkId !== linkId) continue
      segments.push(...cursor.segments())
      cursor.advance()
    }
    yield* writer.add(teamId, linkId, segments)
    yield
  }
  writer.finish()
  publishRun(db, output.id)
}

/** What is not written any more. */
interface Forgotten {
  readonly links: ReadonlySet<number>
  /** By team, in milliseconds since 1970. */
  readonly cutoffs: ReadonlyMap<number, number>
}

function findForgotten(db: Database): Forgotten {
  return {
    links: new Set(findUnpurgedLinks(db)),
    cutoffs: new Map(findCutoffs(db).map(({ teamId, beforeMs }) => [teamId, beforeMs])),
  }
}

function* writeTailRows(db: Database, tail: Tail, run: BuildingRun, writer: LinkWriter): Steps {
  const rows = new RowBuffer()
  const range = { fromMs: run.monthMs, toMs: nextMonthStartMs(run.monthMs) }
  let [lastTeam, lastLink] = [-1, -1]
  let after: TailRow | undefined = []
  while (after !== undefined) {
    const page: readonly TailRow[] = findTailRows(db, tail, { ...range, after, limit: TAIL_PAGE_ROWS })
    for (const row of page) {
      const [teamId = 0, linkId = 0] = row
      if (teamId !== lastTeam || linkId !== lastLink) yield* writer.addSorted(lastTeam, lastLink, rows)
      ;[lastTeam, lastLink] = [teamId, linkId]
      appendTailRow(rows, row, run.monthMs)
    }
    after = page.length < TAIL_PAGE_ROWS ? undefined : page.at(-1)
    yield
  }
  yield* writer.addSorted(lastTeam, lastLink, rows)
  writer.finish()
}

function appendTailRow(rows: RowBuffer, row: TailRow, monthMs: number): void {
  rows.reserve(1)
  rows.whole(AT)[rows.count] = (row[2] ?? 0) - monthMs
  for (let column = 1; column < COLUMN_COUNT; column++)
    rows.whole(column)[rows.count] = row[TAIL_ROW_COLUMNS + column] ?? 0
  rows.count++
}

function firstOf(cursors: readonly RunCursor[]): RunCursor | undefined {
  let first: RunCursor | undefined
  for (const cursor of cursors) {
    if (cursor.isDone) continue
    if (
      first === undefined ||
      cursor.teamId < first.teamId ||
      (cursor.teamId === first.teamId && cursor.linkId < first.linkId)
    )
      first = cursor
  }
  return first
}

/** Decides for each link how it is written, and leaves out what is forgotten. */
class LinkWriter {
  readonly #writer: RunWriter
  readonly #sizes: StoreSizes
  readonly #monthMs: number
  readonly #forgotten: Forgotten
  readonly #rows = new RowBuffer()
  readonly #cluster = new RowBuffer()

  constructor(db: Database, run: BuildingRun, forgotten: Forgotten, sizes: StoreSizes) {
    this.#writer = new RunWriter(db, run, sizes)
    this.#sizes = sizes
    this.#monthMs = run.monthMs
    this.#forgotten = forgotten
  }

  /** Add a link's rows from several places, in any order among them. */
  *add(teamId: number, linkId: number, segments: readonly Segment[]): Steps {
    if (this.#forgotten.links.has(linkId)) return
    const firstAt = this.#firstAt(teamId)
    const rows = this.#rows
    rows.clear()
    let big: ReturnType<RunWriter['startBig']> | undefined
    for (const cluster of clustersOf(segments)) {
      this.#append(cluster, firstAt)
      while (rows.count >= this.#sizes.chunk) {
        big ??= this.#writer.startBig()
        big.addChunk(rows, this.#sizes.chunk)
        rows.dropFirst(this.#sizes.chunk)
        yield
      }
    }
    if (big === undefined && rows.count < this.#sizes.bigLink) {
      this.#writer.addSmall(teamId, linkId, rows)
      return
    }
    big ??= this.#writer.startBig()
    if (rows.count > 0) big.addChunk(rows, rows.count)
    this.#writer.finishBig(big, teamId, linkId)
  }

  /** Add a link's rows, which are in the order of time, and empty the buffer. */
  *addSorted(teamId: number, linkId: number, rows: RowBuffer): Steps {
    const times = rows.whole(AT)
    const segment: Segment = {
      rows,
      from: 0,
      to: rows.count,
      firstAt: times[0] ?? 0,
      lastAt: times[rows.count - 1] ?? 0,
    }
    if (rows.count > 0) yield* this.add(teamId, linkId, [segment])
    rows.clear()
  }

  finish(): void {
    this.#writer.finish()
  }

  #append(cluster: readonly Segment[], firstAt: number): void {
    const [only] = cluster
    if (only === undefined) return
    const target = cluster.length === 1 ? this.#rows : this.#cluster
    this.#cluster.clear()
    for (const { rows, from, to, firstAt: segmentFirst } of cluster) {
      const start =
        segmentFirst >= firstAt ? from : from + lowerBound(rows.column(AT, from, to), 0, to - from, firstAt)
      if (start < to) target.append(rows, start, to)
    }
    if (target === this.#rows) return
    this.#cluster.sort()
    this.#rows.append(this.#cluster, 0, this.#cluster.count)
  }

  /** The first time of the month that is not forgotten. */
  #firstAt(teamId: number): number {
    return Math.max(0, (this.#forgotten.cutoffs.get(teamId) ?? 0) - this.#monthMs)
  }
}

/** Segments in the order of time; those whose times overlap are together. */
function clustersOf(segments: readonly Segment[]): Segment[][] {
  const clusters: Segment[][] = []
  let lastAt = -1
  for (const segment of segments.toSorted((a, b) => a.firstAt - b.firstAt)) {
    const cluster = clusters.at(-1)
    if (cluster === undefined || segment.firstAt >= lastAt) clusters.push([segment])
    else cluster.push(segment)
    lastAt = Math.max(lastAt, segment.lastAt)
  }
  return clusters
}
