import { expect, test } from 'bun:test'
import { readText, refusalOf } from '#testing/read-sample.ts'
import { SOURCE_SAMPLES } from '#testing/source-samples.ts'

test('a list has prefixes and addresses of both versions', () => {
  const { rows, summary } = readText('x4bnet-vpn', SOURCE_SAMPLES['x4bnet-vpn'])

  const common = { kind: 'listed-range', list: 'vpn' } as const
  expect(rows).toEqual([
    { ...common, version: 4, first: 0x021a9d00, last: 0x021a9dff },
    { ...common, version: 4, first: 0x021aa400, last: 0x021aa7ff },
    { ...common, version: 4, first: 0x05081001, last: 0x05081001 },
    {
      ...common,
      version: 6,
      first: 0x200105501d05n << 80n,
      last: (0x200105501d06n << 80n) - 1n,
    },
  ])
  expect(summary.part).toBe('ipv4')
})

test('a list of systems has comments', () => {
  const { rows, summary } = readText('x4bnet-datacenter', SOURCE_SAMPLES['x4bnet-vpn systems'])

  expect(rows).toEqual([
    { kind: 'listed-as', asn: 64500, list: 'datacenter' },
    { kind: 'listed-as', asn: 64501, list: 'datacenter' },
  ])
  expect(summary.part).toBe('asn')
})

test('Tor exits are addresses', () => {
  expect(
    readText('tor-exits', SOURCE_SAMPLES['tor-exits']).rows.map(
      (row) => row.kind === 'listed-range' && row.list,
    ),
  ).toEqual(['tor-exit', 'tor-exit', 'tor-exit'])
})

test('bits behind a prefix are left away', () => {
  expect(readText('x4bnet-vpn', '192.0.2.77/24 # by hand\n').rows[0]).toMatchObject({
    first: 0xc0000200,
    last: 0xc00002ff,
  })
})

test.each([
  '192.0.2.0/33',
  '192.0.2.0/',
  '192.0.2',
  '192.0.2.0-192.0.2.9',
  '2001:db8::/129',
  'AS',
  'fe80::1%eth0',
])('%p is refused', (line) => {
  expect(refusalOf('x4bnet-vpn', `${line}\n`)).toContain('line 1 is no prefix, no address and no AS number')
})
