/** What a redirect needs of a link besides where it leads. */
export interface LinkFacts {
  readonly linkId: number
  readonly teamId: number
  /** It leads to a page of ours, which counts the click and wants the query. */
  readonly hasPage: boolean
  readonly isActive: boolean
  /** Unix milliseconds; Infinity when the link does not expire. */
  readonly expiresAtMs: number
}

/** A link, ready to use. */
export interface RedirectLink extends LinkFacts {
  /** The `Location` to answer, as the URL Standard writes it; the path of its page where it has one. In ASCII. */
  readonly location: string
}

/** A link as it lies in memory. One object stands for every link found: it is good until the next call of its cache. */
export interface LinkInPlace extends LinkFacts {
  /** Where the location's bytes are. */
  readonly bytes: Buffer
  readonly locationStart: number
  readonly locationEnd: number
}

/**
 * Links in memory, bounded by size.
 *
 * Two generations stand in for least-recently-used order: a hit in the old one moves the entry to the young one,
 * and when the young one holds half the budget it becomes the old one and the old one is dropped.
 *
 * Entries are bytes and not objects: of a hundred thousand links in random order nearly every step from one object to
 * the next misses the processor's caches, and the collector would have to look at them all again and again.
 */
export class LinkCache {
  readonly #halfBytes: number
  #young: Generation
  #old: Generation

  constructor(budgetBytes: number) {
    this.#halfBytes = budgetBytes / 2
    this.#young = new Generation(this.#halfBytes)
    this.#old = new Generation(0)
  }

  /** The link of the slug that stands in some bytes. A hit on a link in use allocates nothing and writes nothing. */
  find(bytes: Uint8Array, start: number, end: number): LinkInPlace | undefined {
    const hash = hashOf(bytes, start, end)
    const found = this.#young.find(hash, bytes, start, end)
    if (found !== undefined) return found
    const aged = this.#old.find(hash, bytes, start, end)
    if (aged === undefined) return undefined
    const location = aged.bytes.subarray(aged.locationStart, aged.locationEnd)
    this.#keep(hash, bytes.subarray(start, end), location, aged)
    return this.#young.find(hash, bytes, start, end)
  }

  get(slug: string): RedirectLink | undefined {
    const name = Buffer.from(slug, 'latin1')
    const found = this.find(name, 0, name.length)
    if (found === undefined) return undefined
    const { linkId, teamId, hasPage, isActive, expiresAtMs, bytes, locationStart, locationEnd } = found
    const location = bytes.toString('latin1', locationStart, locationEnd)
    return { linkId, teamId, location, hasPage, isActive, expiresAtMs }
  }

  set(slug: string, link: RedirectLink): void {
    const name = Buffer.from(slug, 'latin1')
    this.#keep(hashOf(name, 0, name.length), name, Buffer.from(link.location, 'latin1'), link)
  }

  delete(slug: string): void {
    const name = Buffer.from(slug, 'latin1')
    const hash = hashOf(name, 0, name.length)
    this.#young.delete(hash, name)
    this.#old.delete(hash, name)
  }

  /** How many links are held; one that is in both generations counts twice. */
  get size(): number {
    return this.#young.size + this.#old.size
  }

  #keep(hash: number, slug: Uint8Array, location: Uint8Array, facts: LinkFacts): void {
    if (this.#young.usedBytes >= this.#halfBytes) {
      this.#old = this.#young
      this.#young = new Generation(this.#halfBytes)
    }
    this.#young.set(hash, slug, location, facts)
  }
}

/*
 * An entry, beginning at a multiple of eight, in the machine's byte order:
 *   0 f64 link id   8 f64 team id   16 f64 expires at ms   24 u32 bytes of location   28 u8 bytes of slug   29 u8 flags
 *  30 slug, location
 */
const TEAM_ID = 1
const EXPIRES_AT_MS = 2
const LOCATION_BYTES = 6
const SLUG_BYTES = 28
const FLAGS = 29
const SLUG = 30

const FLAG_PAGE = 1
const FLAG_ACTIVE = 2

/** Chunks have 1 MiB; of a small budget 128 KiB, which a location of 8 KiB fits that became nine times as long. */
const CHUNK_SHIFT = 20
const SMALL_CHUNK_SHIFT = 17
const FIRST_SLOTS = 256
/** What a slot takes, of which there are two to four for each entry. */
const SLOT_BYTES = 8

/** The hashes of one process are its own, so that nobody can choose slugs that collide. */
const SEED = crypto.getRandomValues(new Int32Array(1))[0] ?? 0

interface Chunk {
  readonly bytes: Buffer
  readonly numbers: Float64Array
  readonly lengths: Uint32Array
}

/** A hash table with linear probing over entries in chunks. */
class Generation {
  readonly #chunkShift: number
  readonly #chunks: Chunk[] = []
  readonly #found = new Entry()
  /** For each slot the hash, and where the entry is in eights of bytes: 0 for none, less for one that was deleted. */
  #slots = new Int32Array(2 * FIRST_SLOTS)
  #slotsTaken = 0
  /** Where the last chunk's room begins. */
  #offset = 0
  size = 0
  usedBytes = 0

  constructor(budgetBytes: number) {
    this.#chunkShift = budgetBytes < 1 << CHUNK_SHIFT ? SMALL_CHUNK_SHIFT : CHUNK_SHIFT
  }

