import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { aClick, buildSegment } from '#testing/clicks.ts'
import {
  type Click,
  commitRecord,
  decodeRecord,
  type ClickInPlace,
  encodeClick,
  encodeClickInPlace,
  END_MARK_BYTES,
  MAX_RECORD_BYTES,
} from './spool-record.ts'

test('every field of a click comes back as it was written', () => {
  const click = aClick({
    atMs: 1_795_262_400_123,
    linkId: Number.MAX_SAFE_INTEGER,
    teamId: 4_294_967_296,
    isHead: true,
    isPrefetch: true,
    isScan: true,
    ip: '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff',
    userAgent: 'curl/8.1',
    referrer: 'https://news.example/?id=1',
    acceptLanguage: 'de-CH, fr;q=0.8',
    query: 'utm_source=mail&x=%C3%A9',
  })

  expect(roundTrip(click)).toEqual(click)
})

test.each(['isHead', 'isPrefetch', 'isScan'] as const)(
  'the flag %s is kept apart from the others',
  (flag) => {
    const click = aClick({ [flag]: true })

    expect(roundTrip(click)).toEqual(click)
  },
)

test('texts that are absent come back empty and take no room', () => {
  const empty = { ip: '', userAgent: '', referrer: '', acceptLanguage: '', query: '' }

  expect(roundTrip(aClick(empty))).toEqual(aClick(empty))
  expect(encodeClick(Buffer.alloc(MAX_RECORD_BYTES), 0, aClick(empty))).toBe(44)
})

test('a click is recorded alike from texts and from the bytes they stand in', () => {
  const text = fc.string({
    unit: fc.integer({ min: 1, max: 255 }).map((n) => String.fromCharCode(n)),
    maxLength: 1_100,
  })
  const texts = fc.record({ userAgent: text, referrer: text, acceptLanguage: text, query: text })
  fc.assert(
    fc.property(texts, (changes) => {
      const click = aClick(changes)
      const [fromTexts, inPlace] = [Buffer.alloc(MAX_RECORD_BYTES), Buffer.alloc(MAX_RECORD_BYTES)]
      encodeClick(fromTexts, 0, click)
      encodeClickInPlace(inPlace, 0, placed(click))
      expect(inPlace.equals(fromTexts)).toBe(true)
    }),
  )
})

test('texts are cut at their caps, and the longest record has room', () => {
  const long = 'x'.repeat(5_000)
  const click = roundTrip(
    aClick({ ip: long, userAgent: long, referrer: long, acceptLanguage: long, query: long }),
  )

  expect(click?.ip).toHaveLength(64)
  expect(click?.userAgent).toHaveLength(512)
  expect(click?.referrer).toHaveLength(1024)
  expect(click?.acceptLanguage).toHaveLength(128)
  expect(click?.query).toHaveLength(1024)
})

test('header bytes that are UTF-8 come back as the text they mean, others as latin1', () => {
  const click = roundTrip(
    aClick({ userAgent: asHeader('naïve 日本 🎈'), referrer: 'caf\u00e9', query: 'x\u00ff\u00fe' }),
  )

  expect(click?.userAgent).toBe('naïve 日本 🎈')
  expect(click?.referrer).toBe('café')
  expect(click?.query).toBe('xÿþ')
})

test.each([509, 510, 511, 512])(
  'a text cut after %i bytes of ASCII does not end inside a character',
  (bytes) => {
    const click = roundTrip(aClick({ userAgent: asHeader(`${'x'.repeat(bytes)}🎈🎈`) }))

    expect(click?.userAgent).toBe('x'.repeat(bytes))
  },
)

test('NUL, which PostgreSQL refuses, is left out of texts', () => {
  expect(roundTrip(aClick({ query: 'a\0b' }))?.query).toBe('ab')
})

test('any texts within the caps survive the round trip', () => {
  const text = (maxLength: number) => fc.string({ unit: 'grapheme-ascii', maxLength })
  const texts = fc.record({
    ip: text(64),
    userAgent: text(512),
    referrer: text(1024),
    acceptLanguage: text(128),
    query: text(1024),
  })
  fc.assert(fc.property(texts, (changes) => expect(roundTrip(aClick(changes))).toEqual(aClick(changes))))
})

