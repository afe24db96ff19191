/**
 * A line of a CSV file with its end (RFC 4180). What a spreadsheet would take for a formula is written as text, with an
 * apostrophe before it: links are named by strangers too.
 */
export function csvLine(values: readonly (string | number | boolean | null)[]): string {
  return `${values.map(csvValue).join(',')}\r\n`
}

function csvValue(value: string | number | boolean | null): string {
  if (value === null) return ''
  if (typeof value !== 'string') return String(value)
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
