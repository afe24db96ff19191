import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { extname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createFileWriter } from '#ports/network/file-writer.ts'
import { type Packing, packingOf, unpackFile } from '#ports/network/unpack-file.ts'
import type { SourceStore, StoredFile } from '#ports/network/source-store.ts'
import { MAX_UNPACKED_BYTES } from './data-files.ts'
import { dayOf } from './fields.ts'
import { inspectFile } from './inspect-file.ts'
import type { DayNumber } from './rows.ts'
import { SourceError } from './source-error.ts'
import type { Source, SourcePart } from './source-table.ts'

/** What verbs about sources work with. */
export interface SourceContext {
  readonly store: SourceStore
  readonly now: () => Date
}

/** A file of a source that has come into the store, and is not believed yet. */
export interface Draft {
  readonly path: string
  /** The part that it should be; undefined where the contents decide. */
  readonly part: string | undefined
  /** As in `StoredFile`. */
  readonly origin: string
  readonly isDownload: boolean
  readonly etag: string
  readonly lastModified: string
  /** Take any number of rows. */
  readonly isForced: boolean
}

/** How far the number of rows may be from that of the file before. */
const TOLERANCE = 0.2
/** A short list may change by so many rows all the same. */
const SHORT_LIST_ROWS = 10
const SUFFIXES: Readonly<Record<Packing, string>> = { none: '', gzip: '.gz', bzip2: '.bz2' }

/**
 * Store a draft as the newest file of its source, when it is what it should be.
 *
 * @throws SourceFormatError or PackedFileError when it is not; SourceError when it has too few or too many rows, or is
 *   another part of the source. The last good file then stays.
 */
export async function storeDraft(
  { store, now }: SourceContext,
  source: Source,
  draft: Draft,
): Promise<StoredFile> {
  const packing = await packingOf(draft.path)
  const isUnpacked = source.content.kind === 'mmdb' && packing !== 'none'
  const path = isUnpacked ? await unpackedDraft(store, draft.path) : draft.path
  const found = await inspectFile(source.content, path)
  const part = partOf(source, draft, found.part)
  const last = store.manifest().files.find((file) => file.source === source.name && file.part === part.name)
  if (!draft.isForced) requirePlausible(found.rows, part, last)
  const suffix = source.content.kind === 'mmdb' ? '.mmdb' : SUFFIXES[packing] || plainSuffix(draft.origin)
  return store.store(
    path,
    {
      source: source.name,
      part: part.name,
      date: isoDate(
        found.day || dayInName(draft.origin) || dayOfHttpDate(draft.lastModified) || today(now()),
      ),
      obtainedAt: now().toISOString(),
      origin: draft.origin,
      isDownload: draft.isDownload,
      rows: found.rows,
      badRows: found.badRows,
      sizeBytes: (await stat(path)).size,
      sha256: await sha256Of(path),
      etag: draft.etag,
      lastModified: draft.lastModified,
    },
    suffix,
  )
}

function partOf(source: Source, draft: Draft, found: string): SourcePart {
  const [only] = source.parts
  if (only !== undefined && source.parts.length === 1) return only
  const names = source.parts.map(({ name }) => name).join(', ')
  if (draft.part !== undefined && found !== '' && found !== draft.part)
    throw new SourceError(`this is not the part ${draft.part} of the source, but ${found}`)
  const part = source.parts.find(({ name }) => name === (draft.part ?? found))
  if (part === undefined) throw new SourceError(`this is none of the parts of the source, which are ${names}`)
  return part
}

function requirePlausible(rows: number, part: SourcePart, last: StoredFile | undefined): void {
  const [min, max] = part.plausibleRows
  if (last === undefined) {
    if (rows >= min && rows <= max) return
    throw new SourceError(
      `it has ${rows} rows, where ${min} to ${max} are plausible. If it is right, say --force`,
    )
  }
  if (Math.abs(rows - last.rows) <= Math.max(last.rows * TOLERANCE, SHORT_LIST_ROWS)) return
  const percent = Math.round((Math.abs(rows - last.rows) / last.rows) * 100)
  throw new SourceError(
    `it has ${rows} rows, ${percent} % ${rows < last.rows ? 'fewer' : 'more'} than the ${last.rows} of the last good file. If it is right, say --force`,
  )
}

async function unpackedDraft(store: SourceStore, packedPath: string): Promise<string> {
  const path = store.draftPath()
  using file = createFileWriter(path)
  await unpackFile(packedPath, MAX_UNPACKED_BYTES, (bytes) => file.write(bytes))
  return path
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

/** So that a file can be opened with what knows its kind. */
function plainSuffix(origin: string): string {
  const suffix = extname(URL.parse(origin)?.pathname ?? origin).toLowerCase()
  return /^\.(?:txt|csv|tsv|json|jsonl)$/.test(suffix) ? suffix : '.txt'
}

/** The day in a name such as `20250901.as-rel2.txt.bz2`, or in a URL; 0 where there is none. */
function dayInName(origin: string): DayNumber {
  const days = [...origin.matchAll(/(?<!\d)20\d{2}(-?)\d{2}\1\d{2}(?!\d)/g)].map(([text]) => dayOf(text))
  return days.findLast((day) => day !== 0) ?? 0
}

function dayOfHttpDate(text: string): DayNumber {
  const date = new Date(text)
  return Number.isNaN(date.getTime()) ? 0 : today(date)
}

function today(now: Date): DayNumber {
  return dayOf(now.toISOString().slice(0, 10))
}

function isoDate(day: DayNumber): string {
  return String(day).replace(/^(\d{4})(\d{2})(\d{2})$/, '$1-$2-$3')
}