test('a record is not there before its commit word is', () => {
  const bytes = Buffer.alloc(MAX_RECORD_BYTES)
  const length = encodeClick(bytes, 0, aClick())

  const before = decodeRecord(bytes, 0, bytes.length)
  commitRecord(new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2), 0, length)

  expect(before).toEqual({ kind: 'unwritten' })
  expect(decodeRecord(bytes, 0, bytes.length)).toMatchObject({ kind: 'click', bytes: length })
})

test('a segment says where it ends, and what is cut off says so', () => {
  const { bytes, offset } = buildSegment([aClick()], { isEnded: true })

  expect(decodeRecord(bytes, offset, bytes.length)).toEqual({ kind: 'end' })
  expect(decodeRecord(bytes, 0, offset - 1)).toEqual({ kind: 'short' })
  expect(decodeRecord(bytes, 0, END_MARK_BYTES - 1)).toEqual({ kind: 'short' })
})

test('a record with any one bit turned is damaged, and never another click', () => {
  const { bytes, offset } = buildSegment([aClick()])
  for (let bit = 0; bit < offset * 8; bit++) {
    const flipped = Buffer.from(bytes)
    flipped[bit >> 3] = flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7))

    expect(['damaged', 'short']).toContain(decodeRecord(flipped, 0, flipped.length).kind)
  }
})

test('whatever the bytes are, decoding answers without throwing or going beyond them', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(75), (garbage, word) => {
      const bytes = Buffer.from(garbage)
      const decoded = decodeRecord(bytes, word * 4, bytes.length)
      if (decoded.kind === 'click') expect(word * 4 + decoded.bytes).toBeLessThanOrEqual(bytes.length)
    }),
    { numRuns: 2_000 },
  )
})

test('whatever a record with a right checksum says, decoding does not throw and the next record is found', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 36, maxLength: 300 }), (body) => {
      const decoded = decodeRecord(sealed(body), 0, body.length + 16)
      if (decoded.kind === 'click') expect(Number.isSafeInteger(decoded.click.linkId)).toBe(true)
      else expect(decoded).toEqual({ kind: 'unusable', bytes: (8 + body.length + 3) & ~3 })
    }),
    { numRuns: 2_000 },
  )
})

function roundTrip(click: Click): Click | undefined {
  const { bytes, offset } = buildSegment([click])
  const decoded = decodeRecord(bytes, 0, bytes.length)
  if (decoded.kind !== 'click') return undefined
  expect(decoded.bytes).toBe(offset)
  return decoded.click
}

/** Text as a server hands out the bytes of a header. */
function asHeader(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1')
}

/** A body of any bytes under a right length and checksum. */
function sealed(body: Uint8Array): Buffer {
  const length = (8 + body.length + 3) & ~3
  const bytes = Buffer.alloc(body.length + 16)
  bytes.set(body, 8)
  bytes.writeInt32LE(length, 0)
  bytes.writeUInt32LE(Bun.hash.crc32(bytes.subarray(8, length)), 4)
  return bytes
}

/** The click as it would stand in a request, among other bytes. */
function placed(click: Click): ClickInPlace {
  const { userAgent, referrer, acceptLanguage, query, ...facts } = click
  const parts = [
    'GET /',
    query,
    ' UA: ',
    userAgent,
    ' Referer: ',
    referrer,
    ' Language: ',
    acceptLanguage,
    ' end',
  ]
  const spanOf = (index: number) => {
    const start = parts.slice(0, index).join('').length
    return { start, end: start + (parts[index]?.length ?? 0) }
  }
  return {
    ...facts,
    bytes: Buffer.from(parts.join(''), 'latin1'),
    query: spanOf(1),
    userAgent: spanOf(3),
    referrer: spanOf(5),
    acceptLanguage: spanOf(7),
  }
}
