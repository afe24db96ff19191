import { expect, test } from 'bun:test'
import { readText, refusalOf } from '#testing/read-sample.ts'
import { SOURCE_SAMPLES } from '#testing/source-samples.ts'

test("iptoasn's gaps, which have AS number 0, are no rows", () => {
  expect(readText('iptoasn', SOURCE_SAMPLES.iptoasn).rows).toEqual([
    {
      kind: 'as-range',
      version: 4,
      first: 0x01000000,
      last: 0x010000ff,
      asn: 64500,
      country: 'AU',
      name: 'EXAMPLE-AU - Example Pty',
    },
    {
      kind: 'as-range',
      version: 4,
      first: 0xdfffff00,
      last: 0xffffffff,
      asn: 64501,
      country: 'SG',
      name: 'EXAMPLE-SG',
    },
    {
      kind: 'as-range',
      version: 6,
      first: 0x20010200n << 96n,
      last: (0x20010201n << 96n) - 1n,
      asn: 64502,
      country: 'JP',
      name: 'EXAMPLE-JP',
    },
  ])
})

test('names with commas are between quotation marks', () => {
  const { rows, summary } = readText('sapics-asn', SOURCE_SAMPLES['sapics-asn'])

  expect(rows.map((row) => (row.kind === 'as-range' ? row.name : ''))).toEqual([
    'Example, Inc.',
    'Example Pty Ltd',
    'The "Example" Company',
  ])
  expect(summary.part).toBe('ipv4')
})

test('addresses may be decimal numbers', () => {
  const { rows, summary } = readText('sapics-asn', SOURCE_SAMPLES['sapics-asn numbers'])

  expect(rows[0]).toEqual({
    kind: 'as-range',
    version: 6,
    first: 42540488161975842760550356425300246528n,
    last: 42540488241204005274814694018844196863n,
    asn: 64502,
    country: '',
    name: 'Example JP',
  })
  expect(summary.part).toBe('ipv6')
})

test('a country database names countries, and ZZ is none', () => {
  expect(readText('sapics-country', SOURCE_SAMPLES['sapics-country']).rows).toEqual([
    { kind: 'country-range', version: 4, first: 0x01000000, last: 0x010000ff, country: 'AU' },
    { kind: 'country-range', version: 4, first: 0x01000100, last: 0x010003ff, country: 'CN' },
  ])
})

test('the low end of an IPv6 file of numbers is IPv6', () => {
  expect(readText('sapics-country', '0,42540488161975842760550356425300246527,US\n').rows).toEqual([
    { kind: 'country-range', version: 6, first: 0n, last: (0x20010000n << 96n) - 1n, country: 'US' },
  ])
})

test.each([
  ['sapics-asn', '1.0.0.9,1.0.0.1,64500,X\n'],
  ['sapics-asn', '1.0.0.0,2001:db8::,64500,X\n'],
  ['sapics-asn', '2001:db8::1,::,64500,X\n'],
  ['sapics-asn', '-1,5,64500,X\n'],
  ['sapics-asn', '1,340282366920938463463374607431768211456,64500,X\n'],
  ['iptoasn', '1.0.0.256\t1.0.1.1\t5\tUS\tX\n'],
])('%s %p is refused', (source, text) => {
  expect(refusalOf(source, text)).toContain(
    'line 1 does not begin with two addresses of one version, the lower first',
  )
})

test('two versions in a file of one are refused', () => {
  expect(refusalOf('sapics-asn', '1.0.0.0,1.0.0.255,64500,X\n2001:db8::,2001:db8::1,64500,X\n')).toContain(
    'line 2 does not begin with two addresses of one version',
  )
})
