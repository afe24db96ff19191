import { asnAt, dayOf, indexOfBlank, rawTextAt } from './fields.ts'
import { lineParser } from './line-parser.ts'
import type { DayNumber, OpenParser } from './rows.ts'

const HASH = 35

/**
 * Read CAIDA's customer cones as observed from providers and peers: an AS and the ASes in its cone, with blanks between
 * them.
 *
 * Source: https://publicdata.caida.org/datasets/as-relationships/serial-1/README.txt, "ppdc-ases".
 */
export const customerConesParser: OpenParser = lineParser({
  title: 'a file of CAIDA customer cones',
  read(emit) {
    let day: DayNumber = 0
    return {
      line(bytes, from, to) {
        if (bytes[from] === HASH) {
          day ||= dayOf(/\|BGP\|(\d{8})\|/.exec(rawTextAt(bytes, from, to))?.[1] ?? '')
          return undefined
        }
        const endOfAsn = indexOfBlank(bytes, from, to)
        const asn = asnAt(bytes, from, endOfAsn)
        if (asn < 0) return 'does not begin with an AS number'
        const members: number[] = []
        for (let at = endOfAsn + 1; at < to;) {
          const end = indexOfBlank(bytes, at, to)
          const member = end === at ? 0 : asnAt(bytes, at, end)
          if (member < 0) return 'has something else than AS numbers in it'
          if (member > 0) members.push(member)
          at = end + 1
        }
        if (members.length === 0) return 'has an AS and no cone'
        emit({ kind: 'as-cone', asn, members })
        return undefined
      },
      day: () => day,
    }
  },
})
