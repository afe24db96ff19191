import type { InstanceMonitor } from '#core/operator/instance-monitor.ts'
import { sourceStatus } from '#core/network/sources/source-status.ts'
import { acceptTerms, termsStatus } from '#core/network/sources/source-terms.ts'
import { databaseSizeBytes } from '#db/database-size.ts'
import type { DatabaseLocation, Databases } from '#db/open-database.ts'
import type { TaskRunner } from '#jobs/task-runner.ts'
import type { DataUpdater } from '#jobs/update-network-data.ts'
import { openSourceStore, SourceStoreInUseError } from '#ports/network/source-store.ts'

export interface MonitorOptions {
  readonly version: string
  readonly dataDir: string
  readonly databases: Databases
  readonly location: DatabaseLocation
  readonly tasks: () => TaskRunner
  /** How much of the spool is not in the database, and what is wrong if something is. */
  readonly spool: () => { readonly waitingBytes: number; readonly problem: string | undefined }
  readonly dataUpdater: DataUpdater
}

/** How often it is looked whether clicks wait: how exact it is known for how long they do. */
const LOOK_EVERY_MS = 1_000

/** Watches a running server for its operator. */
export function startInstanceMonitor(options: MonitorOptions): InstanceMonitor & Disposable {
  const startedAtMs = Date.now()
  let caughtUpAtMs = startedAtMs
  const look = (): ReturnType<MonitorOptions['spool']> => {
    const spool = options.spool()
    if (spool.waitingBytes === 0) caughtUpAtMs = Date.now()
    return spool
  }
  const timer = setInterval(look, LOOK_EVERY_MS)
  timer.unref()
  return {
    async status() {
      const { waitingBytes, problem } = look()
      const { databases, location, version } = options
      return {
        version,
        uptimeS: Math.floor((Date.now() - startedAtMs) / 1000),
        database: { kind: databases.kind, sizeBytes: await databaseSizeBytes(databases, location) },
        spool: { waitingBytes, lagS: Math.round((Date.now() - caughtUpAtMs) / 1000), problem },
        memoryBytes: process.memoryUsage.rss(),
      }
    },
    taskTurns: () => options.tasks().turns(),
    dataSources: () => sourceStatus(options.dataDir, new Date()),
    dataTerms: () => termsStatus(options.dataDir),
    acceptDataTerms(terms) {
      try {
        using store = openSourceStore(options.dataDir)
        acceptTerms({ store, now: () => new Date() }, terms)
        return true
      } catch (error) {
        if (error instanceof SourceStoreInUseError) return false
        throw error
      }
    },
    dataUpdate: () => options.dataUpdater.state(),
    startDataUpdate: () => options.dataUpdater.start(),
    [Symbol.dispose]: () => clearInterval(timer),
  }
}
