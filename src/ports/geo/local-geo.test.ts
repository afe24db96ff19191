import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { buildMmdb, type MmdbContents } from '#testing/mmdb.ts'
import { UNKNOWN_PLACE } from './geo.ts'
import { type GeoDatabase, openLocalGeo } from './local-geo.ts'
import { starterDatabases } from './starter-databases.ts'

let dir: string
let warnings: string[] = []

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'onehop-test-'))
})

afterAll(() => {
  rmSync(dir, { recursive: true })
})

afterEach(() => {
  warnings = []
})

test('MaxMind’s nested fields are read', () => {
  using geo = open(
    mmdb('nested', {
      '81.2.69.0/24': {
        city: { geoname_id: 2_643_743, names: { de: 'London', en: 'London' } },
        continent: { code: 'EU', names: { en: 'Europe' } },
        country: { iso_code: 'GB', names: { en: 'United Kingdom' } },
        location: { latitude: 51.5, time_zone: 'Europe/London' },
        subdivisions: [{ iso_code: 'ENG', names: { en: 'England' } }, { names: { en: 'Greater London' } }],
      },
    }),
    mmdb('nested-asn', {
      '81.2.0.0/16': {
        autonomous_system_number: 20_712,
        autonomous_system_organization: 'Andrews & Arnold Ltd',
      },
    }),
  )

  expect(geo.lookup('81.2.69.142')).toEqual({
    country: 'GB',
    region: 'England',
    city: 'London',
    continent: 'EU',
    asn: 20_712,
    organization: 'Andrews & Arnold Ltd',
  })
})

test('the flat fields of the ip-location-db packages are read', () => {
  using geo = open(
    mmdb('flat', {
      '91.0.0.0/16': {
        city: 'Düsseldorf',
        country_code: 'DE',
        latitude: 51.2,
        state1: 'North Rhine-Westphalia',
        state2: '',
      },
    }),
    asRanges('flat-asn', '91.0.0.0,91.63.255.255,3320,Deutsche Telekom AG'),
  )

  expect(geo.lookup('91.0.0.1')).toEqual({
    country: 'DE',
    region: 'North Rhine-Westphalia',
    city: 'Düsseldorf',
    continent: 'EU',
    asn: 3320,
    organization: 'Deutsche Telekom AG',
  })
  expect(geo.lookup('91.1.0.1')).toEqual({ ...UNKNOWN_PLACE, asn: 3320, organization: 'Deutsche Telekom AG' })
})

test('the first database to know the country decides, and the city of another country is left out', () => {
  using geo = open(
    mmdb('country', { '91.0.0.0/24': { country_code: 'AT' }, '91.0.1.0/24': { country_code: 'DE' } }),
    mmdb('city', { '91.0.0.0/16': { country_code: 'DE', state1: 'Hesse', city: 'Bensheim' } }),
  )

  expect(geo.lookup('91.0.0.1')).toEqual({ ...UNKNOWN_PLACE, country: 'AT', continent: 'EU' })
  const bensheim = { ...UNKNOWN_PLACE, country: 'DE', continent: 'EU', region: 'Hesse', city: 'Bensheim' }
  expect(geo.lookup('91.0.1.1')).toEqual(bensheim)
  expect(geo.lookup('91.0.2.1')).toEqual(bensheim)
})

test('records that hold something else than expected say nothing', () => {
  using geo = open(
    mmdb('odd', {
      '11.0.0.0/24': 'text',
      '11.0.1.0/24': ['DE'],
      '11.0.2.0/24': {
        country: ['DE'],
        city: 7,
        subdivisions: {},
        continent: 'EU',
        autonomous_system_number: '1',
      },
      '11.0.3.0/24': { country_code: 'DEU', city: 'x'.repeat(1_000), autonomous_system_number: 0 },
    }),
  )

  for (const ip of ['11.0.0.1', '11.0.1.1', '11.0.2.1', '11.0.3.1'])
    expect(geo.lookup(ip)).toEqual(UNKNOWN_PLACE)
})

test('a database that is missing or damaged is told about once and done without', () => {
  const damaged = { ...mmdb('damaged', {}), paths: [write('damaged.mmdb', 'x')] }
  const missing = { ...asRanges('missing', ''), paths: [join(dir, 'none.csv')] }
  const whole = mmdb('whole', { '91.0.0.0/24': { country_code: 'DE' } })
  using geo = open(damaged, missing, whole)

  expect(geo.lookup('91.0.0.1')).toMatchObject({ country: 'DE', asn: undefined })
  expect(geo.lookup('91.0.0.2')).toMatchObject({ country: 'DE', asn: undefined })
  expect(geo.sources().map(({ name }) => name)).toEqual(['whole'])
  expect(warnings).toEqual([
    expect.stringMatching(/^damaged is not used: .*damaged\.mmdb/),
    expect.stringMatching(/^missing is not used: .*none\.csv/),
  ])
})

