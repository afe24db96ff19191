import type { IncomingMessage } from 'node:http'
import type { Transform } from 'node:stream'
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  type ZlibOptions,
} from 'node:zlib'
import { OutgoingError } from './outgoing-error.ts'

/** The codings that {@link readBody} undoes, as `Accept-Encoding` names them. */
export const ACCEPTED_ENCODINGS = 'gzip, deflate, br'

export interface BodyLimits {
  /** Of the decoded body. */
  readonly maxBytes: number
  /** Keep the first `maxBytes` of a larger body instead of refusing it. */
  readonly truncate: boolean
  /** Takes each piece instead of its being kept; a coded body that ends early is then damaged. */
  readonly take?: ((bytes: Uint8Array) => void) | undefined
  /** For messages. */
  readonly host: string
}

export interface ReceivedBody {
  readonly bytes: Uint8Array
  readonly isTruncated: boolean
}

/** How much longer a body may be encoded than decoded; beyond that it is padding that decodes to nothing. */
const ENCODING_OVERHEAD_BYTES = 64 * 1024

/** A body that ends early is cut off where it ends, as browsers do; HTTP's own framing tells an interrupted one. */
const LENIENT_ZLIB: ZlibOptions = { finishFlush: constants.Z_SYNC_FLUSH }
const LENIENT_BROTLI = { finishFlush: constants.BROTLI_OPERATION_FLUSH }

/**
 * Read and decode the body of an answer, holding `maxBytes` of it at most, or with `take` hardly any.
 *
 * @throws OutgoingError `too-large`, or `connection` when the body breaks off or cannot be decoded; what `take` throws
 */
export function readBody(response: IncomingMessage, limits: BodyLimits): Promise<ReceivedBody> {
  const { promise, resolve, reject } = Promise.withResolvers<ReceivedBody>()
  const { maxBytes, host } = limits
  const encoding = (response.headers['content-encoding'] ?? '').trim().toLowerCase()
  const chunks: Uint8Array[] = []
  let size = 0
  let receivedBytes = 0
  let isDone = false
  let decoder: Transform | undefined

  const settle = (settlement: () => void) => {
    if (isDone) return
    isDone = true
    settlement()
    decoder?.destroy()
    response.destroy()
  }
  const fail = (problem: string, cause?: unknown) =>
    settle(() =>
      reject(new OutgoingError('connection', `the answer of ${host} ${problem}`, cause ? { cause } : {})),
    )
  const finish = (isTruncated: boolean) =>
    settle(() => resolve({ bytes: new Uint8Array(Buffer.concat(chunks)), isTruncated }))
  const overflow = () => {
    if (limits.truncate) return finish(true)
    return settle(() =>
      reject(new OutgoingError('too-large', `the answer of ${host} has more than ${maxBytes} bytes`)),
    )
  }
  const collect = (chunk: Uint8Array) => {
    if (isDone) return
    const room = Math.max(0, maxBytes - size)
    size += chunk.length
    if (limits.take === undefined) chunks.push(chunk.subarray(0, room))
    else if (!handOver(limits.take, chunk.subarray(0, room))) return
    if (size > maxBytes) overflow()
  }
  const handOver = (take: (bytes: Uint8Array) => void, chunk: Uint8Array): boolean => {
    try {
      take(chunk)
      return true
    } catch (error) {
      settle(() => reject(error))
      return false
    }
  }
  const decode = (chunk: Buffer) => {
    const opened = decoder ?? openDecoder(encoding, chunk, limits.take === undefined ? LENIENT_ZLIB : {})
    if (opened === undefined) return fail('has an unknown content coding')
    if (decoder === undefined) {
      decoder = opened
      opened.on('data', collect)
      opened.on('end', () => finish(false))
      opened.on('error', (error) => fail('cannot be decoded', error))
    }
    if (opened.write(chunk)) return
    response.pause()
    opened.once('drain', () => response.resume())
  }

  response.on('data', (chunk: Buffer) => {
    if (isDone) return
    receivedBytes += chunk.length
    if (encoding === '' || encoding === 'identity') collect(chunk)
    else if (receivedBytes > maxBytes + ENCODING_OVERHEAD_BYTES) overflow()
    else decode(chunk)
  })
  response.on('end', () => {
    if (decoder === undefined) finish(false)
    else decoder.end()
  })
  response.on('error', (error) => fail('broke off', error))
  response.on('close', () => {
    if (!response.complete) fail('broke off')
  })
  return promise
}

/** @returns undefined for a coding that is not one of {@link ACCEPTED_ENCODINGS} */
function openDecoder(encoding: string, start: Buffer, options: ZlibOptions): Transform | undefined {
  switch (encoding) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip(options)
    case 'deflate':
      // RFC 9110 §8.4.1.2 means zlib's format, and notes that some send the bare one; zlib's first byte tells.
      return ((start[0] ?? 0) & 0x0f) === 8 ? createInflate(options) : createInflateRaw(options)
    case 'br':
      return createBrotliDecompress(options === LENIENT_ZLIB ? LENIENT_BROTLI : {})
    default:
      return undefined
  }
}
