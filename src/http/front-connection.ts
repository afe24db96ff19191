import { STATUS_CODES } from 'node:http'
import type { InternalAddress } from './internal-server.ts'
import type { InternalLinks } from './internal-link.ts'
import { Outlet } from './outlet.ts'
import type { ReadyAnswer } from './ready-answer.ts'
import { Relay } from './relay.ts'
import { writeDigits } from './write-digits.ts'
import { INCOMPLETE, latin1, type RequestHead, startsWith } from './request-head.ts'

/**
 * Answers a request at once, if it is one for a redirect.
 *
 * @param bytes where the head's positions are; they are not kept
 * @returns where to send the client; undefined for every request that is answered elsewhere
 */
export type Follow = (head: RequestHead, bytes: Buffer, ip: string) => Destination | undefined

/** A location as it stands in some bytes; it is good until the next request. */
export interface Destination {
  readonly bytes: Buffer
  readonly locationStart: number
  readonly locationEnd: number
}

/**
 * Answers a `GET` without a body at once, if that can be done without waiting for anything.
 *
 * @param bytes where the head's positions are; they are not kept
 * @param mayWait whether the answer may be a promise, after which the request is shown again
 * @returns undefined for every request that is answered elsewhere, and then nothing was done
 */
export type AnswerAtOnce = (
  head: RequestHead,
  bytes: Buffer,
  ip: string,
  mayWait: boolean,
) => { readonly requestId: string; readonly answer: ReadyAnswer } | Promise<unknown> | undefined

/** What all connections of a front share. */
export interface FrontShare {
  readonly internal: InternalAddress
  readonly links: InternalLinks
  readonly follow: Follow
  readonly answerAtOnce: AnswerAtOnce
  readonly maxBodyBytes: number
  readonly deadlines: Deadlines
  /** Seconds since the front began. */
  seconds: number
  /** Answers tell their clients to open no further requests on their connection. */
  isStopping: boolean
  /** The Date header, with its line break before it. */
  date: string
  /** The last lines of answers without a body. */
  answerEnd: Buffer
  readonly head: RequestHead
  /** Answers to pipelined requests are gathered here and leave together. */
  readonly gathered: Buffer
  /** A host name that was looked at and is one; nearly every request has the one of the last. */
  soundHost: Buffer
}

/** What a connection waits for. */
export type Awaited =
  /** The next request. */
  | 'request'
  /** The rest of a head that has begun. */
  | 'head'
  /** The rest of a request's body. */
  | 'body'
  /** The internal server. */
  | 'answer'
  /** The client, to take what it was sent. */
  | 'client'
  /** The client, to close the connection. */
  | 'end'

/** For how many seconds each is waited for; but for a head's every sign of life begins them anew. */
export type Deadlines = Readonly<Record<Awaited, number>>

/** A connection to the internal server is not used again after so long, well before that one gives it up. */
const MAX_LINK_IDLE_S = 10

/** How often one request is waited with before it is answered elsewhere: for its caller, and for a credit. */
const MAX_WAITS = 2

const NOTHING = Buffer.alloc(0)
const LAST = '\r\nConnection: close'
const FOUND_TEXT = 'HTTP/1.1 302 Found\r\nLocation: '
const FOUND = Buffer.from(FOUND_TEXT)
const OK = Buffer.from('HTTP/1.1 200 OK')
const REQUEST_ID = Buffer.from('\r\nX-Content-Type-Options: nosniff\r\nX-Request-Id: ')
const CONTENT_LENGTH = Buffer.from('\r\nContent-Length: ')
const END_OF_HEAD = Buffer.from('\r\n\r\n')
/** More than an answer's head has beside what its API adds. */
const MOST_OF_HEAD = 512

