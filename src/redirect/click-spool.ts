import { Database } from 'bun:sqlite'
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type Click,
  type ClickFacts,
  type ClickInPlace,
  commitEnd,
  commitRecord,
  encodeClick,
  encodeClickInPlace,
  END_MARK_BYTES,
  MAX_RECORD_BYTES,
} from '#core/clicks/spool-record.ts'
import {
  listSegments,
  MAX_SEGMENT_BYTES,
  nameSpool,
  readSpoolName,
  segmentPath,
  type SpoolPosition,
} from '#core/clicks/spool-segments.ts'
import {
  allocateSegment,
  makeSegmentFile,
  makeSegmentFileInBackground,
  releaseSegment,
  type SegmentMemory,
} from './segment-memory.ts'

/** What the operator should hear about, told when it begins and when it ends. */
export type SpoolIncident =
  /** No further file can be made, for want of room most likely. Clicks are kept, in the end in memory. */
  | { readonly kind: 'no-room'; readonly error: unknown }
  /** The memory is full too: clicks are being lost. */
  | { readonly kind: 'dropping' }
  /** There is room again; so many clicks were lost in the meantime. */
  | { readonly kind: 'recovered'; readonly dropped: number }

export interface ClickSpoolOptions {
  /** The spool's own directory; made where it is missing. */
  readonly dir: string
  /** The size of a segment, a multiple of 4. */
  readonly segmentBytes?: number
  /** A segment is finished when its first click is this old, because it holds addresses. */
  readonly maxAgeMs?: number
  /** How often age and room are looked at. */
  readonly maintainEveryMs?: number
  readonly onIncident?: (incident: SpoolIncident) => void
  readonly now?: () => number
}

export interface ClickSpoolStats {
  readonly appended: number
  /** Clicks that were lost because neither disk nor memory had room. */
  readonly dropped: number
  /** Where the next click goes. */
  readonly head: SpoolPosition
  /** For want of room on the disk the current segment is in memory only. */
  readonly isInMemory: boolean
  readonly segmentBytes: number
}

/** A queue of clicks that outlives the process. */
export interface ClickSpool extends AsyncDisposable {
  /** Tells this spool from those of other servers on the same database. */
  readonly name: string
  /** Keep a click: once this returns, killing the process does not lose it. Never throws. */
  append(click: Click): void
  /** As {@link ClickSpool.append}; nothing of the click is kept but its record. */
  appendInPlace(click: ClickInPlace): void
  stats(): ClickSpoolStats
  /** Finish the current segment if its first click is older than that and the next segment is at hand. */
  rotateIfOlderThan(ageMs: number): void
}

interface Segment extends SegmentMemory {
  readonly number: number
  /** How many clicks the spool had taken when this segment began. */
  readonly appendedBefore: number
  offset: number
  firstAtMs: number
}

const SEGMENT_BYTES = 8 * 1024 * 1024
const MAX_AGE_MS = 10 * 60_000
const MAINTAIN_EVERY_MS = 1_000
const TEMPORARY_SUFFIX = '.tmp'

/**
 * Open a spool and begin a new segment.
 *
 * Segments are files of zeros, mapped into memory, so that a click is kept by storing it there. The highest numbered one
 * is never deleted and therefore numbers only grow; a spool without any segment is a new one, with a new name.
 *
 * @throws Error when the directory cannot be made, or another process has it open
 */
