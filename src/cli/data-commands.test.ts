import { expect, test } from 'bun:test'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { readManifest, sourcesDir, type StoredFile, storedPath } from '#ports/network/source-store.ts'
import { addressList, type DataMirror, dataMirror, relationsFile } from '#testing/data-mirror.ts'
import { runOnehop, startOnehop } from '#testing/server-process.ts'
import { canMountDisks, smallDisk } from '#testing/small-disk.ts'
import { temporaryDir } from '#testing/temporary-dir.ts'
import { until } from '#testing/until.ts'

const COMPILED = 'Compiled. A running server answers from it within a second.'

test('data update downloads what is named, says so in plain lines, and the next time only what is newer', async () => {
  await using mirror = await dataMirror()
  using dir = temporaryDir()
  mirror.serveFile('tor-exits', addressList(1_200))
  mirror.serveFile('x4bnet-vpn/ipv4', '192.0.2.0/24\n'.repeat(2_000))
  mirror.serveFile('x4bnet-vpn/ipv6', '2001:db8::/32\n'.repeat(200))
  mirror.serveFile('x4bnet-vpn/asn', 'AS64500 # Example\n'.repeat(12))

  const first = await data(mirror, dir.path, 'update', 'tor-exits', 'x4bnet-vpn')
  mirror.serveFile('tor-exits', addressList(1_300))
  const second = await data(mirror, dir.path, 'update', 'tor-exits', 'x4bnet-vpn')

  const today = new Date().toISOString().slice(0, 10)
  expect(first).toEqual({
    exitCode: 0,
    stdout: [
      `tor-exits: 1,200 rows of ${today} (13.8 kB)`,
      `x4bnet-vpn ipv4: 2,000 rows of ${today} (26.0 kB)`,
      `x4bnet-vpn ipv6: 200 rows of ${today} (2.8 kB)`,
      `x4bnet-vpn asn: 12 rows of ${today} (216 B)`,
      COMPILED,
      '',
    ].join('\n'),
    stderr: '',
  })
  expect(second.exitCode).toBe(0)
  expect(second.stdout.split('\n').slice(0, 2)).toEqual([
    `tor-exits: 1,300 rows of ${today} (15.0 kB)`,
    `x4bnet-vpn ipv4: nothing newer than what is there, of ${today}`,
  ])
  expect(mirror.requests.map(({ headers }) => headers['user-agent'])).toEqual(
    Array.from({ length: 8 }, () =>
      expect.stringMatching(/^Onehop\/[\d.]+ \(\+https:\/\/go\.example\.com\)$/),
    ),
  )
  expect(filesOf(dir.path).map(({ rows }) => rows)).toEqual([1_300, 2_000, 200, 12])
})

test('a bad, cut, endless, shrunken, missing or broken file leaves the last good one, and the others go on', async () => {
  await using mirror = await dataMirror()
  using dir = temporaryDir()
  const names = [
    'tor-exits',
    'caida-as-rel',
    'cloud:fastly',
    'cloud:linode',
    'cloud:vultr',
    'cloud:oracle',
    'cloud:gcp',
  ]
  const list = addressList(1_000)
  for (const name of names) mirror.serveFile(name, name === 'caida-as-rel' ? relationsFile(2_000) : list)
  const before = await data(mirror, dir.path, 'update', ...names, '--accept-terms', '--force')
  const good = filesOf(dir.path)

  mirror.serveFile('tor-exits', '<!doctype html><title>Sorry</title>\n')
  mirror.serveFile('caida-as-rel', gzipSync(relationsFile(2_000)).subarray(0, 2_000))
  mirror.serve('cloud:fastly', (_, response) => {
    const write = () => {
      while (response.write('192.0.2.0/24\n'.repeat(10_000)));
    }
    response.on('drain', write)
    write()
  })
  mirror.serveFile('cloud:linode', addressList(700))
  mirror.serve('cloud:vultr', (_, response) => response.writeHead(503).end())
  mirror.serve('cloud:oracle', (_, response) => {
    response.writeHead(200, { 'content-length': list.length })
    response.write(list.slice(0, 5_000), () => response.destroy())
  })
  mirror.serveFile('cloud:gcp', addressList(1_100))
  const after = await data(mirror, dir.path, 'update', ...names)

  expect(before).toMatchObject({ exitCode: 0, stderr: '' })
  expect(after.exitCode).toBe(1)
  expect(after.stdout).toMatch(/^cloud:gcp: 1,100 rows of /)
  const today = new Date().toISOString().slice(0, 10)
  const host = new URL(mirror.url).host
  const kept = (date: string) => `the last good file, of ${date}, stays`
  expect(after.stderr.split('\n')).toEqual([
    `tor-exits: failed: this is not a list of prefixes or AS numbers: line 1 has more on it than a prefix, an address or an AS number; ${kept(today)}`,
    `caida-as-rel: failed: it is a gzip file that is cut off or damaged; ${kept('2025-09-01')}`,
    `cloud:fastly: failed: the answer of 127.0.0.1 has more than 20000000 bytes; ${kept(today)}`,
    `cloud:linode: failed: it has 700 rows, 30 % fewer than the 1000 of the last good file. If it is right, say --force; ${kept(today)}`,
    `cloud:vultr: failed: ${host} answered 503; ${kept(today)}`,
    `cloud:oracle: failed: the answer of 127.0.0.1 broke off; ${kept(today)}`,
    'onehop: 6 of 7 files could not be updated',
    '',
  ])
  expect(filesOf(dir.path).filter(({ source }) => source !== 'cloud:gcp')).toEqual(
    good.filter(({ source }) => source !== 'cloud:gcp'),
  )
  expect(leftovers(dir.path)).toEqual([])

  const forced = await data(mirror, dir.path, 'update', 'cloud:linode', '--force')
  expect(forced).toMatchObject({ exitCode: 0, stderr: '' })
  expect(filesOf(dir.path).find(({ source }) => source === 'cloud:linode')?.rows).toBe(700)
})

