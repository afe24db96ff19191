import { existsSync } from 'node:fs'
import { DomainError } from '#core/errors.ts'
import { compileSources, networkFile } from '#core/network/compile-network-data.ts'
import { openNetworkView } from '#core/network/flat-view.ts'
import type { NetworkData } from '#core/network/network.ts'
import { NO_FACTS } from '#core/network/network-facts.ts'
import { flatFileInMemory } from '#ports/network/flat-file.ts'
import { followNetworkData } from './follow-network-data.ts'
import { runCompiler } from './run-compiler.ts'

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

const RETRY_COMPILE_MS = 60_000
/** What a client is told to wait while there are no data. */
const RETRY_AFTER_S = 5

/**
 * Answer from the compiled data of a data directory, as they are now. Where there is no usable file one is compiled in a
 * process of its own: systems and countries first, which takes seconds, cities after that.
 */
export function serveNetworkData(options: NetworkDataOptions): ServedNetworkData {
  const stopping = new AbortController()
  let nextCompileMs = 0
  let isCompiling = false

  const compileAll = async (): Promise<void> => {
    try {
      for (const part of ['systems', 'whole'] as const) {
        options.onProgress(
          part === 'systems'
            ? 'compiling network data; lookups are answered in a few seconds'
            : 'compiling the databases of cities',
        )
        await runCompiler({ ...options, part }, stopping.signal)
        if (stopping.signal.aborted) return
        options.onProgress(part === 'systems' ? 'network data are ready' : 'all network data are ready')
      }
    } catch (error) {
      if (!stopping.signal.aborted) options.onProblem(`network data cannot be compiled: ${messageOf(error)}`)
    }
    isCompiling = false
    nextCompileMs = Date.now() + RETRY_COMPILE_MS
  }

  /** Of an installation without any data nothing is known, and nothing is waited for. */
  const nothing =
    existsSync(networkFile(options.dataDir)) || hasAny(options)
      ? undefined
      : openNetworkView(flatFileInMemory({ facts: NO_FACTS, columns: new Map() }))
  const followed = followNetworkData({
    dataDir: options.dataDir,
    onProblem: options.onProblem,
    onLooked() {
      if (view() !== undefined || isCompiling || Date.now() < nextCompileMs) return
      isCompiling = true
      void compileAll()
    },
    ...(options.lookEveryMs === undefined ? {} : { lookEveryMs: options.lookEveryMs }),
  })
  const view = () => followed.view() ?? nothing

  return {
    get isReady() {
      return view() !== undefined
    },
    view() {
      const current = view()
      if (current === undefined) throw new DomainError('network-data-loading', { retryAfterS: RETRY_AFTER_S })
      return current
    },
    [Symbol.dispose]() {
      stopping.abort()
      followed[Symbol.dispose]()
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

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
