import { domainToASCII } from 'node:url'
import { countryName } from '#core/clicks/countries.ts'
import { parseIp } from '#ports/geo/parse-ip.ts'
import { compareWords, fillEnds, formatIp, widestBits } from '#core/network/address-words.ts'

/*
 * Values as registries write them, in however many ways. Whatever cannot be made sense of is undefined: a registration
 * says less then, and nothing that is wrong.
 */

const MAX_TEXT = 200
const MIN_YEAR = 1970
const MAX_YEAR = 2200
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/** What registries write in the place of what they do not tell. */
const WITHHELD =
  /^(?:[-*.]+|n\/?a|none|null|unknown|not applicable|private person|ano nymous)$|redacted|not (?:been )?disclosed|not shown|withheld by|data protected|gdpr|masked|hidden upon|statutory mask|please query/i

/** One line of text of at most 200 characters; undefined for none, and for a word that stands for what is withheld. */
export function publicText(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  const text = value
    .slice(0, 4 * MAX_TEXT)
    // eslint-disable-next-line no-control-regex -- registries' text may hold anything
    .replaceAll(/[\s\u0000-\u001f\u007f-\u009f]+/g, ' ')
    .trim()
    .slice(0, MAX_TEXT)
  return text === '' || WITHHELD.test(text) ? undefined : text
}

/** `2024-05-13` of a date, with or without a time, that is written in one of the ways registries do. */
export function dayOf(value: unknown): string | undefined {
  const text = publicText(value)
  if (text === undefined) return undefined
  // With a zone, the day may be another in UTC.
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)/i.test(text)) {
    const instant = new Date(text.replace(/([+-]\d\d)(\d\d)$/, '$1:$2'))
    if (!Number.isNaN(instant.getTime()))
      return dayFrom(instant.getUTCFullYear(), instant.getUTCMonth() + 1, instant.getUTCDate())
  }
  const yearFirst =
    /^(\d{4})([-/.]?)(\d\d)\2(\d\d)(?!\d)/.exec(text) ??
    /^(\d{4})([-/.]) ?(\d{1,2})\2 ?(\d{1,2})(?!\d)/.exec(text)
  if (yearFirst !== null) return dayFrom(yearFirst[1], yearFirst[3], yearFirst[4])
  const dayFirst = /^(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?!\d)/.exec(text)
  if (dayFirst !== null) return dayFrom(dayFirst[4], dayFirst[3], dayFirst[1])
  const named = /^(\d{1,2})[- ]([a-z]{3})[a-z]*[- ,]+(\d{4})(?!\d)/i.exec(text)
  if (named !== null) return dayFrom(named[3], monthOf(named[2]), named[1])
  const spoken = /^(?:[a-z]{3}[a-z]*,? )?([a-z]{3})[a-z]* +(\d{1,2}),?(?: .*?)? (\d{4})\b/i.exec(text)
  if (spoken !== null) return dayFrom(spoken[3], monthOf(spoken[1]), spoken[2])
  return undefined
}

function monthOf(name = ''): number {
  return MONTHS.indexOf(name.toLowerCase()) + 1
}

function dayFrom(
  year: string | number | undefined,
  month: string | number | undefined,
  day: string | number | undefined,
): string | undefined {
  const [y, m, d] = [Number(year), Number(month), Number(day)]
  const date = new Date(Date.UTC(y, m - 1, d))
  const isReal = y >= MIN_YEAR && y <= MAX_YEAR && date.getUTCMonth() === m - 1 && date.getUTCDate() === d
  return isReal ? date.toISOString().slice(0, 10) : undefined
}

/** Where RDAP's word for a status of EPP is another one (RFC 8056 §2). */
const RDAP_STATUS: Readonly<Record<string, string>> = { ok: 'active', linked: 'associated' }

