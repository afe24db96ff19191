import type { Database } from 'bun:sqlite'
import { BigLink } from './big-link.ts'
import { BLOB_KINDS } from './blob.ts'
import { AT, type Rows } from './columns.ts'
import { Pack } from './pack.ts'
import { type Block, BLOBS_PER_RUN, findBlob, findBlock, findBlocksAfter } from './run-queries.ts'

/** Rows of one link that are in the order of time. */
export interface Segment {
  readonly rows: Rows
  readonly from: number
  readonly to: number
  readonly firstAt: number
  readonly lastAt: number
}

/** Blocks that are looked up at a time. */
const BLOCKS_AHEAD = 64

/** A block that was read: the rows of many links, or one big link. */
export type ReadBlock = Pack | BigLink

/** @throws DamagedBlobError when the block is not as it was written */
export function readBlock(db: Database, runId: number, blobId: number): ReadBlock {
  const bytes = findBlob(db, blobId)
  return bytes?.[0] === BLOB_KINDS.head
    ? new BigLink(bytes, (seq) => findBlob(db, runId * BLOBS_PER_RUN + seq))
    : new Pack(bytes)
}

/** Walks over the links of a run in order. */
export class RunCursor {
  readonly #db: Database
  readonly #runId: number
  #blocks: Block[]
  #next = 0
  #block: ReadBlock | undefined
  /** In a pack. */
  #place = 0
  teamId = -1
  linkId = -1
  isDone = false

  /** Begin behind the link `after`. */
  constructor(db: Database, runId: number, after: { readonly teamId: number; readonly linkId: number }) {
    this.#db = db
    this.#runId = runId
    // The block that the link is in may go on behind it.
    const current = findBlock(db, runId, after.teamId, after.linkId)
    this.#blocks = findBlocksAfter(db, runId, after, BLOCKS_AHEAD)
    if (current !== undefined) {
      this.#blocks.unshift(current)
      this.#enterBlock()
      if (this.#block instanceof Pack) this.#place = this.#block.find(after.teamId, after.linkId + 1)
      else this.#block = undefined
    }
    this.#settle()
  }

  /** The rows of the link the cursor is at. */
  segments(): Segment[] {
    const block = this.#block
    if (block instanceof BigLink)
      return block.chunks.map((chunk) => ({
        rows: chunk,
        from: 0,
        to: chunk.rowCount,
        firstAt: chunk.firstAt,
        lastAt: chunk.lastAt,
      }))
    if (block === undefined) return []
    const { from, to } = block.rowsAt(this.#place)
    const times = block.column(AT, from, to)
    return [{ rows: block, from, to, firstAt: times[0] ?? 0, lastAt: times[to - from - 1] ?? 0 }]
  }

  advance(): void {
    if (this.#block instanceof Pack) this.#place++
    else this.#block = undefined
    this.#settle()
  }

  #settle(): void {
    for (;;) {
      const block = this.#block
      if (block instanceof BigLink) {
        this.teamId = block.teamId
        this.linkId = block.linkId
        return
      }
      if (block !== undefined && this.#place < block.linkCount) {
        this.teamId = block.teamIds[this.#place] ?? 0
        this.linkId = block.linkIds[this.#place] ?? 0
        return
      }
      if (!this.#enterBlock()) {
        this.isDone = true
        return
      }
    }
  }

  #enterBlock(): boolean {
    let entry = this.#blocks[this.#next]
    if (entry === undefined) {
      const last = this.#blocks.at(-1)
      if (last === undefined) return false
      this.#blocks = findBlocksAfter(this.#db, this.#runId, last, BLOCKS_AHEAD)
      this.#next = 0
      entry = this.#blocks[0]
      if (entry === undefined) return false
    }
    this.#next++
    this.#place = 0
    this.#block = readBlock(this.#db, this.#runId, entry.blobId)
    return true
  }
}
