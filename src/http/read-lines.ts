import { DomainError } from '#core/errors.ts'

/** What a body of lines may be. */
export interface LineLimits {
  /** All of it. */
  readonly totalBytes: number
  /** One line. */
  readonly lineBytes: number
}

const LINE_FEED = 10

/**
 * The lines of a request's body as they arrive, without their ends; blank ones are left out.
 *
 * @throws DomainError `body-too-large` when all of it, or one line, is
 */
export async function* readLines(request: Request, limits: LineLimits): AsyncGenerator<Uint8Array, void> {
  let begun: Uint8Array[] = []
  let begunBytes = 0
  let totalBytes = 0
  const begin = (part: Uint8Array) => {
    begunBytes += part.length
    if (begunBytes > limits.lineBytes)
      throw new DomainError('body-too-large', { limitBytes: limits.lineBytes })
    begun.push(part)
  }
  const end = () => {
    const line = trimmed(Buffer.concat(begun))
    begun = []
    begunBytes = 0
    return line
  }
  for await (const chunk of request.body ?? []) {
    totalBytes += chunk.length
    if (totalBytes > limits.totalBytes)
      throw new DomainError('body-too-large', { limitBytes: limits.totalBytes })
    let from = 0
    for (let to = chunk.indexOf(LINE_FEED); to !== -1; to = chunk.indexOf(LINE_FEED, from)) {
      begin(chunk.subarray(from, to))
      from = to + 1
      const line = end()
      if (line.length > 0) yield line
    }
    begin(chunk.subarray(from))
  }
  const last = end()
  if (last.length > 0) yield last
}

/**
 * What a source yields, taken from it as fast as it comes and kept until it is asked for: a client that sends all of its
 * request before it reads the answer is never waited for in vain. How much is kept is for the source to bound.
 */
export async function* eagerly<T>(source: AsyncIterable<T>): AsyncGenerator<T, void> {
  const kept: T[] = []
  let isEnded = false
  let isGivenUp = false
  let failure: { readonly error: unknown } | undefined
  let wake: () => void = () => {}
  const taking = (async () => {
    try {
      for await (const item of source) {
        if (isGivenUp) return
        kept.push(item)
        wake()
      }
    } catch (error) {
      failure = { error }
    } finally {
      isEnded = true
      wake()
    }
  })()
  try {
    for (;;) {
      const item = kept.shift()
      if (item !== undefined) {
        yield item
        continue
      }
      if (isEnded) break
      const { promise, resolve } = Promise.withResolvers<void>()
      wake = resolve
      await promise
    }
    await taking
    if (failure !== undefined) throw failure.error
  } finally {
    isGivenUp = true
  }
}

/** Without blanks around it. */
function trimmed(line: Uint8Array): Uint8Array {
  let start = 0
  let end = line.length
  while (start < end && isBlank(line[start])) start++
  while (end > start && isBlank(line[end - 1])) end--
  return line.subarray(start, end)
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0d
}
