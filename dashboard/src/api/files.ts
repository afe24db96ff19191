import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { FileLink, SharedFile } from '#dialects/onehop/wire/files.ts'
import { call } from './client.ts'
import { listQuery } from './list.ts'

export type { FileLink, SharedFile } from '#dialects/onehop/wire/files.ts'

export const filesQuery = listQuery<SharedFile>(['files'], '/files')

export function useDeleteFile() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => call<undefined>('DELETE', `/files/${encodeURIComponent(id)}`),
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ['files'] }),
        client.invalidateQueries({ queryKey: ['usage'] }),
      ]),
  })
}

/** Make a short link that leads to a file. */
export function useLinkFile() {
  const client = useQueryClient()
  return async (id: string, slug: string) => {
    const link = await call<FileLink>('POST', `/files/${encodeURIComponent(id)}/link`, {
      body: slug === '' ? {} : { slug },
    })
    await Promise.all([
      client.invalidateQueries({ queryKey: ['files'] }),
      client.invalidateQueries({ queryKey: ['links'] }),
    ])
    return link
  }
}
