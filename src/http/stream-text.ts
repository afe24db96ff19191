/** What is told of a stream's end. */
export interface StreamEvents {
  /** Nobody reads it any more: what it waits for need not be waited for. */
  readonly onCancel?: () => void
  /** It broke off by a bug. */
  readonly onError?: (error: unknown) => void
}

/** Texts as a body that is made while it is read: the next is asked for when the one before has been taken. */
export function streamText(
  source: AsyncGenerator<string, void>,
  events: StreamEvents = {},
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await source.next()
          if (done === true) controller.close()
          else controller.enqueue(encoder.encode(value))
        } catch (error) {
          events.onError?.(error)
          controller.error(error)
        }
      },
      async cancel() {
        events.onCancel?.()
        await source.return()
      },
    },
    // Nothing is made that nobody has asked for.
    { highWaterMark: 0 },
  )
}
