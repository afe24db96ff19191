import { crc32 } from 'node:zlib'

/** What one answered redirect leaves behind besides what its request said in words. */
export interface ClickFacts {
  readonly atMs: number
  readonly linkId: number
  readonly teamId: number
  readonly isHead: boolean
  readonly isPrefetch: boolean
  /** The short link was read from its QR code. */
  readonly isScan: boolean
  /** The client's address as text. It leaves the spool only inside a visitor hash. */
  readonly ip: string
}

/** What one answered redirect leaves behind, as the request said it. */
export interface Click extends ClickFacts {
  /** Header values as the server hands them out, one character for each byte; empty where absent. */
  readonly userAgent: string
  readonly referrer: string
  readonly acceptLanguage: string
  /** The query string of the short link, without `?`. */
  readonly query: string
}

/** A click whose texts are still where they came, from each beginning to its end. */
export interface ClickInPlace extends ClickFacts {
  readonly bytes: Buffer
  readonly acceptLanguage: Span
  readonly userAgent: Span
  readonly referrer: Span
  readonly query: Span
}

/** A part of some bytes. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** What stands at a place of a spool. */
export type Decoded =
  | { readonly kind: 'click'; readonly click: Click; readonly bytes: number }
  /** Nothing has been committed here yet. */
  | { readonly kind: 'unwritten' }
  /** The segment ends here, go on with the next one. */
  | { readonly kind: 'end' }
  /** A record begins here that reaches beyond the bytes at hand. */
  | { readonly kind: 'short' }
  /** What stands here is no record, so nothing after it can be found. */
  | { readonly kind: 'damaged' }
  /** A whole record, but not one of this format, or not of a click that can be. */
  | { readonly kind: 'unusable'; readonly bytes: number }

/*
 * A record, little-endian, beginning at a multiple of four:
 *   0 u32 commit word: length of the whole record, stored last   4 u32 CRC-32 of everything from 8 on
 *   8 f64 at_ms   16 f64 link id   24 f64 team id
 *  32 u8 format   33 u8 flags   34 u8 bytes of ip   35 u8 of language   36 u16 of user agent   38 u16 of referrer   40 u16 of query
 *  42 ip, language, user agent, referrer, query, then zeros up to a multiple of four
 */
const CRC = 4
const BODY = 8
const AT_MS = 8
const LINK_ID = 16
const TEAM_ID = 24
const FORMAT = 32
const FLAGS = 33
const IP_BYTES = 34
const LANGUAGE_BYTES = 35
const USER_AGENT_BYTES = 36
const REFERRER_BYTES = 38
const QUERY_BYTES = 40
const TEXT = 42

const FORMAT_1 = 1
const FLAG_HEAD = 1
const FLAG_PREFETCH = 2
const FLAG_SCAN = 4

const MAX_IP_BYTES = 64
const MAX_LANGUAGE_BYTES = 128
const MAX_USER_AGENT_BYTES = 512
const MAX_REFERRER_BYTES = 1024
const MAX_QUERY_BYTES = 1024

const END_WORD = -1
/** The room an end mark takes. */
export const END_MARK_BYTES = 4
/** No record is longer; longer texts are cut when it is written. */
export const MAX_RECORD_BYTES =
  TEXT + MAX_IP_BYTES + MAX_LANGUAGE_BYTES + MAX_USER_AGENT_BYTES + MAX_REFERRER_BYTES + MAX_QUERY_BYTES + 2

/** A method of every Buffer that its types leave out; `write(text, at, 'latin1')` does the same and takes 1.7 times as long. */
interface Latin1Buffer extends Buffer {
  latin1Write(text: string, at: number): number
}

/**
 * Write a record, all but its commit word, to `at`, where {@link MAX_RECORD_BYTES} are free and zero.
 *
 * @returns its length, to be committed
 */
export function encodeClick(bytes: Buffer, at: number, click: Click): number {
  const language = at + TEXT + writeFacts(bytes, at, click)
  const userAgent = writeText(bytes, language, click.acceptLanguage, MAX_LANGUAGE_BYTES)
  const referrer = writeText(bytes, userAgent, click.userAgent, MAX_USER_AGENT_BYTES)
  const query = writeText(bytes, referrer, click.referrer, MAX_REFERRER_BYTES)
  const end = writeText(bytes, query, click.query, MAX_QUERY_BYTES)
  return seal(bytes, at, { language, userAgent, referrer, query, end })
}

/** As {@link encodeClick}, without making texts of what the request said. */
export function encodeClickInPlace(bytes: Buffer, at: number, click: ClickInPlace): number {
  const { bytes: source, acceptLanguage, userAgent: agent, referrer: page, query: asked } = click
  const language = at + TEXT + writeFacts(bytes, at, click)
  const userAgent =
    language +
    source.copy(bytes, language, acceptLanguage.start, endOf(source, acceptLanguage, MAX_LANGUAGE_BYTES))
  const referrer =
    userAgent + source.copy(bytes, userAgent, agent.start, endOf(source, agent, MAX_USER_AGENT_BYTES))
  const query = referrer + source.copy(bytes, referrer, page.start, endOf(source, page, MAX_REFERRER_BYTES))
  const end = query + source.copy(bytes, query, asked.start, endOf(source, asked, MAX_QUERY_BYTES))
  return seal(bytes, at, { language, userAgent, referrer, query, end })
}

