import { existsSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { DomainError } from '#core/errors.ts'
import { compileSources, networkFile } from '#core/network/compile-network-data.ts'
import { openNetworkView } from '#core/network/flat-view.ts'
import type { NetworkData, NetworkView } from '#core/network/network.ts'
import { NO_FACTS } from '#core/network/network-facts.ts'
import { type FlatFile, flatFileInMemory, openFlatFile } from '#ports/network/flat-file.ts'

export interface NetworkDataOptions {
  readonly dataDir: string
  /** Whether what came with `npm install` is used. */
  readonly usesStarterData: boolean
  readonly onProgress: (message: string) => void
  /** Data cannot be used, or not be compiled; those before them, if any, go on answering. */
  readonly onProblem: (problem: string) => void
  /** How often to look for newer data. */
  readonly lookEveryMs?: number
}

/** The network data of a running server, which follow the file. */
export interface ServedNetworkData extends NetworkData, Disposable {
  /** Whether lookups are answered. */
  readonly isReady: boolean
}

const LOOK_EVERY_MS = 500
/** A view that somebody still holds goes on answering for this long after newer data took its place. */
const GRACE_MS = 5_000
const RETRY_COMPILE_MS = 60_000
/** What a client is told to wait while there are no data. */
const RETRY_AFTER_S = 5

interface Served {
  readonly file: FlatFile
  readonly view: NetworkView
}

/**
 * Answer from the compiled data of a data directory. Whoever replaces the file, this process or another, the next look
 * sees it, and once it is found to be whole it takes the place of the old, between two lookups. Where there is no usable
 * file one is compiled in a process of its own: systems and countries first, which takes seconds, cities after that.
 */
export function serveNetworkData(options: NetworkDataOptions): ServedNetworkData {
  const path = networkFile(options.dataDir)
  const stopping = new AbortController()
  const released = new Set<{ readonly file: FlatFile; readonly timer: NodeJS.Timeout }>()
  let served: Served | undefined
  /** The file that was last looked at, usable or not. */
  let seen = ''
  let isLooking = false
  let nextCompileMs = 0
  let compiling: Promise<void> | undefined

  const release = (file: FlatFile): void => {
    const timer = setTimeout(() => {
      file[Symbol.dispose]()
      released.delete(entry)
    }, GRACE_MS)
    timer.unref()
    const entry = { file, timer }
    released.add(entry)
  }

  const take = async (): Promise<void> => {
    const mark = markOf(path)
    if (mark === seen) return
    seen = mark
    if (mark === '') return
    const file = await openFlatFile(path)
    if (stopping.signal.aborted) return file[Symbol.dispose]()
    try {
      const view = openNetworkView(file)
      if (served !== undefined) release(served.file)
      served = { file, view }
    } catch (error) {
      file[Symbol.dispose]()
      throw error
    }
  }

  const look = async (): Promise<void> => {
    if (isLooking || stopping.signal.aborted) return
    isLooking = true
    try {
      await take()
    } catch (error) {
      options.onProblem(`network data cannot be used: ${messageOf(error)}`)
    } finally {
      isLooking = false
    }
    if (served === undefined && compiling === undefined && Date.now() >= nextCompileMs) {
      compiling = compileAll().finally(() => {
        compiling = undefined
        nextCompileMs = Date.now() + RETRY_COMPILE_MS
      })
    }
  }

  const compileAll = async (): Promise<void> => {
    try {
      for (const part of ['systems', 'whole']) {
        options.onProgress(
          part === 'systems'
            ? 'compiling network data; lookups are answered in a few seconds'
            : 'compiling the databases of cities',
        )
        await runCompiler(options, part, stopping.signal)
        if (stopping.signal.aborted) return
        options.onProgress(part === 'systems' ? 'network data are ready' : 'all network data are ready')
      }
    } catch (error) {
      if (!stopping.signal.aborted) options.onProblem(`network data cannot be compiled: ${messageOf(error)}`)
    }
  }

  const hasSources = existsSync(path) || hasAny(options)
  if (!hasSources) {
    const file = flatFileInMemory({ facts: NO_FACTS, columns: new Map() })
    served = { file, view: openNetworkView(file) }
  }
  const timer = setInterval(() => void look(), options.lookEveryMs ?? LOOK_EVERY_MS)
  timer.unref()
  void look()

  return {
    get isReady() {
      return served !== undefined
    },
    view() {
      if (served === undefined) throw new DomainError('network-data-loading', { retryAfterS: RETRY_AFTER_S })
      return served.view
    },
    [Symbol.dispose]() {
      stopping.abort()
      clearInterval(timer)
      for (const entry of released) {
        clearTimeout(entry.timer)
        entry.file[Symbol.dispose]()
      }
      released.clear()
      served?.file[Symbol.dispose]()
    },
  }
}

function hasAny(options: NetworkDataOptions): boolean {
  try {
    return compileSources(options.dataDir, { usesStarterData: options.usesStarterData }).length > 0
  } catch (error) {
    options.onProblem(messageOf(error))
    return true
  }
}

/** Tells one file from the next; empty where there is none. */
function markOf(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false })
  return stats === undefined ? '' : `${stats.ino} ${stats.size} ${stats.mtimeMs}`
}

/** How much the collector of the compiling process may let pile up: less than it would on a large machine. */
const COMPILER_RAM_BYTES = 400_000_000

/**
 * Compile in a process of its own, so that neither its work nor its memory is the server's.
 *
 * @throws Error with what it wrote when it fails
 */
async function runCompiler(options: NetworkDataOptions, part: string, signal: AbortSignal): Promise<void> {
  const program = fileURLToPath(new URL('compile-network-process.ts', import.meta.url))
  const child = Bun.spawn({
    cmd: [
      process.execPath,
      '--no-install',
      '--no-env-file',
      program,
      options.dataDir,
      part,
      options.usesStarterData ? 'starter' : 'stored',
    ],
    env: { ...process.env, BUN_JSC_forceRAMSize: String(COMPILER_RAM_BYTES) },
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'pipe',
    signal,
  })
  const [problem, exitCode] = await Promise.all([new Response(child.stderr).text(), child.exited])
  if (exitCode !== 0 && !signal.aborted) throw new Error(problem.trim() || `it ended with code ${exitCode}`)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
