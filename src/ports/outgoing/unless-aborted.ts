/** The promise's outcome, or a rejection as soon as the signal aborts. */
export function unlessAborted<T>(pending: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const abort = () => reject(signal.reason)
  signal.throwIfAborted()
  signal.addEventListener('abort', abort, { once: true })
  pending.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  return promise
}
