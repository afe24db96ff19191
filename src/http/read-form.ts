import { parse as parseDisposition } from 'content-disposition'
import { DomainError } from '#core/errors.ts'

/** A file as its part of a form announces it. */
export interface FormFile {
  /** The name of the form's field. */
  readonly field: string
  /** As it was sent; empty where a form was sent without choosing one. */
  readonly fileName: string
  /** Empty when nothing is said of it. */
  readonly contentType: string
}

/** Told of a form's parts in the order they come; what it throws ends the reading. */
export interface FormReader {
  onField(name: string, value: string): void
  onFile(file: FormFile): void
  /** Bytes of the file that was announced last. @returns what to wait for before there are more */
  onFileBytes(chunk: Uint8Array): Promise<void> | undefined
}

const MAX_PARTS = 32
const MAX_PART_HEAD_BYTES = 8 * 1024
const MAX_FIELD_BYTES = 16 * 1024
/** What may stand before the first part, to no purpose. */
const MAX_PREAMBLE_BYTES = 8 * 1024
/** What may stand after the last part, likewise. */
const MAX_EPILOGUE_BYTES = 8 * 1024
/** RFC 2046 §5.1.1 allows 70. */
const MAX_BOUNDARY_LENGTH = 200
/** How long what is left of a refused request is read, so that a client that sends before it listens hears the answer. */
const DRAIN_MS = 5_000

/**
 * The boundary between the parts of a request's form.
 *
 * @throws DomainError `malformed-request` when the body is no `multipart/form-data`
 */
export function formBoundary(headers: Headers): string {
  const type = headers.get('content-type') ?? ''
  const [, quoted, token] = /;\s*boundary=(?:"([^"]+)"|([^\s;"]+))/i.exec(type) ?? []
  const boundary = quoted ?? token ?? ''
  if (!/^multipart\/form-data\s*;/i.test(type) || boundary === '' || boundary.length > MAX_BOUNDARY_LENGTH)
    throw malformed('the body must be multipart/form-data with a boundary')
  return boundary
}

/**
 * Read a form as it arrives, holding none of its files in memory: the client is read from as fast as the reader goes.
 *
 * Finding the boundary is left to the runtime's own search, which makes it several times as fast as parsers that search
 * in JavaScript (docs/benchmarks.md). Source: RFC 7578; RFC 2046 §5.1; for names, WHATWG HTML "multipart form data".
 *
 * @throws DomainError `malformed-request` for what is no form, has too many parts, or ends early; whatever the reader
 *   throws
 */
export async function readForm(request: Request, boundary: string, reader: FormReader): Promise<void> {
  const parser = new FormParser(boundary, reader)
  const body = request.body?.getReader()
  try {
    for (;;) {
      const read = await body?.read().catch(() => {
        throw malformed('the body ended early')
      })
      if (read === undefined || read.done) break
      const pending = parser.push(read.value)
      if (pending !== undefined) await pending
    }
    parser.end()
  } finally {
    body?.releaseLock()
  }
}

/** Read what is left of a body to no purpose, for some seconds at most. */
export async function drainBody(request: Request): Promise<void> {
  if (request.body === null || request.bodyUsed) return
  const reader = request.body.getReader()
  const { promise: isOver, resolve: giveUp } = Promise.withResolvers<undefined>()
  const timer = setTimeout(giveUp, DRAIN_MS)
  for (;;) {
    const read = await Promise.race([reader.read().catch(() => undefined), isOver])
    if (read === undefined || read.done) break
  }
  clearTimeout(timer)
  reader.releaseLock()
}

type State = 'preamble' | 'head' | 'field' | 'file' | 'end'

class FormParser {
  readonly #delimiter: Buffer
  readonly #reader: FormReader
  #state: State = 'preamble'
  /** What was not yet understood. The line break lets the first boundary be found like the others. */
  #rest: Buffer = Buffer.from('\r\n')
  #parts = 0
  #epilogueBytes = 0
  #fieldName = ''

  constructor(boundary: string, reader: FormReader) {
    this.#delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1')
    this.#reader = reader
  }

  push(chunk: Uint8Array): Promise<void> | undefined {
    const fresh = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    return this.#advance(this.#rest.length === 0 ? fresh : Buffer.concat([this.#rest, fresh]))
  }

