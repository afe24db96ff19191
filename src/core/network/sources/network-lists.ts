import { asnAt, cidrAt, indexOf, indexOfBlank } from './fields.ts'
import { lineParser } from './line-parser.ts'
import type { NetworkList, OpenParser } from './rows.ts'

const HASH = 35

/**
 * Read a list of prefixes, addresses or AS numbers, one a line, with comments behind `#`. The file is a part of its
 * source by what it begins with: `ipv4`, `ipv6` or `asn`.
 *
 * Source: https://github.com/X4BNet/lists_vpn, `output` and `ASN.txt`; https://check.torproject.org/torbulkexitlist
 */
export function networkListParser(list: NetworkList): OpenParser {
  return lineParser({
    title: 'a list of prefixes or AS numbers',
    isEndOpen: true,
    read(emit) {
      let part = ''
      return {
        line(bytes, from, to) {
          const end = Math.min(indexOf(bytes, HASH, from, to), indexOfBlank(bytes, from, to))
          if (!isBlank(bytes, end, to)) return 'has more on it than a prefix, an address or an AS number'
          if (end === from) return undefined
          const range = cidrAt(bytes, from, end)
          if (range !== undefined) {
            emit({ ...range, kind: 'listed-range', list })
            part ||= `ipv${range.version}`
            return undefined
          }
          const asn = asnAt(bytes, from, end)
          if (asn < 0) return 'is no prefix, no address and no AS number'
          emit({ kind: 'listed-as', asn, list })
          part ||= 'asn'
          return undefined
        },
        part: () => part,
      }
    },
  })
}

/** Whether there are only blanks before a comment or the end. */
function isBlank(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    if (bytes[at] === HASH) return true
    if (indexOfBlank(bytes, at, to) !== at) return false
  }
  return true
}
