import { writeFileSync } from 'node:fs'
import {
  type Click,
  commitEnd,
  commitRecord,
  encodeClick,
  END_MARK_BYTES,
  MAX_RECORD_BYTES,
} from '#core/clicks/spool-record.ts'
import { segmentPath } from '#core/clicks/spool-segments.ts'

/** A browser's click on link 1 of team 1, in November 2026. */
export function aClick(changes: Partial<Click> = {}): Click {
  return {
    atMs: Date.UTC(2026, 10, 21, 12),
    linkId: 1,
    teamId: 1,
    isHead: false,
    isPrefetch: false,
    isScan: false,
    ip: '203.0.113.7',
    userAgent:
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36',
    referrer: 'https://example.com/',
    acceptLanguage: 'en-US,en;q=0.9',
    query: '',
    ...changes,
  }
}

/** So many clicks, on links 1, 2, 3 and so on. */
export function someClicks(count: number, changes: Partial<Click> = {}): Click[] {
  return Array.from({ length: count }, (_, index) => aClick({ linkId: index + 1, ...changes }))
}

/** A segment as memory, and where its next record would begin. */
export interface BuiltSegment {
  readonly bytes: Buffer
  readonly offset: number
}

/** Records one after another, with room for one more; `isEnded` adds the mark that the writer makes when it goes on. */
export function buildSegment(clicks: readonly Click[], { isEnded = false } = {}): BuiltSegment {
  const bytes = Buffer.alloc((clicks.length + 1) * MAX_RECORD_BYTES + END_MARK_BYTES)
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 2)
  let offset = 0
  for (const click of clicks) {
    const length = encodeClick(bytes, offset, click)
    commitRecord(words, offset, length)
    offset += length
  }
  if (isEnded) commitEnd(words, offset)
  return { bytes, offset }
}

/** Put a built segment into a spool's directory. */
export function writeSegment(dir: string, number: number, segment: BuiltSegment): void {
  writeFileSync(segmentPath(dir, number), segment.bytes)
}
