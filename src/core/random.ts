/** Where chance comes from: the operating system's, or a test's. */
export interface Random {
  /** Text of `length` characters, each drawn evenly from 0–9, A–Z and a–z. */
  base62(length: number): string
  /** Lower-case hexadecimal text of `length` characters. */
  hex(length: number): string
}

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
/** Bytes from here on are drawn again: 256 is no multiple of 62, and taking them would favour some characters. */
const FAIR_BYTES = 256 - (256 % 62)

/** Chance fit for secrets. */
export const secureRandom: Random = {
  base62(length) {
    let text = ''
    while (text.length < length) {
      for (const byte of crypto.getRandomValues(new Uint8Array(length))) {
        if (byte < FAIR_BYTES && text.length < length) text += BASE62[byte % 62]
      }
    }
    return text
  },
  hex(length) {
    return crypto
      .getRandomValues(new Uint8Array(Math.ceil(length / 2)))
      .toHex()
      .slice(0, length)
  },
}
