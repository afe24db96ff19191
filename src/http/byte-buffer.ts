import { writeDigits } from './write-digits.ts'

/** Bytes that stand at the beginning of a buffer, until others are put together there. */
export interface WrittenBytes {
  readonly bytes: Buffer
  readonly length: number
}

const FIRST_BYTES = 4096
const SHORT_BYTES = 32
const MAX_ASCII = 127
const MINUS = 45
const POINT = 46
const ZERO = 48
/** Of a character in UTF-8, for each unit of a text in UTF-16. */
const MOST_BYTES = 3
/** Numbers of no more digits than fifteen have one shortest spelling, the one of their digits. */
const MAX_EXACT = 1e15
const MAX_DIGITS = 15
/** What numbers with a fraction are counted in: 10^-6, finer than places on earth are given. */
const DECIMALS = 6
const SCALE = 10 ** DECIMALS
/** A sign, digits, a point, and a zero before it. */
const MOST_NUMBER_BYTES = MAX_DIGITS + 3

/** Where parts of answers are put together, one after the other, without a text in between. */
export class ByteBuffer implements WrittenBytes {
  bytes = Buffer.allocUnsafeSlow(FIRST_BYTES)
  length = 0

  /** Begin anew; what stood here is gone. */
  clear(): void {
    this.length = 0
  }

  /** Append a part of other bytes. */
  append(source: Buffer, start = 0, end = source.length): void {
    const length = this.length + end - start
    if (length > this.bytes.length) this.#grow(length)
    const { bytes } = this
    // To call for a few bytes takes longer than to copy them here.
    if (end - start > SHORT_BYTES) source.copy(bytes, this.length, start, end)
    else for (let i = start, at = this.length; i < end; i++, at++) bytes[at] = source[i] ?? 0
    this.length = length
  }

  /** Append a text in UTF-8; one of a few hundred characters at most, since they are gone through one by one. */
  appendText(text: string): void {
    const most = this.length + text.length * MOST_BYTES
    if (most > this.bytes.length) this.#grow(most)
    const { bytes } = this
    let at = this.length
    // To have the runtime write so few takes longer.
    for (let i = 0; i < text.length; i++, at++) {
      const code = text.charCodeAt(i)
      if (code > MAX_ASCII) {
        this.length += bytes.write(text, this.length, 'utf8')
        return
      }
      bytes[at] = code
    }
    this.length = at
  }

  /** Append a number as `String` has it. */
  appendNumber(value: number): void {
    const size = Math.abs(value)
    const scaled = Math.round(size * SCALE)
    const isWhole = size < MAX_EXACT && Number.isInteger(value)
    if (!isWhole && !(scaled < MAX_EXACT && scaled / SCALE === size)) {
      this.appendText(String(value))
      return
    }
    if (this.length + MOST_NUMBER_BYTES > this.bytes.length) this.#grow(this.length + MOST_NUMBER_BYTES)
    const { bytes } = this
    let at = this.length
    if (value < 0) bytes[at++] = MINUS
    this.length = isWhole ? writeDigits(bytes, at, size) : writeFraction(bytes, at, scaled)
  }

  #grow(length: number): void {
    const larger = Buffer.allocUnsafeSlow(2 * length)
    larger.set(this.bytes.subarray(0, this.length))
    this.bytes = larger
  }
}

/** @returns where it ends, without zeros there */
function writeFraction(bytes: Buffer, start: number, scaled: number): number {
  const whole = Math.floor(scaled / SCALE)
  const point = writeDigits(bytes, start, whole)
  // A leading one keeps the zeros behind the point; then the point takes its place.
  let end = writeDigits(bytes, point, SCALE + scaled - whole * SCALE)
  bytes[point] = POINT
  while (bytes[end - 1] === ZERO) end--
  return end
}
