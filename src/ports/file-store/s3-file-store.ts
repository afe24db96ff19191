import { AwsClient } from 'aws4fetch'
import type { ByteRange, FileDraft, FileStore, OpenFile } from './file-store.ts'

/** Where an S3-compatible service keeps files. */
export interface S3Location {
  /** `https://s3.example.com`; buckets are addressed by path. */
  readonly endpoint: string
  readonly bucket: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly region: string
}

/**
 * The smallest part S3 takes but for the last; a file that is smaller is stored in one request. Two of them may be in
 * memory for each upload. Source: Amazon S3 User Guide, "Multipart upload limits" (5 MiB, 10,000 parts).
 */
const PART_BYTES = 5 * 1024 * 1024
/** How often a request is repeated that the service failed to answer. */
const RETRIES = 3
/** The longest a request may take: a part, at 100 kB/s. Reading a file may take as long as its reader. */
const REQUEST_TIMEOUT_MS = 60_000

/** Files as objects `files/{key}` of a bucket, which several servers may share. */
export function s3FileStore(location: S3Location): FileStore {
  const { accessKeyId, secretAccessKey, region } = location
  const client = new AwsClient({ accessKeyId, secretAccessKey, region, service: 's3', retries: RETRIES })
  const base = `${location.endpoint.replace(/\/+$/, '')}/${encodeURIComponent(location.bucket)}`

  /** @throws Error with the service's word when the status is none of those expected */
  async function ask(method: string, key: string, options: AskOptions = {}): Promise<Response> {
    const { query = '', body, headers, expect = [200], hasDeadline = true } = options
    const response = await client.fetch(`${base}/files/${key}${query}`, {
      method,
      ...(body !== undefined && { body }),
      ...(headers !== undefined && { headers }),
      ...(hasDeadline && { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) }),
    })
    if (expect.includes(response.status)) return response
    const text = await response.text()
    const code = elementText(text, 'Code') ?? 'no reason'
    throw new Error(`the S3 service answered ${method} ${key} with ${response.status} (${code})`)
  }

  return {
    isExclusive: false,

    create: (key, onRef) => Promise.resolve(s3Draft({ ask, key, onRef })),

    async open(key) {
      const head = await ask('HEAD', key, { expect: [200, 404] })
      return head.status === 404 ? undefined : openObject(key, ask)
    },

    async erase(key, ref) {
      if (ref !== null)
        await ask('DELETE', key, { query: `?uploadId=${encodeURIComponent(ref)}`, expect: [204, 404] })
      await ask('DELETE', key, { expect: [200, 204, 404] })
    },
  }
}

interface AskOptions {
  readonly query?: string
  readonly body?: BodyInit
  readonly headers?: Readonly<Record<string, string>>
  readonly expect?: readonly number[]
  readonly hasDeadline?: boolean
}

type Ask = (method: string, key: string, options?: AskOptions) => Promise<Response>

interface DraftOptions {
  readonly ask: Ask
  readonly key: string
  readonly onRef: (ref: string) => Promise<void>
}

function s3Draft({ ask, key, onRef }: DraftOptions): FileDraft {
  let gathered: Uint8Array[] = []
  let gatheredBytes = 0
  let uploadId: string | undefined
  const etags: string[] = []
  /** The part that is under way. Its failure is told to whoever waits for it next. */
  let sending: Promise<void> | undefined

  function take(): Buffer<ArrayBuffer> {
    const body = Buffer.concat(gathered)
    gathered = []
    gatheredBytes = 0
    return body
  }

  async function sendPart(body: Buffer<ArrayBuffer>): Promise<void> {
    if (uploadId === undefined) {
      uploadId = elementText(await (await ask('POST', key, { query: '?uploads' })).text(), 'UploadId')
      if (uploadId === undefined) throw new Error('the S3 service began an upload without naming it')
      await onRef(uploadId)
    }
    const query = `?partNumber=${etags.length + 1}&uploadId=${encodeURIComponent(uploadId)}`
    const { headers } = await ask('PUT', key, { query, body })
    etags.push(headers.get('etag') ?? '')
  }

  function startSending(): void {
    sending = sendPart(take())
    sending.catch(() => {})
  }

  async function settle(): Promise<void> {
    const pending = sending
    sending = undefined
    await pending
  }

  return {
    write(chunk) {
      gathered.push(chunk)
      gatheredBytes += chunk.length
      if (gatheredBytes < PART_BYTES) return undefined
      if (sending === undefined) {
        startSending()
        return undefined
      }
      return settle().then(startSending)
    },

    async finish() {
      await settle()
      if (uploadId === undefined) {
        await ask('PUT', key, { body: take() })
        return
      }
      if (gatheredBytes > 0) await sendPart(take())
      const parts = etags.map(
        (etag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${etag}</ETag></Part>`,
      )
      const answer = await ask('POST', key, {
        query: `?uploadId=${encodeURIComponent(uploadId)}`,
        body: `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`,
        headers: { 'content-type': 'application/xml' },
      })
      // The service may find out after it has said 200 that it cannot.
      const code = elementText(await answer.text(), 'Code')
      if (code !== undefined) throw new Error(`the S3 service could not put an upload together (${code})`)
    },

    async abandon() {
      gathered = []
      await settle().catch(() => {})
    },
  }
}

/** Each range is asked for when it is read: an object that is erased can be read to the end of that range. */
function openObject(key: string, ask: Ask): OpenFile {
  return {
    async *read({ start, end }: ByteRange) {
      if (start === end) return
      const headers = { range: `bytes=${start}-${end - 1}` }
      const { body } = await ask('GET', key, { headers, expect: [206], hasDeadline: false })
      let sizeBytes = 0
      for await (const chunk of body ?? []) {
        sizeBytes += chunk.length
        yield chunk
      }
      if (sizeBytes !== end - start)
        throw new Error(`the S3 service sent ${sizeBytes} bytes of ${end - start}`)
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}

/** The text of the first element of a name in an answer of S3, all of which are flat. */
function elementText(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>([^<]+)</${name}>`).exec(xml)?.[1]
}
