import { addressAt, countryOf, dayOf, MAX_UINT32, prefixRange, rangeBetween, rawTextAt } from './fields.ts'
import { lineParser } from './line-parser.ts'
import type { AddressRange, AllocationStatus, DayNumber, OpenParser, Registry } from './rows.ts'

const HASH = 35
const REGISTRIES: readonly Registry[] = ['afrinic', 'apnic', 'arin', 'lacnic', 'ripencc']
const STATUSES: readonly AllocationStatus[] = ['allocated', 'assigned', 'reserved', 'available']
const TYPES = ['asn', 'ipv4', 'ipv6'] as const
type ResourceType = (typeof TYPES)[number]
/** Publishers miscount by a few; a file that was cut off lacks more. */
const MISCOUNT = 0.01

/**
 * Read the extended statistics file of one registry: `registry|cc|type|start|value|date|status|opaque-id`, where value
 * is a number of ASes or addresses, and of IPv6 the length of the prefix. The numbers of rows that the file's head
 * gives must be those of the file.
 *
 * Source: https://ftp.ripe.net/pub/stats/ripencc/RIR-Statistics-Exchange-Format.txt and, for the last two fields, the
 * registries' readme files of the "delegated-extended" statistics.
 */
export const delegatedParser: OpenParser = lineParser({
  title: 'an extended statistics file of a registry',
  read(emit) {
    let registry: Registry | undefined
    let day: DayNumber = 0
    const announced = new Map<ResourceType, number>()
    const counted = { asn: 0, ipv4: 0, ipv6: 0 }

    const head = (fields: readonly string[]): string | undefined => {
      const [version = '', name = ''] = fields
      if (!/^\d+(\.\d+)?$/.test(version) || fields.length < 6)
        return 'is not the head that such a file begins with: version|registry|serial|records|start|end|offset'
      registry = REGISTRIES.find((known) => known === name)
      // The end of the period is the day the file is of; some leave the serial number to be it.
      day = dayOf(fields[5] ?? '') || dayOf(fields[2] ?? '')
      if (registry !== undefined) return undefined
      return `is the head of a file of "${name.slice(0, 20)}"; take those of ${REGISTRIES.join(', ')}`
    }

    const record = (fields: readonly string[]): string | undefined => {
      const [, cc = '', typeName, start = '', valueText = '', date = '', statusName] = fields
      const type = TYPES.find((known) => known === typeName)
      if (type === undefined) return 'is of no known type (asn, ipv4, ipv6)'
      const status = STATUSES.find((known) => known === statusName)
      if (status === undefined) return `has no known status (${STATUSES.join(', ')})`
      const value = /^\d{1,10}$/.test(valueText) ? Number(valueText) : -1
      if (registry === undefined) return NO_HEAD
      const common = { registry, country: countryOf(cc), day: dayOf(date), status, opaqueId: fields[7] ?? '' }
      if (type === 'asn') {
        const first = /^\d{1,10}$/.test(start) ? Number(start) : -1
        const last = first + value - 1
        if (first < 0 || value < 1 || last > MAX_UINT32) return 'has no AS numbers'
        emit({ kind: 'as-allocation', first, last, ...common })
      } else {
        const range = rangeFrom(type, start, value)
        if (range === undefined) return `has no ${type} addresses`
        emit({ ...range, kind: 'ip-allocation', ...common })
      }
      counted[type]++
      return undefined
    }

    return {
      line(bytes, from, to) {
        if (bytes[from] === HASH) return undefined
        const fields = rawTextAt(bytes, from, to).split('|')
        if (registry === undefined) return head(fields)
        if (fields[0] !== registry)
          return `is of "${(fields[0] ?? '').slice(0, 20)}", in a file of ${registry}`
        if (fields.at(-1) !== 'summary') return record(fields)
        const type = TYPES.find((known) => known === fields[2])
        if (type !== undefined && /^\d{1,9}$/.test(fields[4] ?? '')) announced.set(type, Number(fields[4]))
        return undefined
      },
      finish(badRows) {
        for (const [type, count] of announced) {
          const missing = count - counted[type] - badRows
          if (missing > count * MISCOUNT)
            return `the file is cut off: it says it has ${count} records of ${type}, but holds ${counted[type]}`
        }
        return undefined
      },
      day: () => day,
      part: () => registry ?? '',
    }
  },
})

const NO_HEAD = 'comes before the head of the file'

function rangeFrom(type: 'ipv4' | 'ipv6', start: string, value: number): AddressRange | undefined {
  const bytes = Buffer.from(start)
  const first = addressAt(bytes, 0, bytes.length)
  if (type === 'ipv6') return typeof first === 'bigint' && value >= 0 ? prefixRange(first, value) : undefined
  if (typeof first !== 'number' || value < 1 || first + value - 1 > MAX_UINT32) return undefined
  return rangeBetween(first, first + value - 1)
}
