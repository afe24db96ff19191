import { create as contentDisposition } from 'content-disposition'
import type { ByteRange, OpenFile } from '#ports/file-store/file-store.ts'
import { listsTag } from './entity-tags.ts'

/** A file as it is offered for download. */
export interface Download {
  readonly name: string
  readonly mediaType: string
  readonly sizeBytes: number
  /** Names these very bytes, and no others. */
  readonly sha256: string
  readonly modifiedAt: Date
  /** Whether answers may be kept by the browser, to be asked after; never when a password was needed. */
  readonly isCacheable: boolean
  /** Opens it when its bytes are to be sent. */
  readonly open: () => Promise<OpenFile>
  /** Called when the bytes from the first to the end of a range have been handed out. */
  readonly onDownloaded: () => Promise<void>
}

/** More ranges than any program that means well asks for; then the whole file is sent. */
const MAX_RANGES = 20

/**
 * Send a file, or the parts of it that are asked for. It is always saved, never shown: it comes from a stranger, and
 * could do anything in our name.
 *
 * Source: RFC 9110 §13 (conditions), §14 (ranges); RFC 6266 and RFC 8187 (names).
 */
export function sendFile(request: Request, file: Download): Response {
  const { sizeBytes } = file
  const etag = `"${file.sha256}"`
  const headers = {
    etag,
    'last-modified': file.modifiedAt.toUTCString(),
    'accept-ranges': 'bytes',
    'cache-control': file.isCacheable ? 'private, no-cache' : 'no-store',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
    'cross-origin-resource-policy': 'cross-origin',
    'referrer-policy': 'no-referrer',
  }
  const precondition = judgeConditions(request, etag, file.modifiedAt)
  if (precondition !== undefined) return new Response(null, { status: precondition, headers })

  const content = {
    ...headers,
    'content-type': file.mediaType,
    'content-disposition': contentDisposition(file.name, { type: 'attachment' }),
  }
  const isWhole = request.method !== 'GET' || !mayBeRange(request, etag)
  const ranges = isWhole ? 'whole' : rangesOf(request.headers.get('range') ?? '', sizeBytes)
  if (ranges === 'unsatisfiable')
    return new Response(null, {
      status: 416,
      headers: { ...headers, 'content-range': `bytes */${sizeBytes}` },
    })
  if (request.method === 'HEAD')
    return new Response(null, { headers: { ...content, 'content-length': String(sizeBytes) } })

  if (ranges === 'whole')
    return new Response(bodyOf(file, [{ range: { start: 0, end: sizeBytes } }]), {
      headers: { ...content, 'content-length': String(sizeBytes) },
    })
  const [first, ...others] = ranges
  if (first !== undefined && others.length === 0)
    return new Response(bodyOf(file, [{ range: first }]), {
      status: 206,
      headers: {
        ...content,
        'content-range': contentRange(first, sizeBytes),
        'content-length': String(first.end - first.start),
      },
    })
  return sendRanges(file, ranges, content)
}

