const englishNames = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' })
const CODE = /^[A-Z]{2}$/
/** Names by code, as asking for one takes a microsecond: there are a few hundred codes. */
const names = new Map<string, string>()
/** Where the name in use is not what reports call it. */
const OWN_NAMES: Readonly<Record<string, string>> = { HK: 'Hong Kong', MO: 'Macao' }

/**
 * The English name of a country by its ISO 3166-1 code, `Germany` for `DE`; a code that is no country's is returned as
 * it is, the empty one for an unknown country too.
 *
 * Source: Unicode CLDR, as the runtime brings it.
 */
export function countryName(code: string): string {
  const known = names.get(code)
  if (known !== undefined) return known
  if (!CODE.test(code) || code === 'ZZ') return code
  const name = OWN_NAMES[code] ?? englishNames.of(code) ?? code
  names.set(code, name)
  return name
}
