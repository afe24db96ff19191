import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { ByteBuffer } from './byte-buffer.ts'

const written = ({ bytes, length }: ByteBuffer) => bytes.subarray(0, length)

test('parts of any length are put together whole, one after the other', () => {
  const buffer = new ByteBuffer()
  for (const lengths of [[], [1, 32, 33], [4_096], [4_000, 200, 1], [100_000, 7]]) {
    const parts = lengths.map((length, part) => Buffer.alloc(length + 2, 97 + part))
    buffer.clear()
    for (const part of parts) buffer.append(part, 1, part.length - 1)

    const expected = Buffer.concat(parts.map((part) => part.subarray(1, -1)))
    expect(buffer.length).toBe(expected.length)
    expect(written(buffer).equals(expected)).toBe(true)
  }
})

test('numbers are written as texts of them are', () => {
  const degrees = fc.integer({ min: -180_000_000, max: 180_000_000 })
  const numbers = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.double({ noNaN: true, min: -200, max: 200 }),
    fc.maxSafeInteger(),
    fc.nat(),
    degrees.map((n) => n / 1e6),
    degrees.map((n) => Math.round(n / 100) / 1e4),
    degrees.map((n) => Math.fround(n / 1e6)),
    fc.constantFrom(
      0,
      -0,
      1,
      10,
      0.1,
      1e-6,
      -1e-7,
      1.000001,
      999_999.999999,
      1e15,
      1e15 - 1,
      1e21,
      4_294_967_295,
    ),
    fc.constantFrom(999_999_999.999999, 999_999_999.9999995, 123_456_789.123457, 9_007_199_254.5),
  )
  const buffer = new ByteBuffer()
  fc.assert(
    fc.property(fc.array(numbers, { maxLength: 400 }), (values) => {
      buffer.clear()
      for (const value of values) {
        buffer.appendNumber(value)
        buffer.appendText(' ')
      }
      expect(written(buffer).toString('latin1')).toBe(values.map((value) => `${value} `).join(''))
    }),
    { numRuns: 300 },
  )
})
