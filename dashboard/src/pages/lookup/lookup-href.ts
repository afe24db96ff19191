import type { LookupMode } from '#dash/api/lookup.ts'

/** Where the answer for something stands. */
export function lookupHref(q: string, mode: LookupMode): string {
  return `/app/lookup?${new URLSearchParams({ q, ...(mode === 'lite' && { mode }) })}`
}