  end(): void {
    if (this.#state !== 'end') throw malformed('the body ended early')
  }

  /** Understand as much as there is; what is left waits for more. */
  #advance(all: Buffer): Promise<void> | undefined {
    let bytes = all
    for (;;) {
      if (this.#state === 'end') return this.#skipEpilogue(bytes)
      if (this.#state === 'head') {
        const end = bytes.indexOf('\r\n\r\n')
        if (end === -1) return this.#keep(bytes, MAX_PART_HEAD_BYTES, 'the head of a part is too long')
        if (end > MAX_PART_HEAD_BYTES) throw malformed('the head of a part is too long')
        this.#begin(bytes.toString('utf8', 0, end))
        bytes = bytes.subarray(end + 4)
        continue
      }
      const found = this.#findBoundary(bytes)
      if (found.kind === 'none') return this.#takeContent(bytes, found.at)
      const pending = this.#finishPart(bytes.subarray(0, found.at))
      this.#state = found.isLast ? 'end' : 'head'
      const rest = bytes.subarray(found.next)
      if (pending !== undefined) return pending.then(() => this.#advance(rest))
      bytes = rest
    }
  }

  /** @param end where a boundary might begin whose end has not come yet */
  #takeContent(bytes: Buffer, end: number): Promise<void> | undefined {
    if (this.#state === 'preamble')
      return this.#keep(bytes, MAX_PREAMBLE_BYTES, 'the body does not begin with its boundary')
    if (this.#state === 'field')
      return this.#keep(bytes, MAX_FIELD_BYTES, `the field ${this.#fieldName} is too long`)
    this.#rest = Buffer.from(bytes.subarray(end))
    return end === 0 ? undefined : this.#reader.onFileBytes(bytes.subarray(0, end))
  }

  #skipEpilogue(bytes: Buffer): undefined {
    this.#rest = EMPTY
    this.#epilogueBytes += bytes.length
    if (this.#epilogueBytes > MAX_EPILOGUE_BYTES) throw malformed('the body goes on after its last boundary')
  }

  /** Wait for more, up to a limit. */
  #keep(bytes: Buffer, limitBytes: number, problem: string): undefined {
    if (bytes.length > limitBytes) throw malformed(problem)
    this.#rest = bytes
  }

  /**
   * The next boundary, or where one might begin whose end has not come yet. A line that only begins like the boundary is
   * content.
   */
  #findBoundary(bytes: Buffer): FoundBoundary {
    const delimiter = this.#delimiter
    for (let at = bytes.indexOf(delimiter); at !== -1; at = bytes.indexOf(delimiter, at + 1)) {
      const after = at + delimiter.length
      if (bytes.length < after + 2) return { kind: 'none', at }
      const mark = bytes.toString('latin1', after, after + 2)
      if (mark === '--') return { kind: 'boundary', at, isLast: true, next: after + 2 }
      // The line break stays: it is the first of the two that end an empty head.
      if (mark === '\r\n') return { kind: 'boundary', at, isLast: false, next: after }
    }
    for (let at = Math.max(0, bytes.length - delimiter.length + 1); ; at++) {
      at = bytes.indexOf(13, at)
      if (at === -1) return { kind: 'none', at: bytes.length }
      if (bytes.compare(delimiter, 0, bytes.length - at, at) === 0) return { kind: 'none', at }
    }
  }

  #begin(head: string): void {
    if (++this.#parts > MAX_PARTS) throw malformed(`the form has more than ${MAX_PARTS} parts`)
    const headers = new Map(
      head.split('\r\n').map((line) => {
        const colon = line.indexOf(':')
        return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()]
      }),
    )
    const { type, parameters } = parseDisposition(headers.get('content-disposition') ?? '', {
      multipart: true,
    })
    const { name: field, filename: fileName } = parameters
    if (type !== 'form-data' || field === undefined) throw malformed('a part of the form has no name')
    this.#fieldName = field
    this.#state = fileName === undefined ? 'field' : 'file'
    if (fileName !== undefined)
      this.#reader.onFile({ field, fileName, contentType: headers.get('content-type') ?? '' })
  }

  #finishPart(content: Buffer): Promise<void> | undefined {
    if (this.#state === 'field') {
      if (content.length > MAX_FIELD_BYTES) throw malformed(`the field ${this.#fieldName} is too long`)
      this.#reader.onField(this.#fieldName, decode(content, this.#fieldName))
    }
    return this.#state === 'file' && content.length > 0 ? this.#reader.onFileBytes(content) : undefined
  }
}

type FoundBoundary =
  | { readonly kind: 'boundary'; readonly at: number; readonly isLast: boolean; readonly next: number }
  | { readonly kind: 'none'; readonly at: number }

const EMPTY = Buffer.alloc(0)

function decode(bytes: Buffer, field: string): string {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw malformed(`the field ${field} is not UTF-8`)
  }
  if (text.includes('\0')) throw malformed(`the field ${field} must not contain NUL characters`)
  return text
}

function malformed(problem: string): DomainError {
  return new DomainError('malformed-request', { problem })
}
