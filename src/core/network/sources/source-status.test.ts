import { expect, test } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { openSourceStore, type SourceStore } from '#ports/network/source-store.ts'
import { temporaryDir } from '#testing/temporary-dir.ts'
import { sourceStatus } from './source-status.ts'

test.each([
  { source: 'tor-exits', date: '2025-11-17', ageDays: 3, isStale: false },
  { source: 'tor-exits', date: '2025-11-16', ageDays: 4, isStale: true },
  { source: 'cloud:aws', date: '2025-10-30', ageDays: 21, isStale: false },
  { source: 'cloud:aws', date: '2025-10-29', ageDays: 22, isStale: true },
  { source: 'caida-as-rel', date: '2025-09-01', ageDays: 80, isStale: false },
  { source: 'caida-as-rel', date: '2025-08-01', ageDays: 111, isStale: true },
  { source: 'cloud:brought', date: '2025-12-01', ageDays: 0, isStale: false },
])('$source of $date is $ageDays days old on 2025-11-20', ({ source, date, ageDays, isStale }) => {
  using dir = temporaryDir()
  using store = openSourceStore(dir.path)
  put(store, source, date)

  const [status] = sourceStatus(dir.path, new Date('2025-11-20T12:00:00Z')).filter(
    (entry) => entry.source === source,
  )

  expect(status).toMatchObject({ kind: 'imported', date, ageDays, isStale, rows: 7, origin: 'file.txt' })
})

test('every part of every source is told, there or not, and whose terms are accepted', () => {
  using dir = temporaryDir()
  using store = openSourceStore(dir.path)
  const statusOf = (source: string) =>
    sourceStatus(dir.path, new Date('2025-11-20T12:00:00Z')).filter((entry) => entry.source === source)

  expect(statusOf('delegated').map(({ part, kind }) => `${part} ${kind}`)).toEqual([
    'afrinic missing',
    'apnic missing',
    'arin missing',
    'lacnic missing',
    'ripencc missing',
  ])
  expect(statusOf('delegated')[0]?.isLicenseAccepted).toBeUndefined()
  expect(statusOf('caida-ppdc')[0]?.isLicenseAccepted).toBe(false)
  store.acceptTerms({
    name: 'caida-public-aua',
    url: 'https://example.com/',
    acceptedAt: '2025-11-20T12:00:00Z',
  })
  expect(statusOf('caida-ppdc')[0]?.isLicenseAccepted).toBe(true)
})

function put(store: SourceStore, source: string, date: string): void {
  const path = store.draftPath()
  writeFileSync(path, 'contents')
  store.store(
    path,
    {
      source,
      part: '',
      date,
      obtainedAt: '2025-11-20T12:00:00.000Z',
      origin: 'file.txt',
      isDownload: false,
      rows: 7,
      badRows: 0,
      sizeBytes: 8,
      sha256: '0123456789abcdef',
      etag: '',
      lastModified: '',
    },
    '.txt',
  )
}
