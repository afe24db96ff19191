const LF = 10
const CR = 13
const SEMICOLON = 59

/** A chunk's size in hexadecimal digits: 16 TB at most. */
const MAX_SIZE_DIGITS = 11
/** What may stand behind a chunk's size, and in all trailers together. Nobody uses either; both are left out. */
const MAX_EXTENSION_BYTES = 256
const MAX_TRAILER_BYTES = 8 * 1024

type State =
  | 'size'
  | 'extension'
  | 'size-lf'
  | 'data'
  | 'data-cr'
  | 'data-lf'
  | 'trailer-start'
  | 'trailer'
  | 'trailer-lf'
  | 'end-lf'
  | 'done'

/**
 * Finds the end of a body that comes in chunks, and the data in it, wherever the bytes are cut. Lines end in CR and LF,
 * sizes are digits alone, everything else is malformed. Source: RFC 9112 §7.1.
 */
export class ChunkedBody {
  #state: State = 'size'
  #digits = 0
  #size = 0
  /** Bytes of the extension or the trailers so far. */
  #ignored = 0

  /** The body was read to its end. */
  get isDone(): boolean {
    return this.#state === 'done'
  }

  /**
   * Read on.
   *
   * @param onData told of every span of data, in order
   * @returns where reading stopped: at the end of the body or of the bytes; -1 when the body is malformed
   */
  read(bytes: Uint8Array, from: number, onData: (start: number, end: number) => void): number {
    let at = from
    while (at < bytes.length && this.#state !== 'done') {
      if (this.#state === 'data') {
        const end = Math.min(bytes.length, at + this.#size)
        onData(at, end)
        this.#size -= end - at
        at = end
        if (this.#size === 0) this.#state = 'data-cr'
      } else if (!this.#step(bytes[at++] ?? 0)) return -1
    }
    return at
  }

  /** @returns false when this byte cannot come here */
  #step(byte: number): boolean {
    switch (this.#state) {
      case 'size':
        return this.#readSize(byte)
      case 'extension':
        if (byte === CR) return this.#goTo('size-lf')
        return isPrintable(byte) && ++this.#ignored <= MAX_EXTENSION_BYTES
      case 'size-lf':
        if (byte !== LF) return false
        this.#digits = 0
        this.#ignored = 0
        return this.#goTo(this.#size === 0 ? 'trailer-start' : 'data')
      case 'data-cr':
        return byte === CR && this.#goTo('data-lf')
      case 'data-lf':
        return byte === LF && this.#goTo('size')
      case 'trailer-start':
        if (byte === CR) return this.#goTo('end-lf')
        return (
          isPrintable(byte) && byte !== 0x20 && byte !== 9 && this.#countTrailer() && this.#goTo('trailer')
        )
      case 'trailer':
        if (byte === CR) return this.#goTo('trailer-lf')
        return isPrintable(byte) && this.#countTrailer()
      case 'trailer-lf':
        return byte === LF && this.#countTrailer() && this.#goTo('trailer-start')
      case 'end-lf':
        return byte === LF && this.#goTo('done')
      case 'data':
      case 'done':
        return false
    }
  }

  #readSize(byte: number): boolean {
    const digit = hexDigit(byte)
    if (digit !== -1) {
      if (++this.#digits > MAX_SIZE_DIGITS) return false
      this.#size = this.#size * 16 + digit
      return true
    }
    if (this.#digits === 0) return false
    if (byte === CR) return this.#goTo('size-lf')
    return byte === SEMICOLON && this.#goTo('extension')
  }

  #countTrailer(): boolean {
    return ++this.#ignored <= MAX_TRAILER_BYTES
  }

  #goTo(state: State): true {
    this.#state = state
    return true
  }
}

/** @returns -1 for anything else */
function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const letter = byte | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : -1
}

function isPrintable(byte: number): boolean {
  return (byte >= 0x20 && byte !== 0x7f) || byte === 9
}
