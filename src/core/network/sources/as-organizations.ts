import { cleanText, countryOf, dayOf, MAX_UINT32, rawTextAt } from './fields.ts'
import { lineParser } from './line-parser.ts'
import type { EmitRow, OpenParser } from './rows.ts'

const HASH = 35
const BRACE = 123

/** The fields of a record by their names in the text format. */
type Fields = Readonly<Partial<Record<string, string>>>

/**
 * Read CAIDA's AS organisations in either form. The text form has two tables, each with the names of its columns before
 * it: `# format:org_id|changed|org_name|country|source` and `# format:aut|changed|aut_name|org_id|opaque_id|source`, of
 * which older files lack `opaque_id`. The other form has a JSON object a line.
 *
 * Source: https://publicdata.caida.org/datasets/as-organizations/README.txt
 */
export const asOrganizationsParser: OpenParser = lineParser({
  title: 'a file of CAIDA AS organisations',
  read(emit) {
    let columns: readonly string[] = []
    const take = (fields: Fields) => emitRecord(fields, emit)
    return {
      line(bytes, from, to) {
        const text = rawTextAt(bytes, from, to)
        if (bytes[from] === BRACE) return takeJson(text, take)
        if (bytes[from] === HASH) {
          const format = /^#\s*format:\s*(\S.*)$/.exec(text)?.[1]
          if (format !== undefined) columns = format.split('|').map((name) => name.trim())
          return undefined
        }
        const values = text.split('|')
        if (columns.length === 0) return 'comes before any "# format:" line'
        if (values.length !== columns.length)
          return `has ${values.length} fields where the format line has ${columns.length}`
        return take(Object.fromEntries(columns.map((name, index) => [name, values[index] ?? ''])))
      },
    }
  },
})

function takeJson(text: string, take: (fields: Fields) => string | undefined): string | undefined {
  let record: unknown
  try {
    record = JSON.parse(text)
  } catch {
    return 'is no JSON'
  }
  const values = new Map(Object.entries(record as object))
  const at = (key: string) => {
    const value: unknown = values.get(key)
    return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
  }
  const common = { changed: at('changed'), source: at('source') }
  if (at('type') === 'Organization')
    return take({ ...common, org_id: at('organizationId'), org_name: at('name'), country: at('country') })
  if (at('type') !== 'ASN') return 'is neither an organisation nor an AS'
  return take({
    ...common,
    aut: at('asn'),
    aut_name: at('name'),
    org_id: at('organizationId'),
    opaque_id: at('opaqueId'),
  })
}

function emitRecord(fields: Fields, emit: EmitRow): string | undefined {
  const { aut, org_id: organizationId = '' } = fields
  const registry = cleanText(fields['source'] ?? '')
  const day = dayOf(fields['changed'] ?? '')
  if (organizationId === '') return 'names no organisation'
  if (aut === undefined) {
    const name = cleanText(fields['org_name'] ?? '')
    const country = countryOf(fields['country'] ?? '')
    emit({ kind: 'organization', id: organizationId, name, country, day, registry })
    return undefined
  }
  const asn = /^\d{1,10}$/.test(aut) ? Number(aut) : 0
  if (asn < 1 || asn > MAX_UINT32) return 'has no AS number'
  const name = cleanText(fields['aut_name'] ?? '')
  const opaqueId = fields['opaque_id'] ?? ''
  emit({ kind: 'as-organization', asn, name, organizationId, opaqueId, day, registry })
  return undefined
}
