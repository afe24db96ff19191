import type { Database } from 'bun:sqlite'
import {
  type ClickBatch,
  type ClickQuery,
  type ClickStore,
  type Dimension,
  DIMENSIONS,
  type EnrichedClick,
  type LiveClickQuery,
  type StoredPosition,
} from '#ports/click-store/click-store.ts'
import { monthNames, wholeMs } from '#ports/click-store/time.ts'
import { kindOf } from './columns.ts'
import { Dictionary } from './dictionary.ts'
import {
  addTotals,
  addUsage,
  deleteVisitorSecrets,
  findOrInsertSpool,
  findOrInsertVisitorSecret,
  findTotals,
  findUsage,
  insertDeletedLink,
  isDeletedLink,
  moveSpool,
  raiseCutoff,
  setNextClickId,
  type TotalsRow,
} from './intake-queries.ts'
import { addLiveClicks, deleteLiveClicks, findLiveClicks, watchLive } from './live-queries.ts'
import { Maintenance } from './maintenance.ts'
import { mostFrequent } from './most-frequent.ts'
import { dimensionIndex, planReport } from './report-plan.ts'
import { LinkSink, PeriodSink, type ReportSink, TotalSink, ValueSink, VisitorSink } from './report-sinks.ts'
import { STORE_SIZES, type StoreSizes } from './store-sizes.ts'
import { findFillingTail, tailInsert } from './tail-queries.ts'
import { inSnapshot, inTransaction, openClickFile } from './connection-queries.ts'
import { addUntold, findUntoldTeams, takeUntold, watchOnly, watchTeam } from './untold-queries.ts'
import { visitClicks } from './visit-clicks.ts'

/**
 * Clicks in an SQLite file whose tables exist: recent ones as rows, older ones as runs of columns. Every method works on
 * the calling thread until it is done.
 */
export function openSqliteClickStore(path: string, sizes: StoreSizes = STORE_SIZES): ClickStore {
  return new SqliteClickStore(openClickFile(path), sizes)
}

class SqliteClickStore implements ClickStore {
  readonly #db: Database
  readonly #dictionary: Dictionary
  readonly #maintenance: Maintenance
  readonly #monthOf = monthNames()

  constructor(db: Database, sizes: StoreSizes) {
    this.#db = db
    this.#dictionary = new Dictionary(db)
    this.#maintenance = new Maintenance(db, sizes)
  }

  async total(query: ClickQuery) {
    return this.#report(query, () => new TotalSink()).total
  }

  async series(query: ClickQuery, periods: readonly number[]) {
    const fromMs = Math.max(query.fromMs, periods[0] ?? 0)
    const toMs = Math.min(query.toMs, periods.at(-1) ?? 0)
    return this.#report({ ...query, fromMs, toMs }, () => new PeriodSink(periods)).counts
  }

