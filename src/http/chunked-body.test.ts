import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { ChunkedBody } from './chunked-body.ts'

test.each([
  ['one chunk', '5\r\nhello\r\n0\r\n\r\n', 'hello'],
  ['nothing', '0\r\n\r\n', ''],
  [
    'several chunks, sizes in either case and with zeros',
    '00a\r\n0123456789\r\nA\r\n9876543210\r\n000\r\n\r\n',
    '01234567899876543210',
  ],
  ['extensions and trailers, which are left out', '2;a="b c";d\r\nhi\r\n0;x\r\nX: y\r\nZ:\r\n\r\n', 'hi'],
  ['data that looks like an end', '7\r\n0\r\n\r\n0\r\r\n0\r\n\r\n', '0\r\n\r\n0\r'],
])('%s', (_, text, data) => {
  expect(readChunks(`${text}GET /`)).toEqual({ data, end: text.length, isDone: true })
})

test.each([
  ['a size of nothing', '\r\n'],
  ['a size that is no number', 'x\r\n'],
  ['a size with a sign', '+1\r\na\r\n'],
  ['a size with a prefix', '0x1\r\na\r\n'],
  ['a blank before the size', ' 1\r\na\r\n'],
  ['a blank behind the size', '1 \r\na\r\n'],
  ['a size beyond numbers', 'ffffffffffff\r\n'],
  ['a bare line feed behind the size', '1\na\r\n'],
  ['a bare carriage return behind the size', '1\ra\r\n'],
  ['a bare line feed in an extension', '1;a\nb\r\n'],
  ['NUL in an extension', '1;a\0b\r\n'],
  ['an extension without end', `1;${'x'.repeat(300)}\r\n`],
  ['data that is longer than its size', '1\r\nab\r\n'],
  ['a bare line feed behind the data', '1\r\na\n'],
  ['a folded trailer', '0\r\n a: b\r\n\r\n'],
  ['a bare line feed in a trailer', '0\r\na: b\n\r\n'],
  ['a bare carriage return at the end', '0\r\n\rx'],
  ['trailers without end', `0\r\n${'a: b\r\n'.repeat(2_000)}\r\n`],
])('%s is malformed', (_, text) => {
  expect(readChunks(text).end).toBe(-1)
})

test('a body has the same data and end wherever it is cut', () => {
  const chunk = fc.record({
    data: fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 40 }),
    extension: fc.constantFrom('', ';a', ';a="b"'),
  })
  fc.assert(
    fc.property(fc.array(chunk), fc.constantFrom('', 'A: b\r\n'), fc.nat(7), (chunks, trailer, step) => {
      const text = `${chunks.map(({ data, extension }) => `${data.length.toString(16)}${extension}\r\n${data}\r\n`).join('')}0\r\n${trailer}\r\n`

      const read = readChunks(`${text}POST /`, step + 1)

      expect(read).toEqual({ data: chunks.map(({ data }) => data).join(''), end: text.length, isDone: true })
    }),
  )
})

test('bytes at random are never read beyond their end', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...Array.from('0123af;:x \r\n\t\0')) }), (text) => {
      const { end } = readChunks(text)
      expect(end === -1 || (end >= 0 && end <= text.length)).toBe(true)
      expect(readChunks(text, 1).end === -1).toBe(end === -1)
    }),
    { numRuns: 2_000 },
  )
})

/** Read a body that comes in pieces of so many bytes. */
function readChunks(text: string, step = Infinity) {
  const bytes = Buffer.from(text, 'latin1')
  const body = new ChunkedBody()
  let data = ''
  for (let at = 0; at < bytes.length;) {
    const piece = bytes.subarray(0, Math.min(bytes.length, at + step))
    const end = body.read(piece, at, (start, stop) => {
      data += piece.toString('latin1', start, stop)
    })
    if (end === -1 || body.isDone) return { data, end, isDone: body.isDone }
    at = end
  }
  return { data, end: bytes.length, isDone: body.isDone }
}
