import { DIMENSIONS } from '#ports/click-store/click-store.ts'
import { BLOB_HEADER_BYTES, ByteWriter, DamagedBlobError, openBlob, VarintReader } from './blob.ts'
import {
  AT,
  COLUMN_COUNT,
  FIRST_DIMENSION,
  isColumnWidth,
  KIND,
  KINDS,
  lowerBound,
  readColumn,
  readNarrowColumn,
  type Rows,
  VISITOR_HIGH,
  VISITOR_LOW,
  writeColumn,
} from './columns.ts'
import { addToSketch, mergeSketch, REGISTERS } from './hyper-log-log.ts'

/*
 * A link with many clicks in a run:
 * head     8 f64 team   16 f64 link   24 u32 rows   28 u32 chunks   32 u32 blob of the first cells   36 u32 blob of sketches
 *          40 u32 bytes of hours   44 zero   48 for each chunk: u32 rows, u32 first time, u32 last time, u32 blob of its first column
 *          then hours: varint hour since the one before · 16 + the kinds there are, then a varint for each of them
 * cells    of a dimension: as hours, with a number of the dictionary in place of the hour
 * sketches for each kind: u32 registers that are not 0, then u16 register and u8 rank of each, or all ranks where that is shorter
 * column   8 u8 width   12 u32 rows   16 the numbers
 */
const HEAD_BYTES = 48
const CHUNK_WORDS = 4
const COLUMN_DATA = 16

const HOUR_MS = 3_600_000
/** Hours of the longest month. */
const MONTH_HOURS = 31 * 24
const ALL_KINDS = 2 ** KINDS - 1

/** Keeps a blob, and answers under which number of its run. */
export type BlobSink = (blob: Uint8Array) => number

interface ChunkEntry {
  readonly rows: number
  readonly firstAt: number
  readonly lastAt: number
  readonly columns: number
}

/** Writes one link that has many clicks, chunk by chunk in the order of time. */
export class BigLinkBuilder {
  readonly #writer: ByteWriter
  readonly #keep: BlobSink
  readonly #chunks: ChunkEntry[] = []
  readonly #hours = new CellCounts(MONTH_HOURS)
  readonly #cells = DIMENSIONS.map(() => new CellCounts(64))
  readonly #sketches: (Uint8Array | undefined)[] = Array.from({ length: KINDS }, () => undefined)
  /** Rows written so far. */
  rows = 0
  /** Times of the first and the last of them. */
  firstAt = 0
  lastAt = 0

  constructor(writer: ByteWriter, keep: BlobSink) {
    this.#writer = writer
    this.#keep = keep
  }

