import { ChunkedBody } from './chunked-body.ts'
import { type InternalAddress, isPeerHeader, LENGTH_HEADER, peerLine } from './internal-server.ts'
import type { InternalLink, InternalLinks } from './internal-link.ts'
import { CHUNKED, latin1, type RequestHead } from './request-head.ts'

/** What the connection of a client is told of its requests' answers. */
export interface RelayEvents {
  /** Bytes for the client. @returns false when it does not take more now; {@link Relay.resumeAnswer} follows */
  onAnswer(bytes: Buffer): boolean
  /** More of the request's body is wanted. */
  onBodyWanted(): void
  /** The answer was given to its end. */
  onAnswered(): void
  /** There is no answer, or no more of it. */
  onFailed(): void
}

export interface RelayOptions {
  readonly internal: InternalAddress
  readonly links: InternalLinks
  /** Whose requests they are. */
  readonly ip: string
  /** Whether this answer is the last of the client's connection. Asked when the answer begins. */
  readonly isLast: () => boolean
  readonly events: RelayEvents
}

/** What is written anew for the internal server, or is between the client and the front only. */
const OWN_HEADERS = [
  'host',
  'connection',
  'keep-alive',
  'content-length',
  'transfer-encoding',
  'expect',
  'upgrade',
]

const MAX_ANSWER_HEAD_BYTES = 256 * 1024
const HEAD_END = '\r\n\r\n'
const CRLF = Buffer.from('\r\n')
const LAST_CHUNK = Buffer.from('0\r\n\r\n')
const CONTINUE = Buffer.from('HTTP/1.1 100 Continue\r\n\r\n')

/** How an answer says its end; a number is how many bytes of it are still to come. */
type AnswerEnd = number | ChunkedBody | 'at-close'

/**
 * Passes the requests of one client's connection on to the internal server, one at a time, and its answers back.
 *
 * Nothing of a request's framing is passed on as it came: the head is written anew from what {@link RequestHead} made
 * of it, and a body in chunks is cut anew. So both servers agree on where each request ends, whatever was sent. The
 * connection to the internal server is this client's alone.
 */
export class Relay {
  readonly #options: RelayOptions
  #link: InternalLink | undefined
  #isBusy = false

  /** What is to come of the request's body. */
  #bodyLeft = 0
  #bodyChunks: ChunkedBody | undefined
  #isHead = false
  #isOldClient = false
  /** The answer comes in chunks and is passed on without them. */
  #isUnchunked = false

  /** The answer's head while it is not there whole. */
  #answerHead: Buffer | undefined
  #answer: AnswerEnd | undefined
  #isLinkKept = true

  constructor(options: RelayOptions) {
    this.#options = options
  }

  /** A request is under way. */
  get isBusy(): boolean {
    return this.#isBusy
  }

  /** The request has been passed on to its end. */
  get isBodyDone(): boolean {
    return this.#bodyLeft === 0 && (this.#bodyChunks?.isDone ?? true)
  }

  /** The internal server takes more of the body now. */
  get wantsBody(): boolean {
    return this.#link?.outlet.isBlocked === false
  }

  /** A part of the answer, or all of it, has been given to the client. */
  get isAnswerBegun(): boolean {
    return this.#answer !== undefined
  }

  /** Begin to pass on a request whose head stands in `bytes`. */
  begin(head: RequestHead, bytes: Buffer): void {
    this.#isBusy = true
    this.#bodyLeft = Math.max(0, head.bodyBytes)
    this.#bodyChunks = head.bodyBytes === CHUNKED ? new ChunkedBody() : undefined
    this.#isHead = head.isHead
    this.#isOldClient = head.minor === 0
    this.#answerHead = undefined
    this.#answer = undefined
    this.#isLinkKept = true
    if (head.expectsContinue) this.#options.events.onAnswer(CONTINUE)
    this.#link ??= this.#openLink()
    this.#link.outlet.send(this.#composeHead(head, bytes))
  }