  async breakdown(query: ClickQuery, dimension: Dimension, size: number) {
    const index = dimensionIndex(dimension)
    const sink = this.#report(query, () => new ValueSink(index, this.#dictionary.size(index)))
    return mostFrequent(sink.counts, size, (id) => this.#dictionary.valueOf(index, id))
  }

  async topLinks(query: ClickQuery, size: number) {
    return this.#report(query, () => new LinkSink()).top(size)
  }

  async uniques(query: ClickQuery) {
    return this.#report(query, () => new VisitorSink()).visitors.total()
  }

  async totals(linkIds: readonly number[]) {
    return findTotals(this.#db, linkIds, false)
  }

  async scanTotals(linkIds: readonly number[]) {
    return findTotals(this.#db, linkIds, true)
  }

  async usage(teamId: number, month: string) {
    return findUsage(this.#db, teamId, month)
  }

  async deleteLink(linkId: number) {
    inTransaction(this.#db, () => {
      insertDeletedLink(this.#db, linkId, Date.now())
      deleteLiveClicks(this.#db, linkId)
    })
  }

  async retain(cutoffs: ReadonlyMap<number, number>) {
    inTransaction(this.#db, () => {
      for (const [teamId, beforeMs] of cutoffs) raiseCutoff(this.#db, teamId, wholeMs(beforeMs))
    })
  }

  async watchTeam(teamId: number) {
    watchTeam(this.#db, teamId, Date.now())
  }

  async watchOnly(teamIds: readonly number[], beforeMs: number) {
    inTransaction(this.#db, () => watchOnly(this.#db, teamIds, { beforeMs, nowMs: Date.now() }))
  }

  async untoldTeams() {
    return findUntoldTeams(this.#db)
  }

  async takeUntold(teamId: number, toldBatch: number) {
    return inTransaction(this.#db, () => takeUntold(this.#db, teamId, toldBatch))
  }

  async watchLive(teamId: number, ttlMs: number) {
    const nowMs = Date.now()
    return inTransaction(this.#db, () => watchLive(this.#db, teamId, { nowMs, untilMs: nowMs + ttlMs }))
  }

  async liveClicks(query: LiveClickQuery) {
    return findLiveClicks(this.#db, query)
  }

  async findOrCreateSpool(name: string, start: StoredPosition = { segment: 0, offset: 0 }) {
    return findOrInsertSpool(this.#db, name, start)
  }

  async append(batch: ClickBatch) {
    try {
      const added = inTransaction(this.#db, () => this.#append(batch))
      if (added !== undefined) this.#maintenance.noteRows(added)
      return added
    } catch (error) {
      this.#dictionary.forgetIds()
      throw error
    }
  }

  async findOrCreateVisitorSecret(day: string, proposal: string) {
    return findOrInsertVisitorSecret(this.#db, day, proposal)
  }

  async deleteVisitorSecretsBefore(day: string) {
    deleteVisitorSecrets(this.#db, day)
  }

  async maintain(budgetMs: number) {
    return this.#maintenance.run(budgetMs)
  }

  async [Symbol.asyncDispose]() {
    this.#db.close()
  }

  #report<S extends ReportSink>(query: ClickQuery, createSink: () => S): S {
    return inSnapshot(this.#db, () => {
      const sink = createSink()
      const plan = planReport(this.#db, this.#dictionary, query)
      if (plan !== undefined) visitClicks(this.#db, plan, sink)
      return sink
    })
  }

  #append({ spoolId, from, to, clicks }: ClickBatch): number | undefined {
    const db = this.#db
    const known = moveSpool(db, spoolId, from, to)
    if (known === undefined) return undefined
    const last = clicks.at(-1)
    if (last === undefined || last.id < known) return 0
    setNextClickId(db, spoolId, last.id + 1)

    const deleted = new Map<number, boolean>()
    const isDeleted = (linkId: number) => {
      const isIt = deleted.get(linkId) ?? isDeletedLink(db, linkId)
      deleted.set(linkId, isIt)
      return isIt
    }
    const taken = clicks.filter((click) => click.id >= known && !isDeleted(click.linkId))
    const insert = tailInsert(db, findFillingTail(db))
    const totals = new Map<string, TotalsRow>()
    for (const click of taken) {
      insert(this.#tailRow(spoolId, click))
      addToTotals(totals, click)
    }
    addTotals(db, totals.values())
    addUntold(db, totals.values())
    addLiveClicks(db, taken, Date.now())
    this.#addUsage(taken)
    return taken.length
  }

  #tailRow(spoolId: number, click: EnrichedClick): number[] {
    const { teamId, linkId, atMs, id, visitor, values } = click
    const high = Number.parseInt(visitor.slice(0, 8), 16)
    const low = Number.parseInt(visitor.slice(8, 16), 16)
    const row = [teamId, linkId, atMs, spoolId, id, kindOf(click), high, low]
    for (let index = 0; index < DIMENSIONS.length; index++) {
      const dimension = DIMENSIONS[index]
      row.push(dimension === undefined ? 0 : this.#dictionary.idOf(index, values[dimension]))
    }
    return row
  }

  #addUsage(clicks: readonly EnrichedClick[]): void {
    const usage = new Map<string, { teamId: number; month: string; clicks: number }>()
    for (const { teamId, atMs } of clicks) {
      const month = this.#monthOf(atMs)
      const key = `${teamId} ${month}`
      const row = usage.get(key)
      if (row === undefined) usage.set(key, { teamId, month, clicks: 1 })
      else row.clicks++
    }
    for (const row of usage.values()) addUsage(this.#db, row.teamId, row.month, row.clicks)
  }
}

function addToTotals(totals: Map<string, TotalsRow>, { linkId, teamId, isBot, isScan }: EnrichedClick): void {
  const key = `${linkId} ${teamId}`
  let row = totals.get(key)
  if (row === undefined) {
    row = { linkId, teamId, clicks: 0, humanClicks: 0, scans: 0, humanScans: 0 }
    totals.set(key, row)
  }
  row.clicks++
  if (!isBot) row.humanClicks++
  if (isScan) row.scans++
  if (isScan && !isBot) row.humanScans++
}