  /** Write the first `count` rows as a chunk; they are not before any written so far. */
  addChunk(rows: Rows, count: number): void {
    const kinds = rows.column(KIND, 0, count)
    const times = rows.column(AT, 0, count)
    let columns = 0
    for (let index = 0; index < COLUMN_COUNT; index++) {
      const blob = this.#keep(encodeColumn(this.#writer, rows.column(index, 0, count)))
      if (index === 0) columns = blob
    }
    const [firstAt, lastAt] = [times[0] ?? 0, times[count - 1] ?? 0]
    this.#chunks.push({ rows: count, firstAt, lastAt, columns })
    if (this.rows === 0) this.firstAt = firstAt
    this.lastAt = lastAt
    this.rows += count
    this.#hours.addScaled(times, kinds, HOUR_MS)
    for (const [index, cells] of this.#cells.entries())
      cells.addScaled(rows.column(FIRST_DIMENSION + index, 0, count), kinds, 1)
    this.#sketch(kinds, rows.column(VISITOR_HIGH, 0, count), rows.column(VISITOR_LOW, 0, count))
  }

  /** Write what sums the chunks up; the last blob is the head, which is returned. */
  finish(teamId: number, linkId: number): number {
    let cells = 0
    for (const [index, counts] of this.#cells.entries()) {
      this.#writer.start()
      counts.write(this.#writer)
      const blob = this.#keep(this.#writer.finish('cells'))
      if (index === 0) cells = blob
    }
    const sketches = this.#keep(encodeSketches(this.#writer, this.#sketches))

    const hours = new ByteWriter()
    hours.start()
    this.#hours.write(hours)
    const hourBytes = hours.finish('cells').subarray(BLOB_HEADER_BYTES)
    const writer = this.#writer
    writer.start()
    writer.f64(teamId)
    writer.f64(linkId)
    for (const word of [this.rows, this.#chunks.length, cells, sketches, hourBytes.length, 0])
      writer.u32(word)
    for (const { rows, firstAt, lastAt, columns } of this.#chunks)
      for (const word of [rows, firstAt, lastAt, columns]) writer.u32(word)
    writer.append(hourBytes)
    return this.#keep(writer.finish('head'))
  }

  #sketch(kinds: Uint32Array, high: Uint32Array, low: Uint32Array): void {
    for (let row = 0; row < kinds.length; row++) {
      const kind = kinds[row] ?? 0
      const registers = (this.#sketches[kind] ??= new Uint8Array(REGISTERS))
      addToSketch(registers, high[row] ?? 0, low[row] ?? 0)
    }
  }
}

/** A chunk of a big link; its columns are read when they are asked for. */
export class Chunk implements Rows {
  readonly #read: (blob: number) => Uint8Array | undefined
  readonly #columns: number
  readonly rowCount: number
  readonly firstAt: number
  readonly lastAt: number

  constructor(entry: ChunkEntry, read: (blob: number) => Uint8Array | undefined) {
    this.#read = read
    this.#columns = entry.columns
    this.rowCount = entry.rows
    this.firstAt = entry.firstAt
    this.lastAt = entry.lastAt
  }

  column(index: number, from: number, to: number): Uint32Array {
    const { bytes, column } = this.#readBlob(index)
    return readColumn(bytes, column, from, to)
  }

  narrowColumn(index: number, from: number, to: number): Uint8Array | Uint32Array {
    const { bytes, column } = this.#readBlob(index)
    return readNarrowColumn(bytes, column, from, to)
  }

  /** The rows from a time to before another. */
  between(fromAt: number, toAt: number): { readonly from: number; readonly to: number } {
    if (fromAt <= this.firstAt && toAt > this.lastAt) return { from: 0, to: this.rowCount }
    const times = this.column(AT, 0, this.rowCount)
    const from = lowerBound(times, 0, this.rowCount, fromAt)
    return { from, to: lowerBound(times, from, this.rowCount, toAt) }
  }

  #readBlob(index: number) {
    const bytes = openBlob(this.#read(this.#columns + index), 'column')
    const width = bytes[BLOB_HEADER_BYTES]
    const rows = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(12, true)
    if (!isColumnWidth(width) || rows !== this.rowCount)
      throw new DamagedBlobError('A column of clicks is longer or shorter than its link says.')
    return { bytes, column: { width, start: COLUMN_DATA } }
  }
}

/** The clicks of one hour, of each kind. */
export type CellVisitor = (cell: number, counts: readonly number[]) => void

/** A link with many clicks in a run, of which only the head is read at first. */
export class BigLink {
  readonly #bytes: Uint8Array<ArrayBuffer>
  readonly #read: (blob: number) => Uint8Array | undefined
  readonly #cells: number
  readonly #sketches: number
  readonly #hoursAt: number
  readonly teamId: number
  readonly linkId: number
  readonly rowCount: number
  readonly chunks: readonly Chunk[]

  /**
   * @param read answers a blob of the run by its number
   * @throws DamagedBlobError when the blob is no head
   */
  constructor(blob: Uint8Array | undefined, read: (blob: number) => Uint8Array | undefined) {
    const bytes = openBlob(blob, 'head')
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const word = (index: number) => view.getUint32(24 + 4 * index, true)
    this.#bytes = bytes
    this.#read = read
    this.teamId = view.getFloat64(8, true)
    this.linkId = view.getFloat64(16, true)
    this.rowCount = word(0)
    const chunkCount = word(1)
    this.#cells = word(2)
    this.#sketches = word(3)
    this.#hoursAt = HEAD_BYTES + 4 * CHUNK_WORDS * chunkCount
    if (this.#hoursAt + word(4) !== bytes.length)
      throw new DamagedBlobError('The head of a link is longer or shorter than it says.')
    this.chunks = Array.from({ length: chunkCount }, (_, index) => {
      const at = HEAD_BYTES + 4 * CHUNK_WORDS * index
      return new Chunk(
        {
          rows: view.getUint32(at, true),
          firstAt: view.getUint32(at + 4, true),
          lastAt: view.getUint32(at + 8, true),
          columns: view.getUint32(at + 12, true),
        },
        read,
      )
    })
  }

  get firstAt(): number {
    return this.chunks[0]?.firstAt ?? 0
  }

  get lastAt(): number {
    return this.chunks.at(-1)?.lastAt ?? 0
  }

  /** The counts of every hour since the month began that has clicks, ascending. */
  visitHours(visit: CellVisitor): void {
    visitCells(new VarintReader(this.#bytes, this.#hoursAt), visit)
  }

  /** Add the clicks of every value of a dimension, of the kinds whose bit is set, to counts by the value's number. */
  addValues(dimension: number, kinds: number, counts: Uint32Array): void {
    const bytes = openBlob(this.#read(this.#cells + dimension), 'cells')
    addCells(new VarintReader(bytes, BLOB_HEADER_BYTES), kinds, counts)
  }

  /** The visitors of the kinds whose bit is set in `kinds`, as a sketch; undefined when there are none. */
  sketch(kinds: number): Uint8Array | undefined {
    return decodeSketches(openBlob(this.#read(this.#sketches), 'sketches'), kinds)
  }

  /** The blobs of the run that belong to this link, its head left out. */
  blobs(): number[] {
    const columns = this.chunks.length * COLUMN_COUNT
    const first = this.#cells - columns
    return Array.from({ length: columns + DIMENSIONS.length + 1 }, (_, index) => first + index)
  }
}

/** Counts for each kind, of each of few or many numbers. */
class CellCounts {
  #counts: Uint32Array

  constructor(size: number) {
    this.#counts = new Uint32Array(KINDS * size)
  }

  addScaled(values: Uint32Array, kinds: Uint32Array, divisor: number): void {
    let counts = this.#counts
    for (let row = 0; row < values.length; row++) {
      const value = values[row] ?? 0
      const at = KINDS * (divisor === 1 ? value : Math.floor(value / divisor)) + (kinds[row] ?? 0)
      if (at >= counts.length) {
        const larger = new Uint32Array(Math.max(2 * counts.length, at + KINDS))
        larger.set(counts)
        counts = larger
      }
      counts[at] = (counts[at] ?? 0) + 1
    }
    this.#counts = counts
  }

  write(writer: ByteWriter): void {
    const counts = this.#counts
    const cells: number[] = []
    for (let at = 0; at < counts.length; at += KINDS)
      if ((counts[at] ?? 0) + (counts[at + 1] ?? 0) + (counts[at + 2] ?? 0) + (counts[at + 3] ?? 0) > 0)
        cells.push(at)
    writer.varint(cells.length)
    let before = 0
    for (const at of cells) {
      let mask = 0
      for (let kind = 0; kind < KINDS; kind++) if ((counts[at + kind] ?? 0) > 0) mask |= 1 << kind
      writer.varint(((at - before) / KINDS) * (ALL_KINDS + 1) + mask)
      for (let kind = 0; kind < KINDS; kind++)
        if ((mask & (1 << kind)) !== 0) writer.varint(counts[at + kind] ?? 0)
      before = at
    }
  }
}

function visitCells(reader: VarintReader, visit: CellVisitor): void {
  const cells = reader.next()
  const counts = [0, 0, 0, 0]
  let cell = 0
  for (let done = 0; done < cells; done++) {
    const word = reader.next()
    cell += word >>> KINDS
    for (let kind = 0; kind < KINDS; kind++) counts[kind] = (word & (1 << kind)) === 0 ? 0 : reader.next()
    visit(cell, counts)
  }
}

/** As {@link visitCells}, for the many cells that some dimensions have. */
function addCells(reader: VarintReader, kinds: number, counts: Uint32Array): void {
  const cells = reader.next()
  let cell = 0
  for (let done = 0; done < cells; done++) {
    const word = reader.next()
    cell += word >>> KINDS
    let sum = 0
    for (let kind = 0; kind < KINDS; kind++) {
      if ((word & (1 << kind)) === 0) continue
      const clicks = reader.next()
      if ((kinds & (1 << kind)) !== 0) sum += clicks
    }
    counts[cell] = (counts[cell] ?? 0) + sum
  }
}

function encodeColumn(writer: ByteWriter, values: Uint32Array): Uint8Array {
  writer.start()
  writer.u32(0)
  writer.u32(values.length)
  writer.patch(BLOB_HEADER_BYTES, writeColumn(writer, values, values.length))
  return writer.finish('column')
}

function encodeSketches(writer: ByteWriter, sketches: readonly (Uint8Array | undefined)[]): Uint8Array {
  writer.start()
  for (const registers of sketches) {
    const set = registers === undefined ? 0 : registers.reduce((sum, rank) => sum + (rank > 0 ? 1 : 0), 0)
    writer.u32(set)
    if (registers === undefined || set === 0) continue
    if (3 * set >= REGISTERS) {
      writer.append(registers)
    } else {
      const indexes = new Uint16Array(set)
      const ranks = new Uint8Array(set)
      let next = 0
      for (let index = 0; index < REGISTERS; index++) {
        const rank = registers[index] ?? 0
        if (rank === 0) continue
        indexes[next] = index
        ranks[next] = rank
        next++
      }
      writer.append(new Uint8Array(indexes.buffer))
      writer.append(ranks)
    }
    writer.align(4)
  }
  return writer.finish('sketches')
}

function decodeSketches(bytes: Uint8Array<ArrayBuffer>, kinds: number): Uint8Array | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let union: Uint8Array | undefined
  let at = BLOB_HEADER_BYTES
  for (let kind = 0; kind < KINDS; kind++) {
    const set = view.getUint32(at, true)
    at += 4
    const isDense = 3 * set >= REGISTERS
    if (set > 0 && (kinds & (1 << kind)) !== 0) {
      union ??= new Uint8Array(REGISTERS)
      if (isDense) mergeSketch(union, bytes.subarray(at, at + REGISTERS))
      else {
        const indexes = new Uint16Array(bytes.buffer, bytes.byteOffset + at, set)
        for (let next = 0; next < set; next++) {
          const index = indexes[next] ?? 0
          const rank = bytes[at + 2 * set + next] ?? 0
          if (rank > (union[index] ?? 0)) union[index] = rank
        }
      }
    }
    if (set > 0) at += Math.ceil((isDense ? REGISTERS : 3 * set) / 4) * 4
  }
  return union
}
