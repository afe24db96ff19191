import { starterDatabases } from '#ports/geo/starter-databases.ts'
import { readManifest, storedPath } from '#ports/network/source-store.ts'
import { unpackFile } from '#ports/network/unpack-file.ts'
import { locationAsnParser } from './as-ranges.ts'
import type { EmitRow, FileSummary } from './rows.ts'
import { type Content, findSource } from './source-table.ts'

/** A file of network data that lies ready to be read. */
export interface DataFile {
  /** The source's name, such as `caida-as-rel`; the package's for one that came with `npm install`. */
  readonly source: string
  /** See `FileSummary.part`. */
  readonly part: string
  readonly title: string
  readonly license: string
  /** The day the data are of, `2025-09-01`; undefined where nobody knows. */
  readonly date: string | undefined
  /** Rows, or networks of a database; undefined for a file that was not counted. */
  readonly rows: number | undefined
  readonly path: string
  readonly content: Content
  /** Whether it came with `npm install`. */
  readonly isStarter: boolean
}

/** What is in the largest files, unpacked, is a tenth of this. */
export const MAX_UNPACKED_BYTES = 1024 ** 3

/**
 * Every file of network data of an installation: those that came with `npm install`, whether they are there or not, and
 * those that were downloaded and imported.
 *
 * @throws Error when the manifest of the data directory is damaged
 */
export function dataFiles(dataDir: string): readonly DataFile[] {
  return [...starterFiles(), ...storedFiles(dataDir)]
}

/** The files that came with `npm install`, in the order in which they are asked, each part of a package a file. */
export function starterFiles(): readonly DataFile[] {
  return starterDatabases().flatMap(({ name, package: packageName, license, format, date, paths }) =>
    paths.map((path) => ({
      source: packageName,
      part: /(ipv[46])/.exec(path.slice(path.lastIndexOf('/')))?.[1] ?? '',
      title: name,
      license,
      date,
      rows: undefined,
      path,
      content: format === 'mmdb' ? MMDB : AS_RANGES,
      isStarter: true,
    })),
  )
}

const MMDB: Content = { kind: 'mmdb' }
const AS_RANGES: Content = { kind: 'rows', open: locationAsnParser }

/** The files that were downloaded and imported, those of sources that this release does not know left out. */
function storedFiles(dataDir: string): readonly DataFile[] {
  return readManifest(dataDir).files.flatMap((file) => {
    const source = findSource(file.source)
    if (source === undefined) return []
    return {
      source: source.name,
      part: file.part,
      title: source.title,
      license: source.license,
      date: file.date,
      rows: file.rows,
      path: storedPath(dataDir, file),
      content: source.content,
      isStarter: false,
    }
  })
}

/**
 * Read the rows of a file.
 *
 * @throws SourceFormatError or PackedFileError when it is not what it was when it was stored; Error for a database,
 *   which has records and no rows
 */
export async function readRows({ path, content }: DataFile, emit: EmitRow): Promise<FileSummary> {
  if (content.kind !== 'rows') throw new Error(`${path} has no rows`)
  const parser = content.open(emit)
  await unpackFile(path, MAX_UNPACKED_BYTES, (bytes) => parser.push(bytes))
  return parser.end()
}
