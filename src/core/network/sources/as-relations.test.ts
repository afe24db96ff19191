import { expect, test } from 'bun:test'
import { readText, refusalOf } from '#testing/read-sample.ts'
import { SOURCE_SAMPLES } from '#testing/source-samples.ts'

test('serial-2 says who provides transit to whom, who peers, and where it was seen', () => {
  const { rows, summary } = readText('caida-as-rel', SOURCE_SAMPLES['caida-as-rel'])

  const link = { kind: 'as-link', version: 4 } as const
  expect(rows).toEqual([
    { kind: 'as-role', version: 4, asn: 64496, role: 'clique' },
    { kind: 'as-role', version: 4, asn: 64497, role: 'clique' },
    { kind: 'as-role', version: 4, asn: 64510, role: 'exchange' },
    { ...link, left: 64496, right: 64500, relation: 'transit', isInBgp: true, isInMlp: false },
    { ...link, left: 64496, right: 64497, relation: 'peering', isInBgp: true, isInMlp: false },
    { ...link, left: 64500, right: 64501, relation: 'peering', isInBgp: false, isInMlp: true },
    { ...link, left: 64500, right: 64502, relation: 'peering', isInBgp: true, isInMlp: true },
    { ...link, left: 64500, right: 4200000001, relation: 'transit', isInBgp: true, isInMlp: false },
  ])
  expect(summary).toEqual({ rows: 8, badRows: 0, day: 20250901, part: '' })
})

test('serial-1 has three fields, and IPv6 is told by the source', () => {
  const { rows } = readText('caida-as-rel-v6', SOURCE_SAMPLES['caida-as-rel serial-1'])

  expect(rows.map((row) => ('version' in row ? row.version : 0))).toEqual([6, 6, 6, 6])
  expect(rows[1]).toEqual({
    kind: 'as-link',
    version: 6,
    left: 64496,
    right: 64500,
    relation: 'transit',
    isInBgp: true,
    isInMlp: false,
  })
})

test.each([
  ['1|2', 'line 1 has fewer than three fields with | between them'],
  ['1|2|3', 'line 1 has a relation that is neither -1 nor 0'],
  ['1|2|-1|xyz', 'line 1 says neither bgp nor mlp in its fourth field'],
  ['1|1|0', 'line 1 relates an AS to itself'],
  ['0|1|0', 'line 1 does not begin with two AS numbers'],
  ['1|4294967296|0', 'line 1 does not begin with two AS numbers'],
  ['# a comment\n\na|b|0', 'line 3 does not begin with two AS numbers'],
])('%p is refused', (text, reason) => {
  expect(refusalOf('caida-as-rel', `${text}\n`)).toBe(
    `SourceFormatError: this is not a CAIDA AS relationship file: ${reason}`,
  )
})
