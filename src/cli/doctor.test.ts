import { expect, test } from 'bun:test'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '#config/config.ts'
import { insertDeliveries } from '#core/deliveries/delivery-queries.ts'
import { SQLITE_FILE } from '#db/open-database.ts'
import { lockDataDir } from '#ports/data-dir-lock.ts'
import { type TestDatabases, testDatabases } from '#testing/test-database.ts'
import { doctor, doctorExitCode, type Finding, renderFindings } from './doctor.ts'

test('an installation in order passes, and is left as it was', async () => {
  await using fresh = await testDatabases({ located: true })
  await mkdir(join(fresh.dir, 'spool'))
  const before = await readdir(fresh.dir, { recursive: true })

  const findings = await doctor(configOf(fresh))

  expect(findings.filter((finding) => finding.state !== 'fine')).toEqual([])
  expect(findings.map((finding) => finding.what)).toEqual([
    'base URL',
    'data directory',
    'click spool',
    'disk',
    'server',
    'mail',
    'database',
    'migrations',
    'clock',
    'mails',
    'webhook deliveries',
  ])
  expect(doctorExitCode(findings)).toBe(0)
  expect(detailOf(findings, 'database')).toMatch(/^(SQLite 3|PostgreSQL \d)/)
  expect((await readdir(fresh.dir, { recursive: true })).toSorted()).toEqual(before.toSorted())
})

test('before the first start nothing is broken and nothing is made', async () => {
  await using fresh = await testDatabases()
  const dataDir = join(fresh.dir, 'later')

  const findings = await doctor({ ...configOf(fresh), dataDir, databaseUrl: undefined })

  expect(statesOf(findings)).toMatchObject({
    'data directory': 'warning',
    'click spool': 'warning',
    disk: 'fine',
    server: 'fine',
    database: 'warning',
  })
  expect(doctorExitCode(findings)).toBe(0)
  expect(await readdir(fresh.dir)).not.toContain('later')
})

test('without a mail server the operator is warned, and what has waited for long is told', async () => {
  await using fresh = await testDatabases({ located: true })
  const longAgo = new Date(Date.now() - 60 * 60 * 1000)
  await insertDeliveries(fresh.databases.db, [
    { kind: 'mail', content: '', publicId: 'msg_1', createdAt: longAgo, giveUpAt: longAgo },
  ])

  const findings = await doctor({ ...configOf(fresh), smtpUrl: undefined })

  expect(statesOf(findings)).toMatchObject({ mail: 'warning', mails: 'warning' })
  expect(detailOf(findings, 'mails')).toMatch(/^1 waiting, the oldest due for 36\d\d s$/)
  expect(doctorExitCode(findings)).toBe(0)
})

test('a data directory that is no directory is broken', async () => {
  await using fresh = await testDatabases()
  const dataDir = join(fresh.dir, 'file')
  await writeFile(dataDir, '')

  const findings = await doctor({ ...configOf(fresh), dataDir, databaseUrl: undefined })

  expect(statesOf(findings)).toMatchObject({ 'data directory': 'broken' })
  expect(doctorExitCode(findings)).toBe(1)
})

test('a running server is seen', async () => {
  await using fresh = await testDatabases({ located: true })
  const lock = lockDataDir(fresh.dir)

  const findings = await doctor(configOf(fresh))

  expect(detailOf(findings, 'server')).toBe(`running as process ${process.pid}`)
  lock.release()
})

test.each([
  ['http://localhost:3000', 'warning'],
  ['http://127.0.0.1', 'warning'],
  ['http://go.example.com', 'warning'],
  ['https://go.example.com', 'fine'],
] as const)('the base URL %s is %s', async (href, state) => {
  await using fresh = await testDatabases({ located: true })

  const findings = await doctor({
    ...configOf(fresh),
    baseUrl: { href, origin: href, host: new URL(href).host },
  })

  expect(statesOf(findings)).toMatchObject({ 'base URL': state })
})

