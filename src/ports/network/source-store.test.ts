import { expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TemporaryDir, temporaryDir } from '#testing/temporary-dir.ts'
import {
  openSourceStore,
  readManifest,
  type SourceStore,
  SourceStoreInUseError,
  sourcesDir,
  type StoredFile,
  storedPath,
} from './source-store.ts'

const NOW = '2025-11-20T12:00:00.000Z'

test('before anything is stored there is nothing, and nothing is made by looking', () => {
  using dir = temporaryDir()

  expect(readManifest(dir.path)).toEqual({ acceptedTerms: [], files: [] })
  expect(readdirSync(dir.path)).toEqual([])
})

test('a file takes the place of the last one of its source and part, and of no other', () => {
  using dir = temporaryDir()
  using store = openSourceStore(dir.path)

  const first = put(store, 'one', { source: 'delegated', part: 'arin' })
  const other = put(store, 'two', { source: 'delegated', part: 'ripencc' })
  const second = put(store, 'three', { source: 'delegated', part: 'arin' })

  expect(store.manifest().files).toEqual([second, other])
  expect(readManifest(dir.path)).toEqual(store.manifest())
  expect(filesIn(dir)).toEqual([second.file, other.file].toSorted())
  expect(first.file).not.toBe(second.file)
  expect(readFileSync(storedPath(dir.path, second), 'utf8')).toBe('three')
})

test('names of sources become names of files that say what they are', () => {
  using dir = temporaryDir()
  using store = openSourceStore(dir.path)

  expect(put(store, 'x', { source: 'cloud:aws', part: '' }).file).toMatch(/^cloud_aws\.[0-9a-f]{12}\.txt$/)
  expect(put(store, 'x', { source: 'x4bnet-vpn', part: 'ipv6' }).file).toMatch(
    /^x4bnet-vpn\.ipv6\.[0-9a-f]{12}\.txt$/,
  )
})

test('the same contents again are stored again', () => {
  using dir = temporaryDir()
  using store = openSourceStore(dir.path)
  put(store, 'same')

  const again = put(store, 'same')

  expect(store.manifest().files).toEqual([again])
  expect(store.has(again)).toBe(true)
})

test('what is confirmed is as it was, obtained later', () => {
  using dir = temporaryDir()
  using store = openSourceStore(dir.path)
  const file = put(store, 'one')

  store.confirm(file, new Date('2025-11-21T00:00:00Z'))

  expect(readManifest(dir.path).files).toEqual([{ ...file, obtainedAt: '2025-11-21T00:00:00.000Z' }])
})

test('accepted terms are remembered once', () => {
  using dir = temporaryDir()
  using store = openSourceStore(dir.path)
  const terms = { name: 'terms', url: 'https://example.com/', acceptedAt: NOW }

  store.acceptTerms(terms)
  store.acceptTerms(terms)
  put(store, 'one')

  expect(readManifest(dir.path).acceptedTerms).toEqual([terms])
})

test('one process at a time changes the store; reading it goes on', () => {
  using dir = temporaryDir()
  using store = openSourceStore(dir.path)
  put(store, 'one')

  expect(() => openSourceStore(dir.path)).toThrow(SourceStoreInUseError)
  expect(readManifest(dir.path).files).toHaveLength(1)
})

test('what a crash left is cleared away when the store is opened', () => {
  using dir = temporaryDir()
  const file = storing(dir, (store) => put(store, 'one'))
  writeFileSync(join(sourcesDir(dir.path), 'draft-0123456789abcdef'), 'half a download')
  writeFileSync(join(sourcesDir(dir.path), 'draft-manifest.json'), '{"version":')
  writeFileSync(join(sourcesDir(dir.path), 'delegated.arin.000000000000.txt'), 'stored, and not noted')

  storing(dir, () => {})

  expect(filesIn(dir)).toEqual([file.file])
})

test('a damaged manifest is a sentence that says what to do', () => {
  using dir = temporaryDir()
  storing(dir, (store) => put(store, 'one'))
  for (const text of ['', '{', '{}', '{"version":2,"acceptedTerms":[],"files":[]}', '[]']) {
    writeFileSync(join(sourcesDir(dir.path), 'manifest.json'), text)
    expect(() => readManifest(dir.path)).toThrow('manifest.json is damaged. Move the directory')
    expect(() => openSourceStore(dir.path)).toThrow('manifest.json is damaged')
  }
  // And the lock is free again.
  writeFileSync(join(sourcesDir(dir.path), 'manifest.json'), '{"version":1,"acceptedTerms":[],"files":[]}')
  storing(dir, (store) => expect(store.manifest().files).toEqual([]))
})

test('a process killed while it stores leaves the old file or the new one, whole, and no lock', async () => {
  using dir = temporaryDir()
  const program = join(dir.path, 'store-for-ever.ts')
  writeFileSync(
    program,
    `import { createHash } from 'node:crypto'
     import { writeFileSync } from 'node:fs'
     import { openSourceStore } from ${JSON.stringify(join(import.meta.dir, 'source-store.ts'))}
     const store = openSourceStore(${JSON.stringify(dir.path)})
     for (let round = Number(process.argv[2]); ; round++) {
       const bytes = Buffer.alloc(200_000, String(round))
       const path = store.draftPath()
       writeFileSync(path, bytes)
       const sha256 = createHash('sha256').update(bytes).digest('hex')
       store.store(path, { ...${JSON.stringify(entry())}, sha256, rows: round, sizeBytes: bytes.length }, '.txt')
       process.stdout.write('.')
     }`,
  )
  let lastRow = 0
  for (const delayMs of [0, 1, 2, 4, 7, 11]) {
    const child = Bun.spawn([process.execPath, '--no-install', program, String(lastRow + 1)], {
      cwd: join(import.meta.dir, '../../..'),
      stdout: 'pipe',
    })
    await child.stdout.getReader().read()
    await Bun.sleep(delayMs)
    child.kill('SIGKILL')
    await child.exited

    const { files } = readManifest(dir.path)
    expect(files).toHaveLength(1)
    const [file] = files
    if (file === undefined) throw new Error('nothing is stored')
    expect(file.rows).toBeGreaterThan(lastRow)
    expect(sha256(readFileSync(storedPath(dir.path, file)))).toBe(file.sha256)
    lastRow = file.rows
  }
  storing(dir, (store) => expect(store.manifest().files).toHaveLength(1))
  expect(filesIn(dir)).toHaveLength(1)
})

function entry(): Omit<StoredFile, 'file'> {
  return {
    source: 'tor-exits',
    part: '',
    date: '2025-11-20',
    obtainedAt: NOW,
    origin: 'list.txt',
    isDownload: false,
    rows: 1,
    badRows: 0,
    sizeBytes: 1,
    sha256: '',
    etag: '',
    lastModified: '',
  }
}

function put(store: SourceStore, text: string, what: Partial<StoredFile> = {}): StoredFile {
  const path = store.draftPath()
  writeFileSync(path, text)
  const file = { ...entry(), sizeBytes: text.length, sha256: sha256(Buffer.from(text)), ...what }
  const stored = store.store(path, file, '.txt')
  expect(existsSync(path)).toBe(false)
  return stored
}

function storing<T>(dir: TemporaryDir, run: (store: SourceStore) => T): T {
  using store = openSourceStore(dir.path)
  return run(store)
}

/** Files of sources, not those of the store itself. */
function filesIn(dir: TemporaryDir): readonly string[] {
  return readdirSync(sourcesDir(dir.path))
    .filter((name) => name !== 'manifest.json' && !name.startsWith('update.lock'))
    .toSorted()
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
