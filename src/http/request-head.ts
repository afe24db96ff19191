/** A request's line and headers together may have this many bytes. */
export const MAX_HEAD_BYTES = 16 * 1024
/** Further headers are refused. */
export const MAX_HEADERS = 100

/** What {@link RequestHead.parse} answers while the head is not there whole. */
export const INCOMPLETE = 0

/** What a head is refused with, and why. Source: RFC 9110 §15, RFC 6585 §5. */
export type Refusal =
  /** No HTTP, or HTTP that two readers could understand differently. */
  | 400
  /** Too long, or too many headers. */
  | 431
  /** A method or transfer coding that no path knows. */
  | 501
  /** HTTP of another version than 1.0 and 1.1. */
  | 505

/** {@link RequestHead.bodyBytes} of a body that comes in chunks and says its end itself. */
export const CHUNKED = -1

/** A header, as the number of bytes its name begins with and so on; -1 where there is none. */
type Index = number

const MAX_METHOD_BYTES = 16
/** 999 TB, and far from where numbers become inexact. */
const MAX_LENGTH_DIGITS = 15
const VERSION_BYTES = 'HTTP/1.1\r\n'.length

const HTAB = 9
const LF = 10
const CR = 13
const SP = 32
const SLASH = 47
const ZERO = 48
const NINE = 57
const COLON = 58
const QUESTION = 63

