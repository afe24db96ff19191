import { close as closeFile, open as openForReading, read as readFile, rmSync } from 'node:fs'
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { ByteRange, FileDraft, FileStore, OpenFile } from './file-store.ts'

/** Bytes that are gathered before they are written; as many again may be on their way to the disk. */
const WRITE_BYTES = 256 * 1024
const READ_BYTES = 256 * 1024
/** Forced to the disk while more is still coming, so that the end of a large file does not wait for all of it. */
const SYNC_EVERY_BYTES = 64 * 1024 * 1024

/** Where drafts are: on the same file system, so that a finished one is renamed into place. */
const DRAFTS = 'incoming'

/**
 * Files in a directory, spread over 256 directories by the beginning of their keys; only their owner may read them. The
 * directory is one server's alone.
 */
export function directoryFileStore(dir: string): FileStore {
  const drafts = join(dir, DRAFTS)
  const shardOf = (key: string) => join(dir, key.slice(0, 2))

  return {
    isExclusive: true,

    async create(key) {
      const path = join(drafts, key)
      await mkdir(drafts, { recursive: true, mode: 0o700 })
      const handle = await open(path, 'wx', 0o600)
      return directoryDraft(handle, async () => {
        const shard = shardOf(key)
        const isNew = (await mkdir(shard, { recursive: true, mode: 0o700 })) !== undefined
        await rename(path, join(shard, key))
        await syncDirectory(shard)
        if (isNew) await syncDirectory(dir)
      })
    },

    async open(key) {
      try {
        return openFile(await promisify(openForReading)(join(shardOf(key), key), 'r'))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
        throw error
      }
    },

    async erase(key) {
      await rm(join(drafts, key), { force: true })
      await rm(join(shardOf(key), key), { force: true })
    },
  }
}

/** Remove what uploads left in a directory whose server was killed. Only for who has it alone, before it stores anything. */
export function removeDrafts(dir: string): void {
  rmSync(join(dir, DRAFTS), { recursive: true, force: true })
}

/** @param place puts the file, which is whole and on the disk, where it is read */
function directoryDraft(handle: FileHandle, place: () => Promise<void>): FileDraft {
  let gathered: Uint8Array[] = []
  let gatheredBytes = 0
  let unsyncedBytes = 0
  /** The write that is under way. Its failure is told to whoever waits for it next. */
  let writing: Promise<void> | undefined
  let isOpen = true

  async function flush(): Promise<void> {
    const chunks = gathered
    const sizeBytes = gatheredBytes
    gathered = []
    gatheredBytes = 0
    await writeAll(handle, chunks, sizeBytes)
    unsyncedBytes += sizeBytes
    if (unsyncedBytes < SYNC_EVERY_BYTES) return
    unsyncedBytes = 0
    await handle.datasync()
  }

  function startFlush(): void {
    writing = flush()
    // Told when it is waited for; until then it is nobody's bug.
    writing.catch(() => {})
  }

  async function settle(): Promise<void> {
    const pending = writing
    writing = undefined
    await pending
  }

  async function close(): Promise<void> {
    if (!isOpen) return
    isOpen = false
    await handle.close()
  }

  return {
    write(chunk) {
      gathered.push(chunk)
      gatheredBytes += chunk.length
      if (gatheredBytes < WRITE_BYTES) return undefined
      if (writing === undefined) {
        startFlush()
        return undefined
      }
      return settle().then(startFlush)
    },
    async finish() {
      await settle()
      if (gatheredBytes > 0) await flush()
      await handle.sync()
      await close()
      await place()
    },
    async abandon() {
      await settle().catch(() => {})
      await close()
    },
  }
}

async function writeAll(handle: FileHandle, chunks: Uint8Array[], sizeBytes: number): Promise<void> {
  const { bytesWritten } = await handle.writev(chunks)
  if (bytesWritten === sizeBytes) return
  // The system took less than it was given: a signal came, or the disk is full, which the next write says.
  let rest = Buffer.concat(chunks).subarray(bytesWritten)
  while (rest.length > 0) rest = rest.subarray((await handle.write(rest)).bytesWritten)
}

/** By descriptor: the runtime takes a `FileHandle` that is collected open, whosever fault that is, for the process's end. */
function openFile(descriptor: number): OpenFile {
  const read = promisify(readFile)
  let isOpen = true
  return {
    async *read({ start, end }: ByteRange) {
      for (let position = start; position < end;) {
        const buffer = Buffer.allocUnsafeSlow(Math.min(READ_BYTES, end - position))
        const { bytesRead } = await read(descriptor, buffer, 0, buffer.length, position)
        if (bytesRead === 0) throw new Error(`a stored file ends at byte ${position}, before ${end}`)
        position += bytesRead
        yield buffer.subarray(0, bytesRead)
      }
    },
    async [Symbol.asyncDispose]() {
      if (!isOpen) return
      isOpen = false
      await promisify(closeFile)(descriptor)
    },
  }
}

/** Make names in a directory durable. */
async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
