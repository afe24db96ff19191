import { fileURLToPath } from 'node:url'

/** What to compile. */
export interface Compilation {
  readonly dataDir: string
  /** `systems` leaves out the databases of cities, which take longest. */
  readonly part: 'systems' | 'whole'
  /** Whether what came with `npm install` is used. */
  readonly usesStarterData: boolean
}

/** How much the collector of the compiling process may let pile up: less than it would on a large machine. */
const COMPILER_RAM_BYTES = 400_000_000

/**
 * Compile network data in a process of its own, so that neither its work nor its memory is this one's. When the signal
 * aborts, it is ended, and nothing is thrown.
 *
 * @throws Error with what it wrote when it fails
 */
export async function runCompiler(compilation: Compilation, signal?: AbortSignal): Promise<void> {
  const { dataDir, part, usesStarterData } = compilation
  const program = fileURLToPath(new URL('compile-network-process.ts', import.meta.url))
  const child = Bun.spawn({
    cmd: [
      process.execPath,
      '--no-install',
      '--no-env-file',
      program,
      dataDir,
      part,
      usesStarterData ? 'starter' : 'stored',
    ],
    env: {
      ...process.env,
      BUN_JSC_forceRAMSize: String(COMPILER_RAM_BYTES),
      // What keeps the server's answers even would cost this process memory.
      BUN_JSC_minEdenToOldGenerationRatio: undefined,
      BUN_GC_TIMER_DISABLE: undefined,
    },
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'pipe',
    ...(signal && { signal }),
  })
  const [problem, exitCode] = await Promise.all([new Response(child.stderr).text(), child.exited])
  if (exitCode !== 0 && signal?.aborted !== true)
    throw new Error(problem.trim() || `it ended with code ${exitCode}`)
}
