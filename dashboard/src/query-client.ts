import { QueryCache, QueryClient } from '@tanstack/react-query'
import { ApiError, hasCode } from './api/client.ts'
import { accountQuery } from './api/session.ts'

const MAX_RETRIES = 2

/** What holds everything that was loaded. A session that has ended anywhere ends here too. */
export function createQueryClient(): QueryClient {
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({
      onError(error) {
        if (hasCode(error, 'unauthenticated')) client.setQueryData(accountQuery.queryKey, null)
      },
    }),
    defaultOptions: {
      queries: {
        staleTime: 15_000,
        // A refusal does not change by asking again.
        retry: (failures, error) =>
          failures < MAX_RETRIES &&
          (!(error instanceof ApiError) || error.status === 0 || error.status >= 500),
      },
      mutations: { networkMode: 'always' },
    },
  })
  return client
}
