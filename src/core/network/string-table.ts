import type { Column, Columns } from '#ports/network/flat-file.ts'
import { GrowingColumn } from './growing-column.ts'
import { keeping } from './kept-values.ts'

/** Texts by number; 0 is the empty one. */
export interface StringTable {
  readonly size: number
  /** Empty for a number that is not in the table. */
  at(id: number): string
}

export interface StringTableBuilder {
  /** The number of a text, which is kept once. */
  id(text: string): number
  columns(name: string): ReadonlyMap<string, Column>
}

/** How many decoded texts are kept at most, a few megabytes: making one costs more than all else in reading a place. */
const MAX_KEPT_TEXTS = 131_072

/** Longer texts are cut; no name of a network or a place is. */
const MAX_BYTES = 1000

export function stringTableBuilder(): StringTableBuilder {
  const ids = new Map([['', 0]])
  return {
    id(text) {
      const known = ids.get(text)
      if (known !== undefined) return known
      ids.set(text, ids.size)
      return ids.size - 1
    },
    columns(name) {
      const parts = [...ids.keys()].map((text) => Buffer.from(text, 'utf8').subarray(0, MAX_BYTES))
      const at = new GrowingColumn()
      let length = 0
      for (const part of parts) {
        at.push(length)
        length += part.length
      }
      at.push(length)
      return new Map<string, Column>([
        [`${name}textAt`, at.array()],
        [`${name}text`, new Uint8Array(Buffer.concat(parts))],
      ])
    },
  }
}

/** @param name the group and what both columns begin with: `as/` */
export function readStringTable(columns: Columns, name: string): StringTable {
  const at = columns.u32(`${name}textAt`)
  const column = columns.u8(`${name}text`)
  const bytes = Buffer.from(column.buffer, column.byteOffset, column.byteLength)
  const size = Math.max(0, at.length - 1)
  const textAt = keeping((id) => bytes.toString('utf8', at[id] ?? 0, at[id + 1] ?? 0), size, MAX_KEPT_TEXTS)
  // A number beyond the table shares a slot with one in it.
  return { size, at: (id) => (id === 0 || id >= size ? '' : textAt(id)) }
}
