import type { DimensionValues } from '#ports/click-store/click-store.ts'
import type { ClickPlace } from './click-places.ts'
import type { Click } from './spool-record.ts'
import { parseUserAgent, type UserAgent } from './user-agent.ts'

/** What a click tells besides its time and its visitor. */
export interface Enrichment {
  /** Sent by a program, or ahead of a person's decision: HEAD requests and prefetches are that too. */
  readonly isBot: boolean
  readonly values: DimensionValues
}

/** What the headers of many clicks say alike is read once; when more of them than this are met, all are forgotten. */
const MAX_KEPT_USER_AGENTS = 4_096
const MAX_KEPT_LANGUAGES = 1_024

const MAX_UTM = 100
const MAX_HOST = 253
/** Host names and Android's package names, with an optional port behind; others go the long way. */
const PLAIN_REFERRER = /^(?:https?|android-app):\/\/([a-z0-9._-]{1,253})(?::\d{0,5})?(?:[/?#]|$)/i
/** ISO 639 names of languages; longer subtags, `i` and `x` name none. */
const LANGUAGE = /^[a-z]{2,3}$/
const RENAMED_LANGUAGES: Readonly<Record<string, string>> = { iw: 'he', in: 'id', ji: 'yi' }
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const CONTROL_CHARACTERS = /[\u0000-\u001f\u007f-\u009f]+/g
/** What cutting may leave of a character beyond U+FFFF. */
const HALF_CHARACTER = /[\ud800-\udbff]$/

/** A function that reads out of clicks what reports break down by. Whatever a click holds, it does not throw. */
export function clickEnricher({
  placeOf,
}: {
  readonly placeOf: (ip: string) => ClickPlace
}): (click: Click) => Enrichment {
  const userAgentOf = remembering(parseUserAgent, MAX_KEPT_USER_AGENTS)
  const languageOf = remembering(preferredLanguage, MAX_KEPT_LANGUAGES)

  return (click) => {
    const userAgent: UserAgent = userAgentOf(click.userAgent)
    const place = placeOf(click.ip)
    const isBot = userAgent.isBot || click.isHead || click.isPrefetch
    const utm = click.query.includes('utm_') ? new URLSearchParams(click.query) : undefined
    return {
      isBot,
      values: {
        country: place.country,
        region: place.region,
        city: place.city,
        continent: place.continent,
        browser: userAgent.browser,
        operating_system: userAgent.operatingSystem,
        device: isBot ? 'bot' : userAgent.device,
        referrer: referrerHost(click.referrer),
        language: languageOf(click.acceptLanguage),
        as: place.asn === undefined ? '' : `AS${place.asn} ${place.organization}`.trimEnd(),
        network: place.network,
        utm_source: utmValue(utm, 'utm_source'),
        utm_medium: utmValue(utm, 'utm_medium'),
        utm_campaign: utmValue(utm, 'utm_campaign'),
      },
    }
  }
}

/**
 * The host that a Referer header names, in lower case and otherwise as it is; of an Android app its package name
 * (`android-app://org.telegram.messenger` → `org.telegram.messenger`). Empty when it names none.
 */
export function referrerHost(referrer: string): string {
  const plain = PLAIN_REFERRER.exec(referrer)?.[1]
  if (plain !== undefined) return plain.toLowerCase()
  if (!/^https?:/i.test(referrer) || !URL.canParse(referrer)) return ''
  const host = new URL(referrer).hostname
  return host.length <= MAX_HOST ? host : ''
}

/**
 * The language an Accept-Language header likes best, as an ISO 639 code without region or script: `en` of
 * `en-GB,de;q=0.5`. Empty when it names none.
 *
 * Source: RFC 9110, section 12.5.4.
 */
export function preferredLanguage(header: string): string {
  let best = ''
  let bestWeight = 0
  for (const range of header.split(',')) {
    const [tag = '', ...parameters] = range.split(';')
    const weight = weightOf(parameters)
    const language = tag.trim().split('-', 1)[0]?.toLowerCase() ?? ''
    if (weight <= bestWeight || !LANGUAGE.test(language)) continue
    best = language
    bestWeight = weight
  }
  return RENAMED_LANGUAGES[best] ?? best
}

/** 0 to 1; a weight that is none counts as 0. */
function weightOf(parameters: readonly string[]): number {
  const weight = parameters
    .map((parameter) => /^\s*q\s*=(.*)$/i.exec(parameter)?.[1])
    .find((q) => q !== undefined)
  if (weight === undefined) return 1
  const value = Number(weight.trim() || Number.NaN)
  return value >= 0 && value <= 1 ? value : 0
}

function utmValue(query: URLSearchParams | undefined, name: string): string {
  const value = query?.get(name)
  if (value == null) return ''
  return value.replace(CONTROL_CHARACTERS, ' ').trim().slice(0, MAX_UTM).replace(HALF_CHARACTER, '').trimEnd()
}

/** The function with its results kept, up to so many of them. */
function remembering<Result>(compute: (text: string) => Result, max: number): (text: string) => Result {
  const kept = new Map<string, Result>()
  return (text) => {
    const known = kept.get(text)
    if (known !== undefined) return known
    const result = compute(text)
    if (kept.size >= max) kept.clear()
    kept.set(text, result)
    return result
  }
}
