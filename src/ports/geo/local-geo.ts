import { accessSync, constants } from 'node:fs'
import { type AsRanges, openAsRanges } from './as-ranges.ts'
import { type Geo, type GeoAnswer, type GeoSource, UNKNOWN_PLACE } from './geo.ts'
import { type Mmdb, openMmdb } from './mmdb.ts'
import { parseIp } from './parse-ip.ts'
import { isGlobalAddress } from './special-addresses.ts'
import { PLACE_FIELDS, placeOfRecord } from './place-record.ts'

/** A database to be opened. */
export interface GeoDatabase {
  readonly name: string
  readonly license: string
  /** The day its data is of, `2026-06-05`; a MaxMind DB file says it itself. */
  readonly date?: string
  /** `mmdb`: the MaxMind DB format. `as-ranges`: lines `first,last,AS number,name`. */
  readonly format: 'mmdb' | 'as-ranges'
  /** The files it consists of, one for each version of IP, say. */
  readonly paths: readonly string[]
}

export interface LocalGeoOptions {
  /** In the order in which they are asked: see {@link openLocalGeo}. */
  readonly databases: readonly GeoDatabase[]
  /** Is told, once for each database that cannot be opened, which and why; the others answer without it. */
  readonly warn: (message: string) => void
}

interface OpenDatabase extends Disposable {
  readonly source: GeoSource
  find(version: 4 | 6, words: Uint32Array): GeoAnswer | undefined
}

/** Answers that are kept; the same visitors come again within minutes. When there are more, all are forgotten. */
const MAX_KEPT_ANSWERS = 4_096
/** Records of one database that are kept decoded; most visitors come from few thousand places. */
const MAX_KEPT_RECORDS = 4_096

/**
 * Answers from databases on this machine's disk. Each is asked in turn: the first to know the country decides on it, a
 * later one adds region and city only when it agrees on the country, and the first to know the network names it.
 */
export function openLocalGeo({ databases, warn }: LocalGeoOptions): Geo {
  const open = databases.flatMap((database) => {
    try {
      return [database.format === 'mmdb' ? openPlaces(database) : openSystems(database, warn)]
    } catch (error) {
      warn(notUsed(database.name, error))
      return []
    }
  })
  const words = new Uint32Array(4)
  const answers = new Map<string, GeoAnswer>()

  const answer = (ip: string): GeoAnswer => {
    const version = parseIp(ip, words)
    if (version === undefined || !isGlobalAddress(version, words)) return UNKNOWN_PLACE
    return open.reduce((known, database) => merged(known, database.find(version, words)), UNKNOWN_PLACE)
  }

  return {
    lookup(ip) {
      const kept = answers.get(ip)
      if (kept !== undefined) return kept
      const found = answer(ip)
      if (answers.size >= MAX_KEPT_ANSWERS) answers.clear()
      answers.set(ip, found)
      return found
    },
    sources: () => open.map(({ source }) => source),
    [Symbol.dispose]() {
      for (const database of open.splice(0)) database[Symbol.dispose]()
      answers.clear()
    },
  }
}

function merged(known: GeoAnswer, more: GeoAnswer | undefined): GeoAnswer {
  if (more === undefined) return known
  if (known === UNKNOWN_PLACE) return more
  const isPlaceUsable = known.country === '' || more.country === known.country
  const isSystemUsable = known.asn === undefined
  return {
    country: known.country || more.country,
    continent: known.continent || more.continent,
    region: known.region || (isPlaceUsable ? more.region : ''),
    city: known.city || (isPlaceUsable ? more.city : ''),
    asn: isSystemUsable ? more.asn : known.asn,
    organization: isSystemUsable ? more.organization : known.organization,
  }
}

/** A database of the MaxMind DB format, of which one file may hold what the other does not. */
function openPlaces({ name, license, paths }: GeoDatabase): OpenDatabase {
  const files = openAll(paths, openMmdb)
  const finders = files.map((file) => recordFinder(file))
  const builtAtMs = Math.min(...files.map((file) => file.builtAt.getTime()))
  return {
    source: { name, license, date: new Date(builtAtMs).toISOString().slice(0, 10) },
    find(version, words) {
      for (const find of finders) {
        const place = find(version, words)
        if (place !== undefined) return place
      }
      return undefined
    },
    [Symbol.dispose]() {
      for (const file of files) file[Symbol.dispose]()
    },
  }
}

function recordFinder(file: Mmdb): (version: 4 | 6, words: Uint32Array) => GeoAnswer | undefined {
  const kept = new Map<number, GeoAnswer>()
  return (version, words) => {
    const at = file.find(version, words)
    if (at === 0) return undefined
    const known = kept.get(at)
    if (known !== undefined) return known
    const place = placeOfRecord(file.record(at, PLACE_FIELDS))
    if (kept.size >= MAX_KEPT_RECORDS) kept.clear()
    kept.set(at, place)
    return place
  }
}

/** A database of autonomous systems, whose files are read through (a tenth of a second) when it is first asked. */
function openSystems(
  { name, license, date, paths }: GeoDatabase,
  warn: (message: string) => void,
): OpenDatabase {
  for (const path of paths) accessSync(path, constants.R_OK)
  let files: readonly AsRanges[] | undefined
  const openFiles = (): readonly AsRanges[] => {
    try {
      return openAll(paths, openAsRanges)
    } catch (error) {
      warn(notUsed(name, error))
      return []
    }
  }
  return {
    source: { name, license, ...(date === undefined ? {} : { date }) },
    find(version, words) {
      files ??= openFiles()
      for (const file of files) {
        const system = file.find(version, words)
        if (system !== undefined) return { ...UNKNOWN_PLACE, ...system }
      }
      return undefined
    },
    [Symbol.dispose]() {
      for (const file of files ?? []) file[Symbol.dispose]()
      files = []
    },
  }
}

/** All of the files, or none when one of them cannot be opened. */
function openAll<File extends Disposable>(
  paths: readonly string[],
  open: (path: string) => File,
): readonly File[] {
  using opened = new DisposableStack()
  const files = paths.map((path) => opened.use(open(path)))
  opened.move()
  return files
}

function notUsed(name: string, error: unknown): string {
  return `${name} is not used: ${error instanceof Error ? error.message : String(error)}`
}
