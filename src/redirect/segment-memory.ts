import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { open, rm } from 'node:fs/promises'

/** Zeroed memory for the records of one segment, in a file or only in the process. */
export interface SegmentMemory {
  readonly bytes: Buffer
  /** The same memory, for atomic stores. */
  readonly words: Int32Array
  /** The file it is; undefined in the process only. */
  readonly path: string | undefined
}

const ZEROS = Buffer.alloc(1024 * 1024)

/** Memory that ends with the process. */
export function allocateSegment(sizeBytes: number): SegmentMemory {
  return segmentOver(Buffer.alloc(sizeBytes), undefined)
}

/**
 * Make a file and map it. Every byte is written first: where the disk has no room that fails here, whereas a store into
 * a hole of a mapped file would end the process.
 */
export function makeSegmentFile(path: string, sizeBytes: number): SegmentMemory {
  try {
    const fd = openSync(path, 'w', 0o600)
    try {
      for (let done = 0; done < sizeBytes;)
        done += writeSync(fd, ZEROS, 0, Math.min(ZEROS.length, sizeBytes - done))
    } finally {
      closeSync(fd)
    }
    return mapSegment(path)
  } catch (error) {
    rmSync(path, { force: true })
    throw error
  }
}

/** {@link makeSegmentFile} off the calling thread, and brought to the disk, so that a disk that finds out late that it is full says so. */
export async function makeSegmentFileInBackground(path: string, sizeBytes: number): Promise<SegmentMemory> {
  try {
    await writeZeros(path, sizeBytes)
    return mapSegment(path)
  } catch (error) {
    await rm(path, { force: true })
    throw error
  }
}

async function writeZeros(path: string, sizeBytes: number): Promise<void> {
  await using file = await open(path, 'w', 0o600)
  for (let done = 0; done < sizeBytes;) {
    const { bytesWritten } = await file.write(ZEROS, 0, Math.min(ZEROS.length, sizeBytes - done))
    done += bytesWritten
  }
  await file.datasync()
}

/**
 * Give the memory back now; nothing may use it any more. Left to the collector, which sees little pressure in mappings,
 * ten and more finished segments stay resident.
 */
export function releaseSegment(segment: SegmentMemory): void {
  // A Buffer's types allow a SharedArrayBuffer underneath, which neither allocation nor mapping makes.
  ;(segment.bytes.buffer as ArrayBuffer).transfer(0)
}

function mapSegment(path: string): SegmentMemory {
  const { buffer, byteOffset, byteLength } = Bun.mmap(path, { shared: true })
  return segmentOver(Buffer.from(buffer, byteOffset, byteLength), path)
}

function segmentOver(bytes: Buffer, path: string | undefined): SegmentMemory {
  return { bytes, words: new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 2), path }
}
