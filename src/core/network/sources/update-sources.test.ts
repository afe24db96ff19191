import { expect, test } from 'bun:test'
import { openSourceStore } from '#ports/network/source-store.ts'
import { createOutgoingClient } from '#ports/outgoing/outgoing-client.ts'
import { addressList, type DataMirror, dataMirror } from '#testing/data-mirror.ts'
import { type TemporaryDir, temporaryDir } from '#testing/temporary-dir.ts'
import { type Download, type DownloadSettings, downloadPart } from './download-part.ts'
import { findSource, type Location, type Source } from './source-table.ts'
import { updateSources } from './update-sources.ts'

test('the newest file of a directory listing is found, each kind by itself, and fetched once', async () => {
  await using mirror = await dataMirror()
  using dir = temporaryDir()
  mirror.serve('listing/', (_, response) =>
    response.end(
      [
        '20250801.as-rel',
        '20251101.as-rel',
        '20251001.as-rel',
        '20230901.as-rel.v6-stable',
        '20220601.as-rel.v6-stable',
      ]
        .map((name) => `<a href="${name}.txt.bz2">${name}.txt.bz2</a> 2025-11-01 12:00 1.2M\n`)
        .join(''),
    ),
  )
  mirror.serveFile('listing/20230901.as-rel.v6-stable.txt.bz2', 'stable')
  const location = {
    kind: 'listing',
    url: `${mirror.url}/listing/`,
    pattern: patternOf('caida-as-rel-v6'),
  } as const

  const first = await download(mirror, dir, location)
  const again = await download(mirror, dir, location, first)

  expect(first).toMatchObject({
    kind: 'new',
    origin: `${mirror.url}/listing/20230901.as-rel.v6-stable.txt.bz2`,
  })
  expect(again).toEqual({ kind: 'unchanged' })
  expect(mirror.requests.map(({ path }) => path)).toEqual([
    'listing/',
    'listing/20230901.as-rel.v6-stable.txt.bz2',
    'listing/',
  ])
})

test.each([
  {
    source: 'caida-pfx2as',
    listing:
      '6411\t1731593600\t2025/11/routeviews-rv2-20251118-1200.pfx2as.gz\n6412\t1731680000\t2025/11/routeviews-rv2-20251119-1200.pfx2as.gz\n',
    newest: '2025/11/routeviews-rv2-20251119-1200.pfx2as.gz',
  },
  {
    source: 'caida-as-org',
    listing:
      '<a href="20250801.as-org2info.jsonl.gz"><a href="20250901.as-org2info.txt.gz"><a href="20251001.as-org2info.jsonl.gz">',
    newest: '20250901.as-org2info.txt.gz',
  },
  {
    source: 'caida-ppdc',
    listing: '<a href="20251101.ppdc-ases.txt.bz2">',
    newest: '20251101.ppdc-ases.txt.bz2',
  },
  {
    source: 'caida-as-rel',
    listing: '<a href="20251101.as-rel2.txt.bz2"> <a href="20251001.as-rel2.txt.bz2">',
    newest: '20251101.as-rel2.txt.bz2',
  },
])('the newest file of $source is $newest', async ({ source, listing, newest }) => {
  await using mirror = await dataMirror()
  using dir = temporaryDir()
  mirror.serve('page', (_, response) => response.end(listing))
  mirror.serveFile(newest, 'contents')

  const found = await download(mirror, dir, {
    kind: 'listing',
    url: `${mirror.url}/page`,
    pattern: patternOf(source),
  })

  expect(found).toMatchObject({ kind: 'new', origin: `${mirror.url}/${newest}` })
})

test('a listing without a file of the source is a failure', async () => {
  await using mirror = await dataMirror()
  using dir = temporaryDir()
  mirror.serve('page', (_, response) => response.end('<h1>Moved</h1>'))
  const location = { kind: 'listing', url: `${mirror.url}/page`, pattern: patternOf('caida-as-rel') } as const

  const error = await download(mirror, dir, location).catch((thrown: unknown) => thrown)

  expect(String(error)).toBe(`SourceError: ${new URL(mirror.url).host} lists no file of the source`)
})

test('a file that has a newer one by its time alone is asked for by that time', async () => {
  await using mirror = await dataMirror()
  using dir = temporaryDir()
  const date = 'Wed, 19 Nov 2025 10:00:00 GMT'
  mirror.serve('file', (request, response) => {
    if (request.headers['if-modified-since'] === date) response.writeHead(304).end()
    else response.writeHead(200, { 'last-modified': date }).end('contents')
  })
  const location = { kind: 'file', url: `${mirror.url}/file` } as const

  const first = await download(mirror, dir, location)

  expect(first).toEqual({ kind: 'new', origin: location.url, etag: '', lastModified: date })
  expect(await download(mirror, dir, location, first)).toEqual({ kind: 'unchanged' })
})

