import type { ValueClicks } from '#ports/click-store/click-store.ts'

/**
 * The most frequent values, by clicks descending, then by value. Only values that may be among them are looked up.
 *
 * @param counts clicks by the value's number
 */
export function mostFrequent(
  counts: Uint32Array,
  size: number,
  valueOf: (id: number) => string,
): ValueClicks[] {
  const ids = idsOf(counts)
  if (size < 1 || ids.length === 0) return []
  const least = leastOf(counts, ids, size)
  const certain: ValueClicks[] = []
  const tied: ValueClicks[] = []
  for (const id of ids) {
    const clicks = counts[id] ?? 0
    if (clicks > least) certain.push({ value: valueOf(id), clicks })
    else if (clicks === least) tied.push({ value: valueOf(id), clicks })
  }
  certain.sort((a, b) => b.clicks - a.clicks || compare(a.value, b.value))
  return [...certain, ...lowest(tied, size - certain.length)]
}

function idsOf(counts: Uint32Array): number[] {
  const ids: number[] = []
  for (let id = 0; id < counts.length; id++) if ((counts[id] ?? 0) > 0) ids.push(id)
  return ids
}

/** The clicks of the last value that is still among the most frequent. */
function leastOf(counts: Uint32Array, ids: readonly number[], size: number): number {
  const sorted = Uint32Array.from(ids, (id) => counts[id] ?? 0).sort()
  return sorted[Math.max(0, sorted.length - size)] ?? 0
}

/** The first of the values in their order, without ordering the others. */
function lowest(values: readonly ValueClicks[], size: number): ValueClicks[] {
  if (values.length <= size || values.length <= 64)
    return values.toSorted((a, b) => compare(a.value, b.value)).slice(0, size)
  const kept: ValueClicks[] = []
  for (const candidate of values) {
    const last = kept.at(-1)
    if (kept.length === size && last !== undefined && compare(candidate.value, last.value) >= 0) continue
    let at = kept.length
    while (at > 0 && compare(kept[at - 1]?.value ?? '', candidate.value) > 0) at--
    kept.splice(at, 0, candidate)
    if (kept.length > size) kept.pop()
  }
  return kept
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