/** A status in RDAP's words: `client transfer prohibited` of `clientTransferProhibited https://icann.org/epp#…`. */
export function statusOf(value: unknown): string | undefined {
  const text = publicText(value)
    ?.replace(/ ?(?:https?:\/\/|\().*$/, '')
    .replace(/\.$/, '')
  if (text === undefined || text === '') return undefined
  const words = text
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .replaceAll('_', ' ')
    .toLowerCase()
  return RDAP_STATUS[words] ?? words
}

/** A host name in lower case, without a dot at the end; addresses beside it are left out. */
export function hostOf(value: unknown): string | undefined {
  const [first = ''] =
    typeof value === 'string'
      ? value
          .trim()
          .slice(0, 512)
          .split(/[\s,([]/)
      : []
  const host = domainToASCII(first.replace(/\.$/, '').toLowerCase())
  return /^(?=.{3,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z][a-z0-9-]*[a-z0-9]$/.test(host)
    ? host
    : undefined
}

/** A mail address, perhaps after `mailto:`. */
export function mailOf(value: unknown): string | undefined {
  const text = publicText(value)?.replace(/^mailto:/i, '')
  return text !== undefined && /^[^\s@<>"',;:()]{1,64}@[^\s@<>"',;:()]+\.[^\s@<>"',;:()]{2,}$/.test(text)
    ? text
    : undefined
}

/** Codes that the standard has given up, or never had, for countries that have another. */
const OTHER_CODES: Readonly<Record<string, string>> = {
  AN: 'CW',
  CS: 'RS',
  DY: 'BJ',
  HV: 'BF',
  NH: 'VU',
  RH: 'ZW',
  SU: 'RU',
  UK: 'GB',
  VD: 'VN',
  YU: 'RS',
}
/** What registries write for a whole region, and for no country. */
const NO_COUNTRIES = new Set(['AP', 'EU', 'EZ', 'UN', 'ZZ'])

let codesByName: ReadonlyMap<string, string> | undefined

/** The ISO 3166-1 code of a country, of its code or its English name. */
export function countryOf(value: unknown): string | undefined {
  const text = publicText(value)
  if (text === undefined) return undefined
  if (/^[a-z]{2}$/i.test(text)) return codeInUse(text.toUpperCase())
  codesByName ??= namesOfCountries()
  return codesByName.get(text.toLowerCase())
}

/** The code that a country has today; undefined when it is no country's. */
function codeInUse(code: string): string | undefined {
  const today = OTHER_CODES[code] ?? Intl.getCanonicalLocales(`und-${code}`)[0]?.slice('und-'.length)
  return today === undefined || NO_COUNTRIES.has(today) || countryName(today) === today ? undefined : today
}

function namesOfCountries(): ReadonlyMap<string, string> {
  const letters = Array.from({ length: 26 }, (_, index) => String.fromCharCode(65 + index))
  const codes = letters.flatMap((first) => letters.map((second) => first + second))
  const named = codes.filter((code) => codeInUse(code) === code)
  return new Map([
    ...named.map((code) => [countryName(code).toLowerCase(), code] as const),
    ['united states of america', 'US'],
    ['the netherlands', 'NL'],
  ])
}

/** A network as `192.0.2.0/24` of its first and last address, or as `192.0.2.0 - 192.0.2.99` where it is none. */
export function rangeOf(first: string, last: string): string | undefined {
  const from = new Uint32Array(4)
  const to = new Uint32Array(4)
  const version = parseIp(first, from)
  if (version === undefined || parseIp(last, to) !== version || compareWords(from, to) > 0) return undefined
  const bits = widestBits({ version, words: from }, from, to)
  return compareWords(lastOf(version, from, bits), to) === 0
    ? `${formatIp(version, from)}/${bits}`
    : `${formatIp(version, from)} - ${formatIp(version, to)}`
}

function lastOf(version: 4 | 6, address: Uint32Array, bits: number): Uint32Array {
  const last = new Uint32Array(4)
  fillEnds({ version, words: address }, bits, new Uint32Array(4), last)
  return last
}

/** A network of CIDR notation, host bits cleared, with the octets that LACNIC leaves out (`200.3.12/22`). */
export function cidrOf(text: string): string | undefined {
  const [, ip = '', length = ''] = /^([0-9a-f.:]+)\/(\d{1,3})$/i.exec(text.trim()) ?? []
  const whole = ip.includes(':') ? ip : [...ip.split('.'), '0', '0', '0'].slice(0, 4).join('.')
  const words = new Uint32Array(4)
  const version = parseIp(whole, words)
  if (version === undefined || Number(length) > (version === 4 ? 32 : 128)) return undefined
  const first = new Uint32Array(4)
  fillEnds({ version, words }, Number(length), first, new Uint32Array(4))
  return `${formatIp(version, first)}/${Number(length)}`
}

/** The entries that make sense, each once, in order; at most 50. */
export function distinct(values: readonly (string | undefined)[]): string[] {
  return [...new Set(values.filter((value) => value !== undefined))].slice(0, 50)
}

/** Without the properties that are undefined. */
export function definedOnly<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  // What is left has no undefined in it, which types cannot follow.
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>
  }
}