test('who stalls, or takes too long, is a failure that does not stop the others', async () => {
  await using mirror = await dataMirror()
  using dir = temporaryDir()
  mirror.serve('cloud:linode', (_, response) => void response.write('192.0.2.0/24\n'))
  mirror.serve('cloud:vultr', (_, response) => {
    const timer = setInterval(() => response.write('192.0.2.0/24\n'), 20)
    response.on('close', () => clearInterval(timer))
  })
  mirror.serveFile('cloud:fastly', addressList(30))
  using store = openSourceStore(dir.path)

  const { outcomes } = await updateSources(
    {
      ...settings(mirror),
      store,
      now: () => new Date('2025-11-20T12:00:00Z'),
      timeoutMs: 600,
      idleTimeoutMs: 200,
    },
    { sources: ['cloud:linode', 'cloud:vultr', 'cloud:fastly'], areTermsAccepted: false, isForced: false },
    { onBytes: () => {}, onOutcome: () => {} },
  )

  expect(outcomes).toMatchObject([
    { source: 'cloud:linode', kind: 'failed', reason: '127.0.0.1 sent nothing for 200 ms' },
    { source: 'cloud:vultr', kind: 'failed', reason: '127.0.0.1 took more than 600 ms' },
    { source: 'cloud:fastly', kind: 'stored', file: { rows: 30, date: '2025-11-20' } },
  ])
})

test('what was once downloaded by name is updated with everything from then on, what was imported is not', async () => {
  await using mirror = await dataMirror()
  using dir = temporaryDir()
  using store = openSourceStore(dir.path)
  mirror.serveFile('bgptools-tag:vpn', 'AS64500,Example\n')
  const ctx = { ...settings(mirror), store, now: () => new Date('2025-11-20T12:00:00Z') }
  const observer = { onBytes: () => {}, onOutcome: () => {} }
  const update = { areTermsAccepted: false, isForced: false }
  await updateSources(ctx, { ...update, sources: ['bgptools-tag:vpn'] }, observer)

  const { outcomes, leftOut } = await updateSources(ctx, { ...update, sources: [] }, observer)

  expect(outcomes.at(-1)).toMatchObject({ source: 'bgptools-tag:vpn', kind: 'unchanged' })
  expect(outcomes.filter(({ source }) => source === 'bgptools-tag:vpn')).toHaveLength(1)
  expect(leftOut.map(({ terms }) => terms.name)).toEqual(['caida-public-aua'])
})

test('progress is told with the length that the server announces', async () => {
  await using mirror = await dataMirror()
  using dir = temporaryDir()
  const list = addressList(20_000)
  mirror.serveFile('tor-exits', list)
  using store = openSourceStore(dir.path)
  const seen: (readonly [number, number | undefined])[] = []

  await updateSources(
    { ...settings(mirror), store, now: () => new Date() },
    { sources: ['tor-exits'], areTermsAccepted: false, isForced: false },
    { onBytes: (_, received, total) => seen.push([received, total]), onOutcome: () => {} },
  )

  expect(seen.at(-1)).toEqual([list.length, list.length])
  expect(seen.map(([received]) => received)).toEqual(
    seen.map(([received]) => received).toSorted((a, b) => a - b),
  )
})

function settings(mirror: DataMirror): DownloadSettings {
  return {
    outgoing: createOutgoingClient({
      allowPrivate: ['127.0.0.1'],
      contactUrl: 'https://go.example.com',
      version: '0.0.0',
    }),
    mirrorUrl: mirror.url,
    timeoutMs: 5_000,
    idleTimeoutMs: 5_000,
  }
}

function patternOf(source: string): RegExp {
  const location = findSource(source)?.parts[0]?.location
  if (location?.kind !== 'listing') throw new Error(`${source} has no listing`)
  return location.pattern
}

/** Download what is at a place, after what was downloaded from there before. */
function download(
  mirror: DataMirror,
  dir: TemporaryDir,
  location: Location,
  before?: Download,
): Promise<Download> {
  const source = findSource('caida-as-rel')
  if (source === undefined) throw new Error('there is no such source')
  const part = { name: '', location, plausibleRows: [1, 10] } as const
  const last =
    before?.kind === 'new'
      ? { ...emptyFile(source), origin: before.origin, etag: before.etag, lastModified: before.lastModified }
      : undefined
  const path = `${dir.path}/draft-${Math.random()}`
  return downloadPart({ ...settings(mirror), mirrorUrl: undefined }, { source, part, last, path }, () => {})
}

function emptyFile(source: Source) {
  return {
    source: source.name,
    part: '',
    file: 'file',
    date: '2025-11-19',
    obtainedAt: '',
    isDownload: true,
    rows: 1,
    badRows: 0,
    sizeBytes: 1,
    sha256: '',
  }
}