/** Several ranges, each with a head of its own. Source: RFC 9110 §14.6. */
function sendRanges(
  file: Download,
  ranges: readonly ByteRange[],
  content: Readonly<Record<string, string>>,
): Response {
  const boundary = crypto.randomUUID()
  const pieces = ranges.map((range) => ({
    head: Buffer.from(
      `\r\n--${boundary}\r\nContent-Type: ${file.mediaType}\r\nContent-Range: ${contentRange(range, file.sizeBytes)}\r\n\r\n`,
    ),
    range,
  }))
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`)
  const lengthBytes = pieces.reduce(
    (sum, { head, range }) => sum + head.length + range.end - range.start,
    tail.length,
  )
  return new Response(bodyOf(file, pieces, tail), {
    status: 206,
    headers: {
      ...content,
      'content-type': `multipart/byteranges; boundary=${boundary}`,
      'content-length': String(lengthBytes),
    },
  })
}

interface Piece {
  /** What is sent before the bytes. */
  readonly head?: Uint8Array
  readonly range: ByteRange
}

/**
 * The bytes of ranges as they are taken. The file is opened when the first are: an answer that nobody takes, because the
 * client has gone, holds nothing.
 */
function bodyOf(file: Download, pieces: readonly Piece[], tail?: Uint8Array): ReadableStream<Uint8Array> {
  async function* bytes(): AsyncGenerator<Uint8Array> {
    await using open = await file.open()
    for (const { head, range } of pieces) {
      if (head !== undefined) yield head
      yield* open.read(range)
      // Whoever asks for more has taken what there was.
      if (range.start === 0) await file.onDownloaded()
    }
    if (tail !== undefined) yield tail
  }

  const source = bytes()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await source.next()
        if (done === true) controller.close()
        else controller.enqueue(value)
      },
      async cancel() {
        await source.return(undefined)
      },
    },
    // Nothing is read that nobody has asked for.
    { highWaterMark: 0 },
  )
}

function contentRange({ start, end }: ByteRange, sizeBytes: number): string {
  return `bytes ${start}-${end - 1}/${sizeBytes}`
}

/** The status by which conditions of a request end it; undefined when it is to be answered. Source: RFC 9110 §13.2.2. */
function judgeConditions(
  { headers, method }: Request,
  etag: string,
  modifiedAt: Date,
): 304 | 412 | undefined {
  const modifiedS = Math.floor(modifiedAt.getTime() / 1000)
  const ifMatch = headers.get('if-match')
  const ifUnmodifiedSince = seconds(headers.get('if-unmodified-since'))
  if (ifMatch !== null ? !listsTag(ifMatch, etag, false) : modifiedS > (ifUnmodifiedSince ?? Infinity))
    return 412
  if (method !== 'GET' && method !== 'HEAD') return undefined
  const ifNoneMatch = headers.get('if-none-match')
  const ifModifiedSince = seconds(headers.get('if-modified-since'))
  if (ifNoneMatch !== null ? listsTag(ifNoneMatch, etag, true) : modifiedS <= (ifModifiedSince ?? -Infinity))
    return 304
  return undefined
}

/** Whether ranges are asked for, and for these bytes: `If-Range` names them, by tag or to the second. */
function mayBeRange({ headers }: Request, etag: string): boolean {
  if (!headers.has('range')) return false
  const condition = headers.get('if-range')
  // A date names bytes only weakly; programs that resume have the tag, which came with the date.
  return condition === null || condition.trim() === etag
}

/** An HTTP date in whole seconds; undefined for what is none. */
function seconds(date: string | null): number | undefined {
  const ms = date === null ? Number.NaN : Date.parse(date)
  return Number.isNaN(ms) ? undefined : ms / 1000
}

/**
 * The ranges a `Range` header asks for; one that is malformed, or asks for more than there is in all, is ignored.
 * Source: RFC 9110 §14.1.2, §14.2.
 */
function rangesOf(header: string, sizeBytes: number): readonly ByteRange[] | 'whole' | 'unsatisfiable' {
  if (!/^bytes=/i.test(header)) return 'whole'
  const specs = header
    .slice('bytes='.length)
    .split(',')
    .flatMap((spec) => spec.trim() || [])
  if (specs.length === 0 || specs.length > MAX_RANGES) return 'whole'
  const ranges: ByteRange[] = []
  for (const spec of specs) {
    const [, first = '', last = ''] = /^(\d{0,15})-(\d{0,15})$/.exec(spec) ?? []
    if (first === '' && last === '') return 'whole'
    const start = first === '' ? Math.max(0, sizeBytes - Number(last)) : Number(first)
    const end = first === '' || last === '' ? sizeBytes : Math.min(sizeBytes, Number(last) + 1)
    if (first !== '' && last !== '' && Number(last) < Number(first)) return 'whole'
    if (start < end) ranges.push({ start, end })
  }
  const wantedBytes = ranges.reduce((sum, { start, end }) => sum + end - start, 0)
  if (wantedBytes > sizeBytes) return 'whole'
  return ranges.length === 0 ? 'unsatisfiable' : ranges
}
