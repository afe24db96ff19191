/**
 * `npm run check`: everything that must hold before a commit. Every step is run, whatever became of the others.
 *
 * The last line is that of the tests, `N passed, N failed`; the exit code is 1 when any step failed.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT, runCommand } from './run-command.ts'

interface Step {
  readonly name: string
  readonly command: readonly string[]
}

const BUN = [process.execPath, '--no-install', '--no-env-file']
const SOURCES = ['src', 'bench', 'scripts', 'dashboard/src'].filter((dir) => existsSync(join(ROOT, dir)))

const STEPS: readonly Step[] = [
  { name: 'types', command: [tool('tsc')] },
  { name: 'dashboard types', command: [tool('tsc'), '-p', 'dashboard'] },
  { name: 'lint', command: [tool('oxlint'), '--type-aware', ...SOURCES] },
  { name: 'format', command: [tool('oxfmt'), '--check', ...SOURCES] },
  { name: 'docs', command: [...BUN, 'scripts/generate-docs.ts', '--check'] },
]
const TESTS: Step = { name: 'tests', command: [...BUN, 'scripts/test.ts'] }

process.exit(await main())

async function main(): Promise<number> {
  const failed: string[] = []
  for (const step of STEPS) {
    const result = await runStep(step)
    if (result.exitCode === 0) continue
    failed.push(step.name)
    console.log(result.output.trimEnd())
  }

  const tests = await runStep(TESTS)
  if (tests.exitCode !== 0) failed.push(TESTS.name)
  const lines = tests.output.trimEnd().split('\n')
  console.log(lines.slice(0, -1).join('\n'))
  console.log(failed.length === 0 ? 'All steps passed.' : `Failed: ${failed.join(', ')}.`)
  console.log(lines.at(-1))
  return failed.length === 0 ? 0 : 1
}

async function runStep(step: Step) {
  const result = await runCommand(step.command)
  console.log(
    `${result.exitCode === 0 ? '✓' : '✗'} ${step.name.padEnd(15)} ${result.seconds.toFixed(1).padStart(6)} s`,
  )
  return result
}

function tool(name: string): string {
  return join(ROOT, 'node_modules/.bin', name)
}
