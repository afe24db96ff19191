import type { SourceStatus } from '#core/network/sources/source-status.ts'
import type { Terms } from '#core/network/sources/source-table.ts'
import type { TermsStatus } from '#core/network/sources/source-terms.ts'

/** What the running server knows of itself beyond the database; an operator may see it. */
export interface InstanceMonitor {
  status(): Promise<InstanceStatus>
  /** Every task of the schedule, with when it is next due. */
  taskTurns(): readonly { readonly name: string; readonly nextAt: Date | null }[]
  /** @throws Error when the directory of network data is damaged */
  dataSources(): readonly SourceStatus[]
  /** @throws Error when the directory of network data is damaged */
  dataTerms(): readonly TermsStatus[]
  /** Note that terms are accepted. @returns false while an update is at work on the network data */
  acceptDataTerms(terms: Terms): boolean
  /** The update of network data that was asked for last: whether it is under way, and what went wrong. */
  dataUpdate(): { readonly isRunning: boolean; readonly problem: string | undefined }
  /** Update network data in the background. @returns false when that is under way, or cannot be done here */
  startDataUpdate(): boolean
}

export interface InstanceStatus {
  readonly version: string
  readonly uptimeS: number
  readonly database: {
    readonly kind: 'sqlite' | 'postgres'
    /** Of all its files; null where it cannot be told. */
    readonly sizeBytes: number | null
  }
  /** Clicks that are not in the database yet. */
  readonly spool: {
    readonly waitingBytes: number
    /** For how long the oldest of them has waited; about. */
    readonly lagS: number
    /** Why they are not stored, where something is wrong. */
    readonly problem: string | undefined
  }
  /** What the process takes of the machine's memory. */
  readonly memoryBytes: number
}
