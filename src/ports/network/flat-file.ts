import { closeSync, fstatSync, fsyncSync, openSync, read, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'

/** One array of a flat file. */
export type Column = Uint8Array | Uint16Array | Uint32Array | Int32Array

/** What a flat file is made of. */
export interface FlatContents {
  /** What its reader must know beside the arrays; anything JSON has. */
  readonly facts: unknown
  /** By name, `group/column`. The columns of a group are brought into memory together. */
  readonly columns: ReadonlyMap<string, Column>
}

/** The arrays of an open flat file; one that it does not have is empty. */
export interface Columns {
  u8(name: string): Uint8Array
  u16(name: string): Uint16Array
  u32(name: string): Uint32Array
  i32(name: string): Int32Array
}

/** A flat file that was found whole. Its arrays are empty once it is disposed of. */
export interface FlatFile extends Columns, Disposable {
  readonly facts: unknown
  readonly sizeBytes: number
  /** How much of it is mapped into memory, which is not the same as resident. */
  mappedBytes(): number
}

/** A file that is not whole, or of another version. The message is a sentence that says which. */
export class FlatFileError extends Error {
  override readonly name = 'FlatFileError'
}

/** Raised whenever a program of the version before would read a file wrongly, or be unable to. */
export const FLAT_FILE_VERSION = 2

const MAGIC = Buffer.from('ONEHOPNW', 'latin1')
const HEADER_BYTES = 64
/** Where in the header each number stands. */
const VERSION_AT = 8
const DIRECTORY_BYTES_AT = 12
const FILE_BYTES_AT = 16
const CHECKSUM_AT = 24
/** A mapping begins at a page, and pages have up to this many bytes. */
const PAGE_BYTES = 64 * 1024
const COLUMN_ALIGNMENT = 8
const CHUNK_BYTES = 1024 * 1024
const MAX_DIRECTORY_BYTES = 4 * 1024 * 1024

const TYPES = {
  u8: Uint8Array,
  u16: Uint16Array,
  u32: Uint32Array,
  i32: Int32Array,
} as const
type TypeName = keyof typeof TYPES

interface ColumnEntry {
  readonly type: TypeName
  /** From where its group begins. */
  readonly offset: number
  readonly length: number
}

interface GroupEntry {
  readonly offset: number
  readonly bytes: number
  readonly checksum: string
  readonly columns: Readonly<Record<string, ColumnEntry>>
}

interface Directory {
  readonly facts: unknown
  readonly groups: Readonly<Record<string, GroupEntry>>
}

/**
 * Write a flat file: beside its place first, brought to the disk, then given its name. Whenever the process or the
 * machine stops, the name is that of the old file or of the whole new one.
 *
 * A header (magic, version, sizes, checksum of the directory), a directory in JSON (facts, where each column is, a
 * checksum of each group), then the groups, each from the start of a page on.
 */
export function writeFlatFile(path: string, { facts, columns }: FlatContents): void {
  const groups = layOut(columns)
  const directory = directoryOf(facts, groups)
  const last = Object.values(directory.groups).at(-1)
  const json = Buffer.from(JSON.stringify(directory), 'utf8')
  const fileBytes = last === undefined ? HEADER_BYTES + json.length : last.offset + last.bytes
  const temporary = `${path}.${process.pid}.tmp`
  try {
    const file = openSync(temporary, 'w', 0o600)
    try {
      writeFully(file, headerOf(json, fileBytes), 0)
      writeFully(file, json, HEADER_BYTES)
      for (const [name, group] of groups)
        for (const { column, offset } of group.columns)
          writeFully(file, bytesOf(column), (directory.groups[name]?.offset ?? 0) + offset)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(temporary, path)
    syncDirectory(dirname(path))
  } finally {
    rmSync(temporary, { force: true })
  }
}

/**
 * Open a flat file after reading it through once, a mebibyte at a time, so that the thread can do other things between.
 * Its groups are mapped when first used: what nobody asks for takes no memory.
 *
 * @throws FlatFileError when it is damaged, cut short or of another version
 * @throws Error of the file system
 */
export async function openFlatFile(path: string): Promise<FlatFile> {
  // Opened for writing too, although nothing is written: the runtime maps only what it may open so.
  const file = openSync(path, 'r+')
  try {
    const { size } = fstatSync(file)
    const directory = await readVerified(file, size, path)
    return flatFileOver(directory, size, {
      map: (offset, bytes) => Bun.mmap(descriptorPath(file), { shared: false, offset, size: bytes }),
      close: () => closeSync(file),
    })
  } catch (error) {
    closeSync(file)
    throw error
  }
}

/**
 * A path of an open file, which stays that file's when another takes its name. What is mapped later is thus still what
 * was read through.
 */
function descriptorPath(file: number): string {
  return `${process.platform === 'linux' ? '/proc/self/fd' : '/dev/fd'}/${file}`
}

async function readVerified(file: number, size: number, path: string): Promise<Directory> {
  if (size < HEADER_BYTES) throw new FlatFileError(`${path} is no file of network data`)
  const header = Buffer.alloc(HEADER_BYTES)
  await readFully(file, header, 0, path)
  const json = Buffer.alloc(checkHeader(header, size, path))
  await readFully(file, json, HEADER_BYTES, path)
  if (Bun.hash.xxHash3(json) !== header.readBigUInt64LE(CHECKSUM_AT)) throw damaged(path)
  const directory = parseDirectory(json, size)
  if (directory === undefined) throw damaged(path)
  const chunk = Buffer.alloc(Math.min(CHUNK_BYTES, size))
  for (const group of Object.values(directory.groups)) {
    let checksum = 0n
    for (let done = 0; done < group.bytes; done += CHUNK_BYTES) {
      const part = chunk.subarray(0, Math.min(CHUNK_BYTES, group.bytes - done))
      await readFully(file, part, group.offset + done, path)
      checksum = Bun.hash.xxHash3(part, checksum)
    }
    if (checksum.toString(16) !== group.checksum) throw damaged(path)
  }
  return directory
}

const DirectorySchema = z.object({
  facts: z.unknown(),
  groups: z.record(
    z.string(),
    z.object({
      offset: z.int().min(0).multipleOf(PAGE_BYTES),
      bytes: z.int().min(1),
      checksum: z.string(),
      columns: z.record(
        z.string(),
        z.object({
          type: z.enum(['u8', 'u16', 'u32', 'i32']),
          offset: z.int().min(0).multipleOf(COLUMN_ALIGNMENT),
          length: z.int().min(1),
        }),
      ),
    }),
  ),
})

/** @returns undefined for one whose groups or columns do not lie within the file */
function parseDirectory(json: Buffer, size: number): Directory | undefined {
  const directory = DirectorySchema.safeParse(JSON.parse(json.toString('utf8'))).data
  const isSound = Object.values(directory?.groups ?? {}).every(
    ({ offset, bytes, columns }) =>
      offset + bytes <= size &&
      Object.values(columns).every(
        (column) => column.offset + column.length * TYPES[column.type].BYTES_PER_ELEMENT <= bytes,
      ),
  )
  return isSound ? directory : undefined
}

/** @throws FlatFileError where the file ends before */
async function readFully(file: number, into: Buffer, at: number, path: string): Promise<void> {
  const { bytesRead } = await readFrom(file, into, 0, into.length, at)
  if (bytesRead !== into.length) throw damaged(path)
}

const readFrom = promisify(read)

/** The arrays of a flat file that was never written. */
export function flatFileInMemory({ facts, columns }: FlatContents): FlatFile {
  const directory = directoryOf(facts, layOut(columns))
  const groups = layOut(columns)
  return flatFileOver(directory, 0, {
    map(groupOffset, bytes) {
      const memory = new Uint8Array(bytes)
      for (const [name, group] of groups)
        if (directory.groups[name]?.offset === groupOffset)
          for (const { column, offset } of group.columns) memory.set(bytesOf(column), offset)
      return memory
    },
    close: () => {},
  })
}

function flatFileOver(
  { facts, groups }: Directory,
  sizeBytes: number,
  memory: {
    readonly map: (offset: number, bytes: number) => Uint8Array
    readonly close: () => void
  },
): FlatFile {
  const mapped = new Map<string, ArrayBuffer>()
  let isOpen = true

  const bufferOf = (name: string, group: GroupEntry): ArrayBuffer => {
    const known = mapped.get(name)
    if (known !== undefined) return known
    // Neither a mapping nor memory of our own is a SharedArrayBuffer.
    const buffer = memory.map(group.offset, group.bytes).buffer as ArrayBuffer
    mapped.set(name, buffer)
    return buffer
  }

  const column = <T extends TypeName>(type: T, name: string): InstanceType<(typeof TYPES)[T]> => {
    const [groupName = ''] = name.split('/', 1)
    const group = groups[groupName]
    const entry = group?.columns[name]
    // Which constructor it is the compiler cannot tell from the name of the type.
    const make = TYPES[type] as unknown as new (
      buffer?: ArrayBuffer,
      offset?: number,
      length?: number,
    ) => InstanceType<(typeof TYPES)[T]>
    if (group === undefined || entry?.type !== type || entry.length === 0 || !isOpen) return new make()
    return new make(bufferOf(groupName, group), entry.offset, entry.length)
  }

  return {
    facts,
    sizeBytes,
    u8: (name) => column('u8', name),
    u16: (name) => column('u16', name),
    u32: (name) => column('u32', name),
    i32: (name) => column('i32', name),
    mappedBytes: () => [...mapped.values()].reduce((sum, { byteLength }) => sum + byteLength, 0),
    [Symbol.dispose]() {
      if (!isOpen) return
      isOpen = false
      memory.close()
      // Given back now: the collector sees no hurry in mappings.
      for (const buffer of mapped.values()) buffer.transfer(0)
      mapped.clear()
    },
  }
}

interface LaidOutGroup {
  readonly bytes: number
  readonly columns: readonly { readonly name: string; readonly column: Column; readonly offset: number }[]
}

function layOut(columns: ReadonlyMap<string, Column>): Map<string, LaidOutGroup> {
  const groups = new Map<string, LaidOutGroup>()
  for (const [name, column] of columns) {
    if (column.length === 0) continue
    const [groupName = ''] = name.split('/', 1)
    const group = groups.get(groupName) ?? { bytes: 0, columns: [] }
    const offset = aligned(group.bytes, COLUMN_ALIGNMENT)
    groups.set(groupName, {
      bytes: offset + column.byteLength,
      columns: [...group.columns, { name, column, offset }],
    })
  }
  return groups
}

function directoryOf(facts: unknown, groups: ReadonlyMap<string, LaidOutGroup>): Directory {
  const withoutPlaces = [...groups].map(([name, { bytes, columns }]) => [
    name,
    {
      offset: Number.MAX_SAFE_INTEGER,
      bytes,
      checksum: checksumOf({ bytes, columns }),
      columns: Object.fromEntries(
        columns.map(({ name: columnName, column, offset }) => [
          columnName,
          { type: typeOf(column), offset, length: column.length },
        ]),
      ),
    },
  ]) as [string, GroupEntry][]
  // With the longest numbers in it the directory is at least as long as it will be.
  const longest = Buffer.byteLength(JSON.stringify({ facts, groups: Object.fromEntries(withoutPlaces) }))
  let offset = aligned(HEADER_BYTES + longest, PAGE_BYTES)
  const placed = withoutPlaces.map(([name, group]) => {
    const at = offset
    offset = aligned(offset + group.bytes, PAGE_BYTES)
    return [name, { ...group, offset: at }] as const
  })
  return { facts, groups: Object.fromEntries(placed) }
}

/** Of the group as it will stand in the file, a chunk at a time, each seeded with the one before. */
function checksumOf({ bytes, columns }: LaidOutGroup): string {
  const chunk = Buffer.alloc(Math.min(CHUNK_BYTES, bytes))
  let checksum = 0n
  for (let start = 0; start < bytes; start += CHUNK_BYTES) {
    const end = Math.min(start + CHUNK_BYTES, bytes)
    chunk.fill(0)
    for (const { column, offset } of columns) {
      const from = Math.max(start, offset)
      const to = Math.min(end, offset + column.byteLength)
      if (from < to) chunk.set(bytesOf(column).subarray(from - offset, to - offset), from - start)
    }
    checksum = Bun.hash.xxHash3(chunk.subarray(0, end - start), checksum)
  }
  return checksum.toString(16)
}

function headerOf(json: Buffer, fileBytes: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES)
  MAGIC.copy(header)
  header.writeUInt32LE(FLAT_FILE_VERSION, VERSION_AT)
  header.writeUInt32LE(json.length, DIRECTORY_BYTES_AT)
  header.writeBigUInt64LE(BigInt(fileBytes), FILE_BYTES_AT)
  header.writeBigUInt64LE(Bun.hash.xxHash3(json), CHECKSUM_AT)
  return header
}

/** @returns the length of the directory */
function checkHeader(header: Buffer, size: number, path: string): number {
  if (!header.subarray(0, MAGIC.length).equals(MAGIC))
    throw new FlatFileError(`${path} is no file of network data`)
  const version = header.readUInt32LE(VERSION_AT)
  if (version !== FLAT_FILE_VERSION)
    throw new FlatFileError(
      `${path} is network data of format ${version}; this program reads format ${FLAT_FILE_VERSION}`,
    )
  const fileBytes = Number(header.readBigUInt64LE(FILE_BYTES_AT))
  if (fileBytes !== size)
    throw new FlatFileError(`${path} has ${size} bytes where it should have ${fileBytes}: it is not whole`)
  const directoryBytes = header.readUInt32LE(DIRECTORY_BYTES_AT)
  if (directoryBytes > Math.min(MAX_DIRECTORY_BYTES, size - HEADER_BYTES)) throw damaged(path)
  return directoryBytes
}

function damaged(path: string): FlatFileError {
  return new FlatFileError(`${path} is damaged: its checksum does not match`)
}

function typeOf(column: Column): TypeName {
  if (column instanceof Uint8Array) return 'u8'
  if (column instanceof Uint16Array) return 'u16'
  return column instanceof Uint32Array ? 'u32' : 'i32'
}

function bytesOf(column: Column): Uint8Array {
  return new Uint8Array(column.buffer, column.byteOffset, column.byteLength)
}

function writeFully(file: number, bytes: Uint8Array, at: number): void {
  for (let done = 0; done < bytes.length;)
    done += writeSync(file, bytes, done, Math.min(CHUNK_BYTES, bytes.length - done), at + done)
}

function syncDirectory(path: string): void {
  const dir = openSync(path, 'r')
  try {
    fsyncSync(dir)
  } finally {
    closeSync(dir)
  }
}

function aligned(at: number, to: number): number {
  return Math.ceil(at / to) * to
}
