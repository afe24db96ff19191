const DAY_MS = 86_400_000

/** The first instant of the month (UTC) that an instant lies in. */
export function monthStartMs(atMs: number): number {
  const date = new Date(atMs)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth())
}

/** The first instant of the month after the one that an instant lies in; Infinity where a Date does not reach it. */
export function nextMonthStartMs(atMs: number): number {
  const date = new Date(atMs)
  const next = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1)
  return Number.isNaN(next) ? Infinity : next
}

/** The first whole millisecond that is not before an instant, as far as both databases count. */
export function wholeMs(ms: number): number {
  return Math.min(Math.max(Math.ceil(ms), Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER)
}

/** A function that names the month of an instant, `2026-11` (UTC), quickly for many instants of few days. */
export function monthNames(): (atMs: number) => string {
  const names = new Map<number, string>()
  return (atMs) => {
    const day = Math.floor(atMs / DAY_MS)
    const known = names.get(day)
    if (known !== undefined) return known
    const name = new Date(atMs).toISOString().slice(0, -17)
    names.set(day, name)
    return name
  }
}
