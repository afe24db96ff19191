import type { Database } from 'bun:sqlite'
import { BigLink } from './big-link.ts'
import { AT, KIND, lowerBound, type Rows } from './columns.ts'
import type { Pack } from './pack.ts'
import { readBlock } from './run-cursor.ts'
import { findBlock, findRuns, findTeamBlocks, type Run } from './run-queries.ts'
import { ALL_KINDS, type ReportPlan } from './report-plan.ts'
import type { ReportRows, ReportSink, TimeRange } from './report-sinks.ts'
import { findScopeRows, TAILS, type TailRow } from './tail-queries.ts'

/** Hand every click of a plan to a sink, as sums where they answer, else as rows. Only inside a transaction. */
export function visitClicks(db: Database, plan: ReportPlan, sink: ReportSink): void {
  for (const run of findRuns(db, plan.fromMs, plan.toMs)) visitRun(db, run, plan, sink)
  for (const tail of TAILS) visitTail(db, tail, plan, sink)
}

function visitRun(db: Database, run: Run, plan: ReportPlan, sink: ReportSink): void {
  const { teamId, linkId } = plan
  const found =
    linkId === undefined ? findTeamBlocks(db, run.id, teamId) : findBlock(db, run.id, teamId, linkId)
  for (const { blobId } of found === undefined ? [] : Array.isArray(found) ? found : [found]) {
    const block = readBlock(db, run.id, blobId)
    if (block instanceof BigLink) visitBigLink(block, run, plan, sink)
    else if (linkId === undefined) visitTeam(block, run, plan, sink)
    else visitLink(block, run, plan, sink)
  }
}

function visitBigLink(link: BigLink, run: Run, plan: ReportPlan, sink: ReportSink): void {
  if (plan.deletedLinks.has(link.linkId)) return
  const range: TimeRange = plan
  const rest = plan.filters.length === 0 ? sink.sums(link, run.monthMs, range, plan.kinds) : [range]
  for (const { fromMs, toMs } of rest) {
    const [fromAt, toAt] = [fromMs - run.monthMs, toMs - run.monthMs]
    for (const chunk of link.chunks) {
      if (chunk.lastAt < fromAt || chunk.firstAt >= toAt) continue
      const { from, to } = chunk.between(fromAt, toAt)
      giveRows(chunk, { from, to, run, linkIds: link.linkId }, plan, sink)
    }
  }
}

function visitLink(pack: Pack, run: Run, plan: ReportPlan, sink: ReportSink): void {
  const linkId = plan.linkId ?? 0
  const place = pack.find(plan.teamId, linkId)
  if (!pack.isAt(place, plan.teamId, linkId)) return
  giveRows(pack, { ...within(pack, pack.rowsAt(place), run, plan), run, linkIds: linkId }, plan, sink)
}

function visitTeam(pack: Pack, run: Run, plan: ReportPlan, sink: ReportSink): void {
  const isWholly = plan.fromMs <= run.fromMs && run.toMs < plan.toMs
  let [from, to] = [0, 0]
  for (let place = pack.find(plan.teamId, -1); pack.teamIds[place] === plan.teamId; place++) {
    const linkIds = pack.linkIds[place] ?? 0
    if (plan.deletedLinks.has(linkIds)) continue
    const rows = isWholly ? pack.rowsAt(place) : within(pack, pack.rowsAt(place), run, plan)
    if (sink.isByLink === true) {
      giveRows(pack, { ...rows, run, linkIds }, plan, sink)
      continue
    }
    // Neighbours are counted at one go.
    if (rows.from !== to) {
      giveRows(pack, { from, to, run, linkIds: undefined }, plan, sink)
      ;({ from } = rows)
    }
    ;({ to } = rows)
  }
  giveRows(pack, { from, to, run, linkIds: undefined }, plan, sink)
}

interface RowRange {
  readonly from: number
  readonly to: number
}

