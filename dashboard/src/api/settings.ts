import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import type { Notifications } from '#dialects/onehop/wire/account.ts'
import type { Session } from '#dialects/onehop/wire/own-sessions.ts'
import type { RecoveryCodes, TwoFactorEnrolment, TwoFactorState } from '#dialects/onehop/wire/two-factor.ts'
import { call } from './client.ts'
import { listQuery } from './list.ts'
import { type Account, accountQuery } from './session.ts'

export type { Session } from '#dialects/onehop/wire/own-sessions.ts'
export type { TwoFactorEnrolment } from '#dialects/onehop/wire/two-factor.ts'

export const sessionsQuery = listQuery<Session>(['sessions'], '/sessions')

export const twoFactorQuery = queryOptions({
  queryKey: ['two-factor'],
  queryFn: ({ signal }) => call<TwoFactorState>('GET', '/account/two-factor', { signal }),
})

export const notificationsQuery = queryOptions({
  queryKey: ['notifications'],
  queryFn: ({ signal }) => call<Notifications>('GET', '/account/notifications', { signal }),
})

/** What a change of the account's security asks for again. */
export interface Proof {
  readonly current_password: string
  readonly code?: string
}

/** What people change of their own account. Promises are for forms. */
export function useAccountChanges() {
  const client = useQueryClient()
  const refresh = () =>
    Promise.all(
      ['two-factor', 'account', 'sessions'].map((kind) => client.invalidateQueries({ queryKey: [kind] })),
    )
  return {
    rename: async (name: string) => {
      client.setQueryData(accountQuery.queryKey, await call<Account>('PATCH', '/account', { body: { name } }))
    },
    /** Ends every session, this one too. */
    changePassword: async (proof: Proof, password: string) => {
      await call<undefined>('POST', '/account/password', { body: { ...proof, password } })
    },
    enrol: (password: string) =>
      call<TwoFactorEnrolment>('POST', '/account/two-factor', { body: { current_password: password } }),
    /** @returns the recovery codes */
    confirm: async (proof: Proof) => {
      const { recovery_codes: codes } = await call<RecoveryCodes>('POST', '/account/two-factor/confirm', {
        body: proof,
      })
      await refresh()
      return codes
    },
    renewCodes: async (proof: Proof) => {
      const { recovery_codes: codes } = await call<RecoveryCodes>(
        'POST',
        '/account/two-factor/recovery-codes',
        { body: proof },
      )
      await refresh()
      return codes
    },
    turnOff: async (proof: Proof) => {
      await call<undefined>('DELETE', '/account/two-factor', { body: proof })
      await refresh()
    },
  }
}

export function useSetNotifications() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (body: { readonly weekly_report: boolean }) =>
      call<Notifications>('PATCH', '/account/notifications', { body }),
    onSuccess: (answer) => client.setQueryData(notificationsQuery.queryKey, answer),
  })
}

/** End a session, or without an id all but this one. */
export function useEndSession() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (id?: string) =>
      call<undefined>('DELETE', id === undefined ? '/sessions' : `/sessions/${encodeURIComponent(id)}`),
    onSuccess: () => client.invalidateQueries({ queryKey: ['sessions'] }),
  })
}