test('a first file must have a plausible number of rows', async () => {
  await using mirror = await dataMirror()
  using dir = temporaryDir()
  mirror.serveFile('tor-exits', addressList(20))

  const refused = await data(mirror, dir.path, 'update', 'tor-exits')

  expect(refused).toEqual({
    exitCode: 1,
    stdout: '',
    stderr: [
      'tor-exits: failed: it has 20 rows, where 200 to 20000 are plausible. If it is right, say --force; there is none from before',
      'onehop: 1 of 1 files could not be updated',
      '',
    ].join('\n'),
  })
  expect(filesOf(dir.path)).toEqual([])
})

test("CAIDA's terms are shown until they are accepted, and remembered then", async () => {
  await using mirror = await dataMirror()
  using dir = temporaryDir()
  mirror.serveFile('caida-as-rel', relationsFile(1_200))
  mirror.serveFile('caida-ppdc', '64496 64496 64500\n'.repeat(60))

  const refused = await data(mirror, dir.path, 'update', 'caida-as-rel')
  const requestsBefore = mirror.requests.length
  const accepted = await data(mirror, dir.path, 'update', 'caida-as-rel', '--accept-terms', '--force')
  const remembered = await data(mirror, dir.path, 'update', 'caida-ppdc', '--force')

  expect(refused.exitCode).toBe(1)
  expect(refused.stdout).toBe('')
  expect(refused.stderr).toContain('https://www.caida.org/about/legal/aua/public_aua/')
  expect(refused.stderr).toContain('To accept them: onehop data update caida-as-rel --accept-terms')
  expect(requestsBefore).toBe(0)
  expect(accepted).toEqual({
    exitCode: 0,
    stdout: `caida-as-rel: 1,200 rows of 2025-09-01 (18.9 kB)\n${COMPILED}\n`,
    stderr: '',
  })
  expect(remembered).toMatchObject({ exitCode: 0, stderr: '' })
  expect(readManifest(dir.path).acceptedTerms).toEqual([
    {
      name: 'caida-public-aua',
      url: 'https://www.caida.org/about/legal/aua/public_aua/',
      acceptedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    },
  ])
})

test('an update of everything leaves out what has terms, says so, and tells all that failed', async () => {
  await using mirror = await dataMirror()
  using dir = temporaryDir()
  mirror.serveFile('tor-exits', addressList(500))

  const all = await data(mirror, dir.path, 'update')

  expect(all.exitCode).toBe(1)
  expect(all.stdout).toMatch(/^tor-exits: 500 rows of /)
  expect(all.stdout).toContain(
    'caida-as-rel, caida-as-rel-v6, caida-as-org, caida-ppdc, caida-pfx2as, caida-pfx2as-v6 come with terms',
  )
  expect(all.stderr).toMatch(
    /^delegated afrinic: failed: 127\.0\.0\.1:\d+ answered 404; there is none from before$/m,
  )
  const asked = mirror.requests.map(({ path }) => path)
  expect(asked).toContain('delegated/ripencc')
  expect(asked).toContain('cloud:cloudflare/ipv6')
  expect(asked.filter((path) => /caida|bgptools|ripe-asnames|mmdb/.test(path))).toEqual([])
})

