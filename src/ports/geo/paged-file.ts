import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

/** The bytes of a file, of which a part is in memory. */
export interface PagedFile extends Disposable {
  readonly sizeBytes: number
  /** A number of 1 to 6 bytes, the most significant first; what lies beyond the file counts as zeros. */
  uint(at: number, bytes: number): number
  /** So many bytes of UTF-8, fewer where the file ends. */
  text(at: number, bytes: number): string
  /** Copy what there is of so many bytes to the front of `into`, and say how many there are. */
  copy(at: number, bytes: number, into: Buffer): number
  /** The place of the last such bytes among the last `within` of the file, or -1. */
  lastIndexOf(bytes: Buffer, within: number): number
}

const PAGE_BYTES = 1024
/** So much of the next page stands behind each one that a number need not be read from two. */
const OVERLAP_BYTES = 8
const SLOT_BYTES = PAGE_BYTES + OVERLAP_BYTES

/**
 * Open a file to be read at random, most often where it was read before, with up to `memoryBytes` of it in memory. That
 * is a mapping's job; but the runtime counts a mapping as memory of the thread, whose collector then waits until there
 * is as much garbage, and asks for the right to write the file.
 *
 * @throws Error when the file cannot be opened; a read that fails later yields zeros
 */
export function openPagedFile(path: string, memoryBytes: number): PagedFile {
  const file = openSync(path, 'r')
  const sizeBytes = fstatSync(file).size
  const pages = Math.ceil(sizeBytes / PAGE_BYTES)
  const slots = Math.max(1, Math.min(pages, Math.floor(memoryBytes / PAGE_BYTES)))
  const memory = Buffer.alloc(slots * SLOT_BYTES)
  /** By page, the slot it is in, or -1. */
  const slotOf = new Int32Array(pages).fill(-1)
  /** By slot, the page that is in it, or -1. */
  const pageIn = new Int32Array(slots).fill(-1)
  /** By slot, whether it was used since it was last considered for another page. */
  const isUsed = new Uint8Array(slots)
  let hand = 0
  let isOpen = true

  /** @returns how many bytes of the file there are from `at` on, up to so many; they now stand in `into` */
  const fill = (into: Buffer, start: number, bytes: number, at: number): number => {
    try {
      return isOpen ? readSync(file, into, start, bytes, at) : 0
    } catch {
      // The disk's failure is not the caller's: what cannot be read is unknown.
      return 0
    }
  }

  /** Put a page into the next slot whose page has not been used for a round. */
  const load = (page: number): number => {
    while (isUsed[hand] === 1) {
      isUsed[hand] = 0
      hand = (hand + 1) % slots
    }
    const slot = hand
    hand = (hand + 1) % slots
    const evicted = pageIn[slot] ?? -1
    if (evicted >= 0) slotOf[evicted] = -1
    const start = slot * SLOT_BYTES
    const length = fill(memory, start, SLOT_BYTES, page * PAGE_BYTES)
    if (length < SLOT_BYTES) memory.fill(0, start + length, start + SLOT_BYTES)
    pageIn[slot] = page
    slotOf[page] = slot
    return slot
  }

  /** Where in memory a byte of the file is; the rest of its page follows it. */
  const placeOf = (at: number): number => {
    const page = Math.floor(at / PAGE_BYTES)
    const known = slotOf[page] ?? -1
    const slot = known >= 0 ? known : load(page)
    isUsed[slot] = 1
    return slot * SLOT_BYTES + (at % PAGE_BYTES)
  }

  const read = (at: number, bytes: number): Buffer => {
    const copy = Buffer.alloc(bytes)
    return copy.subarray(0, fill(copy, 0, bytes, at))
  }

  return {
    sizeBytes,
    uint(at, bytes) {
      if (!(at >= 0 && at < sizeBytes)) return 0
      const place = placeOf(at)
      let value = 0
      for (let i = place; i < place + bytes; i++) value = value * 256 + (memory[i] ?? 0)
      return value
    },
    text(at, bytes) {
      if (!(at >= 0 && at < sizeBytes)) return ''
      const length = Math.min(bytes, sizeBytes - at)
      if ((at % PAGE_BYTES) + length > SLOT_BYTES) return read(at, length).toString('utf8')
      const place = placeOf(at)
      return memory.toString('utf8', place, place + length)
    },
    copy(at, bytes, into) {
      const length = Math.max(0, Math.min(bytes, sizeBytes - at, into.length))
      for (let done = 0; done < length;) {
        const place = placeOf(at + done)
        const part = Math.min(length - done, PAGE_BYTES - ((at + done) % PAGE_BYTES))
        memory.copy(into, done, place, place + part)
        done += part
      }
      return length
    },
    lastIndexOf(bytes, within) {
      const start = Math.max(0, sizeBytes - within)
      const found = read(start, sizeBytes - start).lastIndexOf(bytes)
      return found < 0 ? -1 : start + found
    },
    [Symbol.dispose]() {
      if (isOpen) closeSync(file)
      isOpen = false
    },
  }
}