/** Source: RFC 9110 §5.6.2. */
const TOKEN = byteSet("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
/** What a header's value may have: visible characters, blanks, and the bytes beyond ASCII. Source: RFC 9110 §5.5. */
const VALUE = byteRange(0x20, 0xff)
VALUE[HTAB] = 1
VALUE[0x7f] = 0
/** A request target ends at a blank. Clients send more in it than RFC 3986 allows; whoever routes by it decides on that. */
const TARGET = byteRange(0x21, 0xff)
TARGET[0x7f] = 0

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'])

/**
 * The head of an HTTP/1 request, read strictly from bytes: what RFC 9112 lets a server tolerate (bare line feeds, folded
 * lines, blanks before colons, repeated lengths) is refused, so that nobody in front of this server can have understood
 * the same bytes differently. One object is used for many requests, one after the other; all positions are into the
 * bytes that were parsed last.
 */
export class RequestHead {
  methodStart = 0
  methodEnd = 0
  isGet = false
  isHead = false
  /** The path and query; of a target in absolute form, too. */
  targetStart = 0
  targetEnd = 0
  /** HTTP/1.`minor`. */
  minor = 1
  /** The name of the server, with a port perhaps: the Host header's, or that of a target in absolute form. */
  hostStart = 0
  hostEnd = 0
  /** Whether the client means to go on with this connection. */
  isKeptAlive = true
  /** The client waits for leave to send the body. */
  expectsContinue = false
  /** 0 for none, {@link CHUNKED} for chunks. */
  bodyBytes = 0

  headerCount = 0
  host: Index = -1
  userAgent: Index = -1
  referrer: Index = -1
  acceptLanguage: Index = -1
  secPurpose: Index = -1
  forwardedFor: Index = -1
  /** One of the headers that have a field of their own here came twice. */
  hasRepeated = false

  #contentLength: Index = -1
  #transferEncoding: Index = -1
  #isAbsolute = false
  /** Four positions a header: its name's beginning and end, its value's beginning and end. */
  readonly #spans = new Int32Array(4 * MAX_HEADERS)

  /**
   * Read the head that begins at `from`.
   *
   * The same bytes have the same answer however they arrive: a part of a head is {@link INCOMPLETE}, or refused as the
   * whole would be.
   *
   * @param to where the bytes that have arrived end
   * @returns where the head ends; {@link INCOMPLETE}; or, negative, the status to refuse it with
   */
  parse(bytes: Buffer, from: number, to: number): number {
    const limit = Math.min(to, from + MAX_HEAD_BYTES)
    const incomplete = limit < from + MAX_HEAD_BYTES ? INCOMPLETE : -431
    this.#reset()

    let at = from
    while (at < limit && TOKEN[bytes[at] ?? 0] === 1) at++
    if (at - from > MAX_METHOD_BYTES) return -501
    if (at === limit) return incomplete
    if (at === from || bytes[at] !== SP) return -400
    this.methodStart = from
    this.methodEnd = at
    this.isGet = at - from === 3 && isText(bytes, from, 'GET')
    this.isHead = at - from === 4 && isText(bytes, from, 'HEAD')
    if (!this.isGet && !this.isHead && !METHODS.has(latin1(bytes, from, at))) return -501

    const target = ++at
    while (at < limit && TARGET[bytes[at] ?? 0] === 1) at++
    if (at === limit) return incomplete
    if (at === target || bytes[at] !== SP) return -400
    this.targetStart = target
    this.targetEnd = at
    if (bytes[target] !== SLASH && !this.#readAbsolute(bytes)) return -400

    at++
    if (limit - at < VERSION_BYTES) return incomplete
    if (!isText(bytes, at, 'HTTP/') || bytes[at + 6] !== 0x2e) return -400
    if (!isDigit(bytes[at + 5] ?? 0) || !isDigit(bytes[at + 7] ?? 0)) return -400
    if (bytes[at + 8] !== CR || bytes[at + 9] !== LF) return -400
    this.minor = (bytes[at + 7] ?? 0) - ZERO
    if (bytes[at + 5] !== ZERO + 1 || this.minor > 1) return -505
    at += VERSION_BYTES

    const spans = this.#spans
    for (;;) {
      const name = at
      while (at < limit && TOKEN[bytes[at] ?? 0] === 1) at++
      if (at === limit) return incomplete
      if (at === name) {
        if (bytes[at] !== CR) return -400
        if (at + 1 === limit) return incomplete
        return bytes[at + 1] === LF ? this.#finish(bytes, at + 2) : -400
      }
      if (bytes[at] !== COLON) return -400
      const nameEnd = at++

      while (at < limit && isBlank(bytes[at])) at++
      const value = at
      while (at < limit && VALUE[bytes[at] ?? 0] === 1) at++
      if (at + 1 >= limit) return at < limit && bytes[at] !== CR ? -400 : incomplete
      if (bytes[at] !== CR || bytes[at + 1] !== LF) return -400
      let valueEnd = at
      while (valueEnd > value && isBlank(bytes[valueEnd - 1])) valueEnd--
      at += 2

      const index = this.headerCount
      if (index === MAX_HEADERS) return -431
      spans[4 * index] = name
      spans[4 * index + 1] = nameEnd
      spans[4 * index + 2] = value
      spans[4 * index + 3] = valueEnd
      this.headerCount = index + 1
      if (!this.#note(bytes, index, nameEnd - name)) return -400
    }
  }

  /** The request says how long its body is, be it nothing. */
  get hasLength(): boolean {
    return this.#contentLength !== -1
  }

  nameStart(index: Index): number {
    return this.#spans[4 * index] ?? 0
  }

  nameEnd(index: Index): number {
    return this.#spans[4 * index + 1] ?? 0
  }

  valueStart(index: Index): number {
    return this.#spans[4 * index + 2] ?? 0
  }

  valueEnd(index: Index): number {
    return this.#spans[4 * index + 3] ?? 0
  }

  /** A header's value, one character for each byte; empty for the index of no header. */
  value(bytes: Buffer, index: Index): string {
    return index === -1 ? '' : latin1(bytes, this.valueStart(index), this.valueEnd(index))
  }

  /** Whether a header has this name, which is given in small letters. */
  isNamed(bytes: Buffer, index: Index, name: string): boolean {
    const start = this.nameStart(index)
    return this.nameEnd(index) - start === name.length && isName(bytes, start, name)
  }

  #reset(): void {
    this.isKeptAlive = true
    this.expectsContinue = false
    this.bodyBytes = 0
    this.headerCount = 0
    this.host = -1
    this.userAgent = -1
    this.referrer = -1
    this.acceptLanguage = -1
    this.secPurpose = -1
    this.forwardedFor = -1
    this.hasRepeated = false
    this.#contentLength = -1
    this.#transferEncoding = -1
    this.#isAbsolute = false
  }

  /**
   * Remember the headers that mean something here, told apart by length first.
   *
   * @returns false for one that must not come twice and does
   */
  #note(bytes: Buffer, index: Index, nameBytes: number): boolean {
    const start = this.nameStart(index)
    switch (nameBytes) {
      case 4:
        if (!isName(bytes, start, 'host')) return true
        if (this.host !== -1) return false
        this.host = index
        return true
      case 6:
        if (isName(bytes, start, 'expect'))
          this.expectsContinue ||= this.value(bytes, index).toLowerCase() === '100-continue'
        return true
      case 7:
        if (!isName(bytes, start, 'referer')) return true
        this.hasRepeated ||= this.referrer !== -1
        this.referrer = index
        return true
      case 10:
        if (isName(bytes, start, 'user-agent')) {
          this.hasRepeated ||= this.userAgent !== -1
          this.userAgent = index
        } else if (isName(bytes, start, 'connection'))
          this.isKeptAlive &&= !/(?:^|,)[ \t]*close[ \t]*(?:,|$)/i.test(this.value(bytes, index))
        return true
      case 11:
        if (!isName(bytes, start, 'sec-purpose')) return true
        this.hasRepeated ||= this.secPurpose !== -1
        this.secPurpose = index
        return true
      case 14:
        if (!isName(bytes, start, 'content-length')) return true
        if (this.#contentLength !== -1) return false
        this.#contentLength = index
        return true
      case 15:
        if (isName(bytes, start, 'accept-language')) {
          this.hasRepeated ||= this.acceptLanguage !== -1
          this.acceptLanguage = index
        } else if (isName(bytes, start, 'x-forwarded-for')) {
          this.hasRepeated ||= this.forwardedFor !== -1
          this.forwardedFor = index
        }
        return true
      case 17:
        if (!isName(bytes, start, 'transfer-encoding')) return true
        if (this.#transferEncoding !== -1) return false
        this.#transferEncoding = index
        return true
      default:
        return true
    }
  }

  /** What can be said only once all headers are there. */
  #finish(bytes: Buffer, end: number): number {
    if (this.host === -1) return -400
    if (!this.#isAbsolute) {
      this.hostStart = this.valueStart(this.host)
      this.hostEnd = this.valueEnd(this.host)
    }
    if (this.minor === 0) {
      // What an older client means by keep-alive depends on the proxies between (RFC 9112 appendix C.2.2).
      this.isKeptAlive = false
      this.expectsContinue = false
    }
    if (this.#transferEncoding !== -1) {
      if (this.#contentLength !== -1 || this.minor === 0) return -400
      if (this.value(bytes, this.#transferEncoding).toLowerCase() !== 'chunked') return -501
      this.bodyBytes = CHUNKED
    } else if (this.#contentLength !== -1) {
      const digits = this.value(bytes, this.#contentLength)
      if (digits.length > MAX_LENGTH_DIGITS || !/^\d+$/.test(digits)) return -400
      this.bodyBytes = Number(digits)
    }
    return end
  }

  /** A target in absolute form, as clients of proxies send it, names the server itself (RFC 9112 §3.2.2). */
  #readAbsolute(bytes: Buffer): boolean {
    const authority = this.targetStart + 'http://'.length
    if (!/^http:\/\/$/i.test(latin1(bytes, this.targetStart, authority))) return false
    let at = authority
    while (at < this.targetEnd && bytes[at] !== SLASH && bytes[at] !== QUESTION) at++
    if (at === authority || bytes[at] !== SLASH || at === this.targetEnd) return false
    this.#isAbsolute = true
    this.hostStart = authority
    this.hostEnd = at
    this.targetStart = at
    return true
  }
}

/** One character for each byte. */
export function latin1(bytes: Buffer, start: number, end: number): string {
  return (bytes as Latin1Buffer).latin1Slice(start, end)
}

/** Whether some bytes stand at a place. */
export function startsWith(bytes: Buffer, at: number, wanted: Uint8Array): boolean {
  for (let i = 0; i < wanted.length; i++) if (bytes[at + i] !== wanted[i]) return false
  return true
}

/** The bytes of a set, as an array that has 1 for them. */
export function byteSet(characters: string): Uint8Array {
  const set = new Uint8Array(256)
  for (const character of characters) set[character.charCodeAt(0)] = 1
  return set
}

/** A method of every Buffer that its types leave out; `toString('latin1', …)` does the same by a detour. */
interface Latin1Buffer extends Buffer {
  latin1Slice(start: number, end: number): string
}

function byteRange(from: number, to: number): Uint8Array {
  return new Uint8Array(256).fill(1, from, to + 1)
}

function isText(bytes: Buffer, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false
  return true
}

/** Whether a token begins with a name of small letters and hyphens; among a token's characters only letters have other cases. */
function isName(bytes: Buffer, at: number, name: string): boolean {
  for (let i = 0; i < name.length; i++) if (((bytes[at + i] ?? 0) | 0x20) !== name.charCodeAt(i)) return false
  return true
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE
}

function isBlank(byte: number | undefined): boolean {
  return byte === SP || byte === HTAB
}
