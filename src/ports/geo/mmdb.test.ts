import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import * as maxmind from 'maxmind'
import { buildMmdb, type MmdbContents } from '#testing/mmdb.ts'
import { openMmdb } from './mmdb.ts'
import { parseIp } from './parse-ip.ts'
import { starterDatabases } from './starter-databases.ts'

let dir: string

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'onehop-test-'))
})

afterAll(() => {
  rmSync(dir, { recursive: true })
})

const RECORD = {
  text: 'München',
  long: 'x'.repeat(300),
  longer: 'y'.repeat(70_000),
  again: 'München',
  whole: 4_200_000_000,
  large: 2 ** 40,
  fraction: -0.5,
  yes: true,
  no: false,
  list: ['a', 'München', { deep: 1 }],
}

test.each([24, 28, 32] as const)('records of %d bits lead to the values that were written', (recordBits) => {
  using db = open({
    ipVersion: 6,
    recordBits,
    builtAt: new Date('2026-06-05T13:42:02Z'),
    records: { '192.0.2.0/24': RECORD, '198.51.100.7/32': { a: 1 }, '2001:db8::/32': { b: 2 } },
  })

  expect(db.ipVersion).toBe(6)
  expect(db.builtAt).toEqual(new Date('2026-06-05T13:42:02Z'))
  expect(lookup(db, '192.0.2.0')).toEqual(RECORD)
  expect(lookup(db, '192.0.2.255')).toEqual(RECORD)
  expect(lookup(db, '::ffff:192.0.2.1')).toEqual(RECORD)
  expect(lookup(db, '198.51.100.7')).toEqual({ a: 1 })
  expect(lookup(db, '2001:db8:ffff::1')).toEqual({ b: 2 })
  for (const ip of ['192.0.1.255', '192.0.3.0', '198.51.100.6', '2001:db7::', '2001:db9::'])
    expect(lookup(db, ip)).toBeUndefined()
})

test('a database of IPv4 addresses knows no other', () => {
  using db = open({ ipVersion: 4, records: { '0.0.0.0/1': { a: 1 }, '128.0.0.0/1': { a: 2 } } })

  expect(lookup(db, '192.0.2.1')).toEqual({ a: 2 })
  expect(lookup(db, '2001:db8::1')).toBeUndefined()
})

test.each([
  ['an empty file', Buffer.alloc(0)],
  ['another file', Buffer.from('start,end,country\n')],
  ['a file cut short at its front', buildMmdb({ ipVersion: 4, records: { '10.0.0.0/8': 'x' } }).subarray(40)],
])('%s is refused by its name', (_, bytes) => {
  const path = join(dir, 'damaged.mmdb')
  writeFileSync(path, bytes)

  expect(() => openMmdb(path)).toThrow(`${path} is no MaxMind DB file`)
})

test('a file that is not there is refused by its name', () => {
  expect(() => openMmdb(join(dir, 'none.mmdb'))).toThrow('none.mmdb')
})

test('whatever bytes a tree and its records hold, a lookup ends', () => {
  const whole = buildMmdb({
    ipVersion: 6,
    records: { '192.0.2.0/24': RECORD, '2001:db8::/32': { b: ['c'] } },
  })
  const path = join(dir, 'fuzzed.mmdb')
  const isMetadata = whole.lastIndexOf('MaxMind.com') - 3
  const changes = fc.array(fc.tuple(fc.nat(isMetadata - 1), fc.nat(255)), { minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(changes, (bytes) => {
      const damaged = Buffer.from(whole)
      for (const [at, byte] of bytes) damaged[at] = byte
      writeFileSync(path, damaged)
      using db = openMmdb(path)

      for (const ip of ['192.0.2.1', '8.8.8.8', '2001:db8::1', 'ffff::']) lookup(db, ip)
    }),
    { numRuns: 300 },
  )
})

test('the databases that come with the server say here what they say to MaxMind’s own reader', () => {
  const paths = starterDatabases().flatMap(({ format, paths: all }) => (format === 'mmdb' ? all : []))
  const inUse = fc
    .tuple(fc.integer({ min: 0x2001, max: 0x2c0f }), fc.nat(0xffff), fc.nat(0xffff))
    .map((groups) => `${groups.map((group) => group.toString(16)).join(':')}::1`)
  const addresses = fc.sample(fc.oneof(fc.ipV4(), fc.ipV6(), inUse), { seed: 1, numRuns: 1_500 })
  expect(paths).toHaveLength(3)
  for (const path of paths) {
    using db = openMmdb(path)
    const reader = new maxmind.Reader(readFileSync(path))

    for (const ip of addresses.filter((address) => db.ipVersion === 6 || !address.includes(':')))
      expect(JSON.stringify([ip, lookup(db, ip) ?? null])).toBe(JSON.stringify([ip, reader.get(ip)]))
  }
})

function open(contents: MmdbContents) {
  const path = join(dir, 'built.mmdb')
  writeFileSync(path, buildMmdb(contents))
  return openMmdb(path)
}

function lookup(db: ReturnType<typeof openMmdb>, ip: string) {
  const words = new Uint32Array(4)
  const version = parseIp(ip, words)
  if (version === undefined) throw new Error(`${ip} is no address`)
  const place = db.find(version, words)
  return place === 0 ? undefined : db.record(place)
}
