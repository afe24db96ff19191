/**
 * The memory of a whole server in whose process addresses from everywhere are looked up; see `lookup.ts`. Its argument is
 * a data directory with compiled data; what it prints is JSON.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import { parseConfig } from '#config/parse-config.ts'
import { networkFile } from '#core/network/compile-network-data.ts'
import { serveNetworkData } from '#jobs/serve-network-data.ts'
import { startServer } from '#serve.ts'
import { memoryFigures } from './process-figures.ts'

const LOOKUPS = 1_000_000
/** As many as a busy server answers between two turns of its event loop. */
const BATCH = 1_000
const SETTLE_MS = 2_000

const [, , dataDir = ''] = process.argv
const dir = mkdtempSync(join(tmpdir(), 'onehop-memory-'))
try {
  mkdirSync(dirname(networkFile(dir)), { recursive: true })
  cpSync(networkFile(dataDir), networkFile(dir))
  const { config } = parseConfig({
    PORT: '0',
    HOST: '127.0.0.1',
    ONEHOP_DATA_DIR: dir,
    ONEHOP_LOG_LEVEL: 'silent',
  })
  const server = await startServer(config)
  using network = serveNetworkData({
    dataDir: dir,
    usesStarterData: true,
    onProgress: () => {},
    onProblem: (problem) => {
      throw new Error(problem)
    },
  })
  while (!network.isReady) await sleep(10)
  await sleep(SETTLE_MS)
  const idle = memoryFigures([process.pid])
  const words = new Uint32Array(4)
  let state = 1
  let bytes = 0
  for (let done = 0; done < LOOKUPS; done++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    words[3] = (state ^ (state >>> 15)) >>> 0
    bytes += JSON.stringify(network.view().lookUpIp(4, words)).length
    if (done % BATCH === 0) await setImmediate()
  }
  const { peakMib } = memoryFigures([process.pid])
  console.log(JSON.stringify({ idleMib: idle.nowMib, busyMib: peakMib, bytes }))
  await server.stop()
} finally {
  rmSync(dir, { recursive: true, force: true })
}
process.exit(0)
