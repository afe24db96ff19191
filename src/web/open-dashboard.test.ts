import { expect, setDefaultTimeout, test } from 'bun:test'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryDir } from '#testing/temporary-dir.ts'
import { readBundle } from './bundle.ts'
import { openDashboard } from './open-dashboard.ts'
import { writeBundle } from './write-bundle.ts'

// Whoever is first bundles, which takes a busy machine a while.
setDefaultTimeout(60_000)

test('several that write the same bundle leave one that is whole, and no drafts', async () => {
  using dir = temporaryDir()
  const target = join(dir.path, 'bundle')

  await writeBundle(target)
  const first = readBundle(target)
  await writeBundle(target)

  expect(readdirSync(dir.path)).toEqual(['bundle'])
  expect(readBundle(target)?.manifest).toEqual(first?.manifest ?? ({} as never))
})

test('a directory without a manifest is no bundle', () => {
  using dir = temporaryDir()

  expect(readBundle(dir.path)).toBeUndefined()
})

test('a bundle is made once, for all who ask, and found again', async () => {
  using dir = temporaryDir()
  const told: string[] = []
  using source = openDashboard({
    dataDir: dir.path,
    onProgress: (message) => told.push(message),
    onProblem: (problem) => told.push(problem),
  })

  const [first, second] = await Promise.all([source.bundle(), source.bundle()])
  using again = openDashboard({
    dataDir: dir.path,
    onProgress: (message) => told.push(message),
    onProblem: () => {},
  })
  told.length = 0
  const found = await again.bundle()

  expect(first).toBeDefined()
  expect(second).toBe(first)
  expect(found?.manifest).toEqual(first?.manifest as never)
  expect(told).toEqual([])
})
