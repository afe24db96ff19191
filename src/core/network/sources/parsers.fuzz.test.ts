import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { parserOf, readBytes } from '#testing/read-sample.ts'
import { SOURCE_SAMPLES, sourceOfSample } from '#testing/source-samples.ts'
import { type OpenParser, type Row, SourceFormatError } from './rows.ts'

const SAMPLES = Object.entries(SOURCE_SAMPLES).map(([name, text]) => ({
  name,
  bytes: Buffer.from(text),
  open: parserOf(sourceOfSample(name)),
}))
const PARSERS = new Map(SAMPLES.map(({ name, open }) => [sourceOfSample(name), open]))

test.each(SAMPLES)('the rows of $name are the same however the file arrives', ({ bytes, open }) => {
  const whole = readBytes(open, bytes)

  for (const pieceBytes of [1, 2, 3, 7, 50]) expect(readBytes(open, bytes, pieceBytes)).toEqual(whole)
  for (const row of whole.rows) expect(problemOf(row)).toBeUndefined()
})

test.each(SAMPLES)('$name with Windows line ends and a mark of UTF-8 is read alike', ({ bytes, open }) => {
  const windows = Buffer.from(`\ufeff${bytes.toString().replaceAll('\n', '\r\n')}`)

  expect(readBytes(open, windows)).toEqual(readBytes(open, bytes))
})

test.each(SAMPLES)('$name, damaged in any way, is read or refused', ({ bytes, open }) => {
  fc.assert(
    fc.property(
      fc.array(damage, { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1, max: 64 }),
      (all, pieceBytes) => {
        expectRowsOrRefusal(open, all.reduce(applied, bytes), pieceBytes)
      },
    ),
    { numRuns: 150 },
  )
})

test.each([...PARSERS].map(([name, open]) => ({ name, open })))(
  'arbitrary bytes and text are refused by $name, or read',
  ({ open }) => {
    const lines = fc
      .array(fc.string({ unit: fc.constantFrom(...'0123456789.:/|,_- \t"#ASabfg\n{}[]'.split('')) }), {
        maxLength: 30,
      })
      .map((texts) => Buffer.from(texts.join('\n')))

    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 400 }), lines), (bytes) => {
        expectRowsOrRefusal(open, bytes, 64)
      }),
      { numRuns: 150 },
    )
  },
)

test('no file of one format is taken for another by mistake', () => {
  const unlike = SAMPLES.flatMap(({ name, bytes }) =>
    [...PARSERS]
      .filter(([parser]) => familyOf(parser) !== familyOf(name))
      .filter(([, open]) => isAccepted(open, bytes))
      .map(([parser]) => `${name} as ${parser}`),
  )

  // A list of prefixes is one, whoever publishes it.
  const isPlainList = (text: string) =>
    /^(?:cloud:plain|tor-exits|x4bnet-vpn) as (?:cloud:|tor-exits|x4bnet-vpn)/.test(text)
  expect(unlike.filter((text) => !isPlainList(text))).toEqual([])
})

type Damage = (bytes: Buffer) => Buffer

const place = fc.double({ min: 0, max: 1, noNaN: true })
const damage: fc.Arbitrary<Damage> = fc.oneof(
  fc
    .tuple(place, fc.uint8Array({ minLength: 1, maxLength: 4 }))
    .map(([where, inserted]): Damage => (bytes) => {
      const at = Math.floor(where * bytes.length)
      return Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at)])
    }),
  fc.tuple(place, fc.integer({ min: 1, max: 30 })).map(([where, length]): Damage => (bytes) => {
    const at = Math.floor(where * bytes.length)
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)])
  }),
  fc
    .tuple(place, fc.constantFrom(...'0123456789-|,_./:\t\n" "{}[]#'.split('')))
    .map(([where, character]): Damage => (bytes) => {
      const changed = Buffer.from(bytes)
      changed[Math.floor(where * bytes.length)] = character.charCodeAt(0)
      return changed
    }),
  fc.tuple(place, fc.integer({ min: 0, max: 7 })).map(([where, bit]): Damage => (bytes) => {
    const changed = Buffer.from(bytes)
    const at = Math.floor(where * bytes.length)
    changed[at] = (changed[at] ?? 0) ^ (1 << bit)
    return changed
  }),
  place.map(
    (where): Damage =>
      (bytes) =>
        bytes.subarray(0, Math.floor(where * bytes.length)),
  ),
  fc.constant<Damage>((bytes) => Buffer.concat([bytes, bytes])),
)

function applied(bytes: Buffer, change: Damage): Buffer {
  return change(bytes)
}

function expectRowsOrRefusal(open: OpenParser, bytes: Uint8Array, pieceBytes: number): void {
  try {
    const { rows, summary } = readBytes(open, bytes, pieceBytes)
    expect(summary.rows).toBe(rows.length)
    expect(rows.length).toBeGreaterThan(0)
    expect(summary.badRows * 100).toBeLessThanOrEqual(rows.length)
    for (const row of rows) expect([problemOf(row), row]).toEqual([undefined, row])
  } catch (error) {
    if (!(error instanceof SourceFormatError)) throw error
    expect(error.message).toMatch(/^(this is|the file is cut off|line \d+)/)
  }
}

function isAccepted(open: OpenParser, bytes: Uint8Array): boolean {
  try {
    readBytes(open, bytes)
    return true
  } catch {
    return false
  }
}

function familyOf(sample: string): string {
  const name = sourceOfSample(sample)
  if (name.startsWith('caida-as-rel')) return 'relations'
  if (name.startsWith('x4bnet') || name === 'tor-exits') return 'lists'
  return name.startsWith('cloud:') ? 'cloud' : name
}

const MAX_ASN = 2 ** 32 - 1

/** What a row must not be. */
function problemOf(row: Row): string | undefined {
  if ('version' in row && 'first' in row) {
    const [low, high, max] =
      row.version === 4 ? [row.first, row.last, 2 ** 32 - 1] : [row.first, row.last, 2n ** 128n - 1n]
    if (!(low >= 0 && low <= high && high <= max)) return 'range'
    if (row.version === 4 && !(Number.isInteger(row.first) && Number.isInteger(row.last)))
      return 'IPv4 address'
  }
  if ('country' in row && !/^(?:[A-Z]{2})?$/.test(row.country)) return 'country'
  if (
    'day' in row &&
    row.day !== 0 &&
    !/^(?:19|2\d)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])$/.test(String(row.day))
  )
    return 'day'
  if ('name' in row && (row.name.length > 200 || row.name !== row.name.trim())) return 'name'
  const numbers = [
    ...('asn' in row ? [row.asn] : []),
    ...(row.kind === 'as-link' ? [row.left, row.right] : []),
    ...(row.kind === 'prefix-origin' ? row.origins : []),
    ...(row.kind === 'as-cone' ? row.members : []),
  ]
  if (numbers.some((asn) => !(Number.isInteger(asn) && asn >= 1 && asn <= MAX_ASN))) return 'AS number'
  if (row.kind === 'as-link' && row.left === row.right) return 'a link to itself'
  if (row.kind === 'as-allocation' && !(row.first >= 0 && row.first <= row.last && row.last <= MAX_ASN))
    return 'AS range'
  if (row.kind === 'country-range' && row.country === '') return 'no country'
  if (row.kind === 'prefix-origin' && new Set(row.origins).size !== row.origins.length) return 'origins twice'
  if (
    (row.kind === 'prefix-origin' && row.origins.length === 0) ||
    (row.kind === 'as-cone' && row.members.length === 0)
  )
    return 'nobody'
  return undefined
}
