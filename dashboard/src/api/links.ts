import {
  infiniteQueryOptions,
  keepPreviousData,
  queryOptions,
  useMutation,
  useQueryClient,
} from '@tanstack/react-query'
import type {
  BulkResult,
  Link,
  LinkKind,
  LinkList,
  LinkStatus,
  SlugState,
  Tags,
} from '#dialects/onehop/wire/links.ts'
import type { QrCode } from '#dialects/onehop/wire/qr.ts'
import { apiUrl, call, send, type Query } from './client.ts'

export type { Link, LinkKind, LinkStatus }

export interface LinkFilter {
  readonly search?: string
  readonly tag?: string
  readonly status?: LinkStatus
  readonly kind?: LinkKind
  /** A column, with `-` before it for the largest first. */
  readonly sort?: string
}

/** What a link is made of, or what is changed of it. */
export interface LinkFields {
  readonly target?: string
  readonly kind?: LinkKind
  readonly payload?: Readonly<Record<string, unknown>>
  readonly slug?: string
  readonly title?: string | null
  readonly description?: string | null
  readonly tags?: readonly string[]
  readonly status?: LinkStatus
  readonly expires_at?: string | null
}

const PAGE_SIZE = 25

export const linksQuery = (filter: LinkFilter) =>
  infiniteQueryOptions({
    queryKey: ['links', 'list', filter],
    queryFn: ({ pageParam, signal }) =>
      call<LinkList>('GET', '/links', { query: { ...filter, limit: PAGE_SIZE, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  })

/** A link, and the version of it that is known: what is changed of another one would undo what somebody else did. */
export interface VersionedLink extends Link {
  readonly version: string
}

export const linkQuery = (id: string) =>
  queryOptions({
    queryKey: ['links', 'one', id],
    queryFn: async ({ signal }): Promise<VersionedLink> => {
      const response = await send('GET', `/links/${encodeURIComponent(id)}`, { signal })
      // Our own server's, which gives every link an `ETag`.
      const link = (await response.json()) as Link
      return { ...link, version: response.headers.get('etag') ?? '*' }
    },
  })

export const tagsQuery = queryOptions({
  queryKey: ['links', 'tags'],
  queryFn: ({ signal }) => call<Tags>('GET', '/tags', { signal }),
})

export const slugQuery = (slug: string) =>
  queryOptions({
    queryKey: ['slug', slug],
    queryFn: ({ signal }) => call<SlugState>('GET', `/slugs/${encodeURIComponent(slug)}`, { signal }),
    enabled: slug !== '',
  })

/** Make, change and delete links; every list of them is loaded anew. */
export function useLinkChanges() {
  const client = useQueryClient()
  const refresh = async () => {
    await client.invalidateQueries({ queryKey: ['links'] })
    void client.invalidateQueries({ queryKey: ['usage'] })
  }
  return {
    refresh,
    create: async (fields: LinkFields): Promise<Link> => {
      // What is sent twice by a broken connection makes one link.
      const headers = { 'idempotency-key': crypto.randomUUID() }
      const link = await call<Link>('POST', '/links', { body: fields, headers })
      await refresh()
      return link
    },
    /** With a version, only that one is changed: `precondition-failed` says that there is a newer one. */
    update: async (id: string, fields: LinkFields, version?: string): Promise<Link> => {
      const headers = version === undefined ? {} : { 'if-match': version }
      const link = await call<Link>('PATCH', `/links/${id}`, { body: fields, headers })
      await refresh()
      return link
    },
    remove: async (id: string): Promise<void> => {
      await call<undefined>('DELETE', `/links/${id}`)
      await refresh()
    },
  }
}

/** A line of a bulk request. */
export interface BulkRow extends LinkFields {
  readonly op?: 'create' | 'update' | 'delete'
  readonly id?: string
}

export type { BulkResult }

/** Lines in one request: few enough that it can be stopped soon, and far below what one may have. */
const ROWS_PER_REQUEST = 500

export interface BulkOptions {
  readonly onResult?: (result: BulkResult) => void
  readonly signal?: AbortSignal
}

/**
 * Do something with many links; each line is done or refused on its own, and told as it comes.
 *
 * @throws ApiError when a whole request is refused; lines told before it stay done
 */
export async function runBulk(rows: readonly BulkRow[], options: BulkOptions = {}): Promise<BulkResult[]> {
  const results: BulkResult[] = []
  for (let start = 0; start < rows.length; start += ROWS_PER_REQUEST) {
    const part = rows.slice(start, start + ROWS_PER_REQUEST)
    const response = await send('POST', '/links/bulk', {
      body: part.map((row) => `${JSON.stringify(row)}\n`).join(''),
      headers: { 'content-type': 'application/x-ndjson', accept: 'application/x-ndjson' },
      signal: options.signal,
    })
    for await (const line of linesOf(response)) {
      // A line of our own server's.
      const { row, ...rest } = JSON.parse(line) as BulkResult
      const result = { ...rest, row: start + row }
      results.push(result)
      options.onResult?.(result)
    }
  }
  return results
}

async function* linesOf(response: Response): AsyncGenerator<string> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  if (reader === undefined) return
  let rest = ''
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    const lines = (rest + chunk.value).split('\n')
    rest = lines.pop() ?? ''
    yield* lines.filter((line) => line !== '')
  }
  if (rest !== '') yield rest
}

/** Where the browser loads the links of a filter as a file. */
export function exportUrl(format: 'csv' | 'json', { search, tag, status, kind }: LinkFilter): string {
  return apiUrl('/links/export', { format, search, tag, status, kind })
}

export type { QrCode }
/** How a QR code looks. */
export type QrStyle = Pick<QrCode, 'color' | 'background' | 'size_px' | 'format' | 'error_correction'>

export const qrQuery = (link: Pick<Link, 'id' | 'has_qr_code'>) =>
  queryOptions({
    queryKey: ['links', 'qr', link.id],
    queryFn: ({ signal }) => call<QrCode>('GET', `/links/${link.id}/qr`, { signal }),
    enabled: link.has_qr_code,
  })

/** The image of a style that need not be saved. */
export function qrImageUrl(id: string, style: Query): string {
  return apiUrl(`/links/${id}/qr/image`, style)
}

export function useQrChanges(id: string) {
  const client = useQueryClient()
  const onSuccess = () => client.invalidateQueries({ queryKey: ['links'] })
  return {
    save: useMutation({
      mutationFn: (style: QrStyle) => call<QrCode>('PUT', `/links/${id}/qr`, { body: style }),
      onSuccess,
    }),
    remove: useMutation({ mutationFn: () => call<undefined>('DELETE', `/links/${id}/qr`), onSuccess }),
    saveLogo: useMutation({
      mutationFn: (logo: File) =>
        call<QrCode>('PUT', `/links/${id}/qr/logo`, { body: logo, headers: { 'content-type': 'image/png' } }),
      onSuccess,
    }),
    removeLogo: useMutation({
      mutationFn: () => call<undefined>('DELETE', `/links/${id}/qr/logo`),
      onSuccess,
    }),
  }
}