  /**
   * Pass on what has come of the body.
   *
   * @returns where the request ends, or the bytes; -1 when the body is malformed
   */
  feed(bytes: Buffer, from: number): number {
    const outlet = this.#link?.outlet
    const chunks = this.#bodyChunks
    if (chunks === undefined) {
      const end = Math.min(bytes.length, from + this.#bodyLeft)
      this.#bodyLeft -= end - from
      if (end > from) outlet?.send(bytes.subarray(from, end))
      return end
    }
    const parts: Uint8Array[] = []
    const end = chunks.read(bytes, from, (start, stop) => {
      parts.push(Buffer.from(`${(stop - start).toString(16)}\r\n`), bytes.subarray(start, stop), CRLF)
    })
    if (chunks.isDone) parts.push(LAST_CHUNK)
    if (end !== -1 && parts.length > 0) outlet?.send(Buffer.concat(parts))
    return end
  }

  /** The client takes more of the answer again. */
  resumeAnswer(): void {
    this.#link?.outlet.setReading(true)
  }

  /** Give up what is under way, and the connection to the internal server. */
  abandon(): void {
    const link = this.#link
    this.#link = undefined
    this.#isBusy = false
    link?.close()
  }

  #openLink(): InternalLink {
    const isCurrent = () => link === this.#link
    const link = this.#options.links.open({
      onData: (bytes) => {
        if (isCurrent()) this.#receive(bytes)
      },
      onDrained: () => {
        if (isCurrent() && this.#isBusy && !this.isBodyDone) this.#options.events.onBodyWanted()
      },
      onClosed: () => {
        if (isCurrent()) this.#lose()
      },
    })
    return link
  }

  #composeHead(head: RequestHead, bytes: Buffer): Buffer {
    const { internal, ip } = this.#options
    let text = `${latin1(bytes, head.methodStart, head.methodEnd)} ${latin1(bytes, head.targetStart, head.targetEnd)} HTTP/1.1\r\n`
    text += `Host: ${latin1(bytes, head.hostStart, head.hostEnd)}\r\n${peerLine(internal, ip)}`
    for (let index = 0; index < head.headerCount; index++) {
      const name = latin1(bytes, head.nameStart(index), head.nameEnd(index))
      const lowered = name.toLowerCase()
      if (!OWN_HEADERS.includes(lowered) && !isPeerHeader(lowered))
        text += `${name}: ${head.value(bytes, index)}\r\n`
    }
    if (head.bodyBytes === CHUNKED) text += 'Transfer-Encoding: chunked\r\n'
    else if (head.hasLength) text += `Content-Length: ${head.bodyBytes}\r\n`
    return Buffer.from(`${text}\r\n`, 'latin1')
  }

  #receive(bytes: Buffer): void {
    if (!this.#isBusy) {
      // An answer to nothing.
      this.abandon()
      return
    }
    if (this.#answer !== undefined) {
      this.#deliver(bytes, undefined)
      return
    }
    const read = this.#answerHead === undefined ? bytes : Buffer.concat([this.#answerHead, bytes])
    const end = read.indexOf(HEAD_END)
    if (end === -1 && read.length <= MAX_ANSWER_HEAD_BYTES) {
      this.#answerHead = read
      return
    }
    this.#answerHead = undefined
    const head = end === -1 ? undefined : this.#readAnswerHead(latin1(read, 0, end))
    if (head === undefined) {
      this.#fail()
      return
    }
    this.#deliver(read.subarray(end + HEAD_END.length), Buffer.from(head, 'latin1'))
  }

  /**
   * Learn how the answer says its end, and write its head for the client.
   *
   * @returns undefined for one that is none
   */
  #readAnswerHead(text: string): string | undefined {
    const [statusLine = '', ...lines] = text.split('\r\n')
    const status = Number(/^HTTP\/1\.1 ([2-5]\d\d)(?: |$)/.exec(statusLine)?.[1])
    if (Number.isNaN(status)) return undefined
    let head = `${statusLine}\r\n`
    let length: number | undefined
    let isChunked = false
    let announced: string | undefined
    for (const line of lines) {
      const colon = line.indexOf(':')
      const name = line.slice(0, colon).toLowerCase()
      const value = line.slice(colon + 1).trim()
      if (name === 'connection') {
        this.#isLinkKept &&= value.toLowerCase() !== 'close'
        continue
      }
      if (name === 'transfer-encoding') {
        isChunked = true
        continue
      }
      if (name === LENGTH_HEADER) {
        announced = value
        continue
      }
      if (name === 'content-length') length = Number(value)
      head += `${line}\r\n`
    }
    this.#isUnchunked = this.#isOldClient || announced !== undefined
    if (isChunked && announced !== undefined) head += `Content-Length: ${announced}\r\n`
    else if (isChunked && !this.#isOldClient) head += 'Transfer-Encoding: chunked\r\n'
    const hasBody = !this.#isHead && status !== 204 && status !== 304
    if (!hasBody) this.#answer = 0
    else if (isChunked) this.#answer = new ChunkedBody()
    else this.#answer = length ?? 'at-close'
    const isLast = this.#options.isLast() || !this.isBodyDone || this.#answer === 'at-close'
    return `${head}${isLast ? 'Connection: close\r\n' : ''}\r\n`
  }

  /** Hand on what has come of the answer's body, behind its head when that was just written. */
  #deliver(bytes: Buffer, head: Buffer | undefined): void {
    const answer = this.#answer
    let parts: Buffer[] = head === undefined ? [] : [head]
    let used = bytes.length
    let isDone = false
    if (typeof answer === 'number') {
      used = Math.min(bytes.length, answer)
      this.#answer = answer - used
      isDone = this.#answer === 0
      parts.push(bytes.subarray(0, used))
    } else if (answer instanceof ChunkedBody) {
      const data: Buffer[] = []
      used = answer.read(bytes, 0, (start, end) => data.push(bytes.subarray(start, end)))
      if (used === -1) {
        this.#fail()
        return
      }
      isDone = answer.isDone
      if (this.#isUnchunked) parts = [...parts, ...data]
      else parts.push(bytes.subarray(0, used))
    } else parts.push(bytes)

    const out = parts.filter((part) => part.length > 0)
    const [first] = out
    const isTaken =
      first === undefined || this.#options.events.onAnswer(out.length === 1 ? first : Buffer.concat(out))
    // The client may turn out to be gone.
    if (!this.#isBusy) return
    if (isDone) this.#finish(used < bytes.length)
    else if (!isTaken) this.#link?.outlet.setReading(false)
  }

  #finish(isMoreThere: boolean): void {
    this.#isBusy = false
    // One that was told only a part of a request, or says more than it was asked, has nothing more to say.
    if (!this.isBodyDone || !this.#isLinkKept || isMoreThere) this.abandon()
    this.#options.events.onAnswered()
  }

  #fail(): void {
    this.abandon()
    this.#options.events.onFailed()
  }

  #lose(): void {
    this.#link = undefined
    if (!this.#isBusy) return
    this.#isBusy = false
    if (this.#answer === 'at-close') this.#options.events.onAnswered()
    else this.#options.events.onFailed()
  }
}
