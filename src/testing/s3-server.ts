import { createHash, createHmac } from 'node:crypto'
import type { S3Location } from '#ports/file-store/s3-file-store.ts'

/**
 * An S3 service in memory, as strict as the real one where it matters: it checks signatures, sizes and tags of parts, and
 * keeps the parts of an upload until that is completed or aborted.
 */
export interface S3Server extends AsyncDisposable {
  readonly location: S3Location
  /** Everything that is stored, parts of unfinished uploads included. */
  stored(): readonly string[]
  /** Fail the next requests, so many, as a service does that is overloaded. */
  failNext(count: number): void
}

/** All but the last part of an upload. Source: Amazon S3 User Guide, "Multipart upload limits". */
const MIN_PART_BYTES = 5 * 1024 * 1024

interface Part {
  readonly etag: string
  readonly bytes: Buffer<ArrayBuffer>
}

interface Upload {
  readonly key: string
  readonly parts: Map<number, Part>
}

export function startS3Server(): S3Server {
  const account = { accessKeyId: 'TESTKEY', secretAccessKey: 'test/secret+key', region: 'test-region-1' }
  const objects = new Map<string, Part>()
  const uploads = new Map<string, Upload>()
  let failures = 0

  async function answer(request: Request): Promise<Response> {
    const url = new URL(request.url)
    const body = Buffer.from(await request.arrayBuffer())
    if (failures > 0) {
      failures--
      return refusal(503, 'SlowDown')
    }
    if (!isSigned(request, url, account)) return refusal(403, 'SignatureDoesNotMatch')
    const key = url.pathname
    const uploadId = url.searchParams.get('uploadId')
    if (request.method === 'POST' && url.searchParams.has('uploads')) {
      const id = crypto.randomUUID()
      uploads.set(id, { key, parts: new Map() })
      return xml(`<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`)
    }
    if (uploadId !== null) return answerUpload(request, url, { key, uploadId, body })
    switch (request.method) {
      case 'PUT': {
        const part = partOf(body)
        objects.set(key, part)
        return new Response(null, { headers: { etag: part.etag } })
      }
      case 'DELETE':
        objects.delete(key)
        return new Response(null, { status: 204 })
      default:
        return read(request, objects.get(key))
    }
  }

  function answerUpload(
    request: Request,
    url: URL,
    { key, uploadId, body }: { key: string; uploadId: string; body: Buffer<ArrayBuffer> },
  ): Response {
    const upload = uploads.get(uploadId)
    if (upload?.key !== key) return refusal(404, 'NoSuchUpload')
    switch (request.method) {
      case 'PUT': {
        const part = partOf(body)
        upload.parts.set(Number(url.searchParams.get('partNumber')), part)
        return new Response(null, { headers: { etag: part.etag } })
      }
      case 'DELETE':
        uploads.delete(uploadId)
        return new Response(null, { status: 204 })
      default: {
        const named = [...body.toString().matchAll(/<PartNumber>(\d+)<\/PartNumber><ETag>([^<]+)<\/ETag>/g)]
        const parts = named.map(([, number, etag]) => {
          const part = upload.parts.get(Number(number))
          return part !== undefined && part.etag === etag ? part.bytes : undefined
        })
        if (parts.length === 0 || parts.includes(undefined)) return refusal(400, 'InvalidPart')
        const whole = parts.filter((part) => part !== undefined)
        // A service that finds out late says so with status 200.
        if (whole.slice(0, -1).some((part) => part.length < MIN_PART_BYTES))
          return xml('<Error><Code>EntityTooSmall</Code></Error>')
        uploads.delete(uploadId)
        objects.set(key, partOf(Buffer.concat(whole)))
        return xml('<CompleteMultipartUploadResult/>')
      }
    }
  }

  const server = Bun.serve({ hostname: '127.0.0.1', port: 0, development: false, fetch: answer })
  return {
    location: { endpoint: `http://127.0.0.1:${server.port}`, bucket: 'onehop', ...account },
    stored: () => [
      ...objects.keys(),
      ...[...uploads].flatMap(([id, { parts }]) => [
        id,
        ...[...parts.keys()].map((number) => `${id} ${number}`),
      ]),
    ],
    failNext(count) {
      failures = count
    },
    [Symbol.asyncDispose]: () => server.stop(true),
  }
}

function partOf(bytes: Buffer<ArrayBuffer>): Part {
  return { bytes, etag: `"${createHash('md5').update(bytes).digest('hex')}"` }
}

function read(request: Request, object: Part | undefined): Response {
  if (object === undefined)
    return request.method === 'HEAD' ? new Response(null, { status: 404 }) : refusal(404, 'NoSuchKey')
  const { bytes } = object
  const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.get('range') ?? '') ?? []
  if (request.method === 'HEAD') return new Response(null)
  if (start === undefined || end === undefined) return new Response(bytes)
  return new Response(bytes.subarray(Number(start), Number(end) + 1), { status: 206 })
}

/** Whether a request was signed with the account's secret. Source: AWS Signature Version 4, "Create a signed request". */
function isSigned(
  request: Request,
  url: URL,
  account: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly region: string },
): boolean {
  const authorization = request.headers.get('authorization') ?? ''
  const [, credential = '', signedHeaders = '', signature] =
    /^AWS4-HMAC-SHA256 Credential=([^,]+), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(
      authorization,
    ) ?? []
  const [accessKeyId, day = '', ...scope] = credential.split('/')
  if (accessKeyId !== account.accessKeyId || scope.join('/') !== `${account.region}/s3/aws4_request`)
    return false
  const at = request.headers.get('x-amz-date') ?? ''
  const query = [...url.searchParams]
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .toSorted()
    .join('&')
  const names = signedHeaders.split(';')
  const canonical = [
    request.method,
    url.pathname,
    query,
    ...names.map((name) => `${name}:${request.headers.get(name)?.trim() ?? ''}`),
    '',
    signedHeaders,
    request.headers.get('x-amz-content-sha256'),
  ].join('\n')
  const text = ['AWS4-HMAC-SHA256', at, [day, ...scope].join('/'), sha256(canonical)].join('\n')
  const key = [day, ...scope].reduce<string | Buffer>(
    (secret, word) => createHmac('sha256', secret).update(word).digest(),
    `AWS4${account.secretAccessKey}`,
  )
  return names.includes('host') && createHmac('sha256', key).update(text).digest('hex') === signature
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function xml(text: string): Response {
  return new Response(`<?xml version="1.0" encoding="UTF-8"?>\n${text}`, {
    headers: { 'content-type': 'application/xml' },
  })
}

function refusal(status: number, code: string): Response {
  return new Response(`<Error><Code>${code}</Code></Error>`, { status })
}
