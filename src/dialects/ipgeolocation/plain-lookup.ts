import { byteSet, type RequestHead, startsWith } from '#http/request-head.ts'

/** Where in a request's bytes the parts of a lookup stand. */
export interface PlainLookup {
  keyStart: number
  keyEnd: number
  ipStart: number
  ipEnd: number
}

/** What stands for itself in a query, wherever it stands. */
const PLAIN = byteSet('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.-_~')
const KEY = Buffer.from('apiKey=')
const IP = Buffer.from('ip=')
const AMPERSAND = 38

/** The same for all requests, one after the other. */
const found: PlainLookup = { keyStart: 0, keyEnd: 0, ipStart: 0, ipEnd: 0 }

/**
 * Read a lookup as nearly all are written: a key and an address, each once, and nothing else.
 *
 * @param from where the query begins
 * @returns what is good until the next call; undefined for a query with anything else in it, or anything escaped
 */
export function readPlainLookup(head: RequestHead, bytes: Buffer, from: number): PlainLookup | undefined {
  const end = head.targetEnd
  found.keyEnd = 0
  found.ipEnd = 0
  for (let at = from; at < end;) {
    // The blank behind a target ends a name, too.
    const isKey = startsWith(bytes, at, KEY)
    if (!isKey && !startsWith(bytes, at, IP)) return undefined
    const start = at + (isKey ? KEY.length : IP.length)
    at = start
    while (at < end && PLAIN[bytes[at] ?? 0] === 1) at++
    if (at === start || (isKey ? found.keyEnd : found.ipEnd) > 0) return undefined
    if (isKey) {
      found.keyStart = start
      found.keyEnd = at
    } else {
      found.ipStart = start
      found.ipEnd = at
    }
    if (at === end) break
    if (bytes[at] !== AMPERSAND) return undefined
    at++
  }
  return found.keyEnd > 0 && found.ipEnd > 0 ? found : undefined
}
