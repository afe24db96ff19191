import type { Database } from 'bun:sqlite'
import { flushTail, mergeRuns, type Steps } from './build-runs.ts'
import { chooseMerge } from './choose-merge.ts'
import { purgeLink, sweepTeam } from './forget-clicks.ts'
import { findUnpurgedLinks, findUnsweptCutoff } from './intake-queries.ts'
import {
  deleteDroppedRun,
  dropUnfinishedFlushes,
  findDroppedRun,
  findLiveRuns,
  findMerge,
  insertBuildingRun,
} from './run-queries.ts'
import type { StoreSizes } from './store-sizes.ts'
import {
  countTail,
  findFillingTail,
  findMaintainer,
  setFillingTail,
  setMaintainer,
  type Tail,
} from './tail-queries.ts'
import { inTransaction } from './connection-queries.ts'

/** Blobs of a dropped run that are deleted in one step. */
const BLOBS_AT_ONCE = 100

/**
 * Does in slices what keeps reports fast and the disk free. What is under way is in the database, so that another
 * process goes on where this one was killed; of two maintainers at once the one that came later goes on.
 */
export class Maintenance {
  readonly #db: Database
  readonly #sizes: StoreSizes
  readonly #name = crypto.randomUUID()
  #flush: Steps | undefined
  #other: Steps | undefined
  /** Rows of the tail that is being filled; undefined until they have been counted. */
  #tailRows: number | undefined

  constructor(db: Database, sizes: StoreSizes) {
    this.#db = db
    this.#sizes = sizes
  }

  /** Told of rows that were added to the tail. */
  noteRows(rows: number): void {
    if (this.#tailRows !== undefined) this.#tailRows += rows
  }

  /**
   * Work for about so long, at least one step, in one transaction.
   *
   * @returns whether more is to be done
   */
  run(budgetMs: number): boolean {
    const endMs = performance.now() + budgetMs
    try {
      return inTransaction(this.#db, () => {
        this.#takeOver()
        // A full tail does not wait for the end of a merge.
        this.#flush ??= this.#nextFlush()
        while (this.#step()) if (performance.now() >= endMs) return true
        return false
      })
    } catch (error) {
      this.#forgetState()
      throw error
    }
  }

  #takeOver(): void {
    if (findMaintainer(this.#db) === this.#name) return
    this.#forgetState()
    setMaintainer(this.#db, this.#name)
    dropUnfinishedFlushes(this.#db)
  }

  #forgetState(): void {
    this.#flush = undefined
    this.#other = undefined
    this.#tailRows = undefined
  }

  /** @returns false when there was nothing to do */
  #step(): boolean {
    if (this.#flush !== undefined) {
      if (this.#flush.next().done === true) this.#flush = undefined
      return true
    }
    if (this.#other === undefined) {
      this.#flush = this.#nextFlush()
      if (this.#flush === undefined) this.#other = this.#nextOther()
      return this.#flush !== undefined || this.#other !== undefined
    }
    if (this.#other.next().done === true) this.#other = undefined
    return true
  }

  #nextFlush(): Steps | undefined {
    const filling = findFillingTail(this.#db)
    const other: Tail = filling === 0 ? 1 : 0
    this.#tailRows ??= countTail(this.#db, filling)
    // A flush that was interrupted has left its tail as it was.
    if (countTail(this.#db, other) > 0) {
      dropUnfinishedFlushes(this.#db)
      return flushTail(this.#db, other, this.#sizes)
    }
    if (this.#tailRows < this.#sizes.tail) return undefined
    setFillingTail(this.#db, other)
    this.#tailRows = 0
    return flushTail(this.#db, filling, this.#sizes)
  }

  #nextOther(): Steps | undefined {
    const db = this.#db
    const merge = findMerge(db)
    if (merge !== undefined) return mergeRuns(db, merge.output, merge.inputs, this.#sizes)
    const dropped = findDroppedRun(db)
    if (dropped !== undefined) return deleteRun(db, dropped)
    const link = findUnpurgedLinks(db)[0]
    if (link !== undefined) return this.#purge(link)
    const cutoff = findUnsweptCutoff(db)
    if (cutoff !== undefined) return sweepTeam(db, cutoff)
    const inputs = chooseMerge(findLiveRuns(db))
    const monthMs = inputs?.[0]?.monthMs
    if (inputs === undefined || monthMs === undefined) return undefined
    return mergeRuns(db, insertBuildingRun(db, monthMs, inputs), inputs, this.#sizes)
  }

  *#purge(linkId: number): Steps {
    yield* purgeLink(this.#db, linkId)
    this.#tailRows = undefined
  }
}

function* deleteRun(db: Database, runId: number): Steps {
  while (!deleteDroppedRun(db, runId, BLOBS_AT_ONCE)) yield
}
