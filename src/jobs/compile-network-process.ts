import { setPriority } from 'node:os'
import { compileNetworkData } from '#core/network/compile-network-data.ts'

// The program of the process that a server compiles its network data in: data directory, part, and whether what came
// with `npm install` is used. What goes wrong is its standard error.

const BELOW_SERVING = 10

const [, , dataDir = '', part = 'whole', sources = 'starter'] = process.argv
setPriority(0, BELOW_SERVING)
try {
  await compileNetworkData(dataDir, {
    now: new Date(),
    part: part === 'systems' ? 'systems' : 'whole',
    usesStarterData: sources === 'starter',
  })
} catch (error) {
  process.stderr.write(error instanceof Error ? error.message : String(error))
  process.exit(1)
}
