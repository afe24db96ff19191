import { expect, test } from 'bun:test'
import { readText, refusalOf } from '#testing/read-sample.ts'
import { SOURCE_SAMPLES } from '#testing/source-samples.ts'

const SAMPLE = SOURCE_SAMPLES.delegated

test('a registry file says who has what since when, with counts of ASes and of IPv4 addresses', () => {
  const { rows, summary } = readText('delegated', SAMPLE)

  const common = { registry: 'apnic', status: 'allocated' } as const
  expect(rows).toEqual([
    {
      kind: 'as-allocation',
      first: 173,
      last: 173,
      ...common,
      country: 'JP',
      day: 20020801,
      opaqueId: 'A91A7381',
    },
    {
      kind: 'as-allocation',
      first: 681,
      last: 684,
      ...common,
      country: 'NZ',
      day: 20020801,
      opaqueId: 'A91B2C44',
    },
    {
      kind: 'ip-allocation',
      version: 4,
      first: 0x01000000,
      last: 0x010000ff,
      ...common,
      status: 'assigned',
      country: 'AU',
      day: 20110811,
      opaqueId: 'A91872ED',
    },
    // 768 addresses are no prefix.
    {
      kind: 'ip-allocation',
      version: 4,
      first: 0x01000100,
      last: 0x010003ff,
      ...common,
      country: 'CN',
      day: 20110414,
      opaqueId: 'A92E1062',
    },
    {
      kind: 'ip-allocation',
      version: 4,
      first: 0x2be00400,
      last: 0x2be007ff,
      ...common,
      status: 'available',
      country: '',
      day: 0,
      opaqueId: '',
    },
    {
      kind: 'ip-allocation',
      version: 6,
      first: 0x20010200n << 96n,
      last: (0x20010201n << 96n) - 1n,
      ...common,
      country: 'JP',
      day: 19990813,
      opaqueId: 'A91A7381',
    },
  ])
  expect(summary).toEqual({ rows: 6, badRows: 0, day: 20251119, part: 'apnic' })
})

test.each(['afrinic', 'apnic', 'arin', 'lacnic', 'ripencc'])(
  'a file of %s is that part of the source',
  (registry) => {
    expect(readText('delegated', SAMPLE.replaceAll('apnic', registry)).summary.part).toBe(registry)
  },
)

test('a file without all the records that it announces is cut off', () => {
  const cut = `${SAMPLE.split('\n').slice(0, 8).join('\n')}\n`

  expect(refusalOf('delegated', cut)).toBe(
    'SourceFormatError: the file is cut off: it says it has 2 records of asn, but holds 1',
  )
})

test('ZZ and no country are no country; a day that does not exist is none', () => {
  const text = `${SAMPLE.replace('apnic|JP|asn|173|1|20020801', 'apnic|ZZ|asn|173|1|20020899')}`

  expect(readText('delegated', text).rows[0]).toMatchObject({ country: '', day: 0 })
})

test.each([
  [
    'the combined file',
    '2|nro|20251120|1|19830613|20251119|+0000\n',
    'line 1 is the head of a file of "nro"; take those of afrinic, apnic, arin, lacnic, ripencc',
  ],
  [
    'a file without its head',
    'apnic|JP|asn|173|1|20020801|allocated|A91A7381\n',
    'line 1 is not the head that such a file begins with',
  ],
  ['an unknown type', withRecord('apnic|JP|asnx|173|1|20020801|allocated|'), 'line 2 is of no known type'],
  ['an unknown status', withRecord('apnic|JP|asn|173|1|20020801|lost|'), 'line 2 has no known status'],
  ['too many ASes', withRecord('apnic|JP|asn|4294967295|2|20020801|allocated|'), 'line 2 has no AS numbers'],
  ['no AS', withRecord('apnic|JP|asn|5|0|20020801|allocated|'), 'line 2 has no AS numbers'],
  [
    'addresses beyond the last',
    withRecord('apnic|JP|ipv4|255.255.255.0|257|20020801|allocated|'),
    'line 2 has no ipv4 addresses',
  ],
  [
    'an IPv6 prefix that is too long',
    withRecord('apnic|JP|ipv6|2001:200::|129|20020801|allocated|'),
    'line 2 has no ipv6 addresses',
  ],
  [
    'another registry',
    withRecord('arin|US|asn|5|1|20020801|allocated|'),
    'line 2 is of "arin", in a file of apnic',
  ],
])('%s is refused', (_, text, reason) => {
  expect(refusalOf('delegated', text)).toContain(reason)
})

function withRecord(record: string): string {
  return `2|apnic|20251120|1|19830613|20251119|+1000\n${record}\n`
}
