import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import type {
  Health,
  NetworkDataState,
  OperatorTeam,
  OperatorUser,
  OperatorUserChange,
  OperatorUserNew,
  PlanMetric,
} from '#dialects/onehop/wire/operator.ts'
import { call } from './client.ts'
import { listQuery } from './list.ts'

export type {
  DataSource,
  DataTerms,
  Health,
  OperatorTeam,
  OperatorUser,
  PlanMetric,
} from '#dialects/onehop/wire/operator.ts'

const WATCH_MS = 5_000

export const usersQuery = (search: string) =>
  listQuery<OperatorUser>(['operator', 'users'], '/operator/users', { search })

export const operatorTeamQuery = (team: string) =>
  queryOptions({
    queryKey: ['operator', 'teams', team],
    queryFn: ({ signal }) =>
      call<OperatorTeam>('GET', `/operator/teams/${encodeURIComponent(team)}`, { signal }),
  })

/** Asked for again and again while an update is under way. */
export const networkDataQuery = queryOptions({
  queryKey: ['operator', 'data'],
  queryFn: ({ signal }) => call<NetworkDataState>('GET', '/operator/data', { signal }),
  refetchInterval: ({ state }) => (state.data?.updating === true ? WATCH_MS : false),
})

export const healthQuery = queryOptions({
  queryKey: ['operator', 'health'],
  queryFn: ({ signal }) => call<Health>('GET', '/operator/health', { signal }),
  refetchInterval: WATCH_MS,
})

/** What operators change. Promises are for forms and questions. */
export function useOperatorChanges() {
  const client = useQueryClient()
  const refresh = () => client.invalidateQueries({ queryKey: ['operator'] })
  return {
    addUser: async (body: OperatorUserNew) => {
      await call<OperatorUser>('POST', '/operator/users', { body })
      await refresh()
    },
    changeUser: async (id: number, body: OperatorUserChange) => {
      await call<OperatorUser>('PATCH', `/operator/users/${id}`, { body })
      await refresh()
    },
    sendReset: async (id: number) => {
      await call<undefined>('POST', `/operator/users/${id}/password-reset`)
    },
    setPlan: async (team: number, plan: string) => {
      await call<OperatorTeam>('PUT', `/operator/teams/${team}/plan`, { body: { plan } })
      await refresh()
    },
    /** Null is unlimited; undefined leaves it to the plan. */
    setOverride: async (team: number, metric: PlanMetric, value: number | null | undefined) => {
      const path = `/operator/teams/${team}/overrides/${metric}`
      await (value === undefined
        ? call<unknown>('DELETE', path)
        : call<unknown>('PUT', path, { body: { value } }))
      await refresh()
    },
    setCredits: async (team: number, metric: PlanMetric, balance: number) => {
      await call<unknown>('PUT', `/operator/teams/${team}/credits/${metric}`, { body: { balance } })
      await refresh()
    },
  }
}

/** Accept the terms that network data come with. */
export function useAcceptTerms() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (terms: string) =>
      call<NetworkDataState>('POST', `/operator/data/terms/${encodeURIComponent(terms)}/accept`),
    onSuccess: (state) => client.setQueryData(networkDataQuery.queryKey, state),
  })
}

export function useUpdateData() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: () => call<unknown>('POST', '/operator/data/update'),
    onSuccess: () => client.invalidateQueries({ queryKey: ['operator', 'data'] }),
  })
}
