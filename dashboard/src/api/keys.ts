import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import type { AbilityWord, Key, KeyNew, KeyWithSecret } from '#dialects/onehop/wire/keys.ts'
import { call } from './client.ts'
import { type List, listQuery } from './list.ts'

export type { AbilityWord, Key as ApiKey, KeyWithSecret } from '#dialects/onehop/wire/keys.ts'
export type KeyDialect = Key['dialect']

export const keysQuery = listQuery<Key>(['keys'], '/keys')

export const abilitiesQuery = queryOptions({
  queryKey: ['abilities'],
  queryFn: ({ signal }) => call<List<AbilityWord>>('GET', '/abilities', { signal }),
  staleTime: Infinity,
})

export function useCreateKey() {
  const client = useQueryClient()
  return async (wish: KeyNew) => {
    const key = await call<KeyWithSecret>('POST', '/keys', { body: wish })
    void client.invalidateQueries({ queryKey: ['keys'] })
    return key
  }
}

export function useRevokeKey() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => call<undefined>('DELETE', `/keys/${encodeURIComponent(id)}`),
    onSuccess: () => client.invalidateQueries({ queryKey: ['keys'] }),
  })
}
