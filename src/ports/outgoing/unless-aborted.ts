/** The promise's outcome, or a rejection as soon as the signal aborts. */
export function unlessAborted<T>(pending: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const abort = () => reject(signal.reason)
  signal.throwIfAborted()
  signal.addEventListener('abort', abort, { once: true })
  // On one promise: this is done for each of hundreds of questions.
  pending.then(
    (value) => {
      signal.removeEventListener('abort', abort)
      resolve(value)
    },
    (error: unknown) => {
      signal.removeEventListener('abort', abort)
      reject(error)
    },
  )
  return promise
}
