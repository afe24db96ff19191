import { mkdirSync, writeFileSync } from 'node:fs'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'bun:test'
import { compileNetwork } from '#core/network/compile-network.ts'
import { networkFile } from '#core/network/compile-network-data.ts'
import { writeFlatFile } from '#ports/network/flat-file.ts'
import { startDnsServer, zoneAnswers } from '#testing/dns-server.ts'
import { runOnehop } from '#testing/server-process.ts'
import { rangeOf, sourceOf } from '#testing/test-network.ts'

test('an address, a prefix and a system are told with their sources, as text and as JSON', async () => {
  await using dir = await dataDir()

  const ip = await lookUp(dir.path, '8.8.8.8')
  const prefix = await lookUp(dir.path, '8.8.8.0/24')
  const as = await lookUp(dir.path, 'as15169')
  const json = await lookUp(dir.path, '8.8.8.8', '--json')

  expect(ip.stderr).toBe('')
  expect(ip.stdout).toBe(
    `8.8.8.8

  prefix                   8.8.8.0/24  [1]
  range                    8.8.8.0 – 8.8.8.255  [1]
  origin                   AS15169   Google LLC, US  [1]

place
  Title of sapics-country  US  [2]

privacy
  VPN                      unknown: no list is loaded
  Tor exit                 no
  hosting                  unknown: no list is loaded
  cloud                    unknown: no list is loaded

sources
  [1] Title of iptoasn, 2026-06-17 (CC0-1.0)
  [2] Title of sapics-country, of an unknown day (CC0-1.0)
`,
  )
  expect(prefix.stdout).toContain('announced  yes')
  expect(as.stdout).toContain('organisation   Google LLC')
  expect(as.stdout).toContain('providers      1')
  expect(as.stdout).toContain('AS3356')
  expect(as.stdout).toContain('systems (estimate)')
  expect(JSON.parse(json.stdout)).toMatchObject({ ip: '8.8.8.8', network: { prefix: '8.8.8.0/24' } })
})

test.each([
  { target: '10.0.0.1', exitCode: 0, says: 'private use (10.0.0.0/8, RFC 1918)' },
  { target: 'AS64512', exitCode: 1, says: 'AS64512 is reserved: private use (RFC 6996)' },
  { target: 'AS99', exitCode: 1, says: 'nothing is known about AS99' },
  { target: '8.8.8.0/40', exitCode: 1, says: 'has a length outside 0–32' },
  { target: 'not a target', exitCode: 2, says: 'is no IP address, prefix' },
  { target: '', exitCode: 2, says: 'takes an IP address' },
])('"$target" is answered with exit code $exitCode and a sentence', async ({ target, exitCode, says }) => {
  await using dir = await dataDir()

  const end = await lookUp(dir.path, target)

  expect(end.exitCode).toBe(exitCode)
  expect(end.stdout + end.stderr).toContain(says)
})

test('a domain is told by its addresses, and with --full by all that the DNS has', async () => {
  await using dir = await dataDir()
  await using dns = await startDnsServer(
    zoneAnswers({
      'google.test A': '8.8.8.8',
      'xn--bcher-kva.test A': '8.8.8.8',
      'inside.test A': '10.0.0.1',
      'inside.test MX': { preference: 10, exchange: 'aspmx.l.google.com' },
      'inside.test TXT': ['v=spf1 -all', 'text with \u001b[31mcolour'],
      'test.bad.list A': '127.0.0.2',
      'inside.test.bad.list A': '127.0.0.2',
    }),
  )
  const lists = join(dir.path, 'lists.json')
  writeFileSync(lists, JSON.stringify({ builtIn: false, zones: [{ zone: 'bad.list', kind: 'domain' }] }))
  const env = { ONEHOP_DNS_SERVERS: `127.0.0.1:${dns.port}`, ONEHOP_DNSBL_FILE: lists }

  const [plain, own, full, json, none] = await Promise.all([
    lookUpWith(env, dir.path, 'Google.test'),
    lookUpWith(env, dir.path, 'bücher.test'),
    lookUpWith(env, dir.path, 'inside.test', '--full'),
    lookUpWith(env, dir.path, 'inside.test', '--full', '--json'),
    lookUpWith(env, dir.path, 'nowhere.test'),
  ])

  expect(plain.stdout).toStartWith('google.test\n\n  address ')
  expect(plain.stdout).toContain('AS15169   Google LLC, US')
  expect(own.stdout).toStartWith('bücher.test\n')
  expect(full.stdout).toContain('private use (10.0.0.0/8, RFC 1918)')
  expect(full.stdout).toContain('10 aspmx.l.google.com')
  expect(full.stdout).toContain('Google Workspace')
  expect(full.stdout).toContain('text with �[31mcolour')
  expect(full.stdout).toContain('on 1 of 1 lists that answered, of 1')
  expect(full.stdout).toContain('only the DNS was asked')
  expect(JSON.parse(json.stdout)).toMatchObject({
    domain: 'inside.test',
    addresses: [{ ip: '10.0.0.1' }],
    mail: { provider: 'Google Workspace' },
    domainBlocklists: { zones: { asked: 1, answered: 1 } },
    isPrivate: true,
    failures: [],
  })
  expect([none.exitCode, none.stderr]).toEqual([
    1,
    'onehop: nowhere.test has no address: the DNS knows none\n',
  ])
})

test('without compiled data they are compiled first', async () => {
  await using dir = await mkdtempDisposable(join(tmpdir(), 'lookup-'))

  const end = await lookUp(dir.path, '8.8.8.8')

  expect(end.exitCode).toBe(0)
  expect(end.stderr).toContain('compiling network data for the first time')
  expect(end.stdout).toContain('not, as far as is known')
})

function lookUp(dir: string, ...args: string[]) {
  return runOnehop(['lookup', ...args], { ONEHOP_DATA_DIR: dir, ONEHOP_STARTER_DATA: 'off' })
}

function lookUpWith(env: Readonly<Record<string, string>>, dir: string, ...args: string[]) {
  return runOnehop(['lookup', ...args], { ONEHOP_DATA_DIR: dir, ONEHOP_STARTER_DATA: 'off', ...env })
}

async function dataDir() {
  const dir = await mkdtempDisposable(join(tmpdir(), 'lookup-'))
  mkdirSync(dirname(networkFile(dir.path)), { recursive: true })
  const contents = await compileNetwork({
    now: new Date(0),
    sources: [
      sourceOf({
        name: 'iptoasn',
        date: '2026-06-17',
        rows: [
          { ...rangeOf('8.8.8.0/24'), kind: 'as-range', asn: 15_169, country: 'US', name: 'Google LLC' },
        ],
      }),
      sourceOf({
        name: 'sapics-country',
        rows: [{ ...rangeOf('8.0.0.0/8'), kind: 'country-range', country: 'US' }],
      }),
      sourceOf({
        name: 'tor-exits',
        rows: [{ ...rangeOf('9.9.9.9/32'), kind: 'listed-range', list: 'tor-exit' }],
      }),
      sourceOf({
        name: 'caida-as-rel',
        rows: [
          {
            kind: 'as-link',
            version: 4,
            left: 3356,
            right: 15_169,
            relation: 'transit',
            isInBgp: true,
            isInMlp: false,
          },
        ],
      }),
    ],
  })
  writeFlatFile(networkFile(dir.path), contents)
  return dir
}
