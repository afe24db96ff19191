import { writeFileSync } from 'node:fs'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'bun:test'
import fc from 'fast-check'
import * as maxmind from 'maxmind'
import { parseIp } from '#ports/geo/parse-ip.ts'
import { flatFileInMemory } from '#ports/network/flat-file.ts'
import { buildMmdb, type MmdbContents } from '#testing/mmdb.ts'
import { compileNetwork } from './compile-network.ts'
import { openNetworkView } from './flat-view.ts'
import type { NetworkView } from './network.ts'

test('both ways of naming the fields of a record are read, coordinates as they were written', async () => {
  const view = await viewOf({
    ipVersion: 6,
    records: {
      '::5102:4500/120': {
        city: { geoname_id: 2_643_743, names: { de: 'London', en: 'London' } },
        continent: { code: 'EU' },
        country: { iso_code: 'GB' },
        location: { latitude: 51.5, longitude: -0.25, time_zone: 'Europe/London' },
        postal: { code: 'N1' },
        subdivisions: [{ names: { en: 'England' } }],
      },
      '2a02:8100::/32': {
        country_code: 'DE',
        state1: 'Bavaria',
        city: 'Munich',
        latitude: Math.fround(48.137),
        longitude: Math.fround(11.575),
        timezone: '',
        postcode: '',
      },
      '2a02:8200::/32': { asn: 'AS64500', as_name: 'Example', as_domain: 'Example.com', country_code: 'AT' },
    },
  })

  expect(placeOf(view, '81.2.69.142')).toMatchObject({
    country: 'GB',
    region: 'England',
    city: 'London',
    continent: 'EU',
    postalCode: 'N1',
    latitude: 51.5,
    longitude: -0.25,
    timeZone: 'Europe/London',
    asn: undefined,
  })
  expect(placeOf(view, '2a02:8100::1')).toMatchObject({
    country: 'DE',
    region: 'Bavaria',
    city: 'Munich',
    latitude: 48.137,
    longitude: 11.575,
  })
  expect(placeOf(view, '2a02:8200::1')).toMatchObject({
    asn: 64_500,
    organization: 'Example',
    continent: 'EU',
  })
  expect(placeOf(view, '2a02:8300::1')).toBeUndefined()
  expect(placeOf(view, '81.2.70.1')).toBeUndefined()
})

test('every address of a database has the place that the maxmind package reads', async () => {
  const networks = fc.uniqueArray(fc.record({ at: fc.nat(15), bits: fc.integer({ min: 9, max: 30 }) }), {
    selector: ({ at }) => at,
    minLength: 1,
    maxLength: 10,
  })
  await fc.assert(
    fc.asyncProperty(networks, async (list) => {
      const records = Object.fromEntries(
        list.map(({ at, bits }) => [
          `${20 + at}.0.0.0/${bits}`,
          { country_code: 'DE', city: `City ${at % 3}` },
        ]),
      )
      const bytes = buildMmdb({ ipVersion: 4, records })
      const reader = new maxmind.Reader<{ city?: string } & maxmind.Response>(bytes)
      const view = await viewOf({ ipVersion: 4, records })

      for (const { at, bits } of list) {
        const size = 2 ** (32 - bits)
        for (const offset of [0, 1, size - 1, size, size + 1]) {
          const number = (20 + at) * 2 ** 24 + offset
          const ip = [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join('.')
          expect(placeOf(view, ip)?.city).toBe(reader.get(ip)?.city)
        }
      }
    }),
    { numRuns: 40 },
  )
})

test('a database cut short, or with bytes turned around, is refused or read, and never for ever', async () => {
  await using dir = await mkdtempDisposable(join(tmpdir(), 'places-'))
  const path = join(dir.path, 'x.mmdb')
  const bytes = buildMmdb({
    ipVersion: 4,
    records: { '20.0.0.0/24': { country_code: 'DE', city: 'Berlin' } },
  })
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, mask) => {
      const damaged = Buffer.from(bytes)
      damaged[at] = (damaged[at] ?? 0) ^ mask
      writeFileSync(path, at % 2 === 0 ? damaged : damaged.subarray(0, at))
      const result = await compileFile(path).catch((error: unknown) => error)
      expect(result).toBeDefined()
    }),
    { numRuns: 200 },
  )
})

async function viewOf(contents: MmdbContents): Promise<NetworkView> {
  await using dir = await mkdtempDisposable(join(tmpdir(), 'places-'))
  const path = join(dir.path, 'x.mmdb')
  writeFileSync(path, buildMmdb(contents))
  return await compileFile(path)
}

async function compileFile(path: string): Promise<NetworkView> {
  const contents = await compileNetwork({
    now: new Date(0),
    sources: [
      { name: 'mmdb:x', title: 'X', license: '', date: undefined, content: { kind: 'mmdb', paths: [path] } },
    ],
  })
  return openNetworkView(flatFileInMemory(contents))
}

function placeOf(view: NetworkView, ip: string) {
  const words = new Uint32Array(4)
  const version = parseIp(ip, words)
  if (version === undefined) throw new Error(`${ip} is no address`)
  return view.lookUpIp(version, words).places[0]
}
