import { expect, test } from 'bun:test'
import { readManifest } from '#ports/network/source-store.ts'
import { addressList, dataMirror } from '#testing/data-mirror.ts'
import { runOnehop } from '#testing/server-process.ts'
import { temporaryDir } from '#testing/temporary-dir.ts'
import { testApp } from '#testing/test-app.ts'
import { until } from '#testing/until.ts'
import { createDataUpdater, networkDataTask } from './update-network-data.ts'

test('what was downloaded once is kept fresh, a source that fails is told of, and nothing is asked for before', async () => {
  await using app = await testApp()
  await using mirror = await dataMirror()
  using dir = temporaryDir()
  const settings = {
    ONEHOP_DATA_MIRROR: mirror.url,
    ONEHOP_ALLOW_PRIVATE_TARGETS: '127.0.0.1',
    ONEHOP_STARTER_DATA: 'off',
  }
  const task = networkDataTask(dir.path, { ...process.env, ...settings })
  const run = () => task.run(app.app.services, new AbortController().signal)
  const rows = () => readManifest(dir.path).files.find(({ source }) => source === 'tor-exits')?.rows

  const before = await run()
  expect(before).toEqual({ files: 0 })
  expect(mirror.requests).toEqual([])

  mirror.serveFile('tor-exits', addressList(1_000))
  await runOnehop(['data', 'update', 'tor-exits'], { ONEHOP_DATA_DIR: dir.path, ...settings })
  mirror.serveFile('tor-exits', addressList(1_100))
  const problem = await run().then(String, String)
  expect(rows()).toBe(1_100)
  // Everything usual is asked for along with it, and the mirror has nothing else.
  expect(problem).toContain('files could not be updated')
})

test('an update that an operator asks for is made once at a time, and what went wrong is told', async () => {
  await using mirror = await dataMirror()
  using dir = temporaryDir()
  const problems: string[] = []
  await using updater = createDataUpdater(dir.path, (problem) => problems.push(problem), {
    ...process.env,
    ONEHOP_DATA_MIRROR: mirror.url,
    ONEHOP_ALLOW_PRIVATE_TARGETS: '127.0.0.1',
    ONEHOP_STARTER_DATA: 'off',
  })
  mirror.serveFile('tor-exits', addressList(1_000))
  expect(updater.state()).toEqual({ isRunning: false, problem: undefined })

  const started = [updater.start(), updater.start()]
  expect(updater.state()).toEqual({ isRunning: true, problem: undefined })
  await until(() => !updater.state().isRunning)

  expect(started).toEqual([true, false])
  expect(readManifest(dir.path).files.map(({ source }) => source)).toEqual(['tor-exits'])
  // The mirror has nothing else.
  expect(updater.state().problem).toContain('files could not be updated')
  expect(problems).toHaveLength(1)
})
