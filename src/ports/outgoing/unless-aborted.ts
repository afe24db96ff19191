/**
 * What is to be called when a signal aborts. Hundreds of questions wait with the signal of one lookup; a listener of each would
 * cost a tenth of what the question does.
 */
const waiting = new WeakMap<AbortSignal, Set<() => void>>()

/** The promise's outcome, or a rejection as soon as the signal aborts. */
export function unlessAborted<T>(pending: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const callbacks = waiting.get(signal) ?? watch(signal)
  const abort = () => reject(signal.reason)
  callbacks.add(abort)
  pending.then(
    (value) => {
      callbacks.delete(abort)
      resolve(value)
    },
    (error: unknown) => {
      callbacks.delete(abort)
      reject(error)
    },
  )
  return promise
}

function watch(signal: AbortSignal): Set<() => void> {
  const callbacks = new Set<() => void>()
  waiting.set(signal, callbacks)
  signal.addEventListener('abort', () => callbacks.forEach((callback) => callback()), { once: true })
  return callbacks
}
