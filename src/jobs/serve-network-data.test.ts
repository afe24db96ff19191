import { existsSync, mkdirSync, readFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'bun:test'
import { DomainError } from '#core/errors.ts'
import { compileNetwork } from '#core/network/compile-network.ts'
import { compileNetworkData, networkFile } from '#core/network/compile-network-data.ts'
import { writeFlatFile } from '#ports/network/flat-file.ts'
import { rangeOf, sourceOf } from '#testing/test-network.ts'
import { until } from '#testing/until.ts'
import { serveNetworkData } from './serve-network-data.ts'

const ADDRESS = Uint32Array.of(0, 0, 0, 0x0808_0808)

test('data that another process puts in place answer within a second, and no lookup is dropped meanwhile', async () => {
  await using dir = await mkdtempDisposable(join(tmpdir(), 'served-'))
  await writeData(dir.path, 1)
  using served = serve(dir.path)
  await until(() => served.isReady)
  const seen = new Set<number>()
  let latest = 1
  let lookups = 0

  for (let round = 0; round < 10; round++) {
    await writeData(dir.path, ++latest)
    const writtenMs = Date.now()
    for (let asn = 0; asn !== latest; lookups++) {
      asn = served.view().asnOf(4, ADDRESS)
      seen.add(asn)
      expect(Date.now() - writtenMs).toBeLessThan(5_000)
      await setImmediate()
    }
  }

  expect(seen.has(0)).toBe(false)
  expect(lookups).toBeGreaterThan(10)
})

test('a view somebody still holds goes on answering after newer data took its place', async () => {
  await using dir = await mkdtempDisposable(join(tmpdir(), 'served-'))
  await writeData(dir.path, 1)
  using served = serve(dir.path)
  await until(() => served.isReady)
  const held = served.view()

  await writeData(dir.path, 2)
  await until(() => served.view().asnOf(4, ADDRESS) === 2)

  expect(held.asnOf(4, ADDRESS)).toBe(1)
  expect(held.findAs(1)).toMatchObject({ asn: 1, organization: 'Network 1' })
})

test.each([
  { what: 'damaged', spoil: (path: string) => writeFileSync(path, 'no data at all') },
  { what: 'empty', spoil: (path: string) => writeFileSync(path, '') },
  {
    what: 'one of another version',
    spoil: (path: string) => {
      const bytes = readFileSync(path)
      bytes.writeUInt32LE(77, 8)
      writeFileSync(path, bytes)
    },
  },
])('where the next file is $what, a sentence says so and the last good data go on', async ({ spoil }) => {
  await using dir = await mkdtempDisposable(join(tmpdir(), 'served-'))
  await writeData(dir.path, 1)
  const problems: string[] = []
  using served = serve(dir.path, problems)
  await until(() => served.isReady)
  // In the way a broken copy comes: under the name, as another file.
  const path = networkFile(dir.path)
  const good = readFileSync(path)
  const copy = `${path}.copy`
  writeFileSync(copy, good)
  spoil(copy)
  renameSync(copy, path)
  await until(() => problems.length > 0)

  expect(problems[0]).toMatch(/network data cannot be used: .* is /)
  expect(served.view().asnOf(4, ADDRESS)).toBe(1)

  await writeData(dir.path, 3)
  await until(() => served.view().asnOf(4, ADDRESS) === 3)
})

test('without any data nothing is waited for: nothing is known', async () => {
  await using dir = await mkdtempDisposable(join(tmpdir(), 'served-'))
  using served = serve(dir.path)

  expect(served.isReady).toBe(true)
  expect(served.view().asnOf(4, ADDRESS)).toBe(0)
  expect(served.view().sources).toEqual([])
})

test('a file that cannot be used at the start is compiled anew; until then lookups are told to come again', async () => {
  await using dir = await mkdtempDisposable(join(tmpdir(), 'served-'))
  const path = networkFile(dir.path)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, 'half a file')
  const problems: string[] = []
  const messages: string[] = []
  using served = serveNetworkData({
    dataDir: dir.path,
    usesStarterData: false,
    onProgress: (message) => messages.push(message),
    onProblem: (problem) => problems.push(problem),
    lookEveryMs: 20,
  })

  const refusal = await Promise.try(() => served.view()).catch((error: unknown) => error)
  expect(refusal).toBeInstanceOf(DomainError)
  expect(refusal).toMatchObject({ code: 'network-data-loading', details: { retryAfterS: 5 } })

  await until(() => served.isReady)
  expect(problems).toEqual([expect.stringContaining('is no file of network data')])
  await until(() => messages.includes('network data are ready'))
})

test('a compiler that is killed leaves the last good file, and the next one succeeds', async () => {
  await using dir = await mkdtempDisposable(join(tmpdir(), 'served-'))
  await writeData(dir.path, 1)
  const before = readFileSync(networkFile(dir.path))
  const program = join(import.meta.dir, 'compile-network-process.ts')
  for (const delayMs of [30, 120, 250]) {
    const child = Bun.spawn({ cmd: [process.execPath, program, dir.path, 'whole', 'starter'] })
    await Bun.sleep(delayMs)
    child.kill('SIGKILL')
    await child.exited
    expect(readFileSync(networkFile(dir.path)).equals(before)).toBe(true)
  }

  await compileNetworkData(dir.path, { now: new Date(), usesStarterData: false })

  expect(existsSync(networkFile(dir.path))).toBe(true)
  expect(readFileSync(networkFile(dir.path)).equals(before)).toBe(false)
})

test('a file that is cut short under a name that nobody has open is refused', async () => {
  await using dir = await mkdtempDisposable(join(tmpdir(), 'served-'))
  await writeData(dir.path, 1)
  truncateSync(networkFile(dir.path), 70_000)
  const problems: string[] = []
  using served = serve(dir.path, problems)

  await until(() => served.isReady)

  expect(problems[0]).toContain('is not whole')
  expect(served.view().asnOf(4, ADDRESS)).toBe(0)
})

function serve(dataDir: string, problems: string[] = []) {
  return serveNetworkData({
    dataDir,
    usesStarterData: false,
    onProgress: () => {},
    onProblem: (problem) => problems.push(problem),
    lookEveryMs: 20,
  })
}

/** Data in which everything is one network of that number. */
async function writeData(dataDir: string, asn: number): Promise<void> {
  const path = networkFile(dataDir)
  mkdirSync(dirname(path), { recursive: true })
  const rows = [
    { ...rangeOf('8.0.0.0/8'), kind: 'as-range', asn, country: '', name: `Network ${asn}` },
  ] as const
  writeFlatFile(path, await compileNetwork({ sources: [sourceOf({ name: 'x', rows })], now: new Date(asn) }))
}
