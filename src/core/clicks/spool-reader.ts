import { closeSync, openSync, readSync } from 'node:fs'
import { type Click, decodeRecord, END_MARK_BYTES, MAX_RECORD_BYTES } from './spool-record.ts'
import { listSegments, type SpoolPosition, segmentPath } from './spool-segments.ts'

export interface SpooledClick {
  readonly at: SpoolPosition
  readonly click: Click
}

/** The clicks that were read at one go. */
export interface SpoolBatch {
  readonly clicks: readonly SpooledClick[]
  /** Where to go on; in a higher segment as soon as the one before has nothing more to give. */
  readonly next: SpoolPosition
  /** Nothing more is there now; false when the batch was full. */
  readonly isAtEnd: boolean
  /**
   * Where something could not be read: one record that makes no sense, or, where even its length is not to be trusted,
   * the rest of a finished segment.
   */
  readonly damaged: readonly SpoolPosition[]
}

/** Reads a spool that another thread may be writing, in order. */
export interface SpoolReader extends Disposable {
  read(from: SpoolPosition, maxRecords: number): SpoolBatch
}

interface Found {
  readonly clicks: SpooledClick[]
  readonly damaged: SpoolPosition[]
}

type Stop = 'full' | 'end' | 'unwritten' | 'damaged'

const CHUNK_BYTES = 256 * 1024

/**
 * Read a directory of segments. Plain reads of a file see what was stored into its mapping, so that nothing has to be
 * mapped here and a file that is gone or short is an ordinary end.
 */
export function openSpoolReader(dir: string): SpoolReader {
  const chunk = Buffer.alloc(Math.max(CHUNK_BYTES, MAX_RECORD_BYTES))
  let open: { readonly segment: number; readonly fd: number } | undefined

  function close(): void {
    if (open !== undefined) closeSync(open.fd)
    open = undefined
  }

  function fileOf(segment: number): number | undefined {
    if (open?.segment === segment) return open.fd
    close()
    try {
      open = { segment, fd: openSync(segmentPath(dir, segment), 'r') }
      return open.fd
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
  }

  /** Add what stands from `from` on, to the end of the segment or of the batch. */
  function readSegment(from: SpoolPosition, batch: Found, max: number): { offset: number; stop: Stop } {
    const fd = fileOf(from.segment)
    const { segment } = from
    let { offset } = from
    if (fd === undefined) return { offset, stop: 'end' }

    for (;;) {
      const available = readSync(fd, chunk, 0, chunk.length, offset)
      if (available < END_MARK_BYTES) return { offset, stop: 'end' }
      let at = 0
      for (;;) {
        if (batch.clicks.length >= max) return { offset: offset + at, stop: 'full' }
        const decoded = decodeRecord(chunk, at, available)
        if (decoded.kind === 'short' && at > 0) break
        if (decoded.kind === 'short') return { offset, stop: 'damaged' }
        if (decoded.kind !== 'click' && decoded.kind !== 'unusable')
          return { offset: offset + at, stop: decoded.kind }
        const position = { segment, offset: offset + at }
        if (decoded.kind === 'click') batch.clicks.push({ at: position, click: decoded.click })
        else batch.damaged.push(position)
        at += decoded.bytes
      }
      offset += at
    }
  }

  return {
    read(from, maxRecords) {
      const found: Found = { clicks: [], damaged: [] }
      let { segment, offset } = from
      let superseded: number | undefined
      for (;;) {
        const end = readSegment({ segment, offset }, found, maxRecords)
        ;({ offset } = end)
        if (end.stop === 'full') return { ...found, next: { segment, offset }, isAtEnd: false }

        const here = segment
        const higher = listSegments(dir).find((number) => number > here)
        if (higher === undefined) return { ...found, next: { segment, offset }, isAtEnd: true }
        // Between reading this end and seeing the higher segment the writer may have appended here: read once more.
        if (end.stop !== 'end' && superseded !== segment) {
          superseded = segment
          continue
        }
        if (end.stop === 'damaged') found.damaged.push({ segment, offset })
        segment = higher
        offset = 0
      }
    },
    [Symbol.dispose]: close,
  }
}
