/** A country code of two capitals as a number below 65,536; 0 for a text that is none. */
export function countryNumber(code: string): number {
  return /^[A-Z]{2}$/.test(code) ? code.charCodeAt(0) * 256 + code.charCodeAt(1) : 0
}

const codes = new Map<number, string>([[0, '']])

/** What {@link countryNumber} was made from. */
export function countryCode(number: number): string {
  const known = codes.get(number)
  if (known !== undefined) return known
  const code = String.fromCharCode(number >>> 8, number & 0xff)
  const isCode = /^[A-Z]{2}$/.test(code)
  if (isCode) codes.set(number, code)
  return isCode ? code : ''
}
