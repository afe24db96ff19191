import type { Database } from 'bun:sqlite'
import { BigLinkBuilder } from './big-link.ts'
import { ByteWriter } from './blob.ts'
import { AT } from './columns.ts'
import { encodePack, type PackLink } from './pack.ts'
import { RowBuffer } from './row-buffer.ts'
import {
  BLOBS_PER_RUN,
  type BuildingRun,
  insertBlob,
  insertBlock,
  type RunProgress,
  updateProgress,
} from './run-queries.ts'
import type { StoreSizes } from './store-sizes.ts'

/**
 * Writes a run: links in the order of team and id, the rows of each in the order of time. After every block it notes
 * how far the run is, so that a run that was interrupted can be gone on with.
 */
export class RunWriter {
  readonly #db: Database
  readonly #run: BuildingRun
  readonly #bytes = new ByteWriter()
  readonly #packRows: number
  readonly #rows: RowBuffer
  #links: PackLink[] = []
  #progress: RunProgress
  #nextSeq: number

  constructor(db: Database, run: BuildingRun, sizes: StoreSizes) {
    this.#db = db
    this.#run = run
    this.#packRows = sizes.pack
    this.#rows = new RowBuffer(sizes.pack + sizes.bigLink)
    this.#progress = run
    this.#nextSeq = run.nextSeq
  }

  /** Add a link that is not big. */
  addSmall(teamId: number, linkId: number, rows: RowBuffer): void {
    if (rows.count === 0) return
    if (this.#rows.count + rows.count > this.#packRows) this.#writePack()
    this.#rows.append(rows, 0, rows.count)
    this.#links.push({ teamId, linkId, end: this.#rows.count })
  }

  /** Begin a big link; nothing else may be added before it is finished. */
  startBig(): BigLinkBuilder {
    this.#writePack()
    return new BigLinkBuilder(this.#bytes, (blob) => this.#keep(blob))
  }

  finishBig(builder: BigLinkBuilder, teamId: number, linkId: number): void {
    const { rows, firstAt, lastAt } = builder
    const head = builder.finish(teamId, linkId)
    this.#writeBlock({ teamId, linkId }, { teamId, linkId }, head)
    this.#wrote({ teamId, linkId }, { rows, firstAt, lastAt })
  }

  /** Write what is still gathered. */
  finish(): void {
    this.#writePack()
  }

  #writePack(): void {
    const [first, last] = [this.#links[0], this.#links.at(-1)]
    if (first === undefined || last === undefined) return
    const rows = this.#rows.count
    const blob = this.#keep(encodePack(this.#bytes, this.#links, this.#rows))
    this.#writeBlock(first, last, blob)
    const times = this.#rows.column(AT, 0, rows)
    let [firstAt, lastAt] = [times[0] ?? 0, times[0] ?? 0]
    for (const at of times) {
      if (at < firstAt) firstAt = at
      if (at > lastAt) lastAt = at
    }
    this.#rows.clear()
    this.#links = []
    this.#wrote(last, { rows, firstAt, lastAt })
  }

  #keep(blob: Uint8Array): number {
    const seq = this.#nextSeq++
    if (seq >= BLOBS_PER_RUN) throw new Error('a run of clicks has more blobs than it has numbers for')
    insertBlob(this.#db, this.#run.id * BLOBS_PER_RUN + seq, blob)
    return seq
  }

  #writeBlock(first: LinkKey, last: LinkKey, seq: number): void {
    insertBlock(this.#db, this.#run.id, {
      teamId: first.teamId,
      linkId: first.linkId,
      lastTeamId: last.teamId,
      lastLinkId: last.linkId,
      blobId: this.#run.id * BLOBS_PER_RUN + seq,
    })
  }

  #wrote(
    last: LinkKey,
    block: { readonly rows: number; readonly firstAt: number; readonly lastAt: number },
  ): void {
    const before = this.#progress
    const fromMs = this.#run.monthMs + block.firstAt
    const toMs = this.#run.monthMs + block.lastAt
    this.#progress = {
      fromMs: before.clicks === 0 ? fromMs : Math.min(before.fromMs, fromMs),
      toMs: before.clicks === 0 ? toMs : Math.max(before.toMs, toMs),
      clicks: before.clicks + block.rows,
      nextSeq: this.#nextSeq,
      lastTeamId: last.teamId,
      lastLinkId: last.linkId,
    }
    updateProgress(this.#db, this.#run.id, this.#progress)
  }
}

interface LinkKey {
  readonly teamId: number
  readonly linkId: number
}
