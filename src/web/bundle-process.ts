import { setPriority } from 'node:os'
import { writeBundle } from './write-bundle.ts'

// The program of the process that a server bundles the dashboard in: the directory to write to. What goes wrong is its
// standard error.

const BELOW_SERVING = 5

const [, , dir = ''] = process.argv
setPriority(0, BELOW_SERVING)
try {
  await writeBundle(dir)
} catch (error) {
  const problems = error instanceof AggregateError ? error.errors : [error]
  process.stderr.write(problems.map(String).join('\n'))
  process.exit(1)
}
