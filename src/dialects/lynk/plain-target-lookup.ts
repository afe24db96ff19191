import { byteSet, type RequestHead, startsWith } from '#http/request-head.ts'

/** Where in a request's bytes the parts of a lookup stand. */
export interface PlainTargetLookup {
  targetStart: number
  targetEnd: number
  /** Both 0 where there is no key. */
  keyStart: number
  keyEnd: number
}

/** What an address is written in, and `me`. */
const TARGET = byteSet('0123456789abcdefABCDEF.:mM')
/** What stands for itself in a query, wherever it stands. */
const PLAIN = byteSet('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.-_~')
const LITE = Buffer.from('mode=lite')
const KEY = Buffer.from('key=')
const QUESTION_MARK = 63
const AMPERSAND = 38

/** The same for all requests, one after the other. */
const found: PlainTargetLookup = { targetStart: 0, targetEnd: 0, keyStart: 0, keyEnd: 0 }

/**
 * Read a lookup in local data as nearly all are written: an address or `me`, then `mode=lite` and perhaps the key, each
 * once, and nothing else.
 *
 * @param from where the address begins
 * @returns what is good until the next call; undefined for whatever has escapes or another parameter
 */
export function readPlainTargetLookup(
  head: RequestHead,
  bytes: Buffer,
  from: number,
): PlainTargetLookup | undefined {
  const end = head.targetEnd
  let at = from
  while (at < end && TARGET[bytes[at] ?? 0] === 1) at++
  if (at === from || at === end || bytes[at] !== QUESTION_MARK) return undefined
  found.targetStart = from
  found.targetEnd = at
  found.keyStart = found.keyEnd = 0
  let isLite = false
  for (at++; ; at++) {
    // The blank behind a target ends a name, too.
    if (!isLite && startsWith(bytes, at, LITE)) {
      isLite = true
      at += LITE.length
    } else if (found.keyEnd === 0 && startsWith(bytes, at, KEY)) {
      at += KEY.length
      found.keyStart = at
      while (at < end && PLAIN[bytes[at] ?? 0] === 1) at++
      if (at === found.keyStart) return undefined
      found.keyEnd = at
    } else return undefined
    if (at === end) return isLite ? found : undefined
    if (bytes[at] !== AMPERSAND) return undefined
  }
}
