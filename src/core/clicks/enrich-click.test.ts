import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { DIMENSIONS, UNKNOWN_VALUES } from '#ports/click-store/click-store.ts'
import { aClick } from '#testing/clicks.ts'
import { type ClickPlace, UNKNOWN_PLACE } from './click-places.ts'
import { clickEnricher, preferredLanguage, referrerHost } from './enrich-click.ts'
import type { Click } from './spool-record.ts'

const GOOGLE: ClickPlace = {
  country: 'US',
  region: 'California',
  city: 'Mountain View',
  continent: 'NA',
  asn: 15_169,
  organization: 'Google LLC',
  network: 'hosting',
}

test('a click is broken down by what its headers and its address say', () => {
  const enrich = clickEnricher({ placeOf: placesOf({ '8.8.8.8': GOOGLE }) })

  const enrichment = enrich(
    aClick({
      ip: '8.8.8.8',
      userAgent:
        'Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1',
      acceptLanguage: 'de-DE,de;q=0.9,en;q=0.8',
      referrer: 'https://t.me/channel?x=1',
      query: 'utm_source=newsletter&utm_medium=email&utm_campaign=Spring%20Sale&x=1',
    }),
  )

  expect(enrichment).toEqual({
    isBot: false,
    values: {
      country: 'US',
      region: 'California',
      city: 'Mountain View',
      continent: 'NA',
      browser: 'Safari',
      operating_system: 'iOS',
      device: 'mobile',
      referrer: 't.me',
      language: 'de',
      as: 'AS15169 Google LLC',
      network: 'hosting',
      utm_source: 'newsletter',
      utm_medium: 'email',
      utm_campaign: 'Spring Sale',
    },
  })
})

test('of a click that says nothing, nothing is known but that a program made it', () => {
  const enrich = clickEnricher({ placeOf: placesOf({}) })

  const enrichment = enrich(aClick({ userAgent: '', referrer: '', acceptLanguage: '', query: '' }))

  expect(enrichment).toEqual({ isBot: true, values: { ...UNKNOWN_VALUES, device: 'bot' } })
})

test.each([
  ['an AS without a name', { asn: 64_500 }, 'AS64500'],
  ['a name without an AS', { organization: 'Somebody' }, ''],
])('%s is told as far as it goes', (_, place, as) => {
  const enrich = clickEnricher({ placeOf: placesOf({ '9.9.9.9': { ...UNKNOWN_PLACE, ...place } }) })

  expect(enrich(aClick({ ip: '9.9.9.9' })).values).toMatchObject({ as, country: '' })
})

test.each<[string, Partial<Click>]>([
  ['a HEAD request', { isHead: true }],
  ['a prefetch', { isPrefetch: true }],
  ['a crawler', { userAgent: 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)' }],
  ['a preview', { userAgent: 'TelegramBot (like TwitterBot)' }],
])('%s counts as a bot', (_, changes) => {
  const enrich = clickEnricher({ placeOf: placesOf({}) })

  const { isBot, values } = enrich(aClick(changes))

  expect(isBot).toBe(true)
  expect(values.device).toBe('bot')
  expect(enrich(aClick())).toMatchObject({ isBot: false, values: { device: 'desktop' } })
})

test.each([
  ['https://t.me/', 't.me'],
  ['https://T.ME/channel', 't.me'],
  ['https://www.google.com/', 'www.google.com'],
  ['http://example.com', 'example.com'],
  ['http://example.com:8080/x', 'example.com'],
  ['https://example.com?x=https://t.me/', 'example.com'],
  ['https://user:secret@example.com/x', 'example.com'],
  ['https://münchen.example/', 'xn--mnchen-3ya.example'],
  ['https://[2001:db8::1]/', '[2001:db8::1]'],
  ['android-app://com.google.android.gm/', 'com.google.android.gm'],
  ['android-app://org.telegram.messenger', 'org.telegram.messenger'],
  ['', ''],
  ['about:blank', ''],
  ['t.me', ''],
  ['https://', ''],
  ['ftp://example.com/', ''],
  ['javascript:alert(1)', ''],
  [`https://${'a'.repeat(300)}.example/`, ''],
])('the referrer of %p is %p', (header, host) => {
  expect(referrerHost(header)).toBe(host)
})

test.each([
  ['en', 'en'],
  ['en-US,en;q=0.9', 'en'],
  ['de-DE,de;q=0.9,en;q=0.8', 'de'],
  ['en;q=0.5, ru;q=0.9', 'ru'],
  ['en;q=0.5,fr', 'fr'],
  ['en;q=0,tg;q=0.1', 'tg'],
  ['zh-Hant-TW', 'zh'],
  ['fil-PH', 'fil'],
  ['iw-IL', 'he'],
  ['*', ''],
  ['*, sv;q=0.5', 'sv'],
  ['EN-gb ; Q = 0.7', 'en'],
  ['x-klingon', ''],
  ['i-enochian', ''],
  ['en;q=2', ''],
  ['en;q=', ''],
  ['12,--,;;q=1', ''],
  ['', ''],
])('who accepts %p reads %p', (header, language) => {
  expect(preferredLanguage(header)).toBe(language)
})

test.each([
  ['utm_source=Twitter', 'Twitter'],
  ['a=b&utm_source=x&utm_source=y', 'x'],
  ['utm_source=++a+b%09c%00%20', 'a b c'],
  ['utm_source=%D0%9F%D1%80%D0%B8%D0%B2%D0%B5%D1%82', 'Привет'],
  [`utm_source=${'a'.repeat(300)}`, 'a'.repeat(100)],
  [`utm_source=${'a'.repeat(99)}😀`, 'a'.repeat(99)],
  ['utm_source=%ff%', '\ufffd%'],
  ['utm_source', ''],
  ['source=x', ''],
])('of %p the source is %p', (query, source) => {
  const enrich = clickEnricher({ placeOf: placesOf({}) })

  expect(enrich(aClick({ query })).values.utm_source).toBe(source)
})

test('more different headers than are kept are read as well as the first', () => {
  const enrich = clickEnricher({ placeOf: placesOf({}) })
  for (let i = 0; i < 5_000; i++)
    enrich(aClick({ userAgent: `Mozilla/5.0 x${i}`, acceptLanguage: `en;q=0.${i}` }))

  expect(enrich(aClick()).values).toMatchObject({ browser: 'Chrome', language: 'en' })
})

test('whatever a click holds, every dimension has a bounded text', () => {
  const text = (maxLength: number) =>
    fc.oneof(fc.string({ maxLength }), fc.string({ maxLength, unit: 'binary' }), fc.webUrl())
  const click = fc.record({
    ip: text(64),
    userAgent: text(512),
    referrer: text(1024),
    acceptLanguage: text(128),
    query: text(1000).map(
      (query) => `utm_source=${query}&utm_campaign=${encodeURIComponent(query.toWellFormed())}`,
    ),
  })
  const enrich = clickEnricher({ placeOf: placesOf({}) })

  fc.assert(
    fc.property(click, (changes) => {
      const { values } = enrich(aClick(changes))

      expect(Object.keys(values)).toEqual([...DIMENSIONS])
      for (const value of Object.values(values)) {
        expect(value.length).toBeLessThanOrEqual(255)
        expect(value.isWellFormed()).toBe(true)
        expect(value).not.toMatch(/[\0\n]/)
      }
    }),
  )
})

function placesOf(places: Readonly<Record<string, ClickPlace>>): (ip: string) => ClickPlace {
  const known = new Map(Object.entries(places))
  return (ip) => known.get(ip) ?? UNKNOWN_PLACE
}
