import { BLOB_HEADER_BYTES, type ByteWriter, DamagedBlobError, openBlob } from './blob.ts'
import {
  COLUMN_COUNT,
  type ColumnWidth,
  isColumnWidth,
  placeColumn,
  readColumn,
  readIds,
  readNarrowColumn,
  type Rows,
  writeColumn,
} from './columns.ts'
import type { RowBuffer } from './row-buffer.ts'

/*
 * A pack, the clicks of many links that have few, in the order of team, link and time:
 *   8 u32 rows   12 u32 links   16 a width for each column of links, then of rows   40 the columns, each aligned to its width
 * A link has its team, its id, and the row behind its last one.
 */
const ROWS = BLOB_HEADER_BYTES
const LINKS = 12
const WIDTHS = 16
const LINK_COLUMNS = 3
const DATA = 40

interface PlacedColumn {
  readonly width: ColumnWidth
  readonly start: number
}

/** The links of a pack that is being made. */
export interface PackLink {
  readonly teamId: number
  readonly linkId: number
  /** The row behind its last one. */
  readonly end: number
}

/** The rows of a link in a pack. */
export interface PackedLink {
  readonly from: number
  readonly to: number
}

/** A pack as a blob. */
export function encodePack(writer: ByteWriter, links: readonly PackLink[], rows: RowBuffer): Uint8Array {
  writer.start()
  writer.u32(rows.count)
  writer.u32(links.length)
  for (let at = WIDTHS; at < DATA; at++) writer.u8(0)
  const columns = [
    Float64Array.from(links, (link) => link.teamId),
    Float64Array.from(links, (link) => link.linkId),
    Uint32Array.from(links, (link) => link.end),
  ]
  for (const [index, column] of columns.entries())
    writer.patch(WIDTHS + index, writeColumn(writer, column, links.length))
  for (let index = 0; index < COLUMN_COUNT; index++)
    writer.patch(WIDTHS + LINK_COLUMNS + index, writeColumn(writer, rows.whole(index), rows.count))
  return writer.finish('pack')
}

/** A pack that was read. */
export class Pack implements Rows {
  readonly #bytes: Uint8Array<ArrayBuffer>
  readonly #columns: PlacedColumn[] = []
  readonly rowCount: number
  readonly linkCount: number
  readonly teamIds: Float64Array
  readonly linkIds: Float64Array
  readonly ends: Uint32Array

  /** @throws DamagedBlobError when the blob is no pack */
  constructor(blob: Uint8Array | undefined) {
    const bytes = openBlob(blob, 'pack')
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#bytes = bytes
    this.rowCount = view.getUint32(ROWS, true)
    this.linkCount = view.getUint32(LINKS, true)
    let end = DATA
    for (let index = 0; index < LINK_COLUMNS + COLUMN_COUNT; index++) {
      const width = bytes[WIDTHS + index]
      if (!isColumnWidth(width))
        throw new DamagedBlobError('A pack of clicks has a column of no known width.')
      const placed = placeColumn(width, end, index < LINK_COLUMNS ? this.linkCount : this.rowCount)
      this.#columns.push({ width, start: placed.start })
      ;({ end } = placed)
    }
    if (end !== bytes.length)
      throw new DamagedBlobError('A pack of clicks is longer or shorter than it says.')
    this.teamIds = readIds(bytes, this.#placed(0), this.linkCount)
    this.linkIds = readIds(bytes, this.#placed(1), this.linkCount)
    this.ends = readColumn(bytes, this.#placed(2), 0, this.linkCount)
  }

  column(index: number, from: number, to: number): Uint32Array {
    return readColumn(this.#bytes, this.#placed(LINK_COLUMNS + index), from, to)
  }

  narrowColumn(index: number, from: number, to: number): Uint8Array | Uint32Array {
    return readNarrowColumn(this.#bytes, this.#placed(LINK_COLUMNS + index), from, to)
  }

  /** The rows of the link at a place of the pack. */
  rowsAt(index: number): PackedLink {
    return { from: index === 0 ? 0 : (this.ends[index - 1] ?? 0), to: this.ends[index] ?? 0 }
  }

  /** The place of the first link that is not before the given one. */
  find(teamId: number, linkId: number): number {
    let low = 0
    let high = this.linkCount
    while (low < high) {
      const middle = (low + high) >>> 1
      const team = this.teamIds[middle] ?? 0
      if (team < teamId || (team === teamId && (this.linkIds[middle] ?? 0) < linkId)) low = middle + 1
      else high = middle
    }
    return low
  }

  isAt(index: number, teamId: number, linkId: number): boolean {
    return this.teamIds[index] === teamId && this.linkIds[index] === linkId
  }

  #placed(index: number): PlacedColumn {
    const column = this.#columns[index]
    if (column === undefined) throw new Error(`a pack has no column ${index}`)
    return column
  }
}