/** One client's connection: reads requests, answers redirects itself, and has everything else answered behind it. */
export class FrontConnection {
  readonly #share: FrontShare
  readonly #outlet = new Outlet()
  readonly #ip: string
  #relay: Relay | undefined
  /** What has come and is not understood yet. */
  #unread: Buffer | undefined
  #gatheredBytes = 0
  /** The answer under way is the last. */
  #isLast = false
  #isClosing = false
  /** The next request can be answered at once when something has settled. */
  #isWaiting = false
  /** How often the next request was waited with. */
  #waits = 0
  #awaited: Awaited = 'request'
  #deadline: number
  #relayedAt = 0

  constructor(share: FrontShare, socket: Bun.Socket<unknown>, ip: string) {
    this.#share = share
    this.#ip = ip
    this.#deadline = share.seconds + share.deadlines.request
    this.#outlet.attach(socket)
  }

  /** Nothing was begun that would have to be finished. */
  get isIdle(): boolean {
    return this.#awaited === 'request' || this.#awaited === 'head'
  }

  /** Bytes have come. */
  receive(bytes: Buffer): void {
    if (this.#isClosing) return
    this.#advance(this.#unread === undefined ? bytes : Buffer.concat([this.#unread, bytes]), true)
  }

  /** The client takes more again. */
  drain(): void {
    if (!this.#outlet.drain()) {
      this.#await('client', true)
      return
    }
    if (this.#isClosing) {
      this.close()
      return
    }
    this.#relay?.resumeAnswer()
    this.#goOn(false)
  }

  /** A second has passed. */
  tick(): void {
    const { seconds } = this.#share
    if (seconds >= this.#deadline) this.#expire()
    else if (this.#relay !== undefined && !this.#relay.isBusy && seconds - this.#relayedAt >= MAX_LINK_IDLE_S)
      this.#relay.abandon()
  }

  /** Let the client have what it was sent, and take no more from it. */
  close(): void {
    if (this.#awaited === 'end') return
    this.#isClosing = true
    this.#unread = undefined
    this.#outlet.setReading(true)
    if (this.#outlet.isBlocked) {
      this.#await('client', true)
      return
    }
    this.#outlet.shutdown()
    this.#await('end', true)
  }

  /** Break everything off. */
  terminate(): void {
    this.#outlet.terminate()
    this.lose()
  }

  /** The connection is gone. */
  lose(): void {
    this.#isClosing = true
    this.#outlet.detach()
    this.#relay?.abandon()
  }

  /**
   * Do what the bytes ask for, as far as that can be done now, and keep the rest.
   *
   * @param isSign whether something came of the client
   */
  #advance(bytes: Buffer, isSign: boolean): void {
    let at = 0
    while (at < bytes.length && !this.#isClosing && !this.#isWaiting && !this.#outlet.isBlocked) {
      const next = this.#relay?.isBusy === true ? this.#feed(this.#relay, bytes, at) : this.#begin(bytes, at)
      if (next === at) break
      at = next
    }
    this.#flush()
    if (this.#isClosing) return
    this.#unread = at < bytes.length ? rest(bytes, at) : undefined
    this.#settle(isSign, at > 0)
  }

  /** Do what could not be done when it came. */
  #goOn(isSign: boolean): void {
    this.#advance(this.#unread ?? NOTHING, isSign)
  }

  /** @returns where the request's head ends, or `at` when it is not there whole */
  #begin(bytes: Buffer, at: number): number {
    const { head, follow, answerAtOnce } = this.#share
    const end = head.parse(bytes, at, bytes.length)
    if (end === INCOMPLETE) return at
    if (end < 0 || !this.#hasSoundHost(head, bytes)) return this.#refuse(end < 0 ? -end : 400, bytes)
    if (head.bodyBytes === 0 && (head.isGet || head.isHead)) {
      const destination = follow(head, bytes, this.#ip)
      if (destination !== undefined) {
        this.#redirect(destination, !head.isKeptAlive || this.#share.isStopping)
        return end
      }
      const answer = head.isGet ? answerAtOnce(head, bytes, this.#ip, this.#waits < MAX_WAITS) : undefined
      if (answer instanceof Promise) {
        this.#waitFor(answer)
        return at
      }
      if (answer !== undefined) {
        this.#waits = 0
        this.#answer(answer.requestId, answer.answer, !head.isKeptAlive || this.#share.isStopping)
        return end
      }
    } else if (head.bodyBytes > this.#share.maxBodyBytes) return this.#refuse(413, bytes)
    this.#flush()
    this.#waits = 0
    this.#isLast = !head.isKeptAlive
    this.#relay ??= this.#newRelay()
    this.#relay.begin(head, bytes)
    return end
  }

  /** Look at the next request again when something has settled. */
  #waitFor(settling: Promise<unknown>): void {
    this.#isWaiting = true
    this.#waits++
    const goOn = () => {
      this.#isWaiting = false
      if (!this.#isClosing) this.#goOn(true)
    }
    settling.then(goOn, goOn)
  }

  /** @returns where the request's body ends, or `at` when nothing more is wanted now */
  #feed(relay: Relay, bytes: Buffer, at: number): number {
    if (relay.isBodyDone || !relay.wantsBody) return at
    const end = relay.feed(bytes, at)
    if (end !== -1) return end
    const isAnswerBegun = relay.isAnswerBegun
    relay.abandon()
    if (!isAnswerBegun) return this.#refuse(400, bytes)
    this.terminate()
    return bytes.length
  }

  #redirect({ bytes, locationStart, locationEnd }: Destination, isLast: boolean): void {
    const { answerEnd, gathered } = this.#share
    if (locationEnd - locationStart > gathered.length / 2) {
      this.#gather(
        `${FOUND_TEXT}${latin1(bytes, locationStart, locationEnd)}${isLast ? LAST : ''}${answerEnd.toString('latin1')}`,
        isLast,
      )
      return
    }
    if (this.#gatheredBytes > gathered.length / 4) this.#flush()
    let at = this.#gatheredBytes
    at += FOUND.copy(gathered, at)
    at += bytes.copy(gathered, at, locationStart, locationEnd)
    if (isLast) at += gathered.write(LAST, at, 'latin1')
    this.#gatheredBytes = at + answerEnd.copy(gathered, at)
    if (isLast) this.#leave()
  }

  #answer(requestId: string, { headers, body }: ReadyAnswer, isLast: boolean): void {
    const { date, gathered } = this.#share
    const bytes = typeof body === 'string' ? Buffer.byteLength(body) : body.length
    // An answer is gathered whole: what does not fit leaves by itself.
    const most = MOST_OF_HEAD + headers.length + requestId.length + bytes
    if (most > gathered.length - this.#gatheredBytes) this.#flush()
    const target = most > gathered.length ? Buffer.allocUnsafeSlow(most) : gathered
    let at = target === gathered ? this.#gatheredBytes : 0
    at += OK.copy(target, at)
    at += headers.bytes.copy(target, at, 0, headers.length)
    at += REQUEST_ID.copy(target, at)
    at += target.write(requestId, at, 'latin1')
    if (isLast) at += target.write(LAST, at, 'latin1')
    at += target.write(date, at, 'latin1')
    at += CONTENT_LENGTH.copy(target, at)
    at = writeDigits(target, at, bytes)
    at += END_OF_HEAD.copy(target, at)
    at += typeof body === 'string' ? target.write(body, at) : body.bytes.copy(target, at, 0, bytes)
    if (target === gathered) this.#gatheredBytes = at
    else this.#outlet.send(target.subarray(0, at))
    if (isLast) this.#leave()
  }

  /** Let an answer leave with those to the requests that came with its own; one character is one byte. */
  #gather(answer: string, isLast: boolean): void {
    const { gathered } = this.#share
    if (answer.length > gathered.length - this.#gatheredBytes) this.#flush()
    if (answer.length > gathered.length) this.#outlet.send(Buffer.from(answer, 'latin1'))
    else this.#gatheredBytes += gathered.write(answer, this.#gatheredBytes, 'latin1')
    if (isLast) this.#leave()
  }

  /** Nothing follows. */
  #leave(): void {
    this.#flush()
    this.close()
  }

  /** Answer with a status alone, the last on this connection. */
  #refuse(status: number, bytes: Buffer): number {
    this.#flush()
    this.#outlet.send(
      Buffer.from(
        `HTTP/1.1 ${status} ${STATUS_CODES[status]}${LAST}${this.#share.answerEnd.toString('latin1')}`,
      ),
    )
    this.close()
    return bytes.length
  }

  #flush(): void {
    if (this.#gatheredBytes === 0) return
    this.#outlet.sendShared(this.#share.gathered, this.#gatheredBytes)
    this.#gatheredBytes = 0
  }

  #newRelay(): Relay {
    const { internal, links } = this.#share
    return new Relay({
      internal,
      links,
      ip: this.#ip,
      isLast: () => (this.#isLast ||= this.#share.isStopping),
      events: {
        onAnswer: (bytes) => {
          const isTaken = this.#outlet.send(bytes)
          this.#await(isTaken ? 'answer' : 'client', true)
          return isTaken
        },
        onBodyWanted: () => this.#goOn(false),
        onAnswered: () => this.#answered(),
        onFailed: () => this.#failed(),
      },
    })
  }

  #answered(): void {
    this.#relayedAt = this.#share.seconds
    if (this.#isLast || this.#relay?.isBodyDone === false) this.close()
    else this.#goOn(true)
  }

  /** The internal server gave no answer, or not all of one; what was not answered can be asked again. */
  #failed(): void {
    if (this.#relay?.isAnswerBegun === true) this.terminate()
    else this.#refuse(503, NOTHING)
  }

  /** Look at what is waited for now, and read only what can be used. */
  #settle(isSign: boolean, isProgress: boolean): void {
    const relay = this.#relay
    if (this.#isWaiting) {
      this.#outlet.setReading(false)
      this.#await('answer', isSign)
      return
    }
    if (relay?.isBusy === true) {
      this.#outlet.setReading(relay.isBodyDone ? this.#unread === undefined : relay.wantsBody)
      if (this.#outlet.isBlocked) this.#await('client', false)
      else if (relay.isBodyDone || !relay.wantsBody) this.#await('answer', isSign)
      else this.#await('body', isSign)
      return
    }
    this.#outlet.setReading(!this.#outlet.isBlocked)
    if (this.#outlet.isBlocked) this.#await('client', isProgress)
    else if (this.#unread === undefined) this.#await('request', isSign)
    else this.#await('head', isProgress)
  }

  #await(awaited: Awaited, isAnew: boolean): void {
    if (awaited === this.#awaited && !isAnew) return
    this.#awaited = awaited
    this.#deadline = this.#share.seconds + this.#share.deadlines[awaited]
  }

  #expire(): void {
    if (this.#awaited === 'request') this.close()
    else if (this.#awaited === 'head') this.#refuse(408, NOTHING)
    else this.terminate()
  }

  /** Whether the host can be part of a URL, so that every request has one and is routed by its path alone. */
  #hasSoundHost(head: RequestHead, bytes: Buffer): boolean {
    const { soundHost } = this.#share
    const { hostStart, hostEnd } = head
    if (hostEnd - hostStart === soundHost.length && startsWith(bytes, hostStart, soundHost)) return true
    const host = latin1(bytes, hostStart, hostEnd)
    if (!/^[\w.~:[\]-]+$/.test(host) || !URL.canParse(`http://${host}/`)) return false
    this.#share.soundHost = Buffer.from(host, 'latin1')
    return true
  }
}

/** What is left of some bytes; in memory of its own where it would keep much more from being freed. */
function rest(bytes: Buffer, at: number): Buffer {
  const left = bytes.subarray(at)
  return 2 * left.length < left.buffer.byteLength ? Buffer.from(left) : left
}
