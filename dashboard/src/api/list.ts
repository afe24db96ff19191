import { infiniteQueryOptions, type InfiniteData } from '@tanstack/react-query'
import { call, type Query } from './client.ts'

/** A page of a list, and where it goes on. */
export interface List<T> {
  readonly data: readonly T[]
  readonly next_cursor: string | null
}

/** A list that is loaded page by page. */
export function listQuery<T>(key: readonly unknown[], path: string, query: Query = {}) {
  return infiniteQueryOptions({
    queryKey: [...key, query],
    queryFn: ({ pageParam, signal }) =>
      call<List<T>>('GET', path, { query: { limit: 50, ...query, cursor: pageParam }, signal }),
    initialPageParam: '',
    getNextPageParam: ({ next_cursor: next }) => next ?? undefined,
  })
}

/** All rows that have been loaded. */
export function rowsOf<T>(data: InfiniteData<List<T>, unknown>): readonly T[] {
  return data.pages.flatMap((page) => page.data)
}
