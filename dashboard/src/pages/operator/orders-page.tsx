import { useInfiniteQuery } from '@tanstack/react-query'
import { Receipt } from 'lucide-react'
import { useSearchParams } from 'wouter'
import { allOrdersQuery, type ListedOrder, useDecideOrder } from '#dash/api/billing.ts'
import { rowsOf } from '#dash/api/list.ts'
import { formatMoney } from '#dash/pages/plan/money.ts'
import { OrdersTable } from '#dash/pages/plan/orders-table.tsx'
import { Button } from '#dash/ui/button.tsx'
import { confirm } from '#dash/ui/confirm.tsx'
import type { Column } from '#dash/ui/data-table.tsx'
import { Page } from '#dash/ui/page.tsx'
import { Segments } from '#dash/ui/segments.tsx'
import { EmptyState, Loaded } from '#dash/ui/states.tsx'
import { toast, toastError } from '#dash/ui/toast.tsx'
import { OperatorOnly } from './operator-only.tsx'

/** Orders of every team; those that wait are approved when they are paid. */
export function OrdersPage() {
  return (
    <OperatorOnly>
      <Orders />
    </OperatorOnly>
  )
}

function Orders() {
  const [search, setSearch] = useSearchParams()
  const isAll = search.has('all')
  const orders = useInfiniteQuery(allOrdersQuery(isAll ? '' : 'pending'))
  return (
    <Page
      title="Orders"
      text="What is ordered is given when you approve it: when the money is there."
      actions={
        <Segments
          label="Which orders"
          value={isAll ? 'all' : 'pending'}
          onChange={(next) => setSearch(next === 'all' ? { all: '' } : {})}
          segments={[
            { id: 'pending', label: 'Waiting' },
            { id: 'all', label: 'All' },
          ]}
        />
      }
    >
      <Loaded query={orders}>
        {(data) => (
          <OrdersTable
            orders={rowsOf(data)}
            columns={COLUMNS}
            hasMore={orders.hasNextPage}
            isLoadingMore={orders.isFetchingNextPage}
            onLoadMore={() => void orders.fetchNextPage()}
            empty={
              <EmptyState
                icon={<Receipt size={24} />}
                title={isAll ? 'No orders yet' : 'Nothing waits'}
                text={
                  isAll
                    ? 'Plans and credits that teams order stand here.'
                    : 'Orders that teams place stand here until you decide.'
                }
              />
            }
          />
        )}
      </Loaded>
    </Page>
  )
}

const COLUMNS: readonly Column<ListedOrder>[] = [
  {
    id: 'team',
    name: 'Team',
    phone: 'line',
    cell: ({ team }) => (
      <div className="two-lines">
        <span>{team?.name}</span>
        <span className="small faint break-anywhere">{team?.owner_email}</span>
      </div>
    ),
  },
  {
    id: 'actions',
    name: 'Decision',
    isNameHidden: true,
    isNarrow: true,
    align: 'end',
    phone: 'line',
    cell: (order) => (order.status === 'pending' ? <Decision order={order} /> : null),
  },
]

function Decision({ order }: { readonly order: ListedOrder }) {
  const decide = useDecideOrder()
  async function ask(decision: 'approve' | 'reject'): Promise<void> {
    const what = `${order.description} for ${order.team?.name ?? 'the team'}, ${formatMoney(order.amount_cents, order.currency)}`
    const isSure = await confirm(
      decision === 'approve'
        ? {
            title: 'Is it paid?',
            text: `${what}. It is given at once, and this cannot be undone.`,
            action: 'Approve order',
            isDangerous: false,
          }
        : { title: 'Reject this order?', text: `${what}. The team may order again.`, action: 'Reject order' },
    )
    if (!isSure) return
    decide.mutate(
      { id: order.id, decision },
      {
        onSuccess: () => toast(decision === 'approve' ? 'Order approved' : 'Order rejected'),
        onError: (error) => toastError('This could not be decided', error),
      },
    )
  }
  return (
    <span className="button-row">
      <Button size="small" variant="danger-quiet" onPress={() => void ask('reject')}>
        Reject
      </Button>
      <Button size="small" isPending={decide.isPending} onPress={() => void ask('approve')}>
        Approve
      </Button>
    </span>
  )
}
