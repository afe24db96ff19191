import { statSync } from 'node:fs'
import { networkFile } from '#core/network/compile-network-data.ts'
import { openNetworkView } from '#core/network/flat-view.ts'
import type { NetworkView } from '#core/network/network.ts'
import { type FlatFile, openFlatFile } from '#ports/network/flat-file.ts'

export interface FollowOptions {
  readonly dataDir: string
  /** The file cannot be used; what was there before it, if anything, goes on answering. */
  readonly onProblem: (problem: string) => void
  /** After each look, whether there is something to answer from or not. */
  readonly onLooked?: () => void
  readonly lookEveryMs?: number
}

/** The compiled data of a data directory as they are now. */
export interface FollowedNetworkData extends Disposable {
  /** Undefined until there is a file that can be used. */
  view(): NetworkView | undefined
}

const LOOK_EVERY_MS = 500
/** A view that somebody still holds goes on answering for this long after newer data took its place. */
const GRACE_MS = 5_000

/**
 * Follow the compiled data of a data directory. Whoever replaces the file, this process or another, the next look sees
 * it, and once it is found to be whole it takes the place of the old, between two lookups.
 */
export function followNetworkData(options: FollowOptions): FollowedNetworkData {
  const path = networkFile(options.dataDir)
  const released = new Set<{ readonly file: FlatFile; readonly timer: NodeJS.Timeout }>()
  let served: { readonly file: FlatFile; readonly view: NetworkView } | undefined
  /** The file that was last looked at, usable or not. */
  let seen = ''
  let isLooking = false
  let isStopped = false

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
    if (isStopped) return file[Symbol.dispose]()
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
    if (isLooking || isStopped) return
    isLooking = true
    try {
      await take()
    } catch (error) {
      options.onProblem(
        `network data cannot be used: ${error instanceof Error ? error.message : String(error)}`,
      )
    }
    isLooking = false
    if (!isStopped) options.onLooked?.()
  }

  const timer = setInterval(() => void look(), options.lookEveryMs ?? LOOK_EVERY_MS)
  timer.unref()
  void look()
  return {
    view: () => served?.view,
    [Symbol.dispose]() {
      isStopped = true
      clearInterval(timer)
      for (const entry of released) {
        clearTimeout(entry.timer)
        entry.file[Symbol.dispose]()
      }
      released.clear()
      served?.file[Symbol.dispose]()
      served = undefined
    },
  }
}

/** Tells one file from the next; empty where there is none. */
function markOf(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false })
  return stats === undefined ? '' : `${stats.ino} ${stats.size} ${stats.mtimeMs}`
}
