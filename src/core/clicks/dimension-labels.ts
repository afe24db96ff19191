import type { Dimension } from '#ports/click-store/click-store.ts'
import { countryName } from './countries.ts'

const languageNames = new Intl.DisplayNames(['en'], { type: 'language', fallback: 'none' })
const CONTINENTS: Readonly<Record<string, string>> = {
  AF: 'Africa',
  AN: 'Antarctica',
  AS: 'Asia',
  EU: 'Europe',
  NA: 'North America',
  OC: 'Oceania',
  SA: 'South America',
}
const NETWORKS: Readonly<Record<string, string>> = { hosting: 'Hosting', vpn: 'VPN', tor: 'Tor' }

/** What people call a value of a dimension, in English: `Germany` for the country `DE`, `Unknown` for the empty one. */
export function dimensionLabel(dimension: Dimension, value: string): string {
  if (value === '') return dimension === 'referrer' ? 'Direct or unknown' : 'Unknown'
  switch (dimension) {
    case 'country':
      return countryName(value)
    case 'continent':
      return CONTINENTS[value] ?? value
    case 'language':
      return languageNames.of(value) ?? value
    case 'network':
      return NETWORKS[value] ?? value
    case 'device':
      return value.charAt(0).toUpperCase() + value.slice(1)
    case 'region':
    case 'city':
    case 'browser':
    case 'operating_system':
    case 'referrer':
    case 'as':
    case 'utm_source':
    case 'utm_medium':
    case 'utm_campaign':
      return value
  }
}
