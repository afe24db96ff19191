import { describe, expect, test } from 'bun:test'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startS3Server } from '#testing/s3-server.ts'
import { startS3rver } from '#testing/s3rver.ts'
import { canMountDisks, smallDisk } from '#testing/small-disk.ts'
import { directoryFileStore, removeDrafts } from './directory-file-store.ts'
import type { FileStore, OpenFile } from './file-store.ts'
import { s3FileStore } from './s3-file-store.ts'

const MIB = 1024 * 1024

interface StoreUnderTest extends AsyncDisposable {
  readonly store: FileStore
  /** Every file of the store, drafts included. */
  stored(): readonly string[]
}

function directoryUnderTest(): StoreUnderTest {
  const dir = mkdtempSync(join(tmpdir(), 'onehop-files-'))
  return {
    store: directoryFileStore(dir),
    stored: () => filesBelow(dir),
    [Symbol.asyncDispose]: () => Promise.resolve(rmSync(dir, { recursive: true, force: true })),
  }
}

function s3UnderTest(): StoreUnderTest {
  const server = startS3Server()
  return {
    store: s3FileStore(server.location),
    stored: () => server.stored(),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

async function s3rverUnderTest(): Promise<StoreUnderTest> {
  const service = await startS3rver()
  return {
    store: s3FileStore(service.location),
    stored: () => service.stored(),
    [Symbol.asyncDispose]: () => service[Symbol.asyncDispose](),
  }
}

function filesBelow(dir: string): readonly string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

const newKey = () => randomBytes(16).toString('hex')

/** Write a file in chunks. @returns the reference its draft was given */
async function store(under: FileStore, key: string, chunks: readonly Uint8Array[]): Promise<string | null> {
  let ref: string | null = null
  const draft = await under.create(key, (given) => {
    ref = given
    return Promise.resolve()
  })
  for (const chunk of chunks) await draft.write(chunk)
  await draft.finish()
  return ref
}

async function read(file: OpenFile | undefined, start: number, end: number): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of file?.read({ start, end }) ?? []) chunks.push(chunk)
  return Buffer.concat(chunks)
}

describe.each([
  { name: 'a directory', open: () => Promise.resolve(directoryUnderTest()), aborts: true },
  { name: 'a strict S3 service', open: () => Promise.resolve(s3UnderTest()), aborts: true },
  { name: 'an S3 service of others', open: s3rverUnderTest, aborts: false },
])('$name', ({ open, aborts }) => {
  test('gives back what was stored, whole and by range, whatever its size', async () => {
    await using under = await open()
    for (const sizeBytes of [0, 1, 5 * MIB, 11 * MIB + 7]) {
      const key = newKey()
      const bytes = randomBytes(sizeBytes)
      const chunks = Array.from({ length: Math.ceil(sizeBytes / 700_001) }, (_, index) =>
        bytes.subarray(index * 700_001, (index + 1) * 700_001),
      )

      await store(under.store, key, chunks)

      await using file = await under.store.open(key)
      expect((await read(file, 0, sizeBytes)).equals(bytes)).toBe(true)
      const [start, end] = [Math.floor(sizeBytes / 3), Math.ceil(sizeBytes / 2)]
      expect((await read(file, start, end)).equals(bytes.subarray(start, end))).toBe(true)
    }
  })

  test('has nothing to read before a file is finished, and nothing at all of one that is erased', async () => {
    await using under = await open()
    for (const sizeBytes of aborts ? [10, 12 * MIB] : [10]) {
      const key = newKey()
      let ref: string | null = null
      const draft = await under.store.create(key, (given) => {
        ref = given
        return Promise.resolve()
      })
      for (let at = 0; at < sizeBytes; at += MIB)
        await draft.write(Buffer.alloc(Math.min(MIB, sizeBytes - at)))

      expect(await under.store.open(key)).toBeUndefined()
      await draft.abandon()
      await under.store.erase(key, ref)

      expect(under.stored()).toEqual([])
    }
  })

  test('erases a finished file, and erasing again what is gone is no mistake', async () => {
    await using under = await open()
    const key = newKey()
    const ref = await store(
      under.store,
      key,
      Array.from({ length: 6 }, () => Buffer.alloc(MIB)),
    )
    expect(under.stored()).not.toEqual([])

    await under.store.erase(key, aborts ? ref : null)
    await under.store.erase(key, aborts ? ref : null)

    expect(under.stored()).toEqual([])
    expect(await under.store.open(key)).toBeUndefined()
  })

  test('a file that is erased while it is read is read to its end', async () => {
    await using under = await open()
    const key = newKey()
    const bytes = randomBytes(3 * MIB)
    await store(under.store, key, [bytes])
    await using file = await under.store.open(key)
    const chunks: Uint8Array[] = []

    for await (const chunk of file?.read({ start: 0, end: bytes.length }) ?? []) {
      if (chunks.length === 0) await under.store.erase(key, null)
      chunks.push(chunk)
    }

    expect(Buffer.concat(chunks).equals(bytes)).toBe(true)
  })
})

test('the files of a directory are their owner’s alone, below the beginnings of their keys', async () => {
  await using under = directoryUnderTest()
  const key = newKey()

  await store(under.store, key, [Buffer.from('x')])

  const [path = ''] = under.stored()
  expect(path.endsWith(join(key.slice(0, 2), key))).toBe(true)
  expect(statSync(path).mode & 0o777).toBe(0o600)
})

test('drafts that a crash left in a directory are removed, and files are not', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'onehop-files-'))
  const crashed = directoryFileStore(dir)
  await store(crashed, newKey(), [Buffer.from('kept')])
  const draft = await crashed.create(newKey(), () => Promise.resolve())
  await draft.write(Buffer.alloc(2 * MIB))
  await draft.abandon()
  expect(filesBelow(dir)).toHaveLength(2)

  removeDrafts(dir)

  expect(filesBelow(dir)).toHaveLength(1)
  rmSync(dir, { recursive: true })
})

test.skipIf(!canMountDisks)(
  'a full disk is told while a file is written, and what there was can be erased',
  async () => {
    using disk = smallDisk('4m')
    const under = directoryFileStore(disk.dir)
    const key = newKey()
    const draft = await under.create(key, () => Promise.resolve())

    const failure = await (async () => {
      for (let n = 0; n < 8; n++) await draft.write(Buffer.alloc(MIB))
      await draft.finish()
    })().catch((error: unknown) => error)

    expect(failure).toMatchObject({ code: 'ENOSPC' })
    await draft.abandon()
    await under.erase(key, null)
    expect(filesBelow(disk.dir)).toEqual([])
  },
)

test('a service that refuses is named with its reason, never with the secret', async () => {
  await using server = startS3Server()
  const refused = s3FileStore({ ...server.location, secretAccessKey: 'a secret that is not right' })
  const draft = await refused.create(newKey(), () => Promise.resolve())
  await draft.write(Buffer.from('x'))

  const failure = await draft.finish().catch((error: unknown) => String(error))

  expect(failure).toContain('403 (SignatureDoesNotMatch)')
  expect(failure).not.toContain('a secret')
})

test('a service that fails for a moment is asked again', async () => {
  await using server = startS3Server()
  const under = s3FileStore(server.location)
  const key = newKey()
  server.failNext(2)

  await store(under, key, [Buffer.from('x')])

  expect(server.stored()).toEqual([`/onehop/files/${key}`])
})
