import { expect, test } from 'bun:test'
import { readText, refusalOf } from '#testing/read-sample.ts'
import { SOURCE_SAMPLES } from '#testing/source-samples.ts'

test("RIPE NCC's list has handles, at times names, and countries", () => {
  const common = { kind: 'as-name', networkClass: '' } as const
  expect(readText('ripe-asnames', SOURCE_SAMPLES['ripe-asnames']).rows).toEqual([
    { ...common, asn: 1, handle: 'EXAMPLE-1', name: 'Example Networks, LLC', country: 'US' },
    { ...common, asn: 64500, handle: 'BEISPIEL', name: '', country: 'DE' },
    { ...common, asn: 64501, handle: '-Private Use AS-', name: '', country: '' },
  ])
})

test("bgp.tools' table has names and classes", () => {
  const common = { kind: 'as-name', handle: '' } as const
  expect(readText('bgptools-asns', SOURCE_SAMPLES['bgptools-asns']).rows).toEqual([
    { ...common, asn: 64500, name: 'Example Networks', country: 'US', networkClass: '' },
    { ...common, asn: 64501, name: 'EXAMPLE CABLE CO.,LTD', country: 'JP', networkClass: 'Eyeball' },
    { ...common, asn: 64502, name: 'The "Example" Company', country: '', networkClass: 'Content' },
  ])
})

test('a tag is that of the source, whatever quotation marks the names have', () => {
  expect(readText('bgptools-tag:gov', SOURCE_SAMPLES['bgptools-tag:vpn']).rows).toEqual(
    [64500, 64501, 64502].map((asn) => ({ kind: 'as-tag', asn, tag: 'gov' })),
  )
})

test.each([
  ['bgptools-asns', 'AS64500,Example,Unknown,US\n', 'line 1 is not the head "asn,name,class,cc"'],
  [
    'bgptools-asns',
    'asn,name,class,cc\nAS64500,"Example,Unknown,US\n',
    'line 2 has unreadable fields instead of four',
  ],
  ['bgptools-asns', 'asn,name,class,cc\nAS64500,,Unknown,US\n', 'line 2 has no name'],
  ['bgptools-tag:vpn', 'ASNaN,<p>\n', 'line 1 does not begin with AS and a number'],
  ['bgptools-tag:vpn', '64500,Example\n', 'line 1 does not begin with AS and a number'],
  ['ripe-asnames', 'AS names\n', 'line 1 does not begin with an AS number'],
])('%s %p is refused', (source, text, reason) => {
  expect(refusalOf(source, text)).toContain(reason)
})
