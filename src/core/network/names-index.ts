import type { Column, Columns } from '#ports/network/flat-file.ts'
import { GrowingColumn } from './growing-column.ts'
import { placeOf } from './place-of.ts'

/** How well a name fits a query, the best first. */
export const FITS = ['exact', 'prefix', 'word', 'part', 'words'] as const

/** A system that fits, and how well: a place of {@link FITS}. */
export interface NameMatch {
  readonly system: number
  readonly fit: number
}

export interface NamesIndex {
  /** The systems, by their place in the file's table, whose names fit; in no order. */
  search(query: string): NameMatch[]
}

const GRAM = 3
const SPACE = 0x20
const END = 0x0a
/** The most systems that are looked at for one query; a gram that more have is not worth looking for. */
const MAX_CANDIDATES = 20_000

/**
 * A name as it is compared: lower case, without accents, words of letters and digits with single spaces between. Scripts
 * without case stay as they are.
 */
export function foldName(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
}

/**
 * An index of names by every three bytes in a row in them, the start and the end of a word counting as a space.
 *
 * @param namesOf the names of each system, by its place
 */
export function namesColumns(namesOf: readonly (readonly string[])[]): ReadonlyMap<string, Column> {
  const textAt = new GrowingColumn()
  const parts: Buffer[] = []
  const postings = new Map<number, number[]>()
  let length = 0
  for (const [system, names] of namesOf.entries()) {
    const folded = [...new Set(names.map(foldName))].filter(Boolean)
    const text = Buffer.from(folded.length === 0 ? '' : `\n${folded.join('\n')}\n`, 'utf8')
    textAt.push(length)
    length += text.length
    parts.push(text)
    visitGrams(text, (gram) => {
      const systems = postings.get(gram)
      if (systems === undefined) postings.set(gram, [system])
      else if (systems.at(-1) !== system) systems.push(system)
    })
  }
  textAt.push(length)

  const grams = Uint32Array.from(postings.keys()).sort()
  const gramAt = new GrowingColumn()
  const packed: number[] = []
  for (const gram of grams) {
    gramAt.push(packed.length)
    let previous = 0
    for (const system of postings.get(gram) ?? []) {
      packVariable(packed, system - previous)
      previous = system
    }
  }
  gramAt.push(packed.length)
  return new Map<string, Column>([
    ['names/textAt', textAt.array()],
    ['names/text', new Uint8Array(Buffer.concat(parts))],
    ['names/gram', grams],
    ['names/gramAt', gramAt.array()],
    ['names/posting', Uint8Array.from(packed)],
  ])
}

export function readNames(columns: Columns): NamesIndex {
  let loaded: ReturnType<typeof loadNames> | undefined
  return {
    search(query) {
      const folded = foldName(query)
      if (folded === '') return []
      const names = (loaded ??= loadNames(columns))
      const matches: NameMatch[] = []
      const fitOf = fitter(folded)
      for (const system of candidates(names, folded)) {
        const fit = fitOf(names.text.subarray(names.textAt[system] ?? 0, names.textAt[system + 1] ?? 0))
        if (fit >= 0) matches.push({ system, fit })
      }
      return matches
    },
  }
}

function loadNames(columns: Columns) {
  const text = columns.u8('names/text')
  return {
    textAt: columns.u32('names/textAt'),
    text: Buffer.from(text.buffer, text.byteOffset, text.byteLength),
    gram: columns.u32('names/gram'),
    gramAt: columns.u32('names/gramAt'),
    posting: columns.u8('names/posting'),
  }
}

/** The systems that have the query's rarest gram. */
function candidates(names: ReturnType<typeof loadNames>, folded: string): number[] {
  const { gram, gramAt, posting } = names
  let from = 0
  let to = Infinity
  const consider = (wanted: number): void => {
    const place = placeOf(gram, wanted)
    const start = place < 0 ? 0 : (gramAt[place] ?? 0)
    const end = place < 0 ? 0 : (gramAt[place + 1] ?? 0)
    if (end - start < to - from) {
      from = start
      to = end
    }
  }
  for (const word of folded.split(' ')) {
    const bytes = Buffer.from(word, 'utf8')
    // Less than three bytes are looked for where a word begins with them, one where a word is nothing else.
    if (bytes.length < GRAM)
      visitGrams(Buffer.from(bytes.length === 1 ? ` ${word} ` : ` ${word}`, 'utf8'), consider)
    else visitGrams(bytes, consider)
  }
  const systems: number[] = []
  let system = 0
  for (let at = from; at < Math.min(to, posting.length) && systems.length < MAX_CANDIDATES;) {
    let step = 0
    let scale = 1
    let byte = 0
    do {
      byte = posting[at++] ?? 0
      step += (byte & 0x7f) * scale
      scale *= 128
    } while (byte >= 0x80 && at < posting.length)
    system += step
    systems.push(system)
  }
  return systems
}

/** A function that says how a folded text fits; -1 where it does not. */
function fitter(folded: string): (text: Buffer) => number {
  const part = Buffer.from(folded, 'utf8')
  const exact = Buffer.from(`\n${folded}\n`, 'utf8')
  const prefix = Buffer.from(`\n${folded}`, 'utf8')
  const word = Buffer.from(` ${folded}`, 'utf8')
  const words = folded.split(' ').map((text) => Buffer.from(text, 'utf8'))
  return (text) => {
    if (text.includes(exact)) return FITS.indexOf('exact')
    if (text.includes(prefix)) return FITS.indexOf('prefix')
    if (text.includes(word)) return FITS.indexOf('word')
    if (text.includes(part)) return FITS.indexOf('part')
    return words.length > 1 && words.every((one) => text.includes(one)) ? FITS.indexOf('words') : -1
  }
}

function visitGrams(text: Buffer, visit: (gram: number) => void): void {
  for (let at = 0; at + GRAM <= text.length; at++)
    visit((plain(text[at]) << 16) | (plain(text[at + 1]) << 8) | plain(text[at + 2]))
}

function plain(byte: number | undefined): number {
  return byte === undefined || byte === END ? SPACE : byte
}

/** Seven bits a byte, the lowest first; the highest bit says that another follows. */
function packVariable(into: number[], value: number): void {
  let rest = value
  while (rest >= 0x80) {
    into.push((rest & 0x7f) | 0x80)
    rest >>>= 7
  }
  into.push(rest)
}
