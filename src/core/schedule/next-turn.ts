import { setImmediate } from 'node:timers/promises'

/**
 * Let whatever else the process has to do go first, and stop here when the task is told to. A task calls it between
 * small pieces of work: on SQLite nothing else makes it give way.
 *
 * @throws the signal's reason when it is aborted
 */
export async function nextTurn(signal: AbortSignal): Promise<void> {
  await setImmediate()
  signal.throwIfAborted()
}
