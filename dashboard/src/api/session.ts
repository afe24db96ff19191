import { queryOptions, useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import type { Account } from '#dialects/onehop/wire/account.ts'
import type { Instance } from '#dialects/onehop/wire/session.ts'
import type { Team } from '#dialects/onehop/wire/teams.ts'
import { call, hasCode } from './client.ts'

export type { Account, Instance, Team }
export type Role = Account['team']['role']

export const instanceQuery = queryOptions({
  queryKey: ['instance'],
  queryFn: ({ signal }) => call<Instance>('GET', '/instance', { signal }),
  staleTime: 5 * 60_000,
})

/** Whether there may be a session; only the server sees its cookie, and says so in the document. */
let mayBeSignedIn = document.documentElement.dataset['session'] !== 'none'

/** The account; null when nobody is signed in. */
export const accountQuery = queryOptions({
  queryKey: ['account'],
  queryFn: async ({ signal }): Promise<Account | null> => {
    if (!mayBeSignedIn) return null
    try {
      return await call<Account>('GET', '/account', { signal })
    } catch (error) {
      if (hasCode(error, 'unauthenticated')) return null
      throw error
    }
  },
  staleTime: 60_000,
})

export const teamsQuery = queryOptions({
  queryKey: ['teams'],
  queryFn: ({ signal }) =>
    call<{ readonly data: readonly Team[] }>('GET', '/teams', { query: { limit: 100 }, signal }),
})

/** Who is signed in. Only on pages for those who are; the shell sees to it. */
export function useAccount(): Account {
  const { data } = useSuspenseQuery(accountQuery)
  if (data === null) throw new Error('this page is for those who are signed in')
  return data
}

/** Whether the acting team lets its member change things. */
export function useCanWrite(): boolean {
  return useAccount().team.role !== 'viewer'
}

/** Whether the acting team lets its member change who is in it, its plan and its origins. */
export function useCanManage(): boolean {
  const { role } = useAccount().team
  return role === 'owner' || role === 'admin'
}

export interface SignInInput {
  readonly email: string
  readonly password: string
  readonly code?: string
}

/** Sign in; what was loaded for somebody else is forgotten. */
export function useSignIn() {
  const client = useQueryClient()
  return async (input: SignInInput) => {
    const account = await call<Account>('POST', '/session', { body: input })
    mayBeSignedIn = true
    client.clear()
    client.setQueryData(accountQuery.queryKey, account)
  }
}

export function useSignUp() {
  const client = useQueryClient()
  return async (input: { readonly email: string; readonly password: string; readonly name?: string }) => {
    const account = await call<Account>('POST', '/sign-up', { body: input })
    mayBeSignedIn = true
    client.clear()
    client.setQueryData(accountQuery.queryKey, account)
  }
}

export function useSignOut() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: () => call<undefined>('DELETE', '/session'),
    onSuccess() {
      client.clear()
      client.setQueryData(accountQuery.queryKey, null)
    },
  })
}

/** Act for another team from now on. */
export function useSwitchTeam() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (team: number) => call<Account>('PUT', '/session/team', { body: { team } }),
    async onSuccess(account) {
      client.setQueryData(accountQuery.queryKey, account)
      // Everything else belongs to a team, but what leads into one, which is used up then.
      await client.resetQueries({
        predicate: ({ queryKey }) => queryKey[0] !== 'account' && queryKey[0] !== 'invitation',
      })
    },
  })
}
