import { useInfiniteQuery } from '@tanstack/react-query'
import { RotateCw, Send } from 'lucide-react'
import { useSearchParams } from 'wouter'
import { rowsOf } from '#dash/api/list.ts'
import { useCanWrite } from '#dash/api/session.ts'
import { deliveriesQuery, type Delivery, useSend, type Webhook } from '#dash/api/webhooks.ts'
import { Badge } from '#dash/ui/badge.tsx'
import { Button } from '#dash/ui/button.tsx'
import { CodeBlock } from '#dash/ui/copy.tsx'
import { type Column, DataTable } from '#dash/ui/data-table.tsx'
import { Dialog } from '#dash/ui/dialog.tsx'
import { Facts } from '#dash/ui/facts.tsx'
import { plural, Time } from '#dash/ui/format.tsx'
import { EmptyState, Loaded } from '#dash/ui/states.tsx'
import { toast, toastError } from '#dash/ui/toast.tsx'
import { DeliveryStatus } from './webhook-status.tsx'

const AGAIN_MS = 4_000

/** What a webhook was sent, and what came of it. */
export function Deliveries({ webhook }: { readonly webhook: Webhook }) {
  const [search, setSearch] = useSearchParams()
  const deliveries = useInfiniteQuery({
    ...deliveriesQuery(webhook.id),
    refetchInterval: ({ state }) =>
      state.data !== undefined && rowsOf(state.data).some(({ status }) => status === 'waiting')
        ? AGAIN_MS
        : false,
  })
  const shown = search.get('delivery')
  return (
    <section className="stack" data-gap="small">
      <h2 className="section-title">Deliveries of the last 30 days</h2>
      <Loaded query={deliveries}>
        {(data) => {
          const rows = rowsOf(data)
          const delivery = rows.find(({ id }) => id === shown)
          return (
            <>
              <DataTable
                label="Deliveries"
                columns={COLUMNS}
                rows={rows}
                rowId={({ id }) => id}
                rowHref={({ id }) => `/app/webhooks/${webhook.id}?delivery=${id}`}
                hasMore={deliveries.hasNextPage}
                isLoadingMore={deliveries.isFetchingNextPage}
                onLoadMore={() => void deliveries.fetchNextPage()}
                foot={plural(rows.length, 'delivery', 'deliveries')}
                empty={
                  <EmptyState
                    icon={<Send size={24} />}
                    title="Nothing was sent yet"
                    text="Send a test, or wait for an event: make a link, say."
                  />
                }
              />
              {delivery !== undefined && (
                <DeliveryDialog
                  delivery={delivery}
                  webhook={webhook}
                  onClose={() => setSearch({}, { replace: true })}
                />
              )}
            </>
          )
        }}
      </Loaded>
    </section>
  )
}

const COLUMNS: readonly Column<Delivery>[] = [
  {
    id: 'event',
    name: 'Event',
    isHeader: true,
    cell: ({ event, id }) => (
      <div className="two-lines">
        <span>{event}</span>
        <code className="small faint clip">{id}</code>
      </div>
    ),
  },
  {
    id: 'status',
    name: 'Status',
    isNarrow: true,
    phone: 'corner',
    cell: (delivery) => <DeliveryStatus delivery={delivery} />,
  },
  {
    id: 'answer',
    name: 'Last answer',
    phone: 'line',
    cell: ({ attempts }) => {
      const last = attempts.at(-1)
      if (last === undefined) return <span className="faint">none yet</span>
      return (
        <span className="soft">
          {last.status_code ?? last.error ?? 'No answer'}
          {attempts.length > 1 && `, after ${plural(attempts.length, 'attempt')}`}
        </span>
      )
    },
  },
  {
    id: 'created',
    name: 'Happened',
    isNarrow: true,
    phone: 'inline',
    cell: ({ created_at: at }) => <Time at={at} />,
  },
]

interface DeliveryDialogProps {
  readonly delivery: Delivery
  readonly webhook: Webhook
  readonly onClose: () => void
}

function DeliveryDialog({ delivery, webhook, onClose }: DeliveryDialogProps) {
  const canWrite = useCanWrite()
  const send = useSend(webhook.id)
  return (
    <Dialog title={delivery.event} size="large" isOpen onOpenChange={onClose}>
      <div className="stack">
        <Facts
          facts={[
            ['Status', <DeliveryStatus key="status" delivery={delivery} />],
            ['Id', <code key="id">{delivery.id}</code>],
            ['Happened', <Time key="at" at={delivery.created_at} as="instant" />],
            ['Next attempt', delivery.next_attempt_at && <Time at={delivery.next_attempt_at} as="instant" />],
          ]}
        />
        <CodeBlock text={pretty(delivery.body)} what="body" />
        <h3>Attempts</h3>
        {delivery.attempts.length === 0 ? (
          <p className="soft">None yet.</p>
        ) : (
          <ol className="attempts">
            {delivery.attempts.toReversed().map((attempt) => (
              <li key={attempt.at}>
                <div className="spread">
                  <Time at={attempt.at} as="instant" />
                  <span className="attempt-result">
                    <span className="small faint">{Math.round(attempt.duration_ms)} ms</span>
                    <Badge tone={isGood(attempt.status_code) ? 'good' : 'bad'}>
                      {attempt.status_code ?? 'No answer'}
                    </Badge>
                  </span>
                </div>
                {attempt.error !== null && <p className="small tone-bad">{attempt.error}</p>}
                {attempt.answer !== null && attempt.answer !== '' && (
                  <CodeBlock text={attempt.answer} what="answer" />
                )}
              </li>
            ))}
          </ol>
        )}
        {canWrite && (
          <div className="dialog-foot">
            <Button
              variant="primary"
              icon={<RotateCw size={16} />}
              isPending={send.isPending}
              isDisabled={webhook.status === 'paused'}
              onPress={() =>
                send.mutate(delivery.id, {
                  onSuccess: () => toast('Delivery is sent again'),
                  onError: (error) => toastError('It could not be sent again', error),
                })
              }
            >
              Send again
            </Button>
          </div>
        )}
      </div>
    </Dialog>
  )
}

function isGood(status: number | null): boolean {
  return status !== null && status >= 200 && status < 300
}

function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2)
  } catch {
    // It is shown as it was sent.
    return body
  }
}