test('data import takes a file of any packing, and says in a sentence why it takes none', async () => {
  await using mirror = await dataMirror()
  using dir = temporaryDir()
  const path = (name: string) => join(dir.path, name)
  writeFileSync(path('20250901.as-rel2.txt.gz'), gzipSync(relationsFile(1_500)))
  writeFileSync(path('wrong.txt'), addressList(300))
  writeFileSync(path('shrunken.txt'), relationsFile(1_100))

  const taken = await data(
    mirror,
    dir.path,
    'import',
    'caida-as-rel',
    path('20250901.as-rel2.txt.gz'),
    '--force',
  )
  const refused = [
    await data(mirror, dir.path, 'import', 'caida-as-rel', path('wrong.txt')),
    await data(mirror, dir.path, 'import', 'caida-as-rel', path('shrunken.txt')),
    await data(mirror, dir.path, 'import', 'caida-as-rel', path('nowhere.txt')),
    await data(mirror, dir.path, 'import', 'caida-as-rel', dir.path),
    await data(mirror, dir.path, 'import', 'caida', path('wrong.txt')),
    await data(mirror, dir.path, 'import', 'caida-as-rel'),
  ]

  expect(taken).toEqual({
    exitCode: 0,
    stdout: expect.stringMatching(/^caida-as-rel: 1,500 rows of 2025-09-01 \(.* kB\)\nCompiled\. .*\n$/),
    stderr: '',
  })
  expect(refused.map(({ exitCode, stdout, stderr }) => [exitCode, stdout, stderr.trimEnd()])).toEqual([
    [
      1,
      '',
      `onehop: ${path('wrong.txt')} is not taken: this is not a CAIDA AS relationship file: line 1 has fewer than three fields with | between them`,
    ],
    [
      1,
      '',
      `onehop: ${path('shrunken.txt')} is not taken: it has 1100 rows, 27 % fewer than the 1500 of the last good file. If it is right, say --force`,
    ],
    [1, '', `onehop: ENOENT: no such file or directory, stat '${path('nowhere.txt')}'`],
    [1, '', `onehop: ${dir.path} is not taken: ${dir.path} is no file`],
    [2, '', expect.stringContaining('onehop: there is no source "caida"; there are delegated, iptoasn,')],
    [2, '', 'onehop: data import takes a source and a file: data import SOURCE FILE'],
  ])
  const [file] = filesOf(dir.path)
  expect(file).toMatchObject({
    rows: 1_500,
    isDownload: false,
    origin: '20250901.as-rel2.txt.gz',
    date: '2025-09-01',
  })
  expect(leftovers(dir.path)).toEqual([])
})

test('data status shows what there is, how old it is and what there is not', async () => {
  await using mirror = await dataMirror()
  using dir = temporaryDir()
  writeFileSync(join(dir.path, 'rel.txt'), relationsFile(1_500))
  await data(mirror, dir.path, 'import', 'caida-as-rel', join(dir.path, 'rel.txt'), '--force')

  const table = await data(mirror, dir.path, 'status')
  const json = await data(mirror, dir.path, 'status', '--json')

  expect(table).toMatchObject({ exitCode: 0, stderr: '' })
  expect(table.stdout).toMatch(/^SOURCE +FROM +DATE +AGE +ROWS +LICENCE$/m)
  expect(table.stdout).toMatch(/^caida-as-rel +imported +2025-09-01 +\d+ d +stale +1,500 +CAIDA Public AUA$/m)
  expect(table.stdout).toMatch(/^@ip-location-db\/asn ipv4 +starter +2026-06-17 /m)
  expect(table.stdout).toContain(
    'Not there yet (onehop data update, onehop data import):\n  delegated, iptoasn,',
  )
  const entries: { source: string; kind: string; isLicenseAccepted?: boolean }[] = JSON.parse(json.stdout)
  expect(entries.find(({ source }) => source === 'caida-as-rel')).toMatchObject({
    kind: 'imported',
    rows: 1_500,
    date: '2025-09-01',
    license: 'CAIDA Public AUA',
    isLicenseAccepted: false,
    isStale: true,
  })
  expect(entries.filter(({ kind }) => kind === 'missing').length).toBeGreaterThan(20)
})

