import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { describeRecord } from '#core/intelligence/address-report.ts'
import type { IpRecord, NetworkSource, Place } from '#core/network/network.ts'
import { JsonBuffer } from '#http/json-buffer.ts'
import { addressToWire } from './ip-local.ts'
import { writeAddress } from './write-address.ts'

const sourceOf = (title: string): NetworkSource => ({
  name: title,
  title,
  license: 'CC-BY-4.0 "International"',
  date: title.startsWith('D') ? undefined : '2026-06-05',
  rows: 1,
})
const CITIES = sourceOf('Cities')
const COUNTRIES = sourceOf('DB "Länder"')
const ANNOUNCED = sourceOf('pfx2as')
const view = { geoSources: [COUNTRIES, CITIES] }

const text = fc.oneof(fc.constantFrom('', 'São Paulo', 'O"Fallon\\', '東京\u0001', '𝒳'), fc.string())
const country = fc.constantFrom('', 'DE', 'BR', 'ZZ')
const place = (source: NetworkSource): fc.Arbitrary<Place> =>
  fc.record({
    source: fc.constant(source),
    country,
    region: text,
    city: text,
    continent: fc.constantFrom('', 'EU'),
    postalCode: text,
    latitude: fc.constantFrom(undefined, 0, -33.8688, 1e-7),
    longitude: fc.constantFrom(undefined, 151.2093),
    timeZone: fc.constantFrom('', 'Europe/Berlin'),
    asn: fc.constantFrom(undefined, 64_500),
    organization: text,
  })
const origin = fc.record({ asn: fc.nat(), name: text, organization: text, country })
const flag = fc.constantFrom(true, false, undefined)
const record: fc.Arbitrary<IpRecord> = fc.record({
  ip: fc.constantFrom('192.0.2.1', '2001:db8::1'),
  version: fc.constantFrom(4 as const, 6 as const),
  special: fc.constant(undefined),
  embedded: fc.constant([]),
  network: fc.option(
    fc.record({
      prefix: fc.constant('192.0.2.0/24'),
      first: fc.constant('192.0.2.0'),
      last: fc.constant('192.0.2.255'),
      origins: fc.array(origin, { maxLength: 3 }),
      source: fc.constantFrom(ANNOUNCED, CITIES),
    }),
    { nil: undefined },
  ),
  allocation: fc.option(
    fc.record({
      value: fc.record({
        rir: fc.constant('RIPE' as const),
        country,
        allocatedOn: fc.constantFrom(undefined, '2002-06-03'),
        status: fc.constantFrom('ALLOCATED' as const, 'ASSIGNED' as const),
        first: fc.constant('192.0.2.0'),
        last: fc.constant('192.0.2.255'),
      }),
      source: fc.constant(ANNOUNCED),
    }),
    { nil: undefined },
  ),
  places: fc
    .tuple(fc.option(place(COUNTRIES), { nil: undefined }), fc.option(place(CITIES), { nil: undefined }))
    .map((places) => places.filter((one) => one !== undefined)),
  privacy: fc.record({
    vpn: flag,
    tor: flag,
    hosting: flag,
    cloudProvider: fc.constantFrom(undefined, '', 'aws', 'other'),
    cloudService: text,
    evidence: fc.constant([
      {
        flag: 'vpn' as const,
        by: 'prefix' as const,
        matched: '192.0.2.0/24',
        detail: 'Ü',
        source: ANNOUNCED,
      },
    ]),
  }),
})

test('what is written of an address is what JSON has of it, whatever is known of it', () => {
  const json = new JsonBuffer()
  fc.assert(
    fc.property(record, (one) => {
      json.clear()
      expect(writeAddress(json.raw('{'), view, one)).toBe(true)

      const written = json.raw('}').bytes.toString('utf8', 0, json.length)
      expect(written).toBe(JSON.stringify(addressToWire(describeRecord(view, one))))
    }),
    { numRuns: 500 },
  )
})

test('of a bogon, of sources with one title, and of an address that carries another nothing is written', () => {
  const [plain] = fc.sample(record, { numRuns: 1, seed: 1 })
  if (plain === undefined) throw new Error('nothing was drawn')
  const special = { prefix: '10.0.0.0/8', purpose: 'private use', reference: 'RFC 1918' }
  const embedded = [{ kind: '6to4' as const, ip: '192.0.2.1' }]
  const json = new JsonBuffer()

  expect(writeAddress(json, view, { ...plain, special })).toBe(false)
  expect(writeAddress(json, view, { ...plain, embedded })).toBe(false)
  expect(writeAddress(json, { geoSources: [CITIES, { ...CITIES }] }, plain)).toBe(false)
  expect(json.length).toBe(0)
})
