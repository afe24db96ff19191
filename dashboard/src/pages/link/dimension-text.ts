import type { BreakdownRow, Dimension } from '#dash/api/reports.ts'
import { countryName, languageName } from '#dash/ui/format.tsx'

/** What a dimension is called. */
export const DIMENSION_NAMES: Readonly<Record<Dimension, string>> = {
  country: 'Country',
  region: 'Region',
  city: 'City',
  continent: 'Continent',
  device: 'Device',
  browser: 'Browser',
  operating_system: 'System',
  referrer: 'Referrer',
  language: 'Language',
  as: 'Network',
  network: 'Kind of network',
  utm_source: 'Source',
  utm_medium: 'Medium',
  utm_campaign: 'Campaign',
  link: 'Link',
}

const UNKNOWN: Readonly<Partial<Record<Dimension, string>>> = {
  referrer: 'Direct, or not told',
  network: 'Ordinary',
  utm_source: 'None',
  utm_medium: 'None',
  utm_campaign: 'None',
}

const WORDS: Readonly<Partial<Record<Dimension, Readonly<Record<string, string>>>>> = {
  network: { hosting: 'Hosting', vpn: 'VPN', tor: 'Tor' },
  device: { desktop: 'Computer', mobile: 'Phone', tablet: 'Tablet' },
}

/** What a value of a dimension is called, in the viewer's language where it has one. */
export function valueName(dimension: Dimension, value: string, label = value): string {
  if (value === '') return UNKNOWN[dimension] ?? 'Unknown'
  if (dimension === 'country') return countryName(value)
  if (dimension === 'language') return languageName(value)
  return WORDS[dimension]?.[value] ?? label
}

/** {@link valueName} of a row. */
export function rowName(dimension: Dimension, { value, label }: BreakdownRow): string {
  return valueName(dimension, value, label)
}
