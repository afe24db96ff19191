/** A `200` whose every byte is known. */
export interface ReadyAnswer {
  /** Header lines, each with its line break before it; a text's characters are one byte each. */
  readonly headers: string | Buffer
  readonly body: string | WrittenBody
}

/** A body that stands at the beginning of a buffer, until the next answer is made. */
export interface WrittenBody {
  readonly bytes: Buffer
  readonly length: number
}

const FIRST_BYTES = 4096
const SHORT_BYTES = 32
const MAX_ASCII = 127
/** Of a character in UTF-8, for each unit of a text in UTF-16. */
const MOST_BYTES = 3

/** Where bodies are put together, one after the other, without a text in between. */
export class BodyBuffer implements WrittenBody {
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

  #grow(length: number): void {
    const larger = Buffer.allocUnsafeSlow(2 * length)
    larger.set(this.bytes.subarray(0, this.length))
    this.bytes = larger
  }
}
