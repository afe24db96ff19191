import { expect, test } from 'bun:test'
import { parserOf, readBytes, readText, refusalOf } from '#testing/read-sample.ts'
import { SOURCE_SAMPLES } from '#testing/source-samples.ts'

const ORGANIZATION = {
  kind: 'organization',
  id: 'EX-1-ARIN',
  name: 'Example Networks, Inc.',
  country: 'US',
  day: 20240105,
  registry: 'ARIN',
} as const
const SYSTEM = {
  kind: 'as-organization',
  asn: 64500,
  name: 'EXAMPLE-1',
  organizationId: 'EX-1-ARIN',
  opaqueId: 'ab12_ARIN',
  day: 20240105,
  registry: 'ARIN',
} as const

test('the text form has organisations and then systems', () => {
  expect(readText('caida-as-org', SOURCE_SAMPLES['caida-as-org']).rows).toEqual([
    ORGANIZATION,
    {
      ...ORGANIZATION,
      id: '@family-2',
      name: 'Beispiel GmbH',
      country: 'DE',
      day: 20230220,
      registry: 'RIPE',
    },
    SYSTEM,
    {
      ...SYSTEM,
      asn: 64501,
      name: 'BEISPIEL',
      organizationId: '@family-2',
      opaqueId: '',
      day: 20230220,
      registry: 'RIPE',
    },
  ])
})

test('the form of lines of JSON says the same', () => {
  expect(readText('caida-as-org', SOURCE_SAMPLES['caida-as-org lines of JSON']).rows).toEqual([
    ORGANIZATION,
    SYSTEM,
  ])
})

test('older files have no opaque ids', () => {
  expect(readText('caida-as-org', SOURCE_SAMPLES['caida-as-org without opaque ids']).rows).toEqual([
    { ...ORGANIZATION, name: 'Example Networks', day: 0 },
    { ...SYSTEM, opaqueId: '', day: 20100101 },
  ])
})

test('a name that is not UTF-8 is read as ISO 8859-1', () => {
  const text = SOURCE_SAMPLES['caida-as-org'].replace('Beispiel GmbH', 'Müller GmbH')

  for (const encoding of ['latin1', 'utf8'] as const) {
    const { rows } = readBytes(parserOf('caida-as-org'), Buffer.from(text, encoding))
    expect(rows[1]).toMatchObject({ name: 'Müller GmbH' })
  }
})

test.each([
  ['a record before its table', 'EX|2020|Example|US|ARIN\n', 'line 1 comes before any "# format:" line'],
  [
    'a record with a field too many',
    '# format:org_id|changed|org_name|country|source\nEX|2020|Ex|ample|US|ARIN\n',
    'line 2 has 6 fields where the format line has 5',
  ],
  [
    'a system without a number',
    '{"type":"ASN","asn":"x","organizationId":"EX"}\n',
    'line 1 has no AS number',
  ],
  ['a nameless organisation', '{"type":"Organization","name":"Example"}\n', 'line 1 names no organisation'],
  [
    'another kind of record',
    '{"type":"Person","organizationId":"EX"}\n',
    'line 1 is neither an organisation nor an AS',
  ],
  ['half a record', '{"type":"ASN","asn":\n', 'line 1 is no JSON'],
])('%s is refused', (_, text, reason) => {
  expect(refusalOf('caida-as-org', text)).toBe(
    `SourceFormatError: this is not a file of CAIDA AS organisations: ${reason}`,
  )
})
