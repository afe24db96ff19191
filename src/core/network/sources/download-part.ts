import type { OutgoingClient, OutgoingResponse } from '#ports/outgoing/outgoing-client.ts'
import { createFileWriter } from '#ports/network/file-writer.ts'
import type { StoredFile } from '#ports/network/source-store.ts'
import { SourceError } from './source-error.ts'
import type { Location, Source, SourcePart } from './source-table.ts'

/** How downloads are done. */
export interface DownloadSettings {
  readonly outgoing: OutgoingClient
  /** Where all files are fetched instead, `<mirror>/<source>` or `<mirror>/<source>/<part>`; no slash at its end. */
  readonly mirrorUrl: string | undefined
  /** For one file. */
  readonly timeoutMs: number
  /** Give up when nothing comes for so long. */
  readonly idleTimeoutMs: number
}

/** Told of every piece that arrives; `totalBytes` is undefined where the server does not announce it. */
export type OnBytes = (receivedBytes: number, totalBytes: number | undefined) => void

/** A file that has arrived, or the news that there is none newer. */
export type Download =
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'new'; readonly origin: string; readonly etag: string; readonly lastModified: string }

/** What part of a source to download. */
export interface PartToDownload {
  readonly source: Source
  readonly part: SourcePart
  /** The file that there is; undefined to fetch one whether it is newer or not. */
  readonly last: StoredFile | undefined
  /** Where to write it. */
  readonly path: string
}

/** The largest of CAIDA's directory listings has half a megabyte. */
const MAX_LISTING_BYTES = 16 * 1024 * 1024
const MAX_REDIRECTS = 5
const MAX_VALIDATOR_LENGTH = 256

/**
 * Download the newest file of a part of a source, unless it is the one that there is.
 *
 * @throws OutgoingError; SourceError when the server answers something else or the part cannot be downloaded
 */
export async function downloadPart(
  settings: DownloadSettings,
  { source, part, last, path }: PartToDownload,
  onBytes: OnBytes,
): Promise<Download> {
  const location = mirrored(settings.mirrorUrl, source, part)
  if (location === undefined)
    throw new SourceError(
      `there is nowhere to download it from; onehop data import ${source.name} FILE takes yours`,
    )
  const url = location.kind === 'file' ? location.url : await newestUrl(settings, location)
  const known = last?.isDownload === true && last.origin === url ? last : undefined
  // A file with its date in its name stays as it is.
  if (known !== undefined && location.kind === 'listing') return { kind: 'unchanged' }
  const response = await fetchInto(settings, path, {
    url,
    headers: conditions(known),
    maxBytes: source.maxBytes,
    onBytes,
  })
  if (response.status === 304 && known !== undefined) return { kind: 'unchanged' }
  requireOk(response)
  return {
    kind: 'new',
    origin: url,
    etag: validator(response, 'etag'),
    lastModified: validator(response, 'last-modified'),
  }
}

/** Where a part is; undefined when there is nowhere. */
function mirrored(mirrorUrl: string | undefined, source: Source, part: SourcePart): Location | undefined {
  if (mirrorUrl === undefined) return part.location
  return { kind: 'file', url: [mirrorUrl, source.name, part.name].filter((text) => text !== '').join('/') }
}

async function newestUrl(
  settings: DownloadSettings,
  { url, pattern }: Extract<Location, { kind: 'listing' }>,
): Promise<string> {
  const response = await settings.outgoing.request({
    url,
    ...redirectLimits(url),
    timeoutMs: settings.timeoutMs,
    maxBytes: MAX_LISTING_BYTES,
  })
  requireOk(response)
  const files = [...new TextDecoder().decode(response.body).matchAll(pattern)]
  const newest = files.toSorted(([, a = ''], [, b = '']) => (a < b ? 1 : -1))[0]
  if (newest === undefined) throw new SourceError(`${hostOf(url)} lists no file of the source`)
  return new URL(newest[0], response.url).href
}

async function fetchInto(
  settings: DownloadSettings,
  path: string,
  request: {
    readonly url: string
    readonly headers: Readonly<Record<string, string>>
    readonly maxBytes: number
    readonly onBytes: OnBytes
  },
): Promise<OutgoingResponse> {
  using file = createFileWriter(path)
  let received = 0
  return await settings.outgoing.request({
    url: request.url,
    ...redirectLimits(request.url),
    headers: request.headers,
    timeoutMs: settings.timeoutMs,
    idleTimeoutMs: settings.idleTimeoutMs,
    maxBytes: request.maxBytes,
    receive(bytes, totalBytes) {
      file.write(bytes)
      received += bytes.length
      request.onBytes(received, totalBytes)
    },
  })
}

/** What begins encrypted stays so. */
function redirectLimits(url: string) {
  return { maxRedirects: MAX_REDIRECTS, httpsOnly: url.startsWith('https:') }
}

function conditions(last: StoredFile | undefined): Readonly<Record<string, string>> {
  if (last === undefined) return {}
  return {
    ...(last.etag !== '' && { 'If-None-Match': last.etag }),
    ...(last.lastModified !== '' && { 'If-Modified-Since': last.lastModified }),
  }
}

function requireOk({ status, url }: OutgoingResponse): void {
  if (status !== 200) throw new SourceError(`${hostOf(url)} answered ${status}`)
}

/** A header to ask with next time; empty where there is none, or none worth keeping. */
function validator(response: OutgoingResponse, name: string): string {
  const value = response.headers.get(name) ?? ''
  return value.length <= MAX_VALIDATOR_LENGTH ? value : ''
}

function hostOf(url: string): string {
  return URL.parse(url)?.host ?? url
}
