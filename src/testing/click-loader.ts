/**
 * A program that stores the clicks of {@link loadedClick} without end, with upkeep in small slices between them, so that
 * a test can kill it anywhere: `bun src/testing/click-loader.ts CLICK_FILE`.
 */
import { openSqliteClickStore } from '#ports/click-store/sqlite/sqlite-click-store.ts'
import type { EnrichedClick } from '#ports/click-store/click-store.ts'
import { aStoredClick } from './stored-clicks.ts'

/** So small that every kind of work is under way all the time. */
export const LOADER_SIZES = { tail: 256, pack: 32, bigLink: 48, chunk: 64 }
const BATCH = 100
const MINUTE_MS = 60_000

/** The click of that number: on few links, two months for every few thousand clicks. */
export function loadedClick(id: number): EnrichedClick {
  const linkId = id % 3 === 0 ? 1 : (id % 41) + 1
  return aStoredClick({
    id,
    linkId,
    teamId: (linkId % 2) + 1,
    atMs: Date.UTC(2026, 0) + id * 20 * MINUTE_MS,
    visitor: ((id * 2_654_435_761) % 2 ** 32).toString(16).padStart(16, '0'),
    isBot: id % 5 === 0,
    values: { country: `C${id % 7}`, city: `City ${id % 300}` },
  })
}

if (import.meta.main) {
  const store = openSqliteClickStore(process.argv[2] ?? '', LOADER_SIZES)
  const { id: spoolId, position } = await store.findOrCreateSpool('loader')
  process.stdout.write('loading\n')
  for (let first = position.offset; ; first += BATCH) {
    const clicks = Array.from({ length: BATCH }, (_, index) => loadedClick(first + index))
    const to = { segment: 0, offset: first + BATCH }
    await store.append({ spoolId, from: { segment: 0, offset: first }, to, clicks })
    await store.maintain(1)
  }
}