test('a file that disappears before it is first read is told about, and nothing is thrown', () => {
  const database = asRanges('late', '91.0.0.0,91.63.255.255,3320,Deutsche Telekom AG')
  using geo = open(database)
  for (const path of database.paths) rmSync(path)

  expect(geo.lookup('91.0.0.1')).toEqual(UNKNOWN_PLACE)
  expect(geo.lookup('91.0.0.2')).toEqual(UNKNOWN_PLACE)
  expect(warnings).toEqual([expect.stringMatching(/^late is not used: /)])
})

test('special addresses are nowhere, whatever a database says of them', () => {
  using geo = open(
    mmdb('all', { '0.0.0.0/1': { country_code: 'US' }, '128.0.0.0/1': { country_code: 'US' } }),
  )

  for (const ip of ['10.0.0.1', '127.0.0.1', '192.168.1.1', '203.0.113.7', '224.0.0.1'])
    expect(geo.lookup(ip)).toEqual(UNKNOWN_PLACE)
  expect(geo.lookup('9.9.9.9')).toMatchObject({ country: 'US' })
})

test('after more different addresses than are kept, answers are the same', () => {
  using geo = open(mmdb('kept', { '11.0.0.0/8': { country_code: 'US' } }))
  for (let i = 0; i < 20_000; i++) geo.lookup(`11.${i >>> 16}.${(i >>> 8) & 255}.${i & 255}`)

  expect(geo.lookup('11.0.0.0')).toMatchObject({ country: 'US' })
  expect(geo.lookup('12.0.0.0')).toEqual(UNKNOWN_PLACE)
})

test('nothing is known any more once it is closed', () => {
  const geo = open(mmdb('closed', { '11.0.0.0/8': { country_code: 'US' } }))
  geo.lookup('11.0.0.1')

  geo[Symbol.dispose]()

  expect(geo.lookup('11.0.0.1')).toEqual(UNKNOWN_PLACE)
  expect(geo.sources()).toEqual([])
})

test('the databases that come with the server know well-known addresses, and say their date and licence', () => {
  using geo = open(...starterDatabases())

  expect(geo.lookup('8.8.8.8')).toEqual({
    country: 'US',
    region: 'California',
    city: 'Mountain View',
    continent: 'NA',
    asn: 15_169,
    organization: 'Google LLC',
  })
  expect(geo.lookup('1.1.1.1')).toMatchObject({
    country: 'AU',
    asn: 13_335,
    organization: 'Cloudflare, Inc.',
  })
  expect(geo.lookup('2001:4860:4860::8888')).toMatchObject({
    country: 'US',
    asn: 15_169,
    organization: 'Google LLC',
  })
  expect(geo.lookup('2003:e8::1')).toMatchObject({ country: 'DE', region: 'Hesse', asn: 3320 })
  expect(geo.sources()).toEqual([
    { name: 'ip-location-db country', license: 'CC-BY-4.0', date: '2026-06-17' },
    { name: 'DB-IP City Lite', license: 'CC-BY-4.0', date: '2026-06-05' },
    { name: 'ip-location-db ASN', license: 'CC-BY-4.0', date: '2026-06-17' },
  ])
  expect(warnings).toEqual([])
})

test('whatever the text, a lookup does not throw', () => {
  using geo = open(...starterDatabases())
  const texts = fc.oneof(fc.string(), fc.ipV4(), fc.ipV6(), fc.stringMatching(/^[0-9a-f:.%]{0,64}$/))

  fc.assert(
    fc.property(texts, (text) => {
      expect(geo.lookup(text).country).toMatch(/^([A-Z]{2})?$/)
    }),
  )
})

function open(...databases: readonly GeoDatabase[]) {
  return openLocalGeo({ databases, warn: (message) => warnings.push(message) })
}

function mmdb(name: string, records: MmdbContents['records']): GeoDatabase {
  const path = write(`${name}.mmdb`, buildMmdb({ ipVersion: 4, records }))
  return { name, license: 'CC0-1.0', format: 'mmdb', paths: [path] }
}

function asRanges(name: string, lines: string): GeoDatabase {
  return { name, license: 'CC0-1.0', format: 'as-ranges', paths: [write(`${name}.csv`, `${lines}\n`)] }
}

function write(file: string, contents: string | Buffer): string {
  const path = join(dir, file)
  writeFileSync(path, contents)
  return path
}
