import type { Column, Columns } from '#ports/network/flat-file.ts'
import { GrowingColumn } from './growing-column.ts'

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
  const slots = 2 ** Math.ceil(Math.log2(Math.min(Math.max(size, 1), MAX_KEPT_TEXTS)))
  const keptIds = new Uint32Array(slots)
  const keptTexts: string[] = Array.from({ length: slots }, () => '')
  const isEachAlone = slots >= size
  return {
    size,
    at(id) {
      if (id === 0) return ''
      const slot = id & (slots - 1)
      const kept = keptTexts[slot] ?? ''
      if (kept !== '' && ((isEachAlone && id < size) || keptIds[slot] === id)) return kept
      const text = bytes.toString('utf8', at[id] ?? 0, at[id + 1] ?? 0)
      keptIds[slot] = id
      keptTexts[slot] = text
      return text
    },
  }
}
