import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import type {
  Delivery,
  Webhook,
  WebhookEvent,
  WebhookNew,
  WebhookWithSecret,
} from '#dialects/onehop/wire/webhooks.ts'
import { call } from './client.ts'
import { type List, listQuery } from './list.ts'

export type { Delivery, Webhook, WebhookEvent, WebhookWithSecret } from '#dialects/onehop/wire/webhooks.ts'

/** What can be subscribed to, and when it happens. */
export const WEBHOOK_EVENTS: readonly { readonly id: WebhookEvent; readonly hint: string }[] = [
  { id: 'link.created', hint: 'A link was made, anywhere.' },
  { id: 'link.updated', hint: 'A link leads elsewhere, or is called differently.' },
  { id: 'link.deleted', hint: 'A link is gone.' },
  { id: 'link.clicked', hint: 'Clicks since the last such event, every ten seconds at most.' },
  { id: 'file.downloaded', hint: 'Somebody has downloaded a file.' },
  { id: 'subscription.created', hint: 'A plan has begun or was renewed.' },
]

export const webhooksQuery = queryOptions({
  queryKey: ['webhooks'],
  queryFn: ({ signal }) => call<List<Webhook>>('GET', '/webhooks', { signal }),
})

export function webhookQuery(id: string) {
  return queryOptions({
    queryKey: ['webhooks', id],
    queryFn: ({ signal }) => call<Webhook>('GET', `/webhooks/${encodeURIComponent(id)}`, { signal }),
  })
}

/** A webhook's deliveries, the latest first; looked at again while some are on their way. */
export function deliveriesQuery(id: string) {
  const path = `/webhooks/${encodeURIComponent(id)}/deliveries`
  return listQuery<Delivery>(['webhooks', id, 'deliveries'], path, { limit: 25 })
}

export function useCreateWebhook() {
  const client = useQueryClient()
  return async (body: WebhookNew) => {
    const webhook = await call<WebhookWithSecret>('POST', '/webhooks', { body })
    void client.invalidateQueries({ queryKey: ['webhooks'] })
    return webhook
  }
}

/** Change a webhook; the promise is for forms, which show what was refused beside their fields. */
export function useChangeWebhook(id: string) {
  const client = useQueryClient()
  return async (body: {
    readonly url?: string
    readonly events?: readonly string[]
    readonly status?: 'active' | 'paused'
  }) => {
    await call<Webhook>('PATCH', `/webhooks/${encodeURIComponent(id)}`, { body })
    await client.invalidateQueries({ queryKey: ['webhooks'] })
  }
}

export function useDeleteWebhook(id: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: () => call<undefined>('DELETE', `/webhooks/${encodeURIComponent(id)}`),
    onSuccess() {
      client.removeQueries({ queryKey: ['webhooks', id] })
      return client.invalidateQueries({ queryKey: ['webhooks'], exact: true })
    },
  })
}

export function useRotateSecret(id: string) {
  return useMutation({
    mutationFn: () => call<WebhookWithSecret>('POST', `/webhooks/${encodeURIComponent(id)}/rotate-secret`),
  })
}

/** Send a test event, or a delivery once more. */
export function useSend(id: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (delivery?: string) =>
      call<Delivery>(
        'POST',
        `/webhooks/${encodeURIComponent(id)}/${delivery === undefined ? 'test' : `deliveries/${encodeURIComponent(delivery)}/redeliver`}`,
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: ['webhooks', id, 'deliveries'] }),
  })
}
