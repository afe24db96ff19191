import { useEffect, useState } from 'react'

// Everything in the viewer's language, numbers and zone.

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

const number = new Intl.NumberFormat()
const compact = new Intl.NumberFormat(undefined, { notation: 'compact', maximumFractionDigits: 1 })
const percent = new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: 1 })
const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' })
const instant = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })
const instantWithZone = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'long' })
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto', style: 'short' })
const regions = new Intl.DisplayNames(undefined, { type: 'region', fallback: 'code' })
const languages = new Intl.DisplayNames(undefined, { type: 'language', fallback: 'code' })

/** `12,345`; from a million on `1.2M`. */
export function formatCount(value: number): string {
  return Math.abs(value) < 1_000_000 ? number.format(value) : compact.format(value)
}

/** `1.2K`, where there is little room. */
export function formatCompact(value: number): string {
  return compact.format(value)
}

/** A part of 1 as `12.3%`. */
export function formatShare(share: number): string {
  return percent.format(share)
}

const BYTE_UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const

/** `1.5 MB`. */
export function formatBytes(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(BYTE_UNITS.length - 1, Math.floor(Math.log10(bytes) / 3))
  return new Intl.NumberFormat(undefined, {
    style: 'unit',
    unit: BYTE_UNITS[power] ?? 'byte',
    unitDisplay: power === 0 ? 'long' : 'short',
    maximumFractionDigits: power === 0 ? 0 : 1,
  }).format(bytes / 1000 ** power)
}

export function formatDay(at: string | Date): string {
  return day.format(new Date(at))
}

export function formatInstant(at: string | Date): string {
  return instant.format(new Date(at))
}

/** A country by its ISO 3166 code; the code where there is no name. */
export function countryName(code: string): string {
  return /^[A-Z]{2}$/.test(code) ? (regions.of(code) ?? code) : code
}

/** A language by its tag; the tag where there is no name. */
export function languageName(tag: string): string {
  try {
    return languages.of(tag) ?? tag
  } catch {
    // What browsers send as a language need not be one.
    return tag
  }
}

/** `1 link`, `2 links`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`
}

/** Stands where there is nothing; a phone, which has no columns, leaves it out. */
export function None() {
  return <span className="none">–</span>
}

export interface TimeProps {
  readonly at: string
  /** `relative` says `3 hr. ago` for what is less than a week away. */
  readonly as?: 'relative' | 'day' | 'instant'
}

/** An instant in the viewer's zone; the whole of it when pointed at. */
export function Time({ at, as = 'relative' }: TimeProps) {
  const now = useNow()
  const date = new Date(at)
  const text =
    as === 'day'
      ? formatDay(date)
      : as === 'instant'
        ? formatInstant(date)
        : relativeText(date.getTime(), now)
  return (
    <time dateTime={at} title={instantWithZone.format(date)}>
      {text}
    </time>
  )
}

function relativeText(atMs: number, nowMs: number): string {
  const awayMs = atMs - nowMs
  const size = Math.abs(awayMs)
  if (size < MINUTE_MS) return 'just now'
  if (size < HOUR_MS) return relative.format(Math.round(awayMs / MINUTE_MS), 'minute')
  if (size < DAY_MS) return relative.format(Math.round(awayMs / HOUR_MS), 'hour')
  if (size < 7 * DAY_MS) return relative.format(Math.round(awayMs / DAY_MS), 'day')
  return day.format(atMs)
}

/** The time, which goes on. */
function useNow(): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const clock = setInterval(() => setNow(Date.now()), 30_000)
    return () => clearInterval(clock)
  }, [])
  return now
}
