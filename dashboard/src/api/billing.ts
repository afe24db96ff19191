import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import type { ListedOrder, Order, Plans, Subscription } from '#dialects/onehop/wire/billing.ts'
import type { LookupUsage, SurchargeChange } from '#dialects/onehop/wire/lookup-usage.ts'
import type { MetricUsage, Usage } from '#dialects/onehop/wire/usage.ts'
import { call } from './client.ts'
import { listQuery } from './list.ts'

export type { ListedOrder, Order, Plan, Subscription } from '#dialects/onehop/wire/billing.ts'
export type { MetricUsage } from '#dialects/onehop/wire/usage.ts'
export type Interval = 'month' | 'year'

/** What a plan limits, as people call it. */
export const METRIC_LABELS: Readonly<Record<MetricUsage['metric'], string>> = {
  links: 'Links',
  qr_codes: 'QR codes',
  clicks: 'Clicks',
  api_calls: 'API calls',
  lookups: 'Lookups',
  files: 'Files',
  file_bytes: 'Space for files',
}

export const usageQuery = queryOptions({
  queryKey: ['usage'],
  queryFn: ({ signal }) => call<Usage>('GET', '/usage', { signal }),
})

export const plansQuery = queryOptions({
  queryKey: ['plans'],
  queryFn: ({ signal }) => call<Plans>('GET', '/plans', { signal }),
  staleTime: Infinity,
})

export const subscriptionQuery = queryOptions({
  queryKey: ['subscription'],
  queryFn: ({ signal }) => call<Subscription>('GET', '/subscription', { signal }),
})

export const ordersQuery = listQuery<Order>(['orders'], '/orders')

/** Orders of every team, for operators. */
export const allOrdersQuery = (status: Order['status'] | '') =>
  listQuery<ListedOrder>(['orders', 'all'], '/orders', { scope: 'all', status })

export const lookupUsageQuery = queryOptions({
  queryKey: ['usage', 'lookups'],
  queryFn: ({ signal }) => call<LookupUsage>('GET', '/lookup-usage', { signal }),
})

/** What the team's owners and admins change of what it pays for. */
export function useBillingChanges() {
  const client = useQueryClient()
  const refresh = () =>
    Promise.all(
      ['subscription', 'orders', 'usage', 'account', 'teams'].map((kind) =>
        client.invalidateQueries({ queryKey: [kind] }),
      ),
    )
  return {
    choosePlan: async (plan: string, interval: Interval) => {
      const subscription = await call<Subscription>('POST', '/subscription', { body: { plan, interval } })
      await refresh()
      return subscription
    },
    cancel: async () => {
      await call<Subscription>('DELETE', '/subscription')
      await refresh()
    },
    resume: async () => {
      await call<Subscription>('POST', '/subscription/resume')
      await refresh()
    },
    buy: async (credits: 'links' | 'qr_codes', quantity: number) => {
      const order = await call<Order>('POST', '/orders', { body: { credits, quantity } })
      await refresh()
      return order
    },
    setSurcharge: async (body: SurchargeChange) => {
      await call<LookupUsage>('PUT', '/lookup-usage/surcharge', { body })
      await refresh()
    },
  }
}

/** What operators decide of an order. */
export function useDecideOrder() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ id, decision }: { readonly id: string; readonly decision: 'approve' | 'reject' }) =>
      call<Order>('POST', `/orders/${encodeURIComponent(id)}/${decision}`),
    onSuccess: () => client.invalidateQueries(),
  })
}
