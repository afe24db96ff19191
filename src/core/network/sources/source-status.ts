import { readManifest, type StoredFile } from '#ports/network/source-store.ts'
import { starterFiles } from './data-files.ts'
import { findSource, SOURCES } from './source-table.ts'

/** One file of network data, or the lack of it. */
export interface SourceStatus {
  readonly source: string
  /** Empty for the only part of a source. */
  readonly part: string
  readonly title: string
  readonly license: string
  /** Whether the source has terms that the operator has accepted; undefined where there is nothing to accept. */
  readonly isLicenseAccepted: boolean | undefined
  /** `starter`: came with `npm install`; `missing`: nothing there yet. */
  readonly kind: 'starter' | 'downloaded' | 'imported' | 'missing'
  /** The day the data are of, `2025-09-01`; undefined where nobody knows. */
  readonly date: string | undefined
  readonly ageDays: number | undefined
  /** Older than three times the source's cadence, and than three days. */
  readonly isStale: boolean
  readonly rows: number | undefined
  readonly sizeBytes: number | undefined
  readonly sha256: string | undefined
  /** When it was downloaded or imported, or last found to be the newest; ISO 8601. */
  readonly obtainedAt: string | undefined
  /** The URL or the name of the file it came from. */
  readonly origin: string | undefined
}

const DAY_MS = 24 * 60 * 60 * 1000
const STALE_PERIODS = 3
const MIN_STALE_DAYS = 3
/** How often the packages of `npm install` would be renewed if they were. */
const STARTER_EVERY_DAYS = 31

/**
 * Every file of network data there is, and every part of a source of the table that there is not: in the order of the
 * table, those that came with `npm install` first.
 *
 * @throws Error when the manifest is damaged
 */
export function sourceStatus(dataDir: string, now: Date): readonly SourceStatus[] {
  const { files, acceptedTerms } = readManifest(dataDir)
  const fileOf = (source: string, part: string) =>
    files.find((file) => file.source === source && file.part === part)
  const listed = new Set(SOURCES.map(({ name }) => name))
  const further = new Set(files.map(({ source }) => source).filter((source) => !listed.has(source)))
  const sources = [...SOURCES, ...[...further].flatMap((name) => findSource(name) ?? [])]
  return [
    ...starterStatus(now),
    ...sources.flatMap(({ name, title, license, terms, everyDays, parts }) =>
      parts.map((part) => ({
        source: name,
        part: part.name,
        title,
        license,
        isLicenseAccepted: terms && acceptedTerms.some((accepted) => accepted.name === terms.name),
        ...fileStatus(fileOf(name, part.name), everyDays, now),
      })),
    ),
  ]
}

function fileStatus(file: StoredFile | undefined, everyDays: number, now: Date) {
  const kind = file === undefined ? 'missing' : file.isDownload ? 'downloaded' : 'imported'
  return {
    kind,
    date: file?.date,
    ...ageOf(file?.date, everyDays, now),
    rows: file?.rows,
    sizeBytes: file?.sizeBytes,
    sha256: file?.sha256,
    obtainedAt: file?.obtainedAt,
    origin: file?.origin,
  } as const
}

function starterStatus(now: Date): readonly SourceStatus[] {
  return starterFiles().map(({ source, part, title, license, date }) => ({
    source,
    part,
    title,
    license,
    isLicenseAccepted: undefined,
    kind: 'starter',
    date,
    ...ageOf(date, STARTER_EVERY_DAYS, now),
    rows: undefined,
    sizeBytes: undefined,
    sha256: undefined,
    obtainedAt: undefined,
    origin: undefined,
  }))
}

function ageOf(date: string | undefined, everyDays: number, now: Date) {
  if (date === undefined) return { ageDays: undefined, isStale: false }
  const ageDays = Math.max(0, Math.floor((now.getTime() - Date.parse(date)) / DAY_MS))
  return { ageDays, isStale: ageDays > Math.max(MIN_STALE_DAYS, everyDays * STALE_PERIODS) }
}
