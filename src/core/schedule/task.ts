import type { Services } from '#core/context.ts'

/** What a task has done, in numbers. */
export type TaskCounts = Readonly<Record<string, number>>

/**
 * What became of a task that was asked for. `busy`: it is under way already, here or in another process. `running`: it
 * takes longer than is waited for, and goes on.
 */
export interface TaskReport {
  readonly task: string
  readonly outcome: 'done' | 'failed' | 'stopped' | 'busy' | 'running'
  readonly counts: TaskCounts
}

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