/** @returns how many bytes the address takes */
function writeFacts(target: Buffer, at: number, click: ClickFacts): number {
  target.writeDoubleLE(click.atMs, at + AT_MS)
  target.writeDoubleLE(click.linkId, at + LINK_ID)
  target.writeDoubleLE(click.teamId, at + TEAM_ID)
  target[at + FORMAT] = FORMAT_1
  target[at + FLAGS] =
    (click.isHead ? FLAG_HEAD : 0) | (click.isPrefetch ? FLAG_PREFETCH : 0) | (click.isScan ? FLAG_SCAN : 0)
  const length = writeText(target, at + TEXT, click.ip, MAX_IP_BYTES) - at - TEXT
  target[at + IP_BYTES] = length
  return length
}

/** Where each text begins that has a length of its own, and where the last one ends. */
interface Layout {
  readonly language: number
  readonly userAgent: number
  readonly referrer: number
  readonly query: number
  readonly end: number
}

/** @returns the record's length */
function seal(target: Buffer, at: number, { language, userAgent, referrer, query, end }: Layout): number {
  target[at + LANGUAGE_BYTES] = userAgent - language
  target.writeUInt16LE(referrer - userAgent, at + USER_AGENT_BYTES)
  target.writeUInt16LE(query - referrer, at + REFERRER_BYTES)
  target.writeUInt16LE(end - query, at + QUERY_BYTES)
  const length = (end - at + 3) & ~3
  target.writeUInt32LE(crc32(target.subarray(at + BODY, at + length)), at + CRC)
  return length
}

/** @returns where the text ends */
function writeText(target: Buffer, at: number, value: string, max: number): number {
  if (value === '') return at
  return at + (target as Latin1Buffer).latin1Write(capped(value, max), at)
}

/**
 * Make the record of that length at byte `at` readable. The store is atomic, hence after everything that was
 * written before it, on every processor.
 */
export function commitRecord(words: Int32Array, at: number, length: number): void {
  Atomics.store(words, at >> 2, length)
}

/** Mark byte `at` as the end of its segment. */
export function commitEnd(words: Int32Array, at: number): void {
  Atomics.store(words, at >> 2, END_WORD)
}

/** Read what stands at `at` of the first `available` bytes. Whatever the bytes are, it neither throws nor reads beyond them. */
export function decodeRecord(bytes: Buffer, at: number, available: number): Decoded {
  if (at + END_MARK_BYTES > available) return { kind: 'short' }
  const length = bytes.readInt32LE(at)
  if (length === 0) return { kind: 'unwritten' }
  if (length === END_WORD) return { kind: 'end' }
  if (length < TEXT || length > MAX_RECORD_BYTES || (length & 3) !== 0) return { kind: 'damaged' }
  if (at + length > available) return { kind: 'short' }
  if (bytes.readUInt32LE(at + CRC) !== crc32(bytes.subarray(at + BODY, at + length)))
    return { kind: 'damaged' }
  const click = decodeClick(bytes, at, length)
  return click === undefined ? { kind: 'unusable', bytes: length } : { kind: 'click', click, bytes: length }
}

function decodeClick(bytes: Buffer, at: number, length: number): Click | undefined {
  const ip = at + TEXT
  const language = ip + bytes.readUInt8(at + IP_BYTES)
  const userAgent = language + bytes.readUInt8(at + LANGUAGE_BYTES)
  const referrer = userAgent + bytes.readUInt16LE(at + USER_AGENT_BYTES)
  const query = referrer + bytes.readUInt16LE(at + REFERRER_BYTES)
  const end = query + bytes.readUInt16LE(at + QUERY_BYTES)

  const atMs = bytes.readDoubleLE(at + AT_MS)
  const linkId = bytes.readDoubleLE(at + LINK_ID)
  const teamId = bytes.readDoubleLE(at + TEAM_ID)
  const isSound =
    bytes[at + FORMAT] === FORMAT_1 && end <= at + length && isInstant(atMs) && isId(linkId) && isId(teamId)
  if (!isSound) return undefined

  const flags = bytes.readUInt8(at + FLAGS)
  return {
    atMs,
    linkId,
    teamId,
    isHead: (flags & FLAG_HEAD) !== 0,
    isPrefetch: (flags & FLAG_PREFETCH) !== 0,
    isScan: (flags & FLAG_SCAN) !== 0,
    ip: text(bytes, ip, language),
    acceptLanguage: text(bytes, language, userAgent),
    userAgent: text(bytes, userAgent, referrer),
    referrer: text(bytes, referrer, query),
    query: text(bytes, query, end),
  }
}

/** The first `max` bytes, not ending inside a UTF-8 sequence. */
function capped(value: string, max: number): string {
  if (value.length <= max) return value
  let end = max
  while (end > max - 3 && (value.charCodeAt(end) & 0xc0) === 0x80) end--
  return value.slice(0, end)
}

/** Where a text ends that is to have at most `max` bytes, and not to end inside a UTF-8 sequence. */
function endOf(bytes: Buffer, { start, end }: Span, max: number): number {
  if (end - start <= max) return end
  let at = start + max
  while (at > start + max - 3 && ((bytes[at] ?? 0) & 0xc0) === 0x80) at--
  return at
}

/** UTF-8, or latin1 where the bytes are not that. NUL, which PostgreSQL refuses in text, is left out. */
function text(bytes: Buffer, from: number, to: number): string {
  if (from === to) return ''
  const utf8 = bytes.toString('utf8', from, to)
  const decoded = utf8.includes('\ufffd') ? bytes.toString('latin1', from, to) : utf8
  return decoded.includes('\0') ? decoded.replaceAll('\0', '') : decoded
}

/** The years 1970 to 275760, which is as far as a Date goes. */
function isInstant(value: number): boolean {
  return value >= 0 && value <= 8.64e15
}

function isId(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}
