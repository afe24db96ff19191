import { asnAt, dayOf, indexOf, rawTextAt } from './fields.ts'
import { lineParser } from './line-parser.ts'
import type { AsRoleRow, DayNumber, OpenParser } from './rows.ts'

const PIPE = 124
const HASH = 35
const MINUS = 45
const ZERO = 48
const ONE = 49

/**
 * Read CAIDA's AS relationships: `provider|customer|-1` and `peer|peer|0`, of serial-2 with a fourth field that says
 * where the link was seen: `bgp`, `mlp` or both.
 *
 * Source: https://publicdata.caida.org/datasets/as-relationships/README.txt, serial-1 and serial-2, and the heads of the
 * files.
 */
export function asRelationsParser(version: 4 | 6): OpenParser {
  return lineParser({
    title: 'a CAIDA AS relationship file',
    read(emit) {
      let day: DayNumber = 0
      return {
        line(bytes, from, to) {
          if (bytes[from] === HASH) {
            const text = rawTextAt(bytes, from, to)
            for (const role of rolesIn(text, version)) emit(role)
            const seen = dayOf(/\|BGP\|(\d{8})\|/.exec(text)?.[1] ?? '')
            if (seen !== 0 && (day === 0 || seen < day)) day = seen
            return undefined
          }
          const endOfLeft = indexOf(bytes, PIPE, from, to)
          const endOfRight = indexOf(bytes, PIPE, endOfLeft + 1, to)
          if (endOfRight >= to) return 'has fewer than three fields with | between them'
          const endOfRelation = indexOf(bytes, PIPE, endOfRight + 1, to)
          const left = asnAt(bytes, from, endOfLeft)
          const right = asnAt(bytes, endOfLeft + 1, endOfRight)
          if (left < 0 || right < 0) return 'does not begin with two AS numbers'
          if (left === right) return 'relates an AS to itself'
          const length = endOfRelation - endOfRight - 1
          const isPeering = length === 1 && bytes[endOfRight + 1] === ZERO
          const isTransit = length === 2 && bytes[endOfRight + 1] === MINUS && bytes[endOfRight + 2] === ONE
          if (!isPeering && !isTransit) return 'has a relation that is neither -1 nor 0'
          const origin = endOfRelation < to ? originAt(bytes, endOfRelation + 1, to) : IN_BGP
          if (origin === undefined) return 'says neither bgp nor mlp in its fourth field'
          emit({
            kind: 'as-link',
            version,
            left,
            right,
            relation: isTransit ? 'transit' : 'peering',
            isInBgp: origin.isInBgp,
            isInMlp: origin.isInMlp,
          })
          return undefined
        },
        day: () => day,
      }
    },
  })
}

const IN_BGP = { isInBgp: true, isInMlp: false }
const IN_MLP = { isInBgp: false, isInMlp: true }
const IN_BOTH = { isInBgp: true, isInMlp: true }

function originAt(bytes: Uint8Array, from: number, to: number): typeof IN_BGP | undefined {
  // By far the most rows say one of two words, which differ in their first letter.
  if (to - from === 3 && bytes[from] === 98) return IN_BGP
  if (to - from === 3 && bytes[from] === 109) return IN_MLP
  const words = rawTextAt(bytes, from, to).split(',')
  if (!words.every((word) => word === 'bgp' || word === 'mlp' || word === 'ark')) return undefined
  return words.includes('mlp') ? IN_BOTH : IN_BGP
}

/** Such as `# inferred clique: 174 209 286` and `# IXP ASes: 1200 4635`. */
function rolesIn(comment: string, version: 4 | 6): AsRoleRow[] {
  const match = /^#\s*(?:(?:input |inferred )?(clique)|ixp ases):([\d\s]+)$/i.exec(comment)
  if (match === null) return []
  const role = match[1] === undefined ? 'exchange' : 'clique'
  return (match[2] ?? '')
    .split(/\s+/)
    .map((word) => asnAt(Buffer.from(word), 0, word.length))
    .filter((asn) => asn > 0)
    .map((asn) => ({ kind: 'as-role', version, asn, role }))
}
