const ZERO = 48
/** Of the last number, the last first. */
const digits = new Uint8Array(16)

/**
 * Write a number in decimal digits, without making a text of it.
 *
 * @param value is whole, from 0 to below 10^15
 * @returns where it ends
 */
export function writeDigits(bytes: Uint8Array, start: number, value: number): number {
  let count = 0
  for (let rest = value; ; count++) {
    const left = Math.floor(rest / 10)
    digits[count] = ZERO + rest - 10 * left
    if (left === 0) break
    rest = left
  }
  let at = start
  for (let digit = count; digit >= 0; digit--) bytes[at++] = digits[digit] ?? 0
  return at
}