test('an update that is killed leaves nothing in the way of the next; while it runs, there is no other', async () => {
  await using mirror = await dataMirror()
  using dir = temporaryDir()
  mirror.serveFile('tor-exits', addressList(300))
  await data(mirror, dir.path, 'update', 'tor-exits')
  const good = filesOf(dir.path)
  mirror.serve('tor-exits', (_, response) => void response.write(addressList(100)))

  const child = startOnehop(['data', 'update', 'tor-exits'], environment(mirror, dir.path))
  await until(() => leftovers(dir.path).length === 1)
  const other = await data(mirror, dir.path, 'update', 'tor-exits')
  child.kill('SIGKILL')
  await child.exited
  mirror.serveFile('tor-exits', addressList(310))

  expect(other).toEqual({
    exitCode: 1,
    stdout: '',
    stderr: 'onehop: another onehop data command is at work on this data directory; wait for it to end\n',
  })
  expect(filesOf(dir.path)).toEqual(good)
  expect(await data(mirror, dir.path, 'update', 'tor-exits')).toMatchObject({ exitCode: 0, stderr: '' })
  expect(filesOf(dir.path)).toMatchObject([{ rows: 310 }])
  expect(leftovers(dir.path)).toEqual([])
})

test.skipIf(!canMountDisks)('a full disk is a sentence, and the last good file stays', async () => {
  await using mirror = await dataMirror()
  using disk = smallDisk('1m')
  mirror.serveFile('tor-exits', addressList(300))
  await data(mirror, disk.dir, 'update', 'tor-exits')
  const good = filesOf(disk.dir)
  mirror.serveFile('tor-exits', addressList(20_000))
  disk.fill()
  disk.leave(50_000)

  const full = await data(mirror, disk.dir, 'update', 'tor-exits', '--force')

  expect(full.exitCode).toBe(1)
  expect(full.stderr).toMatch(
    /^tor-exits: failed: ENOSPC: no space left on device, write; the last good file, of .*, stays$/m,
  )
  expect(filesOf(disk.dir)).toEqual(good)
})

test('a damaged manifest is a sentence to every command', async () => {
  await using mirror = await dataMirror()
  using dir = temporaryDir()
  const path = join(sourcesDir(dir.path), 'manifest.json')
  mkdirSync(sourcesDir(dir.path), { recursive: true })
  writeFileSync(path, '{"version":1')

  const ends = [
    await data(mirror, dir.path, 'status'),
    await data(mirror, dir.path, 'update', 'tor-exits'),
    await data(mirror, dir.path, 'import', 'tor-exits', path),
  ]

  for (const { exitCode, stdout, stderr } of ends) {
    expect([exitCode, stdout]).toEqual([1, ''])
    expect(stderr).toBe(
      `onehop: ${path} is damaged. Move the directory ${sourcesDir(dir.path)} away and run onehop data update to fetch the data again.\n`,
    )
  }
})

test.each([
  [['data'], 'data is followed by update, import or status; see onehop --help'],
  [['data', 'upgrade'], 'data is followed by update, import or status; see onehop --help'],
  [['data', 'status', 'all'], 'data status takes no arguments'],
  [['data', 'update', 'nothing'], 'there is no source "nothing"; there are '],
  [['data', 'update', '--all'], "Unknown option '--all'"],
])('%p is called wrongly', async (words, reason) => {
  using dir = temporaryDir()

  const { exitCode, stdout, stderr } = await runOnehop(words, { ONEHOP_DATA_DIR: dir.path })

  expect([exitCode, stdout]).toEqual([2, ''])
  expect(stderr).toStartWith(`onehop: ${reason}`)
})

function environment(mirror: DataMirror, dataDir: string) {
  return {
    ONEHOP_DATA_DIR: dataDir,
    ONEHOP_DATA_MIRROR: mirror.url,
    ONEHOP_ALLOW_PRIVATE_TARGETS: '127.0.0.1',
    ONEHOP_BASE_URL: 'https://go.example.com',
    // Compiling what came with npm install takes seconds.
    ONEHOP_STARTER_DATA: 'off',
  }
}

function data(mirror: DataMirror, dataDir: string, ...words: string[]) {
  return runOnehop(['data', ...words], environment(mirror, dataDir))
}

/** What is stored, each file with the checksum that it is noted with. */
function filesOf(dataDir: string): readonly StoredFile[] {
  const { files } = readManifest(dataDir)
  for (const file of files) {
    const hash = new Bun.CryptoHasher('sha256').update(readFileSync(storedPath(dataDir, file)))
    expect(hash.digest('hex')).toBe(file.sha256)
  }
  return files
}

/** What lies in the store beside its files. */
function leftovers(dataDir: string): readonly string[] {
  const known = new Set(readManifest(dataDir).files.map(({ file }) => file))
  return readdirSync(sourcesDir(dataDir)).filter(
    (name) => !known.has(name) && name !== 'manifest.json' && !name.startsWith('update.lock'),
  )
}
