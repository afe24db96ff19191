import { addressAt, asnAt, indexOfBlank, prefixRange, uintAt } from './fields.ts'
import { lineParser } from './line-parser.ts'
import type { OpenParser } from './rows.ts'

const UNDERSCORE = 95
const COMMA = 44

/**
 * Read CAIDA's prefix-to-AS mapping of one version of IP: prefix, length and origin, with blanks between. Several
 * origins have `_` between them, the most visible first; the members of an AS_SET have `,`.
 *
 * Source: https://publicdata.caida.org/datasets/routing/routeviews-prefix2as/README.txt
 */
export function prefixOriginsParser(version: 4 | 6): OpenParser {
  return lineParser({
    title: `a CAIDA prefix-to-AS file of IPv${version}`,
    read: (emit) => ({
      line(bytes, from, to) {
        const endOfAddress = indexOfBlank(bytes, from, to)
        const endOfLength = indexOfBlank(bytes, endOfAddress + 1, to)
        if (endOfLength >= to) return 'has fewer than three fields with tabs between them'
        const address = addressAt(bytes, from, endOfAddress)
        const prefixLength = uintAt(bytes, endOfAddress + 1, endOfLength)
        const range = address === undefined ? undefined : prefixRange(address, prefixLength)
        if (range?.version !== version) return `does not begin with a prefix of IPv${version}`
        const origins = originsAt(bytes, endOfLength + 1, to)
        if (origins === undefined) return 'has no origin'
        emit({ ...range, kind: 'prefix-origin', prefixLength, ...origins })
        return undefined
      },
    }),
  })
}

function originsAt(bytes: Uint8Array, from: number, to: number) {
  const only = asnAt(bytes, from, to)
  if (only > 0) return { origins: [only], hasSet: false }
  const origins: number[] = []
  let hasSet = false
  let start = from
  for (let at = from; at <= to; at++) {
    const byte = at === to ? UNDERSCORE : bytes[at]
    if (byte !== UNDERSCORE && byte !== COMMA) continue
    const asn = asnAt(bytes, start, at)
    if (asn < 0) return undefined
    hasSet ||= byte === COMMA
    if (!origins.includes(asn)) origins.push(asn)
    start = at + 1
  }
  return { origins, hasSet }
}