/** The rows of a link that are in the time of a plan. */
function within(pack: Pack, { from, to }: RowRange, run: Run, plan: ReportPlan): RowRange {
  if (plan.fromMs <= run.fromMs && run.toMs < plan.toMs) return { from, to }
  const times = pack.column(AT, from, to)
  const first = lowerBound(times, 0, times.length, plan.fromMs - run.monthMs)
  const end = lowerBound(times, first, times.length, plan.toMs - run.monthMs)
  return { from: from + first, to: from + end }
}

function giveRows(
  rows: Rows,
  { from, to, run, linkIds }: RowRange & { readonly run: Run; readonly linkIds: number | undefined },
  plan: ReportPlan,
  sink: ReportSink,
): void {
  if (from >= to) return
  sink.rows({
    rows,
    from,
    to,
    times: () => rows.column(AT, from, to),
    baseMs: run.monthMs,
    selected: selectRows(rows, from, to, plan),
    linkIds,
  })
}

/** Which rows count; undefined when all do. */
function selectRows(rows: Rows, from: number, to: number, plan: ReportPlan): Uint8Array | undefined {
  let selected: Uint8Array | undefined
  if (plan.kinds !== ALL_KINDS) {
    selected = markKinds(rows.narrowColumn(KIND, from, to), plan.kinds)
  }
  for (const { column, isAllowed } of plan.filters) {
    selected ??= new Uint8Array(to - from).fill(1)
    const values = rows.narrowColumn(column, from, to)
    if (values instanceof Uint8Array) unmarkBytes(selected, values, isAllowed)
    else unmarkWords(selected, values, isAllowed)
  }
  return selected
}

function markKinds(kinds: Uint8Array | Uint32Array, wanted: number): Uint8Array {
  const selected = new Uint8Array(kinds.length)
  if (kinds instanceof Uint8Array)
    for (let row = 0; row < kinds.length; row++) selected[row] = (wanted >>> (kinds[row] ?? 0)) & 1
  else for (let row = 0; row < kinds.length; row++) selected[row] = (wanted >>> (kinds[row] ?? 0)) & 1
  return selected
}

// One loop for each kind of array: a loop that meets both takes three times as long.

function unmarkBytes(selected: Uint8Array, values: Uint8Array, isAllowed: Uint8Array): void {
  const allowed = new Uint8Array(256)
  allowed.set(isAllowed.subarray(0, 256))
  for (let row = 0; row < values.length; row++)
    selected[row] = (selected[row] ?? 0) & (allowed[values[row] ?? 0] ?? 0)
}

function unmarkWords(selected: Uint8Array, values: Uint32Array, isAllowed: Uint8Array): void {
  for (let row = 0; row < values.length; row++)
    selected[row] = (selected[row] ?? 0) & (isAllowed[values[row] ?? 0] ?? 0)
}

function visitTail(db: Database, tail: (typeof TAILS)[number], plan: ReportPlan, sink: ReportSink): void {
  const columns = [...new Set([AT, KIND, ...plan.filters.map((filter) => filter.column), ...sink.columns])]
  const found = findScopeRows(db, tail, plan, columns)
  if (found.length === 0) return
  const rows = new TailRows(found, columns)
  const part: ReportRows = {
    rows,
    from: 0,
    to: found.length,
    times: () => Float64Array.from(found, (row) => row[0] ?? 0),
    baseMs: 0,
    selected: selectRows(rows, 0, found.length, plan),
    linkIds: found.map((row) => row.at(-1) ?? 0),
  }
  sink.rows(part)
}

/** Rows of a tail as columns; times, which are longer there, excepted. */
class TailRows implements Rows {
  readonly #rows: readonly TailRow[]
  readonly #columns: readonly number[]

  constructor(rows: readonly TailRow[], columns: readonly number[]) {
    this.#rows = rows
    this.#columns = columns
  }

  narrowColumn(index: number, from: number, to: number): Uint32Array {
    return this.column(index, from, to)
  }

  column(index: number, from: number, to: number): Uint32Array {
    const place = this.#columns.indexOf(index)
    const column = new Uint32Array(to - from)
    for (let row = from; row < to; row++) column[row - from] = this.#rows[row]?.[place] ?? 0
    return column
  }
}
