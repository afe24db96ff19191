import { asnAt, hasAsLetters, cleanText, countryOf, indexOf, rawTextAt } from './fields.ts'
import { splitCsv } from './csv.ts'
import { lineParser } from './line-parser.ts'
import type { OpenParser } from './rows.ts'

const BLANK = 32
const COMMA = 44

/**
 * Read RIPE NCC's list of AS names: number, name as registered, at times ` - ` and what the name stands for, and the
 * country behind a comma.
 *
 * Source: https://ftp.ripe.net/ripe/asnames/asn.txt
 */
export const ripeAsNamesParser: OpenParser = lineParser({
  title: 'a list of AS names of RIPE NCC',
  read: (emit) => ({
    line(bytes, from, to) {
      const endOfAsn = indexOf(bytes, BLANK, from, to)
      const asn = asnAt(bytes, from, endOfAsn)
      // AS 0 stands at the head of the list, for no AS.
      if (asn < 0)
        return rawTextAt(bytes, from, endOfAsn) === '0' ? undefined : 'does not begin with an AS number'
      const text = cleanText(rawTextAt(bytes, endOfAsn, to))
      const [, names = text, country = ''] = /^(.*),\s*([A-Za-z]{2})$/s.exec(text) ?? []
      const dash = names.indexOf(' - ')
      const handle = (dash < 0 ? names : names.slice(0, dash)).trim()
      const name = dash < 0 ? '' : names.slice(dash + 3).trim()
      if (handle === '' && name === '') return 'has no name'
      emit({ kind: 'as-name', asn, handle, name, country: countryOf(country), networkClass: '' })
      return undefined
    },
  }),
})

const HEAD = 'asn,name,class,cc'

/**
 * Read bgp.tools' table of ASes: `asn,name,class,cc`.
 *
 * Source: https://bgp.tools/kb/api, "AS names".
 */
export const bgpToolsAsnsParser: OpenParser = lineParser({
  title: 'the AS table of bgp.tools',
  isEndOpen: true,
  read(emit) {
    let hasHead = false
    return {
      line(bytes, from, to) {
        const text = rawTextAt(bytes, from, to)
        if (!hasHead) {
          hasHead = text === HEAD
          return hasHead ? undefined : `is not the head "${HEAD}"`
        }
        const fields = splitCsv(text)
        if (fields?.length !== 4) return `has ${fields?.length ?? 'unreadable'} fields instead of four`
        const [number = '', rawName = '', networkClass = '', country = ''] = fields
        const asn = asnAt(Buffer.from(number), 0, number.length)
        const name = cleanText(rawName)
        if (asn < 0) return 'does not begin with an AS number'
        if (name === '') return 'has no name'
        emit({
          kind: 'as-name',
          asn,
          handle: '',
          name,
          country: countryOf(country),
          networkClass: networkClass === 'Unknown' ? '' : cleanText(networkClass),
        })
        return undefined
      },
    }
  },
})

/**
 * Read bgp.tools' list of the ASes that have a tag: `AS13335,"Cloudflare, Inc."`.
 *
 * Source: https://bgp.tools/kb/api, "Tags".
 */
export function bgpToolsTagParser(tag: string): OpenParser {
  return lineParser({
    title: 'a list of tagged ASes of bgp.tools',
    isEndOpen: true,
    read: (emit) => ({
      line(bytes, from, to) {
        // The names are quoted in ways that no reader of CSV agrees with; the number is all there is to learn.
        const endOfAsn = indexOf(bytes, COMMA, from, to)
        const asn = asnAt(bytes, from, endOfAsn)
        if (asn < 0 || !hasAsLetters(bytes, from)) return 'does not begin with AS and a number'
        emit({ kind: 'as-tag', asn, tag })
        return undefined
      },
    }),
  })
}
