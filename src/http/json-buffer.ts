import { ByteBuffer } from './byte-buffer.ts'

const QUOTE = 34
const BACKSLASH = 92
const BLANK = 32
const TILDE = 126

/** JSON that is written piece by piece as bytes; who writes it sees to its commas and braces. */
export class JsonBuffer extends ByteBuffer {
  /** What is JSON already. */
  raw(json: string): this {
    this.appendText(json)
    return this
  }

  text(value: string): this {
    // Nearly every text stands between its quotes as it is.
    for (let at = 0; at < value.length; at++) {
      const code = value.charCodeAt(at)
      if (code < BLANK || code > TILDE || code === QUOTE || code === BACKSLASH)
        return this.raw(JSON.stringify(value))
    }
    return this.raw('"').raw(value).raw('"')
  }

  /** Null for nothing and for the empty text. */
  textOrNull(value: string | undefined): this {
    return value === undefined || value === '' ? this.raw('null') : this.text(value)
  }

  /** @param value is finite */
  number(value: number): this {
    this.appendNumber(value)
    return this
  }

  numberOrNull(value: number | undefined): this {
    return value === undefined ? this.raw('null') : this.number(value)
  }
}
