/**
 * The fields of a line of comma-separated values, without their quotation marks.
 *
 * Source: RFC 4180 §2, save that a field does not go on in the next line.
 *
 * @returns undefined where quotation marks make no sense
 */
export function splitCsv(line: string): string[] | undefined {
  if (!line.includes('"')) return line.split(',')
  const fields: string[] = []
  const field = /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/y
  for (;;) {
    const match = field.exec(line)
    if (match === null) return undefined
    fields.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '')
    if (match[3] !== ',') return fields
  }
}
