import { expect, test } from 'bun:test'
import { parserOf, readText, refusalOf } from '#testing/read-sample.ts'
import type { Row } from './rows.ts'

const GOOD = '64496|64500|-1\n'

test('one damaged line in a hundred rows is passed over and counted; one more refuses the file', () => {
  const good = GOOD.repeat(200)

  expect(readText('caida-as-rel', `${good}damaged\n${good}damaged\n`).summary).toMatchObject({
    rows: 400,
    badRows: 2,
  })
  expect(refusalOf('caida-as-rel', `${GOOD.repeat(100)}damaged\ndamaged too\n`)).toBe(
    'SourceFormatError: this is not a CAIDA AS relationship file: line 101 has fewer than three fields with | between them',
  )
})

test('a file of another format is refused before it is read to its end', () => {
  const parser = parserOf('caida-as-rel')(() => {})
  let lines = 0

  expect(() => {
    for (; lines < 1_000; lines++) parser.push(Buffer.from('<p>not found</p>\n'))
  }).toThrow('line 1 has fewer than three fields')
  expect(lines).toBeLessThan(50)
})

test('a last line without an end is a file that was cut off', () => {
  expect(refusalOf('caida-as-rel', `${GOOD}64496|645`)).toContain('line 2 has fewer than three fields')
  expect(refusalOf('caida-as-rel', `${GOOD.repeat(200)}64496|645`)).toBe(
    'SourceFormatError: the file is cut off: its last line, line 201, has no end. If it is whole, end it with a newline',
  )
  expect(refusalOf('caida-as-rel', `${GOOD}64496|64501|0`)).toBe(
    'SourceFormatError: the file is cut off: its last line, line 2, has no end. If it is whole, end it with a newline',
  )
})

test.each(['', '\n\n', '# nothing but a comment\n'])('a file without a row, %p, is refused', (text) => {
  expect(refusalOf('caida-as-rel', text)).toMatch(
    /^SourceFormatError: this is not a CAIDA .*: it has (no line|\d lines and no row)$/,
  )
})

test('a line that does not end is given up, however much of it comes', () => {
  const parser = parserOf('caida-ppdc')(() => {})
  const piece = Buffer.alloc(1024 * 1024, '64496 ')
  let pieces = 0

  expect(() => {
    for (; pieces < 100; pieces++) parser.push(piece)
  }).toThrow('line 1 has more than 4194304 bytes')
  expect(pieces).toBeLessThan(6)
})

test('half a million relations are read in a fraction of a second', () => {
  const bytes = Buffer.from(
    Array.from(
      { length: 500_000 },
      (_, index) => `${index + 1}|${index + 2}|${index % 3 === 0 ? '-1' : '0'}|bgp\n`,
    ).join(''),
  )
  let rows = 0
  const parser = parserOf('caida-as-rel')(() => rows++)
  const startedAtMs = performance.now()

  for (let at = 0; at < bytes.length; at += 65_536) parser.push(bytes.subarray(at, at + 65_536))
  parser.end()

  expect(rows).toBe(500_000)
  // About 70 ms on an idle machine.
  expect(performance.now() - startedAtMs).toBeLessThan(1_500)
})

test('a parser stores nothing of the pieces it is given', () => {
  const piece = Buffer.from('64496|64500|-1\n64496|645')
  const rows: Row[] = []
  const parser = parserOf('caida-as-rel')((row) => rows.push(row))

  parser.push(piece)
  piece.fill(0)
  parser.push(Buffer.from('01|0\n'))
  parser.end()

  expect(rows).toEqual([...readText('caida-as-rel', '64496|64500|-1\n64496|64501|0\n').rows])
})