export function openClickSpool(options: ClickSpoolOptions): ClickSpool {
  const { dir, segmentBytes = SEGMENT_BYTES, maxAgeMs = MAX_AGE_MS, now = Date.now } = options
  if (segmentBytes % 4 !== 0 || segmentBytes < 2 * MAX_RECORD_BYTES || segmentBytes > MAX_SEGMENT_BYTES)
    throw new Error(
      `a segment cannot have ${segmentBytes} bytes; use a multiple of 4 up to ${MAX_SEGMENT_BYTES}`,
    )
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const lock = lockDirectory(dir)
  removeTemporaries(dir)
  const segments = listSegments(dir)
  const name = (segments.length > 0 ? readSpoolName(dir) : undefined) ?? nameSpool(dir)

  const lastOffset = segmentBytes - MAX_RECORD_BYTES - END_MARK_BYTES
  let appended = 0
  let dropped = 0
  let incident: 'none' | 'no-room' | 'dropping' = 'none'
  let droppedBeforeIncident = 0
  let isClosed = false
  let prepared: SegmentMemory | undefined
  let preparing: Promise<void> | undefined
  let current = beginSegment((segments.at(-1) ?? 0) + 1)
  prepareNext()
  const timer = setInterval(maintain, options.maintainEveryMs ?? MAINTAIN_EVERY_MS)
  timer.unref()

  function append(click: Click): void {
    keep(click, encodeClick)
  }

  function appendInPlace(click: ClickInPlace): void {
    keep(click, encodeClickInPlace)
  }

  function keep<C extends ClickFacts>(
    click: C,
    encode: (bytes: Buffer, at: number, click: C) => number,
  ): void {
    try {
      if (current.offset > lastOffset && !rotate()) return drop()
      const segment = current
      const at = segment.offset
      const length = encode(segment.bytes, at, click)
      commitRecord(segment.words, at, length)
      if (at === 0) segment.firstAtMs = click.atMs
      segment.offset = at + length
      appended++
    } catch {
      // A redirect does not fail for its click; one that cannot be kept is counted, whatever the reason.
      drop()
    }
  }

  /** @returns false where there is nowhere to go: the current segment is the one in memory, or the spool is closed */
  function rotate(): boolean {
    if (isClosed || current.path === undefined) return false
    const finished = current
    current = beginSegment(finished.number + 1)
    commitEnd(finished.words, finished.offset)
    // Later, when no redirect waits: unmapping 8 MiB takes half a millisecond.
    setImmediate(releaseSegment, finished)
    prepareNext()
    return true
  }

  function beginSegment(number: number): Segment {
    const start = { number, appendedBefore: appended, offset: 0, firstAtMs: 0 }
    try {
      return { ...takeFile(number), ...start }
    } catch (error) {
      reportNoRoom(error)
      return { ...allocateSegment(segmentBytes), ...start }
    }
  }

  /** Give the prepared file, or one made on the spot, the number under which the consumer finds it. */
  function takeFile(number: number): SegmentMemory {
    prepared ??= makeSegmentFile(join(dir, `urgent${TEMPORARY_SUFFIX}`), segmentBytes)
    const { bytes, words, path } = prepared
    const finalPath = segmentPath(dir, number)
    if (path !== undefined) renameSync(path, finalPath)
    prepared = undefined
    return { bytes, words, path: finalPath }
  }

  function prepareNext(): void {
    if (prepared !== undefined || isClosed) return
    preparing ??= prepare().finally(() => {
      preparing = undefined
    })
  }

  async function prepare(): Promise<void> {
    try {
      const made = await makeSegmentFileInBackground(join(dir, `next${TEMPORARY_SUFFIX}`), segmentBytes)
      prepared ??= made
      if (isClosed) return
      if (current.path === undefined) moveToFile()
      else reportRecovery()
    } catch (error) {
      reportNoRoom(error)
    }
  }

  /** Turn the segment in memory, however full, into a file. */
  function moveToFile(): void {
    prepared ??= makeSegmentFile(join(dir, `urgent${TEMPORARY_SUFFIX}`), segmentBytes)
    const { bytes, number, appendedBefore, offset, firstAtMs } = current
    bytes.copy(prepared.bytes, 0, 0, offset)
    const moved = current
    current = { ...takeFile(number), number, appendedBefore, offset, firstAtMs }
    releaseSegment(moved)
  }

  function maintain(): void {
    rotateIfOlderThan(maxAgeMs)
    if (current.path === undefined && prepared !== undefined) {
      // Only its renaming failed; while this segment is in memory nothing else takes it.
      releaseSegment(prepared)
      prepared = undefined
    }
    prepareNext()
  }

  function rotateIfOlderThan(ageMs: number): void {
    if (prepared === undefined || current.offset === 0 || now() - current.firstAtMs <= ageMs) return
    rotate()
  }

  function drop(): void {
    dropped++
    if (incident === 'dropping' || isClosed) return
    incident = 'dropping'
    tell({ kind: 'dropping' })
  }

  function reportNoRoom(error: unknown): void {
    if (incident !== 'none') return
    incident = 'no-room'
    droppedBeforeIncident = dropped
    tell({ kind: 'no-room', error })
  }

  function reportRecovery(): void {
    if (incident === 'none') return
    incident = 'none'
    tell({ kind: 'recovered', dropped: dropped - droppedBeforeIncident })
  }

  /** Later, when no redirect waits and none can fail for it. */
  function tell(what: SpoolIncident): void {
    setImmediate(() => options.onIncident?.(what))
  }

  /** Leave everything on the disk, and an empty last segment, so that the consumer can delete all that hold clicks. */
  async function close(): Promise<void> {
    if (isClosed) return
    isClosed = true
    clearInterval(timer)
    await preparing
    commitEnd(current.words, current.offset)
    try {
      if (current.path === undefined) writeSegmentFile(current)
      writeFileSync(segmentPath(dir, current.number + 1), Buffer.alloc(END_MARK_BYTES, 0xff), { mode: 0o600 })
    } catch (error) {
      reportNoRoom(error)
      if (current.path === undefined && current.offset > 0) {
        dropped += appended - current.appendedBefore
        tell({ kind: 'dropping' })
      }
    }
    releaseSegment(current)
    current = { ...current, offset: segmentBytes }
    if (prepared !== undefined) releaseSegment(prepared)
    prepared = undefined
    removeTemporaries(dir)
    lock.close()
  }

  /** Keep a segment that was in memory to the end, in a file that needs no more room than its clicks. */
  function writeSegmentFile(segment: Segment): void {
    const path = join(dir, `urgent${TEMPORARY_SUFFIX}`)
    writeFileSync(path, segment.bytes.subarray(0, segment.offset + END_MARK_BYTES), { mode: 0o600 })
    renameSync(path, segmentPath(dir, segment.number))
  }

  return {
    name,
    append,
    appendInPlace,
    rotateIfOlderThan,
    stats: () => ({
      appended,
      dropped,
      head: { segment: current.number, offset: current.offset },
      isInMemory: current.path === undefined,
      segmentBytes,
    }),
    [Symbol.asyncDispose]: close,
  }
}

/** A lock that ends with the process, however it ends: SQLite's on an empty database. */
function lockDirectory(dir: string): Database {
  const lock = new Database(join(dir, 'lock'), { create: true })
  try {
    lock.exec('pragma journal_mode = off; begin exclusive')
    return lock
  } catch (error) {
    lock.close()
    if ((error as NodeJS.ErrnoException).code !== 'SQLITE_BUSY') throw error
    throw new Error(
      `another process writes clicks to ${dir}; stop it, or give this one a directory of its own`,
      { cause: error },
    )
  }
}

function removeTemporaries(dir: string): void {
  for (const file of readdirSync(dir)) {
    if (file.endsWith(TEMPORARY_SUFFIX)) rmSync(join(dir, file), { force: true })
  }
}
