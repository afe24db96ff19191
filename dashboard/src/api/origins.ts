import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import type { Origin } from '#dialects/onehop/wire/origins.ts'
import { call } from './client.ts'

export type { Origin } from '#dialects/onehop/wire/origins.ts'

export const originsQuery = queryOptions({
  queryKey: ['origins'],
  queryFn: ({ signal }) => call<{ readonly origins: readonly Origin[] }>('GET', '/origins', { signal }),
})

export function useAddOrigin() {
  const client = useQueryClient()
  return async (domain: string) => {
    const origin = await call<Origin>('POST', '/origins', { body: { domain } })
    void client.invalidateQueries({ queryKey: ['origins'] })
    return origin
  }
}

export function useDeleteOrigin() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => call<undefined>('DELETE', `/origins/${encodeURIComponent(id)}`),
    onSuccess: () => client.invalidateQueries({ queryKey: ['origins'] }),
  })
}
