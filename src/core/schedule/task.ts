import type { Services } from '#core/context.ts'

/** What a task has done, in numbers. */
export type TaskCounts = Readonly<Record<string, number>>

/** Something the server does again and again, whatever was asked of it. */
export interface Task {
  /** Lower case; what is done is written down under it. */
  readonly name: string
  /** When it is due: a cron pattern of five fields, UTC. */
  readonly pattern: string
  /**
   * Do it. It may be killed at any point and is then done again, so that doing it twice must do it once. When the signal
   * is aborted it ends soon, by throwing.
   */
  run(services: Services, signal: AbortSignal): Promise<TaskCounts>
}
