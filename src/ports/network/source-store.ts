import { randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { takeLock } from '#ports/file-lock.ts'

const StoredFile = z.object({
  /** The source it is of, and which part of it; the part is empty where there is one alone. */
  source: z.string(),
  part: z.string(),
  /** Its name in the directory. */
  file: z.string(),
  /** The day the data are of, `2025-09-01`. */
  date: z.string(),
  /** ISO 8601. For a download that found nothing new, still the time of the download. */
  obtainedAt: z.string(),
  /** The URL it was downloaded from, or the name of the file that was imported. */
  origin: z.string(),
  isDownload: z.boolean(),
  rows: z.number(),
  badRows: z.number(),
  sizeBytes: z.number(),
  /** Of the file as it lies there, in hexadecimal. */
  sha256: z.string(),
  /** What the server said to ask it with next time; empty where it said nothing. */
  etag: z.string(),
  lastModified: z.string(),
})
/** A file of a source, which was found to be good when it was stored. */
export type StoredFile = Readonly<z.infer<typeof StoredFile>>

const AcceptedTerms = z.object({ name: z.string(), url: z.string(), acceptedAt: z.string() })
/** Terms that the operator has accepted. */
export type AcceptedTerms = Readonly<z.infer<typeof AcceptedTerms>>

const Manifest = z.object({
  version: z.literal(1),
  acceptedTerms: z.array(AcceptedTerms),
  files: z.array(StoredFile),
})
/** What is stored: at most one file of each part. */
export interface Manifest {
  readonly acceptedTerms: readonly AcceptedTerms[]
  readonly files: readonly StoredFile[]
}

/** The right to change what is stored. */
export interface SourceStore extends Disposable {
  manifest(): Manifest
  /** Whether a file that is in the manifest is on the disk as well. */
  has(file: StoredFile): boolean
  /** A path in the store for a file that is not stored yet; it goes when the store is next opened. */
  draftPath(): string
  /**
   * Store a draft in place of the last file of its source and part. Until the moment in which it is stored, that one is;
   * after it, power may fail.
   *
   * @param suffix of the name it is given, `.gz`
   */
  store(draftPath: string, file: Omit<StoredFile, 'file'>, suffix: string): StoredFile
  /** Note when a file was last known to be the newest. */
  confirm(file: StoredFile, at: Date): void
  acceptTerms(terms: AcceptedTerms): void
}

/** Another process is changing what is stored. */
export class SourceStoreInUseError extends Error {
  override readonly name = 'SourceStoreInUseError'
}

/** The manifest cannot be read; the message says what to do. */
export class DamagedManifestError extends Error {
  override readonly name = 'DamagedManifestError'
}

const MANIFEST_FILE = 'manifest.json'
const LOCK_FILE = 'update.lock'
const EMPTY: Manifest = { acceptedTerms: [], files: [] }
/** So much of its checksum is in a file's name, so that no two different files have one. */
const NAME_DIGITS = 12

/** Where the files of the sources are kept in a data directory. */
export function sourcesDir(dataDir: string): string {
  return join(dataDir, 'network', 'sources')
}

/** The path of a stored file. */
export function storedPath(dataDir: string, file: StoredFile): string {
  return join(sourcesDir(dataDir), file.file)
}

/**
 * What is stored in a data directory; nothing where there is none yet.
 *
 * @throws DamagedManifestError
 */
export function readManifest(dataDir: string): Manifest {
  const path = join(sourcesDir(dataDir), MANIFEST_FILE)
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return EMPTY
    throw error
  }
  try {
    const { acceptedTerms, files } = Manifest.parse(JSON.parse(text))
    return { acceptedTerms, files }
  } catch (cause) {
    throw new DamagedManifestError(
      `${path} is damaged. Move the directory ${sourcesDir(dataDir)} away and run onehop data update to fetch the data again.`,
      { cause },
    )
  }
}

/**
 * Open the store of a data directory, which is made where it is missing.
 *
 * Files are named by their contents and the manifest says which of them count, so that there is one moment, the renaming
 * of the manifest, in which the new file takes the place of the old. What a crash leaves beside them is cleared away here.
 *
 * @throws SourceStoreInUseError while another process has it open; DamagedManifestError
 */
export function openSourceStore(dataDir: string): SourceStore {
  const dir = sourcesDir(dataDir)
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const lock = takeLock(join(dir, LOCK_FILE))
  if (lock === undefined)
    throw new SourceStoreInUseError(
      'another onehop data command is at work on this data directory; wait for it to end',
    )
  try {
    return lockedStore(dataDir, lock)
  } catch (error) {
    lock[Symbol.dispose]()
    throw error
  }
}

function lockedStore(dataDir: string, lock: Disposable): SourceStore {
  const dir = sourcesDir(dataDir)
  let manifest = readManifest(dataDir)

  const save = (next: Manifest) => {
    writeDurably(dir, MANIFEST_FILE, `${JSON.stringify({ version: 1, ...next }, null, 2)}\n`)
    manifest = next
  }
  const sweep = () => {
    const kept = new Set(manifest.files.map(({ file }) => file))
    for (const name of readdirSync(dir))
      if (!kept.has(name) && name !== MANIFEST_FILE && !name.startsWith(LOCK_FILE))
        rmSync(join(dir, name), { recursive: true, force: true })
  }

  sweep()
  return {
    manifest: () => manifest,
    has: (file) => existsSync(join(dir, file.file)),
    draftPath: () => join(dir, `draft-${randomBytes(8).toString('hex')}`),
    store(draftPath, entry, suffix) {
      const digits = entry.sha256.slice(0, NAME_DIGITS)
      const part = entry.part === '' ? '' : `.${entry.part}`
      // Names of sources have a colon at most once and no underscore.
      const file = { ...entry, file: `${entry.source.replace(':', '_')}${part}.${digits}${suffix}` }
      sync(draftPath)
      renameSync(draftPath, join(dir, file.file))
      sync(dir)
      save({ ...manifest, files: withFile(manifest.files, file) })
      sweep()
      return file
    },
    confirm(file, at) {
      const confirmed = { ...file, obtainedAt: at.toISOString() }
      save({ ...manifest, files: withFile(manifest.files, confirmed) })
    },
    acceptTerms(terms) {
      const others = manifest.acceptedTerms.filter(({ name }) => name !== terms.name)
      save({ ...manifest, acceptedTerms: [...others, terms] })
    },
    [Symbol.dispose]: () => lock[Symbol.dispose](),
  }
}

/** The list with a file in place of the one of its source and part, or at its end. */
function withFile(files: readonly StoredFile[], file: StoredFile): readonly StoredFile[] {
  const isSame = (known: StoredFile) => known.source === file.source && known.part === file.part
  return files.some(isSame) ? files.map((known) => (isSame(known) ? file : known)) : [...files, file]
}

/** Write a file so that at any moment the old or the new one is there whole, power failures included. */
function writeDurably(dir: string, name: string, text: string): void {
  const draft = join(dir, `draft-${name}`)
  writeFileSync(draft, text)
  sync(draft)
  renameSync(draft, join(dir, name))
  sync(dir)
}

/** Wait until what was written to a file, or which names are in a directory, is on the disk. */
function sync(path: string): void {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