  find(hash: number, slug: Uint8Array, start: number, end: number): LinkInPlace | undefined {
    const slot = this.#slotOf(hash, slug, start, end)
    return slot === -1 ? undefined : this.#found
  }

  set(hash: number, slug: Uint8Array, location: Uint8Array, facts: LinkFacts): void {
    this.delete(hash, slug)
    if (2 * (this.#slotsTaken + 1) > this.#slots.length / 2) this.#rehash()
    const place = this.#write(slug, location, facts)
    const slots = this.#slots
    const mask = slots.length / 2 - 1
    let slot = hash & mask
    while (slots[2 * slot + 1] !== 0) slot = (slot + 1) & mask
    slots[2 * slot] = hash
    slots[2 * slot + 1] = place
    this.#slotsTaken++
    this.size++
  }

  delete(hash: number, slug: Uint8Array): void {
    const slot = this.#slotOf(hash, slug, 0, slug.length)
    if (slot === -1) return
    this.#slots[2 * slot + 1] = -1
    this.size--
  }

  /** @returns -1 when the slug is not there; otherwise its entry is the one found */
  #slotOf(hash: number, slug: Uint8Array, start: number, end: number): number {
    const slots = this.#slots
    const mask = slots.length / 2 - 1
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const place = slots[2 * slot + 1] ?? 0
      if (place === 0) return -1
      if (place > 0 && slots[2 * slot] === hash && this.#isAt(place, slug, start, end)) return slot
    }
  }

  #isAt(place: number, slug: Uint8Array, start: number, end: number): boolean {
    const eights = place - 1
    const chunk = this.#chunks[eights >> (this.#chunkShift - 3)]
    if (chunk === undefined) return false
    const at = (eights << 3) & ((1 << this.#chunkShift) - 1)
    const length = end - start
    const { bytes } = chunk
    if (bytes[at + SLUG_BYTES] !== length) return false
    for (let i = 0; i < length; i++) if (bytes[at + SLUG + i] !== slug[start + i]) return false
    this.#found.read(chunk, at)
    return true
  }

  /** @returns where it is, in eights of bytes from 1 on */
  #write(slug: Uint8Array, location: Uint8Array, facts: LinkFacts): number {
    const length = (SLUG + slug.length + location.length + 7) & ~7
    if (this.#chunks.length === 0 || this.#offset + length > 1 << this.#chunkShift) this.#addChunk()
    const at = this.#offset
    const { bytes, numbers, lengths } = this.#chunks.at(-1) as Chunk
    numbers[at >> 3] = facts.linkId
    numbers[(at >> 3) + TEAM_ID] = facts.teamId
    numbers[(at >> 3) + EXPIRES_AT_MS] = facts.expiresAtMs
    lengths[(at >> 2) + LOCATION_BYTES] = location.length
    bytes[at + SLUG_BYTES] = slug.length
    bytes[at + FLAGS] = (facts.hasPage ? FLAG_PAGE : 0) | (facts.isActive ? FLAG_ACTIVE : 0)
    bytes.set(slug, at + SLUG)
    bytes.set(location, at + SLUG + slug.length)
    this.#offset += length
    this.usedBytes += length + 2 * SLOT_BYTES
    return ((this.#chunks.length - 1) << (this.#chunkShift - 3)) + (at >> 3) + 1
  }

  #addChunk(): void {
    const memory = new ArrayBuffer(1 << this.#chunkShift)
    this.#chunks.push({
      bytes: Buffer.from(memory),
      numbers: new Float64Array(memory),
      lengths: new Uint32Array(memory),
    })
    this.#offset = 0
  }

  /** Make room for as many entries again, and forget the slots of deleted ones. */
  #rehash(): void {
    const old = this.#slots
    let count = FIRST_SLOTS
    while (2 * count < 5 * (this.size + 1)) count *= 2
    const slots = new Int32Array(2 * count)
    for (let i = 0; i < old.length; i += 2) {
      const place = old[i + 1] ?? 0
      if (place <= 0) continue
      let slot = (old[i] ?? 0) & (count - 1)
      while (slots[2 * slot + 1] !== 0) slot = (slot + 1) & (count - 1)
      slots[2 * slot] = old[i] ?? 0
      slots[2 * slot + 1] = place
    }
    this.#slots = slots
    this.#slotsTaken = this.size
  }
}

const NOWHERE: Buffer = Buffer.alloc(0)

/** The entry that was looked at last. */
class Entry implements LinkInPlace {
  linkId = 0
  teamId = 0
  hasPage = false
  isActive = false
  expiresAtMs = 0
  bytes = NOWHERE
  locationStart = 0
  locationEnd = 0

  read({ bytes, numbers, lengths }: Chunk, at: number): void {
    const flags = bytes[at + FLAGS] ?? 0
    this.linkId = numbers[at >> 3] ?? 0
    this.teamId = numbers[(at >> 3) + TEAM_ID] ?? 0
    this.expiresAtMs = numbers[(at >> 3) + EXPIRES_AT_MS] ?? 0
    this.hasPage = (flags & FLAG_PAGE) !== 0
    this.isActive = (flags & FLAG_ACTIVE) !== 0
    this.bytes = bytes
    this.locationStart = at + SLUG + (bytes[at + SLUG_BYTES] ?? 0)
    this.locationEnd = this.locationStart + (lengths[(at >> 2) + LOCATION_BYTES] ?? 0)
  }
}

/** FNV-1a with a seed, and its high bits mixed into the low ones that choose the slot. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = SEED
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  return hash ^ (hash >>> 13)
}