test('migrations still to be run are a warning, those of a newer release are broken', async () => {
  await using fresh = await testDatabases({ located: true, migrated: false })
  const { db } = fresh.databases

  const empty = await doctor(configOf(fresh))
  await db.schema.createTable('migration').addColumn('name', 'text').execute()
  await db
    .withTables<{ migration: { name: string } }>()
    .insertInto('migration')
    .values({ name: '9999-later' })
    .execute()
  const newer = await doctor(configOf(fresh))

  expect(statesOf(empty)).toMatchObject({ migrations: 'warning' })
  expect(statesOf(newer)).toMatchObject({ migrations: 'broken' })
  expect(detailOf(newer, 'migrations')).toBe(
    'the database was written by a newer release (it has had 9999-later)',
  )
})

test('a clock behind the newest account is broken', async () => {
  await using fresh = await testDatabases({ located: true })
  await fresh.databases.db
    .insertInto('user_account')
    .values({
      email: 'ada@example.com',
      name: '',
      password_hash: '',
      is_operator: 0,
      status: 'active',
      created_at_ms: Date.now() + 3_600_000,
    })
    .execute()

  const findings = await doctor(configOf(fresh))

  expect(statesOf(findings)).toMatchObject({ clock: 'broken' })
})

test('a damaged database file is broken, with what to do', async () => {
  await using fresh = await testDatabases()
  const dataDir = join(fresh.dir, 'damaged')
  await mkdir(dataDir)
  await writeFile(join(dataDir, SQLITE_FILE), 'this is no database'.repeat(100))

  const findings = await doctor({ ...configOf(fresh), dataDir, databaseUrl: undefined })

  expect(statesOf(findings)).toMatchObject({ database: 'broken' })
  expect(findings.find((finding) => finding.what === 'database')?.repair).toContain(dataDir)
})

test('a PostgreSQL server that does not answer is broken, without showing the password', async () => {
  await using fresh = await testDatabases()

  const findings = await doctor({
    ...configOf(fresh),
    databaseUrl: 'postgres://app:hunter2@127.0.0.1:1/onehop',
  })

  expect(statesOf(findings)).toMatchObject({ database: 'broken' })
  expect(renderFindings(findings)).not.toContain('hunter2')
})

test('findings are rendered with a mark each and the repair below', () => {
  const text = renderFindings([
    { state: 'fine', what: 'disk', detail: '20.0 GiB free' },
    { state: 'warning', what: 'base URL', detail: 'local', repair: 'Set it.' },
    { state: 'broken', what: 'database', detail: 'does not answer', repair: 'Start it.' },
  ])

  expect(text).toBe(
    [
      '✓ disk: 20.0 GiB free',
      '! base URL: local',
      '    → Set it.',
      '✗ database: does not answer',
      '    → Start it.',
    ].join('\n'),
  )
})

function configOf(fresh: TestDatabases): Config {
  return {
    port: 3000,
    host: '0.0.0.0',
    baseUrl: { href: 'https://go.example.com', origin: 'https://go.example.com', host: 'go.example.com' },
    dataDir: fresh.dir,
    databaseUrl: fresh.location?.kind === 'postgres' ? fresh.location.url : undefined,
    trustProxy: 0,
    signup: 'open',
    signupPlan: 'Free',
    plansFile: undefined,
    apiHosts: new Map(),
    allowPrivateTargets: [],
    s3: undefined,
    dataMirror: undefined,
    smtpUrl: 'smtps://app:secret@mail.example.com',
    mailFrom: 'links@go.example.com',
    secret: undefined,
    whoisServer: undefined,
    dnsServers: [],
    dnsblFile: undefined,
    cronSecret: undefined,
    starterData: false,
    logLevel: 'silent',
  }
}

function statesOf(findings: readonly Finding[]): Record<string, Finding['state']> {
  return Object.fromEntries(findings.map((finding) => [finding.what, finding.state]))
}

function detailOf(findings: readonly Finding[], what: string): string | undefined {
  return findings.find((finding) => finding.what === what)?.detail
}
